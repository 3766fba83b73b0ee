//! A folder while it is walked: its entries, and looks at what is below it.
//!
//! On Linux the looks are relative to the folder's descriptor, which spares the kernel the way from the
//! root for each of the thousands of files; elsewhere they go through the standard library and full paths.

use std::ffi::OsString;

/// What a folder says of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A file, or something that is none of the above.
    Other,
}

/// An entry of a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: Kind,
}

#[cfg(target_os = "linux")]
pub(super) use linux::Handle;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Handle;

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{OsStr, OsString};
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStringExt;
    use std::path::Path;

    use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir};

    use super::super::files::Stamp;
    use super::{Entry, Kind};

    /// Bytes that one call may return of a folder.
    const LISTING: usize = 32 << 10;

    /// An open folder.
    pub(crate) struct Handle {
        folder: OwnedFd,
    }

    impl Handle {
        /// Opens a folder.
        pub(crate) fn open(path: &Path) -> io::Result<Handle> {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(Handle { folder: rustix::fs::open(path, flags, Mode::empty())? })
        }

        /// The entries whose name and kind `wanted` accepts, in no particular order.
        pub(crate) fn entries(&self, wanted: impl Fn(&[u8], Kind) -> bool) -> io::Result<Vec<Entry>> {
            let mut buffer = [MaybeUninit::uninit(); LISTING];
            let mut listing = RawDir::new(&self.folder, &mut buffer);
            let mut entries = Vec::new();
            while let Some(entry) = listing.next() {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if matches!(name, b"." | b"..") {
                    continue;
                }
                let kind = match entry.file_type() {
                    FileType::Directory => Kind::Folder,
                    FileType::Symlink => Kind::Link,
                    // Not every file system tells.
                    FileType::Unknown => self.kind(name)?,
                    _ => Kind::Other,
                };
                if wanted(name, kind) {
                    entries.push(Entry { name: OsString::from_vec(name.to_vec()), kind });
                }
            }
            Ok(entries)
        }

        fn kind(&self, name: &[u8]) -> io::Result<Kind> {
            let stat = rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            })
        }

        /// What `name` leads to, if that is a file; `None` if it is anything else.
        pub(crate) fn stamp(&self, name: &OsStr, _path: &Path) -> io::Result<Option<Stamp>> {
            let stat = rustix::fs::statat(&self.folder, name, AtFlags::empty())?;
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            Ok(is_file.then(|| Stamp::of_stat(&stat)))
        }

        /// Reads the beginning of the file `name` below this folder and says how many bytes there were.
        pub(crate) fn peek(&self, name: &Path, _folder: &Path, start: &mut [u8]) -> io::Result<usize> {
            // Without O_NONBLOCK a FIFO would make us wait for a writer.
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.folder, name, flags, Mode::empty())?;
            Ok(rustix::io::read(&file, start)?)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use std::ffi::OsStr;
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    use super::super::files::{Stamp, peek};
    use super::{Entry, Kind};

    /// A folder that is there.
    pub(crate) struct Handle {
        folder: PathBuf,
    }

    impl Handle {
        /// Opens a folder.
        pub(crate) fn open(path: &Path) -> io::Result<Handle> {
            Ok(Handle { folder: path.to_path_buf() })
        }

        /// The entries whose name and kind `wanted` accepts, in no particular order.
        pub(crate) fn entries(&self, wanted: impl Fn(&[u8], Kind) -> bool) -> io::Result<Vec<Entry>> {
            let mut entries = Vec::new();
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                let kind = match entry.file_type()? {
                    kind if kind.is_dir() => Kind::Folder,
                    kind if kind.is_symlink() => Kind::Link,
                    _ => Kind::Other,
                };
                let name = entry.file_name();
                if wanted(name.as_encoded_bytes(), kind) {
                    entries.push(Entry { name, kind });
                }
            }
            Ok(entries)
        }

        /// What `path` leads to, if that is a file; `None` if it is anything else.
        pub(crate) fn stamp(&self, _name: &OsStr, path: &Path) -> io::Result<Option<Stamp>> {
            let metadata = fs::metadata(path)?;
            Ok(metadata.is_file().then(|| Stamp::of(&metadata)))
        }

        /// Reads the beginning of the file `name` below this folder and says how many bytes there were.
        pub(crate) fn peek(&self, name: &Path, folder: &Path, start: &mut [u8]) -> io::Result<usize> {
            peek(&folder.join(name), start)
        }
    }
}
