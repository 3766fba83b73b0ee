//! Every node seen alike: its facts, its position, and its fields' values in the facts' order.

use super::facts::{self, NodeFacts};
use crate::source::Location;
use crate::syntax::ast::*;
use crate::value::{Name, PyStr};

/// A node of any class.
#[derive(Clone, Copy)]
pub(super) enum Node<'t, 'a> {
    Mod(&'t Mod<'a>),
    TypeIgnore(&'t TypeIgnore<'a>),
    Stmt(&'t Stmt<'a>),
    Expr(&'t Expr<'a>),
    Comprehension(&'t Comprehension<'a>),
    ExceptHandler(&'t ExceptHandler<'a>),
    Arguments(&'t Arguments<'a>),
    Arg(&'t Arg<'a>),
    Keyword(&'t Keyword<'a>),
    Alias(&'t Alias),
    WithItem(&'t WithItem<'a>),
    MatchCase(&'t MatchCase<'a>),
    Pattern(&'t Pattern<'a>),
    TypeParam(&'t TypeParam<'a>),
}

/// Values of a field that holds many.
#[derive(Clone, Copy)]
pub(super) enum Many<'t, 'a> {
    Stmts(&'t [Stmt<'a>]),
    Exprs(&'t [Expr<'a>]),
    OptionalExprs(&'t [Option<Ref<'a, Expr<'a>>>]),
    TypeIgnores(&'t [TypeIgnore<'a>]),
    Comprehensions(&'t [Comprehension<'a>]),
    ExceptHandlers(&'t [ExceptHandler<'a>]),
    Args(&'t [Arg<'a>]),
    Keywords(&'t [Keyword<'a>]),
    Aliases(&'t [Alias]),
    WithItems(&'t [WithItem<'a>]),
    MatchCases(&'t [MatchCase<'a>]),
    Patterns(&'t [Pattern<'a>]),
    TypeParams(&'t [TypeParam<'a>]),
    CmpOps(&'t [CmpOp]),
    Names(&'t [Name]),
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(super) enum Value<'t, 'a> {
    /// An optional field that holds nothing.
    Absent,
    /// `None` as an item of a list.
    None,
    Node(Node<'t, 'a>),
    Many(Many<'t, 'a>),
    Int(i32),
    Name(Name),
    Str(PyStr<'a>),
    Const(Const<'a>),
    /// A node without fields or position: an operator or a context.
    Word(&'static str),
}

/// A node laid out.
pub(super) struct View<'t, 'a> {
    pub facts: &'static NodeFacts,
    pub loc: Option<Location>,
    /// Is there a field for type parameters, where the facts have one?
    pub type_params: bool,
    values: [Value<'t, 'a>; 7],
}

impl<'t, 'a> View<'t, 'a> {
    fn new<const N: usize>(
        facts: &'static NodeFacts,
        loc: Option<Location>,
        fields: [Value<'t, 'a>; N],
    ) -> Self {
        debug_assert_eq!(facts.fields.len(), N, "{}", facts.name);
        let mut values = [Value::Absent; 7];
        values[..N].copy_from_slice(&fields);
        View { facts, loc, type_params: true, values }
    }

    /// Names and values of the fields.
    pub fn fields(&self) -> impl Iterator<Item = (&'static facts::FieldFacts, Value<'t, 'a>)> {
        let shown = |field: &&facts::FieldFacts| self.type_params || field.name != "type_params";
        self.facts.fields.iter().filter(shown).zip(self.values)
    }
}

impl<'t, 'a> Many<'t, 'a> {
    pub fn len(&self) -> usize {
        match *self {
            Many::Stmts(items) => items.len(),
            Many::Exprs(items) => items.len(),
            Many::OptionalExprs(items) => items.len(),
            Many::TypeIgnores(items) => items.len(),
            Many::Comprehensions(items) => items.len(),
            Many::ExceptHandlers(items) => items.len(),
            Many::Args(items) => items.len(),
            Many::Keywords(items) => items.len(),
            Many::Aliases(items) => items.len(),
            Many::WithItems(items) => items.len(),
            Many::MatchCases(items) => items.len(),
            Many::Patterns(items) => items.len(),
            Many::TypeParams(items) => items.len(),
            Many::CmpOps(items) => items.len(),
            Many::Names(items) => items.len(),
        }
    }

    /// Item number `index`, which must exist.
    pub fn get(&self, index: usize) -> Value<'t, 'a> {
        Value::Node(match *self {
            Many::Stmts(items) => Node::Stmt(&items[index]),
            Many::Exprs(items) => Node::Expr(&items[index]),
            Many::OptionalExprs(items) => match &items[index] {
                Some(expr) => Node::Expr(expr),
                None => return Value::None,
            },
            Many::TypeIgnores(items) => Node::TypeIgnore(&items[index]),
            Many::Comprehensions(items) => Node::Comprehension(&items[index]),
            Many::ExceptHandlers(items) => Node::ExceptHandler(&items[index]),
            Many::Args(items) => Node::Arg(&items[index]),
            Many::Keywords(items) => Node::Keyword(&items[index]),
            Many::Aliases(items) => Node::Alias(&items[index]),
            Many::WithItems(items) => Node::WithItem(&items[index]),
            Many::MatchCases(items) => Node::MatchCase(&items[index]),
            Many::Patterns(items) => Node::Pattern(&items[index]),
            Many::TypeParams(items) => Node::TypeParam(&items[index]),
            Many::CmpOps(items) => return Value::Word(cmp_op(items[index])),
            Many::Names(items) => return Value::Name(items[index]),
        })
    }
}

// Short names for building values: `e` an expression, `es` several, `oe` an optional one, and so on.

fn e<'t, 'a>(expr: &'t Expr<'a>) -> Value<'t, 'a> {
    Value::Node(Node::Expr(expr))
}

fn es<'t, 'a>(exprs: &'t [Expr<'a>]) -> Value<'t, 'a> {
    Value::Many(Many::Exprs(exprs))
}

fn oe<'t, 'a>(expr: &'t Option<Ref<'a, Expr<'a>>>) -> Value<'t, 'a> {
    expr.as_deref().map_or(Value::Absent, e)
}

fn ss<'t, 'a>(stmts: &'t [Stmt<'a>]) -> Value<'t, 'a> {
    Value::Many(Many::Stmts(stmts))
}

fn on<'t, 'a>(name: Option<Name>) -> Value<'t, 'a> {
    name.map_or(Value::Absent, Value::Name)
}

fn os<'t, 'a>(text: Option<PyStr<'a>>) -> Value<'t, 'a> {
    text.map_or(Value::Absent, Value::Str)
}

fn int<'t, 'a>(value: bool) -> Value<'t, 'a> {
    Value::Int(i32::from(value))
}

fn arguments<'t, 'a>(args: &'t Arguments<'a>) -> Value<'t, 'a> {
    Value::Node(Node::Arguments(args))
}

fn patterns<'t, 'a>(items: &'t [Pattern<'a>]) -> Value<'t, 'a> {
    Value::Many(Many::Patterns(items))
}

fn generators<'t, 'a>(items: &'t [Comprehension<'a>]) -> Value<'t, 'a> {
    Value::Many(Many::Comprehensions(items))
}

fn type_params<'t, 'a>(items: &'t [TypeParam<'a>]) -> Value<'t, 'a> {
    Value::Many(Many::TypeParams(items))
}

