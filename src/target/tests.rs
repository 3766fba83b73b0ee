use super::{Op, Opcodes, Series, Version, series_of_magic, unknown_magic};

#[test]
fn numbers_and_operations_are_inverse() {
    for &version in Version::ALL {
        let ops = version.ops();
        for number in 0..=255u8 {
            if let Some(op) = ops.op(number) {
                assert_eq!(ops.number(op), u16::from(number), "{op:?}");
                assert_eq!(ops.caches[number as usize], ops.info(op).caches, "{op:?}");
            }
        }
    }
}

#[test]
fn known_facts() {
    let ops = Version::V3_13.ops();
    assert_eq!(ops.number(Op::Resume), 149);
    assert_eq!(ops.info(Op::LoadGlobal).caches, 4);
    assert_eq!(ops.effect(Op::LoadGlobal, 3, false), 2);
    assert_eq!(ops.effect(Op::UnpackEx, 0x0201, false), 3);
    assert_eq!(ops.effect(Op::BuildMap, 3, false), -5);
    assert_eq!(ops.effect(Op::SetupWith, 0, true), 1);
    assert_eq!(ops.effect(Op::SetupWith, 0, false), 0);
    assert!(!ops.info(Op::LoadSmallInt).exists());
    let ops = Version::V3_14.ops();
    assert_eq!(ops.number(Op::Resume), 128);
    assert_eq!(ops.info(Op::BinaryOp).caches, 5);
    assert!(ops.info(Op::Jump).is_pseudo());
    assert_eq!(ops.binary_ops[26], ("NB_SUBSCR", "[]"));
}

#[test]
fn magic_numbers_name_their_series() {
    assert_eq!(Version::from_magic(*b"\xf3\x0d\r\n"), Some(Version::V3_13));
    assert_eq!(Version::from_magic(*b"\x2b\x0e\r\n"), Some(Version::V3_14));
    assert_eq!(Version::from_magic(*b"\xcb\x0d\r\n"), Some(Version::V3_12));
    assert_eq!(Version::from_magic(*b"\xca\x0d\r\n"), None);
    assert_eq!(series_of_magic(3413), Some("3.8"));
    assert_eq!(series_of_magic(1), None);
}

#[test]
fn unknown_magic_numbers_are_answered_with_near_ones() {
    assert_eq!(unknown_magic(3702), "unknown magic number 3702; near it is 3666 (Python 3.15)");
    assert_eq!(
        unknown_magic(3414),
        "unknown magic number 3414; near it are 3413 (Python 3.8) and 3420 (Python 3.9, a development version (3.9a0))"
    );
    assert_eq!(
        unknown_magic(0),
        "unknown magic number 0; near it is 3000 (Python 3.0, a development version (3.0a1))"
    );
}

#[test]
fn forms_and_facts_agree() {
    for &version in Version::ALL {
        let (form, facts) = (version.form(), version.file_facts());
        assert_eq!((form.lines, form.handlers, form.marshal), (facts.lines, facts.handlers, facts.marshal));
        let series = Series::of_magic(facts.magic).expect("listed");
        assert_eq!((series.form, series.siphash), (Some(form), facts.siphash), "{version:?}");
        assert_eq!((series.version(), series.opcodes), (Some(version), Opcodes::Final));
    }
    let mut numbers: Vec<u16> = Series::all().iter().map(|series| series.magic).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]), "each number once");
    assert!(Series::of_bytes(*b"\x02\x99\x99\x00").is_some_and(|series| series.name == "1.0"));
    assert!(Series::of_bytes(*b"\x02\x99\r\n").is_none());
    // With -U.
    assert!(Series::of_magic(62_212).is_some_and(|series| series.name == "2.7"));
}
