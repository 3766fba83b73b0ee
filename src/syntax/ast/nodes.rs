//! The node types. CPython's optional fields are `Option`s, its sequences slices.
#![expect(missing_docs, reason = "fields and variants are those of Python.asdl")]

use crate::source::Location;
use crate::value::{Name, PyStr};

pub use crate::value::{BigIntLit, ComplexLit, Const, Operator, UnaryOperator};

/// A child node.
pub type Ref<'a, T> = &'a mut T;
/// A sequence of child nodes.
pub type Seq<'a, T> = &'a mut [T];

/// Number of a symbol table entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// Not numbered yet, or the node opens no such scope.
    pub const NONE: ScopeId = ScopeId(u32::MAX);
}

impl Default for ScopeId {
    fn default() -> Self {
        ScopeId::NONE
    }
}

/// The root of a tree.
#[derive(Debug)]
pub enum Mod<'a> {
    /// A file (`exec`).
    Module { body: Seq<'a, Stmt<'a>>, type_ignores: Seq<'a, TypeIgnore<'a>> },
    /// One statement at the prompt (`single`).
    Interactive { body: Seq<'a, Stmt<'a>> },
    /// `eval`.
    Expression { body: Ref<'a, Expr<'a>> },
    /// A signature type comment (`func_type`).
    FunctionType { argtypes: Seq<'a, Expr<'a>>, returns: Ref<'a, Expr<'a>> },
}

/// `# type: ignore…`
#[derive(Debug)]
pub struct TypeIgnore<'a> {
    pub lineno: i32,
    pub tag: PyStr<'a>,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt<'a> {
    pub loc: Location,
    /// Whether preprocessing has to look into it: it holds, at any depth, an operator, subscript, tuple or
    /// display that may be folded, `__debug__`, or a `finally` block. The parser says so; it may be set in
    /// vain, and never is not.
    pub folds: bool,
    pub kind: StmtKind<'a>,
}

/// What a statement is. Large nodes are structs of their own.
#[derive(Debug)]
pub enum StmtKind<'a> {
    FunctionDef(Ref<'a, FunctionDef<'a>>),
    AsyncFunctionDef(Ref<'a, FunctionDef<'a>>),
    ClassDef(Ref<'a, ClassDef<'a>>),
    Return { value: Option<Ref<'a, Expr<'a>>> },
    Delete { targets: Seq<'a, Expr<'a>> },
    Assign(Ref<'a, Assign<'a>>),
    TypeAlias(Ref<'a, TypeAlias<'a>>),
    AugAssign { target: Ref<'a, Expr<'a>>, op: Operator, value: Ref<'a, Expr<'a>> },
    AnnAssign(Ref<'a, AnnAssign<'a>>),
    For(Ref<'a, For<'a>>),
    AsyncFor(Ref<'a, For<'a>>),
    While(Ref<'a, While<'a>>),
    If(Ref<'a, If<'a>>),
    With(Ref<'a, With<'a>>),
    AsyncWith(Ref<'a, With<'a>>),
    Match(Ref<'a, Match<'a>>),
    Raise { exc: Option<Ref<'a, Expr<'a>>>, cause: Option<Ref<'a, Expr<'a>>> },
    Try(Ref<'a, Try<'a>>),
    TryStar(Ref<'a, Try<'a>>),
    Assert { test: Ref<'a, Expr<'a>>, msg: Option<Ref<'a, Expr<'a>>> },
    Import { names: Seq<'a, Alias>, is_lazy: bool },
    ImportFrom(Ref<'a, ImportFrom<'a>>),
    Global { names: Seq<'a, Name> },
    Nonlocal { names: Seq<'a, Name> },
    Expr { value: Ref<'a, Expr<'a>> },
    Pass,
    Break,
    Continue,
}

/// `FunctionDef` and `AsyncFunctionDef`.
#[derive(Debug)]
pub struct FunctionDef<'a> {
    pub name: Name,
    pub args: Arguments<'a>,
    pub body: Seq<'a, Stmt<'a>>,
    pub decorator_list: Seq<'a, Expr<'a>>,
    pub returns: Option<Ref<'a, Expr<'a>>>,
    pub type_comment: Option<PyStr<'a>>,
    pub type_params: Seq<'a, TypeParam<'a>>,
    /// The function's own block.
    pub scope: ScopeId,
    /// The block of its type parameters.
    pub type_params_scope: ScopeId,
    /// The block of its annotations (3.14: `__annotate__`; 3.13: under `from __future__ import annotations` too).
    pub annotations_scope: ScopeId,
}

/// `ClassDef`.
#[derive(Debug)]
pub struct ClassDef<'a> {
    pub name: Name,
    pub bases: Seq<'a, Expr<'a>>,
    pub keywords: Seq<'a, Keyword<'a>>,
    pub body: Seq<'a, Stmt<'a>>,
    pub decorator_list: Seq<'a, Expr<'a>>,
    pub type_params: Seq<'a, TypeParam<'a>>,
    pub scope: ScopeId,
    pub type_params_scope: ScopeId,
}

