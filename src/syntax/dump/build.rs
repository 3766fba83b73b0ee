//! Trees as somebody else's objects: what `ast.parse` of a machine that runs programs gives.

use super::view::{Many, Node, Value};
use super::{DumpOptions, DumpStyle, Dumper, fields};
use crate::source::{self, FinalNewline, Location, SourceError, Warning};
use crate::syntax::{Mode, ParseOptions, parse, undecodable};
use crate::target::Target;
use crate::value::{Const, Interner, PyStr};
use bumpalo::Bump;

/// Makes objects of the parts of a tree.
pub trait Builder {
    /// An object.
    type Made;
    /// Why none could be made.
    type Error;

    /// A node of the class `name`, whose fields are given by their names, at a place where it has one.
    ///
    /// # Errors
    /// It cannot be made; building stops.
    fn node(
        &mut self,
        name: &'static str,
        fields: Vec<(&'static str, Self::Made)>,
        at: Option<Location>,
    ) -> Result<Self::Made, Self::Error>;
    /// An operator or a context: a node without fields or place.
    ///
    /// # Errors
    /// It cannot be made.
    fn word(&mut self, name: &'static str) -> Result<Self::Made, Self::Error>;
    /// A list.
    fn list(&mut self, items: Vec<Self::Made>) -> Self::Made;
    /// `None`
    fn none(&mut self) -> Self::Made;
    /// An int.
    fn int(&mut self, number: i32) -> Self::Made;
    /// A string.
    fn text(&mut self, text: PyStr<'_>) -> Self::Made;
    /// An identifier.
    fn name(&mut self, text: &str) -> Self::Made;
    /// The value of a constant.
    ///
    /// # Errors
    /// It cannot be made.
    fn constant(&mut self, value: &Const<'_>) -> Result<Self::Made, Self::Error>;
}

/// Why there is no tree.
pub enum Failed<E> {
    /// The source is wrong.
    Source(Box<SourceError>),
    /// The builder gave up.
    Builder(E),
}

/// Parses a source and builds its tree. What the compiler warns of goes to `warn`.
///
/// # Errors
/// See [`Failed`].
pub fn build<B: Builder>(
    bytes: &[u8],
    (target, mode, type_comments): (Target, Mode, bool),
    builder: &mut B,
    warn: impl FnOnce(&[Warning]),
) -> Result<B::Made, Failed<B::Error>> {
    let wrong = |error| Failed::Source(Box::new(error));
    let final_newline = if mode == Mode::Exec { FinalNewline::Add } else { FinalNewline::Keep };
    let decoded = source::decode_with(bytes, target, final_newline).map_err(wrong)?;
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    let options = ParseOptions { target, mode, type_comments };
    let parsed = parse(&arena, &mut names, &decoded.text, &options, &mut warnings);
    if let Some(error) = undecodable(&decoded, target, parsed.as_ref().err()) {
        return Err(wrong(error));
    }
    let tree = parsed.map_err(wrong)?;
    warn(&warnings);
    let options = DumpOptions {
        indent: None,
        annotate_fields: true,
        include_attributes: true,
        show_empty: true,
        style: DumpStyle::of(target),
        unicode: target.unicode(),
    };
    // Lays nodes out as the target knows them; it writes nothing.
    let mut nothing = String::new();
    let layout = Dumper { names: &names, options: &options, out: &mut nothing };
    Walk { layout: &layout, builder }.node(Node::Mod(&tree)).map_err(Failed::Builder)
}

struct Walk<'w, 'o, B> {
    layout: &'w Dumper<'o>,
    builder: &'w mut B,
}

impl<B: Builder> Walk<'_, '_, B> {
    fn node(&mut self, node: Node<'_, '_>) -> Result<B::Made, B::Error> {
        let view = self.layout.view(node);
        let mut made = Vec::with_capacity(view.facts.fields.len());
        for (field, value) in fields(&view, self.layout.options.style) {
            made.push((field.name, self.value(value)?));
        }
        self.builder.node(view.facts.name, made, view.loc)
    }

    fn value(&mut self, value: Value<'_, '_>) -> Result<B::Made, B::Error> {
        Ok(match value {
            Value::Absent | Value::None => self.builder.none(),
            Value::Node(node) => self.node(node)?,
            Value::Many(items) => self.many(items)?,
            Value::Int(number) => self.builder.int(number),
            Value::Name(name) => self.builder.name(self.layout.names.get(name)),
            Value::Str(text) => self.builder.text(text),
            Value::Const(value) => self.builder.constant(&value)?,
            Value::Word(word) => self.builder.word(word)?,
        })
    }

    fn many(&mut self, items: Many<'_, '_>) -> Result<B::Made, B::Error> {
        let mut made = Vec::with_capacity(items.len());
        for index in 0..items.len() {
            made.push(self.value(items.get(index))?);
        }
        Ok(self.builder.list(made))
    }
}
