//! Annotations back as text, for `from __future__ import annotations` (`Python/ast_unparse.c`).
//!
//! This is CPython's small unparser, not `ast.unparse`: it writes expressions only, with as few parentheses
//! as its precedence levels ask for. Lone surrogates in f-strings make the text generalised UTF-8.

mod strings;
#[cfg(test)]
mod tests;

use crate::compile::recipe::Infinities;
use crate::syntax::ast::{
    Arg, Arguments, BoolOperator, Call, CmpOp, Compare, Comprehension, Const, Dict, Expr, ExprKind, IfExp,
    Lambda, Operator, Slice, UnaryOperator,
};
use crate::target::UnicodeVersion;
use crate::value::{Interner, Name, repr};

/// How tightly an expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    /// `|`, and what a `*` takes.
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arith,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

/// The level above.
const fn above(level: Level) -> Level {
    match level {
        Level::Tuple => Level::Test,
        Level::Test => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Compare,
        Level::Compare => Level::BitOr,
        Level::BitOr => Level::BitXor,
        Level::BitXor => Level::BitAnd,
        Level::BitAnd => Level::Shift,
        Level::Shift => Level::Arith,
        Level::Arith => Level::Term,
        Level::Term => Level::Factor,
        Level::Factor => Level::Power,
        Level::Power => Level::Await,
        Level::Await | Level::Atom => Level::Atom,
    }
}

/// Why an annotation has no text: the message of a `ValueError`.
type Result<T = ()> = std::result::Result<T, &'static str>;

/// Appends the text of an annotation.
///
/// # Errors
/// For integers of more digits than Python converts to text: the message of its `ValueError`.
pub fn annotation(
    expr: &Expr<'_>,
    names: &Interner,
    unicode: UnicodeVersion,
    infinities: Infinities,
    out: &mut Vec<u8>,
) -> Result {
    let mut writer = Writer { names, unicode, infinities, out: std::mem::take(out), text: String::new() };
    let result = writer.expr(expr, Level::Test);
    *out = writer.out;
    result
}