/// `Assign`.
#[derive(Debug)]
pub struct Assign<'a> {
    pub targets: Seq<'a, Expr<'a>>,
    pub value: Ref<'a, Expr<'a>>,
    pub type_comment: Option<PyStr<'a>>,
}

/// `TypeAlias`.
#[derive(Debug)]
pub struct TypeAlias<'a> {
    pub name: Ref<'a, Expr<'a>>,
    pub type_params: Seq<'a, TypeParam<'a>>,
    pub value: Ref<'a, Expr<'a>>,
    pub scope: ScopeId,
    pub type_params_scope: ScopeId,
}

/// `AnnAssign`.
#[derive(Debug)]
pub struct AnnAssign<'a> {
    pub target: Ref<'a, Expr<'a>>,
    pub annotation: Ref<'a, Expr<'a>>,
    pub value: Option<Ref<'a, Expr<'a>>>,
    /// The target is a name without parentheses.
    pub simple: bool,
    /// The block of the annotation where it has one of its own (3.14, inside functions).
    pub scope: ScopeId,
}

/// `For` and `AsyncFor`.
#[derive(Debug)]
pub struct For<'a> {
    pub target: Ref<'a, Expr<'a>>,
    pub iter: Ref<'a, Expr<'a>>,
    pub body: Seq<'a, Stmt<'a>>,
    pub orelse: Seq<'a, Stmt<'a>>,
    pub type_comment: Option<PyStr<'a>>,
}

/// `While`.
#[derive(Debug)]
pub struct While<'a> {
    pub test: Ref<'a, Expr<'a>>,
    pub body: Seq<'a, Stmt<'a>>,
    pub orelse: Seq<'a, Stmt<'a>>,
}

/// `If`.
#[derive(Debug)]
pub struct If<'a> {
    pub test: Ref<'a, Expr<'a>>,
    pub body: Seq<'a, Stmt<'a>>,
    pub orelse: Seq<'a, Stmt<'a>>,
}

/// `With` and `AsyncWith`.
#[derive(Debug)]
pub struct With<'a> {
    pub items: Seq<'a, WithItem<'a>>,
    pub body: Seq<'a, Stmt<'a>>,
    pub type_comment: Option<PyStr<'a>>,
}

/// `withitem`.
#[derive(Debug)]
pub struct WithItem<'a> {
    pub context_expr: Ref<'a, Expr<'a>>,
    pub optional_vars: Option<Ref<'a, Expr<'a>>>,
}

/// `Match`.
#[derive(Debug)]
pub struct Match<'a> {
    pub subject: Ref<'a, Expr<'a>>,
    pub cases: Seq<'a, MatchCase<'a>>,
}

/// `match_case`.
#[derive(Debug)]
pub struct MatchCase<'a> {
    pub pattern: Pattern<'a>,
    pub guard: Option<Ref<'a, Expr<'a>>>,
    pub body: Seq<'a, Stmt<'a>>,
}

/// `Try` and `TryStar`.
#[derive(Debug)]
pub struct Try<'a> {
    pub body: Seq<'a, Stmt<'a>>,
    pub handlers: Seq<'a, ExceptHandler<'a>>,
    pub orelse: Seq<'a, Stmt<'a>>,
    pub finalbody: Seq<'a, Stmt<'a>>,
}

/// `ExceptHandler`.
#[derive(Debug)]
pub struct ExceptHandler<'a> {
    pub loc: Location,
    pub typ: Option<Ref<'a, Expr<'a>>>,
    pub name: Option<Name>,
    pub body: Seq<'a, Stmt<'a>>,
}

/// `ImportFrom`.
#[derive(Debug)]
pub struct ImportFrom<'a> {
    pub module: Option<Name>,
    pub names: Seq<'a, Alias>,
    /// Number of leading dots.
    pub level: u32,
    /// PEP 810 (3.15).
    pub is_lazy: bool,
}

/// `alias`: `name` is dotted as written, or `*`.
#[derive(Debug, Clone, Copy)]
pub struct Alias {
    pub loc: Location,
    pub name: Name,
    pub asname: Option<Name>,
}

