//! The text that a decoder makes, the faults that it meets, and the loop that puts both together.

use super::utf8;

/// What a decoder could not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// Offset of the first byte.
    pub start: usize,
    /// How many bytes; decoding can go on after them.
    pub len: usize,
    /// Python's word for it.
    pub reason: &'static str,
}

/// Why nothing more can be said: Python's codec gives up with a `RuntimeError`.
pub(super) const INTERNAL: &str = "internal codec error";

impl Fault {
    pub(super) fn illegal(start: usize, len: usize) -> Fault {
        Fault { start, len, reason: "illegal multibyte sequence" }
    }

    /// The bytes end in the middle of what starts at `start`.
    pub(super) fn incomplete(start: usize, bytes: &[u8]) -> Fault {
        Fault { start, len: bytes.len() - start, reason: "incomplete multibyte sequence" }
    }

    /// `str()` of what Python raises.
    pub(super) fn message(&self, codec: &str, bytes: &[u8]) -> String {
        if self.reason == INTERNAL {
            return INTERNAL.to_owned();
        }
        utf8::decode_error(codec, bytes[self.start], self.start, self.len, self.reason)
    }
}

/// A decoder with its state.
pub(super) trait Decoder {
    /// Reads what stands at `at`, which is inside `bytes`; returns where to go on, or what is wrong.
    fn step(&mut self, bytes: &[u8], at: usize, text: &mut Text) -> Result<usize, Fault>;

    /// What is wrong with ending here.
    fn end(&mut self, _bytes: &[u8], _text: &mut Text) -> Result<(), Fault> {
        Ok(())
    }
}

/// Decodes `bytes`; `fault` says what becomes of an invalid sequence.
pub(super) fn decode(
    bytes: &[u8],
    mut decoder: impl Decoder,
    fault: impl Fn(Fault) -> Result<char, String>,
) -> Result<Text, String> {
    let mut text = Text::with_capacity(bytes.len() + bytes.len() / 2);
    let mut at = 0;
    loop {
        let found = if at < bytes.len() {
            decoder.step(bytes, at, &mut text)
        } else {
            match decoder.end(bytes, &mut text) {
                Ok(()) => return Ok(text),
                Err(found) => Err(found),
            }
        };
        at = match found {
            Ok(next) => next,
            Err(found) => {
                let next = found.start + found.len;
                text.push(fault(found)?);
                next
            }
        };
    }
}

/// A text in the making. A lone surrogate, which a Python string can hold and a Rust one cannot, is kept
/// as U+FFFD, and the first ones are noted: turned into UTF-8, the text fails for them.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    surrogates: Option<Surrogates>,
}

/// A run of lone surrogates.
struct Surrogates {
    first: u32,
    /// Index of the first one, in characters.
    index: usize,
    count: usize,
    /// Where the run ends in the text.
    end: usize,
}

impl Text {
    pub(super) fn with_capacity(bytes: usize) -> Text {
        Text { text: String::with_capacity(bytes), surrogates: None }
    }

    pub(super) fn push(&mut self, character: char) {
        self.text.push(character);
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a code point, which may be a surrogate.
    pub(super) fn push_code(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(character) => self.text.push(character),
            None => self.push_surrogate(code),
        }
    }

    #[cold]
    fn push_surrogate(&mut self, code: u32) {
        let start = self.text.len();
        self.text.push(char::REPLACEMENT_CHARACTER);
        let end = self.text.len();
        match &mut self.surrogates {
            None => {
                let index = self.text[..start].chars().count();
                self.surrogates = Some(Surrogates { first: code, index, count: 1, end });
            }
            Some(run) if run.end == start => {
                run.count += 1;
                run.end = end;
            }
            Some(_) => {}
        }
    }

    /// The text, with U+FFFD for lone surrogates.
    pub(super) fn replaced(self) -> String {
        self.text
    }

    /// The text.
    ///
    /// # Errors
    /// `str()` of the `UnicodeEncodeError` for lone surrogates.
    pub(super) fn strict(self) -> Result<String, String> {
        let Some(run) = self.surrogates else { return Ok(self.text) };
        let (index, last) = (run.index, run.index + run.count - 1);
        Err(if run.count == 1 {
            let code = run.first;
            format!(
                "'utf-8' codec can't encode character '\\u{code:04x}' in position {index}: surrogates not allowed"
            )
        } else {
            format!(
                "'utf-8' codec can't encode characters in position {index}-{last}: surrogates not allowed"
            )
        })
    }
}
