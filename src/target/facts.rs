//! Opcode tables that are read from text: those of versions before 3.8, and of releases that came after us.
//!
//! The form is that of `xtask/data/opcodes-*.txt`; `xtask/facts/opcodes.py` prints it for the interpreter that runs it and
//! describes it. Tables live as long as the process: there is one for each version that is looked at.

use super::form::{self, Form};
use super::{Effect, Op, OpInfo, OpTable, Opcodes, Series, generated, op_flags};
use std::fmt;
use std::sync::OnceLock;

/// What a facts file says.
#[derive(Debug)]
pub struct Facts {
    /// The instructions.
    pub ops: &'static OpTable,
    /// The magic number, where the file has it.
    pub magic: Option<u16>,
    /// The series: `3.16`; `?` where the file does not say.
    pub name: &'static str,
    /// The form of `.pyc` files: the newest that is known, as old as the file's `marshal` says.
    pub form: &'static Form,
}

impl Facts {
    /// The series that it describes, where the file has the magic number.
    pub fn series(&self) -> Option<Series> {
        Some(Series {
            magic: self.magic?,
            name: self.name,
            since: self.name,
            implementation: "CPython",
            opcodes: Opcodes::Final,
            form: Some(self.form),
            siphash: (1, 3),
        })
    }
}

/// A line of a facts file that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactsError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for FactsError {}

/// The operation that is called `name` in a facts file.
pub fn op_called(name: &str) -> Option<Op> {
    let names = generated::names::NAMES;
    names.binary_search_by_key(&name, |&(name, _)| name).ok().map(|at| names[at].1)
}

/// Reads a facts file. The tables that come of it are never freed.
///
/// # Errors
/// The first line that has not the right form.
pub fn parse(text: &str) -> Result<Facts, FactsError> {
    parse_static(String::leak(text.to_owned()))
}

fn parse_static(text: &'static str) -> Result<Facts, FactsError> {
    let mut table = Builder::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        table.line(line).map_err(|what| FactsError { line: index + 1, what })?;
    }
    Ok(table.finish())
}

/// A table that is being read.
struct Builder {
    ops: OpTable,
    unlisted: Vec<(u8, OpInfo)>,
    binary_ops: Vec<(&'static str, &'static str)>,
    /// Intrinsics of one and of two arguments, special methods, common constants, comparisons.
    lists: [Vec<&'static str>; 5],
    magic: Option<u16>,
    name: &'static str,
    marshal: u8,
    named: [bool; 256],
}

/// The kinds of [`Builder::lists`].
const LISTS: [&str; 5] = ["intrinsic1", "intrinsic2", "special", "common", "compare"];

impl Builder {
    fn new() -> Self {
        Builder {
            ops: OpTable {
                info: [OpInfo::ABSENT; Op::COUNT],
                by_number: [None; 256],
                names: *no_names(),
                caches: [0; 256],
                binary_ops: &[],
                intrinsics_1: &[],
                intrinsics_2: &[],
                special_methods: &[],
                common_constants: &[],
                comparisons: &[],
                jump_unit: 2,
                words: true,
                have_argument: 255,
                unlisted: &[],
            },
            unlisted: Vec::new(),
            binary_ops: Vec::new(),
            lists: [const { Vec::new() }; 5],
            magic: None,
            name: "?",
            marshal: u8::MAX,
            named: [false; 256],
        }
    }

