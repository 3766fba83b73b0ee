//! The system calls of a batch: few, and on buffers that are reused.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What a `.pyc` records of its source, and what its permissions follow.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Stamp {
    /// Modification time in whole seconds, the low 32 bits of what Python's `int(st_mtime)` is.
    pub(super) mtime: u32,
    /// Bytes.
    pub(super) size: u64,
    /// Permission bits of the `.pyc`: the source's without execution, writable by its owner
    /// (`importlib._bootstrap_external._calc_mode` and `_write_atomic`), the umask still to be applied.
    pub(super) mode: u32,
}

impl Stamp {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt;
        // `st_mtime` is a float, and the last 120 ns of a second round up to the next one.
        let seconds = metadata.mtime() as f64 + 1e-9 * metadata.mtime_nsec() as f64;
        Stamp { mtime: seconds as i64 as u32, size: metadata.len(), mode: (metadata.mode() | 0o200) & 0o666 }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn of_stat(stat: &rustix::fs::Stat) -> Stamp {
        let seconds = stat.st_mtime as f64 + 1e-9 * stat.st_mtime_nsec as f64;
        let mode = (stat.st_mode | 0o200) & 0o666;
        Stamp { mtime: seconds as i64 as u32, size: stat.st_size as u64, mode }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        let since = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Stamp {
            mtime: since.map_or(0, |since| since.as_secs_f64() as i64 as u32),
            size: metadata.len(),
            mode: 0o666,
        }
    }
}

/// A buffer for file contents that is never cleared, only overwritten: growing it costs once, reading a
/// smaller file into it nothing.
#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// What was read last.
    pub(super) fn contents(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Reads a whole file. The stamp is taken before the contents, so that a source that changes in between
    /// gets a `.pyc` that is out of date, never one that wrongly looks current.
    pub(super) fn read(&mut self, path: &Path) -> io::Result<Stamp> {
        self.filled = 0;
        let mut file = open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        let stamp = Stamp::of(&metadata);
        let expected = usize::try_from(stamp.size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        // One byte more than expected: a read that stops short of it is the last one.
        let room = expected.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        if self.bytes.len() < room {
            let more = room - self.bytes.len();
            self.bytes.try_reserve(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
            self.bytes.resize(room, 0);
        }
        loop {
            match file.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Ok(stamp),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if self.filled == expected {
                return Ok(stamp);
            }
            if self.filled == self.bytes.len() {
                // It grew meanwhile.
                self.bytes.resize(self.filled * 2, 0);
            }
        }
    }
}

/// Opens a file for reading. A FIFO that stands in its place does not make us wait for a writer.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    OpenOptions::new().read(true).custom_flags(nonblocking).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads the beginning of a file into `header` and says how many bytes there were.
pub(super) fn peek(path: &Path, header: &mut [u8]) -> io::Result<usize> {
    let mut file = open(path)?;
    let mut filled = 0;
    while filled < header.len() {
        match file.read(&mut header[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What stands where a `.pyc` is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Nothing, or a file: it may be written.
    Writable,
    /// A symbolic link.
    Symlink,
    /// A folder, device, FIFO or socket.
    Irregular,
}

/// Looks at `path` without following a link there.
pub(super) fn place(path: &Path) -> Place {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Place::Symlink,
        Ok(metadata) if !metadata.is_file() => Place::Irregular,
        // What cannot be looked at cannot be written either; writing says why.
        Ok(_) | Err(_) => Place::Writable,
    }
}

/// Names for the temporary files of one worker; a name is free again once its file was renamed.
///
/// They are short and do not contain the target's name, so that every target whose own name the file
/// system accepts can be written.
pub(super) struct Temporary {
    prefix: String,
    attempt: u32,
}

/// How many names to try when files of the same name are left over from a process that was killed, or
/// belong to one in another process namespace.
const ATTEMPTS: u32 = 1000;

impl Temporary {
    pub(super) fn new(worker: usize) -> Temporary {
        Temporary { prefix: format!(".pyrsc-{}-{worker}", std::process::id()), attempt: 0 }
    }

    /// Writes a file with these bytes and permissions, complete or not at all: in a temporary file beside
    /// `target`, renamed over it.
    pub(super) fn write(&mut self, target: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let (mut file, path) = self.create(target, |path| create_new(path, mode))?;
        let written = file.write_all(bytes);
        drop(file);
        finish(written.and_then(|()| fs::rename(&path, target)), &path)
    }

    /// Makes `target` another name of the file `original`, whatever was there before.
    pub(super) fn link(&mut self, original: &Path, target: &Path) -> io::Result<()> {
        let ((), path) = self.create(target, |path| fs::hard_link(original, path))?;
        let renamed = fs::rename(&path, target);
        // When both names are the same file already, renaming leaves both: one has to go.
        let _ = fs::remove_file(&path);
        renamed
    }

    fn create<T>(
        &mut self,
        target: &Path,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<(T, PathBuf)> {
        let mut tries = 0;
        loop {
            let name = format!("{}-{}.tmp", self.prefix, self.attempt);
            let path = target.with_file_name(name);
            match make(&path) {
                Ok(made) => return Ok((made, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < ATTEMPTS => {
                    tries += 1;
                    self.attempt = self.attempt.wrapping_add(1);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(unix)]
fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Removes the temporary file if something went wrong with it.
fn finish(result: io::Result<()>, temporary: &Path) -> io::Result<()> {
    if result.is_err() {
        let _ = fs::remove_file(temporary);
    }
    result
}

#[cfg(test)]
mod tests;