struct Writer<'n> {
    names: &'n Interner,
    unicode: UnicodeVersion,
    infinities: Infinities,
    out: Vec<u8>,
    /// Scratch memory.
    text: String,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn name(&mut self, name: Name) {
        self.out.extend_from_slice(self.names.bytes(name));
    }

    /// Text in parentheses if `when`.
    fn parenthesised(&mut self, when: bool, write: impl FnOnce(&mut Self) -> Result) -> Result {
        if when {
            self.push("(");
        }
        write(self)?;
        if when {
            self.push(")");
        }
        Ok(())
    }

    /// Items with commas between.
    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result,
    ) -> Result {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item)?;
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr<'_>, level: Level) -> Result {
        match &expr.kind {
            ExprKind::BoolOp { op, values } => self.bool_op(*op, values, level),
            ExprKind::BinOp { left, op, right } => self.bin_op(left, *op, right, level),
            ExprKind::UnaryOp { op, operand } => self.unary_op(*op, operand, level),
            ExprKind::Lambda(node) => self.lambda(node, level),
            ExprKind::IfExp(node) => self.if_exp(node, level),
            ExprKind::Dict(node) => self.dict(node),
            ExprKind::Set { elts } => self.enclosed("{", elts, "}"),
            ExprKind::List { elts, .. } => self.enclosed("[", elts, "]"),
            ExprKind::GeneratorExp(node) => self.comprehension("(", node.elt, None, node.generators, ")"),
            ExprKind::ListComp(node) => self.comprehension("[", node.elt, None, node.generators, "]"),
            ExprKind::SetComp(node) => self.comprehension("{", node.elt, None, node.generators, "}"),
            ExprKind::DictComp(node) => self.comprehension(
                if node.value.is_some() { "{" } else { "{**" },
                node.key,
                node.value.as_deref(),
                node.generators,
                "}",
            ),
            ExprKind::Yield { value: None } => {
                self.push("(yield)");
                Ok(())
            }
            ExprKind::Yield { value: Some(value) } => self.yielded("(yield ", value),
            ExprKind::YieldFrom { value } => self.yielded("(yield from ", value),
            ExprKind::Await { value } => self.parenthesised(level > Level::Await, |w| {
                w.push("await ");
                w.expr(value, Level::Atom)
            }),
            ExprKind::Compare(node) => self.compare(node, level),
            ExprKind::Call(node) => self.call(node),
            ExprKind::Constant { value, kind } => self.constant(value, *kind),
            ExprKind::JoinedStr { values } => self.joined_str("f", values, false),
            ExprKind::TemplateStr { values } => self.joined_str("t", values, false),
            ExprKind::FormattedValue(node) => self.formatted_value(node),
            ExprKind::Interpolation(node) => self.interpolation(node),
            ExprKind::Attribute { value, attr, .. } => self.attribute(value, *attr),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, Level::Atom)?;
                self.push("[");
                self.expr(slice, Level::Tuple)?;
                self.push("]");
                Ok(())
            }
            ExprKind::Starred { value, .. } => {
                self.push("*");
                self.expr(value, Level::BitOr)
            }
            ExprKind::Name { id, .. } => {
                self.name(*id);
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => self.tuple(elts, level),
            ExprKind::Slice(node) => self.slice(node),
            ExprKind::NamedExpr { target, value } => self.parenthesised(level > Level::Tuple, |w| {
                w.expr(target, Level::Atom)?;
                w.push(" := ");
                w.expr(value, Level::Atom)
            }),
        }
    }

    fn bool_op(&mut self, op: BoolOperator, values: &[Expr<'_>], level: Level) -> Result {
        let (text, own) = match op {
            BoolOperator::And => (" and ", Level::And),
            BoolOperator::Or => (" or ", Level::Or),
        };
        self.parenthesised(level > own, |w| {
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    w.push(text);
                }
                w.expr(value, above(own))?;
            }
            Ok(())
        })
    }

    fn bin_op(&mut self, left: &Expr<'_>, op: Operator, right: &Expr<'_>, level: Level) -> Result {
        let (text, own) = match op {
            Operator::Add => (" + ", Level::Arith),
            Operator::Sub => (" - ", Level::Arith),
            Operator::Mult => (" * ", Level::Term),
            Operator::MatMult => (" @ ", Level::Term),
            Operator::Div => (" / ", Level::Term),
            Operator::Mod => (" % ", Level::Term),
            Operator::FloorDiv => (" // ", Level::Term),
            Operator::LShift => (" << ", Level::Shift),
            Operator::RShift => (" >> ", Level::Shift),
            Operator::BitOr => (" | ", Level::BitOr),
            Operator::BitXor => (" ^ ", Level::BitXor),
            Operator::BitAnd => (" & ", Level::BitAnd),
            Operator::Pow => (" ** ", Level::Power),
        };
        let from_right = op == Operator::Pow;
        self.parenthesised(level > own, |w| {
            w.expr(left, if from_right { above(own) } else { own })?;
            w.push(text);
            w.expr(right, if from_right { own } else { above(own) })
        })
    }

    fn unary_op(&mut self, op: UnaryOperator, operand: &Expr<'_>, level: Level) -> Result {
        let (text, own) = match op {
            UnaryOperator::Invert => ("~", Level::Factor),
            UnaryOperator::Not => ("not ", Level::Not),
            UnaryOperator::UAdd => ("+", Level::Factor),
            UnaryOperator::USub => ("-", Level::Factor),
        };
        self.parenthesised(level > own, |w| {
            w.push(text);
            w.expr(operand, own)
        })
    }

    fn lambda(&mut self, node: &Lambda<'_>, level: Level) -> Result {
        self.parenthesised(level > Level::Test, |w| {
            // CPython looks for positional parameters only.
            let positional = node.args.args.len() + node.args.posonlyargs.len() > 0;
            w.push(if positional { "lambda " } else { "lambda" });
            w.arguments(&node.args)?;
            w.push(": ");
            w.expr(node.body, Level::Test)
        })
    }

    fn arguments(&mut self, args: &Arguments<'_>) -> Result {
        let mut first = true;
        let positional = args.posonlyargs.len() + args.args.len();
        let without_default = positional.saturating_sub(args.defaults.len());
        for (index, arg) in args.posonlyargs.iter().chain(args.args.iter()).enumerate() {
            self.argument(&mut first, "", Some(arg))?;
            if index >= without_default
                && let Some(default) = args.defaults.get(index - without_default)
            {
                self.push("=");
                self.expr(default, Level::Test)?;
            }
            if index + 1 == args.posonlyargs.len() {
                self.push(", /");
            }
        }
        if args.vararg.is_some() || !args.kwonlyargs.is_empty() {
            self.argument(&mut first, "*", args.vararg.as_deref())?;
        }
        for (index, arg) in args.kwonlyargs.iter().enumerate() {
            self.argument(&mut first, "", Some(arg))?;
            if let Some(Some(default)) = args.kw_defaults.get(index) {
                self.push("=");
                self.expr(default, Level::Test)?;
            }
        }
        if let Some(kwarg) = &args.kwarg {
            self.argument(&mut first, "**", Some(kwarg))?;
        }
        Ok(())
    }

    fn argument(&mut self, first: &mut bool, star: &str, arg: Option<&Arg<'_>>) -> Result {
        if !std::mem::replace(first, false) {
            self.push(", ");
        }
        self.push(star);
        if let Some(arg) = arg {
            self.name(arg.arg);
            if let Some(annotation) = &arg.annotation {
                self.push(": ");
                self.expr(annotation, Level::Test)?;
            }
        }
        Ok(())
    }

    fn if_exp(&mut self, node: &IfExp<'_>, level: Level) -> Result {
        self.parenthesised(level > Level::Test, |w| {
            w.expr(node.body, above(Level::Test))?;
            w.push(" if ");
            w.expr(node.test, above(Level::Test))?;
            w.push(" else ");
            w.expr(node.orelse, Level::Test)
        })
    }

    fn dict(&mut self, node: &Dict<'_>) -> Result {
        self.push("{");
        self.list(node.keys.iter().zip(node.values.iter()), |w, (key, value)| match key {
            Some(key) => {
                w.expr(key, Level::Test)?;
                w.push(": ");
                w.expr(value, Level::Test)
            }
            None => {
                w.push("**");
                w.expr(value, Level::BitOr)
            }
        })?;
        self.push("}");
        Ok(())
    }

    fn enclosed(&mut self, open: &str, elts: &[Expr<'_>], close: &str) -> Result {
        self.push(open);
        self.list(elts, |w, elt| w.expr(elt, Level::Test))?;
        self.push(close);
        Ok(())
    }

    fn tuple(&mut self, elts: &[Expr<'_>], level: Level) -> Result {
        if elts.is_empty() {
            self.push("()");
            return Ok(());
        }
        self.parenthesised(level > Level::Tuple, |w| {
            w.list(elts, |w, elt| w.expr(elt, Level::Test))?;
            if elts.len() == 1 {
                w.push(",");
            }
            Ok(())
        })
    }

    fn comprehension(
        &mut self,
        open: &str,
        elt: &Expr<'_>,
        value: Option<&Expr<'_>>,
        generators: &[Comprehension<'_>],
        close: &str,
    ) -> Result {
        self.push(open);
        self.expr(elt, Level::Test)?;
        if let Some(value) = value {
            self.push(": ");
            self.expr(value, Level::Test)?;
        }
        for generator in generators {
            self.push(if generator.is_async { " async for " } else { " for " });
            self.expr(generator.target, Level::Tuple)?;
            self.push(" in ");
            self.expr(generator.iter, above(Level::Test))?;
            for test in generator.ifs.iter() {
                self.push(" if ");
                self.expr(test, above(Level::Test))?;
            }
        }
        self.push(close);
        Ok(())
    }

    fn yielded(&mut self, open: &str, value: &Expr<'_>) -> Result {
        self.push(open);
        self.expr(value, Level::Test)?;
        self.push(")");
        Ok(())
    }

    fn compare(&mut self, node: &Compare<'_>, level: Level) -> Result {
        self.parenthesised(level > Level::Compare, |w| {
            w.expr(node.left, above(Level::Compare))?;
            for (op, right) in node.ops.iter().zip(node.comparators.iter()) {
                w.push(match op {
                    CmpOp::Eq => " == ",
                    CmpOp::NotEq => " != ",
                    CmpOp::Lt => " < ",
                    CmpOp::LtE => " <= ",
                    CmpOp::Gt => " > ",
                    CmpOp::GtE => " >= ",
                    CmpOp::Is => " is ",
                    CmpOp::IsNot => " is not ",
                    CmpOp::In => " in ",
                    CmpOp::NotIn => " not in ",
                });
                w.expr(right, above(Level::Compare))?;
            }
            Ok(())
        })
    }

    fn call(&mut self, node: &Call<'_>) -> Result {
        self.expr(node.func, Level::Atom)?;
        if let ([argument @ Expr { kind: ExprKind::GeneratorExp(_), .. }], []) =
            (&*node.args, &*node.keywords)
        {
            // It brings its own parentheses.
            return self.expr(argument, Level::Test);
        }
        self.push("(");
        self.list(node.args.iter(), |w, argument| w.expr(argument, Level::Test))?;
        for (index, keyword) in node.keywords.iter().enumerate() {
            if index > 0 || !node.args.is_empty() {
                self.push(", ");
            }
            match keyword.arg {
                Some(name) => {
                    self.name(name);
                    self.push("=");
                }
                None => self.push("**"),
            }
            self.expr(keyword.value, Level::Test)?;
        }
        self.push(")");
        Ok(())
    }

    fn constant(&mut self, value: &Const<'_>, unicode_prefix: bool) -> Result {
        if let Const::Ellipsis = value {
            self.push("...");
            return Ok(());
        }
        if unicode_prefix {
            self.push("u");
        }
        self.constant_value(value)
    }

    fn constant_value(&mut self, value: &Const<'_>) -> Result {
        if let Const::Tuple(items) = value {
            self.push("(");
            self.list(items.iter(), |w, item| w.constant_value(item))?;
            self.push(if items.len() == 1 { ",)" } else { ")" });
            return Ok(());
        }
        self.text.clear();
        repr::push_const(value, self.unicode, &mut self.text)?;
        let text = if self.infinities == Infinities::AsLiteral && may_be_infinite(value) {
            // A number that the parser reads as infinity.
            self.text.replace("inf", "1e309")
        } else {
            std::mem::take(&mut self.text)
        };
        self.push(&text);
        self.text = text;
        Ok(())
    }

    fn attribute(&mut self, value: &Expr<'_>, attr: Name) -> Result {
        self.expr(value, Level::Atom)?;
        let is_int = matches!(value.kind, ExprKind::Constant { value: Const::Int(_) | Const::BigInt(_), .. });
        self.push(if is_int { " ." } else { "." });
        self.name(attr);
        Ok(())
    }

    fn slice(&mut self, node: &Slice<'_>) -> Result {
        if let Some(lower) = &node.lower {
            self.expr(lower, Level::Test)?;
        }
        self.push(":");
        if let Some(upper) = &node.upper {
            self.expr(upper, Level::Test)?;
        }
        if let Some(step) = &node.step {
            self.push(":");
            self.expr(step, Level::Test)?;
        }
        Ok(())
    }
}

fn may_be_infinite(value: &Const<'_>) -> bool {
    match value {
        Const::Float(value) => value.is_infinite(),
        Const::Complex(_) => true,
        _ => false,
    }
}
