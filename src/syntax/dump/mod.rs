//! The text that `ast.dump` makes of a tree (`Lib/ast.py`).
//!
//! [`facts`] says what nodes are made of, `view` lays any node out by it, and this module writes them. A
//! node goes on one line when it has at most three arguments and none of them has arguments of its own.

mod build;
mod facts;
#[cfg(test)]
mod tests;
mod view;

use super::ast::{Expr, ExprKind, Mod};
pub use super::gate::DumpStyle;
use crate::target::UnicodeVersion;
use crate::value::{Interner, repr};
use view::{Many, Node, Value, View, view};

pub use build::{Builder, Failed, build};
pub use facts::{FieldFacts, NodeFacts, Quantity as FieldQuantity};

/// How to write a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DumpOptions {
    /// Spaces for each level; `None` for one single line.
    pub indent: Option<usize>,
    /// `name=value`, or values alone where that is not ambiguous.
    pub annotate_fields: bool,
    /// Lines and columns too?
    pub include_attributes: bool,
    /// Empty lists too? (Fields that hold nothing are always left out.)
    pub show_empty: bool,
    /// What the target writes differently from others.
    pub style: DumpStyle,
    /// Decides which characters `repr` shows as they are.
    pub unicode: UnicodeVersion,
}

/// Appends the text of `tree`, without a newline at its end.
///
/// # Errors
/// What `repr` raises as `ValueError` for an integer of too many digits; `out` then ends somewhere.
pub fn dump(
    tree: &Mod<'_>,
    names: &Interner,
    options: &DumpOptions,
    out: &mut String,
) -> Result<(), &'static str> {
    Dumper { names, options, out }.node(Node::Mod(tree), 0)
}

/// Is it a slice, or several things of which one is a slice?
fn is_slice(expr: &Expr<'_>) -> bool {
    match &expr.kind {
        ExprKind::Slice(_) => true,
        ExprKind::Tuple { elts, .. } => elts.iter().any(|elt| matches!(elt.kind, ExprKind::Slice(_))),
        _ => false,
    }
}

struct Dumper<'o> {
    names: &'o Interner,
    options: &'o DumpOptions,
    out: &'o mut String,
}

const EMPTY_LIST: &str = "[]";