fn ctx<'t, 'a>(context: ExprContext) -> Value<'t, 'a> {
    Value::Word(match context {
        ExprContext::Load => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    })
}

/// Lays out `node`.
pub(super) fn view<'t, 'a>(node: Node<'t, 'a>) -> View<'t, 'a> {
    use Value::{Many as M, Node as N};
    match node {
        Node::Mod(node) => module(node),
        Node::Stmt(node) => statement(node),
        Node::Expr(node) => expression(node),
        Node::Pattern(node) => pattern(node),
        Node::TypeParam(node) => type_param(node),
        Node::TypeIgnore(node) => {
            View::new(&facts::TYPE_IGNORE, None, [Value::Int(node.lineno), Value::Str(node.tag)])
        }
        Node::Comprehension(node) => View::new(
            &facts::COMPREHENSION,
            None,
            [e(node.target), e(node.iter), es(node.ifs), int(node.is_async)],
        ),
        Node::ExceptHandler(node) => {
            View::new(&facts::EXCEPT_HANDLER, Some(node.loc), [oe(&node.typ), on(node.name), ss(node.body)])
        }
        Node::Arguments(node) => {
            let args = |items| M(Many::Args(items));
            let arg = |item: &'t Option<Ref<'a, Arg<'a>>>| {
                item.as_deref().map_or(Value::Absent, |item| N(Node::Arg(item)))
            };
            View::new(
                &facts::ARGUMENTS,
                None,
                [
                    args(node.posonlyargs),
                    args(node.args),
                    arg(&node.vararg),
                    args(node.kwonlyargs),
                    M(Many::OptionalExprs(node.kw_defaults)),
                    arg(&node.kwarg),
                    es(node.defaults),
                ],
            )
        }
        Node::Arg(node) => View::new(
            &facts::ARG,
            Some(node.loc),
            [Value::Name(node.arg), oe(&node.annotation), os(node.type_comment)],
        ),
        Node::Keyword(node) => View::new(&facts::KEYWORD, Some(node.loc), [on(node.arg), e(node.value)]),
        Node::Alias(node) => {
            View::new(&facts::ALIAS, Some(node.loc), [Value::Name(node.name), on(node.asname)])
        }
        Node::WithItem(node) => {
            View::new(&facts::WITH_ITEM, None, [e(node.context_expr), oe(&node.optional_vars)])
        }
        Node::MatchCase(node) => View::new(
            &facts::MATCH_CASE,
            None,
            [N(Node::Pattern(&node.pattern)), oe(&node.guard), ss(node.body)],
        ),
    }
}

