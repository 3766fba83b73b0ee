use super::*;
use crate::target::Version;

fn fnv(text: &str) -> String {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:x}")
}

/// Compares with `xtask/facts/tokens.py`'s record of what CPython prints.
fn compare(fixture: &str, target: Target) {
    let cases = include_str!("../../../fixtures/syntax/tokens-cases.txt");
    assert_eq!(cases.lines().count(), fixture.lines().count());
    for (case, expected) in cases.lines().zip(fixture.lines()) {
        let hexadecimal = if case == "-" { "" } else { case };
        let source: Vec<u8> = (0..hexadecimal.len() / 2)
            .map(|i| u8::from_str_radix(&hexadecimal[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        let words: Vec<&str> = expected.splitn(4, ' ').collect();
        let run = |exact| {
            let mut out = String::new();
            let result = print(&source, Origin::File("f.py"), target, exact, &mut out, &mut Vec::new());
            let (status, error) = match result {
                Ok(()) => ("0", String::new()),
                Err(error) => ("1", error.display("f.py")),
            };
            (status, out, error)
        };
        let shown = String::from_utf8_lossy(&source).into_owned();
        let (status, out, error) = run(false);
        assert_eq!((status, error.as_str()), (words[0], words[3]), "{shown:?}");
        assert_eq!(fnv(&out), words[1], "{shown:?}:\n{out}");
        let (_, out, _) = run(true);
        assert_eq!(fnv(&out), words[2], "-e {shown:?}:\n{out}");
    }
}

#[test]
fn as_cpython_3_13_0() {
    let target = Target { version: Version::V3_13, micro: 0 };
    compare(include_str!("../../../fixtures/syntax/tokens-3.13.0.txt"), target);
}

#[test]
fn as_cpython_3_13() {
    compare(include_str!("../../../fixtures/syntax/tokens-3.13.txt"), Target::newest(Version::V3_13));
}

#[test]
fn as_cpython_3_14() {
    compare(include_str!("../../../fixtures/syntax/tokens-3.14.txt"), Target::newest(Version::V3_14));
}

#[test]
fn as_tokenize_3_15() {
    compare(include_str!("../../../fixtures/syntax/tokens-3.15.txt"), Target::newest(Version::V3_15));
}

#[test]
fn lines_are_padded_by_characters() {
    let mut out = String::new();
    let target = Target::newest(Version::V3_14);
    print("ä = 'é'\n".as_bytes(), Origin::File("f.py"), target, true, &mut out, &mut Vec::new()).unwrap();
    let expected = "\
0,0-0,0:            ENCODING       'utf-8'        \n\
1,0-1,1:            NAME           'ä'            \n\
1,2-1,3:            EQUAL          '='            \n\
1,4-1,7:            STRING         \"'é'\"          \n\
1,7-1,8:            NEWLINE        '\\n'           \n\
2,0-2,0:            ENDMARKER      ''             \n";
    assert_eq!(out, expected);
}

#[test]
fn standard_input_has_no_encoding_and_translated_newlines() {
    let mut out = String::new();
    let target = Target::newest(Version::V3_13);
    print(b"x\r\n(", Origin::StandardInput, target, false, &mut out, &mut Vec::new()).unwrap_err();
    assert!(out.starts_with("1,0-1,1:            NAME"));
    assert!(out.contains("NEWLINE        '\\n' "));
}

/// Compares with `xtask/facts/undecodable.py`'s record of what CPython 3.13 raises.
#[test]
fn invalid_utf8_in_tokens() {
    use crate::syntax::{ParseOptions, parse};
    use bumpalo::Bump;
    let target = Target::newest(Version::V3_13);
    for line in include_str!("../../../fixtures/syntax/undecodable-3.13.txt").lines() {
        let words: Vec<&str> = line.splitn(7, ' ').collect();
        let bytes = |hexadecimal: &str| -> Vec<u8> {
            (0..hexadecimal.len() / 2)
                .map(|i| u8::from_str_radix(&hexadecimal[2 * i..2 * i + 2], 16).unwrap())
                .collect()
        };
        let source = bytes(words[0]);
        let decoded = crate::source::decode(&source, target).unwrap();
        let (arena, mut names) = (Bump::new(), crate::value::Interner::new());
        let parsed = parse(&arena, &mut names, &decoded.text, &ParseOptions::exec(target), &mut Vec::new());
        let error = undecodable(&decoded, target, parsed.as_ref().err());
        let number = |number: Option<i32>| number.map_or("-".to_owned(), |number| number.to_string());
        let got = error.map_or("none".to_owned(), |error| {
            let place =
                [error.lineno, error.offset, error.end_lineno, error.end_offset].map(number).join(" ");
            let text = error.text.unwrap_or_default();
            format!("{place} {} {}", String::from_utf8_lossy(&text).trim_end(), error.message)
        });
        let expected = match words[1] {
            "ok" | "other" => "none".to_owned(),
            _ => {
                let text = if words[5] == "-" { Vec::new() } else { bytes(words[5]) };
                format!(
                    "{} {} {}",
                    words[1..5].join(" "),
                    String::from_utf8_lossy(&text).trim_end(),
                    words[6]
                )
            }
        };
        assert_eq!(got, expected, "{:?}", String::from_utf8_lossy(&source));
    }
}

#[test]
fn warnings_about_braces() {
    let warnings = |source: &str, version| {
        let (mut out, mut warnings) = (String::new(), Vec::new());
        let target = Target::newest(version);
        print(source.as_bytes(), Origin::File("f.py"), target, false, &mut out, &mut warnings).unwrap();
        warnings.into_iter().map(|warning| (warning.lineno, warning.message)).collect::<Vec<_>>()
    };
    let source = "f'\\{x}' rf'\\{x}'\nf'\\}}'\n";
    assert_eq!(
        warnings(source, Version::V3_13),
        [(1, r"invalid escape sequence '\{'".to_owned()), (2, r"invalid escape sequence '\}'".to_owned())]
    );
    assert!(warnings(source, Version::V3_14)[0].1.starts_with("\"\\{\" is an invalid escape sequence."));
}
