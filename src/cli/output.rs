//! Standard output as commands use it: buffered, and at peace with a reader that goes away.

use std::io::{self, BufWriter, Write};

use super::ExitStatus;
use super::report;

/// Runs `write` on a buffered standard output and flushes it. The status that `write` returns is the
/// answer, also when the reader closed the pipe in between (`| head`): what it did not want to see is no
/// failure. Any other trouble with the stream, a full disk say, is reported and is [`ExitStatus::Failure`]
/// at least.
pub fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<ExitStatus>) -> ExitStatus {
    let mut buffer = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let result = write(&mut buffer).and_then(|status| buffer.flush().map(|()| status));
    match result {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Success,
        Err(error) => {
            report::complain(&format!("standard output: {error}"));
            ExitStatus::Failure
        }
    }
}
