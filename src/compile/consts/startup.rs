//! Which strings a fresh interpreter has interned before it compiles a file.

use crate::target::Version;
use memchr::memmem;

/// Has `python -m py_compile` of `version` interned `text`, which looks like a name, before it reads the file?
pub fn is_interned(version: Version, text: &[u8]) -> bool {
    let list = match version {
        Version::V3_13 => include_bytes!("interned/3.13.txt").as_slice(),
        Version::V3_14 => include_bytes!("interned/3.14.txt").as_slice(),
    };
    // Asked for strings in frozensets only, so a search will do. Each word stands on a line of its own.
    let mut line = Vec::with_capacity(text.len() + 2);
    line.push(b'\n');
    line.extend_from_slice(text);
    line.push(b'\n');
    memmem::find(list, &line).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_interned;
    use crate::target::Version;

    #[test]
    fn knows_whole_words_only() {
        for version in [Version::V3_13, Version::V3_14] {
            assert!(is_interned(version, b"append"));
            assert!(is_interned(version, b"__init__"));
            assert!(!is_interned(version, b"__init_"));
            assert!(!is_interned(version, b"surely_not_interned"));
            assert!(!is_interned(version, b"Strings"));
        }
    }
}
