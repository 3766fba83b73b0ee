//! Multi-byte encodings of East Asia: the tables of `encoding_rs`, narrowed and corrected to CPython's.
//!
//! WHATWG's encodings know more sequences than Python's of the same names and give some another meaning; the
//! generated tables hold, for each codec, the sequences that are valid in CPython and those that mean
//! something else there. Stateful encodings (ISO 2022, HZ) and the 2004 and Johab families are not here, nor
//! are euc_kr's syllables composed of eight bytes.

use super::multibyte_tables::CODECS;

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

/// What stands at some place of the bytes.
enum Sequence {
    /// A valid sequence of that length.
    Valid(usize),
    /// An invalid byte.
    Illegal,
    /// The beginning of a sequence that the bytes end in.
    Incomplete,
}

/// The codec of a module of `Lib/encodings`.
pub(super) fn codec(module: &str) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| codec.module == module)
}

impl Codec {
    /// Decodes `bytes`; `fault` says what becomes of an invalid sequence, given its offset, length and the
    /// reason.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        fault: impl Fn(usize, usize, &'static str) -> Result<char, String>,
    ) -> Result<String, String> {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            if rest[0].is_ascii() {
                text.push(char::from(rest[0]));
                at += 1;
                continue;
            }
            at += match self.sequence(rest) {
                Sequence::Valid(length) => {
                    self.push(&rest[..length], &mut text);
                    length
                }
                Sequence::Illegal => {
                    text.push(fault(at, 1, "illegal multibyte sequence")?);
                    1
                }
                Sequence::Incomplete => {
                    text.push(fault(at, rest.len(), "incomplete multibyte sequence")?);
                    rest.len()
                }
            };
        }
        Ok(text)
    }

    fn sequence(&self, rest: &[u8]) -> Sequence {
        if self.is_valid(&rest[..1]) {
            return Sequence::Valid(1);
        }
        let length = match (self.module, rest[0], rest.get(1)) {
            ("euc_jp", 0x8F, _) => 3,
            ("gb18030", _, Some(b'0'..=b'9')) => 4,
            _ => 2,
        };
        match rest.get(..length) {
            None => Sequence::Incomplete,
            Some(sequence) if self.is_valid(sequence) => Sequence::Valid(length),
            Some(_) => Sequence::Illegal,
        }
    }

    fn is_valid(&self, sequence: &[u8]) -> bool {
        if sequence.len() == 4 {
            return self.base_text(sequence).is_some();
        }
        let number = number(sequence);
        let after = self.valid.partition_point(|&(first, _)| first <= number);
        after > 0 && number <= self.valid[after - 1].1
    }

    fn push(&self, sequence: &[u8], text: &mut String) {
        match self.patches.binary_search_by_key(&number(sequence), |&(number, _)| number) {
            Ok(index) => text.push_str(self.patches[index].1),
            Err(_) => text.push_str(&self.base_text(sequence).unwrap_or_default()),
        }
    }

    fn base_text<'s>(&self, sequence: &'s [u8]) -> Option<std::borrow::Cow<'s, str>> {
        self.base.decode_without_bom_handling_and_without_replacement(sequence)
    }
}

fn number(sequence: &[u8]) -> u32 {
    sequence.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}
