//! Which strings a fresh interpreter has interned before it compiles a file.

use super::Version;
use memchr::{memchr, memrchr};
use std::cmp::Ordering;

impl Version {
    /// Has `python -m py_compile` interned `text`, a name or a qualified name, before it reads the file?
    pub fn has_interned(self, text: &[u8]) -> bool {
        let list = match self {
            Version::V3_8 => include_bytes!("interned_strings/3.8.txt").as_slice(),
            Version::V3_9 => include_bytes!("interned_strings/3.9.txt").as_slice(),
            Version::V3_10 => include_bytes!("interned_strings/3.10.txt").as_slice(),
            Version::V3_11 => include_bytes!("interned_strings/3.11.txt").as_slice(),
            Version::V3_12 => include_bytes!("interned_strings/3.12.txt").as_slice(),
            Version::V3_13 => include_bytes!("interned_strings/3.13.txt").as_slice(),
            Version::V3_14 => include_bytes!("interned_strings/3.14.txt").as_slice(),
            Version::V3_15 => include_bytes!("interned_strings/3.15.txt").as_slice(),
        };
        has_line(list, text)
    }
}

impl Version {
    /// The characters of which a fresh interpreter has an interned string, as a name, that is not the one object that
    /// all other strings of that character are; sorted. To 3.12, until those were interned, too. (Seen in 3.11.17 and
    /// 3.12.1; 3.11.7 has `j` as well.)
    pub const fn names_of_their_own(self) -> &'static [u8] {
        match self {
            Version::V3_8 | Version::V3_9 | Version::V3_10 => b"",
            Version::V3_11 => b"BCLST_abcdefhiklmnopqrstvwxy",
            Version::V3_12 => b"_abcdenprsx",
            Version::V3_13 | Version::V3_14 | Version::V3_15 => b"",
        }
    }
}

impl Version {
    /// Has a fresh interpreter to 3.10 interned the string of the one character `text`? (Seen in 3.8.18, 3.9.18 and
    /// 3.10.13.)
    pub fn has_interned_char(self, text: &[u8]) -> bool {
        let chars: &[u8] = match self {
            Version::V3_8 | Version::V3_10 => b"\n*.0ABCIKLMNPSTUX_abcdefghijklmnopqrstuvwx",
            Version::V3_9 => b"\n*.0ABCIKLMNPSTUX_abcdefghijklmnopqrstuvwx{}",
            Version::V3_11 | Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15 => b"",
        };
        matches!(text, [only] if chars.contains(only))
    }
}

/// Is `wanted` a line of `list`, whose lines are sorted? Bisects by bytes and then moves to a line's start.
fn has_line(list: &[u8], wanted: &[u8]) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memrchr(b'\n', &list[low..middle]).map_or(low, |at| low + at + 1);
        let end = memchr(b'\n', &list[start..]).map_or(list.len(), |at| start + at);
        match list[start..end].cmp(wanted) {
            Ordering::Equal => return true,
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn knows_whole_words_only() {
        for version in Version::ALL {
            assert!(version.has_interned(b"append"));
            assert!(version.has_interned(b"__init__"));
            assert!(!version.has_interned(b"__init_"));
            assert!(!version.has_interned(b"surely_not_interned"));
            assert!(!version.has_interned(b"Strings"));
            assert!(!version.has_interned(b""));
            assert!(!version.has_interned(b"\xff"));
        }
    }

    #[test]
    fn every_line_is_found() {
        let list = include_bytes!("interned_strings/3.14.txt");
        for line in list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            assert!(super::has_line(list, line), "{}", line.escape_ascii());
        }
    }
}
