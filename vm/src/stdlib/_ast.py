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
alias|AST|name:identifier asname:identifier?|lineno col_offset end_lineno end_col_offset
arg|AST|arg:identifier annotation:expr? type_comment:identifier?|lineno col_offset end_lineno end_col_offset
arguments|AST|posonlyargs:arg* args:arg* vararg:arg? kwonlyargs:arg* kw_defaults:expr* kwarg:arg? defaults:expr*|-
boolop|AST||-
cmpop|AST||-
comprehension|AST|target:expr iter:expr ifs:expr* is_async:int|-
excepthandler|AST||lineno col_offset end_lineno end_col_offset
expr|AST||lineno col_offset end_lineno end_col_offset
expr_context|AST||-
keyword|AST|arg:identifier? value:expr|lineno col_offset end_lineno end_col_offset
match_case|AST|pattern:pattern guard:expr? body:stmt*|-
mod|AST||-
operator|AST||-
pattern|AST||lineno col_offset end_lineno end_col_offset
stmt|AST||lineno col_offset end_lineno end_col_offset
type_ignore|AST||-
type_param|AST||lineno col_offset end_lineno end_col_offset
unaryop|AST||-
withitem|AST|context_expr:expr optional_vars:expr?|-
Add|operator||-
And|boolop||-
AnnAssign|stmt|target:expr annotation:expr value:expr? simple:int|-
Assert|stmt|test:expr msg:expr?|-
Assign|stmt|targets:expr* value:expr type_comment:identifier?|-
AsyncFor|stmt|target:expr iter:expr body:stmt* orelse:stmt* type_comment:identifier?|-
AsyncFunctionDef|stmt|name:identifier args:arguments body:stmt* decorator_list:expr* returns:expr? type_comment:identifier? type_params:type_param*|-
AsyncWith|stmt|items:withitem* body:stmt* type_comment:identifier?|-
Attribute|expr|value:expr attr:identifier ctx:expr_context|-
AugAssign|stmt|target:expr op:operator value:expr|-
Await|expr|value:expr|-
BinOp|expr|left:expr op:operator right:expr|-
BitAnd|operator||-
BitOr|operator||-
BitXor|operator||-
BoolOp|expr|op:boolop values:expr*|-
Break|stmt||-
Call|expr|func:expr args:expr* keywords:keyword*|-
ClassDef|stmt|name:identifier bases:expr* keywords:keyword* body:stmt* decorator_list:expr* type_params:type_param*|-
Compare|expr|left:expr ops:cmpop* comparators:expr*|-
Constant|expr|value:constant kind:identifier?|-
Continue|stmt||-
Del|expr_context||-
Delete|stmt|targets:expr*|-
Dict|expr|keys:expr* values:expr*|-
DictComp|expr|key:expr value:expr generators:comprehension*|-
Div|operator||-
Eq|cmpop||-
ExceptHandler|excepthandler|type:expr? name:identifier? body:stmt*|-
Expr|stmt|value:expr|-
Expression|mod|body:expr|-
FloorDiv|operator||-
For|stmt|target:expr iter:expr body:stmt* orelse:stmt* type_comment:identifier?|-
FormattedValue|expr|value:expr conversion:int format_spec:expr?|-
FunctionDef|stmt|name:identifier args:arguments body:stmt* decorator_list:expr* returns:expr? type_comment:identifier? type_params:type_param*|-
FunctionType|mod|argtypes:expr* returns:expr|-
GeneratorExp|expr|elt:expr generators:comprehension*|-
Global|stmt|names:identifier*|-
Gt|cmpop||-
GtE|cmpop||-
If|stmt|test:expr body:stmt* orelse:stmt*|-
IfExp|expr|test:expr body:expr orelse:expr|-
Import|stmt|names:alias*|-
ImportFrom|stmt|module:identifier? names:alias* level:int?|-
In|cmpop||-
Interactive|mod|body:stmt*|-
Interpolation|expr|value:expr str:constant conversion:int format_spec:expr?|-
Invert|unaryop||-
Is|cmpop||-
IsNot|cmpop||-
JoinedStr|expr|values:expr*|-
LShift|operator||-
Lambda|expr|args:arguments body:expr|-
List|expr|elts:expr* ctx:expr_context|-
ListComp|expr|elt:expr generators:comprehension*|-
Load|expr_context||-
Lt|cmpop||-
LtE|cmpop||-
MatMult|operator||-
Match|stmt|subject:expr cases:match_case*|-
MatchAs|pattern|pattern:pattern? name:identifier?|-
MatchClass|pattern|cls:expr patterns:pattern* kwd_attrs:identifier* kwd_patterns:pattern*|-
MatchMapping|pattern|keys:expr* patterns:pattern* rest:identifier?|-
MatchOr|pattern|patterns:pattern*|-
MatchSequence|pattern|patterns:pattern*|-
MatchSingleton|pattern|value:constant|-
MatchStar|pattern|name:identifier?|-
MatchValue|pattern|value:expr|-
Mod|operator||-
Module|mod|body:stmt* type_ignores:type_ignore*|-
Mult|operator||-
Name|expr|id:identifier ctx:expr_context|-
NamedExpr|expr|target:expr value:expr|-
Nonlocal|stmt|names:identifier*|-
Not|unaryop||-
NotEq|cmpop||-
NotIn|cmpop||-
Or|boolop||-
ParamSpec|type_param|name:identifier default_value:expr?|-
Pass|stmt||-
Pow|operator||-
RShift|operator||-
Raise|stmt|exc:expr? cause:expr?|-
Return|stmt|value:expr?|-
Set|expr|elts:expr*|-
SetComp|expr|elt:expr generators:comprehension*|-
Slice|expr|lower:expr? upper:expr? step:expr?|-
Starred|expr|value:expr ctx:expr_context|-
Store|expr_context||-
Sub|operator||-
Subscript|expr|value:expr slice:expr ctx:expr_context|-
TemplateStr|expr|values:expr*|-
Try|stmt|body:stmt* handlers:excepthandler* orelse:stmt* finalbody:stmt*|-
TryStar|stmt|body:stmt* handlers:excepthandler* orelse:stmt* finalbody:stmt*|-
Tuple|expr|elts:expr* ctx:expr_context|-
TypeAlias|stmt|name:expr type_params:type_param* value:expr|-
TypeIgnore|type_ignore|lineno:int tag:identifier|-
TypeVar|type_param|name:identifier bound:expr? default_value:expr?|-
TypeVarTuple|type_param|name:identifier default_value:expr?|-
UAdd|unaryop||-
USub|unaryop||-
UnaryOp|expr|op:unaryop operand:expr|-
While|stmt|test:expr body:stmt* orelse:stmt*|-
With|stmt|items:withitem* body:stmt* type_comment:identifier?|-
Yield|expr|value:expr?|-
YieldFrom|expr|value:expr|-
"""


_PLAIN = {'identifier': str, 'string': str, 'int': int, 'constant': object}
_types = {}


class _FieldTypes:
    """`_field_types`, made when it is first asked for: few programs do."""

    def __get__(self, instance, cls):
        made = {}
        for field, kind in _types.get(cls.__name__, ()):
            of = kind.rstrip('*?')
            of = _PLAIN.get(of) or globals()[of]
            made[field] = list[of] if kind[-1] == '*' else of | None if kind[-1] == '?' else of
        cls._field_types = made
        return made


AST._field_types = _FieldTypes()


def _make():
    names = globals()
    for row in _ROWS.splitlines():
        name, base, fields, attributes = row.split('|')
        kinds, types = {}, []
        for field in fields.split():
            field, _, kind = field.partition(':')
            if kind[-1] in '*?':
                kinds[field] = kind[-1]
            types.append((field, kind))
        fields = tuple(field for field, _ in types)
        _types[name] = types
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
