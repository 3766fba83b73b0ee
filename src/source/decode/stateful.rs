//! Seven-bit encodings where escapes say which character set the bytes after them are in: ISO 2022 and HZ.

use super::charsets::{Charset, Edition};
use super::text::{Decoder, Fault, INTERNAL, Text};

/// A profile of ISO 2022.
#[derive(Debug)]
pub(super) struct Profile {
    /// Module of `Lib/encodings`.
    pub module: &'static str,
    /// The sets that may be designated, beside ASCII.
    sets: &'static [Charset],
    /// Do shift-out and shift-in choose between G1 and G0? Else they are characters.
    shifts: bool,
    /// Is there a G2, for single shifts?
    g2: bool,
    /// May `ESC & @` (the revision of 1990) stand before the designation of JIS X 0208?
    revision_prefix: bool,
}

const JAPANESE: Profile =
    Profile { module: "iso2022_jp", sets: &[], shifts: false, g2: false, revision_prefix: true };

static PROFILES: [Profile; 7] = [
    Profile { sets: &[Charset::Jisx0208, Charset::JisRoman], ..JAPANESE },
    Profile {
        module: "iso2022_jp_1",
        sets: &[Charset::Jisx0208, Charset::Jisx0212, Charset::JisRoman],
        ..JAPANESE
    },
    Profile {
        module: "iso2022_jp_2",
        sets: &[
            Charset::Jisx0208,
            Charset::Jisx0212,
            Charset::Ksx1001,
            Charset::Gb2312,
            Charset::JisRoman,
            Charset::Latin1,
            Charset::Greek,
        ],
        g2: true,
        ..JAPANESE
    },
    Profile {
        module: "iso2022_jp_2004",
        sets: &[
            Charset::Jisx0208,
            Charset::Jisx0213Plane1(Edition::Of2004),
            Charset::Jisx0213Plane2(Edition::Of2004),
        ],
        ..JAPANESE
    },
    Profile {
        module: "iso2022_jp_3",
        sets: &[
            Charset::Jisx0208,
            Charset::Jisx0213Plane1(Edition::Of2000),
            // Plane 2 is not that of 2000 here, in one cell.
            Charset::Jisx0213Plane2(Edition::Of2004),
        ],
        ..JAPANESE
    },
    Profile {
        module: "iso2022_jp_ext",
        sets: &[Charset::Jisx0208, Charset::Jisx0212, Charset::JisRoman, Charset::JisKatakana],
        ..JAPANESE
    },
    Profile {
        module: "iso2022_kr",
        sets: &[Charset::Ksx1001],
        shifts: true,
        g2: false,
        revision_prefix: false,
    },
];

/// The profile of a module of `Lib/encodings`.
pub(super) fn profile(module: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.module == module)
}

const ESCAPE: u8 = 0x1B;
/// Python looks for the end of an escape sequence in so many bytes.
const LONGEST_SEQUENCE: usize = 16;

/// Does `byte` end an escape sequence?
fn is_final(byte: u8) -> bool {
    matches!(byte, b'@'..=b'Z')
}

impl Profile {
    /// The set that a final byte designates.
    fn set(&self, double: bool, last: u8) -> Option<Charset> {
        let set = match (double, last) {
            (false, b'B') => return Some(Charset::Ascii),
            (false, b'A') => Charset::Latin1,
            (false, b'F') => Charset::Greek,
            (false, b'I') => Charset::JisKatakana,
            (false, b'J') => Charset::JisRoman,
            (true, b'A') => Charset::Gb2312,
            (true, b'B') => Charset::Jisx0208,
            // The edition of 1978, which the profiles of JIS X 0213 do without.
            (true, b'@') if !self.sets.contains(&Charset::Jisx0213Plane1(self.edition())) => {
                Charset::Jisx0208
            }
            (true, b'C') => Charset::Ksx1001,
            (true, b'D') => Charset::Jisx0212,
            (true, b'O') if self.edition() == Edition::Of2000 => Charset::Jisx0213Plane1(Edition::Of2000),
            (true, b'P') => Charset::Jisx0213Plane2(Edition::Of2004),
            (true, b'Q') if self.edition() == Edition::Of2004 => Charset::Jisx0213Plane1(Edition::Of2004),
            _ => return None,
        };
        self.sets.contains(&set).then_some(set)
    }

    fn edition(&self) -> Edition {
        match self.sets.contains(&Charset::Jisx0213Plane1(Edition::Of2000)) {
            true => Edition::Of2000,
            false => Edition::Of2004,
        }
    }
}

/// ISO 2022, decoding.
pub(super) struct Iso2022 {
    profile: &'static Profile,
    /// What G0, G1 and G2 are.
    designated: [Charset; 3],
    /// Are the bytes in G1?
    shifted: bool,
    /// Inside an escape sequence that is none of ISO 2022: it is text.
    foreign: bool,
}

