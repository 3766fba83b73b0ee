//! Interned identifiers.

/// An interned name (identifier, attribute, dotted module name, mangled name). Equal names of one
/// [`Interner`] have equal numbers, so comparing is comparing integers. Numbers are dense from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Name(pub u32);

impl Name {
    /// The dense number, for use as an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

macro_rules! well_known {
    ($($id:ident = $text:expr;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "enumerates the constants below")]
        enum Known { $($id,)* }
        const TEXTS: &[&str] = &[$($text,)*];
        /// Names that the compiler itself needs; every [`Interner`] starts with them.
        pub mod known {
            use super::{Known, Name};
            $(#[doc = concat!("`", $text, "`")] pub const $id: Name = Name(Known::$id as u32);)*
        }
    };
}

well_known! {
    EMPTY = "";
    ASSERTION_ERROR = "AssertionError";
    DUNDER_CLASS = "__class__";
    DUNDER_CLASSDICT = "__classdict__";
    DUNDER_CLASSDICTCELL = "__classdictcell__";
    DUNDER_CONDITIONAL_ANNOTATIONS = "__conditional_annotations__";
    DUNDER_ANNOTATIONS = "__annotations__";
    DUNDER_ANNOTATE = "__annotate__";
    DUNDER_ANNOTATE_FUNC = "__annotate_func__";
    DUNDER_DEBUG = "__debug__";
    DUNDER_DOC = "__doc__";
    DUNDER_FIRSTLINENO = "__firstlineno__";
    DUNDER_FUTURE = "__future__";
    DUNDER_MODULE = "__module__";
    DUNDER_NAME = "__name__";
    DUNDER_QUALNAME = "__qualname__";
    DUNDER_STATIC_ATTRIBUTES = "__static_attributes__";
    DUNDER_TYPE_PARAMS = "__type_params__";
    DUNDER_ORIG_BASES = "__orig_bases__";
    DOT_DEFAULTS = ".defaults";
    DOT_FORMAT = ".format";
    DOT_GENERIC_BASE = ".generic_base";
    DOT_KWDEFAULTS = ".kwdefaults";
    DOT_TYPE_PARAMS = ".type_params";
    DOT_ZERO = ".0";
    ANON_DICTCOMP = "<dictcomp>";
    ANON_GENEXPR = "<genexpr>";
    ANON_LAMBDA = "<lambda>";
    ANON_LISTCOMP = "<listcomp>";
    ANON_MODULE = "<module>";
    ANON_SETCOMP = "<setcomp>";
    LOCALS_PREFIX = "<locals>";
    UNDERSCORE = "_";
    STAR = "*";
    TOP = "top";
    ANNOTATION_BLOCK = "_annotation";
    DICTCOMP = "dictcomp";
    GENEXPR = "genexpr";
    LISTCOMP = "listcomp";
    SETCOMP = "setcomp";
    SUPER = "super";
    SELF = "self";
    ALL = "all";
    ANY = "any";
    LIST = "list";
    TUPLE = "tuple";
    SET = "set";
    ANNOTATIONS = "annotations";
    MATCH = "match";
    CASE = "case";
    TYPE = "type";
    RETURN = "return";
    FORMAT = "format";
    LAMBDA = "lambda";
    DUNDER_CLASSCELL = "__classcell__";
    JOIN = "join";
}

/// Maps names to dense numbers and back. One per worker, reset between files.
///
/// An open-addressing table of numbers; what a name is compared by is kept beside it. Names of up to
/// eight bytes, most of them, are compared as one integer, which is also what they are hashed from.
pub struct Interner {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// One more than the number of the name in the slot, or 0. The length is a power of two.
    table: Vec<u32>,
    /// How far to shift a hash to get a slot.
    shift: u32,
    /// Length of `bytes` with the well-known names only.
    known_bytes: usize,
    /// What the source needs the character database for.
    pub character_data: CharacterData,
}

/// What a source needs the character database for: CPython to 3.10 imports `unicodedata` then, whose names are
/// interned from that on.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct CharacterData {
    /// A string has `\N{…}`.
    pub by_name: bool,
    /// An identifier is not ASCII, so that its NFKC form is asked for.
    pub by_form: bool,
}

/// A name: where its text is, and what it is found by.
#[derive(Clone, Copy)]
struct Entry {
    /// The bytes themselves, if there are at most eight; else a hash of them.
    key: u64,
    /// The last eight bytes of nine to sixteen; else 0. Together with the key and the length they tell the text.
    last: u64,
    start: u32,
    length: u32,
}

/// How long a text can be that its key, its last bytes and its length tell: [`key_of_two`] can be undone.
const EXACT: usize = 16;

