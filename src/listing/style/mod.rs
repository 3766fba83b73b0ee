//! What differs between the `dis` modules of the releases, beyond the opcode tables.
//!
//! A release's [`Style`] answers named questions; the listers ask it and never the version. One of the places
//! that may compare versions. The texts are what users of `dis` see; each list is in the order of the numbers
//! that arguments of instructions hold (`Lib/dis.py`, `Lib/opcode.py`).

mod caches;
mod families;
mod printable;
#[cfg(test)]
mod tests;

use crate::target::Op;

/// How a release's `dis` prints.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The columns of a line, and what stands around the lines.
    pub layout: Layout,
    /// Which lines of a line table begin a line of the listing.
    pub lines: FirstLines,
    /// What is said of arguments.
    pub arguments: Arguments,
    /// What `show_code` lists besides what it lists in every release.
    pub info: Info,
    /// Names of the bits of `co_flags`; others are shown in hexadecimal.
    pub flags: &'static [&'static str],
    /// Fields of the inline caches: (operation, fields as (name, code units)).
    pub caches: &'static [CacheFormat],
}

/// The inline cache of an operation: its fields' names and sizes in code units.
pub type CacheFormat = (Op, &'static [(&'static str, u32)]);

/// The columns of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Line, label, name, argument; offsets on request. Jumps go `to L3` (from 3.13 on).
    Labels,
    /// Line, `>>` before what is jumped to, offset, name, argument. Jumps go `to 24` (to 3.12).
    Arrows(Arrows),
}

/// What varies between the releases that mark jump targets with `>>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrows {
    /// Widths of the columns for lines and offsets.
    pub widths: Widths,
    /// What an instruction without an argument is followed by.
    pub no_argument: NoArgument,
    /// Do `EXTENDED_ARG`s count where labels are looked for?
    pub labels: LabelArguments,
    /// Is an argument that an `EXTENDED_ARG` extends a `long`, which `repr` marks with `L`?
    pub long_arguments: bool,
    /// What the lines of inline caches say.
    pub cache_values: CacheValues,
}

/// Widths of the columns for lines and offsets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Widths {
    /// 3 and 4; larger numbers push what follows to the right (to 3.6).
    Fixed,
    /// As wide as the largest line and offset, and no less than 3 and 4 (from 3.7 on).
    Growing,
    /// As `Growing`, but without the column for lines where no line is known (from 3.10 on).
    GrowingOrNone,
}

/// What an instruction without an argument is followed by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoArgument {
    /// The blanks that pad its name (Python 2).
    Padding,
    /// Those and one more; a line with an argument ends in a blank, too (3.0 to 3.3).
    PaddingAndBlank,
    /// Nothing (from 3.4 on).
    Nothing,
}

/// Which lines of a line table are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstLines {
    /// Each that differs from the one before, wherever it stands (to 3.7).
    All,
    /// Those inside of the code (3.8, 3.9).
    InCode,
    /// Each that differs from the one before, without regard to code in between that has no line (3.10 to 3.12).
    Known,
    /// Each that differs from the one before, of which "no line" is one (from 3.13 on).
    WithNone,
}

/// The arguments that labels are found by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelArguments {
    /// Those of two bytes, as they stand in the instruction (to 3.5).
    Own,
    /// With what `EXTENDED_ARG`s add.
    Extended,
}

/// What is said of the content of inline caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CacheValues {
    /// Nothing where code has not run yet (3.11).
    Hidden,
    /// Each field's name and value (from 3.12 on).
    Shown,
}

/// What is said of arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arguments {
    /// Where a note on a name stands: `NULL + print` or `print + NULL`.
    pub notes: Notes,
    /// Is an empty name shown, as `()`?
    pub empty_names: bool,
    /// Are absolute jumps explained?
    pub absolute_jumps: bool,
    /// Are `IS_OP` and `CONTAINS_OP` explained?
    pub is_and_in: bool,
    /// Is the constant of `KW_NAMES` shown?
    pub keyword_names: bool,
    /// Is the conversion of `FORMAT_VALUE` named?
    pub formats: bool,
    /// Are the flags of the argument of `MAKE_FUNCTION` named?
    pub function_flags: bool,
    /// What the bits of `SET_FUNCTION_ATTRIBUTE` or `MAKE_FUNCTION` say.
    pub function_attributes: &'static [&'static str],
    /// Does a bit of the argument of `COMPARE_OP` ask for a `bool`?
    pub bool_comparisons: bool,
    /// How constants are shown.
    pub constants: Constants,
}

/// Where a note on a name stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notes {
    /// `NULL + print`
    Before,
    /// `print + NULL`
    Behind,
}

/// How `repr` shows constants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Constants {
    /// Of strings and ints.
    pub literals: Literals,
    /// Of floats.
    pub floats: Floats,
    /// Characters (ranges, ascending) that are escaped although Unicode 12.1, which is the oldest whose properties
    /// are known here, has them.
    pub unknown: &'static [(u32, u32)],
    /// How many digits an int may have to be shown in decimal.
    pub most_digits: usize,
}

impl Constants {
    /// Today's.
    pub const NEW: Constants = Constants {
        literals: Literals::Python3,
        floats: Floats::Shortest,
        unknown: &[],
        // `sys.int_info.default_max_str_digits`, in every series since 3.7.
        most_digits: 4300,
    };

    /// Python 2.7's, where any int is shown. Here a file that takes too long to show gets a limit.
    pub const PYTHON_2_7: Constants = Constants {
        literals: Literals::Python2,
        floats: Floats::Shortest,
        unknown: printable::SINCE_10_0,
        most_digits: 100_000,
    };
}

/// How `repr` shows strings and ints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Literals {
    /// `'bytes'`, `u'text'` without any character beyond ASCII; long ints end in `L` (to 2.7).
    Python2,
    /// `b'bytes'`, `'text'` (from 3.0 on).
    Python3,
}

/// How `repr` shows floats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Floats {
    /// With 17 significant digits (to 2.6, and 3.0).
    Seventeen,
    /// With as few digits as tell it from all others (2.7, and from 3.1 on).
    Shortest,
}

/// What `show_code` lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Info {
    /// Are keyword-only arguments counted?
    pub keyword_only: bool,
    /// Are positional-only arguments counted?
    pub positional_only: bool,
}

impl Style {
    /// The name of bit number `bit` of `co_flags`.
    pub fn flag(&self, bit: u32) -> Option<&'static str> {
        self.flags.get(bit as usize).copied().filter(|name| !name.is_empty())
    }

    /// The fields of the inline cache of `op`.
    pub fn cache(&self, op: Op) -> &'static [(&'static str, u32)] {
        self.caches.iter().find(|(of, _)| *of == op).map_or(&[], |(_, fields)| fields)
    }
}

/// Conversions of `CONVERT_VALUE` and `FORMAT_VALUE`; the first is none.
pub const CONVERSIONS: [&str; 4] = ["", "str", "repr", "ascii"];
