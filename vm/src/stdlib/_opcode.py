# `_opcode`: what the machine can say of CPython's instructions.
def stack_effect(opcode, oparg=None, /, *, jump=None):
    raise NotImplementedError('pyrvm cannot do this yet: stack effects')


def get_executor(*, code, offset):
    raise RuntimeError('Executors are not available in this build')


def get_specialization_stats():
    return None


def get_nb_ops():
    names = ('ADD', 'AND', 'FLOOR_DIVIDE', 'LSHIFT', 'MATRIX_MULTIPLY', 'MULTIPLY', 'REMAINDER', 'OR', 'POWER',
             'RSHIFT', 'SUBTRACT', 'TRUE_DIVIDE', 'XOR')
    signs = ('+', '&', '//', '<<', '@', '*', '%', '|', '**', '>>', '-', '/', '^')
    plain = [('NB_' + name, sign) for name, sign in zip(names, signs)]
    placed = [('NB_INPLACE_' + name, sign + '=') for name, sign in zip(names, signs)]
    return plain + placed + [('NB_SUBSCR', '[]')]


def get_intrinsic1_descs():
    return ['INTRINSIC_1_INVALID', 'INTRINSIC_PRINT', 'INTRINSIC_IMPORT_STAR', 'INTRINSIC_STOPITERATION_ERROR',
            'INTRINSIC_ASYNC_GEN_WRAP', 'INTRINSIC_UNARY_POSITIVE', 'INTRINSIC_LIST_TO_TUPLE', 'INTRINSIC_TYPEVAR',
            'INTRINSIC_PARAMSPEC', 'INTRINSIC_TYPEVARTUPLE', 'INTRINSIC_SUBSCRIPT_GENERIC', 'INTRINSIC_TYPEALIAS']


def get_intrinsic2_descs():
    return ['INTRINSIC_2_INVALID', 'INTRINSIC_PREP_RERAISE_STAR', 'INTRINSIC_TYPEVAR_WITH_BOUND',
            'INTRINSIC_TYPEVAR_WITH_CONSTRAINTS', 'INTRINSIC_SET_FUNCTION_TYPE_PARAMS', 'INTRINSIC_SET_TYPEPARAM_DEFAULT']


def get_special_method_names():
    return ['__enter__', '__exit__', '__aenter__', '__aexit__']


def _of(names):
    def has(opcode, /):
        import _opcode_metadata
        return opcode in {_opcode_metadata.opmap.get(name) for name in names}
    return has


def is_valid(opcode, /):
    import _opcode_metadata
    return opcode in _opcode_metadata.opmap.values()


has_arg = lambda opcode, /: opcode > 43
has_const = _of(('LOAD_CONST',))
has_name = _of(('LOAD_NAME', 'STORE_NAME', 'DELETE_NAME', 'LOAD_ATTR', 'STORE_ATTR', 'DELETE_ATTR', 'LOAD_GLOBAL',
                'STORE_GLOBAL', 'DELETE_GLOBAL', 'IMPORT_NAME', 'IMPORT_FROM', 'LOAD_FROM_DICT_OR_GLOBALS',
                'LOAD_SUPER_ATTR'))
has_jump = _of(('JUMP_FORWARD', 'JUMP_BACKWARD', 'JUMP_BACKWARD_NO_INTERRUPT', 'POP_JUMP_IF_TRUE',
                'POP_JUMP_IF_FALSE', 'POP_JUMP_IF_NONE', 'POP_JUMP_IF_NOT_NONE', 'FOR_ITER', 'SEND'))
has_local = _of(('LOAD_FAST', 'STORE_FAST', 'DELETE_FAST', 'LOAD_FAST_CHECK', 'LOAD_FAST_AND_CLEAR',
                 'LOAD_FAST_BORROW'))
has_free = _of(('MAKE_CELL', 'LOAD_DEREF', 'STORE_DEREF', 'DELETE_DEREF', 'LOAD_FROM_DICT_OR_DEREF'))
has_exc = _of(('SETUP_FINALLY', 'SETUP_WITH', 'SETUP_CLEANUP'))
