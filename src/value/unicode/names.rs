//! `\N{name}`: characters by name (`Modules/unicodedata.c`).

use super::is_assigned;
use crate::target::{DerivedNames, Target, UnicodeVersion};

/// The character that `\N{name}` means, if any: by name or alias, in any case. Named sequences are none.
pub fn character_named(name: &str, target: Target) -> Option<char> {
    let version = target.unicode();
    let rule = target.derived_names();
    if let Some(syllable) = strip(name, "HANGUL SYLLABLE ", rule) {
        return hangul(syllable, rule);
    }
    if let Some(digits) = strip(name, "CJK UNIFIED IDEOGRAPH-", rule) {
        return ideograph(
            digits,
            rule,
            version,
            |code| matches!(code, 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0x20000..=0x2F7FF | 0x30000..=0x3FFFF),
        );
    }
    // What is left of these must not reach the general table, which knows them in any case.
    for prefix in ["HANGUL SYLLABLE ", "CJK UNIFIED IDEOGRAPH-"] {
        strip(name, prefix, DerivedNames::AnyCase).is_none().then_some(())?;
    }
    if let Some(digits) = strip(name, "TANGUT IDEOGRAPH-", DerivedNames::AnyCase) {
        return match rule {
            DerivedNames::UpperCase => None,
            DerivedNames::AnyCase => {
                ideograph(digits, rule, version, |code| matches!(code, 0x17000..=0x187FF | 0x18D00..=0x18D7F))
            }
        };
    }
    let Some(found) = unicode_names2::character(name) else {
        return if version >= UnicodeVersion::V17_0 { new_in_17(name) } else { None };
    };
    let late = LATE_ALIASES.iter().any(|(alias, since)| version < *since && name.eq_ignore_ascii_case(alias));
    (!late && is_assigned(found as u32, version)).then_some(found)
}

/// Aliases that a later version gave to characters of an earlier one.
const LATE_ALIASES: [(&str, UnicodeVersion); 9] = [
    ("FVS4", UnicodeVersion::V14_0),
    ("EM", UnicodeVersion::V15_0),
    ("ARABIC SMALL HIGH LIGATURE ALEF WITH YEH BARREE", UnicodeVersion::V15_0),
    ("SUNDANESE LETTER ARCHAIC I", UnicodeVersion::V15_0),
    ("MYANMAR LETTER KHAMTI LLA", UnicodeVersion::V14_0),
    ("CUNEIFORM SIGN KALAM", UnicodeVersion::V16_0),
    ("BAMUM LETTER PHASE-A MAEMGBIEE", UnicodeVersion::V16_0),
    ("MENDE KIKAKUI SYLLABLE M172 MBO", UnicodeVersion::V16_0),
    ("MENDE KIKAKUI SYLLABLE M174 MBOO", UnicodeVersion::V16_0),
];

/// A character that Unicode 17.0 brought; the general table does not know these yet.
fn new_in_17(name: &str) -> Option<char> {
    let name = name.to_ascii_uppercase();
    let lines = include_str!("names-17.0.txt");
    let mut lines = lines.lines().filter_map(|line| line.rsplit_once(' '));
    let (_, code) = lines.find(|(known, _)| *known == name)?;
    char::from_u32(u32::from_str_radix(code, 16).ok()?)
}

fn strip<'a>(name: &'a str, prefix: &str, rule: DerivedNames) -> Option<&'a str> {
    let (head, tail) = name.split_at_checked(prefix.len())?;
    match rule {
        DerivedNames::UpperCase => head == prefix,
        DerivedNames::AnyCase => head.eq_ignore_ascii_case(prefix),
    }
    .then_some(tail)
}

fn ideograph(
    digits: &str,
    rule: DerivedNames,
    version: UnicodeVersion,
    is_one: impl Fn(u32) -> bool,
) -> Option<char> {
    let allowed = |byte: u8| match rule {
        DerivedNames::UpperCase => byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'),
        DerivedNames::AnyCase => byte.is_ascii_hexdigit(),
    };
    if !matches!(digits.len(), 4 | 5) || !digits.bytes().all(allowed) {
        return None;
    }
    if rule == DerivedNames::AnyCase && digits.starts_with('0') {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    // 3.8 takes the last block of that time for full, which it is not.
    let taken_for_one = version == UnicodeVersion::V12_1 && matches!(code, 0x2EBE1..=0x2EBEF);
    (is_one(code) && (is_assigned(code, version) || taken_for_one)).then(|| char::from_u32(code)).flatten()
}

// Short names of the letters that make up Hangul syllables, in the order of their numbers (Jamo.txt).
const LEADING: [&str; 19] =
    ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI",
    "YU", "EU", "YI", "I",
];
const TRAILING: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS",
    "S", "SS", "NG", "J", "C", "K", "T", "P", "H",
];

fn hangul(syllable: &str, rule: DerivedNames) -> Option<char> {
    let upper = match rule {
        DerivedNames::UpperCase => syllable.to_owned(),
        DerivedNames::AnyCase => syllable.to_ascii_uppercase(),
    };
    let (leading, rest) = longest(&LEADING, &upper)?;
    let (vowel, rest) = longest(&VOWELS, rest)?;
    let (trailing, rest) = longest(&TRAILING, rest)?;
    if !rest.is_empty() {
        return None;
    }
    char::from_u32(0xAC00 + (leading * 21 + vowel) * 28 + trailing)
}

/// The longest of `parts` that `text` starts with: its number, and what follows it.
fn longest<'a>(parts: &[&str], text: &'a str) -> Option<(u32, &'a str)> {
    let (number, part) = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| text.starts_with(**part))
        .max_by_key(|(_, part)| part.len())?;
    Some((number as u32, &text[part.len()..]))
}
