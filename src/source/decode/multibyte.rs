//! Multi-byte encodings of East Asia: the tables of `encoding_rs`, narrowed and corrected to CPython's.
//!
//! WHATWG's encodings know more sequences than Python's of the same names and give some another meaning; the
//! generated tables hold, for each codec, the sequences that are valid in CPython and those that mean
//! something else there. The encodings of JIS X 0213 and Johab, which WHATWG does not have, are arrangements
//! of character sets and of Korean letters.

use super::charsets::{Charset, Edition, came_after, katakana, roman};
use super::multibyte_tables::CODECS;
use super::text::{Decoder, Fault, Text};
use std::borrow::Cow;

/// A codec.
pub(super) struct Codec {
    /// Module of `Lib/encodings`.
    pub module: &'static str,
    /// Whose tables are used.
    pub base: &'static encoding_rs::Encoding,
    /// Ranges of valid sequences from 0x80 on, as big-endian numbers, sorted.
    pub valid: &'static [(u32, u32)],
    /// Sequences that mean something else than in the base, sorted.
    pub patches: &'static [(u32, &'static str)],
}

/// The codec of a module of `Lib/encodings`.
pub(super) fn codec(module: &str) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| codec.module == module)
}

impl Codec {
    /// What a sequence means, one of a length that its first bytes ask for.
    pub(super) fn meaning<'s>(&self, sequence: &'s [u8]) -> Option<Cow<'s, str>> {
        if !self.is_valid(sequence) {
            return None;
        }
        match self.patches.binary_search_by_key(&number(sequence), |&(number, _)| number) {
            Ok(index) => Some(self.patches[index].1.into()),
            Err(_) => self.base_text(sequence),
        }
    }

    fn is_valid(&self, sequence: &[u8]) -> bool {
        if let [a, b, c, d] = sequence {
            let shape = [a, c].iter().all(|byte| matches!(byte, 0x81..=0xFE))
                && (b.is_ascii_digit() && d.is_ascii_digit());
            return shape && self.base_text(sequence).is_some();
        }
        let number = number(sequence);
        let after = self.valid.partition_point(|&(first, _)| first <= number);
        after > 0 && number <= self.valid[after - 1].1
    }

    fn base_text<'s>(&self, sequence: &'s [u8]) -> Option<Cow<'s, str>> {
        self.base.decode_without_bom_handling_and_without_replacement(sequence)
    }
}

impl Decoder for &Codec {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let rest = &bytes[at..];
        if rest[0].is_ascii() {
            text.push(char::from(rest[0]));
            return Ok(at + 1);
        }
        let length = match (self.module, rest[0], rest.get(1)) {
            _ if self.is_valid(&rest[..1]) => 1,
            ("euc_jp", 0x8F, _) => 3,
            ("gb18030", _, Some(b'0'..=b'9')) => 4,
            // Python's shift_jis knows that these begin nothing.
            ("shift_jis", 0x80 | 0xA0 | 0xEB.., _) => return Err(Fault::illegal(at, 1)),
            ("euc_kr", 0xA4, Some(0xD4)) => return composed_syllable(bytes, at, text),
            _ => 2,
        };
        let sequence = rest.get(..length).ok_or_else(|| Fault::incomplete(at, bytes))?;
        let meaning = self.meaning(sequence).ok_or_else(|| Fault::illegal(at, 1))?;
        text.push_str(&meaning);
        Ok(at + length)
    }
}

fn number(sequence: &[u8]) -> u32 {
    sequence.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// How the cells of JIS X 0213 are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Jis {
    /// As EUC: a plane's row and cell with the high bit, plane 2 behind 0x8F.
    Euc(Edition),
    /// As Shift JIS: two rows to a first byte.
    Shift(Edition),
}

impl Decoder for Jis {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        match *self {
            Jis::Euc(edition) => euc_jis(edition, bytes, at, text),
            Jis::Shift(edition) => shift_jis(edition, bytes, at, text),
        }
    }
}

