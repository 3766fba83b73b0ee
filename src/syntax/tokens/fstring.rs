//! Text of f-strings and t-strings, between replacement fields.

use super::lexer::{Inside, Lexer, Mode};
use super::{Kind, Token, TokenizeError};
use crate::target::SpecNewline;

/// Replacement fields that may be open within each other.
const MAX_FIELDS: i32 = 3;

impl Lexer<'_> {
    /// The next part of the string: text, the closing quotes, or the first token of a field.
    pub(super) fn string_part(&mut self) -> Result<Token, TokenizeError> {
        let Some(&mode) = self.modes.last() else { return self.ordinary() };
        let start = self.at;
        self.start = Some(start);
        self.first_line = self.line;
        let first = self.next()?;
        if first == Some(b'{') {
            let second = self.next()?;
            self.back(second);
            self.back(first);
            if second != Some(b'{') {
                self.open_field()?;
                return self.ordinary();
            }
        } else {
            self.back(first);
        }
        let mut quotes = 0;
        while quotes < mode.quote_size {
            let quote = self.next()?;
            if quote != Some(mode.quote) {
                // What was read before stays read: it can be nothing but quotes of the text.
                self.back(quote);
                break;
            }
            quotes += 1;
        }
        self.first_line_start = self.line_start;
        if quotes == mode.quote_size {
            self.modes.pop();
            let kind = if mode.template { Kind::TStringEnd } else { Kind::FStringEnd };
            return Ok(self.make_string(kind, start, self.at));
        }
        self.text_part(mode, start)
    }

    /// A replacement field begins at the brace that comes next.
    fn open_field(&mut self) -> Result<(), TokenizeError> {
        let Some(mode) = self.modes.last_mut() else { return Ok(()) };
        mode.field += 1;
        let (too_deep, letter) = (mode.field >= MAX_FIELDS, mode.letter());
        mode.inside = Inside::Field;
        if too_deep {
            return Err(self.error(format!("{letter}-string: expressions nested too deeply")));
        }
        Ok(())
    }

    fn leave_text(&mut self) {
        if let Some(mode) = self.modes.last_mut() {
            mode.inside = Inside::Field;
            mode.in_format_spec = false;
        }
    }

    fn text_part(&mut self, mode: Mode, start: usize) -> Result<Token, TokenizeError> {
        let kind = if mode.template { Kind::TStringMiddle } else { Kind::FStringMiddle };
        let in_format_spec = mode.in_format_spec && mode.field >= 0;
        let mut named_escape = false;
        let mut quotes = 0;
        while quotes < mode.quote_size {
            let character = self.next()?;
            match character {
                None => return Err(self.unterminated_fstring(&mode)),
                Some(b'\n') if mode.quote_size == 1 => {
                    if !in_format_spec {
                        return Err(self.unterminated_fstring(&mode));
                    }
                    if self.rules.spec_newline == SpecNewline::IsError {
                        let letter = mode.letter();
                        return Err(self.error(format!(
                            "{letter}-string: newlines are not allowed in format specifiers \
                             for single quoted {letter}-strings"
                        )));
                    }
                    self.back(character);
                    self.leave_text();
                    return Ok(self.make_string(kind, start, self.at));
                }
                Some(byte) if byte == mode.quote => {
                    quotes += 1;
                    continue;
                }
                Some(b'{') => return self.text_before_field(kind, start, in_format_spec),
                Some(b'}') if named_escape => return Ok(self.make_string(kind, start, self.at)),
                Some(b'}') => return self.text_before_brace(&mode, kind, start, in_format_spec),
                Some(b'\\') => named_escape |= self.escape(&mode)?,
                Some(_) => {}
            }
            quotes = 0;
        }
        // The quotes are a token of their own.
        self.at -= mode.quote_size;
        Ok(self.make_string(kind, start, self.at))
    }

    /// Text that an opening brace ends: of a field, or doubled.
    fn text_before_field(
        &mut self,
        kind: Kind,
        start: usize,
        in_format_spec: bool,
    ) -> Result<Token, TokenizeError> {
        let second = self.next()?;
        if second == Some(b'{') && !in_format_spec {
            return Ok(self.make_string(kind, start, self.at - 1));
        }
        self.back(second);
        self.at -= 1;
        self.open_field()?;
        self.leave_text();
        Ok(self.make_string(kind, start, self.at))
    }

    /// Text that a closing brace ends: of the surrounding field, or doubled.
    fn text_before_brace(
        &mut self,
        mode: &Mode,
        kind: Kind,
        start: usize,
        in_format_spec: bool,
    ) -> Result<Token, TokenizeError> {
        let second = self.next()?;
        if second == Some(b'}') && !in_format_spec && mode.depth == 0 {
            return Ok(self.make_string(kind, start, self.at - 1));
        }
        self.back(second);
        self.at -= 1;
        self.leave_text();
        Ok(self.make_string(kind, start, self.at))
    }

    /// What follows a backslash. True for `\N{`, whose brace opens no field.
    fn escape(&mut self, mode: &Mode) -> Result<bool, TokenizeError> {
        let mut character = self.next()?;
        if character == Some(b'\r') {
            character = self.next()?;
        }
        if let Some(brace @ (b'{' | b'}')) = character {
            if !mode.raw {
                self.brace_escapes.push((self.line, char::from(brace)));
            }
            self.back(character);
            return Ok(false);
        }
        if !mode.raw && character == Some(b'N') {
            character = self.next()?;
            if character == Some(b'{') {
                return Ok(true);
            }
            self.back(character);
        }
        Ok(false)
    }

    fn unterminated_fstring(&self, mode: &Mode) -> TokenizeError {
        let triple = if mode.quote_size == 3 { "triple-quoted " } else { "" };
        let message =
            format!("unterminated {triple}{}-string literal (detected at line {})", mode.letter(), self.line);
        self.error_at(message, mode.line, mode.line_start, mode.start + 1)
    }
}