fn module<'t, 'a>(node: &'t Mod<'a>) -> View<'t, 'a> {
    match node {
        Mod::Module { body, type_ignores } => {
            View::new(&facts::MODULE, None, [ss(body), Value::Many(Many::TypeIgnores(type_ignores))])
        }
        Mod::Interactive { body } => View::new(&facts::INTERACTIVE, None, [ss(body)]),
        Mod::Expression { body } => View::new(&facts::EXPRESSION, None, [e(body)]),
        Mod::FunctionType { argtypes, returns } => {
            View::new(&facts::FUNCTION_TYPE, None, [es(argtypes), e(returns)])
        }
    }
}

fn function<'t, 'a>(
    facts: &'static NodeFacts,
    loc: Option<Location>,
    node: &'t FunctionDef<'a>,
) -> View<'t, 'a> {
    View::new(
        facts,
        loc,
        [
            Value::Name(node.name),
            arguments(&node.args),
            ss(node.body),
            es(node.decorator_list),
            oe(&node.returns),
            os(node.type_comment),
            type_params(node.type_params),
        ],
    )
}

fn for_loop<'t, 'a>(facts: &'static NodeFacts, loc: Option<Location>, node: &'t For<'a>) -> View<'t, 'a> {
    let comment = os(node.type_comment);
    View::new(facts, loc, [e(node.target), e(node.iter), ss(node.body), ss(node.orelse), comment])
}

fn with<'t, 'a>(facts: &'static NodeFacts, loc: Option<Location>, node: &'t With<'a>) -> View<'t, 'a> {
    View::new(facts, loc, [Value::Many(Many::WithItems(node.items)), ss(node.body), os(node.type_comment)])
}

