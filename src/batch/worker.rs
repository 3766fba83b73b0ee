//! One source after the other: up-to-date check, compilation, writing.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use super::files::{Buffer, Place, Stamp, Temporary, place};
use super::freshness::{Freshness, header};
use super::names::{outputs, surrogate_escaped};
use super::plan::{Action, Plan};
use super::report::{Failure, Outcome, Output, ShownWarning, SourceFailure};
use super::walk::examine_paths;
use super::warnings::WarningAction;
use crate::compile::{Options, Session};
use crate::marshal::Header;
use crate::source::{ExceptionKind, SourceError, Warning, decode};
use crate::value::PyStr;

/// What turns a source into the marshalled code object of its module. There is one in the program,
/// [`Session`]; tests have their own.
pub(super) trait Compiler: Default + Send {
    /// As [`Session::compile_into`].
    fn compile_into(
        &mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        out: &mut Vec<u8>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), SourceError>;
}

impl Compiler for Session {
    fn compile_into(
        &mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        out: &mut Vec<u8>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), SourceError> {
        Session::compile_into(self, source, filename, options, out, warnings)
    }
}

/// A source that is to be looked at.
pub(super) struct Job {
    /// As its root spells it.
    pub(super) path: PathBuf,
    /// The path that code objects record, where it differs.
    pub(super) recorded: Option<Vec<u8>>,
    /// What the walk saw.
    pub(super) stamp: Stamp,
    /// What its `.pyc` files say, if the walk looked at them.
    pub(super) freshness: Option<Freshness>,
    /// Index of the folder that its `.pyc` files go to.
    pub(super) destination: usize,
}

/// A folder that `.pyc` files go to; it is made when the first of them is there to be written.
pub(super) struct Destination {
    pub(super) path: PathBuf,
    state: AtomicU8,
}

/// States of a [`Destination`].
const UNKNOWN: u8 = 0;
const EXISTS: u8 = 1;
/// Made by this run: nothing can stand in the way of what is written there.
const MADE: u8 = 2;

impl Destination {
    /// A folder that may have to be made; with `exists` it is known not to.
    pub(super) fn new(path: PathBuf, exists: bool) -> Destination {
        Destination { path, state: AtomicU8::new(if exists { EXISTS } else { UNKNOWN }) }
    }

    fn make(&self) -> io::Result<()> {
        if self.state.load(Ordering::Relaxed) != UNKNOWN {
            return Ok(());
        }
        let state = match fs::create_dir(&self.path) {
            Ok(()) => MADE,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => EXISTS,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.path)?;
                EXISTS
            }
            Err(error) => return Err(error),
        };
        // Two workers may come here at once; the one that made the folder says so last or not at all, and
        // "exists" is always a safe answer.
        self.state.store(state, Ordering::Relaxed);
        Ok(())
    }

    fn is_new(&self) -> bool {
        self.state.load(Ordering::Relaxed) == MADE
    }

    fn forget(&self) {
        self.state.store(UNKNOWN, Ordering::Relaxed);
    }
}

/// What a worker found out about a job.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) warnings: Vec<ShownWarning>,
}

/// A thread's compiler and buffers, reused from source to source.
pub(super) struct Worker<'p, C> {
    plan: &'p Plan,
    session: C,
    source: Buffer,
    bytes: Vec<u8>,
    previous: Vec<u8>,
    warnings: Vec<Warning>,
    temporary: Temporary,
}

/// Bytes of output that a worker keeps room for from the start.
const OUTPUT_ROOM: usize = 256 << 10;

impl<'p, C: Compiler> Worker<'p, C> {
    pub(super) fn new(plan: &'p Plan, index: usize) -> Self {
        Worker {
            plan,
            session: C::default(),
            source: Buffer::default(),
            bytes: Vec::with_capacity(OUTPUT_ROOM),
            previous: Vec::new(),
            warnings: Vec::new(),
            temporary: Temporary::new(index),
        }
    }

    /// Does what the plan asks for one source.
    pub(super) fn process(&mut self, job: &Job, destination: &Destination) -> Done {
        let outputs = outputs(self.plan, &job.path, &destination.path);
        let mut warnings = Vec::new();
        let outcome = self.decide(job, destination, &outputs, &mut warnings).unwrap_or_else(Outcome::Failed);
        Done { outcome, warnings }
    }

