//! The nodes of `Python.asdl`: names, fields and how many values each holds.

/// How many values a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantity {
    /// One.
    One,
    /// One or none (`?`).
    Optional,
    /// Any number (`*`).
    Many,
}

/// A field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldFacts {
    /// Its name.
    pub name: &'static str,
    /// The type of its values, as in `Python.asdl`.
    pub kind: &'static str,
    /// How many of them.
    pub quantity: Quantity,
}

/// A node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeFacts {
    /// The class's name.
    pub name: &'static str,
    /// Fields, in order.
    pub fields: &'static [FieldFacts],
}

macro_rules! quantity {
    () => {
        Quantity::One
    };
    (?) => {
        Quantity::Optional
    };
    (*) => {
        Quantity::Many
    };
}

macro_rules! nodes {
    ($($id:ident = $name:ident($($field:ident: $kind:ident $([$quantity:tt])?),*);)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`")]
            pub(super) static $id: NodeFacts = NodeFacts {
                name: stringify!($name),
                fields: &[$(FieldFacts {
                    name: stringify!($field),
                    kind: stringify!($kind),
                    quantity: quantity!($($quantity)?),
                }),*],
            };
        )*
        /// All nodes that have fields or positions.
        #[cfg(test)]
        pub(super) static NODES: &[&NodeFacts] = &[$(&$id),*];
    };
}

nodes! {
    MODULE = Module(body: stmt[*], type_ignores: type_ignore[*]);
    INTERACTIVE = Interactive(body: stmt[*]);
    EXPRESSION = Expression(body: expr);
    FUNCTION_TYPE = FunctionType(argtypes: expr[*], returns: expr);

    FUNCTION_DEF = FunctionDef(name: identifier, args: arguments, body: stmt[*], decorator_list: expr[*], returns: expr[?], type_comment: string[?], type_params: type_param[*]);
    ASYNC_FUNCTION_DEF = AsyncFunctionDef(name: identifier, args: arguments, body: stmt[*], decorator_list: expr[*], returns: expr[?], type_comment: string[?], type_params: type_param[*]);
    CLASS_DEF = ClassDef(name: identifier, bases: expr[*], keywords: keyword[*], body: stmt[*], decorator_list: expr[*], type_params: type_param[*]);
    RETURN = Return(value: expr[?]);
    DELETE = Delete(targets: expr[*]);
    ASSIGN = Assign(targets: expr[*], value: expr, type_comment: string[?]);
    TYPE_ALIAS = TypeAlias(name: expr, type_params: type_param[*], value: expr);
    AUG_ASSIGN = AugAssign(target: expr, op: operator, value: expr);
    ANN_ASSIGN = AnnAssign(target: expr, annotation: expr, value: expr[?], simple: int);
    FOR = For(target: expr, iter: expr, body: stmt[*], orelse: stmt[*], type_comment: string[?]);
    ASYNC_FOR = AsyncFor(target: expr, iter: expr, body: stmt[*], orelse: stmt[*], type_comment: string[?]);
    WHILE = While(test: expr, body: stmt[*], orelse: stmt[*]);
    IF = If(test: expr, body: stmt[*], orelse: stmt[*]);
    WITH = With(items: withitem[*], body: stmt[*], type_comment: string[?]);
    ASYNC_WITH = AsyncWith(items: withitem[*], body: stmt[*], type_comment: string[?]);
    MATCH = Match(subject: expr, cases: match_case[*]);
    RAISE = Raise(exc: expr[?], cause: expr[?]);
    TRY = Try(body: stmt[*], handlers: excepthandler[*], orelse: stmt[*], finalbody: stmt[*]);
    TRY_STAR = TryStar(body: stmt[*], handlers: excepthandler[*], orelse: stmt[*], finalbody: stmt[*]);
    ASSERT = Assert(test: expr, msg: expr[?]);
    IMPORT = Import(names: alias[*], is_lazy: int[?]);
    IMPORT_FROM = ImportFrom(module: identifier[?], names: alias[*], level: int[?], is_lazy: int[?]);
    GLOBAL = Global(names: identifier[*]);
    NONLOCAL = Nonlocal(names: identifier[*]);
    EXPR = Expr(value: expr);
    PASS = Pass();
    BREAK = Break();
    CONTINUE = Continue();

    BOOL_OP = BoolOp(op: boolop, values: expr[*]);
    NAMED_EXPR = NamedExpr(target: expr, value: expr);
    BIN_OP = BinOp(left: expr, op: operator, right: expr);
    UNARY_OP = UnaryOp(op: unaryop, operand: expr);
    LAMBDA = Lambda(args: arguments, body: expr);
    IF_EXP = IfExp(test: expr, body: expr, orelse: expr);
    DICT = Dict(keys: expr[*], values: expr[*]);
    SET = Set(elts: expr[*]);
    LIST_COMP = ListComp(elt: expr, generators: comprehension[*]);
    SET_COMP = SetComp(elt: expr, generators: comprehension[*]);
    DICT_COMP = DictComp(key: expr, value: expr[?], generators: comprehension[*]);
    GENERATOR_EXP = GeneratorExp(elt: expr, generators: comprehension[*]);
    AWAIT = Await(value: expr);
    YIELD = Yield(value: expr[?]);
    YIELD_FROM = YieldFrom(value: expr);
    COMPARE = Compare(left: expr, ops: cmpop[*], comparators: expr[*]);
    CALL = Call(func: expr, args: expr[*], keywords: keyword[*]);
    FORMATTED_VALUE = FormattedValue(value: expr, conversion: int, format_spec: expr[?]);
    INTERPOLATION = Interpolation(value: expr, str: constant, conversion: int, format_spec: expr[?]);
    JOINED_STR = JoinedStr(values: expr[*]);
    TEMPLATE_STR = TemplateStr(values: expr[*]);
    CONSTANT = Constant(value: constant, kind: string[?]);
    ATTRIBUTE = Attribute(value: expr, attr: identifier, ctx: expr_context);
    SUBSCRIPT = Subscript(value: expr, slice: expr, ctx: expr_context);
    STARRED = Starred(value: expr, ctx: expr_context);
    NAME = Name(id: identifier, ctx: expr_context);
    LIST = List(elts: expr[*], ctx: expr_context);
    TUPLE = Tuple(elts: expr[*], ctx: expr_context);
    SLICE = Slice(lower: expr[?], upper: expr[?], step: expr[?]);

    COMPREHENSION = comprehension(target: expr, iter: expr, ifs: expr[*], is_async: int);
    EXCEPT_HANDLER = ExceptHandler(type: expr[?], name: identifier[?], body: stmt[*]);
    ARGUMENTS = arguments(posonlyargs: arg[*], args: arg[*], vararg: arg[?], kwonlyargs: arg[*], kw_defaults: expr[*], kwarg: arg[?], defaults: expr[*]);
    ARG = arg(arg: identifier, annotation: expr[?], type_comment: string[?]);
    KEYWORD = keyword(arg: identifier[?], value: expr);
    ALIAS = alias(name: identifier, asname: identifier[?]);
    WITH_ITEM = withitem(context_expr: expr, optional_vars: expr[?]);
    MATCH_CASE = match_case(pattern: pattern, guard: expr[?], body: stmt[*]);

    MATCH_VALUE = MatchValue(value: expr);
    MATCH_SINGLETON = MatchSingleton(value: constant);
    MATCH_SEQUENCE = MatchSequence(patterns: pattern[*]);
    MATCH_MAPPING = MatchMapping(keys: expr[*], patterns: pattern[*], rest: identifier[?]);
    MATCH_CLASS = MatchClass(cls: expr, patterns: pattern[*], kwd_attrs: identifier[*], kwd_patterns: pattern[*]);
    MATCH_STAR = MatchStar(name: identifier[?]);
    MATCH_AS = MatchAs(pattern: pattern[?], name: identifier[?]);
    MATCH_OR = MatchOr(patterns: pattern[*]);

    TYPE_IGNORE = TypeIgnore(lineno: int, tag: string);
    TYPE_VAR = TypeVar(name: identifier, bound: expr[?], default_value: expr[?]);
    PARAM_SPEC = ParamSpec(name: identifier, default_value: expr[?]);
    TYPE_VAR_TUPLE = TypeVarTuple(name: identifier, default_value: expr[?]);
}