fn try_block<'t, 'a>(facts: &'static NodeFacts, loc: Option<Location>, node: &'t Try<'a>) -> View<'t, 'a> {
    let handlers = Value::Many(Many::ExceptHandlers(node.handlers));
    View::new(facts, loc, [ss(node.body), handlers, ss(node.orelse), ss(node.finalbody)])
}

fn statement<'t, 'a>(node: &'t Stmt<'a>) -> View<'t, 'a> {
    use Value::{Many as M, Name as Id};
    let loc = Some(node.loc);
    match &node.kind {
        StmtKind::FunctionDef(node) => function(&facts::FUNCTION_DEF, loc, node),
        StmtKind::AsyncFunctionDef(node) => function(&facts::ASYNC_FUNCTION_DEF, loc, node),
        StmtKind::ClassDef(node) => View::new(
            &facts::CLASS_DEF,
            loc,
            [
                Id(node.name),
                es(node.bases),
                M(Many::Keywords(node.keywords)),
                ss(node.body),
                es(node.decorator_list),
                type_params(node.type_params),
            ],
        ),
        StmtKind::Return { value } => View::new(&facts::RETURN, loc, [oe(value)]),
        StmtKind::Delete { targets } => View::new(&facts::DELETE, loc, [es(targets)]),
        StmtKind::Assign(node) => {
            View::new(&facts::ASSIGN, loc, [es(node.targets), e(node.value), os(node.type_comment)])
        }
        StmtKind::TypeAlias(node) => {
            View::new(&facts::TYPE_ALIAS, loc, [e(node.name), type_params(node.type_params), e(node.value)])
        }
        StmtKind::AugAssign { target, op, value } => {
            View::new(&facts::AUG_ASSIGN, loc, [e(target), Value::Word(operator(*op)), e(value)])
        }
        StmtKind::AnnAssign(node) => View::new(
            &facts::ANN_ASSIGN,
            loc,
            [e(node.target), e(node.annotation), oe(&node.value), int(node.simple)],
        ),
        StmtKind::For(node) => for_loop(&facts::FOR, loc, node),
        StmtKind::AsyncFor(node) => for_loop(&facts::ASYNC_FOR, loc, node),
        StmtKind::While(node) => {
            View::new(&facts::WHILE, loc, [e(node.test), ss(node.body), ss(node.orelse)])
        }
        StmtKind::If(node) => View::new(&facts::IF, loc, [e(node.test), ss(node.body), ss(node.orelse)]),
        StmtKind::With(node) => with(&facts::WITH, loc, node),
        StmtKind::AsyncWith(node) => with(&facts::ASYNC_WITH, loc, node),
        StmtKind::Match(node) => {
            View::new(&facts::MATCH, loc, [e(node.subject), M(Many::MatchCases(node.cases))])
        }
        StmtKind::Raise { exc, cause } => View::new(&facts::RAISE, loc, [oe(exc), oe(cause)]),
        StmtKind::Try(node) => try_block(&facts::TRY, loc, node),
        StmtKind::TryStar(node) => try_block(&facts::TRY_STAR, loc, node),
        StmtKind::Assert { test, msg } => View::new(&facts::ASSERT, loc, [e(test), oe(msg)]),
        StmtKind::Import { names, is_lazy } => {
            View::new(&facts::IMPORT, loc, [M(Many::Aliases(names)), int(*is_lazy)])
        }
        StmtKind::ImportFrom(node) => View::new(
            &facts::IMPORT_FROM,
            loc,
            [on(node.module), M(Many::Aliases(node.names)), Value::Int(node.level as i32), int(node.is_lazy)],
        ),
        StmtKind::Global { names } => View::new(&facts::GLOBAL, loc, [M(Many::Names(names))]),
        StmtKind::Nonlocal { names } => View::new(&facts::NONLOCAL, loc, [M(Many::Names(names))]),
        StmtKind::Expr { value } => View::new(&facts::EXPR, loc, [e(value)]),
        StmtKind::Pass => View::new(&facts::PASS, loc, []),
        StmtKind::Break => View::new(&facts::BREAK, loc, []),
        StmtKind::Continue => View::new(&facts::CONTINUE, loc, []),
    }
}

