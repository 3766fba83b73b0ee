//! The styles, one for each family of releases.

use super::caches::{V3_11_CACHES, V3_12_CACHES, V3_13_CACHES, V3_14_CACHES, V3_15_CACHES};
use super::{
    Arguments, Arrows, CacheValues, Constants, FirstLines, Info, LabelArguments, Layout, NoArgument, Notes,
    Style, Widths,
};
use crate::target::Version;

impl Style {
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

const V3_8: Style = Style {
    lines: FirstLines::InCode,
    layout: Layout::Arrows(Arrows {
        widths: Widths::Growing,
        no_argument: NoArgument::Nothing,
        labels: LabelArguments::Extended,
        long_arguments: false,
        cache_values: CacheValues::Hidden,
    }),
    arguments: Arguments {
        notes: Notes::Before,
        absolute_jumps: false,
        is_and_in: false,
        keyword_names: false,
        function_flags: true,
        function_attributes: &["defaults", "kwdefaults", "annotations", "closure"],
        bool_comparisons: false,
        constants: Constants::NEW,
    },
    info: Info { keyword_only: true, positional_only: true },
    flags: FLAGS.split_at(10).0,
    caches: &[],
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
