//! What the scripts that print texts answer (`scripts/dis_text.py`, `scripts/syntax_text.py`): one pipe with all texts, each
//! behind its path and length, so that nothing but one text is in memory.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The texts of a running script.
pub struct Texts {
    child: Child,
    pipe: BufReader<ChildStdout>,
    head: String,
    body: Vec<u8>,
}

impl Texts {
    /// Starts the script.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn of(command: &mut Command) -> io::Result<Texts> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let pipe = child.stdout.take().ok_or_else(|| io::Error::other("no pipe to the interpreter"))?;
        let pipe = BufReader::with_capacity(1 << 16, pipe);
        Ok(Texts { child, pipe, head: String::new(), body: Vec::new() })
    }

    /// The next path and its text; none when the script has ended well.
    ///
    /// # Errors
    /// When the script fails or does not answer as it should.
    pub fn next(&mut self) -> io::Result<Option<(String, &[u8])>> {
        self.head.clear();
        if self.pipe.read_line(&mut self.head)? == 0 {
            return match self.child.wait()?.success() {
                true => Ok(None),
                false => Err(io::Error::other("the interpreter failed")),
            };
        }
        let mut sizes = self.head.split_whitespace().map_while(|number| number.parse::<usize>().ok());
        let (Some(path_len), Some(text_len)) = (sizes.next(), sizes.next()) else {
            return Err(io::Error::other(format!("unexpected answer of the interpreter: {:?}", self.head)));
        };
        self.body.resize(path_len + text_len, 0);
        self.pipe.read_exact(&mut self.body)?;
        let (path, text) = self.body.split_at(path_len);
        Ok(Some((String::from_utf8_lossy(path).into_owned(), text)))
    }
}
