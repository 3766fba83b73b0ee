use super::Style;
use crate::target::Version;

/// The fields that are printed must be as long as the caches that are skipped.
#[test]
fn cache_fields_fill_the_caches_of_the_opcode_table() {
    for version in [Version::V3_13, Version::V3_14] {
        let (ops, style) = (version.ops(), Style::of(version));
        for (byte, op) in ops.by_number.iter().enumerate() {
            let Some(op) = *op else { continue };
            let units: u32 = style.cache(op).iter().map(|(_, size)| size).sum();
            assert_eq!(units, u32::from(ops.caches[byte]), "{version:?} {}", ops.names[byte]);
        }
    }
}

#[test]
fn flags_are_named_by_bit() {
    assert_eq!(Style::of(Version::V3_13).flag(0), Some("OPTIMIZED"));
    assert_eq!(Style::of(Version::V3_13).flag(26), None);
    assert_eq!(Style::of(Version::V3_14).flag(26), Some("HAS_DOCSTRING"));
    assert_eq!(Style::of(Version::V3_14).flag(10), None);
    assert_eq!(Style::of(Version::V3_14).flag(31), None);
}
