//! What differs between the grammars of the versions, in one table.
//!
//! The parser reads the newest grammar and asks here whether the target has what it found.

use crate::source::WarningCategory;
use crate::syntax::lexer::Checks;
use crate::target::{Target, Version};

/// The grammar of one release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// How f-strings are read.
    pub field_places: FieldPlaces,
    /// Which columns are told of errors in fields, before f-strings had tokens.
    pub field_columns: FieldColumns,
    /// When strings are read again to find out what is wrong, their escapes are warned of again.
    pub warns_again: bool,
    /// Names that soft keywords start with count as soft keywords in messages.
    pub soft_keywords_by_prefix: bool,
    /// What is said of unknown conversions, before f-strings had tokens.
    pub text_conversion_error: TextConversionError,
    /// Of a field without expression, a message tells what stands behind it, before f-strings had tokens.
    pub names_what_needs_expression: bool,
    /// Minor and micro number of the release whose grammar says what is wrong with an invalid program.
    pub grammar: (u8, u8),
    /// Decorators, what `for` iterates over, `with` and sets as 3.9's parser reads them: any expression
    /// decorates, parentheses hold items, and stars and `:=` stand where they do in tuples.
    pub peg_forms: bool,
    /// PEP 634: `match`.
    pub match_statements: bool,
    /// `a[b := c]`.
    pub named_subscripts: bool,
    /// PEP 654: `except*`.
    pub exception_groups: bool,
    /// PEP 646: `a[*b]`, `def f(*a: *b)`.
    pub variadic_generics: bool,
    /// PEP 695: `def f[T]()`, `class A[T]`, `type A = b`.
    pub type_parameters: bool,
    /// PEP 696: `class A[T = int]`.
    pub type_parameter_defaults: bool,
    /// PEP 750: `t"…"`.
    pub template_strings: bool,
    /// Letters that start strings, but not together, have a message of their own before a quote.
    pub prefix_clash_is_error: bool,
    /// PEP 758: `except A, B:`.
    pub bare_except_tuple: bool,
    /// PEP 810: `lazy import`.
    pub lazy_imports: bool,
    /// PEP 798: `[*a for a in b]`, `{**a for a in b}`.
    pub comprehension_unpacking: bool,
    /// What is said of an open replacement field says where it begins, if that is another line.
    pub open_field_line: bool,
    /// `case +1:`
    pub plus_in_patterns: bool,
    /// Format specifications of raw f-strings are raw, too.
    pub raw_format_specs: bool,
    /// The pieces of a format specification, as the lexer cuts them at fields and behind `\N{…}`, stay apart, and there
    /// are empty ones at its end and before `{{`, which is a field in a field everywhere.
    pub spec_pieces_are_kept: bool,
    /// A newline in a format specification of an f-string in single quotes is an error.
    pub newline_in_spec_is_error: bool,
    /// How deep `{…=}` may be, fields of format specifications in fields: deeper, CPython looks for the text where
    /// none is and fails with a `ValueError`.
    pub debug_fields: u32,
    /// What `#` means in the text of `{…=}`.
    pub debug_comments: DebugComments,
    /// The text of `{…=}` is taken as written (otherwise its escapes are decoded).
    pub raw_debug_text: bool,
    /// Where the text of `{…=}` ends.
    pub debug_text_end: DebugTextEnd,
    /// Identifiers that normalise to `None`, `True` or `False` are refused.
    pub normalised_constants_are_errors: bool,
    /// `from __future__ import barry_as_FLUFL` holds for the rest of the file.
    pub barry_in_file: bool,
    /// The search for what is wrong stops at a `<>`, as if it were no token.
    pub twin_stops_messages: bool,
    /// `<>` is `<` and `>`, and using it has a message of its own.
    pub less_greater_is_two_tokens: bool,
    /// An escape in an f-string that cannot be decoded is an error at the literal part (otherwise at the token
    /// after the string).
    pub bad_escape_at_part: bool,
    /// Bytes literals with characters beyond ASCII are reported where they stand (otherwise at the token after).
    pub non_ascii_bytes_at_literal: bool,
    /// A message has "exclamanation mark".
    pub exclamation_is_misspelt: bool,
    /// What the lexer refuses.
    pub lexer_checks: Checks,
    /// Who finds out what is wrong with an invalid program, and how it is said.
    pub diagnosis: Diagnosis,
    /// Exceptions say where the place ends that they name.
    pub error_ends: bool,
    /// The token of a newline ends where it starts.
    pub newline_is_empty: bool,
    /// How keywords right behind numbers are warned of.
    pub number_warnings: WarningCategory,
    /// A character beyond ASCII right behind a number makes it an invalid one.
    pub number_ends_before_ascii: bool,
    /// Control characters are tokens that no rule takes (otherwise they have a message).
    pub control_characters_are_tokens: bool,
    /// The column behind a backslash is counted from where CPython's buffer starts, which may be lines before.
    pub continuation_in_buffer: bool,
    /// How warnings about escapes are worded and placed.
    pub escape_warnings: EscapeWarnings,
    /// How deep the rules of the grammar may nest below the operand of an expression statement: CPython's
    /// `MAXSTACK`, 6,000, without the 31 that are active there. 3.14 checks its native stack, too, but
    /// with 8 MiB of it this comes first.
    pub max_depth: u32,
}

