//! Versions and releases.

/// A feature release of CPython.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Version {
    /// 3.13
    V3_13,
    /// 3.14
    V3_14,
}

/// A full release: the version and its micro number. `3.13` without a micro number means the newest
/// behaviour that is known, which is `u8::MAX` here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Target {
    /// The feature release.
    pub version: Version,
    /// The micro release; `u8::MAX` for "the newest".
    pub micro: u8,
}

impl Target {
    /// The newest known behaviour of `version`.
    pub const fn newest(version: Version) -> Self {
        Target { version, micro: u8::MAX }
    }
}