    fn line(&mut self, line: &'static str) -> Result<(), &'static str> {
        let (kind, rest) = line.split_once(' ').ok_or("a word is missing")?;
        let number = || rest.parse::<u16>().map_err(|_| "no number");
        let byte = || rest.parse::<u8>().map_err(|_| "no number below 256");
        match kind {
            "op" => self.op(rest)?,
            "magic" => self.magic = Some(number()?),
            "series" => self.name = rest,
            "marshal" => self.marshal = byte()?,
            "unit" => self.ops.jump_unit = byte()?.clamp(1, 2),
            "have_argument" => self.ops.have_argument = byte()?,
            "code" => self.ops.words = rest == "words",
            "nb" => self.binary_ops.push(rest.split_once(' ').ok_or("a word is missing")?),
            // For who writes files, or part of the form.
            "siphash" | "lines" | "handlers" => {}
            _ => match LISTS.iter().position(|list| *list == kind) {
                Some(at) => self.lists[at].push(rest),
                None => return Err("unknown kind of line"),
            },
        }
        Ok(())
    }

    fn op(&mut self, rest: &'static str) -> Result<(), &'static str> {
        const NO_NUMBER: &str = "no number";
        let mut words = rest.split(' ');
        let mut word = || words.next().ok_or("a word is missing");
        let name = word()?;
        let mut info = OpInfo {
            number: word()?.parse().map_err(|_| NO_NUMBER)?,
            caches: word()?.parse().map_err(|_| NO_NUMBER)?,
            flags: flags(word()?)?,
            effect: effect(word()?)?,
            jump_effect: effect(word()?)?,
            shift: 0,
        };
        let mut meaning = name;
        for word in words {
            match word.split_once('=') {
                Some(("as", name)) => meaning = name,
                Some(("shift", bits)) => info.shift = bits.parse().map_err(|_| NO_NUMBER)?,
                _ => return Err("unknown word"),
            }
        }
        let op = op_called(meaning);
        if let Some(op) = op {
            self.ops.info[op as usize] = info;
        }
        let Ok(byte) = u8::try_from(info.number) else { return Ok(()) };
        let at = usize::from(byte);
        if std::mem::replace(&mut self.named[at], true) {
            return Err("a number that another instruction has");
        }
        self.ops.names[at] = name;
        self.ops.caches[at] = info.caches;
        self.ops.by_number[at] = op;
        if op.is_none() {
            self.unlisted.push((byte, info));
        }
        Ok(())
    }

    fn finish(mut self) -> Facts {
        // Instrumented instructions have the caches of those they stand for, which `opcode` leaves out.
        for at in 0..256 {
            let Some(plain) = self.ops.names[at].strip_prefix("INSTRUMENTED_") else { continue };
            if let Some(plain) = self.ops.names.iter().position(|name| *name == plain) {
                self.ops.caches[at] = self.ops.caches[plain];
            }
        }
        let [one, two, special, common, compare] = self.lists.map(Vec::leak);
        self.ops.binary_ops = Vec::leak(self.binary_ops);
        self.ops.intrinsics_1 = one;
        self.ops.intrinsics_2 = two;
        self.ops.special_methods = special;
        self.ops.common_constants = common;
        self.ops.comparisons = compare;
        self.ops.unlisted = Vec::leak(self.unlisted);
        let form = match self.marshal {
            0..=4 => &form::V3_11,
            5 => &form::V3_14,
            _ => &form::V3_15,
        };
        Facts { ops: Box::leak(Box::new(self.ops)), magic: self.magic, name: self.name, form }
    }
}

/// `<0>` to `<255>`
fn no_names() -> &'static [&'static str; 256] {
    static NAMES: OnceLock<[&'static str; 256]> = OnceLock::new();
    NAMES.get_or_init(|| std::array::from_fn(|number| &*String::leak(format!("<{number}>"))))
}

fn flags(letters: &str) -> Result<u16, &'static str> {
    let mut sum = 0;
    for letter in letters.chars() {
        sum |= match letter {
            'A' => op_flags::ARG,
            'C' => op_flags::CONST,
            'N' => op_flags::NAME,
            'J' => op_flags::JUMP,
            'E' => op_flags::EXC,
            'F' => op_flags::FREE,
            'L' => op_flags::LOCAL,
            'O' => op_flags::COMPARE,
            'B' => op_flags::BACK,
            'X' => op_flags::ABSOLUTE,
            '-' => 0,
            _ => return Err("unknown flag"),
        };
    }
    Ok(sum)
}

/// `-`, not known, becomes 0: nothing is compiled with tables that are read from text.
fn effect(text: &str) -> Result<Effect, &'static str> {
    const WRONG: &str = "an effect of no known form";
    let number = |text: &str| text.parse::<i8>().map_err(|_| WRONG);
    match text {
        "-" => return Ok(Effect::PerArg { base: 0, per_arg: 0 }),
        "unpack" => return Ok(Effect::Unpack),
        _ => {}
    }
    let Some((base, rest)) = text.split_once('+') else {
        return Ok(Effect::PerArg { base: number(text)?, per_arg: 0 });
    };
    let base = number(base)?;
    let (more, scale) = rest.split_once('*').ok_or(WRONG)?;
    let more = number(more)?;
    match scale {
        "arg" => Ok(Effect::PerArg { base, per_arg: more }),
        "low" => Ok(Effect::LowBit { base, more }),
        "three" => Ok(Effect::IfThree { base, more }),
        "bits" => Ok(Effect::Bits { base, per_bit: more }),
        "four" => Ok(Effect::FourBit { base, more }),
        _ => Err(WRONG),
    }
}

macro_rules! old {
    ($($name:literal)*) => {
        /// Series before 3.8 and of PyPy, with their facts.
        const OLD: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("old_opcodes/", $name, ".txt")))),*];
    };
}
old! {
    "1.0" "1.1" "1.3" "1.4" "1.5" "1.6" "2.0" "2.1" "2.2" "2.3" "2.4" "2.5" "2.6" "2.7"
    "3.0" "3.1" "3.2" "3.3" "3.4" "3.5" "3.6" "3.7"
    "pypy2.7" "pypy3.2" "pypy3.3" "pypy3.5" "pypy3.6" "pypy3.7" "pypy3.8" "pypy3.9" "pypy3.10" "pypy3.11"
}

