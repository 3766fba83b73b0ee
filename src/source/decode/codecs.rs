//! Finding a codec by name as `encodings.search_function` does, and decoding with it.

use super::charsets::Edition;
use super::multibyte::{self, Jis, Johab};
use super::stateful::{self, Hz, Iso2022};
use super::tables::{ALIASES, HALVES, MODULES, PATCHES, UNDEFINED};
use super::text::{self, Decoder, Fault, Text};
use super::unicode;
use crate::target::{EncodingsEpoch, Target};

/// What kind of codec a module of `Lib/encodings` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Codec {
    /// One byte, one character: indices of the two halves in [`HALVES`].
    Charmap(u8, u8),
    /// A multi-byte encoding of East Asia.
    Multibyte,
    /// UTF-8 and other forms of Unicode, escapes, and the like.
    Unicode,
    /// No text encoding.
    Binary,
}

/// Decodes `bytes` with the codec that Python finds for `name`.
///
/// # Errors
/// `str()` of the exception that Python's codec raises; for a codec that we do not have, a text of ours.
pub(super) fn decode(bytes: &[u8], name: &str, target: Target) -> Result<String, String> {
    run(bytes, name, target, &|fault, codec| Err(fault.message(codec, bytes)))?.strict()
}

/// As [`decode`], with U+FFFD for what the codec does not know.
///
/// # Errors
/// As [`decode`], less what is replaced.
pub(super) fn decode_replacing(bytes: &[u8], name: &str, target: Target) -> Result<String, String> {
    run(bytes, name, target, &|_, _| Ok(char::REPLACEMENT_CHARACTER)).map(Text::replaced)
}

/// What becomes of a fault, given what Python's messages call the codec.
type OnFault<'f> = &'f dyn Fn(Fault, &str) -> Result<char, String>;

fn run(bytes: &[u8], name: &str, target: Target, fault: OnFault<'_>) -> Result<Text, String> {
    let epoch = target.encodings_epoch();
    let Some((module, codec)) = lookup(name, epoch) else {
        return Err(format!("unknown encoding: {name}"));
    };
    match codec {
        Codec::Charmap(low, high) => {
            let decoder = Charmap { module, halves: [low, high], epoch };
            text::decode(bytes, decoder, |found| {
                fault(found, if module == "ascii" { module } else { "charmap" })
            })
        }
        Codec::Multibyte => match multibyte(bytes, module, |found| fault(found, module)) {
            Some(outcome) => outcome,
            None => Err(unsupported(name)),
        },
        Codec::Binary => {
            Err(format!("'{name}' is not a text encoding; use codecs.decode() to handle arbitrary codecs"))
        }
        Codec::Unicode => match unicode::decode(bytes, module, target, fault) {
            Some(outcome) => outcome,
            None if module == "undefined" => Err("undefined encoding".to_owned()),
            None => Err(unsupported(name)),
        },
    }
}

fn multibyte(
    bytes: &[u8],
    module: &str,
    fault: impl Fn(Fault) -> Result<char, String>,
) -> Option<Result<Text, String>> {
    if let Some(profile) = stateful::profile(module) {
        return Some(text::decode(bytes, Iso2022::new(profile), fault));
    }
    Some(match module {
        "hz" => text::decode(bytes, Hz::default(), fault),
        "johab" => text::decode(bytes, Johab, fault),
        "euc_jis_2004" => text::decode(bytes, Jis::Euc(Edition::Of2004), fault),
        "euc_jisx0213" => text::decode(bytes, Jis::Euc(Edition::Of2000), fault),
        "shift_jis_2004" => text::decode(bytes, Jis::Shift(Edition::Of2004), fault),
        "shift_jisx0213" => text::decode(bytes, Jis::Shift(Edition::Of2000), fault),
        _ => text::decode(bytes, multibyte::codec(module)?, fault),
    })
}

fn unsupported(name: &str) -> String {
    format!("encoding '{name}' is known to Python but not supported by pyrsc")
}

/// The module that implements encoding `name`, and its codec.
pub(super) fn lookup(name: &str, epoch: EncodingsEpoch) -> Option<(&'static str, Codec)> {
    let normal = normalize(name);
    let alias = |name: &str| {
        let after = ALIASES.partition_point(|&(alias, _, since)| (alias, since) <= (name, epoch));
        let (alias, module, _) = *ALIASES.get(after.checked_sub(1)?)?;
        (alias == name && module != "-").then_some(module)
    };
    let module = |name: &str| {
        let index = MODULES.binary_search_by(|(module, _)| (*module).cmp(name)).ok()?;
        Some(MODULES[index])
    };
    alias(&normal)
        .or_else(|| alias(&normal.replace('.', "_")))
        .and_then(module)
        // A dot in a module's name would import something else, so Python skips such names.
        .or_else(|| module(&normal).filter(|_| !normal.contains('.')))
}

/// `encodings.normalize_encoding`, in lower case: runs of other characters become one underscore between
/// what they part.
fn normalize(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    let mut gap = false;
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || character == '.' {
            if gap && !normal.is_empty() {
                normal.push('_');
            }
            normal.push(character.to_ascii_lowercase());
            gap = false;
        } else {
            gap = true;
        }
    }
    normal
}

/// A codec of one byte to a character.
struct Charmap {
    module: &'static str,
    /// Indices of the two halves in [`HALVES`].
    halves: [u8; 2],
    epoch: EncodingsEpoch,
}

impl Decoder for Charmap {
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault> {
        let byte = bytes[at];
        let half = &HALVES[usize::from(self.halves[usize::from(byte >> 7)])];
        let mut code = half[usize::from(byte & 0x7F)];
        if let Some(patch) = PATCHES.iter().find(|p| p.0 == self.module && p.1 == byte && self.epoch <= p.3) {
            code = patch.2;
        }
        match char::from_u32(u32::from(code)) {
            Some(character) if code != UNDEFINED => text.push(character),
            _ => {
                let reason = match self.module {
                    "ascii" => "ordinal not in range(128)",
                    _ => "character maps to <undefined>",
                };
                return Err(Fault { start: at, len: 1, reason });
            }
        }
        Ok(at + 1)
    }
}
