//! The styles, one for each family of releases.

use super::caches::{V3_11_CACHES, V3_12_CACHES, V3_13_CACHES, V3_14_CACHES, V3_15_CACHES};
use super::printable::SINCE_12_0;
use super::{
    Arguments, Arrows, CacheValues, Constants, FirstLines, Floats, Info, LabelArguments, Layout, Literals,
    NoArgument, Notes, Style, Widths,
};
use crate::target::{Target, UnicodeVersion, Version};

impl Style {
    /// The style of the `dis` of the release series `name`, such as `2.7` (or of the nearest one that is known).
    pub fn of_name(name: &str) -> &'static Style {
        let mut numbers = name.split('.').map_while(|number| number.parse::<u8>().ok());
        match (numbers.next().unwrap_or(3), numbers.next().unwrap_or(0)) {
            (..=2, 7..) => &V2_7,
            (..=2, _) => &V1_0,
            (3, 0) => &V3_0,
            (3, 1..=3) => &V3_1,
            (3, 4 | 5) => &V3_4,
            (3, 6) => &V3_6,
            (3, 7) => &V3_7,
            (3, 8 | 9) => &V3_8,
            (3, 10) => &V3_10,
            (3, 11) => &V3_11,
            (3, 12) => &V3_12,
            (3, 13) => &V3_13,
            (3, 14) => &V3_14,
            _ => &V3_15,
        }
    }

    /// The Unicode version of the series `name`; the oldest or newest whose properties are known where it has another.
    pub fn unicode_of(name: &str) -> UnicodeVersion {
        match Target::parse(name) {
            Some(target) => target.unicode(),
            None if name.starts_with('1') || name.starts_with('2') || name < "3.8" => UnicodeVersion::V12_1,
            None => UnicodeVersion::V17_0,
        }
    }

    /// The style of `version`'s `dis`.
    pub fn of(version: Version) -> &'static Style {
        match version {
            Version::V3_8 | Version::V3_9 => &V3_8,
            Version::V3_10 => &V3_10,
            Version::V3_11 => &V3_11,
            Version::V3_12 => &V3_12,
            Version::V3_13 => &V3_13,
            Version::V3_14 => &V3_14,
            Version::V3_15 => &V3_15,
        }
    }
}

const V2_7: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::Fixed,
        no_argument: NoArgument::Padding,
        labels: LabelArguments::Own,
        long_arguments: true,
        cache_values: CacheValues::Hidden,
    }),
    lines: FirstLines::All,
    arguments: Arguments {
        notes: Notes::Before,
        empty_names: true,
        absolute_jumps: false,
        is_and_in: false,
        keyword_names: false,
        formats: false,
        function_flags: false,
        function_attributes: &["defaults", "kwdefaults", "annotations", "closure"],
        bool_comparisons: false,
        constants: Constants::PYTHON_2_7,
    },
    info: Info { keyword_only: false, positional_only: false },
    flags: FLAGS.split_at(10).0,
    caches: &[],
};

/// To 2.6. Not compared with an interpreter's.
const V1_0: Style = Style {
    arguments: Arguments {
        constants: Constants { floats: Floats::Seventeen, ..Constants::PYTHON_2_7 },
        ..V2_7.arguments
    },
    ..V2_7
};

/// Not compared with an interpreter's.
const V3_0: Style = Style {
    arguments: Arguments {
        constants: Constants { floats: Floats::Seventeen, ..V3_1.arguments.constants },
        ..V2_7.arguments
    },
    ..V3_1
};

/// 3.1 to 3.3. Not compared with an interpreter's.
const V3_1: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::Fixed,
        no_argument: NoArgument::PaddingAndBlank,
        labels: LabelArguments::Own,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments {
        constants: Constants { literals: Literals::Python3, ..Constants::PYTHON_2_7 },
        ..V2_7.arguments
    },
    info: Info { keyword_only: true, positional_only: false },
    ..V2_7
};

/// 3.4 and 3.5. Not compared with an interpreter's.
const V3_4: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::Fixed,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Own,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments { empty_names: false, ..V3_1.arguments },
    ..V3_1
};

const V3_6: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::Fixed,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Extended,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments { formats: true, ..V3_4.arguments },
    ..V3_4
};

const V3_7: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::Growing,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Extended,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments { constants: Constants { unknown: SINCE_12_0, ..Constants::NEW }, ..V3_6.arguments },
    ..V3_6
};

const V3_8: Style = Style {
    lines: FirstLines::InCode,
    arguments: Arguments { function_flags: true, constants: Constants::NEW, ..V3_7.arguments },
    info: Info { keyword_only: true, positional_only: true },
    ..V3_7
};

const V3_10: Style = Style {
    lines: FirstLines::Known,
    layout: Layout::Arrows(Arrows {
        widths: Widths::GrowingOrNone,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Extended,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments { absolute_jumps: true, ..V3_8.arguments },
    ..V3_8
};

const V3_11: Style = Style { caches: V3_11_CACHES, ..V3_10 };

const V3_12: Style = Style {
    layout: Layout::Arrows(Arrows {
        widths: Widths::GrowingOrNone,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Extended,
        long_arguments: false,
        cache_values: CacheValues::Shown,
    }),
    arguments: Arguments { keyword_names: true, ..V3_10.arguments },
    caches: V3_12_CACHES,
    ..V3_11
};

const V3_13: Style = Style {
    lines: FirstLines::WithNone,
    layout: Layout::Labels,
    arguments: Arguments { notes: Notes::Behind, bool_comparisons: true, ..V3_12.arguments },
    caches: V3_13_CACHES,
    ..V3_12
};

const V3_14: Style = Style {
    arguments: Arguments {
        is_and_in: true,
        function_attributes: &["defaults", "kwdefaults", "annotations", "closure", "annotate"],
        ..V3_13.arguments
    },
    flags: FLAGS,
    caches: V3_14_CACHES,
    ..V3_13
};

const V3_15: Style = Style { caches: V3_15_CACHES, ..V3_14 };

/// By bit; the first ten have names in every release, the rest from 3.14 on.
const FLAGS: &[&str] = &[
    "OPTIMIZED",
    "NEWLOCALS",
    "VARARGS",
    "VARKEYWORDS",
    "NESTED",
    "GENERATOR",
    "NOFREE",
    "COROUTINE",
    "ITERABLE_COROUTINE",
    "ASYNC_GENERATOR",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "HAS_DOCSTRING",
    "METHOD",
];
