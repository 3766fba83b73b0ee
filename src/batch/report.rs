//! What a batch did.

use std::io;
use std::path::{Path, PathBuf};

use super::names::outputs;
use super::plan::Plan;
use crate::source::{SourceError, Warning};

/// Everything that a batch met, in the order in which `compileall` visits it: the roots as given; in a
/// folder, names sorted by their bytes, a folder's contents at the place of its name.
#[derive(Debug, Default)]
pub struct Report {
    /// Folders and files.
    pub entries: Vec<Entry>,
    /// The observer asked to stop before all files were done; those are [`Outcome::Skipped`].
    pub interrupted: bool,
    /// The folders that `.pyc` files go to.
    pub(super) destinations: Vec<PathBuf>,
}

impl Report {
    /// The files alone.
    pub fn files(&self) -> impl Iterator<Item = &FileReport> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::File(file) => Some(file),
            Entry::Folder(_) => None,
        })
    }

    /// The `.pyc` files of a file of this report, one for each optimisation level that has a file of its own;
    /// `plan` is what was carried out.
    pub fn outputs(&self, plan: &Plan, file: &FileReport) -> Vec<Output> {
        let destination = file.destination.and_then(|index| self.destinations.get(index));
        destination.map_or_else(Vec::new, |folder| outputs(plan, &file.path, folder))
    }

    /// The folders alone.
    pub fn folders(&self) -> impl Iterator<Item = &FolderReport> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Folder(folder) => Some(folder),
            Entry::File(_) => None,
        })
    }
}

/// A folder or a file.
#[derive(Debug)]
pub enum Entry {
    /// A folder that was listed, or could not be.
    Folder(FolderReport),
    /// A Python source.
    File(FileReport),
}

/// A folder that was listed.
#[derive(Debug)]
pub struct FolderReport {
    /// As the root spells it.
    pub path: PathBuf,
    /// Why it could not be listed.
    pub error: Option<io::Error>,
}

/// What became of one source.
#[derive(Debug)]
pub struct FileReport {
    /// As the root spells it.
    pub path: PathBuf,
    /// Its size in bytes when the folder was listed.
    pub bytes: u64,
    /// The path that its code objects record, as generalised UTF-8, where it differs from `path`.
    pub recorded: Option<Vec<u8>>,
    /// `-s` or `-d` named parts that the path does not begin with.
    pub strip_ignored: bool,
    /// Index of the folder that its `.pyc` files go to, if they are its own.
    pub(super) destination: Option<usize>,
    /// What happened.
    pub outcome: Outcome,
    /// What the compiler warns of, without what [`super::Plan::warnings`] ignores.
    pub warnings: Vec<ShownWarning>,
}

impl FileReport {
    /// The path that its code objects record.
    pub fn recorded(&self) -> &[u8] {
        self.recorded.as_deref().unwrap_or_else(|| self.path.as_os_str().as_encoded_bytes())
    }
}

/// A warning, with what is shown below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownWarning {
    /// The warning.
    pub warning: Warning,
    /// Show it only if no other of the same category and text was shown.
    pub once: bool,
    /// The source line, without its end; empty when there is none.
    pub line: String,
}

/// One `.pyc` of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// Its path.
    pub path: PathBuf,
    /// 0, 1 or 2.
    pub level: u8,
}

/// What happened to a source.
#[derive(Debug)]
pub enum Outcome {
    /// All its `.pyc` files were up to date.
    Fresh,
    /// It was compiled and its `.pyc` files were written.
    Written,
    /// It is not up to date, and the plan was only to tell.
    Stale,
    /// The batch was interrupted before its turn.
    Skipped,
    /// It could not be compiled or written.
    Failed(Failure),
}

/// Why a source has no new `.pyc`.
#[derive(Debug)]
pub enum Failure {
    /// It does not compile.
    Source(Box<SourceFailure>),
    /// A system call on `path` failed.
    Io {
        /// What the call was about.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// Its `.pyc` is a symbolic link, which a rename would replace.
    TargetIsSymlink(PathBuf),
    /// Its `.pyc` is neither a file nor missing.
    TargetIsIrregular(PathBuf),
    /// Its `.pyc` below `--out` is also that of `other`.
    TargetTaken {
        /// The `.pyc`.
        path: PathBuf,
        /// The source that comes first.
        other: PathBuf,
    },
    /// A broken invariant of this program.
    Internal(String),
}

impl Failure {
    /// A failed system call on `path`.
    pub(super) fn io(path: &Path, error: io::Error) -> Failure {
        Failure::Io { path: path.to_path_buf(), error }
    }
}

/// A source that does not compile.
#[derive(Debug)]
pub struct SourceFailure {
    /// CPython's exception.
    pub error: SourceError,
    /// The optimisation level at which it was raised.
    pub level: u8,
}
