//! Compares every decoder that is more than a table of bytes with `xtask/facts/multibyte.py`'s record of what
//! CPython decodes. (`show CODEC` of that script prints what went into the hashes.)

use super::codecs::{decode, decode_replacing};
use crate::target::{Target, Version};

const CASES: usize = 2000;

/// Begin a set in one of the stateful encodings.
#[rustfmt::skip]
const SHIFTS: &[&[u8]] = &[
    b"~{", b"\x1B$B", b"\x1B$@", b"\x1B$(D", b"\x1B$(O", b"\x1B$(P", b"\x1B$(Q", b"\x1B$(C", b"\x1B$A",
    b"\x1B$)C\x0E", b"\x1B(I", b"\x1B(J",
];

/// Of what the random texts are made, beside the above.
#[rustfmt::skip]
const PIECES: &[&[u8]] = &[
    b"\n", b"\x1B", b"\x1B(B", b"\x1B.A\x1BN", b"\x1B.F\x1BN", b"\x1BN", b"\x1B.J", b"\x0E", b"\x0F",
    b"\x1B&@\x1B$B", b"\x1B(\x1B(\x1B$B", b"\x1B$(F", b"\x1B[1m", b"~}", b"~~", b"~\n", b"~", b"+", b"-",
    b"+AOQ-", b"+2D3eAA-", b"+2D3-", b"+2AA-", b"+3gA-", b"+AA", b"\\", b"\\u00e4", b"\\U0001F600",
    b"\\U00110000", b"\\ud83d", b"\\x4", b"\\xe4", b"\\N{BULLET}", b"\\N{no}", b"\\N{", b"\\N", b"\\777",
    b"\\12", b"\\q", b"\xFF\xFE", b"\xFE\xFF", b"\x00\xD8", b"\x00\xDC",
    b"\xA4\xD4\xA4\xA1\xA4\xBF\xA4\xD4", b"\xA4\xD4\xA4\xB8\xA4\xD3\xA4\xBE", b"\x8F\xA2\xB7", b"\x8E\xB1",
    b"\x810\x810", b"\x841\xA47", b"\xE3\x81\x82", b"\xED\xA0\x80", b"\xF0\x9F\x98", b"a", b" ",
];

/// The random numbers of the script.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// FNV-1a.
struct Hash(u64);

impl Hash {
    fn new() -> Hash {
        Hash(0xCBF2_9CE4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

fn is_stateful(codec: &str) -> bool {
    codec == "hz" || codec.starts_with("iso2022")
}

/// Strings that hold all sequences of a codec.
fn rows(codec: &str) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    if codec.starts_with("utf") || codec.ends_with("escape") {
        return rows;
    }
    if is_stateful(codec) {
        for shift in SHIFTS {
            for first in 0x21..0x80 {
                let cells = (0x21..0x7F).flat_map(|second| [first, second]);
                rows.push(shift.iter().copied().chain(cells).collect());
            }
        }
        return rows;
    }
    for first in 0x80..=0xFF {
        rows.push((0..=0xFF).flat_map(|second| [first, second, b'\n']).collect());
    }
    for first in 0xA1..0xFF {
        rows.push((0xA1..0xFF).flat_map(|second| [0x8F, first, second, b'\n']).collect());
    }
    if codec == "gb18030" {
        for number in (0..126 * 10 * 126 * 10_u32).step_by(37) {
            let (rest, d) = (number / 10, number % 10);
            let (rest, c) = (rest / 126, rest % 126);
            let [a, b, c, d] = [rest / 10, rest % 10, c, d].map(|digit| digit as u8);
            rows.push(vec![0x81 + a, 0x30 + b, 0x81 + c, 0x30 + d]);
        }
    }
    rows
}

fn cases() -> Vec<Vec<u8>> {
    let mut numbers = Numbers(1);
    let pieces = [SHIFTS, PIECES].concat();
    let case = |_| {
        let mut case = Vec::new();
        for _ in 0..=numbers.below(10) {
            match numbers.below(4) {
                0 | 1 => case.extend_from_slice(pieces[numbers.below(pieces.len())]),
                2 => {
                    for _ in 0..2 {
                        case.push(0x21 + numbers.below(0x5E) as u8);
                    }
                }
                _ => case.push(numbers.below(0x100) as u8),
            }
        }
        case
    };
    (0..CASES).map(case).collect()
}

#[test]
fn as_cpython() {
    let target = Target::newest(Version::V3_14);
    let record = include_str!("../../../fixtures/source/multibyte.txt");
    assert_eq!(record.lines().count(), 34);
    let cases = cases();
    let mut different = Vec::new();
    for line in record.lines() {
        let codec = line.split_once(' ').unwrap().0;
        let (mut tables, mut texts) = (Hash::new(), Hash::new());
        for row in rows(codec) {
            tables.add(&decode_replacing(&row, codec, target).unwrap());
        }
        for case in &cases {
            texts.add(&decode(case, codec, target).unwrap_or_else(|message| message));
            texts.add("\0");
        }
        let found = format!("{codec} {:x} {:x}", tables.0, texts.0);
        if found != line {
            different.push(found);
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn lone_surrogates() {
    let message = |source: &[u8]| decode(source, "utf-7", Target::newest(Version::V3_13)).unwrap_err();
    assert_eq!(
        message(b"\xE4"),
        "'utf7' codec can't decode byte 0xe4 in position 0: unexpected special character"
    );
    assert_eq!(
        message(b"+AOQ-+2AA-"),
        "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"
    );
    assert_eq!(
        message(b"+2ADYAA-x+2AA-"),
        "'utf-8' codec can't encode characters in position 0-1: surrogates not allowed"
    );
}
