use super::*;
use crate::target::Version;

fn target(micro: u8, version: Version) -> Target {
    Target { version, micro }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    if hexadecimal == "-" {
        return Vec::new();
    }
    (0..hexadecimal.len() / 2)
        .map(|i| u8::from_str_radix(&hexadecimal[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

/// Compares with `xtask/facts/decoding.py`'s record of what CPython makes of the same sources.
fn compare(fixture: &str, target: Target) {
    let lines: Vec<&str> = fixture.lines().collect();
    assert!(lines.len() > 300);
    for pair in lines.chunks(2) {
        let source = bytes(pair[0]);
        let outcome = decode(&source, target);
        let shown = String::from_utf8_lossy(&source).into_owned();
        if let Some(constant) = pair[1].strip_prefix(" ok ") {
            let decoded = outcome.unwrap_or_else(|error| panic!("{shown:?}: {error:?}"));
            let constant = String::from_utf8(bytes(constant)).unwrap();
            assert!(decoded.text.contains(&constant), "{shown:?}: {decoded:?} without {constant:?}");
            assert!(decoded.text.is_empty() || decoded.text.ends_with('\n'));
            continue;
        }
        let fields: Vec<&str> = pair[1].strip_prefix(" error ").unwrap().splitn(6, ' ').collect();
        if fields[5].starts_with("(unicode error)") {
            // That is for whoever reads the tokens.
            assert!(outcome.unwrap().undecodable.is_some(), "{shown:?}");
            continue;
        }
        let error = outcome.expect_err(&shown);
        let number = |field: Option<i32>| field.map_or("-".to_owned(), |n| n.to_string());
        assert_eq!(error.message, fields[5], "{shown:?}");
        let places = [error.lineno, error.offset, error.end_lineno, error.end_offset].map(number);
        assert_eq!(places, fields[..4], "{shown:?}");
        let text = if fields[4] == "-" { None } else { Some(bytes(fields[4])) };
        assert_eq!(error.text, text, "{shown:?}");
    }
}

#[test]
fn as_cpython_3_13_0() {
    compare(include_str!("../../../fixtures/source/decoding-3.13.0.txt"), target(0, Version::V3_13));
}

#[test]
fn as_cpython_3_13() {
    compare(include_str!("../../../fixtures/source/decoding-3.13.txt"), target(18, Version::V3_13));
}

#[test]
fn as_cpython_3_14() {
    compare(include_str!("../../../fixtures/source/decoding-3.14.txt"), target(10, Version::V3_14));
}

#[test]
fn as_cpython_3_12() {
    compare(include_str!("../../../fixtures/source/decoding-3.12.txt"), target(15, Version::V3_12));
}

#[test]
fn as_cpython_3_15() {
    compare(include_str!("../../../fixtures/source/decoding-3.15.txt"), target(2, Version::V3_15));
}

#[test]
fn plain_utf8_is_borrowed() {
    let source = "x = 'ä'\n".repeat(100);
    let decoded = decode(source.as_bytes(), Target::newest(Version::V3_14)).unwrap();
    assert!(matches!(decoded.text, Cow::Borrowed(text) if text == source));
    let with_bom = format!("\u{FEFF}{source}");
    let decoded = decode(with_bom.as_bytes(), Target::newest(Version::V3_14)).unwrap();
    assert!(decoded.bom && matches!(decoded.text, Cow::Borrowed(text) if text == source));
}

#[test]
fn newlines() {
    let text = |source: &[u8], last| {
        decode_with(source, Target::newest(Version::V3_13), last).unwrap().text.into_owned()
    };
    assert_eq!(text(b"a\r\nb\rc\r\r\nd\n\r", FinalNewline::Add), "a\nb\nc\n\nd\n\n");
    assert_eq!(text(b"a\r\nb", FinalNewline::Add), "a\nb\n");
    assert_eq!(text(b"a\r\nb", FinalNewline::Keep), "a\nb");
    assert_eq!(text(b"a", FinalNewline::Keep), "a");
    assert_eq!(text(b"a", FinalNewline::Add), "a\n");
    assert_eq!(text(b"", FinalNewline::Add), "");
    assert_eq!(text(b"\xEF\xBB\xBF", FinalNewline::Keep), "");
    assert_eq!(text(b"\xEF\xBB\xBF", FinalNewline::Add), "\n");
}

#[test]
fn returns_and_nulls_are_found_wherever_they_are() {
    for at in [0, 1, 255, 256, 257, 511, 700, 1023] {
        let mut source = vec![b'x'; 1024];
        source[at] = b'\r';
        let decoded = decode(&source, Target::newest(Version::V3_14)).unwrap();
        assert_eq!(decoded.text.find('\n'), Some(at));
        source[at] = 0;
        let error = decode(&source, Target::newest(Version::V3_14)).unwrap_err();
        assert_eq!(error.message, "source code string cannot contain null bytes");
    }
}

#[test]
fn invalid_bytes_keep_their_places() {
    let source = b"a\n# \xE4\xB8b \xFF\n";
    let decoded = decode(source, Target::newest(Version::V3_13)).unwrap();
    assert_eq!(decoded.text, "a\n# xxb x\n");
    assert_eq!(decoded.undecodable.as_deref(), Some(&source[..]));
    let (start, message) = utf8_error(source).unwrap();
    assert_eq!(start, 4);
    assert!(message.ends_with("can't decode bytes in position 4-5: invalid continuation byte"));
    assert_eq!(utf8_error("ä".as_bytes()), None);
}

#[test]
fn tables_are_sorted() {
    assert!(tables::MODULES.is_sorted_by_key(|(name, _)| *name));
    assert!(tables::ALIASES.is_sorted_by_key(|&(name, _, since)| (name, since)));
    // No name with a capital letter is ever looked up.
    for (alias, module, since) in
        tables::ALIASES.into_iter().filter(|row| row.0.to_ascii_lowercase() == row.0)
    {
        let found = codecs::lookup(alias, since).map(|(module, _)| module);
        assert_eq!(found, (module != "-").then_some(module), "{alias}");
    }
}

#[test]
fn multibyte_errors() {
    let message = |source: &[u8]| decode(source, Target::newest(Version::V3_13)).unwrap_err().message;
    assert_eq!(
        message(b"# coding: shift_jis\nx='\x82'\n"),
        "'shift_jis' codec can't decode byte 0x82 in position 23: illegal multibyte sequence"
    );
    assert_eq!(message(b"# coding: idna\n"), "encoding 'idna' is known to Python but not supported by pyrsc");
    let decoded = decode(b"# coding: sjis\nx='\x82\xA0'\n", Target::newest(Version::V3_13)).unwrap();
    assert!(decoded.text.ends_with("x='あ'\n"));
}

#[test]
fn encodings_follow_the_epoch() {
    let known = |name, version| {
        super::codecs::lookup(name, Target::newest(version).encodings_epoch()).map(|(module, _)| module)
    };
    assert_eq!(known("mac_centeuro", Version::V3_8), Some("mac_centeuro"));
    assert_eq!(known("mac_centeuro", Version::V3_9), Some("mac_latin2"));
    assert_eq!(known("windows-31j", Version::V3_12), None);
    assert_eq!(known("windows-31j", Version::V3_13), Some("cp932"));
    assert_eq!(known("korean", Version::V3_14), Some("euc_kr"));
    assert_eq!(known("korean", Version::V3_15), Some("cp949"));
    assert_eq!(known("latin_2", Version::V3_14), None);
}