fn expression<'t, 'a>(node: &'t Expr<'a>) -> View<'t, 'a> {
    use Value::{Int, Many as M, Name as Id, Word};
    let loc = Some(node.loc);
    match &node.kind {
        ExprKind::BoolOp { op, values } => {
            let op = match op {
                BoolOperator::And => "And",
                BoolOperator::Or => "Or",
            };
            View::new(&facts::BOOL_OP, loc, [Word(op), es(values)])
        }
        ExprKind::NamedExpr { target, value } => View::new(&facts::NAMED_EXPR, loc, [e(target), e(value)]),
        ExprKind::BinOp { left, op, right } => {
            View::new(&facts::BIN_OP, loc, [e(left), Word(operator(*op)), e(right)])
        }
        ExprKind::UnaryOp { op, operand } => {
            View::new(&facts::UNARY_OP, loc, [Word(unary_operator(*op)), e(operand)])
        }
        ExprKind::Lambda(node) => View::new(&facts::LAMBDA, loc, [arguments(&node.args), e(node.body)]),
        ExprKind::IfExp(node) => View::new(&facts::IF_EXP, loc, [e(node.test), e(node.body), e(node.orelse)]),
        ExprKind::Dict(node) => {
            View::new(&facts::DICT, loc, [M(Many::OptionalExprs(node.keys)), es(node.values)])
        }
        ExprKind::Set { elts } => View::new(&facts::SET, loc, [es(elts)]),
        ExprKind::ListComp(node) => comp(&facts::LIST_COMP, loc, node),
        ExprKind::SetComp(node) => comp(&facts::SET_COMP, loc, node),
        ExprKind::DictComp(node) => {
            View::new(&facts::DICT_COMP, loc, [e(node.key), oe(&node.value), generators(node.generators)])
        }
        ExprKind::GeneratorExp(node) => comp(&facts::GENERATOR_EXP, loc, node),
        ExprKind::Await { value } => View::new(&facts::AWAIT, loc, [e(value)]),
        ExprKind::Yield { value } => View::new(&facts::YIELD, loc, [oe(value)]),
        ExprKind::YieldFrom { value } => View::new(&facts::YIELD_FROM, loc, [e(value)]),
        ExprKind::Compare(node) => {
            View::new(&facts::COMPARE, loc, [e(node.left), M(Many::CmpOps(node.ops)), es(node.comparators)])
        }
        ExprKind::Call(node) => {
            View::new(&facts::CALL, loc, [e(node.func), es(node.args), M(Many::Keywords(node.keywords))])
        }
        ExprKind::FormattedValue(node) => View::new(
            &facts::FORMATTED_VALUE,
            loc,
            [e(node.value), Int(node.conversion), oe(&node.format_spec)],
        ),
        ExprKind::Interpolation(node) => View::new(
            &facts::INTERPOLATION,
            loc,
            [e(node.value), Value::Str(node.str), Int(node.conversion), oe(&node.format_spec)],
        ),
        ExprKind::JoinedStr { values } => View::new(&facts::JOINED_STR, loc, [es(values)]),
        ExprKind::TemplateStr { values } => View::new(&facts::TEMPLATE_STR, loc, [es(values)]),
        ExprKind::Constant { value, kind } => {
            let kind = if *kind { Value::Str(PyStr::from_bytes(b"u")) } else { Value::Absent };
            View::new(&facts::CONSTANT, loc, [Value::Const(*value), kind])
        }
        ExprKind::Attribute { value, attr, ctx: context } => {
            View::new(&facts::ATTRIBUTE, loc, [e(value), Id(*attr), ctx(*context)])
        }
        ExprKind::Subscript { value, slice, ctx: context } => {
            View::new(&facts::SUBSCRIPT, loc, [e(value), e(slice), ctx(*context)])
        }
        ExprKind::Starred { value, ctx: context } => {
            View::new(&facts::STARRED, loc, [e(value), ctx(*context)])
        }
        ExprKind::Name { id, ctx: context } => View::new(&facts::NAME, loc, [Id(*id), ctx(*context)]),
        ExprKind::List { elts, ctx: context } => View::new(&facts::LIST, loc, [es(elts), ctx(*context)]),
        ExprKind::Tuple { elts, ctx: context } => View::new(&facts::TUPLE, loc, [es(elts), ctx(*context)]),
        ExprKind::Slice(node) => {
            View::new(&facts::SLICE, loc, [oe(&node.lower), oe(&node.upper), oe(&node.step)])
        }
    }
}

