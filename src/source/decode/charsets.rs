//! Coded character sets that several encodings share: what one or two bytes below 0x80 mean in each.

use super::jisx0213_tables::{EDITION_OF_2000, PAIRS, PLANE_1, PLANE_2};
use super::multibyte::{self, Codec};
use super::text::Text;

/// A coded character set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Charset {
    Ascii,
    /// The half above 0xA0 of ISO 8859-1, for single shifts only.
    Latin1,
    /// The half above 0xA0 of ISO 8859-7 as it was in 1987, for single shifts only.
    Greek,
    /// JIS X 0201's Latin letters.
    JisRoman,
    /// JIS X 0201's half-width katakana.
    JisKatakana,
    Jisx0208,
    Jisx0212,
    /// Plane 1, JIS X 0208 included.
    Jisx0213Plane1(Edition),
    Jisx0213Plane2(Edition),
    Ksx1001,
    Gb2312,
}

/// An edition of JIS X 0213.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edition {
    Of2000,
    Of2004,
}

impl Charset {
    /// Bytes per character.
    pub(super) fn width(self) -> usize {
        match self {
            Charset::Ascii | Charset::Latin1 | Charset::Greek | Charset::JisRoman | Charset::JisKatakana => 1,
            _ => 2,
        }
    }

    /// Adds what `code`, as many bytes as [`Charset::width`] says, means; false if it means nothing.
    pub(super) fn push(self, code: &[u8], text: &mut Text) -> bool {
        if !code.is_ascii() {
            return false;
        }
        match (self, code) {
            (Charset::Ascii, &[byte]) => text.push(char::from(byte)),
            (Charset::JisRoman, &[byte]) => text.push(roman(byte)),
            (Charset::JisKatakana, &[byte @ 0x21..=0x5F]) => text.push(katakana(byte)),
            (Charset::Jisx0208, code) => return euc("euc_jp", code, text),
            (Charset::Jisx0212, &[row, cell]) => return euc("euc_jp", &[0x0F, row, cell], text),
            // The filler, which euc_kr only has in composed syllables.
            (Charset::Ksx1001, [0x24, 0x54]) => text.push('\u{3164}'),
            (Charset::Ksx1001, code) => return euc("euc_kr", code, text),
            (Charset::Gb2312, code) => return euc("gb2312", code, text),
            (Charset::Jisx0213Plane1(edition), &[row, cell]) => {
                return push_jisx0213(1, u16::from_be_bytes([row, cell]), edition, text);
            }
            (Charset::Jisx0213Plane2(edition), &[row, cell]) => {
                return push_jisx0213(2, u16::from_be_bytes([row, cell]), edition, text);
            }
            _ => return false,
        }
        true
    }

    /// Adds what the single byte `byte` means after a single shift; false if it means nothing.
    pub(super) fn push_shifted(self, byte: u8, text: &mut Text) -> bool {
        let high = byte ^ 0x80;
        match (self, byte) {
            (Charset::Ascii | Charset::Latin1, 0x80..) => return false,
            (Charset::Ascii, _) => text.push(char::from(byte)),
            (Charset::Latin1, _) => text.push(char::from(high)),
            (Charset::Greek, _) => match greek(high) {
                Some(letter) => text.push(letter),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// Was this cell of plane 1 empty in the edition of 2000, and is it no longer?
pub(super) fn came_after(edition: Edition, code: [u8; 2]) -> bool {
    edition == Edition::Of2000 && EDITION_OF_2000.iter().any(|&row| row == (1, u16::from_be_bytes(code), 0))
}

/// Adds a cell of JIS X 0213; false if it means nothing.
fn push_jisx0213(plane: u8, code: u16, edition: Edition, text: &mut Text) -> bool {
    if edition == Edition::Of2000
        && let Some(&(.., older)) = EDITION_OF_2000.iter().find(|row| (row.0, row.1) == (plane, code))
    {
        if older != 0 {
            text.push_code(older);
        }
        return older != 0;
    }
    if (plane, code) == (1, 0x2232) {
        // EUC has the full-width tilde of the table.
        text.push('~');
        return true;
    }
    if plane == 2 {
        return push_from(&PLANE_2, code, text);
    }
    if let Ok(pair) = PAIRS.binary_search_by_key(&code, |&(code, _)| code) {
        text.push_str(PAIRS[pair].1);
        return true;
    }
    push_from(&PLANE_1, code, text) || Charset::Jisx0208.push(&code.to_be_bytes(), text)
}

/// JIS X 0201: ASCII with a yen sign and an overline.
pub(super) fn roman(byte: u8) -> char {
    match byte {
        b'\\' => '\u{A5}',
        b'~' => '\u{203E}',
        byte => char::from(byte),
    }
}

/// Half-width katakana, from 0x21 to 0x5F.
pub(super) fn katakana(byte: u8) -> char {
    char::from_u32(0xFF40 + u32::from(byte)).unwrap_or_default()
}

/// ISO 8859-7 without the signs that came in 2003.
fn greek(byte: u8) -> Option<char> {
    Some(match byte {
        0..=0xA0 | 0xA3 | 0xA6..=0xA9 | 0xAB..=0xAD | 0xB0..=0xB3 | 0xB7 | 0xBB | 0xBD => char::from(byte),
        0xA1 => '\u{2018}',
        0xA2 => '\u{2019}',
        0xAF => '\u{2015}',
        0xB4..=0xD1 | 0xD3..=0xFE => char::from_u32(0x2D0 + u32::from(byte))?,
        _ => return None,
    })
}

/// What the EUC encoding `codec` makes of `code` with the high bits set.
fn euc(codec: &str, code: &[u8], text: &mut Text) -> bool {
    let mut high = [0; 3];
    for (high, low) in high.iter_mut().zip(code) {
        *high = low | 0x80;
    }
    let meaning = multibyte::codec(codec).and_then(|codec: &Codec| codec.meaning(&high[..code.len()]));
    match meaning {
        Some(meaning) => text.push_str(&meaning),
        None => return false,
    }
    true
}

/// The character of `code` in `runs`, if there is one.
fn push_from(runs: &[(u16, &str)], code: u16, text: &mut Text) -> bool {
    let after = runs.partition_point(|&(first, _)| first <= code);
    let found = after.checked_sub(1).and_then(|index| {
        let (first, characters) = runs[index];
        characters.chars().nth(usize::from(code - first))
    });
    match found {
        Some(character) => text.push(character),
        None => return false,
    }
    true
}