/// The last eight bytes of nine to sixteen.
#[inline]
fn last_of(text: &[u8]) -> u64 {
    let last = if (9..=EXACT).contains(&text.len()) { text.last_chunk() } else { None };
    last.map_or(0, |last| u64::from_le_bytes(*last))
}

/// Slots of an empty table.
const SLOTS: usize = 4096;

/// Multiplied by this, keys are spread over the high bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What an [`Interner`] finds a text of more than eight bytes by.
#[inline]
pub fn long_key(text: &[u8]) -> u64 {
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    let mut key = text.len() as u64;
    let mut rest = text;
    while rest.len() > 8 {
        let (head, tail) = rest.split_at(8);
        key = (key.rotate_left(23) ^ word(head)).wrapping_mul(SPREAD);
        rest = tail;
    }
    // The last eight bytes, some of them for the second time.
    (key.rotate_left(23) ^ word(&text[text.len() - 8..])).wrapping_mul(SPREAD)
}

/// The [`long_key`] of a text of nine to sixteen bytes, given as its first and its last eight.
#[inline(always)]
pub const fn key_of_two(length: usize, first: u64, last: u64) -> u64 {
    let key = ((length as u64).rotate_left(23) ^ first).wrapping_mul(SPREAD);
    (key.rotate_left(23) ^ last).wrapping_mul(SPREAD)
}

/// What an [`Interner`] finds a text by: the bytes as a little-endian number if there are at most eight, else
/// [`long_key`].
#[inline]
pub fn text_key(text: &[u8]) -> u64 {
    let part = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
    match text {
        _ if text.len() > 8 => long_key(text),
        // Two parts that may overlap.
        [_, _, _, _, ..] => part(text.first_chunk()) | part(text.last_chunk()) << (8 * (text.len() - 4)),
        [a, b, c] => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
        [a, b] => u64::from(*a) | u64::from(*b) << 8,
        [a] => u64::from(*a),
        [] => 0,
    }
}

impl Interner {
    /// An interner that holds the well-known names only.
    pub fn new() -> Self {
        let mut interner = Interner {
            bytes: Vec::new(),
            entries: Vec::new(),
            table: vec![0; SLOTS],
            shift: 64 - SLOTS.trailing_zeros(),
            known_bytes: 0,
            character_data: CharacterData::default(),
        };
        for text in TEXTS {
            interner.intern(text);
        }
        interner.known_bytes = interner.bytes.len();
        interner
    }

    /// Forgets all but the well-known names; memory is kept for reuse.
    pub fn reset(&mut self) {
        self.bytes.truncate(self.known_bytes);
        self.entries.truncate(TEXTS.len());
        self.character_data = CharacterData::default();
        self.rebuild(SLOTS);
    }

    /// The number of `text`, a new one where it was not seen before.
    pub fn intern(&mut self, text: &str) -> Name {
        self.intern_bytes(text.as_bytes(), text_key(text.as_bytes()))
    }

    /// The number of the text that `text` is in UTF-8; the caller vouches for the form.
    pub fn intern_utf8(&mut self, text: &[u8]) -> Name {
        self.intern_bytes(text, text_key(text))
    }

    /// The number of `text`, whose key is known: the bytes as a little-endian number if there are at most
    /// eight, else [`long_key`].
    #[inline]
    pub fn intern_keyed(&mut self, text: &[u8], key: u64) -> Name {
        self.intern_bytes(text, key)
    }

    /// The number of a text of this length, key and last bytes (of nine to sixteen; else 0), if that is easy to
    /// tell. Most names are short, were seen before, and stand in the first slot where they are looked for.
    #[inline(always)]
    pub fn recall(&self, key: u64, last: u64, length: u32) -> Option<Name> {
        let slot = (key.wrapping_mul(SPREAD) >> self.shift) as usize;
        let number = self.table.get(slot)?.wrapping_sub(1);
        let entry = self.entries.get(number as usize)?;
        let same = entry.key == key && entry.last == last && entry.length == length;
        (same && length as usize <= EXACT).then_some(Name(number))
    }

    #[inline(never)]
    fn intern_bytes(&mut self, text: &[u8], key: u64) -> Name {
        let mask = self.table.len() - 1;
        let mut slot = (key.wrapping_mul(SPREAD) >> self.shift) as usize;
        loop {
            let number = self.table[slot & mask];
            if number == 0 {
                return self.insert(text, key, slot & mask);
            }
            let entry = self.entries[number as usize - 1];
            if entry.key == key && self.has_text(entry, text) {
                return Name(number - 1);
            }
            slot += 1;
        }
    }

    #[inline]
    fn has_text(&self, entry: Entry, text: &[u8]) -> bool {
        entry.length as usize == text.len()
            && entry.last == last_of(text)
            && (text.len() <= EXACT || self.text(entry) == text)
    }

