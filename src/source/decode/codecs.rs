//! Finding a codec by name as `encodings.search_function` does, and decoding with it.

use super::tables::{ALIASES, HALVES, MODULES, PATCHES, UNDEFINED};
use super::{multibyte, utf8};
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
    let epoch = target.encodings_epoch();
    match find(name, epoch)? {
        (module, Codec::Charmap(low, high)) => charmap(bytes, module, [low, high], epoch, undefined_byte),
        (module, Codec::Multibyte) => {
            let codec = multibyte::codec(module).ok_or_else(|| unsupported(name))?;
            codec.decode(bytes, |start, len, reason| {
                Err(utf8::decode_error(module, bytes[start], start, len, reason))
            })
        }
        (_, Codec::Unicode) => match utf8::first_error(bytes) {
            None => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Some((start, len, reason)) => Err(utf8::message(bytes[start], start, len, reason)),
        },
        _ => Err(unsupported(name)),
    }
}

/// As [`decode`], with U+FFFD for what the codec does not know.
///
/// # Errors
/// As [`decode`], less what is replaced.
pub(super) fn decode_replacing(bytes: &[u8], name: &str, target: Target) -> Result<String, String> {
    let epoch = target.encodings_epoch();
    match find(name, epoch)? {
        (module, Codec::Charmap(low, high)) => {
            charmap(bytes, module, [low, high], epoch, |_, _, _| Ok(char::REPLACEMENT_CHARACTER))
        }
        (module, Codec::Multibyte) => {
            let codec = multibyte::codec(module).ok_or_else(|| unsupported(name))?;
            codec.decode(bytes, |_, _, _| Ok(char::REPLACEMENT_CHARACTER))
        }
        (_, Codec::Unicode) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        _ => Err(unsupported(name)),
    }
}

/// The module and codec for `name`: a charmap, a multi-byte encoding, or UTF-8.
fn find(name: &str, epoch: EncodingsEpoch) -> Result<(&'static str, Codec), String> {
    let Some((module, codec)) = lookup(name, epoch) else {
        return Err(format!("unknown encoding: {name}"));
    };
    match codec {
        Codec::Charmap(..) | Codec::Multibyte => Ok((module, codec)),
        Codec::Binary => {
            Err(format!("'{name}' is not a text encoding; use codecs.decode() to handle arbitrary codecs"))
        }
        Codec::Unicode if module == "utf_8" || module == "utf_8_sig" => Ok((module, codec)),
        Codec::Unicode if module == "undefined" => Err("undefined encoding".to_owned()),
        Codec::Unicode => Err(unsupported(name)),
    }
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

/// Decodes byte by byte; `undefined` says what a byte without a meaning becomes.
fn charmap(
    bytes: &[u8],
    module: &str,
    halves: [u8; 2],
    epoch: EncodingsEpoch,
    undefined: impl Fn(&str, u8, usize) -> Result<char, String>,
) -> Result<String, String> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 4);
    for (position, &byte) in bytes.iter().enumerate() {
        let half = &HALVES[usize::from(halves[usize::from(byte >> 7)])];
        let mut code = half[usize::from(byte & 0x7F)];
        if let Some(patch) = PATCHES.iter().find(|p| p.0 == module && p.1 == byte && epoch <= p.3) {
            code = patch.2;
        }
        match char::from_u32(u32::from(code)) {
            Some(character) if code != UNDEFINED => text.push(character),
            _ => text.push(undefined(module, byte, position)?),
        }
    }
    Ok(text)
}

/// The error for a byte that the charmap `module` does not define.
fn undefined_byte(module: &str, byte: u8, position: usize) -> Result<char, String> {
    Err(if module == "ascii" {
        utf8::decode_error("ascii", byte, position, 1, "ordinal not in range(128)")
    } else {
        utf8::decode_error("charmap", byte, position, 1, "character maps to <undefined>")
    })
}