/// Where `#` starts a comment that is left out of the text of a `{…=}` field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugComments {
    /// Everywhere.
    Anywhere,
    /// Not between quotes, except that escaped quotes count as quotes once there is a comment.
    OutsideQuotes,
    /// Not in strings.
    OutsideStrings,
}

/// Where the text of a `{…=}` field ends: at its conversion, format specification or `}`, if a `!=` is not taken for the
/// first of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebugTextEnd {
    /// At the first `!`, that of `!=` as well (seen in 3.12.1 and 3.13.0).
    AnyMark,
    /// The same where a format specification follows without a conversion (seen in 3.12.15).
    AnyMarkBeforeSpec,
    /// `!=` is no end.
    Mark,
}

/// Warnings about invalid escape sequences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EscapeWarnings {
    /// `invalid escape sequence \d`, a `DeprecationWarning`, in the line of the token (3.8, 3.9).
    Plain,
    /// `invalid escape sequence '\d'`, a `DeprecationWarning`, in the line of the token (3.10).
    Quoted,
    /// The same, of octal escapes too (3.11).
    Deprecated,
    /// The same, of octal escapes too, and a `SyntaxWarning` (3.12 and 3.13.0).
    TokenLine,
    /// The same, in the line of the escape.
    EscapeLine,
    /// `"\d" is an invalid escape sequence. …` (3.14).
    Advice,
}

impl EscapeWarnings {
    /// The warning's text for what follows the backslash.
    pub fn message(self, escape: &str, octal: bool) -> String {
        let octal = if octal { "octal " } else { "" };
        match self {
            EscapeWarnings::Plain => format!("invalid escape sequence \\{escape}"),
            EscapeWarnings::Quoted
            | EscapeWarnings::Deprecated
            | EscapeWarnings::TokenLine
            | EscapeWarnings::EscapeLine => {
                format!("invalid {octal}escape sequence '\\{escape}'")
            }
            EscapeWarnings::Advice => format!(
                "\"\\{escape}\" is an invalid {octal}escape sequence. Such sequences will not work in the future. \
                 Did you mean \"\\\\{escape}\"? A raw string is also an option."
            ),
        }
    }

    /// The warning's class.
    pub const fn category(self) -> WarningCategory {
        match self {
            EscapeWarnings::Plain | EscapeWarnings::Quoted | EscapeWarnings::Deprecated => {
                WarningCategory::DeprecationWarning
            }
            EscapeWarnings::TokenLine | EscapeWarnings::EscapeLine | EscapeWarnings::Advice => {
                WarningCategory::SyntaxWarning
            }
        }
    }

    /// Is the warning about the whole token?
    pub const fn at_token(self) -> bool {
        !matches!(self, EscapeWarnings::EscapeLine | EscapeWarnings::Advice)
    }

