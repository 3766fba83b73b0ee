use super::facts::NODES;
use super::*;
use crate::source::{FinalNewline, decode_with};
use crate::syntax::{Mode, ParseOptions, parse};
use crate::target::{Target, Version};
use bumpalo::Bump;

/// The facts are those of the ast module's docstrings.
#[test]
fn facts_are_those_of_the_references() {
    let shown = |node: &NodeFacts| {
        let fields: Vec<String> = node
            .fields
            .iter()
            .map(|field| {
                let mark = match field.quantity {
                    facts::Quantity::One => "",
                    facts::Quantity::Optional => "?",
                    facts::Quantity::Many => "*",
                };
                format!("{}{mark} {}", field.kind, field.name)
            })
            .collect();
        if fields.is_empty() { node.name.to_owned() } else { format!("{}({})", node.name, fields.join(", ")) }
    };
    let ours: Vec<String> = NODES.iter().map(|node| shown(node)).collect();
    for fixture in [
        include_str!("../../../fixtures/syntax/asdl-3.13.txt"),
        include_str!("../../../fixtures/syntax/asdl-3.14.txt"),
    ] {
        for line in fixture.lines() {
            // 3.14 writes `expr?*` for lists whose items may be None.
            let line = line.replace("?*", "*");
            let is_older = |ours: &String| {
                ours.replace(", int? is_lazy", "").replace("key, expr? value", "key, expr value") == line
            };
            assert!(ours.iter().any(is_older), "{line}");
        }
    }
    let newest = include_str!("../../../fixtures/syntax/asdl-3.15.txt");
    assert!(newest.lines().all(|line| ours.contains(&line.replace("?*", "*"))));
    assert_eq!(newest.lines().count(), NODES.len());
}

fn fnv(text: &str) -> String {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:x}")
}

/// Compares with `xtask/facts/dump.py`'s record of what CPython writes.
fn compare(fixture: &str, target: Target) {
    for line in fixture.lines() {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        let hexadecimal = if words[1] == "-" { "" } else { words[1] };
        let bytes: Vec<u8> = (0..hexadecimal.len() / 2)
            .map(|i| u8::from_str_radix(&hexadecimal[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        let (mode, final_newline) = match words[0] {
            "exec" => (Mode::Exec, FinalNewline::Add),
            "eval" => (Mode::Eval, FinalNewline::Keep),
            "single" => (Mode::Single, FinalNewline::Keep),
            _ => (Mode::FuncType, FinalNewline::Keep),
        };
        let decoded = decode_with(&bytes, target, final_newline).unwrap();
        let (arena, mut names) = (Bump::new(), Interner::new());
        let options = ParseOptions { target, mode, type_comments: true };
        let shown = format!("{} {:?}", words[0], decoded.text);
        let tree = match parse(&arena, &mut names, &decoded.text, &options, &mut Vec::new()) {
            Ok(tree) => tree,
            Err(error) => {
                let expected = line.split_once(" error ").map(|(_, message)| message);
                assert_eq!(Some(error.message.as_str()), expected, "{shown}");
                continue;
            }
        };
        let text = |indent, annotate_fields, include_attributes| {
            let options = DumpOptions {
                indent,
                annotate_fields,
                include_attributes,
                show_empty: false,
                style: DumpStyle::of(target),
                unicode: target.unicode(),
            };
            let mut out = String::new();
            dump(&tree, &names, &options, &mut out).unwrap();
            out
        };
        assert_eq!(text(None, true, false), words[4], "{shown}");
        let (long, bare) = (text(Some(3), true, true), text(None, false, false));
        assert_eq!(fnv(&long), words[2], "{shown}:\n{long}");
        assert_eq!(fnv(&bare), words[3], "{shown}:\n{bare}");
    }
}

#[test]
fn as_cpython_3_13() {
    compare(include_str!("../../../fixtures/syntax/dump-3.13.txt"), Target::newest(Version::V3_13));
}

#[test]
fn as_cpython_3_14() {
    compare(include_str!("../../../fixtures/syntax/dump-3.14.txt"), Target::newest(Version::V3_14));
}

#[test]
fn as_cpython_3_15() {
    compare(include_str!("../../../fixtures/syntax/dump-3.15.txt"), Target::newest(Version::V3_15));
}

#[test]
fn integers_of_too_many_digits() {
    let (arena, mut names) = (Bump::new(), Interner::new());
    let target = Target::newest(Version::V3_14);
    let text = format!("0x{}\n", "f".repeat(4000));
    let tree = parse(&arena, &mut names, &text, &ParseOptions::exec(target), &mut Vec::new()).unwrap();
    let options = DumpOptions {
        indent: None,
        annotate_fields: true,
        include_attributes: false,
        show_empty: false,
        style: DumpStyle::of(target),
        unicode: target.unicode(),
    };
    assert!(dump(&tree, &names, &options, &mut String::new()).is_err());
}