/// Adds a cell of plane 1, of a sequence of two bytes.
fn plane_1(edition: Edition, code: [u8; 2], at: usize, text: &mut Text) -> Result<usize, Fault> {
    if Charset::Jisx0213Plane1(edition).push(&code, text) {
        return Ok(at + 2);
    }
    // Both bytes are wrong where a later edition has something.
    Err(Fault::illegal(at, 1 + usize::from(came_after(edition, code))))
}

fn euc_jis(edition: Edition, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
    let length = match bytes[at] {
        byte if byte.is_ascii() => {
            text.push(char::from(byte));
            return Ok(at + 1);
        }
        0x8F => 3,
        _ => 2,
    };
    let sequence = bytes.get(at..at + length).ok_or_else(|| Fault::incomplete(at, bytes))?;
    match *sequence {
        [0x8E, kana @ 0xA1..=0xDF] => text.push(katakana(kana & 0x7F)),
        [0x8F, row, cell] => {
            let code = [row ^ 0x80, cell ^ 0x80];
            if !Charset::Jisx0213Plane2(edition).push(&code, text) && !Charset::Jisx0212.push(&code, text) {
                return Err(Fault::illegal(at, 1));
            }
        }
        // The only cell that EUC and the others read differently.
        [0xA2, 0xB2] => text.push('\u{FF5E}'),
        [0x90..=0xFF, _] => return plane_1(edition, [sequence[0] ^ 0x80, sequence[1] ^ 0x80], at, text),
        _ => return Err(Fault::illegal(at, 1)),
    }
    Ok(at + length)
}

fn shift_jis(edition: Edition, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
    /// The rows of plane 2, in the order in which they have first bytes from 0xF0 on.
    const ROWS: [u8; 10] = [1, 8, 3, 4, 5, 12, 13, 14, 15, 78];
    let first = match bytes[at] {
        byte if byte.is_ascii() => {
            text.push(roman(byte));
            return Ok(at + 1);
        }
        byte @ 0xA1..=0xDF => {
            text.push(katakana(byte & 0x7F));
            return Ok(at + 1);
        }
        byte @ 0x81..=0x9F => byte - 0x81,
        byte @ 0xE0..=0xFC => byte - 0xC1,
        _ => return Err(Fault::illegal(at, 1)),
    };
    let second = match bytes.get(at + 1) {
        None => return Err(Fault::incomplete(at, bytes)),
        Some(&byte @ 0x40..=0x7E) => byte - 0x40,
        Some(&byte @ 0x80..=0xFC) => byte - 0x41,
        Some(_) => return Err(Fault::illegal(at, 1)),
    };
    // From 0 on, plane 2 behind the 94 rows of plane 1.
    let (row, cell) = (2 * first + second / 94, 0x21 + second % 94);
    match row.checked_sub(94) {
        None if (row, cell) == (0, 0x40) => text.push('\\'),
        None => return plane_1(edition, [0x21 + row, cell], at, text),
        Some(row) => {
            let row = ROWS.get(usize::from(row)).copied().unwrap_or(row + 69);
            if !Charset::Jisx0213Plane2(edition).push(&[0x20 + row, cell], text) {
                return Err(Fault::illegal(at, 1));
            }
        }
    }
    Ok(at + 2)
}

/// Letters that begin a syllable, in Unicode's order; vowels are U+314F and what follows.
const INITIALS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
/// Letters and pairs that end one, in Unicode's order, where they count from 1.
const FINALS: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

fn syllable(initial: u8, vowel: u8, end: u8) -> char {
    let index = (u32::from(initial) * 21 + u32::from(vowel)) * 28 + u32::from(end);
    char::from_u32(0xAC00 + index).unwrap_or_default()
}

