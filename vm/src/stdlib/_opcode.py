# `_opcode`: what the machine can say of CPython's instructions.
from _pyrvm_opcode import (get_specialization_stats, has_arg, has_const, has_exc, has_free, has_jump, has_local, has_name,
                           is_valid, stack_effect)


# Nothing is exchanged for a faster form within the bytecode that programs see.
ENABLE_SPECIALIZATION = False
ENABLE_SPECIALIZATION_FT = False


def get_executor(*, code, offset):
    raise RuntimeError('Executors are not available in this build')


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
