//! Which strings a fresh interpreter has interned before it compiles a file.

use super::{Target, Version};
use crate::value::CharacterData;
use memchr::{memchr, memrchr};
use std::cmp::Ordering;

impl Target {
    /// Has `python -m py_compile` interned `text`, a name or a qualified name, before it reads the file?
    pub fn has_interned(self, text: &[u8]) -> bool {
        let newest = has_line(self.version.interned_strings(), b"", text);
        let Some(changes) = self.changes() else { return newest };
        newest != has_line(changes, if newest { b"-" } else { b"+" }, text)
    }

    /// What an early release has not interned (`-`) that later ones have, and the reverse (`+`), sorted: one string a
    /// line.
    const fn changes(self) -> Option<&'static [u8]> {
        match (self.version, self.micro) {
            (Version::V3_11, ..=7) => Some(include_bytes!("interned_strings/3.11.7.txt").as_slice()),
            (Version::V3_12, ..=1) => Some(include_bytes!("interned_strings/3.12.1.txt").as_slice()),
            (Version::V3_13, 0) => Some(include_bytes!("interned_strings/3.13.0.txt").as_slice()),
            _ => None,
        }
    }
}

impl Version {
    /// What the newest release has interned, sorted: one string a line.
    const fn interned_strings(self) -> &'static [u8] {
        match self {
            Version::V3_8 => include_bytes!("interned_strings/3.8.txt").as_slice(),
            Version::V3_9 => include_bytes!("interned_strings/3.9.txt").as_slice(),
            Version::V3_10 => include_bytes!("interned_strings/3.10.txt").as_slice(),
            Version::V3_11 => include_bytes!("interned_strings/3.11.txt").as_slice(),
            Version::V3_12 => include_bytes!("interned_strings/3.12.txt").as_slice(),
            Version::V3_13 => include_bytes!("interned_strings/3.13.txt").as_slice(),
            Version::V3_14 => include_bytes!("interned_strings/3.14.txt").as_slice(),
            Version::V3_15 => include_bytes!("interned_strings/3.15.txt").as_slice(),
        }
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

impl Version {
    /// Is `text` interned once CPython to 3.10 has imported `unicodedata`, for what the source needed it for? (Seen in
    /// 3.8.18, 3.9.18 and 3.10.13.)
    pub fn interns_with_character_data(self, needed: CharacterData, text: &[u8]) -> bool {
        /// The module's attributes, and those of its type `UCD`; sorted.
        const NAMES: [&[u8]; 14] = [
            b"UCD",
            b"bidirectional",
            b"category",
            b"combining",
            b"decimal",
            b"decomposition",
            b"digit",
            b"east_asian_width",
            b"is_normalized",
            b"mirrored",
            b"normalize",
            b"numeric",
            b"ucd_3_2_0",
            b"unidata_version",
        ];
        let of_the_module = match self {
            Version::V3_8 | Version::V3_9 => text == b"ucnhash_CAPI",
            Version::V3_10 => false,
            Version::V3_11 | Version::V3_12 | Version::V3_13 | Version::V3_14 | Version::V3_15 => {
                return false;
            }
        };
        (needed.by_name || needed.by_form) && (of_the_module || NAMES.binary_search(&text).is_ok())
            || needed.by_form && matches!(text, b"NFC" | b"NFKC")
    }
}

/// Has a sorted list the line that consists of `sign` and `text`? It is asked too seldom to be read first.
fn has_line(list: &[u8], sign: &[u8], text: &[u8]) -> bool {
    let mut rest = list;
    while !rest.is_empty() {
        let middle = rest.len() / 2;
        let start = memrchr(b'\n', &rest[..middle]).map_or(0, |before| before + 1);
        let end = memchr(b'\n', &rest[start..]).map_or(rest.len(), |length| start + length);
        let line = &rest[start..end];
        let (head, tail) = line.split_at(sign.len().min(line.len()));
        rest = match head.cmp(sign).then_with(|| tail.cmp(text)) {
            Ordering::Equal => return true,
            Ordering::Less => rest.get(end + 1..).unwrap_or_default(),
            Ordering::Greater => &rest[..start],
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Target, Version};

    #[test]
    fn knows_whole_words_only() {
        for version in Version::ALL.iter().map(|&version| Target::newest(version)) {
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
    fn early_releases_differ() {
        let of = |micro, text: &[u8]| Target { version: Version::V3_13, micro }.has_interned(text);
        let (newest, first) = (Target::newest(Version::V3_13), Target { version: Version::V3_13, micro: 0 });
        for change in first.changes().unwrap_or_default().split(|&byte| byte == b'\n') {
            if let [sign @ (b'+' | b'-'), text @ ..] = change {
                assert_eq!(first.has_interned(text), *sign == b'+', "{}", text.escape_ascii());
                assert_eq!(newest.has_interned(text), *sign == b'-', "{}", text.escape_ascii());
            }
        }
        assert!(!of(0, b"annotations") && of(18, b"annotations"));
        assert!(of(0, b"GREY") && !of(18, b"GREY"));
        assert!(of(0, b"append") && of(18, b"append"));
    }

    #[test]
    fn every_line_is_found() {
        for &version in Version::ALL {
            let list = version.interned_strings();
            assert_eq!(list.last(), Some(&b'\n'));
            for line in list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                assert!(Target::newest(version).has_interned(line), "{}", line.escape_ascii());
            }
        }
    }
}