/// The instructions of a series before 3.8 (`2.7`) or of PyPy (`pypy3.9`).
pub(super) fn old(name: &str) -> Option<&'static OpTable> {
    static TABLES: [OnceLock<Option<&'static OpTable>>; OLD.len()] = [const { OnceLock::new() }; OLD.len()];
    let at = OLD.iter().position(|(of, _)| *of == name)?;
    *TABLES[at].get_or_init(|| parse_static(OLD[at].1).ok().map(|facts| facts.ops))
}

#[cfg(test)]
mod tests {
    use super::super::{Op, Series, Version};

    #[test]
    fn old_tables_are_whole() {
        for (name, text) in super::OLD {
            let facts = super::parse_static(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(facts.ops.unlisted.is_empty(), "{name}: {:?}", facts.ops.unlisted);
            assert!(facts.ops.names.contains(&"POP_TOP"), "{name}");
            assert!(facts.ops.comparisons.len() >= 10, "{name}");
        }
    }

    #[test]
    fn tables_read_from_text_are_the_generated_ones() {
        for (version, text) in [
            (Version::V3_8, include_str!("../../xtask/data/opcodes-3.8.txt")),
            (Version::V3_11, include_str!("../../xtask/data/opcodes-3.11.txt")),
            (Version::V3_15, include_str!("../../xtask/data/opcodes-3.15.txt")),
        ] {
            let (read, built) = (super::parse(text).expect("ours").ops, version.ops());
            assert_eq!(read.info[..], built.info[..], "{version:?}");
            assert_eq!(read.by_number, built.by_number);
            assert_eq!(read.names, built.names);
            assert_eq!(read.caches, built.caches);
            assert_eq!(read.comparisons, built.comparisons);
            assert_eq!(read.have_argument, built.have_argument);
        }
    }

    #[test]
    fn every_readable_series_has_opcodes() {
        for series in Series::all() {
            assert_eq!(series.ops().is_some(), series.form.is_some(), "{}", series.title());
        }
    }

    #[test]
    fn old_meanings() {
        let ops = super::old("2.5").expect("there");
        assert_eq!(ops.names[30], "SLICE+0");
        assert_eq!(ops.op(131), Some(Op::CallFunctionPacked));
        assert!(!ops.words && ops.takes_argument(90) && !ops.takes_argument(89));
        assert_eq!(ops.comparisons[7], "not in");
    }

    #[test]
    fn unknown_instructions_are_kept() {
        let facts = super::parse("magic 3700\nmarshal 6\nop NEW_THING 7 2 AN 0 0 shift=1\n").expect("right");
        let info = facts.ops.info_of(7).expect("there");
        assert_eq!((facts.ops.names[7], info.caches, info.shift, info.has_name()), ("NEW_THING", 2, 1, true));
        assert_eq!(facts.magic, Some(3700));
        for (text, line) in [("op X\n", 1), ("#\nop X 1 0 - 0 q\n", 2), ("magic x\n", 1), ("what 1\n", 1)] {
            assert_eq!(super::parse(text).expect_err(text).line, line, "{text}");
        }
    }
}