impl Dumper<'_> {
    fn value(&mut self, value: Value<'_, '_>, level: usize) -> Result<(), &'static str> {
        use std::fmt::Write;
        match value {
            Value::Absent | Value::None => self.out.push_str("None"),
            Value::Node(node) => self.node(node, level)?,
            Value::Many(items) => self.list(items, level)?,
            Value::Int(value) => {
                let _ = write!(self.out, "{value}");
            }
            Value::Name(name) => {
                repr::push_str(self.names.get(name).into(), self.options.unicode, self.out);
            }
            Value::Str(text) => repr::push_str(text, self.options.unicode, self.out),
            Value::Const(value) => repr::push_const(&value, self.options.unicode, self.out)?,
            Value::Word(word) => {
                self.out.push_str(word);
                self.out.push_str("()");
            }
        }
        Ok(())
    }

    fn list(&mut self, items: Many<'_, '_>, level: usize) -> Result<(), &'static str> {
        if items.len() == 0 {
            self.out.push_str(EMPTY_LIST);
            return Ok(());
        }
        self.out.push('[');
        for index in 0..items.len() {
            self.separate(index == 0, false, level + 1);
            self.value(items.get(index), level + 1)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn node(&mut self, node: Node<'_, '_>, level: usize) -> Result<(), &'static str> {
        let view = self.view(node);
        self.out.push_str(view.facts.name);
        self.out.push('(');
        let inline = self.options.indent.is_none() || self.is_inline(&view);
        let mut first = true;
        let mut named = self.options.annotate_fields;
        // What is left out for now, with nothing else than names being written once it is not at the end.
        let mut held_back: [&str; 7] = [""; 7];
        let mut held = 0;
        for (field, value) in fields(&view, self.options.style) {
            match value {
                // From here on a value alone would be taken for this field's.
                Value::Absent => {
                    named = true;
                    continue;
                }
                value => {
                    if let Some(text) = self.left_out(value) {
                        if !named {
                            held_back[held] = text;
                            held += 1;
                        }
                        continue;
                    }
                }
            }
            if !named {
                for text in &held_back[..std::mem::take(&mut held)] {
                    self.separate(first, inline, level + 1);
                    self.out.push_str(text);
                    first = false;
                }
            }
            self.separate(first, inline, level + 1);
            first = false;
            if named {
                self.out.push_str(field.name);
                self.out.push('=');
            }
            self.value(value, level + 1)?;
        }
        for (name, value) in self.attributes(&view) {
            self.separate(first, inline, level + 1);
            first = false;
            self.out.push_str(name);
            self.out.push('=');
            self.value(Value::Int(value), level + 1)?;
        }
        self.out.push(')');
        Ok(())
    }

    /// The text of a value that is only written where something follows that has no name.
    fn left_out(&self, value: Value<'_, '_>) -> Option<&'static str> {
        match value {
            _ if self.options.show_empty => None,
            Value::Many(items) if items.len() == 0 => Some(EMPTY_LIST),
            Value::Word("Load") if self.options.style.hides_load => Some("Load()"),
            _ => None,
        }
    }

    /// The node laid out as the target knows it.
    fn view<'t, 'a>(&self, node: Node<'t, 'a>) -> View<'t, 'a> {
        let mut view = view(node);
        let shape = self.options.style;
        let placed = match node {
            Node::Alias(_) => shape.alias_positions,
            Node::Keyword(_) => shape.keyword_positions,
            Node::Expr(expr) => shape.slice_positions || !is_slice(expr),
            _ => true,
        };
        if !placed {
            view.loc = None;
        }
        view.type_params &= shape.type_params;
        view
    }

    /// What stands before an argument or item.
    fn separate(&mut self, first: bool, inline: bool, level: usize) {
        match self.options.indent {
            Some(width) if !inline => {
                self.out.push_str(if first { "\n" } else { ",\n" });
                self.out.extend(std::iter::repeat_n(' ', width * level));
            }
            _ if first => {}
            _ => self.out.push_str(", "),
        }
    }

    fn attributes(&self, view: &View<'_, '_>) -> impl Iterator<Item = (&'static str, i32)> + use<> {
        view.loc
            .filter(|_| self.options.include_attributes)
            .map(|loc| {
                [
                    ("lineno", loc.line),
                    ("col_offset", loc.col),
                    ("end_lineno", loc.end_line),
                    ("end_col_offset", loc.end_col),
                ]
            })
            .into_iter()
            .flatten()
    }

    /// Does the node fit a line: at most three arguments, none of which has arguments?
    fn is_inline(&self, view: &View<'_, '_>) -> bool {
        self.arguments(view, |value| match value {
            Value::Node(node) => self.has_no_arguments(node),
            Value::Many(items) => items.len() == 0,
            _ => true,
        })
        .is_some_and(|count| count <= 3)
    }

    fn has_no_arguments(&self, node: Node<'_, '_>) -> bool {
        self.arguments(&self.view(node), |_| true) == Some(0)
    }

    /// How many arguments the node is written with; `None` when one of them is not `simple`.
    fn arguments(&self, view: &View<'_, '_>, simple: impl Fn(Value<'_, '_>) -> bool) -> Option<usize> {
        let mut count = self.attributes(view).count();
        let (mut named, mut held_back) = (self.options.annotate_fields, 0);
        for (_, value) in fields(view, self.options.style) {
            match value {
                Value::Absent => named = true,
                value if self.left_out(value).is_some() => held_back += usize::from(!named),
                value => {
                    if !named {
                        count += std::mem::take(&mut held_back);
                    }
                    if !simple(value) {
                        return None;
                    }
                    count += 1;
                }
            }
        }
        Some(count)
    }
}

/// Names and values of the fields that the target's nodes have.
fn fields<'v, 't, 'a>(
    view: &'v View<'t, 'a>,
    style: DumpStyle,
) -> impl Iterator<Item = (&'static FieldFacts, Value<'t, 'a>)> + use<'v, 't, 'a> {
    view.fields().filter(move |(field, _)| style.lazy_imports || field.name != "is_lazy")
}
