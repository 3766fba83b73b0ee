//! From text to tree: lexer, AST, parser, version gates and messages.
//!
//! [`parse`] is the entrance. A valid program takes one pass: tokens are made on demand and nodes go
//! straight into the arena. When that pass fails, what CPython would say about the program is found by
//! a second, slower pass.

pub mod ast;
pub mod dump;
mod token;

pub use token::{Token, TokenKind};

use crate::source::{ExceptionKind, SourceError, Warning};
use crate::target::Target;
use crate::value::Interner;
use ast::Mod;
use bumpalo::Bump;

/// What a text is parsed as: `compile()`'s `mode`, and `func_type` of `ast.parse`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// A file.
    #[default]
    Exec,
    /// One expression.
    Eval,
    /// One statement, as at the prompt.
    Single,
    /// The signature of a type comment, `(int, str) -> bool`.
    FuncType,
}

/// How to parse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseOptions {
    /// Whose grammar, and whose messages.
    pub target: Target,
    /// What the text is.
    pub mode: Mode,
    /// Are `# type:` comments part of the tree? Otherwise they are comments like any other.
    pub type_comments: bool,
}

impl ParseOptions {
    /// A file, without type comments: what compiling wants.
    pub const fn exec(target: Target) -> Self {
        ParseOptions { target, mode: Mode::Exec, type_comments: false }
    }
}

/// Parses `text`: UTF-8 with `\n` newlines, without byte order mark, as [`crate::source`] makes it.
///
/// The tree borrows from the text where a literal stands in it as written, and lives in `arena`
/// otherwise. Warnings of the parser are appended to `warnings` in the order in which CPython issues
/// them (none on an error's account). The error is the one that CPython raises.
pub fn parse<'a>(
    _arena: &'a Bump,
    _names: &mut Interner,
    _text: &'a str,
    _options: &ParseOptions,
    _warnings: &mut Vec<Warning>,
) -> Result<Mod<'a>, SourceError> {
    Err(SourceError {
        kind: ExceptionKind::SyntaxError,
        message: "invalid syntax".to_owned(),
        lineno: None,
        offset: None,
        end_lineno: None,
        end_offset: None,
        text: None,
    })
}