/// An expression.
#[derive(Debug)]
pub struct Expr<'a> {
    pub loc: Location,
    pub kind: ExprKind<'a>,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind<'a> {
    BoolOp {
        op: BoolOperator,
        values: Seq<'a, Expr<'a>>,
    },
    NamedExpr {
        target: Ref<'a, Expr<'a>>,
        value: Ref<'a, Expr<'a>>,
    },
    BinOp {
        left: Ref<'a, Expr<'a>>,
        op: Operator,
        right: Ref<'a, Expr<'a>>,
    },
    UnaryOp {
        op: UnaryOperator,
        operand: Ref<'a, Expr<'a>>,
    },
    Lambda(Ref<'a, Lambda<'a>>),
    IfExp(Ref<'a, IfExp<'a>>),
    /// `keys[i]` is `None` for `**values[i]`.
    Dict(Ref<'a, Dict<'a>>),
    Set {
        elts: Seq<'a, Expr<'a>>,
    },
    ListComp(Ref<'a, Comp<'a>>),
    SetComp(Ref<'a, Comp<'a>>),
    DictComp(Ref<'a, DictComp<'a>>),
    GeneratorExp(Ref<'a, Comp<'a>>),
    Await {
        value: Ref<'a, Expr<'a>>,
    },
    Yield {
        value: Option<Ref<'a, Expr<'a>>>,
    },
    YieldFrom {
        value: Ref<'a, Expr<'a>>,
    },
    Compare(Ref<'a, Compare<'a>>),
    Call(Ref<'a, Call<'a>>),
    FormattedValue(Ref<'a, FormattedValue<'a>>),
    Interpolation(Ref<'a, Interpolation<'a>>),
    JoinedStr {
        values: Seq<'a, Expr<'a>>,
    },
    TemplateStr {
        values: Seq<'a, Expr<'a>>,
    },
    /// `kind` is the `u` prefix.
    Constant {
        value: Const<'a>,
        kind: bool,
    },
    Attribute {
        value: Ref<'a, Expr<'a>>,
        attr: Name,
        ctx: ExprContext,
    },
    Subscript {
        value: Ref<'a, Expr<'a>>,
        slice: Ref<'a, Expr<'a>>,
        ctx: ExprContext,
    },
    Starred {
        value: Ref<'a, Expr<'a>>,
        ctx: ExprContext,
    },
    Name {
        id: Name,
        ctx: ExprContext,
    },
    List {
        elts: Seq<'a, Expr<'a>>,
        ctx: ExprContext,
    },
    Tuple {
        elts: Seq<'a, Expr<'a>>,
        ctx: ExprContext,
    },
    Slice(Ref<'a, Slice<'a>>),
}

/// `Lambda`.
#[derive(Debug)]
pub struct Lambda<'a> {
    pub args: Arguments<'a>,
    pub body: Ref<'a, Expr<'a>>,
    pub scope: ScopeId,
}

/// `IfExp`.
#[derive(Debug)]
pub struct IfExp<'a> {
    pub test: Ref<'a, Expr<'a>>,
    pub body: Ref<'a, Expr<'a>>,
    pub orelse: Ref<'a, Expr<'a>>,
}

/// `Dict`.
#[derive(Debug)]
pub struct Dict<'a> {
    pub keys: Seq<'a, Option<Ref<'a, Expr<'a>>>>,
    pub values: Seq<'a, Expr<'a>>,
}

/// `ListComp`, `SetComp`, `GeneratorExp`.
#[derive(Debug)]
pub struct Comp<'a> {
    pub elt: Ref<'a, Expr<'a>>,
    pub generators: Seq<'a, Comprehension<'a>>,
    pub scope: ScopeId,
}

/// `DictComp`.
#[derive(Debug)]
pub struct DictComp<'a> {
    pub key: Ref<'a, Expr<'a>>,
    /// None where `key` is a mapping to unpack (PEP 798, 3.15).
    pub value: Option<Ref<'a, Expr<'a>>>,
    pub generators: Seq<'a, Comprehension<'a>>,
    pub scope: ScopeId,
}

/// `comprehension`: one `for … in … if …`.
#[derive(Debug)]
pub struct Comprehension<'a> {
    pub target: Ref<'a, Expr<'a>>,
    pub iter: Ref<'a, Expr<'a>>,
    pub ifs: Seq<'a, Expr<'a>>,
    pub is_async: bool,
}

/// `Compare`.
#[derive(Debug)]
pub struct Compare<'a> {
    pub left: Ref<'a, Expr<'a>>,
    pub ops: Seq<'a, CmpOp>,
    pub comparators: Seq<'a, Expr<'a>>,
}

