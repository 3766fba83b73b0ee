//! Is a `.pyc` up to date?
//!
//! Stricter than `compileall`, which compares the first twelve bytes with a timestamp header whatever was
//! asked for: here the magic number, the invalidation mode, and the modification time *and* size, or the
//! hash of the source, must be what a new file would have, and something must follow the header.

use std::hash::Hasher;
use std::path::Path;

use siphasher::sip::SipHasher13;

use super::files::{Stamp, peek};
use super::plan::Invalidation;
use crate::target::{Target, Version};

/// Length of a `.pyc` header (PEP 552).
pub(super) const HEADER: usize = 16;

/// A `.pyc` header: magic number, flags, then modification time and size, or the hash.
pub(super) type Header = [u8; HEADER];

fn magic(target: Target) -> [u8; 4] {
    let number: u16 = match target.version {
        Version::V3_13 => 3571,
        Version::V3_14 => 3627,
    };
    let [low, high] = number.to_le_bytes();
    [low, high, b'\r', b'\n']
}

/// The header of a new `.pyc` for this source.
pub(super) fn header(target: Target, mode: Invalidation, stamp: &Stamp, source: &[u8]) -> Header {
    match mode {
        Invalidation::Timestamp => timestamp_header(target, stamp),
        Invalidation::CheckedHash | Invalidation::UncheckedHash => {
            let magic = u64::from(u32::from_le_bytes(magic(target)));
            let mut hasher = SipHasher13::new_with_keys(magic, 0);
            hasher.write(source);
            let mut header = hash_prefix(target, mode);
            header[8..].copy_from_slice(&hasher.finish().to_le_bytes());
            header
        }
    }
}

fn timestamp_header(target: Target, stamp: &Stamp) -> Header {
    let mut header = hash_prefix(target, Invalidation::Timestamp);
    header[8..12].copy_from_slice(&stamp.mtime.to_le_bytes());
    header[12..].copy_from_slice(&(stamp.size as u32).to_le_bytes());
    header
}

fn hash_prefix(target: Target, mode: Invalidation) -> Header {
    let flags: u32 = match mode {
        Invalidation::Timestamp => 0,
        Invalidation::CheckedHash => 3,
        Invalidation::UncheckedHash => 1,
    };
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&magic(target));
    header[4..8].copy_from_slice(&flags.to_le_bytes());
    header
}

/// What the `.pyc` files of a source say by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freshness {
    /// Up to date.
    Fresh,
    /// Missing, of another kind, or of another source.
    Stale,
    /// Up to date if the source has the hash that is the last half of this header.
    IfHash(Header),
}

/// Looks at the headers of the `.pyc` files `outputs`.
pub(super) fn examine<'a>(
    target: Target,
    mode: Invalidation,
    stamp: &Stamp,
    outputs: impl Iterator<Item = &'a Path>,
) -> Freshness {
    let expected = timestamp_header(target, stamp);
    let prefix = hash_prefix(target, mode);
    let mut hash = None;
    for path in outputs {
        // One byte more than the header: a file that ends there is none that Python could load.
        let mut start = [0; HEADER + 1];
        let Ok(count) = peek(path, &mut start) else { return Freshness::Stale };
        if count <= HEADER {
            return Freshness::Stale;
        }
        let found: Header = *start.first_chunk().unwrap_or(&[0; HEADER]);
        match mode {
            Invalidation::Timestamp if found == expected => {}
            Invalidation::Timestamp => return Freshness::Stale,
            Invalidation::CheckedHash | Invalidation::UncheckedHash => {
                if found[..8] != prefix[..8] || hash.is_some_and(|hash| hash != found) {
                    return Freshness::Stale;
                }
                hash = Some(found);
            }
        }
    }
    hash.map_or(Freshness::Fresh, Freshness::IfHash)
}

/// The tag in the names of cache files.
pub(super) fn cache_tag(target: Target) -> &'static str {
    match target.version {
        Version::V3_13 => "cpython-313",
        Version::V3_14 => "cpython-314",
    }
}
