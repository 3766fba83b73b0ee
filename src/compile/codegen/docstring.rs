//! Docstrings without the indentation that the source gave them (`_PyCompile_CleanDoc`): as
//! `inspect.cleandoc`, but blank lines at both ends stay, so that line numbers do.

use crate::value::PyStr;
use bumpalo::Bump;
use memchr::memchr;

/// Columns between tab stops.
const TAB: usize = 8;

/// `text` with tabs expanded, leading blanks of its first line removed, and the indentation that all other
/// lines have in common removed from them.
pub(super) fn clean<'a>(text: PyStr<'a>, arena: &'a Bump) -> PyStr<'a> {
    let original = text.as_bytes();
    let bytes = if memchr(b'\t', original).is_some() {
        arena.alloc_slice_copy(&expand_tabs(original))
    } else {
        original
    };
    let first_end = memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    let (first, rest) = bytes.split_at(first_end);
    let (ends, margin) = lines(rest, arena);
    let first_indent = indentation(first);
    if first_indent == 0 && margin == 0 {
        return PyStr::from_bytes(bytes);
    }
    let mut out = bumpalo::collections::Vec::with_capacity_in(bytes.len(), arena);
    out.extend_from_slice_copy(&first[first_indent..]);
    let mut start = 0;
    for &end in &ends {
        let line = &rest[start..end as usize];
        let skipped = line.iter().take(margin).take_while(|&&byte| byte == b' ').count();
        out.extend_from_slice_copy(&line[skipped..]);
        start = end as usize;
    }
    PyStr::from_bytes(out.into_bump_slice())
}

/// Where each line ends, and the smallest indentation of the lines that are not blank; 0 if all are. Spaces at the
/// very end are no line.
fn lines<'a>(text: &[u8], arena: &'a Bump) -> (bumpalo::collections::Vec<'a, u32>, usize) {
    let mut ends = bumpalo::collections::Vec::new_in(arena);
    let mut margin = usize::MAX;
    let mut start = 0;
    while start < text.len() {
        let first = start + indentation(&text[start..]);
        if text.get(first).is_some_and(|&byte| byte != b'\n') {
            margin = margin.min(first - start);
        }
        start = memchr(b'\n', &text[first..]).map_or(text.len(), |at| first + at + 1);
        ends.push(start as u32);
    }
    (ends, if margin == usize::MAX { 0 } else { margin })
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ').count()
}

/// `str.expandtabs()`: columns count characters and begin again after `\n` and `\r`.
fn expand_tabs(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut column = 0;
    for &byte in text {
        match byte {
            b'\t' => {
                let width = TAB - column % TAB;
                out.resize(out.len() + width, b' ');
                column += width;
            }
            b'\n' | b'\r' => {
                out.push(byte);
                column = 0;
            }
            _ => {
                out.push(byte);
                // Continuation bytes of UTF-8 are no characters of their own.
                column += usize::from(byte & 0xC0 != 0x80);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        let arena = Bump::new();
        let text: &str = arena.alloc_str(text);
        String::from_utf8_lossy(clean(PyStr::from(text), &arena).as_bytes()).into_owned()
    }

    #[test]
    fn common_indentation_goes() {
        assert_eq!(cleaned("  a\n    b\n      c\n    "), "a\nb\n  c\n");
        assert_eq!(cleaned("a\nb"), "a\nb");
        assert_eq!(cleaned("a\n\n    b\n  "), "a\n\nb\n");
        assert_eq!(cleaned("\n  a\n b\n"), "\n a\nb\n");
    }

    #[test]
    fn tabs_are_columns() {
        assert_eq!(cleaned("a\n\tb\n        c"), "a\nb\nc");
        assert_eq!(cleaned("é\tx"), "é       x");
    }
}
