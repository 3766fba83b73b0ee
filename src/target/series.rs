//! Magic numbers: which release wrote a `.pyc`.

use super::form::Form;
use super::{OpTable, Target, Version, facts, generated};

/// How the opcodes of files with a magic number relate to those of the series' final releases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opcodes {
    /// They are these.
    Final,
    /// An alpha's or beta's, but the same.
    Same,
    /// An alpha's or beta's, and some differ.
    Other,
    /// Another implementation's.
    Own,
}

/// What is known of the files with a magic number, targets or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Series {
    /// The first two bytes of a `.pyc`, little-endian.
    pub magic: u16,
    /// `3.13`
    pub name: &'static str,
    /// The first release that wrote it: `3.13b1`.
    pub since: &'static str,
    /// `CPython`, `PyPy`, …
    pub implementation: &'static str,
    /// Which opcodes its code has.
    pub opcodes: Opcodes,
    /// What the files are like; `None` where that is not known.
    pub form: Option<&'static Form>,
    /// Rounds of SipHash for the hash of sources: per block, at the end; 0 before 3.7.
    pub siphash: (u8, u8),
}

impl Opcodes {
    /// In one word, for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Opcodes::Final => "final",
            Opcodes::Same => "same",
            Opcodes::Other => "other",
            Opcodes::Own => "own",
        }
    }
}

impl Series {
    /// All of them: CPython's in order, then other implementations'.
    pub fn all() -> &'static [Series] {
        generated::magic::SERIES
    }

    /// Every form of code objects and values that some release has, once.
    pub fn forms() -> Vec<&'static Form> {
        let mut forms: Vec<&'static Form> = Vec::new();
        for form in Self::all().iter().filter_map(|series| series.form) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }

    /// Those whose files begin with the number `magic`. (1.6 to 2.7 added one to it with `-U`.)
    pub fn of_magic(magic: u16) -> Option<&'static Series> {
        let find = |magic: u16| Series::all().iter().find(|series| series.magic == magic);
        find(magic).or_else(|| find(magic.checked_sub(1)?).filter(|it| (50_428..=62_211).contains(&it.magic)))
    }

    /// Those whose files begin with these four bytes.
    pub fn of_bytes(bytes: [u8; 4]) -> Option<&'static Series> {
        let [low, high, tail @ ..] = bytes;
        Series::of_magic(u16::from_le_bytes([low, high])).filter(|series| series.tail() == tail)
    }

    /// What follows the number: `\r\n` shows that a file was not copied as a text; 1.0 to 1.2 had a 32-bit number.
    fn tail(&self) -> [u8; 2] {
        match self.name {
            "1.0" | "1.1" => [0x99, 0],
            _ if self.magic == 24_881 => *b"ea",
            _ => *b"\r\n",
        }
    }

    /// `sys.implementation.cache_tag`
    pub fn cache_tag(&self) -> String {
        let digits = self.name.replace('.', "");
        if self.implementation == "PyPy" { format!("pypy{digits}") } else { format!("cpython-{digits}") }
    }

    /// Does the interpreter look for `.pyc` files in `__pycache__` (from 3.2 on)? Before, they are beside their sources.
    pub fn has_cache_folder(&self) -> bool {
        let mut parts = self.name.split('.').filter_map(|part| part.parse::<u32>().ok());
        (parts.next(), parts.next()) >= (Some(3), Some(2))
    }

    /// The target whose final releases write it.
    pub fn version(&self) -> Option<Version> {
        Version::ALL.iter().copied().find(|version| version.file_facts().magic == self.magic)
    }

    /// Its instructions; those of the final releases where an alpha or beta had others ([`Opcodes::Other`]).
    pub fn ops(&self) -> Option<&'static OpTable> {
        let named = |version: &&Version| Target::newest(**version).to_string() == self.name;
        match self.implementation {
            "CPython" => match Version::ALL.iter().find(named) {
                Some(version) => Some(version.ops()),
                None => facts::old(self.name),
            },
            "PyPy" => facts::old(&format!("pypy{}", self.name)),
            _ => None,
        }
    }

    /// Which opcodes its code is read with, where that cannot be right for all of it.
    pub fn doubt(&self) -> Option<String> {
        (self.opcodes == Opcodes::Other).then(|| {
            format!(
                "opcodes are those of Python {}'s releases; some of {}'s were others",
                self.name, self.since
            )
        })
    }

    /// What a person calls it: `Python 3.13`, `Python 3.13 (from 3.13a5 on)`, `PyPy 3.9`.
    pub fn title(&self) -> String {
        let name = if self.implementation == "CPython" { "Python" } else { self.implementation };
        match self.opcodes {
            Opcodes::Same | Opcodes::Other => {
                format!("{name} {}, a development version ({})", self.name, self.since)
            }
            Opcodes::Final | Opcodes::Own => format!("{name} {}", self.name),
        }
    }
}

/// Says that nothing is known of the number `magic`, and which known ones are nearest to it.
pub fn unknown_magic(magic: u16) -> String {
    let cpython = || Series::all().iter().filter(|series| series.implementation == "CPython");
    let below = cpython().filter(|series| series.magic < magic).max_by_key(|series| series.magic);
    let above = cpython().filter(|series| series.magic > magic).min_by_key(|series| series.magic);
    let mut near: Vec<&Series> = below.into_iter().chain(above).collect();
    near.sort_by_key(|series| series.magic.abs_diff(magic));
    // Series have ranges of numbers; what is far away is of another one.
    near.truncate(if near.get(1).is_some_and(|far| far.magic.abs_diff(magic) > 100) { 1 } else { 2 });
    let are = if near.len() == 1 { "is" } else { "are" };
    let near: Vec<String> =
        near.iter().map(|series| format!("{} ({})", series.magic, series.title())).collect();
    format!("unknown magic number {magic}; near it {are} {}", near.join(" and "))
}

/// The name of the series whose releases write `magic` (without `\r\n`).
pub fn series_of_magic(magic: u16) -> Option<&'static str> {
    Series::of_magic(magic).map(|series| series.name)
}