impl Iso2022 {
    pub(super) fn new(profile: &'static Profile) -> Iso2022 {
        Iso2022 { profile, designated: [Charset::Ascii; 3], shifted: false, foreign: false }
    }

    /// Follows the escape sequence at `at`, which designates a set.
    fn designate(&mut self, bytes: &[u8], at: usize) -> Result<usize, Fault> {
        let rest = &bytes[at..];
        let mut end = 1;
        loop {
            if end >= LONGEST_SEQUENCE {
                return Err(Fault::illegal(at, 1));
            }
            match rest.get(end) {
                None => return Err(Fault::incomplete(at, bytes)),
                Some(&byte) if is_final(byte) => break,
                Some(b'&') if self.profile.revision_prefix && rest.get(end + 1) == Some(&b'@') => end += 3,
                Some(_) => end += 1,
            }
        }
        let sequence = &rest[..=end];
        let found = match sequence[1..] {
            [b'$', last] | [b'$', b'(', last] => Some((0, true, last)),
            [b'(', last] => Some((0, false, last)),
            [b')', last] => Some((1, false, last)),
            [b'$', b')', last] => Some((1, true, last)),
            [b'.', last] if self.profile.g2 => Some((2, false, last)),
            [_, _, ESCAPE, b'$', b'B'] if self.profile.revision_prefix => Some((0, true, b'B')),
            _ => None,
        };
        let set = found.and_then(|(place, double, last)| Some((place, self.profile.set(double, last)?)));
        let (place, set) = set.ok_or_else(|| Fault::illegal(at, sequence.len()))?;
        self.designated[place] = set;
        Ok(at + sequence.len())
    }

    /// One character of G2.
    fn single_shift(&self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let &byte = bytes.get(at + 2).ok_or_else(|| Fault::incomplete(at, bytes))?;
        let set = self.designated[2];
        if !matches!(set, Charset::Ascii | Charset::Latin1 | Charset::Greek) {
            return Err(Fault { start: at, len: bytes.len() - at, reason: INTERNAL });
        }
        if set.push_shifted(byte, text) { Ok(at + 3) } else { Err(Fault::illegal(at, 3)) }
    }
}

impl Decoder for Iso2022 {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let byte = bytes[at];
        if self.foreign {
            self.foreign = !is_final(byte);
            text.push(char::from(byte));
            return Ok(at + 1);
        }
        match byte {
            ESCAPE => match bytes.get(at + 1) {
                None => return Err(Fault::incomplete(at, bytes)),
                Some(b'(' | b')' | b'$' | b'.' | b'&') => return self.designate(bytes, at),
                Some(b'N') if self.profile.g2 => return self.single_shift(bytes, at, text),
                Some(_) => self.foreign = true,
            },
            0x0E | 0x0F if self.profile.shifts => {
                self.shifted = byte == 0x0E;
                return Ok(at + 1);
            }
            b'\n' => self.shifted = false,
            0x80.. => return Err(Fault::illegal(at, 1)),
            0x20..=0x7F => {
                let set = self.designated[usize::from(self.shifted)];
                let code = bytes.get(at..at + set.width()).ok_or_else(|| Fault::incomplete(at, bytes))?;
                return match set.push(code, text) {
                    true => Ok(at + code.len()),
                    false => Err(Fault::illegal(at, code.len())),
                };
            }
            _ => {}
        }
        text.push(char::from(byte));
        Ok(at + 1)
    }
}

/// HZ (RFC 1843): ASCII, and GB 2312 between `~{` and `~}`.
#[derive(Default)]
pub(super) struct Hz {
    chinese: bool,
}

impl Decoder for Hz {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let next = bytes.get(at + 1);
        match (bytes[at], next) {
            (b'~', None) => return Err(Fault::incomplete(at, bytes)),
            (b'~', Some(b'}')) if self.chinese => self.chinese = false,
            (b'~', Some(b'~')) if !self.chinese => text.push('~'),
            (b'~', Some(b'{')) if !self.chinese => self.chinese = true,
            // The line goes on.
            (b'~', Some(b'\n')) if !self.chinese => {}
            (b'~' | 0x80.., _) => return Err(Fault::illegal(at, 1)),
            (byte, _) if !self.chinese => {
                text.push(char::from(byte));
                return Ok(at + 1);
            }
            (_, None) => return Err(Fault::incomplete(at, bytes)),
            (_, Some(_)) => {
                if !Charset::Gb2312.push(&bytes[at..at + 2], text) {
                    return Err(Fault::illegal(at, 1));
                }
            }
        }
        Ok(at + 2)
    }
}