    /// Are octal escapes above `\377` warned of?
    pub const fn warns_of_octal(self) -> bool {
        !matches!(self, EscapeWarnings::Plain | EscapeWarnings::Quoted)
    }
}

/// How f-strings are read, and where their expressions are said to stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldPlaces {
    /// They have tokens of their own (3.12 and newer).
    Tokens,
    /// Their text is read again; expressions stand where they do (3.10, 3.11).
    Exact,
    /// In further lines of a string, the string's column is added, and one (3.9).
    ColumnsAdded,
    /// Where the first literal of those next to each other has the same text in braces, or else where that
    /// literal starts (3.8).
    Searched,
}

/// Who finds out what is wrong with an invalid program, and how it is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Diagnosis {
    /// The parser that knows one token ahead, and what makes the tree afterwards (3.8).
    Pgen,
    /// The first PEG parser: what the lexer says and where is still as before (3.9).
    FirstPeg,
    /// The PEG parser as it is since (3.10).
    Peg,
}

/// Which columns are told of errors in the expressions of fields that are read as texts of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldColumns {
    /// Those of bytes, whatever comes out (3.9, 3.10, seen in 3.11.7).
    Bytes,
    /// Those of characters; negative ones fail (seen in 3.11.17).
    Characters,
}

/// What is said of `!x` with another letter than `s`, `r` and `a`, before f-strings had tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextConversionError {
    /// `invalid conversion character: expected …`
    Plain,
    /// `invalid conversion character 'x': expected …`
    Named,
}

impl TextConversionError {
    /// The message for the character `shown`.
    pub fn message(self, shown: char) -> String {
        match self {
            TextConversionError::Plain => {
                "f-string: invalid conversion character: expected 's', 'r', or 'a'".to_owned()
            }
            TextConversionError::Named => {
                format!("f-string: invalid conversion character {shown:?}: expected 's', 'r', or 'a'")
            }
        }
    }
}

