//! What a process shares and holds while it writes a file, as far as `FLAG_REF` shows it.

use super::Version;

impl Version {
    /// The largest int of which CPython keeps one object (`_PY_NSMALLPOSINTS`, less one); the smallest is -5.
    pub const fn largest_shared_int(self) -> i32 {
        match self {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13
            | Version::V3_14 => 256,
            Version::V3_15 => 1024,
        }
    }

    /// How many references there are to a module's code object while `importlib` writes it. In 3.15, whose
    /// code borrows what it passes on, no other is left than the caller's.
    pub const fn module_references(self) -> u8 {
        match self {
            Version::V3_8
            | Version::V3_9
            | Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13
            | Version::V3_14 => 2,
            Version::V3_15 => 1,
        }
    }
}

/// Where the two objects lie that to 3.11 hash to their addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Addresses {
    /// `None`, modulo 2 MiB.
    pub none: u64,
    /// `...`, modulo 2 MiB.
    pub ellipsis: u64,
}

impl Version {
    /// Where a release whose frozensets are written in the order of their hash tables has what hashes to its
    /// address. A library is mapped at a multiple of 2 MiB; what is above matters to huge tables only. These are
    /// the addresses in pyenv's builds of 3.8.18, 3.9.18 and 3.10.13 for x86-64; other builds have others.
    pub(crate) const fn addresses(self) -> Addresses {
        match self {
            Version::V3_8 => Addresses { none: 0x13_2220, ellipsis: 0x13_4420 },
            Version::V3_9 => Addresses { none: 0x16_b420, ellipsis: 0x16_d460 },
            Version::V3_10
            | Version::V3_11
            | Version::V3_12
            | Version::V3_13
            | Version::V3_14
            | Version::V3_15 => Addresses { none: 0x18_bc80, ellipsis: 0x18_dca0 },
        }
    }
}
