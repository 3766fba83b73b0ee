//! From text to tree: lexer, AST, parser, version gates and messages.
//!
//! [`parse`] is the entrance. A valid program takes one pass: tokens are made on demand and nodes go
//! straight into the arena. When that pass fails, what CPython would say about the program is found by
//! a second, slower pass.

pub mod ast;
pub mod dump;
mod error;
pub mod gate;
pub mod lexer;
mod messages;
mod parser;
#[cfg(test)]
mod tests;
mod token;
pub mod tokens;

pub use parser::{Fail, Failure};
pub use token::{StringFlags, Token, TokenKind};
pub use tokens::{Tokenized, tokenize, undecodable};

use crate::source::{SourceError, Warning};
use crate::target::Target;
use crate::value::Interner;
use ast::Mod;
use bumpalo::Bump;
use error::Origin;
use parser::Parser;

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

/// The exception as the target knows it: before 3.10, they did not say where their place ends, but what to write
/// for a `print` of Python 2.
pub fn as_raised(mut error: SourceError, target: Target) -> SourceError {
    let rules = gate::Rules::of(target);
    if rules.diagnosis != gate::Diagnosis::Peg {
        messages::legacy::hint(&mut error);
    }
    if !rules.error_ends {
        (error.end_lineno, error.end_offset) = (None, None);
    }
    error
}

/// Parses `text`: UTF-8 with `\n` newlines, without byte order mark, as [`crate::source`] makes it.
///
/// The tree borrows from the text where a literal stands in it as written, and lives in `arena`
/// otherwise. Warnings of the parser are appended to `warnings` in the order in which CPython issues
/// them. The error is the one that CPython raises; a text of 2 GiB or more, of which columns could not be
/// told, is refused.
pub fn parse<'a>(
    arena: &'a Bump,
    names: &mut Interner,
    text: &'a str,
    options: &ParseOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Mod<'a>, SourceError> {
    if i32::try_from(text.len()).is_err() {
        return Err(error::too_large());
    }
    let mut parser = Parser::new(arena, names, text, options);
    let parsed = parser.module(options.mode);
    warnings.append(&mut parser.lexer().warnings);
    match parsed {
        Ok(module) => Ok(module),
        Err(Fail) => {
            let error = error::explain(&mut parser, text, options, Origin::Program, warnings);
            Err(as_raised(error, options.target))
        }
    }
}