/// `Call`.
#[derive(Debug)]
pub struct Call<'a> {
    pub func: Ref<'a, Expr<'a>>,
    pub args: Seq<'a, Expr<'a>>,
    pub keywords: Seq<'a, Keyword<'a>>,
}

/// `keyword`; `arg` is `None` for `**value`.
#[derive(Debug)]
pub struct Keyword<'a> {
    pub loc: Location,
    pub arg: Option<Name>,
    pub value: Ref<'a, Expr<'a>>,
}

/// `FormattedValue`.
#[derive(Debug)]
pub struct FormattedValue<'a> {
    pub value: Ref<'a, Expr<'a>>,
    /// −1, or the code of `s`, `r` or `a`.
    pub conversion: i32,
    /// A `JoinedStr` (or, from 3.14 in folded trees, what CPython has there).
    pub format_spec: Option<Ref<'a, Expr<'a>>>,
}

/// `Interpolation` (3.14).
#[derive(Debug)]
pub struct Interpolation<'a> {
    pub value: Ref<'a, Expr<'a>>,
    /// The expression's source text.
    pub str: PyStr<'a>,
    pub conversion: i32,
    pub format_spec: Option<Ref<'a, Expr<'a>>>,
}

/// `Slice`.
#[derive(Debug)]
pub struct Slice<'a> {
    pub lower: Option<Ref<'a, Expr<'a>>>,
    pub upper: Option<Ref<'a, Expr<'a>>>,
    pub step: Option<Ref<'a, Expr<'a>>>,
}

/// `expr_context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExprContext {
    Load,
    Store,
    Del,
}

/// `boolop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoolOperator {
    And,
    Or,
}

/// `cmpop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// `arguments`.
#[derive(Debug)]
pub struct Arguments<'a> {
    pub posonlyargs: Seq<'a, Arg<'a>>,
    pub args: Seq<'a, Arg<'a>>,
    pub vararg: Option<Ref<'a, Arg<'a>>>,
    pub kwonlyargs: Seq<'a, Arg<'a>>,
    /// One for each of `kwonlyargs`.
    pub kw_defaults: Seq<'a, Option<Ref<'a, Expr<'a>>>>,
    pub kwarg: Option<Ref<'a, Arg<'a>>>,
    pub defaults: Seq<'a, Expr<'a>>,
}

/// `arg`.
#[derive(Debug)]
pub struct Arg<'a> {
    pub loc: Location,
    pub arg: Name,
    pub annotation: Option<Ref<'a, Expr<'a>>>,
    pub type_comment: Option<PyStr<'a>>,
}

/// `type_param`.
#[derive(Debug)]
pub struct TypeParam<'a> {
    pub loc: Location,
    pub name: Name,
    pub kind: TypeParamKind<'a>,
    pub default_value: Option<Ref<'a, Expr<'a>>>,
    /// The block of the bound.
    pub bound_scope: ScopeId,
    /// The block of the default.
    pub default_scope: ScopeId,
}

/// Which `type_param`.
#[derive(Debug)]
pub enum TypeParamKind<'a> {
    TypeVar { bound: Option<Ref<'a, Expr<'a>>> },
    ParamSpec,
    TypeVarTuple,
}

/// A pattern.
#[derive(Debug)]
pub struct Pattern<'a> {
    pub loc: Location,
    pub kind: PatternKind<'a>,
}

/// What a pattern is.
#[derive(Debug)]
pub enum PatternKind<'a> {
    MatchValue { value: Ref<'a, Expr<'a>> },
    MatchSingleton { value: Const<'a> },
    MatchSequence { patterns: Seq<'a, Pattern<'a>> },
    MatchMapping(Ref<'a, MatchMapping<'a>>),
    MatchClass(Ref<'a, MatchClass<'a>>),
    MatchStar { name: Option<Name> },
    MatchAs { pattern: Option<Ref<'a, Pattern<'a>>>, name: Option<Name> },
    MatchOr { patterns: Seq<'a, Pattern<'a>> },
}

/// `MatchMapping`.
#[derive(Debug)]
pub struct MatchMapping<'a> {
    pub keys: Seq<'a, Expr<'a>>,
    pub patterns: Seq<'a, Pattern<'a>>,
    pub rest: Option<Name>,
}

/// `MatchClass`.
#[derive(Debug)]
pub struct MatchClass<'a> {
    pub cls: Ref<'a, Expr<'a>>,
    pub patterns: Seq<'a, Pattern<'a>>,
    pub kwd_attrs: Seq<'a, Name>,
    pub kwd_patterns: Seq<'a, Pattern<'a>>,
}
