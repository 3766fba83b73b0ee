//! `str`: characters in 1, 2 or 4 bytes each, whichever the largest needs.
#![expect(unsafe_code, reason = "bytes that are known to be ASCII are UTF-8")]

use super::Packed;
use crate::value::Value;
use pyrsc::value::PyStr;
use std::borrow::Cow;
use std::cell::Cell;

/// The text of a `str`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Text {
    /// Only characters below U+0080.
    Ascii(Packed),
    /// Characters below U+0100.
    Latin(Packed),
    /// Characters below U+10000.
    Two(Box<[u16]>),
    /// Any characters.
    Four(Box<[u32]>),
}

/// A `str`.
pub struct Str {
    /// Its characters, in the narrowest form.
    pub text: Text,
    /// `hash()`; 0 where it is not known yet.
    pub hash: Cell<i64>,
    /// Is it the one string with this text that names are compared with by identity?
    pub interned: Cell<bool>,
}

impl Str {
    /// The string with these characters.
    pub fn new(text: Text) -> Str {
        Str { text, hash: Cell::new(0), interned: Cell::new(false) }
    }

    /// The string with these code points.
    pub fn from_points(points: &[u32]) -> Str {
        let top = points.iter().fold(0, |top, &point| top | point);
        Str::new(if top < 0x80 {
            Text::Ascii(points.iter().map(|&point| point as u8).collect())
        } else if top < 0x100 {
            Text::Latin(points.iter().map(|&point| point as u8).collect())
        } else if top < 0x10000 {
            Text::Two(points.iter().map(|&point| point as u16).collect())
        } else {
            Text::Four(points.into())
        })
    }

    /// The string whose generalised UTF-8 this is.
    pub fn from_utf8(text: &[u8]) -> Str {
        if text.is_ascii() {
            return Str::new(Text::Ascii(text.into()));
        }
        let points: Vec<u32> = PyStr::from_bytes(text).code_points().collect();
        Str::from_points(&points)
    }

    /// How many characters it has.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.text {
            Text::Ascii(text) | Text::Latin(text) => text.len(),
            Text::Two(text) => text.len(),
            Text::Four(text) => text.len(),
        }
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code point at `index`.
    #[inline]
    pub fn at(&self, index: usize) -> Option<u32> {
        match &self.text {
            Text::Ascii(text) | Text::Latin(text) => text.get(index).map(|&point| point.into()),
            Text::Two(text) => text.get(index).map(|&point| point.into()),
            Text::Four(text) => text.get(index).copied(),
        }
    }

    /// Its bytes, where all characters are ASCII.
    #[inline]
    pub fn ascii(&self) -> Option<&str> {
        match &self.text {
            // SAFETY: the variant says that the bytes are ASCII.
            Text::Ascii(text) => Some(unsafe { std::str::from_utf8_unchecked(text) }),
            _ => None,
        }
    }

    /// Its code points.
    pub fn points(&self) -> Vec<u32> {
        match &self.text {
            Text::Ascii(text) | Text::Latin(text) => text.iter().map(|&point| point.into()).collect(),
            Text::Two(text) => text.iter().map(|&point| point.into()).collect(),
            Text::Four(text) => text.to_vec(),
        }
    }

    /// As UTF-8; a lone surrogate becomes `?`.
    pub fn to_str(&self) -> Cow<'_, str> {
        match self.ascii() {
            Some(text) => Cow::Borrowed(text),
            None => {
                Cow::Owned(self.points().iter().map(|&point| char::from_u32(point).unwrap_or('?')).collect())
            }
        }
    }

    /// As generalised UTF-8: a lone surrogate is three bytes.
    pub fn to_utf8(&self) -> Cow<'_, [u8]> {
        match &self.text {
            Text::Ascii(text) => Cow::Borrowed(text),
            _ => {
                let mut out = Vec::with_capacity(self.len() * 2);
                for point in self.points() {
                    push_utf8(point, &mut out);
                }
                Cow::Owned(out)
            }
        }
    }

    /// Have the two the same characters?
    pub fn equals(&self, other: &Str) -> bool {
        self.text == other.text
    }
}

/// Are both values strings of the same characters?
pub fn same(a: &Value, b: &Value) -> bool {
    match (a.get::<Str>(), b.get::<Str>()) {
        (Some(a), Some(b)) => !(a.interned.get() && b.interned.get()) && a.equals(b),
        _ => false,
    }
}

/// Writes a code point as generalised UTF-8.
pub fn push_utf8(point: u32, out: &mut Vec<u8>) {
    match char::from_u32(point) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(&[
            0xE0 | (point >> 12) as u8,
            0x80 | (point >> 6 & 0x3F) as u8,
            0x80 | (point & 0x3F) as u8,
        ]),
    }
}
