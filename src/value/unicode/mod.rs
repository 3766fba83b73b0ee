//! Properties of characters by version of Unicode, identifiers, and character names.
//!
//! The table knows, for every code point, in which versions it is assigned, printable (`str.isprintable`),
//! and a start or continuation of identifiers (`str.isidentifier`), from 12.1 (Python 3.8) to 17.0 (3.15). It
//! comes from the reference interpreters themselves. Normal forms of assigned characters never change, so
//! NFKC needs no version: what is not assigned in the target's version is no identifier to begin with.

mod names;
mod tables;
#[cfg(test)]
mod tests;

use crate::target::UnicodeVersion;
use std::borrow::Cow;
use tables::{BLOCK, BLOCKS, CLASSES, INDEX};
use unicode_normalization::UnicodeNormalization;

pub use names::character_named;

#[derive(Clone, Copy)]
enum Fact {
    Assigned = 0,
    Printable = 1,
    Start = 2,
    Continue = 3,
}

#[inline]
fn has(code: u32, fact: Fact, version: UnicodeVersion) -> bool {
    let Some(&block) = INDEX.get(code as usize / BLOCK) else { return false };
    let class = BLOCKS[usize::from(block) * BLOCK + code as usize % BLOCK];
    CLASSES[usize::from(class)][fact as usize] >> (version as u8) & 1 != 0
}

/// May an identifier start with `ch`?
#[inline]
pub fn is_identifier_start(ch: char, version: UnicodeVersion) -> bool {
    if ch.is_ascii() { ch.is_ascii_alphabetic() || ch == '_' } else { has(ch as u32, Fact::Start, version) }
}

/// May an identifier go on with `ch`?
#[inline]
pub fn is_identifier_continue(ch: char, version: UnicodeVersion) -> bool {
    if ch.is_ascii() {
        ch.is_ascii_alphanumeric() || ch == '_'
    } else {
        has(ch as u32, Fact::Continue, version)
    }
}

/// Is `text` an identifier (`str.isidentifier`)?
pub fn is_identifier(text: &str, version: UnicodeVersion) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| is_identifier_start(first, version))
        && chars.all(|ch| is_identifier_continue(ch, version))
}

/// The first character because of which `text`, of which all ASCII characters may stand in identifiers, is
/// no identifier: its offset in bytes, and itself.
pub fn identifier_error(text: &str, version: UnicodeVersion) -> Option<(usize, char)> {
    text.char_indices().find(|&(offset, ch)| match offset {
        0 => !is_identifier_start(ch, version),
        _ => !is_identifier_continue(ch, version),
    })
}

/// Is the character of code point `code` printable, that is, shown as itself by `repr`? Surrogates are not.
#[inline]
pub fn is_printable(code: u32, version: UnicodeVersion) -> bool {
    if code < 0x7F { code >= 0x20 } else { has(code, Fact::Printable, version) }
}

/// Is `code` an assigned code point?
#[inline]
pub fn is_assigned(code: u32, version: UnicodeVersion) -> bool {
    has(code, Fact::Assigned, version)
}

/// The name that the identifier `text` stands for: its NFKC form (PEP 3131).
pub fn normalize_identifier(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || unicode_normalization::is_nfkc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}
