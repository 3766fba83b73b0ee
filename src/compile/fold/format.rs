//! `'…' % (…)` as an f-string, where that means the same (`optimize_format`).

use super::walk::{Folder, placeholder};
use crate::source::Location;
use crate::syntax::ast::{Const, Expr, ExprKind, FormattedValue};
use crate::value::PyStr;
use bumpalo::collections::Vec as BumpVec;

/// Widths and precisions have fewer digits than this.
const MAX_DIGITS: usize = 3;

/// A part of a format string.
enum Piece<'f> {
    /// Text, with `%%` still doubled.
    Literal(&'f [u8]),
    /// `%s`, `%r` or `%a`.
    Conversion(Conversion),
}

#[derive(Clone, Copy)]
struct Conversion {
    letter: u8,
    left: bool,
    width: Option<u32>,
    precision: Option<u32>,
}

/// The parts of a format string; an error where it has something that f-strings do not have.
struct Pieces<'f> {
    rest: &'f [u8],
}

struct Unsupported;

impl<'f> Iterator for Pieces<'f> {
    type Item = Result<Piece<'f>, Unsupported>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            match (self.rest.get(end), self.rest.get(end + 1)) {
                (Some(b'%'), Some(b'%')) => end += 2,
                (Some(b'%') | None, _) => break,
                _ => end += 1,
            }
        }
        if end > 0 {
            let (literal, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(Ok(Piece::Literal(literal)));
        }
        self.rest = &self.rest[1..];
        Some(self.conversion().map(Piece::Conversion).ok_or(Unsupported))
    }
}

impl Pieces<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// What follows a `%`.
    fn conversion(&mut self) -> Option<Conversion> {
        let mut left = false;
        let mut byte = self.byte()?;
        while matches!(byte, b'-' | b'+' | b' ' | b'#' | b'0') {
            left |= byte == b'-';
            byte = self.byte()?;
        }
        let width = if byte.is_ascii_digit() { Some(self.number(&mut byte)?) } else { None };
        let mut precision = None;
        if byte == b'.' {
            byte = self.byte()?;
            precision = Some(self.number(&mut byte)?);
        }
        matches!(byte, b's' | b'r' | b'a').then_some(Conversion { letter: byte, left, width, precision })
    }

    fn number(&mut self, byte: &mut u8) -> Option<u32> {
        let mut value = 0;
        let mut digits = 0;
        while byte.is_ascii_digit() {
            value = value * 10 + u32::from(*byte - b'0');
            *byte = self.byte()?;
            digits += 1;
            if digits >= MAX_DIGITS {
                return None;
            }
        }
        Some(value)
    }
}

impl<'a> Folder<'a, '_> {
    /// Makes an f-string of a constant string `%` a tuple display; says whether the operands are such, so that
    /// nothing else is to be tried.
    pub(super) fn format(&mut self, expr: &mut Expr<'a>) -> bool {
        let ExprKind::BinOp { left, right, .. } = &mut expr.kind else { return false };
        let ExprKind::Constant { value: Const::Str(format), .. } = left.kind else { return false };
        let ExprKind::Tuple { elts, .. } = &mut right.kind else { return false };
        if elts.iter().any(|elt| matches!(elt.kind, ExprKind::Starred { .. })) {
            return false;
        }
        let mut pieces = 0;
        let mut conversions = 0;
        for piece in (Pieces { rest: format.as_bytes() }) {
            pieces += 1;
            match piece {
                Ok(Piece::Literal(_)) => {}
                Ok(Piece::Conversion(_)) => conversions += 1,
                Err(Unsupported) => return true,
            }
        }
        if conversions != elts.len() {
            return true;
        }
        let mut values = BumpVec::with_capacity_in(pieces, self.arena);
        let mut args = elts.iter_mut();
        for piece in (Pieces { rest: format.as_bytes() }).flatten() {
            match piece {
                Piece::Literal(text) => values.push(self.text(text)),
                Piece::Conversion(conversion) => {
                    if let Some(arg) = args.next() {
                        values.push(self.formatted(std::mem::replace(arg, placeholder()), conversion));
                    }
                }
            }
        }
        expr.kind = ExprKind::JoinedStr { values: values.into_bump_slice_mut() };
        true
    }

    fn text(&self, text: &[u8]) -> Expr<'a> {
        let mut bytes = BumpVec::with_capacity_in(text.len(), self.arena);
        let mut percent = false;
        for &byte in text {
            percent = byte == b'%' && !percent;
            if !percent {
                bytes.push(byte);
            }
        }
        // Of a single character this can only be `%%`.
        let text = if bytes.len() == 1 && text.len() == 2 {
            PyStr::folded_percent()
        } else {
            PyStr::from_bytes(bytes.into_bump_slice())
        };
        string(text)
    }

    fn formatted(&self, value: Expr<'a>, conversion: Conversion) -> Expr<'a> {
        let mut spec = BumpVec::new_in(self.arena);
        if let Some(width) = conversion.width {
            if width > 0 && !conversion.left {
                spec.push(b'>');
            }
            spec.extend_from_slice(width.to_string().as_bytes());
        }
        if let Some(precision) = conversion.precision {
            spec.push(b'.');
            spec.extend_from_slice(precision.to_string().as_bytes());
        }
        let format_spec = match spec.is_empty() {
            true => None,
            false => Some(self.arena.alloc(string(PyStr::from_bytes(spec.into_bump_slice())))),
        };
        let loc = value.loc;
        let conversion = i32::from(conversion.letter);
        let value = self.arena.alloc(value);
        let node = self.arena.alloc(FormattedValue { value, conversion, format_spec });
        Expr { loc, kind: ExprKind::FormattedValue(node) }
    }
}

/// A string that stands nowhere in the source.
fn string(text: PyStr<'_>) -> Expr<'_> {
    Expr { loc: Location::NONE, kind: ExprKind::Constant { value: Const::Str(text), kind: false } }
}
