//! Docstrings without the indentation that the source gave them (`_PyCompile_CleanDoc`): as
//! `inspect.cleandoc`, but blank lines at both ends stay, so that line numbers do.

use crate::value::PyStr;
use bumpalo::Bump;

/// Columns between tab stops.
const TAB: usize = 8;

/// `text` with tabs expanded, leading blanks of its first line removed, and the indentation that all other
/// lines have in common removed from them.
pub(super) fn clean<'a>(text: PyStr<'a>, arena: &'a Bump) -> PyStr<'a> {
    let original = text.as_bytes();
    let bytes = if memchr::memchr(b'\t', original).is_some() {
        arena.alloc_slice_copy(&expand_tabs(original))
    } else {
        original
    };
    let first_end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    let (first, rest) = bytes.split_at(first_end);
    let margin = lines(rest)
        .filter_map(|line| {
            let indent = indentation(line);
            // A blank line has no indentation to speak of, except, in CPython, the last one without newline.
            (!matches!(line.get(indent), None | Some(b'\n'))).then_some(indent)
        })
        .min()
        .unwrap_or(0);
    let first_indent = indentation(first);
    if first_indent == 0 && margin == 0 {
        return PyStr::from_bytes(bytes);
    }
    let out = arena.alloc_slice_fill_copy(bytes.len(), 0);
    let mut len = 0;
    let mut push = |part: &[u8]| {
        out[len..len + part.len()].copy_from_slice(part);
        len += part.len();
    };
    push(&first[first_indent..]);
    for line in lines(rest) {
        push(&line[indentation(line).min(margin)..]);
    }
    PyStr::from_bytes(&out[..len])
}

/// The lines with their newlines.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
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
