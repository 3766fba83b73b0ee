//! A borrowed Python `str`.

/// A borrowed Python `str`: UTF-8 in which lone surrogates (U+D800…U+DFFF) stand as three-byte sequences
/// of their own, which is what CPython's `"utf-8"` codec with `"surrogatepass"` writes and what marshal
/// stores. A high and a low surrogate next to each other stay two sequences; they are never joined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PyStr<'a>(&'a [u8]);

impl<'a> PyStr<'a> {
    /// The string whose generalised UTF-8 is `bytes`. The caller vouches for the form.
    pub const fn from_bytes(bytes: &'a [u8]) -> Self {
        PyStr(bytes)
    }

    /// The generalised UTF-8.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, where it has no lone surrogate.
    pub fn to_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// Has it no characters?
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Is every character below U+0080?
    pub fn is_ascii(self) -> bool {
        self.0.is_ascii()
    }
}

impl<'a> From<&'a str> for PyStr<'a> {
    fn from(text: &'a str) -> Self {
        PyStr(text.as_bytes())
    }
}

impl std::fmt::Debug for PyStr<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.0))
    }
}