/// KS X 1001's sequence of eight bytes: filler, initial, vowel, and final letter or filler.
fn composed_syllable(bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
    let sequence = bytes.get(at..at + 8).ok_or_else(|| Fault::incomplete(at, bytes))?;
    // The letters of row 0xA4 are in Unicode's order.
    let place = |letters: &str, byte: u8| {
        let letter = char::from_u32(0x3131 + u32::from(byte.checked_sub(0xA1)?))?;
        Some(letters.chars().position(|known| known == letter)? as u8)
    };
    let compose = || match *sequence {
        [_, _, 0xA4, initial, 0xA4, vowel @ 0xBF..=0xD3, 0xA4, end] => {
            let end = if end == 0xD4 { 0 } else { place(FINALS, end)? + 1 };
            Some(syllable(place(INITIALS, initial)?, vowel - 0xBF, end))
        }
        _ => None,
    };
    text.push(compose().ok_or_else(|| Fault::illegal(at, 1))?);
    Ok(at + 8)
}

/// Johab: syllables as three numbers of five bits, and the other rows of KS X 1001.
pub(super) struct Johab;

/// One of the three numbers: nothing (the filler), or an index.
type Letter = Option<u8>;

impl Johab {
    fn initial(number: u8) -> Option<Letter> {
        match number {
            1 => Some(None),
            2..=20 => Some(Some(number - 2)),
            _ => None,
        }
    }

    fn vowel(number: u8) -> Option<Letter> {
        match number {
            2 => Some(None),
            3..=7 => Some(Some(number - 3)),
            10..=15 => Some(Some(number - 5)),
            18..=23 => Some(Some(number - 7)),
            26..=29 => Some(Some(number - 9)),
            _ => None,
        }
    }

    /// Counted from 0.
    fn end(number: u8) -> Option<Letter> {
        match number {
            1 => Some(None),
            2..=17 => Some(Some(number - 2)),
            19..=29 => Some(Some(number - 3)),
            _ => None,
        }
    }

    /// A syllable or a letter by itself.
    fn hangul(code: u16) -> Option<char> {
        let five_bits = |shift: u16| (code >> shift & 0x1F) as u8;
        let (initial, vowel, end) =
            (Self::initial(five_bits(10))?, Self::vowel(five_bits(5))?, Self::end(five_bits(0))?);
        match (initial, vowel, end) {
            (Some(initial), Some(vowel), end) => Some(syllable(initial, vowel, end.map_or(0, |end| end + 1))),
            (Some(initial), None, None) => INITIALS.chars().nth(usize::from(initial)),
            (None, Some(vowel), None) => char::from_u32(0x314F + u32::from(vowel)),
            (None, None, Some(end)) => FINALS.chars().nth(usize::from(end)),
            (None, None, None) => Some('\u{3000}'),
            _ => None,
        }
    }

    /// The row and cell of KS X 1001 that two bytes from 0xD9 on stand for: two rows to a first byte.
    fn symbol(first: u8, second: u8) -> Option<[u8; 2]> {
        let second = match second {
            0x31..=0x7E => second - 0x31,
            0x91..=0xFE => second - 0x43,
            _ => return None,
        };
        let row = match first {
            0xD9..=0xDE => 2 * (first - 0xD9),
            0xE0..=0xF9 => 2 * (first - 0xE0) + 41,
            _ => return None,
        };
        let code = [0x21 + row + second / 94, 0x21 + second % 94];
        // The letters have codes of their own.
        if code[0] == 0x24 && code[1] <= 0x53 { None } else { Some(code) }
    }
}

impl Decoder for Johab {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let first = bytes[at];
        if first.is_ascii() {
            text.push(char::from(first));
            return Ok(at + 1);
        }
        let &second = bytes.get(at + 1).ok_or_else(|| Fault::incomplete(at, bytes))?;
        let known = if first < 0xD8 {
            Johab::hangul(u16::from_be_bytes([first, second])).map(|character| text.push(character)).is_some()
        } else {
            Johab::symbol(first, second).is_some_and(|code| Charset::Ksx1001.push(&code, text))
        };
        if known { Ok(at + 2) } else { Err(Fault::illegal(at, 1)) }
    }
}