fn comp<'t, 'a>(facts: &'static NodeFacts, loc: Option<Location>, node: &'t Comp<'a>) -> View<'t, 'a> {
    View::new(facts, loc, [e(node.elt), generators(node.generators)])
}

fn pattern<'t, 'a>(node: &'t Pattern<'a>) -> View<'t, 'a> {
    let loc = Some(node.loc);
    match &node.kind {
        PatternKind::MatchValue { value } => View::new(&facts::MATCH_VALUE, loc, [e(value)]),
        PatternKind::MatchSingleton { value } => {
            View::new(&facts::MATCH_SINGLETON, loc, [Value::Const(*value)])
        }
        PatternKind::MatchSequence { patterns: items } => {
            View::new(&facts::MATCH_SEQUENCE, loc, [patterns(items)])
        }
        PatternKind::MatchMapping(node) => {
            View::new(&facts::MATCH_MAPPING, loc, [es(node.keys), patterns(node.patterns), on(node.rest)])
        }
        PatternKind::MatchClass(node) => View::new(
            &facts::MATCH_CLASS,
            loc,
            [
                e(node.cls),
                patterns(node.patterns),
                Value::Many(Many::Names(node.kwd_attrs)),
                patterns(node.kwd_patterns),
            ],
        ),
        PatternKind::MatchStar { name } => View::new(&facts::MATCH_STAR, loc, [on(*name)]),
        PatternKind::MatchAs { pattern, name } => {
            let pattern =
                pattern.as_deref().map_or(Value::Absent, |pattern| Value::Node(Node::Pattern(pattern)));
            View::new(&facts::MATCH_AS, loc, [pattern, on(*name)])
        }
        PatternKind::MatchOr { patterns: items } => View::new(&facts::MATCH_OR, loc, [patterns(items)]),
    }
}

fn type_param<'t, 'a>(node: &'t TypeParam<'a>) -> View<'t, 'a> {
    let loc = Some(node.loc);
    let (name, default) = (Value::Name(node.name), oe(&node.default_value));
    match &node.kind {
        TypeParamKind::TypeVar { bound } => View::new(&facts::TYPE_VAR, loc, [name, oe(bound), default]),
        TypeParamKind::ParamSpec => View::new(&facts::PARAM_SPEC, loc, [name, default]),
        TypeParamKind::TypeVarTuple => View::new(&facts::TYPE_VAR_TUPLE, loc, [name, default]),
    }
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "Add",
        Operator::Sub => "Sub",
        Operator::Mult => "Mult",
        Operator::MatMult => "MatMult",
        Operator::Div => "Div",
        Operator::Mod => "Mod",
        Operator::Pow => "Pow",
        Operator::LShift => "LShift",
        Operator::RShift => "RShift",
        Operator::BitOr => "BitOr",
        Operator::BitXor => "BitXor",
        Operator::BitAnd => "BitAnd",
        Operator::FloorDiv => "FloorDiv",
    }
}

fn unary_operator(op: UnaryOperator) -> &'static str {
    match op {
        UnaryOperator::Invert => "Invert",
        UnaryOperator::Not => "Not",
        UnaryOperator::UAdd => "UAdd",
        UnaryOperator::USub => "USub",
    }
}

fn cmp_op(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    }
}
