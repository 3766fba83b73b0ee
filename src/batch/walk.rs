//! Finding the sources: `compileall`'s order and rules, many folders at a time. Where the `.pyc` files stand
//! beside their sources, their headers are looked at on the way, while the folder is open.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{Stamp, peek};
use super::folder::{Entry, Handle, Kind};
use super::freshness::{Freshness, START, examine};
use super::names::{CACHE, output_levels, push_output_name};
use super::plan::{Layout, Plan, Root};

/// A source that was found.
pub(super) struct Found {
    /// As its root spells it.
    pub(super) path: PathBuf,
    /// What its folder said of it (through a symbolic link).
    pub(super) stamp: Stamp,
    /// What its `.pyc` files say, if somebody looked.
    pub(super) freshness: Option<Freshness>,
}

/// A folder, listed.
pub(super) struct Folder {
    /// As its root spells it.
    pub(super) path: PathBuf,
    /// Why it could not be listed.
    pub(super) error: Option<io::Error>,
    /// Its sources and folders, sorted by name.
    pub(super) items: Vec<Item>,
}

/// Something below a root, or the root itself.
pub(super) enum Item {
    File(Found),
    Folder(Folder),
}

/// A plan, and its filters prepared.
struct Walk<'p> {
    plan: &'p Plan,
    limit_links: Option<PathBuf>,
    /// Share the work with the other threads of the pool that this one belongs to.
    parallel: bool,
}

/// Walks one root, on the threads of the current pool if it is `parallel`. `None` when it is a file that the
/// plan leaves out, or no Python source.
pub(super) fn walk(plan: &Plan, root: &Root, parallel: bool) -> Option<Item> {
    let resolve = |folder: &PathBuf| {
        let real = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
        real.unwrap_or_else(|_| folder.clone())
    };
    let walk = Walk { plan, limit_links: plan.limit_links.as_ref().map(resolve), parallel };
    let path = &root.path;
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            let is_link = || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
            if !is_source(path.as_os_str().as_encoded_bytes()) || walk.leaves_out(path, is_link) {
                return None;
            }
            Some(Item::File(Found { path: path.clone(), stamp: Stamp::of(&metadata), freshness: None }))
        }
        _ => Some(Item::Folder(walk.folder(path.clone(), root.levels))),
    }
}

/// Looks at the `.pyc` files at `outputs`.
pub(super) fn examine_paths(plan: &Plan, stamp: &Stamp, outputs: &[&Path]) -> Freshness {
    let look = |index: usize, start: &mut [u8; START]| peek(outputs[index], start);
    examine(plan.target.version, plan.invalidation, stamp, outputs.len(), look)
}

/// Is it the name of a Python source?
fn is_source(name: &[u8]) -> bool {
    name.ends_with(b".py")
}

impl Walk<'_> {
    /// Do `-x` or `-e` leave this file out?
    fn leaves_out(&self, path: &Path, is_link: impl FnOnce() -> bool) -> bool {
        if self.plan.skip.as_ref().is_some_and(|skip| skip(path)) {
            return true;
        }
        let Some(limit) = &self.limit_links else { return false };
        is_link() && !fs::canonicalize(path).is_ok_and(|real| real != *limit && real.starts_with(limit))
    }

    /// Lists a folder and those below it.
    fn folder(&self, path: PathBuf, levels: Option<u32>) -> Folder {
        // Most of what a tree holds besides sources and folders is told by its name and its type, without
        // another system call.
        let wanted = |name: &[u8], kind: Kind| match kind {
            Kind::Folder => levels != Some(0) && name != CACHE.as_bytes(),
            Kind::Link | Kind::Other => is_source(name),
        };
        let listed = Handle::open(&path).and_then(|handle| Ok((handle.entries(wanted)?, handle)));
        let (mut entries, handle) = match listed {
            Ok(listed) => listed,
            Err(error) => return Folder { path, error: Some(error), items: Vec::new() },
        };
        entries.sort_unstable_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
        let is_folder = |index: usize| entries[index].kind == Kind::Folder;
        let files = (0..entries.len()).filter(|&index| !is_folder(index));
        let folders = (0..entries.len()).filter(|&index| is_folder(index));
        let file = |name: &mut OsString, index: usize| {
            Some((index, self.file(&handle, &path, &entries[index], name)?))
        };
        let mut items: Vec<(usize, Item)> = if self.parallel {
            let files = files.collect::<Vec<usize>>().into_par_iter().with_min_len(MIN_SHARE);
            files.map_init(OsString::new, file).flatten_iter().collect()
        } else {
            let mut name = OsString::new();
            files.filter_map(|index| file(&mut name, index)).collect()
        };
        // Closed before the folders below are opened: a tree may be deeper than a process may have files.
        drop(handle);
        let folder = |index: usize| {
            let levels = levels.map(|levels| levels.saturating_sub(1));
            (index, Item::Folder(self.folder(path.join(&entries[index].name), levels)))
        };
        if self.parallel {
            items.par_extend(folders.collect::<Vec<usize>>().into_par_iter().map(folder));
        } else {
            items.extend(folders.map(folder));
        }
        items.sort_unstable_by_key(|&(index, _)| index);
        let items = items.into_iter().map(|(_, item)| item).collect();
        Folder { path, error: None, items }
    }

    /// Looks at a file; `name` is memory for the name of its `.pyc`.
    fn file(&self, handle: &Handle, folder: &Path, entry: &Entry, name: &mut OsString) -> Option<Item> {
        let mut path = PathBuf::with_capacity(folder.as_os_str().len() + 1 + entry.name.len());
        path.push(folder);
        path.push(&entry.name);
        if self.leaves_out(&path, || entry.kind == Kind::Link) {
            return None;
        }
        // Follows links: one that leads nowhere, in a circle or to a folder is left out, and so are FIFOs,
        // sockets and devices, which reading could wait for without end.
        match handle.stamp(&entry.name, &path) {
            Ok(Some(stamp)) => {
                let freshness = self.look(handle, folder, &entry.name, &stamp, name);
                Some(Item::File(Found { path, stamp, freshness }))
            }
            // A folder whose names can be read and nothing else: reading the file will say so.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Some(Item::File(Found { path, stamp: Stamp::default(), freshness: None }))
            }
            Ok(None) | Err(_) => None,
        }
    }

    /// Looks at the `.pyc` files beside a source, if that is where they go.
    fn look(
        &self,
        handle: &Handle,
        folder: &Path,
        source: &OsStr,
        stamp: &Stamp,
        name: &mut OsString,
    ) -> Option<Freshness> {
        let plan = self.plan;
        if plan.force || plan.out.is_some() {
            return None;
        }
        let levels = output_levels(plan);
        let peek = |index: usize, start: &mut [u8; START]| {
            name.clear();
            if plan.layout == Layout::Cache {
                name.push(CACHE);
                name.push("/");
            }
            push_output_name(name, plan, source, levels[index]);
            handle.peek(Path::new(name), folder, start)
        };
        Some(examine(plan.target.version, plan.invalidation, stamp, levels.len(), peek))
    }
}

/// Files of a folder that one thread looks at in a row.
const MIN_SHARE: usize = 8;