    fn decide(
        &mut self,
        job: &Job,
        destination: &Destination,
        outputs: &[Output],
        shown: &mut Vec<ShownWarning>,
    ) -> Result<Outcome, Failure> {
        let mut stamp = None;
        if !self.plan.force {
            let freshness = job.freshness.unwrap_or_else(|| {
                let paths: Vec<&Path> = outputs.iter().map(|output| output.path.as_path()).collect();
                examine_paths(self.plan, &job.stamp, &paths)
            });
            match freshness {
                Freshness::Fresh => return Ok(Outcome::Fresh),
                Freshness::Stale => {}
                Freshness::IfHash(found) => {
                    let read = self.read(&job.path)?;
                    if self.header(&read) == found {
                        return Ok(Outcome::Fresh);
                    }
                    stamp = Some(read);
                }
            }
        }
        match self.plan.action {
            Action::List => return Ok(Outcome::Stale),
            Action::Write => {}
        }
        for (index, output) in outputs.iter().enumerate() {
            if !destination.is_new() {
                match place(&output.path) {
                    Place::Writable => {}
                    Place::Symlink => return Err(Failure::TargetIsSymlink(output.path.clone())),
                    Place::Irregular => return Err(Failure::TargetIsIrregular(output.path.clone())),
                }
            }
            let stamp = match stamp {
                Some(stamp) => stamp,
                None => *stamp.insert(self.read(&job.path)?),
            };
            std::mem::swap(&mut self.bytes, &mut self.previous);
            self.compile(job, &stamp, output.level, index == 0, shown)?;
            let before = index.checked_sub(1).map(|before| outputs[before].path.as_path());
            self.write(output, destination, stamp.mode, before)
                .map_err(|error| Failure::io(&output.path, error))?;
        }
        Ok(Outcome::Written)
    }

    fn read(&mut self, path: &Path) -> Result<Stamp, Failure> {
        self.source.read(path).map_err(|error| Failure::io(path, error))
    }

    fn header(&self, stamp: &Stamp) -> Header {
        header(self.plan.target.version, self.plan.invalidation, stamp, self.source.contents())
    }

    /// Makes the `.pyc` of one level in `self.bytes`. Warnings are the same at every level, so those of the
    /// first are shown.
    fn compile(
        &mut self,
        job: &Job,
        stamp: &Stamp,
        level: u8,
        first: bool,
        shown: &mut Vec<ShownWarning>,
    ) -> Result<(), Failure> {
        let header = self.header(stamp);
        let path = job.path.as_os_str().as_encoded_bytes();
        let recorded = job.recorded.as_deref().unwrap_or(path);
        let escaped = surrogate_escaped(recorded);
        let filename = escaped.as_deref().unwrap_or(recorded);
        let options = Options { optimize: level, ..Options::new(self.plan.target) };
        let source = self.source.contents();
        let (session, bytes, warnings) = (&mut self.session, &mut self.bytes, &mut self.warnings);
        bytes.clear();
        bytes.extend_from_slice(&header.to_bytes());
        warnings.clear();
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            session.compile_into(source, PyStr::from_bytes(filename), &options, bytes, warnings)
        }));
        let mut compiled = match compiled {
            Ok(compiled) => compiled,
            Err(panic) => {
                // Whatever the session was in the middle of is gone with it.
                self.session = C::default();
                return Err(Failure::Internal(panic_message(&*panic)));
            }
        };
        for warning in self.warnings.drain(..) {
            match self.plan.warnings.action(&warning, filename) {
                WarningAction::Ignore => {}
                WarningAction::Error => {
                    compiled = Err(warning_error(&warning));
                    break;
                }
                action @ (WarningAction::Show | WarningAction::ShowOnce) => {
                    if first {
                        let line = line_of(source, &options, warning.lineno).unwrap_or_default();
                        shown.push(ShownWarning { warning, once: action == WarningAction::ShowOnce, line });
                    }
                }
            }
        }
        compiled.map_err(|mut error| {
            if error.text.is_none()
                && let Some(lineno) = error.lineno
            {
                error.text = line_of(source, &options, lineno).map(|line| (line + "\n").into_bytes());
            }
            Failure::Source(Box::new(SourceFailure { error, level }))
        })
    }

    fn write(
        &mut self,
        output: &Output,
        destination: &Destination,
        mode: u32,
        before: Option<&Path>,
    ) -> io::Result<()> {
        destination.make()?;
        if let Some(before) = before
            && self.plan.hardlink_dupes
            && self.bytes == self.previous
        {
            return self.temporary.link(before, &output.path);
        }
        match self.temporary.write(&output.path, &self.bytes, mode) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Somebody removed the folder behind our back.
                destination.forget();
                destination.make()?;
                self.temporary.write(&output.path, &self.bytes, mode)
            }
            result => result,
        }
    }
}

/// The `SyntaxError` that takes a warning's place under `-W error`.
fn warning_error(warning: &Warning) -> SourceError {
    // From 3.14 on the warning has a sentence that the error lacks: it works no longer already.
    let message = warning.message.replace(" Such sequences will not work in the future.", "");
    SourceError { kind: ExceptionKind::SyntaxError, ..SourceError::syntax(message, warning.location) }
}

/// A line of a source by its number from 1, without its end.
fn line_of(source: &[u8], options: &Options, lineno: i32) -> Option<String> {
    let decoded = decode(source, options.target).ok()?;
    let index = usize::try_from(lineno).ok()?.checked_sub(1)?;
    decoded.text.split('\n').nth(index).map(str::to_owned)
}

/// What a panic said.
fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic").to_owned()
}
