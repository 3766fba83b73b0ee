use super::labels::Labels;
use super::*;
use crate::code::{Object, ObjectId, Objects, Range};
use crate::target::{UnicodeVersion, Version};
use crate::value::PyStr;

const FORM: Form = Form { unicode: UnicodeVersion::V15_1, limit: 1 << 20, constants: style::Constants::NEW };

fn byte(version: Version, name: &str) -> u8 {
    let shapes = Shapes::of(version);
    shapes.by_byte.iter().position(|shape| shape.name == name).expect("an opcode") as u8
}

fn repr(objects: &Objects<'_>, id: ObjectId) -> String {
    let mut out = Vec::new();
    constant::write_repr(objects, id, FORM, &mut out).expect("short");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn extended_arguments_add_up_and_wrap() {
    let version = Version::V3_14;
    let (extended, load) = (byte(version, "EXTENDED_ARG"), byte(version, "LOAD_CONST"));
    let code = [extended, 1, extended, 2, load, 3, load, 4];
    let got: Vec<_> = Instructions::new(Shapes::of(version), &code)
        .map(|instruction| (instruction.offset, instruction.start, instruction.arg))
        .collect();
    assert_eq!(got, [(0, 0, 1), (2, 2, 0x102), (4, 0, 0x1_0203), (6, 6, 4)]);

    let code = [extended, 0xff, extended, 0xff, extended, 0xff, load, 0xff];
    let last = Instructions::new(Shapes::of(version), &code).last().expect("one");
    assert_eq!(last.arg, -1);
}

#[test]
fn caches_are_skipped_and_jumps_count_from_behind_them() {
    let version = Version::V3_13;
    let (jump, back) = (byte(version, "POP_JUMP_IF_TRUE"), byte(version, "JUMP_BACKWARD"));
    // Each has one cache entry.
    let code = [jump, 2, 0, 0, back, 3, 0, 0];
    let targets: Vec<_> = Instructions::new(Shapes::of(version), &code)
        .map(|instruction| (instruction.offset, instruction.jump_target()))
        .collect();
    assert_eq!(targets, [(0, Some(8)), (4, Some(2))]);
}

#[test]
fn only_3_14_explains_where_an_async_loop_comes_from() {
    let shape = |version| &Shapes::of(version).by_byte[usize::from(byte(version, "END_ASYNC_FOR"))];
    assert_eq!(shape(Version::V3_13).jump, Jump::None);
    assert_eq!(shape(Version::V3_14).arg, ArgKind::ComesFrom);
}

#[test]
fn labels_outside_of_the_code_are_numbered_too() {
    let mut labels = Labels::default();
    for units in [4, 2] {
        labels.reset(2 * units, true);
        for offset in [6, -2, 2, 1 << 40, 2] {
            labels.add(offset);
        }
        labels.number();
        assert_eq!(labels.len(), 4);
        assert_eq!(
            [-2, 0, 2, 6, 1 << 40].map(|offset| labels.at(offset)),
            [Some(1), None, Some(2), Some(3), Some(4)]
        );
    }
    labels.reset(8, true);
    assert!(labels.is_empty() && labels.at_offset(2) == 0 && labels.at_offset(6) == 0);
}

#[test]
fn constants_are_shown_as_python_shows_them() {
    let mut objects = Objects::default();
    let one = objects.push(Object::Int(1), false);
    let text = objects.push(Object::Str { text: PyStr::from("it's"), interned: false }, false);
    let bytes = objects.push(Object::Bytes(b"\0\"'"), false);
    let none = objects.push(Object::None, false);
    let float = objects.push(Object::Float(1e16f64.to_bits()), false);
    let complex = objects.push(Object::Complex { re: (-0.0f64).to_bits(), im: 2.0f64.to_bits() }, false);
    objects.children.extend([one, text, bytes]);
    let single = objects.push(Object::Tuple(Range { start: 0, len: 1 }), false);
    let empty = objects.push(Object::Tuple(Range { start: 0, len: 0 }), false);
    let set = objects.push(Object::FrozenSet(Range { start: 0, len: 3 }), false);
    let empty_set = objects.push(Object::FrozenSet(Range { start: 0, len: 0 }), false);
    let slice = objects.push(Object::Slice([one, none, single]), false);
    let ellipsis = objects.push(Object::Ellipsis, false);
    for (id, expected) in [
        (one, "1"),
        (text, "\"it's\""),
        (bytes, r#"b'\x00"\''"#),
        (float, "1e+16"),
        (complex, "(-0+2j)"),
        (single, "(1,)"),
        (empty, "()"),
        (set, r#"frozenset({1, "it's", b'\x00"\''})"#),
        (empty_set, "frozenset()"),
        (slice, "slice(1, None, (1,))"),
        (ellipsis, "Ellipsis"),
    ] {
        assert_eq!(repr(&objects, id), expected);
    }
}

#[test]
fn integers_of_any_size() {
    let mut objects = Objects::default();
    let mut long = |negative, digits: &'static [u8]| objects.push(Object::Long { negative, digits }, false);
    // 2**31, -(2**60), 2**75 + 1 in digits of fifteen bits.
    let small = long(false, &[0, 0, 0, 0, 2, 0]);
    let middle = long(true, &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    let large = long(false, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    let huge = long(false, [0xff_u8, 0x7f].repeat(1000).leak());
    assert_eq!(repr(&objects, small), "2147483648");
    assert_eq!(repr(&objects, middle), "-1152921504606846976");
    assert_eq!(repr(&objects, large), "37778931862957161709569");
    // Python prints no more than 4,300 digits.
    assert_eq!(repr(&objects, huge), format!("0x{}", "f".repeat(3750)));
}

#[test]
fn shared_containers_do_not_explode() {
    let mut objects = Objects::default();
    let mut id = objects.push(Object::None, false);
    for _ in 0..64 {
        let start = objects.children.len() as u32;
        objects.children.extend([id, id]);
        id = objects.push(Object::Tuple(Range { start, len: 2 }), true);
    }
    let error = constant::write_repr(&objects, id, FORM, &mut Vec::new());
    assert_eq!(error, Err(ErrorKind::TooLong { limit: FORM.limit }));
}

#[test]
fn json_strings_escape_what_json_has_no_room_for() {
    let mut out = Vec::new();
    push_string(b"a\"\\\n\x01\xed\xa0\x80\xc3\xa9", &mut out);
    assert_eq!(out, b"\"a\\\"\\\\\\n\\u0001\\ud800\xc3\xa9\"");
}

#[test]
fn constants_are_shown_as_older_releases_showed_them() {
    let mut objects = Objects::default();
    let text = objects
        .push(Object::Str { text: PyStr::from("a\u{e9}\u{20ac}\u{10000}'\n"), interned: false }, false);
    let bytes = objects.push(Object::Bytes(b"it's\xff"), false);
    let long = objects.push(Object::Long { negative: true, digits: &[1, 0] }, false);
    let tenth = objects.push(Object::Float(0.1f64.to_bits()), false);
    let large = objects.push(Object::Float(1e17f64.to_bits()), false);
    let whole = objects.push(Object::Float((-3.0f64).to_bits()), false);
    let tiny = objects.push(Object::Float(1.5e-7f64.to_bits()), false);
    let complex = objects.push(Object::Complex { re: 0.5f64.to_bits(), im: (-2.0f64).to_bits() }, false);
    // Unicode 11.0 has it.
    let new = objects.push(Object::Str { text: PyStr::from("\u{560}"), interned: false }, false);
    let shown = |name: &str, id| {
        let constants = style::Style::of_name(name).arguments.constants;
        let mut out = Vec::new();
        constant::write_repr(&objects, id, Form { constants, ..FORM }, &mut out).expect("short");
        String::from_utf8(out).expect("UTF-8")
    };
    for (name, id, expected) in [
        ("2.7", text, "u\"a\\xe9\\u20ac\\U00010000'\\n\""),
        ("3.0", text, "\"aé€\u{10000}'\\n\""),
        ("2.7", bytes, "\"it's\\xff\""),
        ("3.4", bytes, "b\"it's\\xff\""),
        ("2.2", long, "-1L"),
        ("3.1", long, "-1"),
        ("2.6", tenth, "0.10000000000000001"),
        ("2.7", tenth, "0.1"),
        ("3.0", large, "1e+17"),
        ("1.5", whole, "-3.0"),
        ("1.5", tiny, "1.4999999999999999e-07"),
        ("2.6", complex, "(0.5-2j)"),
        ("3.6", new, "'\\u0560'"),
        ("3.7", new, "'\u{560}'"),
    ] {
        assert_eq!(shown(name, id), expected, "{name}");
    }
}

#[test]
fn instructions_of_varying_length() {
    let series =
        crate::target::Series::all().iter().find(|series| series.name == "2.7" && series.version().is_none());
    let shapes = Shapes::of_series(series.expect("2.7 is known")).expect("its opcodes are known");
    let number =
        |name: &str| shapes.by_byte.iter().position(|shape| shape.name == name).expect("an opcode") as u8;
    let (extended, jump, forward) = (number("EXTENDED_ARG"), number("JUMP_ABSOLUTE"), number("JUMP_FORWARD"));
    let code = [number("NOP"), extended, 1, 0, jump, 2, 1, forward, 3, 0, jump, 0];
    let got: Vec<_> = Instructions::new(shapes, &code)
        .map(|it| (it.offset, it.end, it.arg, it.is_extended(), it.jump_target()))
        .collect();
    let expected = [
        (0, 1, 0, false, None),
        (1, 4, 1, false, None),
        (4, 7, 0x1_0102, true, Some(0x1_0102)),
        (7, 10, 3, false, Some(13)),
    ];
    // The last one is cut off.
    assert_eq!(got, expected);
}
