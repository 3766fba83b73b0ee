//! How a release reads source text: what it checks, and which Unicode version it knows.

use super::{Target, Version};

/// When invalid UTF-8 is noticed in a source that declares no other encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Utf8Check {
    /// Only in names and string literals, as they are read; comments may hold anything (to 3.13).
    WhereRead,
    /// Anywhere, before the first token (from 3.14 on).
    WholeSource,
}

/// Which set of encoding names and tables `Lib/encodings` has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EncodingsEpoch {
    /// 3.8: mac_centeuro is a module of its own.
    V3_8,
    /// 3.9 to 3.12: it is an alias.
    V3_9,
    /// 3.13.0 to 3.13.5: windows_31j.
    V3_13_0,
    /// 3.13.6 to 3.13.13: palmos was corrected.
    V3_13_6,
    /// 3.13.14 and later: IANA's names with leading zeros, IBM00858 and the like.
    V3_13_14,
    /// 3.14
    V3_14,
    /// 3.15: many more aliases.
    V3_15,
}

/// A version of the Unicode character database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum UnicodeVersion {
    /// 12.1 (Python 3.8)
    V12_1,
    /// 13.0 (3.9, 3.10)
    V13_0,
    /// 14.0 (3.11)
    V14_0,
    /// 15.0 (3.12)
    V15_0,
    /// 15.1 (3.13)
    V15_1,
    /// 16.0 (3.14)
    V16_0,
    /// 17.0 (3.15)
    V17_0,
}

/// How `\N{…}` reads names that Unicode derives from the code point (ideographs, Hangul syllables).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DerivedNames {
    /// In upper case only, with leading zeros, and not those of Tangut ideographs (3.13.0 to 3.13.12).
    UpperCase,
    /// In any case, without leading zeros, Tangut ideographs too (3.13.13 on; seen in 3.14.10).
    AnyCase,
}

impl Target {
    /// How this release reads derived character names.
    pub const fn derived_names(self) -> DerivedNames {
        match self {
            Target {
                version: Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11 | Version::V3_12,
                ..
            }
            | Target { version: Version::V3_13, micro: 0..=12 } => DerivedNames::UpperCase,
            Target { version: Version::V3_13 | Version::V3_14 | Version::V3_15, .. } => DerivedNames::AnyCase,
        }
    }

    /// When this release notices invalid UTF-8.
    pub const fn utf8_check(self) -> Utf8Check {
        match self.version {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13 => Utf8Check::WhereRead,
            Version::V3_14 | Version::V3_15 => Utf8Check::WholeSource,
        }
    }

    /// The encoding names and tables of this release.
    pub const fn encodings_epoch(self) -> EncodingsEpoch {
        match (self.version, self.micro) {
            (Version::V3_8, _) => EncodingsEpoch::V3_8,
            (Version::V3_9 | Version::V3_10 | Version::V3_11 | Version::V3_12, _) => EncodingsEpoch::V3_9,
            (Version::V3_13, 0..=5) => EncodingsEpoch::V3_13_0,
            (Version::V3_13, 6..=13) => EncodingsEpoch::V3_13_6,
            (Version::V3_13, _) => EncodingsEpoch::V3_13_14,
            (Version::V3_14, _) => EncodingsEpoch::V3_14,
            (Version::V3_15, _) => EncodingsEpoch::V3_15,
        }
    }

    /// The version of this release's Unicode character database (`unicodedata.unidata_version`).
    pub const fn unicode(self) -> UnicodeVersion {
        match self.version {
            Version::V3_8 => UnicodeVersion::V12_1,
            Version::V3_9 | Version::V3_10 => UnicodeVersion::V13_0,
            Version::V3_11 => UnicodeVersion::V14_0,
            Version::V3_12 => UnicodeVersion::V15_0,
            Version::V3_13 => UnicodeVersion::V15_1,
            Version::V3_14 => UnicodeVersion::V16_0,
            Version::V3_15 => UnicodeVersion::V17_0,
        }
    }
}

/// How arithmetic treats a real and a complex operand together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComplexOperands {
    /// The real operand gets an imaginary part of +0 first, and NaNs are left as they come (to 3.13).
    Widened,
    /// The real operand stays real; infinities are recovered as in C99's annex G (from 3.14 on).
    Mixed,
}

/// How the length of a complex power with a complex exponent is computed; the last bit shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComplexPower {
    /// Divided by the exponential of angle times exponent (to 3.11; seen in 3.12.1 and 3.13.0).
    Quotient,
    /// Multiplied by that of the negated product (3.13.1 on; seen in 3.12.15).
    Product,
}

/// A release's complex arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ComplexRules {
    /// Mixed operands.
    pub operands: ComplexOperands,
    /// `**`.
    pub power: ComplexPower,
}

impl Target {
    /// This release's complex arithmetic.
    pub const fn complex_rules(self) -> ComplexRules {
        let operands = match self.version {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13 => ComplexOperands::Widened,
            Version::V3_14 | Version::V3_15 => ComplexOperands::Mixed,
        };
        let power = match (self.version, self.micro) {
            (Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11, _)
            | (Version::V3_12, 0..=7)
            | (Version::V3_13, 0) => ComplexPower::Quotient,
            (Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15, _) => ComplexPower::Product,
        };
        ComplexRules { operands, power }
    }
}

/// What `tokenize.detect_encoding` asks of the lines that it looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CookieCheck {
    /// Each must be UTF-8, whatever it declares (to 3.13).
    LineIsUtf8,
    /// They must be what they declare, without null bytes (seen in 3.14.10).
    LinesDecode,
}

/// What a format specifier of a single-quoted f-string does at a newline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpecNewline {
    /// It ends there (3.13.0 to 3.13.3).
    EndsSpecifier,
    /// It is an error (3.13.4 on).
    IsError,
}

/// How the `tokenize` module differs between releases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenizeRules {
    /// Detection of the encoding.
    pub cookie_check: CookieCheck,
    /// Newlines in format specifiers.
    pub spec_newline: SpecNewline,
    /// Is `<>` one token? (To 3.13.15; two in 3.13.18 and 3.14.10.)
    pub diamond: bool,
    /// Are there t-strings, and are combinations of prefixes that exclude each other errors? (3.14)
    pub template_strings: bool,
    /// Is a wrong closing bracket right after the brace of a replacement field noticed? (3.14)
    pub field_brackets: bool,
    /// Is it said where a field begins that has no end, where that is another line? (3.15)
    pub field_line: bool,
}

impl Target {
    /// The `tokenize` module of this release.
    pub const fn tokenize_rules(self) -> TokenizeRules {
        let (newer, micro) = match self.version {
            Version::V3_8 | Version::V3_9 | Version::V3_10 | Version::V3_11 | Version::V3_12 => (false, 0),
            Version::V3_13 => (false, self.micro),
            Version::V3_14 | Version::V3_15 => (true, u8::MAX),
        };
        TokenizeRules {
            cookie_check: if newer { CookieCheck::LinesDecode } else { CookieCheck::LineIsUtf8 },
            spec_newline: if micro < 4 { SpecNewline::EndsSpecifier } else { SpecNewline::IsError },
            diamond: micro < 16,
            template_strings: newer,
            field_brackets: newer,
            field_line: matches!(self.version, Version::V3_15),
        }
    }
}
