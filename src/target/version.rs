//! Versions and releases.

/// A feature release of CPython.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Version {
    /// 3.8
    V3_8,
    /// 3.9
    V3_9,
    /// 3.10
    V3_10,
    /// 3.11
    V3_11,
    /// 3.12
    V3_12,
    /// 3.13
    V3_13,
    /// 3.14
    V3_14,
    /// 3.15
    V3_15,
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

impl Version {
    /// Every version, oldest first.
    pub const ALL: &[Version] = &[
        Version::V3_8,
        Version::V3_9,
        Version::V3_10,
        Version::V3_11,
        Version::V3_12,
        Version::V3_13,
        Version::V3_14,
        Version::V3_15,
    ];

    /// Those that can be compiled for, oldest first. A version whose recipe is complete gets its entry here.
    pub const COMPILED: &[Version] = &[
        Version::V3_8,
        Version::V3_9,
        Version::V3_10,
        Version::V3_11,
        Version::V3_12,
        Version::V3_13,
        Version::V3_14,
        Version::V3_15,
    ];

    /// The newest version that can be compiled for, which is meant where nothing says which.
    pub const NEWEST: Version = Version::V3_15;

    /// Is there a complete recipe for it?
    pub fn is_compiled(self) -> bool {
        Version::COMPILED.contains(&self)
    }

    /// The minor number: 13 for 3.13.
    pub const fn minor(self) -> u8 {
        match self {
            Version::V3_8 => 8,
            Version::V3_9 => 9,
            Version::V3_10 => 10,
            Version::V3_11 => 11,
            Version::V3_12 => 12,
            Version::V3_13 => 13,
            Version::V3_14 => 14,
            Version::V3_15 => 15,
        }
    }
}

/// The releases whose output was compared with ours, byte by byte; a version without a micro number means
/// the newest of them.
const VERIFIED: [Target; 8] = [
    Target { version: Version::V3_11, micro: 7 },
    Target { version: Version::V3_11, micro: 17 },
    Target { version: Version::V3_12, micro: 1 },
    Target { version: Version::V3_12, micro: 15 },
    Target { version: Version::V3_13, micro: 0 },
    Target { version: Version::V3_13, micro: 18 },
    Target { version: Version::V3_14, micro: 10 },
    Target { version: Version::V3_15, micro: 2 },
];

impl Target {
    /// Was this release's output compared with ours? Others are compiled as the nearest release that is
    /// known to behave alike.
    pub fn is_verified(self) -> bool {
        self.micro == u8::MAX || VERIFIED.contains(&self)
    }
}

impl Target {
    /// Reads `3.13` (its newest behaviour) or `3.13.2`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Target> {
        let mut parts = text.split('.');
        let major: u8 = parts.next()?.parse().ok()?;
        let minor: u8 = parts.next()?.parse().ok()?;
        let micro = parts.next().map_or(Some(u8::MAX), |part| part.parse().ok())?;
        let version = *Version::ALL.iter().find(|version| version.minor() == minor)?;
        (major == 3 && parts.next().is_none()).then_some(Target { version, micro })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.micro {
            u8::MAX => write!(f, "3.{}", self.version.minor()),
            micro => write!(f, "3.{}.{micro}", self.version.minor()),
        }
    }
}
