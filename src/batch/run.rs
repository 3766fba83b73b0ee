//! The schedule: walk, sort, share out, put together.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::freshness::Freshness;
use super::names::{CACHE, outputs, recorded_path};
use super::plan::{Layout, Plan, Root};
use super::report::{Entry, Failure, FileReport, FolderReport, Outcome, Report};
use super::walk::{Folder, Found, Item, walk};
use super::worker::{Compiler, Destination, Done, Job, Worker};
use crate::compile::Session;

/// Watches a batch from outside; called from every worker.
pub trait Observer: Sync {
    /// The walk is done: so many sources with so many bytes will be looked at.
    fn found(&self, files: usize, bytes: u64) {
        let _ = (files, bytes);
    }

    /// One source of so many bytes is done.
    fn finished(&self, path: &Path, bytes: u64) {
        let _ = (path, bytes);
    }

    /// Should the batch stop after the sources that are being worked on?
    fn stop(&self) -> bool {
        false
    }
}

/// An observer that does not look.
pub struct Silent;

impl Observer for Silent {}

/// Carries out a plan.
///
/// # Errors
/// When the threads cannot be started; everything else is in the report.
pub fn run(plan: &Plan, observer: &dyn Observer) -> io::Result<Report> {
    run_with::<Session>(plan, observer)
}

fn run_with<C: Compiler>(plan: &Plan, observer: &dyn Observer) -> io::Result<Report> {
    // While a process has one thread, its system calls need not guard its table of files: looking at a tree
    // takes two thirds of the time. So a lone worker starts when there is something to compile.
    let mut pool = if plan.workers == 1 { None } else { Some(start(plan.workers)?) };
    let mut batch = Batch::new(plan);
    for root in &plan.roots {
        let item = match &pool {
            Some(pool) => pool.install(|| walk(plan, root, true)),
            None => walk(plan, root, false),
        };
        if let Some(item) = item {
            batch.add_root(root, item);
        }
    }
    batch.drop_duplicates();
    observer.found(batch.jobs.len(), batch.jobs.iter().map(|job| job.stamp.size).sum());
    let (mut done, order) = batch.schedule(observer);
    if !order.is_empty() {
        let pool = match &mut pool {
            Some(pool) => pool,
            none => none.insert(start(1)?),
        };
        batch.work::<C>(pool, observer, &order, &mut done);
    }
    Ok(batch.report(done))
}

/// Starts the workers.
fn start(workers: usize) -> io::Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(workers)
        .stack_size(crate::compile::STACK_BYTES)
        .thread_name(|index| format!("worker-{index}"))
        .build()
        .map_err(io::Error::other)
}

/// Everything that was found, in `compileall`'s order.
struct Batch<'p> {
    plan: &'p Plan,
    slots: Vec<Slot>,
    jobs: Vec<Job>,
    destinations: Vec<Destination>,
}

/// A place in the report.
enum Slot {
    Folder(FolderReport),
    /// Index of a job, and whether a part that was to be stripped was missing.
    Job {
        job: usize,
        strip_ignored: bool,
    },
    /// A job whose output another one writes.
    Taken {
        job: usize,
        path: PathBuf,
        other: PathBuf,
    },
    /// A job that another root names too.
    Duplicate,
}

impl<'p> Batch<'p> {
    fn new(plan: &'p Plan) -> Self {
        Batch { plan, slots: Vec::new(), jobs: Vec::new(), destinations: Vec::new() }
    }

    fn add_root(&mut self, root: &Root, item: Item) {
        match item {
            Item::File(found) => {
                let folder = found.path.parent().unwrap_or(Path::new("")).to_path_buf();
                let destination = self.destination(&folder, Path::new(""));
                self.add_file(found, None, destination);
            }
            Item::Folder(folder) => self.add_folder(folder, &root.path),
        }
    }

    fn add_folder(&mut self, folder: Folder, root: &Path) {
        let below = folder.path.strip_prefix(root).unwrap_or(Path::new("")).to_path_buf();
        let destination = self.destination(&folder.path, &below);
        self.slots.push(Slot::Folder(FolderReport { path: folder.path, error: folder.error }));
        for item in folder.items {
            match item {
                Item::File(found) => self.add_file(found, Some(root), destination),
                Item::Folder(folder) => self.add_folder(folder, root),
            }
        }
    }

    /// The folder for the `.pyc` files of sources in `folder`, which is `below` its root.
    fn destination(&mut self, folder: &Path, below: &Path) -> usize {
        let base = match &self.plan.out {
            Some(out) => out.join(below),
            None => folder.to_path_buf(),
        };
        let (path, exists) = match self.plan.layout {
            Layout::Cache => (base.join(CACHE), false),
            Layout::Legacy => (base, self.plan.out.is_none()),
        };
        self.destinations.push(Destination::new(path, exists));
        self.destinations.len() - 1
    }