    #[inline]
    fn text(&self, entry: Entry) -> &[u8] {
        &self.bytes[entry.start as usize..(entry.start + entry.length) as usize]
    }

    fn insert(&mut self, text: &[u8], key: u64, slot: usize) -> Name {
        let number = self.entries.len() as u32;
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        self.entries.push(Entry { key, last: last_of(text), start, length: text.len() as u32 });
        self.table[slot] = number + 1;
        if self.entries.len() * 2 > self.table.len() {
            self.rebuild(self.table.len() * 2);
        }
        Name(number)
    }

    #[cold]
    fn rebuild(&mut self, slots: usize) {
        self.table.clear();
        self.table.resize(slots, 0);
        self.shift = 64 - slots.trailing_zeros();
        let mask = slots - 1;
        for (number, entry) in (1_u32..).zip(&self.entries) {
            let mut slot = (entry.key.wrapping_mul(SPREAD) >> self.shift) as usize;
            while self.table[slot & mask] != 0 {
                slot += 1;
            }
            self.table[slot & mask] = number;
        }
    }

    /// The number of `text`, if it was seen before.
    pub fn find(&self, text: &[u8]) -> Option<Name> {
        let key = text_key(text);
        let mask = self.table.len() - 1;
        let mut slot = (key.wrapping_mul(SPREAD) >> self.shift) as usize;
        loop {
            let number = self.table[slot & mask].checked_sub(1)?;
            let entry = self.entries[number as usize];
            if entry.key == key && self.has_text(entry, text) {
                return Some(Name(number));
            }
            slot += 1;
        }
    }

    /// How many names every interner starts with.
    pub const fn known_len() -> usize {
        TEXTS.len()
    }

    /// The text of `name`.
    pub fn get(&self, name: Name) -> &str {
        // Only whole `str`s are pushed, so every slice is valid UTF-8.
        std::str::from_utf8(self.bytes(name)).unwrap_or_default()
    }

    /// The UTF-8 of all names, one after the other.
    pub fn all_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The texts of all names but the well-known ones, in order.
    pub fn parsed(&self) -> impl Iterator<Item = &[u8]> {
        self.entries[TEXTS.len()..].iter().map(|&entry| self.text(entry))
    }

    /// Where in [`Interner::all_bytes`] all names are, in order.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = std::ops::Range<usize>> {
        self.entries.iter().map(|entry| entry.start as usize..(entry.start + entry.length) as usize)
    }

    /// What all names are found by, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = u64> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// Where in [`Interner::all_bytes`] `name` is.
    #[inline]
    pub fn span(&self, name: Name) -> std::ops::Range<usize> {
        let entry = self.entries[name.index()];
        entry.start as usize..(entry.start + entry.length) as usize
    }

    /// The [`text_key`] of `name`.
    #[inline]
    pub fn key(&self, name: Name) -> u64 {
        self.entries[name.index()].key
    }

    /// The UTF-8 of `name`.
    #[inline]
    pub fn bytes(&self, name: Name) -> &[u8] {
        self.text(self.entries[name.index()])
    }

    /// How many names there are; numbers run from 0 up to it.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Never: the well-known names are always there.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Default for Interner {
    fn default() -> Self {
        Interner::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_found_again() {
        let mut names = Interner::new();
        assert_eq!(names.intern("__doc__"), known::DUNDER_DOC);
        assert_eq!(names.intern(""), known::EMPTY);
        let texts: Vec<String> =
            (0..5000).map(|i| format!("{}{i}", &"abcdefghijklmnopqr"[..i % 18])).collect();
        let numbers: Vec<Name> = texts.iter().map(|text| names.intern(text)).collect();
        for (text, name) in texts.iter().zip(&numbers) {
            assert_eq!(names.get(*name), text);
            assert_eq!(names.find(text.as_bytes()), Some(*name));
            assert_eq!(names.intern_keyed(text.as_bytes(), text_key(text.as_bytes())), *name);
            let last = last_of(text.as_bytes());
            let recalled = names.recall(text_key(text.as_bytes()), last, text.len() as u32);
            assert!(recalled.is_none_or(|recalled| recalled == *name));
            if let (9..=16, Some(first), Some(last)) =
                (text.len(), text.as_bytes().first_chunk(), text.as_bytes().last_chunk())
            {
                let [first, last] = [first, last].map(|bytes| u64::from_le_bytes(*bytes));
                assert_eq!(key_of_two(text.len(), first, last), text_key(text.as_bytes()));
            }
        }
        assert_eq!(names.find(b"never seen"), None);
        names.reset();
        assert_eq!(names.len(), Interner::known_len());
        assert_eq!(names.find(texts[17].as_bytes()), None);
        assert_eq!(names.intern("__doc__"), known::DUNDER_DOC);
    }
}
