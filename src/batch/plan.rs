//! What a batch is to do.

use std::path::{Path, PathBuf};

use super::warnings::WarningFilters;
use crate::target::Target;

/// Where a `.pyc` stands, relative to its source (or to the source's place below [`Plan::out`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// `__pycache__/mod.cpython-3XX[.opt-N].pyc` (PEP 3147 and PEP 488).
    Cache,
    /// `mod.pyc` beside the source, whatever the optimisation level.
    Legacy,
}

/// How Python finds out whether a `.pyc` is up to date (PEP 552).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalidation {
    /// Modification time and size of the source.
    Timestamp,
    /// Hash of the source, checked by each import.
    CheckedHash,
    /// Hash of the source, which imports believe.
    UncheckedHash,
}

/// What to do with files that are not up to date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Compile and write them.
    Write,
    /// Only report them, as [`super::Outcome::Stale`]; nothing is compiled or written.
    List,
}

/// The path that code objects record: that of the source as the root and the walk spell it, changed by
/// these rules of `compileall`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Recorded {
    /// The path as it is.
    #[default]
    Source,
    /// `-d DIR`: for a file root, its name below DIR; for a folder root, as `Moved` with the root stripped
    /// and DIR prepended.
    Below(Vec<u8>),
    /// `-s STRIP`, `-p PREPEND` or both: leading parts equal to those of STRIP are taken off, then what is
    /// left is joined to PREPEND.
    Moved {
        /// Parts to take off.
        strip: Option<Vec<u8>>,
        /// What to put in front.
        prepend: Option<Vec<u8>>,
    },
}

/// A file or folder to compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Root {
    /// Its path, spelled as it is to appear in code objects and messages.
    pub path: PathBuf,
    /// How many levels of folders below it to enter; `None` for all.
    pub levels: Option<u32>,
}

/// Decides by the spelled path of a file whether to leave it out.
pub type Skip = Box<dyn Fn(&Path) -> bool + Send + Sync>;

/// What a batch is to do; see the fields.
pub struct Plan {
    /// What to compile. A source that several roots reach is compiled once, as the first of them spells it,
    /// or with [`Plan::force`] as the last does: what `compileall` leaves behind.
    pub roots: Vec<Root>,
    /// The release whose bytes are wanted.
    pub target: Target,
    /// Optimisation levels (0, 1, 2), ascending and without duplicates; at least one.
    pub levels: Vec<u8>,
    /// Where the `.pyc` files go.
    pub layout: Layout,
    /// A folder that gets a mirror of each root's tree instead of the sources' own folders.
    pub out: Option<PathBuf>,
    /// What the header records.
    pub invalidation: Invalidation,
    /// Compile what is up to date too.
    pub force: bool,
    /// What code objects record as their file.
    pub recorded: Recorded,
    /// Which files to leave out (`-x`).
    pub skip: Option<Skip>,
    /// Leave out symbolic links to files that are not below this folder (`-e`).
    pub limit_links: Option<PathBuf>,
    /// Make equal files of different levels hard links of each other.
    pub hardlink_dupes: bool,
    /// Which warnings are kept, and which are errors.
    pub warnings: WarningFilters,
    /// How many threads work; 0 for one per core.
    pub workers: usize,
    /// Whether to write or to tell.
    pub action: Action,
}

impl Plan {
    /// A plan with the defaults of `compileall` (every core excepted) for no root at all.
    pub fn new(target: Target) -> Plan {
        Plan {
            roots: Vec::new(),
            target,
            levels: vec![0],
            layout: Layout::Cache,
            out: None,
            invalidation: Invalidation::Timestamp,
            force: false,
            recorded: Recorded::Source,
            skip: None,
            limit_links: None,
            hardlink_dupes: false,
            warnings: WarningFilters::default(),
            workers: 0,
            action: Action::Write,
        }
    }
}
