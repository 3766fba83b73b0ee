use super::*;
use crate::target::{Target, Version};

const V15_1: UnicodeVersion = UnicodeVersion::V15_1;
const V16_0: UnicodeVersion = UnicodeVersion::V16_0;

#[test]
fn versions_are_in_step_with_the_table() {
    let all = [
        (UnicodeVersion::V12_1, "12.1.0"),
        (UnicodeVersion::V13_0, "13.0.0"),
        (UnicodeVersion::V14_0, "14.0.0"),
        (UnicodeVersion::V15_0, "15.0.0"),
        (UnicodeVersion::V15_1, "15.1.0"),
        (UnicodeVersion::V16_0, "16.0.0"),
        (UnicodeVersion::V17_0, "17.0.0"),
    ];
    assert_eq!(tables::VERSIONS.len(), all.len());
    for (version, text) in all {
        assert_eq!(tables::VERSIONS[version as usize], text);
    }
}

/// The table, read back, is the facts file.
#[test]
fn table_says_what_the_facts_say() {
    let mut next = 0;
    let versions: Vec<UnicodeVersion> = vec![UnicodeVersion::V12_1, V15_1, V16_0, UnicodeVersion::V17_0];
    let mut check = |first: u32, last: u32, sets: [u8; 4]| {
        let none_before = (next..first).map(|code| (code, [0; 4]));
        for (code, sets) in none_before.chain((first..=last).map(|code| (code, sets))) {
            for &version in &versions {
                let bit = |set: u8| set >> (version as u8) & 1 == 1;
                assert_eq!(is_assigned(code, version), bit(sets[0]), "{code:x}");
                assert_eq!(is_printable(code, version), bit(sets[1]), "{code:x}");
                if let Some(ch) = char::from_u32(code) {
                    assert_eq!(is_identifier_start(ch, version), bit(sets[2]), "{code:x}");
                    assert_eq!(is_identifier_continue(ch, version), bit(sets[3]), "{code:x}");
                }
            }
        }
        next = last + 1;
    };
    for line in include_str!("../../../xtask/data/unicode.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.len() == 6 && !line.starts_with('#') {
            let number = |word: &str| u32::from_str_radix(word, 16).unwrap();
            check(number(words[0]), number(words[1]), [2, 3, 4, 5].map(|i| number(words[i]) as u8));
        }
    }
    check(0x110000, 0x110000, [0; 4]);
}

#[test]
fn identifiers() {
    assert!(is_identifier("naïve", V15_1) && is_identifier("_1", V15_1) && is_identifier("变量", V15_1));
    assert!(!is_identifier("", V15_1) && !is_identifier("1a", V15_1) && !is_identifier("a-b", V15_1));
    // U+10D50 GARAY CAPITAL LETTER A came with 16.0.
    assert!(!is_identifier("\u{10D50}", V15_1) && is_identifier("\u{10D50}", V16_0));
    assert_eq!(identifier_error("ab\u{2082}x", V15_1), None.or(Some((2, '\u{2082}'))));
    assert_eq!(identifier_error("añb", V15_1), None);
}

#[test]
fn normal_forms() {
    assert!(matches!(normalize_identifier("abc"), Cow::Borrowed("abc")));
    assert_eq!(normalize_identifier("ﬁx"), "fix");
    assert_eq!(normalize_identifier("𝐱𝐲"), "xy");
    assert_eq!(normalize_identifier("ü"), "ü");
    assert_eq!(normalize_identifier("u\u{308}"), "ü");
}

/// Compares with `xtask/facts/names.py`'s record of what CPython knows.
fn names(fixture: &str, target: Target) {
    let mut lines = fixture.lines();
    let (count, hash) = lines.next().unwrap().split_once(' ').unwrap();
    let (mut named, mut state) = (0, 0xCBF2_9CE4_8422_2325_u64);
    for ch in
        ('\0'..=char::MAX).filter(|ch| !matches!(ch, '\u{17000}'..='\u{187FF}' | '\u{18D00}'..='\u{18D7F}'))
    {
        let Some(name) = unicode_names2::name(ch).map(|name| name.to_string()) else { continue };
        if character_named(&name, target) == Some(ch) {
            named += 1;
            for byte in format!("{:x} {name}\n", ch as u32).bytes() {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        }
    }
    assert_eq!((named.to_string().as_str(), format!("{state:x}").as_str()), (count, hash));
    for line in lines {
        let (name, code) = line.split_once('=').unwrap();
        let meant = character_named(name, target).map_or("-".to_owned(), |ch| format!("{:x}", ch as u32));
        assert_eq!(meant, code, "{name:?}");
    }
}

#[test]
fn names_3_13_0() {
    let target = Target { version: Version::V3_13, micro: 0 };
    names(include_str!("../../../fixtures/unicode/names-3.13.0.txt"), target);
}

#[test]
fn names_3_13() {
    names(include_str!("../../../fixtures/unicode/names-3.13.txt"), Target::newest(Version::V3_13));
}

#[test]
fn names_3_14() {
    names(include_str!("../../../fixtures/unicode/names-3.14.txt"), Target::newest(Version::V3_14));
}

#[test]
fn names_3_12() {
    names(include_str!("../../../fixtures/unicode/names-3.12.txt"), Target::newest(Version::V3_12));
}

#[test]
fn names_that_came_with_17_0() {
    let (before, now) = (Target::newest(Version::V3_14), Target::newest(Version::V3_15));
    let mut count = 0;
    for line in include_str!("names-17.0.txt").lines() {
        let (name, code) = line.rsplit_once(' ').unwrap();
        let code = u32::from_str_radix(code, 16).unwrap();
        assert_eq!(character_named(name, now), char::from_u32(code), "{name}");
        assert_eq!(character_named(name, before), None, "{name}");
        assert!(is_assigned(code, now.unicode()) && !is_assigned(code, before.unicode()), "{name}");
        count += 1;
    }
    assert_eq!(count, 457);
    assert_eq!(character_named("sidetic letter n01", now), Some('\u{10940}'));
    assert_eq!(character_named("CJK UNIFIED IDEOGRAPH-33479", now), Some('\u{33479}'));
    assert_eq!(character_named("CJK UNIFIED IDEOGRAPH-33479", before), None);
    // A range of 3.8 that was too long.
    let ideograph = "CJK UNIFIED IDEOGRAPH-2EBEF";
    assert_eq!(character_named(ideograph, Target::newest(Version::V3_8)), Some('\u{2EBEF}'));
    assert_eq!(character_named(ideograph, Target::newest(Version::V3_9)), None);
}
