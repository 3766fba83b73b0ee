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
