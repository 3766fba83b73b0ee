//! Syntax trees that programs made, as the compiler takes them. CPython: `PyAST_obj2mod`, `_PyAST_Validate`.
//!
//! What the compiler relies on is looked at here: fields are there and of their kind, sequences as long as the grammar
//! makes them, contexts those of their places.

mod patterns;

use super::exceptions::Exc;
use crate::object::{Bytes, Complex, List, Str, Tuple, Type};
use crate::value::{ELLIPSIS, Value};
use crate::vm::{R, Raised, Vm};
use bumpalo::Bump;
use pyrsc::source::Location;
use pyrsc::syntax::ast::*;
use pyrsc::value::{Interner, Name, PyStr};

/// How deep trees may be.
const DEEPEST: u32 = 2000;

/// Reads a tree into an arena.
pub(super) struct Reader<'a, 'r> {
    pub vm: &'r Vm,
    pub arena: &'a Bump,
    pub names: &'r mut Interner,
    pub depth: u32,
}

type Boxed<'a> = Ref<'a, Expr<'a>>;

impl<'a> Reader<'a, '_> {
    fn wrong<T>(&self, message: impl AsRef<str>) -> R<T> {
        Err(self.vm.value_error(message.as_ref()))
    }

    /// The name of the node's class, or of that of `_ast` that it derives from.
    fn class(&self, node: &Value) -> R<String> {
        let class = self.vm.class_of(node);
        let mro = self.vm.get_attribute(&class, &self.vm.intern("__mro__"))?;
        let module = self.vm.builtin_module("_ast")?;
        for class in self.vm.collect(&mro)? {
            let Some(ty) = class.object::<Type>() else { continue };
            let name = self.vm.name_of_type(ty);
            let known = match &module {
                Some(module) => self.vm.get_attribute_or_none(module, &self.vm.intern(&name))?,
                None => None,
            };
            if known.is_some_and(|it| it.is(&class)) {
                return Ok(name);
            }
        }
        Ok(self.vm.plain_type_name(node))
    }

    fn unexpected<T>(&self, what: &str, node: &Value) -> R<T> {
        let shown = self.vm.repr_text(node)?;
        Err(self.vm.type_error(format!("expected some sort of {what}, but got {shown}")))
    }

    /// A field that may be `None` or missing.
    fn opt(&self, node: &Value, field: &str) -> R<Option<Value>> {
        Ok(self.vm.get_attribute_or_none(node, &self.vm.intern(field))?.filter(|it| !it.is_none()))
    }

    /// A field that must be there.
    fn need(&self, node: &Value, class: &str, field: &str) -> R<Value> {
        match self.vm.get_attribute_or_none(node, &self.vm.intern(field))? {
            Some(value) if value.is_none() => self.wrong(format!("field '{field}' is required for {class}")),
            Some(value) => Ok(value),
            None => Err(self.vm.type_error(format!("required field \"{field}\" missing from {class}"))),
        }
    }

    /// The items of a field that is a list.
    fn items(&self, node: &Value, class: &str, field: &str) -> R<Vec<Value>> {
        match self.vm.get_attribute_or_none(node, &self.vm.intern(field))? {
            None => Ok(Vec::new()),
            Some(value) => match value.get::<List>() {
                Some(list) => Ok(list.snapshot()),
                None => {
                    let got = self.vm.type_name(&value);
                    Err(self.vm.type_error(format!("{class} field \"{field}\" must be a list, not a {got}")))
                }
            },
        }
    }

    fn filled(&self, node: &Value, class: &str, field: &str) -> R<Vec<Value>> {
        let items = self.items(node, class, field)?;
        if items.is_empty() { self.wrong(format!("empty {field} on {class}")) } else { Ok(items) }
    }

    fn int(&self, value: &Value) -> R<i32> {
        match self.vm.as_i64(value) {
            Some(number) => i32::try_from(number)
                .map_err(|_| self.vm.raise(Exc::OverflowError, "Python int too large to convert to C int")),
            None => {
                let shown = self.vm.repr_text(value)?;
                self.wrong(format!("invalid integer value: {shown}"))
            }
        }
    }

    fn place(&self, node: &Value, class: &str) -> R<Location> {
        let number = |field: &str| -> R<i32> {
            let value = self.vm.get_attribute_or_none(node, &self.vm.intern(field))?;
            let Some(value) = value else {
                return Err(self.vm.type_error(format!("required field \"{field}\" missing from {class}")));
            };
            self.int(&value)
        };
        let (line, col) = (number("lineno")?, number("col_offset")?);
        let end = |field: &str, otherwise: i32| -> R<i32> {
            self.opt(node, field)?.map_or(Ok(otherwise), |value| self.int(&value))
        };
        let (end_line, end_col) = (end("end_lineno", line)?, end("end_col_offset", col)?);
        if line > end_line {
            return self.wrong(format!("AST node line range ({line}, {end_line}) is not valid"));
        }
        if (line < 0 && end_line != line) || (col < 0 && col != end_col) {
            let message = format!(
                "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
            );
            return self.wrong(message);
        }
        if line == end_line && col > end_col {
            return self.wrong(format!("line {line}, column {col}-{end_col} is not a valid range"));
        }
        Ok(Location::new(line, col, end_line, end_col))
    }

    fn name(&mut self, value: &Value) -> R<Name> {
        match value.get::<Str>() {
            Some(text) => Ok(self.names.intern_utf8(&text.to_utf8())),
            None => Err(self.vm.type_error("AST identifier must be of type str")),
        }
    }

    fn opt_name(&mut self, node: &Value, field: &str) -> R<Option<Name>> {
        self.opt(node, field)?.map(|value| self.name(&value)).transpose()
    }

    fn need_name(&mut self, node: &Value, class: &str, field: &str) -> R<Name> {
        let value = self.need(node, class, field)?;
        self.name(&value)
    }

    fn names_of(&mut self, node: &Value, class: &str, field: &str) -> R<Seq<'a, Name>> {
        let items = self.items(node, class, field)?;
        let names = items.iter().map(|it| self.name(it)).collect::<R<Vec<_>>>()?;
        Ok(self.arena.alloc_slice_fill_iter(names))
    }

    fn text(&self, value: &Value) -> R<PyStr<'a>> {
        match value.get::<Str>() {
            Some(text) => Ok(PyStr::from_bytes(self.arena.alloc_slice_copy(&text.to_utf8()))),
            None => Err(self.vm.type_error("AST string must be of type str")),
        }
    }

    fn comment(&self, node: &Value) -> R<Option<PyStr<'a>>> {
        self.opt(node, "type_comment")?.map(|it| self.text(&it)).transpose()
    }

    fn seq<T>(&self, items: Vec<T>) -> Seq<'a, T> {
        self.arena.alloc_slice_fill_iter(items)
    }

    fn each<T>(&mut self, items: &[Value], mut read: impl FnMut(&mut Self, &Value) -> R<T>) -> R<Seq<'a, T>> {
        let made = items.iter().map(|it| read(self, it)).collect::<R<Vec<_>>>()?;
        Ok(self.seq(made))
    }

    /// Goes one level down.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        if self.depth >= DEEPEST {
            let message = "maximum recursion depth exceeded during ast construction";
            return Err(self.vm.raise(Exc::RecursionError, message));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// The whole tree.
    pub(super) fn module(&mut self, node: &Value) -> R<Mod<'a>> {
        let class = self.class(node)?;
        Ok(match class.as_str() {
            "Module" => {
                self.items(node, &class, "type_ignores")?;
                let body = self.items(node, &class, "body")?;
                Mod::Module { body: self.statements(&body)?, type_ignores: self.seq(Vec::new()) }
            }
            "Interactive" => {
                let body = self.items(node, &class, "body")?;
                Mod::Interactive { body: self.statements(&body)? }
            }
            "Expression" => Mod::Expression { body: self.field(node, &class, "body")? },
            _ => return self.unexpected("mod", node),
        })
    }

    fn statements(&mut self, items: &[Value]) -> R<Seq<'a, Stmt<'a>>> {
        self.each(items, |it, value| it.deeper(|it| it.statement(value)))
    }

    fn body(&mut self, node: &Value, class: &str) -> R<Seq<'a, Stmt<'a>>> {
        let items = self.filled(node, class, "body")?;
        self.statements(&items)
    }

    fn more(&mut self, node: &Value, class: &str, field: &str) -> R<Seq<'a, Stmt<'a>>> {
        let items = self.items(node, class, field)?;
        self.statements(&items)
    }

    /// A field that is an expression, which is read.
    fn field(&mut self, node: &Value, class: &str, field: &str) -> R<Boxed<'a>> {
        self.field_in(node, class, field, ExprContext::Load)
    }

    fn field_in(&mut self, node: &Value, class: &str, field: &str, ctx: ExprContext) -> R<Boxed<'a>> {
        let value = self.need(node, class, field)?;
        let read = self.expression(&value, ctx)?;
        Ok(self.arena.alloc(read))
    }

    fn opt_field(&mut self, node: &Value, field: &str) -> R<Option<Boxed<'a>>> {
        match self.opt(node, field)? {
            Some(value) => {
                let read = self.expression(&value, ExprContext::Load)?;
                Ok(Some(self.arena.alloc(read)))
            }
            None => Ok(None),
        }
    }

    fn expressions(&mut self, items: &[Value], ctx: ExprContext) -> R<Seq<'a, Expr<'a>>> {
        self.each(items, |it, value| {
            if value.is_none() {
                return it.wrong("None disallowed in expression list");
            }
            it.expression(value, ctx)
        })
    }

    fn fields(&mut self, node: &Value, class: &str, field: &str) -> R<Seq<'a, Expr<'a>>> {
        let items = self.items(node, class, field)?;
        self.expressions(&items, ExprContext::Load)
    }

    fn optional_expressions(&mut self, items: &[Value]) -> R<Seq<'a, Option<Boxed<'a>>>> {
        self.each(items, |it, value| {
            if value.is_none() {
                return Ok(None);
            }
            let read = it.expression(value, ExprContext::Load)?;
            Ok(Some(&mut *it.arena.alloc(read)))
        })
    }

    fn function(&mut self, node: &Value, class: &str) -> R<Ref<'a, FunctionDef<'a>>> {
        let body = self.body(node, class)?;
        let args = self.need(node, class, "args")?;
        let made = FunctionDef {
            name: self.need_name(node, class, "name")?,
            args: self.arguments(&args)?,
            body,
            decorator_list: self.fields(node, class, "decorator_list")?,
            returns: self.opt_field(node, "returns")?,
            type_comment: self.comment(node)?,
            type_params: self.type_params(node, class)?,
            scope: ScopeId::NONE,
            type_params_scope: ScopeId::NONE,
            annotations_scope: ScopeId::NONE,
        };
        Ok(self.arena.alloc(made))
    }

    fn loop_over(&mut self, node: &Value, class: &str) -> R<Ref<'a, For<'a>>> {
        let made = For {
            target: self.field_in(node, class, "target", ExprContext::Store)?,
            iter: self.field(node, class, "iter")?,
            body: self.body(node, class)?,
            orelse: self.more(node, class, "orelse")?,
            type_comment: self.comment(node)?,
        };
        Ok(self.arena.alloc(made))
    }

    fn with(&mut self, node: &Value, class: &str) -> R<Ref<'a, With<'a>>> {
        let items = self.filled(node, class, "items")?;
        let items = self.each(&items, |it, item| {
            let optional_vars = match it.opt(item, "optional_vars")? {
                Some(value) => {
                    let read = it.expression(&value, ExprContext::Store)?;
                    Some(&mut *it.arena.alloc(read))
                }
                None => None,
            };
            Ok(WithItem { context_expr: it.field(item, "withitem", "context_expr")?, optional_vars })
        })?;
        let made = With { items, body: self.body(node, class)?, type_comment: self.comment(node)? };
        Ok(self.arena.alloc(made))
    }

    fn attempt(&mut self, node: &Value, class: &str) -> R<Ref<'a, Try<'a>>> {
        let body = self.body(node, class)?;
        let handlers = self.items(node, class, "handlers")?;
        let orelse = self.more(node, class, "orelse")?;
        let finalbody = self.more(node, class, "finalbody")?;
        if handlers.is_empty() && finalbody.is_empty() {
            return self.wrong(format!("{class} has neither handlers nor finalbody"));
        }
        if handlers.is_empty() && !orelse.is_empty() {
            return self.wrong(format!("{class} has orelse but no except handlers"));
        }
        let star = class == "TryStar";
        let handlers = self.each(&handlers, |it, value| {
            if it.class(value)? != "ExceptHandler" {
                return it.unexpected("excepthandler", value);
            }
            let typ = it.opt_field(value, "type")?;
            if star && typ.is_none() {
                return it.wrong("expected an exception type of except*");
            }
            Ok(ExceptHandler {
                loc: it.place(value, "excepthandler")?,
                typ,
                name: it.opt_name(value, "name")?,
                body: it.body(value, "ExceptHandler")?,
            })
        })?;
        Ok(self.arena.alloc(Try { body, handlers, orelse, finalbody }))
    }

    fn aliases(&mut self, node: &Value, class: &str) -> R<Seq<'a, Alias>> {
        let items = self.filled(node, class, "names")?;
        self.each(&items, |it, value| {
            Ok(Alias {
                loc: it.place(value, "alias")?,
                name: it.need_name(value, "alias", "name")?,
                asname: it.opt_name(value, "asname")?,
            })
        })
    }

    fn statement(&mut self, node: &Value) -> R<Stmt<'a>> {
        let class = self.class(node)?;
        let class = class.as_str();
        if !self.vm.is_node(node, "stmt")? {
            return self.unexpected("stmt", node);
        }
        let loc = self.place(node, "stmt")?;
        let kind = match class {
            "FunctionDef" => StmtKind::FunctionDef(self.function(node, class)?),
            "AsyncFunctionDef" => StmtKind::AsyncFunctionDef(self.function(node, class)?),
            "ClassDef" => {
                let made = ClassDef {
                    name: self.need_name(node, class, "name")?,
                    bases: self.fields(node, class, "bases")?,
                    keywords: self.keywords(node, class)?,
                    body: self.body(node, class)?,
                    decorator_list: self.fields(node, class, "decorator_list")?,
                    type_params: self.type_params(node, class)?,
                    scope: ScopeId::NONE,
                    type_params_scope: ScopeId::NONE,
                };
                StmtKind::ClassDef(self.arena.alloc(made))
            }
            "Return" => StmtKind::Return { value: self.opt_field(node, "value")? },
            "Delete" => {
                let targets = self.filled(node, class, "targets")?;
                StmtKind::Delete { targets: self.expressions(&targets, ExprContext::Del)? }
            }
            "Assign" => {
                let targets = self.filled(node, class, "targets")?;
                let made = Assign {
                    targets: self.expressions(&targets, ExprContext::Store)?,
                    value: self.field(node, class, "value")?,
                    type_comment: self.comment(node)?,
                };
                StmtKind::Assign(self.arena.alloc(made))
            }
            "TypeAlias" => {
                let name = self.field_in(node, class, "name", ExprContext::Store)?;
                if !matches!(name.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("TypeAlias with non-Name name"));
                }
                let made = TypeAlias {
                    name,
                    type_params: self.type_params(node, class)?,
                    value: self.field(node, class, "value")?,
                    scope: ScopeId::NONE,
                    type_params_scope: ScopeId::NONE,
                };
                StmtKind::TypeAlias(self.arena.alloc(made))
            }
            "AugAssign" => StmtKind::AugAssign {
                target: self.field_in(node, class, "target", ExprContext::Store)?,
                op: self.operator(node, class)?,
                value: self.field(node, class, "value")?,
            },
            "AnnAssign" => {
                let simple = self.need(node, class, "simple")?;
                let simple = self.int(&simple)? != 0;
                let target = self.field_in(node, class, "target", ExprContext::Store)?;
                if simple && !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("AnnAssign with simple non-Name target"));
                }
                let made = AnnAssign {
                    target,
                    annotation: self.field(node, class, "annotation")?,
                    value: self.opt_field(node, "value")?,
                    simple,
                    scope: ScopeId::NONE,
                };
                StmtKind::AnnAssign(self.arena.alloc(made))
            }
            "For" => StmtKind::For(self.loop_over(node, class)?),
            "AsyncFor" => StmtKind::AsyncFor(self.loop_over(node, class)?),
            "While" => {
                let test = self.field(node, class, "test")?;
                let (body, orelse) = (self.body(node, class)?, self.more(node, class, "orelse")?);
                StmtKind::While(self.arena.alloc(While { test, body, orelse }))
            }
            "If" => {
                let test = self.field(node, class, "test")?;
                let (body, orelse) = (self.body(node, class)?, self.more(node, class, "orelse")?);
                StmtKind::If(self.arena.alloc(If { test, body, orelse }))
            }
            "With" => StmtKind::With(self.with(node, class)?),
            "AsyncWith" => StmtKind::AsyncWith(self.with(node, class)?),
            "Match" => {
                let subject = self.field(node, class, "subject")?;
                let cases = self.filled(node, class, "cases")?;
                let cases = self.each(&cases, |it, case| {
                    let pattern = it.need(case, "match_case", "pattern")?;
                    Ok(MatchCase {
                        pattern: it.pattern(&pattern, false)?,
                        guard: it.opt_field(case, "guard")?,
                        body: it.body(case, "match_case")?,
                    })
                })?;
                StmtKind::Match(self.arena.alloc(Match { subject, cases }))
            }
            "Raise" => {
                let (exc, cause) = (self.opt_field(node, "exc")?, self.opt_field(node, "cause")?);
                if exc.is_none() && cause.is_some() {
                    return self.wrong("Raise with cause but no exception");
                }
                StmtKind::Raise { exc, cause }
            }
            "Try" => StmtKind::Try(self.attempt(node, class)?),
            "TryStar" => StmtKind::TryStar(self.attempt(node, class)?),
            "Assert" => {
                StmtKind::Assert { test: self.field(node, class, "test")?, msg: self.opt_field(node, "msg")? }
            }
            "Import" => StmtKind::Import { names: self.aliases(node, class)?, is_lazy: false },
            "ImportFrom" => {
                let level = self.opt(node, "level")?.map_or(Ok(0), |it| self.int(&it))?;
                let Ok(level) = u32::try_from(level) else { return self.wrong("Negative ImportFrom level") };
                let made = ImportFrom {
                    module: self.opt_name(node, "module")?,
                    names: self.aliases(node, class)?,
                    level,
                    is_lazy: false,
                };
                StmtKind::ImportFrom(self.arena.alloc(made))
            }
            "Global" | "Nonlocal" => {
                self.filled(node, class, "names")?;
                let names = self.names_of(node, class, "names")?;
                if class == "Global" { StmtKind::Global { names } } else { StmtKind::Nonlocal { names } }
            }
            "Expr" => StmtKind::Expr { value: self.field(node, class, "value")? },
            "Pass" => StmtKind::Pass,
            "Break" => StmtKind::Break,
            "Continue" => StmtKind::Continue,
            _ => return self.unexpected("stmt", node),
        };
        Ok(Stmt { loc, folds: true, kind })
    }

    fn operator(&mut self, node: &Value, class: &str) -> R<Operator> {
        let op = self.need(node, class, "op")?;
        Ok(match self.class(&op)?.as_str() {
            "Add" => Operator::Add,
            "Sub" => Operator::Sub,
            "Mult" => Operator::Mult,
            "MatMult" => Operator::MatMult,
            "Div" => Operator::Div,
            "Mod" => Operator::Mod,
            "Pow" => Operator::Pow,
            "LShift" => Operator::LShift,
            "RShift" => Operator::RShift,
            "BitOr" => Operator::BitOr,
            "BitXor" => Operator::BitXor,
            "BitAnd" => Operator::BitAnd,
            "FloorDiv" => Operator::FloorDiv,
            _ => return self.unexpected("operator", &op),
        })
    }

    fn expression(&mut self, node: &Value, ctx: ExprContext) -> R<Expr<'a>> {
        self.deeper(|it| it.plain_expression(node, ctx))
    }

    fn plain_expression(&mut self, node: &Value, ctx: ExprContext) -> R<Expr<'a>> {
        let class = self.class(node)?;
        let class = class.as_str();
        if !self.vm.is_node(node, "expr")? {
            return self.unexpected("expr", node);
        }
        let loc = self.place(node, "expr")?;
        let shown = |ctx: ExprContext| match ctx {
            ExprContext::Load => "Load",
            ExprContext::Store => "Store",
            ExprContext::Del => "Del",
        };
        if matches!(class, "Attribute" | "Subscript" | "Starred" | "Name" | "List" | "Tuple") {
            let own = self.need(node, class, "ctx")?;
            let own = self.class(&own)?;
            if own != shown(ctx) {
                return self
                    .wrong(format!("expression must have {} context but has {own} instead", shown(ctx)));
            }
        } else if ctx != ExprContext::Load {
            return self.wrong(format!("expression which can't be assigned to in {} context", shown(ctx)));
        }
        let kind = match class {
            "Attribute" => ExprKind::Attribute {
                value: self.field(node, class, "value")?,
                attr: self.need_name(node, class, "attr")?,
                ctx,
            },
            "Subscript" => ExprKind::Subscript {
                value: self.field(node, class, "value")?,
                slice: self.field(node, class, "slice")?,
                ctx,
            },
            "Starred" => ExprKind::Starred { value: self.field_in(node, class, "value", ctx)?, ctx },
            "Name" => {
                let id = self.need_name(node, class, "id")?;
                let text = self.names.get(id);
                if matches!(text, "None" | "True" | "False") {
                    return self.wrong(format!("identifier field can't represent '{text}' constant"));
                }
                ExprKind::Name { id, ctx }
            }
            "List" | "Tuple" => {
                let items = self.items(node, class, "elts")?;
                let elts = self.expressions(&items, ctx)?;
                if class == "List" { ExprKind::List { elts, ctx } } else { ExprKind::Tuple { elts, ctx } }
            }
            _ => return Ok(Expr { loc, kind: self.value(node, class)? }),
        };
        Ok(Expr { loc, kind })
    }

    /// An expression that nothing can be assigned to.
    fn value(&mut self, node: &Value, class: &str) -> R<ExprKind<'a>> {
        Ok(match class {
            "BoolOp" => {
                let values = self.items(node, class, "values")?;
                if values.len() < 2 {
                    return self.wrong("BoolOp with less than 2 values");
                }
                let op = self.need(node, class, "op")?;
                let op = match self.class(&op)?.as_str() {
                    "And" => BoolOperator::And,
                    "Or" => BoolOperator::Or,
                    _ => return self.unexpected("boolop", &op),
                };
                ExprKind::BoolOp { op, values: self.expressions(&values, ExprContext::Load)? }
            }
            "NamedExpr" => {
                let target = self.field_in(node, class, "target", ExprContext::Store)?;
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("NamedExpr target must be a Name"));
                }
                ExprKind::NamedExpr { target, value: self.field(node, class, "value")? }
            }
            "BinOp" => ExprKind::BinOp {
                left: self.field(node, class, "left")?,
                op: self.operator(node, class)?,
                right: self.field(node, class, "right")?,
            },
            "UnaryOp" => {
                let op = self.need(node, class, "op")?;
                let op = match self.class(&op)?.as_str() {
                    "Invert" => UnaryOperator::Invert,
                    "Not" => UnaryOperator::Not,
                    "UAdd" => UnaryOperator::UAdd,
                    "USub" => UnaryOperator::USub,
                    _ => return self.unexpected("unaryop", &op),
                };
                ExprKind::UnaryOp { op, operand: self.field(node, class, "operand")? }
            }
            "Lambda" => {
                let args = self.need(node, class, "args")?;
                let args = self.arguments(&args)?;
                let body = self.field(node, class, "body")?;
                ExprKind::Lambda(self.arena.alloc(Lambda { args, body, scope: ScopeId::NONE }))
            }
            "IfExp" => {
                let test = self.field(node, class, "test")?;
                let (body, orelse) = (self.field(node, class, "body")?, self.field(node, class, "orelse")?);
                ExprKind::IfExp(self.arena.alloc(IfExp { test, body, orelse }))
            }
            "Dict" => {
                let (keys, values) = (self.items(node, class, "keys")?, self.items(node, class, "values")?);
                if keys.len() != values.len() {
                    return self.wrong("Dict doesn't have the same number of keys as values");
                }
                let keys = self.optional_expressions(&keys)?;
                let values = self.expressions(&values, ExprContext::Load)?;
                ExprKind::Dict(self.arena.alloc(Dict { keys, values }))
            }
            "Set" => {
                let elts = self.filled(node, class, "elts")?;
                ExprKind::Set { elts: self.expressions(&elts, ExprContext::Load)? }
            }
            "ListComp" => ExprKind::ListComp(self.comprehension(node, class)?),
            "SetComp" => ExprKind::SetComp(self.comprehension(node, class)?),
            "GeneratorExp" => ExprKind::GeneratorExp(self.comprehension(node, class)?),
            "DictComp" => {
                let key = self.field(node, class, "key")?;
                let value = Some(self.field(node, class, "value")?);
                let generators = self.generators(node, class)?;
                ExprKind::DictComp(self.arena.alloc(DictComp {
                    key,
                    value,
                    generators,
                    scope: ScopeId::NONE,
                }))
            }
            "Await" => ExprKind::Await { value: self.field(node, class, "value")? },
            "Yield" => ExprKind::Yield { value: self.opt_field(node, "value")? },
            "YieldFrom" => ExprKind::YieldFrom { value: self.field(node, class, "value")? },
            "Compare" => self.comparison(node, class)?,
            "Call" => {
                let made = Call {
                    func: self.field(node, class, "func")?,
                    args: self.fields(node, class, "args")?,
                    keywords: self.keywords(node, class)?,
                };
                ExprKind::Call(self.arena.alloc(made))
            }
            "FormattedValue" => {
                let made = FormattedValue {
                    value: self.field(node, class, "value")?,
                    conversion: self.conversion(node, class)?,
                    format_spec: self.opt_field(node, "format_spec")?,
                };
                ExprKind::FormattedValue(self.arena.alloc(made))
            }
            "Interpolation" => {
                let text = self.need(node, class, "str")?;
                let made = Interpolation {
                    value: self.field(node, class, "value")?,
                    str: self.text(&text)?,
                    conversion: self.conversion(node, class)?,
                    format_spec: self.opt_field(node, "format_spec")?,
                };
                ExprKind::Interpolation(self.arena.alloc(made))
            }
            "JoinedStr" => ExprKind::JoinedStr { values: self.fields(node, class, "values")? },
            "TemplateStr" => ExprKind::TemplateStr { values: self.fields(node, class, "values")? },
            "Constant" => {
                let name = self.vm.intern("value");
                let Some(value) = self.vm.get_attribute_or_none(node, &name)? else {
                    return Err(self.vm.type_error("required field \"value\" missing from Constant"));
                };
                let kind = self.opt(node, "kind")?.is_some_and(|it| self.vm.text_of(&it) == "u");
                ExprKind::Constant { value: self.constant(&value)?, kind }
            }
            "Slice" => {
                let lower = self.opt_field(node, "lower")?;
                let (upper, step) = (self.opt_field(node, "upper")?, self.opt_field(node, "step")?);
                ExprKind::Slice(self.arena.alloc(Slice { lower, upper, step }))
            }
            _ => return self.unexpected("expr", node),
        })
    }

    fn conversion(&mut self, node: &Value, class: &str) -> R<i32> {
        let value = self.need(node, class, "conversion")?;
        match self.int(&value)? {
            number @ (-1 | 97 | 114 | 115) => Ok(number),
            number => self.wrong(format!("{class} with invalid conversion {number}")),
        }
    }

    fn comparison(&mut self, node: &Value, class: &str) -> R<ExprKind<'a>> {
        let (ops, others) = (self.items(node, class, "ops")?, self.items(node, class, "comparators")?);
        if others.is_empty() {
            return self.wrong("Compare with no comparators");
        }
        if ops.len() != others.len() {
            return self.wrong("Compare has a different number of comparators and operands");
        }
        let ops = self.each(&ops, |it, op| {
            Ok(match it.class(op)?.as_str() {
                "Eq" => CmpOp::Eq,
                "NotEq" => CmpOp::NotEq,
                "Lt" => CmpOp::Lt,
                "LtE" => CmpOp::LtE,
                "Gt" => CmpOp::Gt,
                "GtE" => CmpOp::GtE,
                "Is" => CmpOp::Is,
                "IsNot" => CmpOp::IsNot,
                "In" => CmpOp::In,
                "NotIn" => CmpOp::NotIn,
                _ => return it.unexpected("cmpop", op),
            })
        })?;
        let left = self.field(node, class, "left")?;
        let comparators = self.expressions(&others, ExprContext::Load)?;
        Ok(ExprKind::Compare(self.arena.alloc(Compare { left, ops, comparators })))
    }

    fn comprehension(&mut self, node: &Value, class: &str) -> R<Ref<'a, Comp<'a>>> {
        let elt = self.field(node, class, "elt")?;
        let generators = self.generators(node, class)?;
        Ok(self.arena.alloc(Comp { elt, generators, scope: ScopeId::NONE }))
    }

    fn generators(&mut self, node: &Value, class: &str) -> R<Seq<'a, Comprehension<'a>>> {
        let items = self.items(node, class, "generators")?;
        if items.is_empty() {
            return self.wrong("comprehension with no generators");
        }
        self.each(&items, |it, value| {
            let is_async = it.need(value, "comprehension", "is_async")?;
            Ok(Comprehension {
                target: it.field_in(value, "comprehension", "target", ExprContext::Store)?,
                iter: it.field(value, "comprehension", "iter")?,
                ifs: it.fields(value, "comprehension", "ifs")?,
                is_async: it.int(&is_async)? != 0,
            })
        })
    }

    fn keywords(&mut self, node: &Value, class: &str) -> R<Seq<'a, Keyword<'a>>> {
        let items = self.items(node, class, "keywords")?;
        self.each(&items, |it, value| {
            Ok(Keyword {
                loc: it.place(value, "keyword")?,
                arg: it.opt_name(value, "arg")?,
                value: it.field(value, "keyword", "value")?,
            })
        })
    }

    fn arguments(&mut self, node: &Value) -> R<Arguments<'a>> {
        let class = "arguments";
        let [posonly, plain, only] =
            ["posonlyargs", "args", "kwonlyargs"].map(|it| self.items(node, class, it));
        let (posonly, plain, only) = (posonly?, plain?, only?);
        let (defaults, kw_defaults) =
            (self.items(node, class, "defaults")?, self.items(node, class, "kw_defaults")?);
        if defaults.len() > posonly.len() + plain.len() {
            return self.wrong("more positional defaults than args on arguments");
        }
        if only.len() != kw_defaults.len() {
            return self.wrong("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        let rest = |it: &mut Self, field: &str| -> R<Option<Ref<'a, Arg<'a>>>> {
            match it.opt(node, field)? {
                Some(value) => {
                    let read = it.argument(&value)?;
                    Ok(Some(it.arena.alloc(read)))
                }
                None => Ok(None),
            }
        };
        Ok(Arguments {
            posonlyargs: self.each(&posonly, Self::argument)?,
            args: self.each(&plain, Self::argument)?,
            vararg: rest(self, "vararg")?,
            kwonlyargs: self.each(&only, Self::argument)?,
            kw_defaults: self.optional_expressions(&kw_defaults)?,
            kwarg: rest(self, "kwarg")?,
            defaults: self.expressions(&defaults, ExprContext::Load)?,
        })
    }

    fn argument(&mut self, node: &Value) -> R<Arg<'a>> {
        Ok(Arg {
            loc: self.place(node, "arg")?,
            arg: self.need_name(node, "arg", "arg")?,
            annotation: self.opt_field(node, "annotation")?,
            type_comment: self.comment(node)?,
        })
    }

    fn type_params(&mut self, node: &Value, class: &str) -> R<Seq<'a, TypeParam<'a>>> {
        let items = self.items(node, class, "type_params")?;
        self.each(&items, |it, value| {
            let class = it.class(value)?;
            let kind = match class.as_str() {
                "TypeVar" => TypeParamKind::TypeVar { bound: it.opt_field(value, "bound")? },
                "ParamSpec" => TypeParamKind::ParamSpec,
                "TypeVarTuple" => TypeParamKind::TypeVarTuple,
                _ => return it.unexpected("type_param", value),
            };
            Ok(TypeParam {
                loc: it.place(value, "type_param")?,
                name: it.need_name(value, &class, "name")?,
                kind,
                default_value: it.opt_field(value, "default_value")?,
                bound_scope: ScopeId::NONE,
                default_scope: ScopeId::NONE,
            })
        })
    }

    fn constant(&self, value: &Value) -> R<Const<'a>> {
        if let Some(truth) = value.as_bool() {
            return Ok(if truth { Const::True } else { Const::False });
        }
        if value.is_none() {
            return Ok(Const::None);
        }
        if value.is(&ELLIPSIS) {
            return Ok(Const::Ellipsis);
        }
        let types = &self.vm.types;
        let exactly = |ty: &super::types::TypeRef| std::ptr::eq(self.vm.type_of(value), &raw const **ty);
        if exactly(&types.int) {
            return self.number(value);
        }
        if exactly(&types.float)
            && let Some(number) = self.vm.as_float(value)
        {
            return Ok(Const::Float(number));
        }
        if let Some(number) = value.get::<Complex>() {
            return Ok(Const::Complex(self.arena.alloc(ComplexLit { re: number.re, im: number.im })));
        }
        if exactly(&types.str) {
            return Ok(Const::Str(self.text(value)?));
        }
        if let Some(bytes) = value.get::<Bytes>() {
            return Ok(Const::Bytes(self.arena.alloc_slice_copy(&bytes.data)));
        }
        if let Some(tuple) = value.get::<Tuple>() {
            let items = tuple.items.iter().map(|it| self.constant(it)).collect::<R<Vec<_>>>()?;
            return Ok(Const::Tuple(self.arena.alloc_slice_fill_iter(items)));
        }
        if exactly(&types.frozenset) {
            let items = self.vm.collect(value)?;
            let items = items.iter().map(|it| self.constant(it)).collect::<R<Vec<_>>>()?;
            return Ok(Const::FrozenSet(self.arena.alloc_slice_fill_iter(items)));
        }
        let got = self.vm.type_name(value);
        Err(self.vm.type_error(format!("got an invalid type in Constant: {got}")))
    }

    fn number(&self, value: &Value) -> R<Const<'a>> {
        if let Some(number) = self.vm.as_i64(value) {
            return Ok(Const::Int(number));
        }
        let Some(number) = self.vm.as_big(value) else { return Err(Raised) };
        let digits = number.magnitude().to_u32_digits();
        let negative = number.sign() == num_bigint::Sign::Minus;
        let literal = BigIntLit { negative, digits: self.arena.alloc_slice_copy(&digits) };
        Ok(Const::BigInt(self.arena.alloc(literal)))
    }
}

impl Vm {
    /// Was the module imported?
    pub(super) fn has_module(&self, name: &str) -> bool {
        let modules = self.modules.clone();
        modules.get::<crate::object::Dict>().is_some_and(|it| it.get_name(self, &self.intern(name)).is_some())
    }

    /// Is it an instance of this class of `_ast`?
    pub(super) fn is_node(&self, value: &Value, class: &str) -> R<bool> {
        match self.builtin_module("_ast")? {
            Some(module) => self.is_instance(value, &self.get_attribute(&module, &self.intern(class))?),
            None => Ok(false),
        }
    }
}
