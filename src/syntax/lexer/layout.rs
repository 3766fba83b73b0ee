//! Starts of lines: indentation, blank lines, and `# type:` comments.

use super::{IgnoreComment, Indent, LexErrorKind, Lexer, Made};
use crate::syntax::token::TokenKind;

/// CPython's `TABSIZE`; the other reading of a tab is one column.
const TAB: u32 = 8;
/// CPython's `MAXINDENT`, which counts the level of the file.
const MAX_INDENTS: usize = 100;

/// Bytes with which the first token of a line can start that has only spaces before it.
static PLAIN: [bool; 256] = {
    let mut table = [true; 256];
    let others = [b' ', b'\t', 0x0c, b'\n', b'\\', b'#', 0];
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = false;
        i += 1;
    }
    table
};

impl Lexer<'_> {
    /// What comes before the first token of a line: indents and dedents.
    pub(super) fn layout_token(&mut self) -> Option<Made> {
        if self.at_line_start {
            self.at_line_start = false;
            if let Some(token) = self.indentation() {
                return Some(token);
            }
        }
        if self.pending == 0 {
            self.layout = false;
            return None;
        }
        self.started = true;
        let pos = self.pos;
        let kind = if self.pending > 0 {
            self.pending -= 1;
            TokenKind::Indent
        } else {
            self.pending += 1;
            TokenKind::Dedent
        };
        self.layout = self.pending != 0;
        Some(self.token(kind, pos, pos))
    }

    /// Passes blank lines and comments, then measures how far the next line is indented.
    #[inline]
    fn indentation(&mut self) -> Option<Made> {
        let mut pos = self.pos;
        loop {
            pos = self.after_spaces(pos);
            let byte = self.at(pos);
            if !PLAIN[byte as usize] {
                let end = match byte {
                    b'\n' => pos,
                    b'#' if !self.options.type_comments => match memchr::memchr(b'\n', &self.src[pos..]) {
                        Some(length) => pos + length,
                        None => break,
                    },
                    _ => break,
                };
                pos = end + 1;
                self.set_line(self.line + 1, pos);
                self.buffer_start = pos;
                continue;
            }
            self.pos = pos;
            let col = (pos - self.line_start) as u32;
            return self.compare(Indent { col, alt: col });
        }
        self.any_indentation(self.line_start)
    }

    /// The same for the line that starts at `pos`, whatever it starts with.
    #[cold]
    fn any_indentation(&mut self, mut pos: usize) -> Option<Made> {
        loop {
            let mut indent = Indent::default();
            pos = self.after_spaces(pos);
            indent.col = (pos - self.line_start) as u32;
            indent.alt = indent.col;
            // Where a backslash splits the indentation, what stands before the first one counts.
            let mut split = None;
            loop {
                match self.at(pos) {
                    b' ' => {
                        indent.col += 1;
                        indent.alt += 1;
                    }
                    b'\t' => {
                        indent.col = (indent.col / TAB + 1) * TAB;
                        indent.alt += 1;
                    }
                    b'\x0c' => indent = Indent::default(),
                    b'\\' => {
                        if indent.col != 0 && split.is_none() {
                            split = Some(indent.col);
                        }
                        match self.continuation(pos) {
                            Ok(next) => pos = next - 1,
                            Err(token) => return Some(token),
                        }
                    }
                    _ => break,
                }
                pos += 1;
            }
            let mut end = pos;
            if self.at(pos) == b'#' {
                end = memchr::memchr(b'\n', &self.src[pos..]).map_or(self.src.len(), |n| pos + n);
                if self.options.type_comments
                    && let Some(token) = self.type_comment(pos, end, true)
                {
                    return Some(token);
                }
                if self.options.type_comments && self.at_line_start {
                    // A comment to ignore, passed with its newline.
                    self.at_line_start = false;
                    pos = self.pos;
                    continue;
                }
            }
            if self.at(end) == b'\n' {
                pos = end + 1;
                self.set_line(self.line + 1, pos);
                self.buffer_start = pos;
                continue;
            }
            self.pos = end;
            if end > pos {
                // A comment that the end of the text follows directly.
                return None;
            }
            if let Some(col) = split {
                indent = Indent { col, alt: col };
            }
            return self.compare(indent);
        }
    }

    #[inline(always)]
    fn compare(&mut self, indent: Indent) -> Option<Made> {
        let current = self.indents.last().copied().unwrap_or_default();
        if indent == current { None } else { self.new_indentation(indent, current) }
    }

    #[inline(never)]
    fn new_indentation(&mut self, indent: Indent, current: Indent) -> Option<Made> {
        let start = self.pos;
        if indent.col == current.col {
            return Some(self.line_error(LexErrorKind::InconsistentTabs));
        }
        if indent.col > current.col {
            if self.indents.len() >= MAX_INDENTS {
                return Some(self.line_error(LexErrorKind::TooManyIndents));
            }
            if indent.alt <= current.alt {
                return Some(self.line_error(LexErrorKind::InconsistentTabs));
            }
            self.indents.push(indent);
            self.pending += 1;
            return None;
        }
        while self.indents.len() > 1 && self.indents.last().is_some_and(|level| indent.col < level.col) {
            self.indents.pop();
            self.pending -= 1;
        }
        let level = self.indents.last().copied().unwrap_or_default();
        if level.col != indent.col {
            self.pos = start;
            return Some(self.line_error(LexErrorKind::UnmatchedDedent));
        }
        if level.alt != indent.alt {
            return Some(self.line_error(LexErrorKind::InconsistentTabs));
        }
        None
    }

    /// An error of a whole line: CPython gives up the rest of the line.
    #[cold]
    fn line_error(&mut self, kind: LexErrorKind) -> Made {
        self.at_line_start = true;
        let start = self.pos;
        let end = memchr::memchr(b'\n', &self.src[start..]).map_or(self.src.len(), |n| start + n + 1);
        self.pos = end;
        self.fail(kind, start)
    }

    /// The comment from `pos` to `end`: a token if it is a type comment; recorded if it is a
    /// `# type: ignore` (with its newline where it has the line for itself; `at_line_start` is set then).
    #[cold]
    pub(super) fn type_comment(&mut self, pos: usize, end: usize, alone: bool) -> Option<Made> {
        let skip_blanks = |mut at: usize| {
            while matches!(self.at(at), b' ' | b'\t') {
                at += 1;
            }
            at
        };
        let rest = skip_blanks(pos + 1);
        if !self.src[rest..end].starts_with(b"type:") {
            return None;
        }
        if rest + 5 == self.src.len() {
            // At the very end of the text, CPython wants to see more than the colon.
            return None;
        }
        let start = skip_blanks(rest + 5).min(end);
        let text = &self.src[start..end];
        if let Some(tag) = text.strip_prefix(b"ignore")
            && !tag.first().is_some_and(|byte| *byte >= 0x80 || byte.is_ascii_alphanumeric())
        {
            let mut ignore = IgnoreComment { line: self.line, start: start as u32 + 6, end: end as u32 };
            if alone && self.at(end) == b'\n' {
                ignore.end += 1;
                self.pos = end + 1;
                self.set_line(self.line + 1, end + 1);
                self.at_line_start = true;
            }
            self.ignores.push(ignore);
            return None;
        }
        Some(self.token(TokenKind::TypeComment, start, end))
    }
}
