//! The sixteen bytes before the code object of a `.pyc` (PEP 552).

use crate::target::Version;
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
    /// The rest.
    pub invalidation: Invalidation,
}

/// Why bytes are no header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    /// Fewer than [`Header::LEN`] bytes.
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
    /// Bytes of a header.
    pub const LEN: usize = 16;

    /// The header that `version` writes.
    pub const fn new(version: Version, invalidation: Invalidation) -> Self {
        Header { magic: version.magic(), invalidation }
    }

    /// Reads the first sixteen bytes of a file.
    ///
    /// # Errors
    /// When there are fewer, or they cannot be a header of 3.7 or later.
    pub fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
        let Some(header) = bytes.first_chunk::<{ Header::LEN }>() else {
            return Err(HeaderError::TooShort { len: bytes.len() });
        };
        let &[m0, m1, m2, m3, f0, f1, f2, f3, a, b, c, d, e, f, g, h] = header;
        let magic = [m0, m1, m2, m3];
        if magic[2..] != *b"\r\n" {
            return Err(HeaderError::NotPyc { magic });
        }
        let flags = u32::from_le_bytes([f0, f1, f2, f3]);
        let invalidation = match flags {
            0 => Invalidation::Timestamp {
                mtime: u32::from_le_bytes([a, b, c, d]),
                size: u32::from_le_bytes([e, f, g, h]),
            },
            HASH => Invalidation::UncheckedHash([a, b, c, d, e, f, g, h]),
            _ if flags == HASH | CHECK_SOURCE => Invalidation::CheckedHash([a, b, c, d, e, f, g, h]),
            _ => return Err(HeaderError::Flags { flags }),
        };
        Ok(Header { magic, invalidation })
    }

    /// The magic number without the `\r\n` that follows it.
    pub const fn number(&self) -> u16 {
        u16::from_le_bytes([self.magic[0], self.magic[1]])
    }

    /// The version that writes this magic number, if it is one of our targets.
    pub fn version(&self) -> Option<Version> {
        Version::from_magic(self.magic)
    }

    /// The flags as they are in the file.
    pub const fn flags(&self) -> u32 {
        match self.invalidation {
            Invalidation::Timestamp { .. } => 0,
            Invalidation::UncheckedHash(_) => HASH,
            Invalidation::CheckedHash(_) => HASH | CHECK_SOURCE,
        }
    }

    /// The sixteen bytes.
    pub fn to_bytes(self) -> [u8; Header::LEN] {
        let mut out = [0; Header::LEN];
        out[..4].copy_from_slice(&self.magic);
        out[4..8].copy_from_slice(&self.flags().to_le_bytes());
        match self.invalidation {
            Invalidation::Timestamp { mtime, size } => {
                out[8..12].copy_from_slice(&mtime.to_le_bytes());
                out[12..].copy_from_slice(&size.to_le_bytes());
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
