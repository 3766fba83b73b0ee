# `_ast`: the classes of syntax trees (facts: Parser/Python.asdl of CPython 3.14). Each row has a class, its base, its
# fields (`*` a list, `?` optional) and its attributes (`-` those of the base).
PyCF_ONLY_AST, PyCF_TYPE_COMMENTS, PyCF_ALLOW_TOP_LEVEL_AWAIT, PyCF_OPTIMIZED_AST = 0x400, 0x1000, 0x2000, 0x8400


class AST:
    __module__ = 'ast'
    _fields = ()
    _attributes = ()
    __match_args__ = ()
    _kinds = {}

    def __init__(self, *args, **kwargs):
        kind = type(self)
        fields = kind._fields
        if len(args) > len(fields):
            raise TypeError(f'{kind.__name__} constructor takes at most {len(fields)} positional '
                            f'argument{"s" if len(fields) != 1 else ""}')
        for name, value in zip(fields, args):
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name in fields[:len(args)]:
                raise TypeError(f'{kind.__name__} got multiple values for argument {name!r}')
            setattr(self, name, value)
        for name in fields:
            if name in self.__dict__:
                continue
            how = kind._kinds.get(name)
            if how == '*':
                setattr(self, name, [])
            elif how is None and name == 'ctx':
                self.ctx = Load()

    def __reduce__(self):
        return (type(self), (), self.__dict__)

    def __repr__(self):
        fields = ', '.join(f'{name}={getattr(self, name, None)!r}' for name in type(self)._fields)
        return f'{type(self).__name__}({fields})'

    def __replace__(self, **changes):
        made = type(self)(**{**self.__dict__, **changes})
        return made


_ROWS = """\
alias|AST|name asname?|lineno col_offset end_lineno end_col_offset
arg|AST|arg annotation? type_comment?|lineno col_offset end_lineno end_col_offset
arguments|AST|posonlyargs* args* vararg? kwonlyargs* kw_defaults* kwarg? defaults*|-
boolop|AST||-
cmpop|AST||-
comprehension|AST|target iter ifs* is_async|-
excepthandler|AST||lineno col_offset end_lineno end_col_offset
expr|AST||lineno col_offset end_lineno end_col_offset
expr_context|AST||-
keyword|AST|arg? value|lineno col_offset end_lineno end_col_offset
match_case|AST|pattern guard? body*|-
mod|AST||-
operator|AST||-
pattern|AST||lineno col_offset end_lineno end_col_offset
stmt|AST||lineno col_offset end_lineno end_col_offset
type_ignore|AST||-
type_param|AST||lineno col_offset end_lineno end_col_offset
unaryop|AST||-
withitem|AST|context_expr optional_vars?|-
Add|operator||-
And|boolop||-
AnnAssign|stmt|target annotation value? simple|-
Assert|stmt|test msg?|-
Assign|stmt|targets* value type_comment?|-
AsyncFor|stmt|target iter body* orelse* type_comment?|-
AsyncFunctionDef|stmt|name args body* decorator_list* returns? type_comment? type_params*|-
AsyncWith|stmt|items* body* type_comment?|-
Attribute|expr|value attr ctx|-
AugAssign|stmt|target op value|-
Await|expr|value|-
BinOp|expr|left op right|-
BitAnd|operator||-
BitOr|operator||-
BitXor|operator||-
BoolOp|expr|op values*|-
Break|stmt||-
Call|expr|func args* keywords*|-
ClassDef|stmt|name bases* keywords* body* decorator_list* type_params*|-
Compare|expr|left ops* comparators*|-
Constant|expr|value kind?|-
Continue|stmt||-
Del|expr_context||-
Delete|stmt|targets*|-
Dict|expr|keys* values*|-
DictComp|expr|key value generators*|-
Div|operator||-
Eq|cmpop||-
ExceptHandler|excepthandler|type? name? body*|-
Expr|stmt|value|-
Expression|mod|body|-
FloorDiv|operator||-
For|stmt|target iter body* orelse* type_comment?|-
FormattedValue|expr|value conversion format_spec?|-
FunctionDef|stmt|name args body* decorator_list* returns? type_comment? type_params*|-
FunctionType|mod|argtypes* returns|-
GeneratorExp|expr|elt generators*|-
Global|stmt|names*|-
Gt|cmpop||-
GtE|cmpop||-
If|stmt|test body* orelse*|-
IfExp|expr|test body orelse|-
Import|stmt|names*|-
ImportFrom|stmt|module? names* level?|-
In|cmpop||-
Interactive|mod|body*|-
Interpolation|expr|value str conversion format_spec?|-
Invert|unaryop||-
Is|cmpop||-
IsNot|cmpop||-
JoinedStr|expr|values*|-
LShift|operator||-
Lambda|expr|args body|-
List|expr|elts* ctx|-
ListComp|expr|elt generators*|-
Load|expr_context||-
Lt|cmpop||-
LtE|cmpop||-
MatMult|operator||-
Match|stmt|subject cases*|-
MatchAs|pattern|pattern? name?|-
MatchClass|pattern|cls patterns* kwd_attrs* kwd_patterns*|-
MatchMapping|pattern|keys* patterns* rest?|-
MatchOr|pattern|patterns*|-
MatchSequence|pattern|patterns*|-
MatchSingleton|pattern|value|-
MatchStar|pattern|name?|-
MatchValue|pattern|value|-
Mod|operator||-
Module|mod|body* type_ignores*|-
Mult|operator||-
Name|expr|id ctx|-
NamedExpr|expr|target value|-
Nonlocal|stmt|names*|-
Not|unaryop||-
NotEq|cmpop||-
NotIn|cmpop||-
Or|boolop||-
ParamSpec|type_param|name default_value?|-
Pass|stmt||-
Pow|operator||-
RShift|operator||-
Raise|stmt|exc? cause?|-
Return|stmt|value?|-
Set|expr|elts*|-
SetComp|expr|elt generators*|-
Slice|expr|lower? upper? step?|-
Starred|expr|value ctx|-
Store|expr_context||-
Sub|operator||-
Subscript|expr|value slice ctx|-
TemplateStr|expr|values*|-
Try|stmt|body* handlers* orelse* finalbody*|-
TryStar|stmt|body* handlers* orelse* finalbody*|-
Tuple|expr|elts* ctx|-
TypeAlias|stmt|name type_params* value|-
TypeIgnore|type_ignore|lineno tag|-
TypeVar|type_param|name bound? default_value?|-
TypeVarTuple|type_param|name default_value?|-
UAdd|unaryop||-
USub|unaryop||-
UnaryOp|expr|op operand|-
While|stmt|test body* orelse*|-
With|stmt|items* body* type_comment?|-
Yield|expr|value?|-
YieldFrom|expr|value|-
"""


def _make():
    names = globals()
    for row in _ROWS.splitlines():
        name, base, fields, attributes = row.split('|')
        kinds = {it.rstrip('*?'): it[-1] for it in fields.split() if it[-1] in '*?'}
        fields = tuple(it.rstrip('*?') for it in fields.split())
        namespace = {'__module__': 'ast', '_fields': fields, '__match_args__': fields, '_kinds': kinds}
        for field, how in kinds.items():
            if how == '?':
                namespace[field] = None
        if attributes != '-':
            namespace['_attributes'] = tuple(attributes.split())
            for attribute in namespace['_attributes']:
                if attribute.startswith('end_'):
                    namespace[attribute] = None
        names[name] = type(name, (names[base],), namespace)


_make()
