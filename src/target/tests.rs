use super::{Op, Version, series_of_magic};

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
