//! A borrowed Python `str`.

/// A borrowed Python `str`: UTF-8 in which lone surrogates (U+D800…U+DFFF) stand as three-byte sequences
/// of their own, which is what CPython's `"utf-8"` codec with `"surrogatepass"` writes and what marshal
/// stores. A high and a low surrogate next to each other stay two sequences; they are never joined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PyStr<'a>(&'a [u8]);

/// A static has an address of its own, which tells it from other strings of the same text.
static FOLDED_PERCENT: [u8; 1] = *b"%";

impl<'a> PyStr<'a> {
    /// The string whose generalised UTF-8 is `bytes`. The caller vouches for the form.
    pub const fn from_bytes(bytes: &'a [u8]) -> Self {
        PyStr(bytes)
    }

    /// The `'%'` that folding makes of `'%%'`: CPython has one object for each string of one Latin-1 character,
    /// but `str.replace` makes another one, and marshal shows the difference.
    pub const fn folded_percent() -> PyStr<'static> {
        PyStr(&FOLDED_PERCENT)
    }

    /// Is this [`PyStr::folded_percent`], and not just any `'%'`?
    pub fn is_folded_percent(self) -> bool {
        std::ptr::eq(self.0.as_ptr(), FOLDED_PERCENT.as_ptr()) && self.0.len() == FOLDED_PERCENT.len()
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

    /// The number of characters; a surrogate is one.
    pub fn len_chars(self) -> usize {
        self.0.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
    }

    /// The code points, surrogates included.
    pub fn code_points(self) -> impl Iterator<Item = u32> + 'a {
        self.char_slices().map(|bytes| match *bytes {
            [a] => u32::from(a),
            [a, b] => u32::from(a & 0x1F) << 6 | u32::from(b & 0x3F),
            [a, b, c] => u32::from(a & 0xF) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F),
            [a, b, c, d] => {
                u32::from(a & 7) << 18
                    | u32::from(b & 0x3F) << 12
                    | u32::from(c & 0x3F) << 6
                    | u32::from(d & 0x3F)
            }
            _ => 0xFFFD,
        })
    }

    /// The bytes of each character.
    pub fn char_slices(self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let length = match rest.first()? {
                0..0xC0 => 1,
                0xC0..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            let (character, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            Some(character)
        })
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
