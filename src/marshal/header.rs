//! What stands before the code object of a `.pyc`: sixteen bytes (PEP 552), to 3.6 twelve, to 3.2 eight.

use crate::target::{HeaderForm, Series, Version};
use siphasher::sip::{SipHasher13, SipHasher24};
use std::fmt;

/// Bit 0 of the flags: hash-based. Bit 1: check the source.
const HASH: u32 = 1;
const CHECK_SOURCE: u32 = 2;

/// How Python finds out whether a `.pyc` belongs to its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalidation {
    /// By the source's modification time and size.
    Timestamp {
        /// Seconds since 1970, low 32 bits.
        mtime: u32,
        /// Bytes, low 32 bits.
        size: u32,
    },
    /// By the source's modification time alone (to 3.2).
    Mtime {
        /// Seconds since 1970, low 32 bits.
        mtime: u32,
    },
    /// By the hash of the source, each time.
    CheckedHash([u8; 8]),
    /// Not at all; the hash is there for tools.
    UncheckedHash([u8; 8]),
}

/// The header of a `.pyc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The magic number, with the `\r\n` that follows it.
    pub magic: [u8; 4],
    /// Which fields there are.
    pub form: HeaderForm,
    /// The rest.
    pub invalidation: Invalidation,
}

/// Why bytes are no header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    /// Fewer bytes than the header takes.
    TooShort {
        /// How many there are.
        len: usize,
    },
    /// No magic number has this form.
    NotPyc {
        /// What is there.
        magic: [u8; 4],
    },
    /// Flags that Python does not know.
    Flags {
        /// All of them.
        flags: u32,
    },
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderError::TooShort { len } => write!(f, "{len} bytes are too few for a .pyc"),
            HeaderError::NotPyc { magic } => write!(f, "not a .pyc: it begins with {}", magic.escape_ascii()),
            HeaderError::Flags { flags } => write!(f, "unknown flags {flags:#x} in the header"),
        }
    }
}

impl std::error::Error for HeaderError {}

impl Header {
    /// Bytes of the longest header, which is that of 3.7 and later.
    pub const LEN: usize = 16;

    /// The header that `version`, a target, writes.
    pub const fn new(version: Version, invalidation: Invalidation) -> Self {
        Header { magic: version.magic(), form: HeaderForm::Flags, invalidation }
    }

    /// Reads the first bytes of a file. Where the magic number is unknown, the header is taken to be like 3.7's.
    ///
    /// # Errors
    /// When there are fewer than the header takes, or they cannot be a header.
    pub fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
        let Some(&magic) = bytes.first_chunk::<4>() else {
            return Err(HeaderError::TooShort { len: bytes.len() });
        };
        let series = Series::of_bytes(magic);
        if series.is_none() && magic[2..] != *b"\r\n" {
            return Err(HeaderError::NotPyc { magic });
        }
        // Of other implementations' files we know that there is a time.
        let form =
            series.map_or(HeaderForm::Flags, |it| it.form.map_or(HeaderForm::Time, |form| form.header));
        let mut header = [0; Header::LEN];
        match bytes.get(..form.bytes()) {
            Some(start) => header[..start.len()].copy_from_slice(start),
            None => return Err(HeaderError::TooShort { len: bytes.len() }),
        }
        let [_, _, _, _, words @ ..] = header;
        let [first, second, third] = [0, 4, 8].map(|at| {
            let mut word = [0; 4];
            word.copy_from_slice(&words[at..at + 4]);
            u32::from_le_bytes(word)
        });
        let [_, _, _, _, hash @ ..] = words;
        let invalidation = match form {
            HeaderForm::Time => Invalidation::Mtime { mtime: first },
            HeaderForm::TimeAndSize => Invalidation::Timestamp { mtime: first, size: second },
            HeaderForm::Flags => match first {
                0 => Invalidation::Timestamp { mtime: second, size: third },
                HASH => Invalidation::UncheckedHash(hash),
                _ if first == HASH | CHECK_SOURCE => Invalidation::CheckedHash(hash),
                flags => return Err(HeaderError::Flags { flags }),
            },
        };
        Ok(Header { magic, form, invalidation })
    }

    /// Bytes that it takes.
    #[expect(clippy::len_without_is_empty, reason = "no header is empty")]
    pub const fn len(&self) -> usize {
        self.form.bytes()
    }

    /// The magic number without the `\r\n` that follows it.
    pub const fn number(&self) -> u16 {
        u16::from_le_bytes([self.magic[0], self.magic[1]])
    }

    /// What is known of the files with this magic number.
    pub fn series(&self) -> Option<&'static Series> {
        Series::of_bytes(self.magic)
    }

    /// The version that writes this magic number, if it is one of our targets.
    pub fn version(&self) -> Option<Version> {
        Version::from_magic(self.magic)
    }

    /// The flags as they are in the file, or 0 where there are none.
    pub const fn flags(&self) -> u32 {
        match self.invalidation {
            Invalidation::Timestamp { .. } | Invalidation::Mtime { .. } => 0,
            Invalidation::UncheckedHash(_) => HASH,
            Invalidation::CheckedHash(_) => HASH | CHECK_SOURCE,
        }
    }

    /// Its bytes, of which the first [`len`](Header::len) count.
    pub fn to_bytes(self) -> [u8; Header::LEN] {
        let mut out = [0; Header::LEN];
        out[..4].copy_from_slice(&self.magic);
        let start = if self.form == HeaderForm::Flags {
            out[4..8].copy_from_slice(&self.flags().to_le_bytes());
            8
        } else {
            4
        };
        match self.invalidation {
            Invalidation::Mtime { mtime } => out[start..start + 4].copy_from_slice(&mtime.to_le_bytes()),
            Invalidation::Timestamp { mtime, size } => {
                out[start..start + 4].copy_from_slice(&mtime.to_le_bytes());
                out[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
            }
            Invalidation::CheckedHash(hash) | Invalidation::UncheckedHash(hash) => {
                out[8..].copy_from_slice(&hash);
            }
        }
        out
    }
}

/// The hash of a source in the header of a hash-based `.pyc` (`_imp.source_hash`): SipHash with the magic
/// number as its key, and the number of rounds that the version uses.
pub fn source_hash(version: Version, source: &[u8]) -> [u8; 8] {
    keyed_hash(version.magic(), version.file_facts().siphash, source)
}

/// The same for a release that need not be a target.
pub fn keyed_hash(magic: [u8; 4], rounds: (u8, u8), source: &[u8]) -> [u8; 8] {
    let key = u64::from(u32::from_le_bytes(magic));
    let hash = match rounds {
        (2, 4) => SipHasher24::new_with_keys(key, 0).hash(source),
        _ => SipHasher13::new_with_keys(key, 0).hash(source),
    };
    hash.to_le_bytes()
}
