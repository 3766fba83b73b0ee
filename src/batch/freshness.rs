//! Is a `.pyc` up to date?
//!
//! Stricter than `compileall`, which compares the first twelve bytes with a timestamp header whatever was
//! asked for: here the magic number, the invalidation mode, and the modification time *and* size, or the
//! hash of the source, must be what a new file would have, and something must follow the header.

use std::io;

use super::files::Stamp;
use super::plan::Invalidation;
use crate::marshal::{Header, Invalidation as Recorded, source_hash};
use crate::target::Version;

/// Bytes to read of a `.pyc`: one more than the header, because a file that ends there is none that Python
/// could load.
pub(super) const START: usize = Header::LEN + 1;

/// The header of a new `.pyc` for this source.
pub(super) fn header(version: Version, mode: Invalidation, stamp: &Stamp, source: &[u8]) -> Header {
    let recorded = match mode {
        Invalidation::Timestamp => Recorded::Timestamp { mtime: stamp.mtime, size: stamp.size as u32 },
        Invalidation::CheckedHash => Recorded::CheckedHash(source_hash(version, source)),
        Invalidation::UncheckedHash => Recorded::UncheckedHash(source_hash(version, source)),
    };
    Header::new(version, recorded)
}

/// What the `.pyc` files of a source say by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freshness {
    /// Up to date.
    Fresh,
    /// Missing, of another kind, or of another source; or nobody looked.
    Stale,
    /// Up to date if a new `.pyc` would have this header.
    IfHash(Header),
}

/// Looks at the beginnings of `count` `.pyc` files of a source; `peek` reads that of one of them and says
/// how many bytes there were.
pub(super) fn examine(
    version: Version,
    mode: Invalidation,
    stamp: &Stamp,
    count: usize,
    mut peek: impl FnMut(usize, &mut [u8; START]) -> io::Result<usize>,
) -> Freshness {
    let mut common = None;
    let expected = match mode {
        Invalidation::Timestamp => Some(header(version, mode, stamp, &[]).to_bytes()),
        Invalidation::CheckedHash | Invalidation::UncheckedHash => None,
    };
    for index in 0..count {
        let mut start = [0; START];
        let header = match (peek(index, &mut start), expected) {
            // With a time there is one header that counts: no need to understand the others.
            (Ok(START), Some(expected)) if start[..Header::LEN] == expected => continue,
            (Ok(START), None) => Header::parse(&start),
            _ => return Freshness::Stale,
        };
        let Ok(header) = header else { return Freshness::Stale };
        let same_mode = matches!(
            (mode, header.invalidation),
            (Invalidation::CheckedHash, Recorded::CheckedHash(_))
                | (Invalidation::UncheckedHash, Recorded::UncheckedHash(_))
        );
        if !same_mode || header.magic != version.magic() || common.is_some_and(|common| common != header) {
            return Freshness::Stale;
        }
        common = Some(header);
    }
    match common {
        Some(found) => Freshness::IfHash(found),
        None if expected.is_some() && count > 0 => Freshness::Fresh,
        None => Freshness::Stale,
    }
}