impl Rules {
    /// The grammar of `target`.
    pub fn of(target: Target) -> Self {
        let v3_14 = target.version >= Version::V3_14;
        let v3_15 = target.version >= Version::V3_15;
        // Fixed within 3.13: seen in 3.13.0, gone in 3.13.18, and dated by CPython's changelog.
        let v3_13 = target.version == Version::V3_13;
        let since = |micro: u8| v3_14 || v3_13 && target.micro >= micro;
        let v3_12_micro = |micro: u8| target.version == Version::V3_12 && target.micro >= micro;
        let field_places = match target.version {
            Version::V3_8 => FieldPlaces::Searched,
            Version::V3_9 => FieldPlaces::ColumnsAdded,
            Version::V3_10 | Version::V3_11 => FieldPlaces::Exact,
            Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15 => FieldPlaces::Tokens,
        };
        let v3_11 = target.version >= Version::V3_11;
        let v3_12 = target.version >= Version::V3_12;
        Rules {
            field_places,
            field_columns: if target.version == Version::V3_11 && target.micro >= 8 {
                FieldColumns::Characters
            } else {
                FieldColumns::Bytes
            },
            warns_again: target.version == Version::V3_10,
            // Seen in 3.10.13, 3.11.17, 3.12.1 and 3.13.0, gone in 3.12.15 and 3.13.18.
            soft_keywords_by_prefix: match target.version {
                Version::V3_12 => target.micro < 8,
                _ => !since(1),
            },
            text_conversion_error: TextConversionError::Plain,
            names_what_needs_expression: v3_11,
            grammar: (target.version.minor().clamp(8, 15), target.micro),
            peg_forms: target.version >= Version::V3_9,
            match_statements: target.version >= Version::V3_10,
            named_subscripts: target.version >= Version::V3_10,
            exception_groups: v3_11,
            variadic_generics: v3_11,
            type_parameters: v3_12,
            type_parameter_defaults: target.version >= Version::V3_13,
            template_strings: v3_14,
            prefix_clash_is_error: v3_14,
            bare_except_tuple: v3_14,
            lazy_imports: v3_15,
            plus_in_patterns: v3_15,
            open_field_line: v3_15,
            comprehension_unpacking: v3_15,
            raw_format_specs: since(6),
            // Seen in 3.12.1, gone in 3.12.15.
            spec_pieces_are_kept: target.version == Version::V3_12 && target.micro < 6,
            newline_in_spec_is_error: since(4),
            // Seen in 3.12.1; 3.12.15 and all newer ones take the second level (gh-121130, of July 2024).
            debug_fields: if target.version == Version::V3_12 && target.micro < 5 { 1 } else { 2 },
            debug_comments: if since(16) {
                DebugComments::OutsideStrings
            } else if since(6) {
                DebugComments::OutsideQuotes
            } else {
                DebugComments::Anywhere
            },
            // 3.12.9 is of the same day as 3.13.2; seen in 3.12.15.
            raw_debug_text: since(2) || v3_12_micro(9),
            debug_text_end: if since(2) {
                DebugTextEnd::Mark
            } else if v3_12_micro(9) {
                DebugTextEnd::AnyMarkBeforeSpec
            } else {
                DebugTextEnd::AnyMark
            },
            normalised_constants_are_errors: since(1),
            // 3.12.10 is of the same day as 3.13.3; seen in 3.12.15.
            barry_in_file: since(3) || v3_12_micro(10),
            // Seen in 3.12.1, 3.12.15 and 3.13.0, gone in 3.13.18.
            twin_stops_messages: !since(3),
            non_ascii_bytes_at_literal: v3_11,
            exclamation_is_misspelt: !since(6),
            // Not in 3.13.15's source; seen in 3.13.18 and 3.14.10.
            less_greater_is_two_tokens: since(16),
            bad_escape_at_part: v3_14,
            newline_is_empty: !v3_12,
            lexer_checks: if target.version >= Version::V3_10 { Checks::All } else { Checks::Few },
            diagnosis: match target.version {
                Version::V3_8 => Diagnosis::Pgen,
                Version::V3_9 => Diagnosis::FirstPeg,
                _ => Diagnosis::Peg,
            },
            error_ends: target.version >= Version::V3_10,
            escape_warnings: if v3_14 {
                EscapeWarnings::Advice
            } else if since(3) || v3_12_micro(10) {
                EscapeWarnings::EscapeLine
            } else {
                match target.version {
                    Version::V3_8 | Version::V3_9 => EscapeWarnings::Plain,
                    Version::V3_10 => EscapeWarnings::Quoted,
                    Version::V3_11 => EscapeWarnings::Deprecated,
                    Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15 => {
                        EscapeWarnings::TokenLine
                    }
                }
            },
            number_warnings: if v3_11 {
                WarningCategory::SyntaxWarning
            } else {
                WarningCategory::DeprecationWarning
            },
            number_ends_before_ascii: !v3_11,
            control_characters_are_tokens: !v3_11,
            continuation_in_buffer: !v3_12,
            max_depth: 5969,
        }
    }
}

/// How `ast.dump` differs between releases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DumpStyle {
    /// Do imports say whether they are lazy (PEP 810)?
    pub lazy_imports: bool,
    /// Is `ctx=Load()` left out like an empty list?
    pub hides_load: bool,
    /// Have definitions type parameters?
    pub type_params: bool,
    /// Have `alias` nodes positions?
    pub alias_positions: bool,
    /// Have `keyword` nodes positions?
    pub keyword_positions: bool,
    /// Are slices expressions, with positions?
    pub slice_positions: bool,
    /// Are empty lists always shown?
    pub shows_empty: bool,
}

impl DumpStyle {
    /// The style of `target`.
    pub fn of(target: Target) -> Self {
        let v3_15 = target.version >= Version::V3_15;
        DumpStyle {
            lazy_imports: v3_15,
            hides_load: v3_15,
            type_params: target.version >= Version::V3_12,
            alias_positions: target.version >= Version::V3_10,
            keyword_positions: target.version >= Version::V3_9,
            slice_positions: target.version >= Version::V3_9,
            shows_empty: target.version <= Version::V3_12,
        }
    }
}
