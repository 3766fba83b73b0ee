//! Interned identifiers.

use rustc_hash::FxHasher;
use std::hash::Hasher;

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
pub struct Interner {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    hashes: Vec<u32>,
    table: hashbrown::HashTable<u32>,
}

fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let wide = hasher.finish();
    (wide >> 32) as u32 ^ wide as u32
}

impl Interner {
    /// An interner that holds the well-known names only.
    pub fn new() -> Self {
        let mut interner = Interner {
            bytes: Vec::new(),
            ends: Vec::new(),
            hashes: Vec::new(),
            table: hashbrown::HashTable::new(),
        };
        interner.reset();
        interner
    }

    /// Forgets all but the well-known names; memory is kept for reuse.
    pub fn reset(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.hashes.clear();
        self.table.clear();
        for text in TEXTS {
            self.intern(text);
        }
    }

    /// The number of `text`, a new one where it was not seen before.
    pub fn intern(&mut self, text: &str) -> Name {
        let text = text.as_bytes();
        let hash = hash(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(&found) =
            self.table.find(u64::from(hash) << 32 | u64::from(hash), |&i| slice(bytes, ends, i) == text)
        {
            return Name(found);
        }
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(u64::from(hash) << 32 | u64::from(hash), number, |&i| {
            let hash = hashes[i as usize];
            u64::from(hash) << 32 | u64::from(hash)
        });
        Name(number)
    }

    /// The number of `text`, if it was seen before.
    pub fn find(&self, text: &[u8]) -> Option<Name> {
        let hash = u64::from(hash(text));
        self.table.find(hash << 32 | hash, |&i| slice(&self.bytes, &self.ends, i) == text).map(|&i| Name(i))
    }

    /// How many names every interner starts with.
    pub const fn known_len() -> usize {
        TEXTS.len()
    }

    /// The text of `name`.
    pub fn get(&self, name: Name) -> &str {
        // Only whole `str`s are pushed, so every slice is valid UTF-8.
        std::str::from_utf8(slice(&self.bytes, &self.ends, name.0)).unwrap_or_default()
    }

    /// The UTF-8 of `name`.
    pub fn bytes(&self, name: Name) -> &[u8] {
        slice(&self.bytes, &self.ends, name.0)
    }

    /// How many names there are; numbers run from 0 up to it.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never: the well-known names are always there.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl Default for Interner {
    fn default() -> Self {
        Interner::new()
    }
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], number: u32) -> &'a [u8] {
    let end = ends[number as usize] as usize;
    let start = if number == 0 { 0 } else { ends[number as usize - 1] as usize };
    &bytes[start..end]
}
