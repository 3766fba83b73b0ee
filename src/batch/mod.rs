//! Many files at once: tree walk, schedule, up-to-date check and atomic writes.
//!
//! [`run`] carries out a [`Plan`]: it walks the plan's roots, finds out which sources are to be compiled,
//! compiles them on the plan's number of threads, and returns a [`Report`] that lists every folder and file
//! in the order in which `python -m compileall` visits them, whatever the threads did first. Progress goes
//! to an [`Observer`] meanwhile. Nothing here prints, asks the environment or ends the process: the
//! command line turns its flags into a plan and the report into text.
//!
//! What holds:
//!
//! * A `.pyc` is written to a file of its own in the folder of its target and renamed over it when it is
//!   complete, so that whatever happens leaves the old file or the new one.
//! * One file's trouble, a panic of ours included, is that file's [`Failure`]; the others go on.
//! * What is written depends on the plan and the sources alone. Files that several roots name are compiled
//!   once; see [`Plan::roots`].
//!
//! Where the behaviour is `compileall`'s or `py_compile`'s, the releases read were 3.13.15 and 3.14.

mod files;
mod folder;
mod freshness;
mod names;
mod plan;
mod report;
mod run;
mod walk;
mod warnings;
mod worker;

pub use names::{cache_name, surrogate_escaped};
pub use plan::{Action, Invalidation, Layout, Plan, Recorded, Root, Skip};
pub use report::{
    Entry, Failure, FileReport, FolderReport, Outcome, Output, Report, ShownWarning, SourceFailure,
};
pub use run::{Observer, Silent, run};
pub use warnings::{WarningAction, WarningFilters};