    fn add_file(&mut self, found: Found, root: Option<&Path>, destination: usize) {
        let path = found.path.as_os_str().as_encoded_bytes();
        let root = root.map(|root| root.as_os_str().as_encoded_bytes());
        let (recorded, strip_ignored) = recorded_path(&self.plan.recorded, path, root);
        self.slots.push(Slot::Job { job: self.jobs.len(), strip_ignored });
        self.jobs.push(Job {
            path: found.path,
            recorded,
            stamp: found.stamp,
            freshness: found.freshness,
            destination,
        });
    }

    /// Sees to it that no file is written by two jobs. One root cannot name a file twice.
    fn drop_duplicates(&mut self) {
        if self.plan.roots.len() < 2 {
            return;
        }
        let mut first: HashMap<PathBuf, usize> = HashMap::new();
        for index in 0..self.slots.len() {
            let Slot::Job { job, .. } = self.slots[index] else { continue };
            let destination = real(&self.destinations[self.jobs[job].destination].path);
            let written = outputs(self.plan, &self.jobs[job].path, &destination);
            let Some(key) = written.into_iter().next().map(|output| output.path) else { continue };
            let Some(earlier) = first.insert(key.clone(), index) else { continue };
            let Slot::Job { job: other, .. } = self.slots[earlier] else { continue };
            let [this, that] = [job, other].map(|job| &self.jobs[job].path);
            if real(this) != real(that) {
                self.slots[index] = Slot::Taken { job, path: key.clone(), other: that.clone() };
                first.insert(key, earlier);
            } else if self.plan.force {
                self.slots[earlier] = Slot::Duplicate;
            } else {
                self.slots[index] = Slot::Duplicate;
                first.insert(key, earlier);
            }
        }
    }

    /// What is known of each job, and the jobs that are to be done, largest first.
    fn schedule(&self, observer: &dyn Observer) -> (Vec<Option<Done>>, Vec<usize>) {
        let mut done: Vec<Option<Done>> = Vec::new();
        done.resize_with(self.jobs.len(), || None);
        let mut order = Vec::new();
        for slot in &self.slots {
            let Slot::Job { job: index, .. } = slot else { continue };
            let job = &self.jobs[*index];
            if job.freshness == Some(Freshness::Fresh) {
                done[*index] = Some(Done { outcome: Outcome::Fresh, warnings: Vec::new() });
                observer.finished(&job.path, job.stamp.size);
            } else {
                order.push(*index);
            }
        }
        order.sort_by_key(|&job| std::cmp::Reverse(self.jobs[job].stamp.size));
        (done, order)
    }

    /// Does the jobs of `order` on all threads of the pool, and notes what became of those that were done.
    fn work<C: Compiler>(
        &self,
        pool: &ThreadPool,
        observer: &dyn Observer,
        order: &[usize],
        done: &mut [Option<Done>],
    ) {
        let next = AtomicUsize::new(0);
        let shares = pool.broadcast(|context| {
            let mut worker = Worker::<C>::new(self.plan, context.index());
            let mut share = Vec::new();
            while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                if observer.stop() {
                    break;
                }
                let job = &self.jobs[index];
                share.push((index, worker.process(job, &self.destinations[job.destination])));
                observer.finished(&job.path, job.stamp.size);
            }
            share
        });
        for (index, result) in shares.into_iter().flatten() {
            done[index] = Some(result);
        }
    }

    fn report(self, mut done: Vec<Option<Done>>) -> Report {
        let destinations = self.destinations.into_iter().map(|destination| destination.path).collect();
        let mut report = Report { destinations, ..Report::default() };
        let mut jobs: Vec<Option<Job>> = self.jobs.into_iter().map(Some).collect();
        for slot in self.slots {
            let (index, strip_ignored, own, result) = match slot {
                Slot::Folder(folder) => {
                    report.entries.push(Entry::Folder(folder));
                    continue;
                }
                Slot::Duplicate => continue,
                Slot::Job { job, strip_ignored } => (job, strip_ignored, true, done[job].take()),
                Slot::Taken { job, path, other } => {
                    let outcome = Outcome::Failed(Failure::TargetTaken { path, other });
                    (job, false, false, Some(Done { outcome, warnings: Vec::new() }))
                }
            };
            let Some(job) = jobs[index].take() else { continue };
            let result = result.unwrap_or_else(|| {
                report.interrupted = true;
                Done { outcome: Outcome::Skipped, warnings: Vec::new() }
            });
            report.entries.push(Entry::File(FileReport {
                path: job.path,
                bytes: job.stamp.size,
                recorded: job.recorded,
                strip_ignored,
                destination: own.then_some(job.destination),
                outcome: result.outcome,
                warnings: result.warnings,
            }));
        }
        report
    }
}

/// The path without links, dots and the like; its parent's, when it does not exist yet.
fn real(path: &Path) -> PathBuf {
    let resolved = std::fs::canonicalize(path).ok().or_else(|| {
        let parent = path
            .parent()
            .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })?;
        Some(std::fs::canonicalize(parent).ok()?.join(path.file_name()?))
    });
    resolved.or_else(|| std::path::absolute(path).ok()).unwrap_or_else(|| path.to_path_buf())
}

#[cfg(test)]
mod tests;
