//! Finding the sources: `compileall`'s order and rules, many folders at a time.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::Stamp;
use super::plan::{Plan, Root};

/// A source that was found.
pub(super) struct Found {
    /// As its root spells it.
    pub(super) path: PathBuf,
    /// What its folder said of it (through a symbolic link).
    pub(super) stamp: Stamp,
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

/// The filters of a plan, prepared.
struct Filter<'p> {
    plan: &'p Plan,
    limit_links: Option<PathBuf>,
}

/// Walks one root. `None` when it is a file that the plan leaves out, or no Python source.
pub(super) fn walk(plan: &Plan, root: &Root) -> Option<Item> {
    let resolve = |folder: &PathBuf| fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
    let limit_links =
        plan.limit_links.as_ref().map(|folder| resolve(folder).unwrap_or_else(|_| folder.clone()));
    let filter = Filter { plan, limit_links };
    match fs::metadata(&root.path) {
        Ok(metadata) if metadata.is_file() => {
            let name = root.path.as_os_str().as_encoded_bytes();
            if !is_source(name)
                || filter.leaves_out(&root.path, || {
                    fs::symlink_metadata(&root.path).is_ok_and(|it| it.is_symlink())
                })
            {
                return None;
            }
            Some(Item::File(Found { path: root.path.clone(), stamp: Stamp::of(&metadata) }))
        }
        _ => Some(Item::Folder(filter.list(root.path.clone(), root.levels))),
    }
}

/// Is it the name of a Python source?
fn is_source(name: &[u8]) -> bool {
    name.ends_with(b".py")
}

impl Filter<'_> {
    /// Do `-x` or `-e` leave this file out?
    fn leaves_out(&self, path: &Path, is_link: impl FnOnce() -> bool) -> bool {
        if self.plan.skip.as_ref().is_some_and(|skip| skip(path)) {
            return true;
        }
        let Some(limit) = &self.limit_links else { return false };
        is_link() && !fs::canonicalize(path).is_ok_and(|real| real != *limit && real.starts_with(limit))
    }

    /// Lists a folder and those below it.
    fn list(&self, path: PathBuf, levels: Option<u32>) -> Folder {
        let entries = match fs::read_dir(&path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>()) {
            Ok(entries) => entries,
            Err(error) => return Folder { path, error: Some(error), items: Vec::new() },
        };
        let mut candidates = Vec::new();
        for entry in entries {
            let name = entry.file_name();
            // Most of what a tree holds besides sources and folders is told by its name and its type, without
            // another system call.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && name != "__pycache__" || !kind.is_dir() && is_source(name.as_encoded_bytes())
            {
                candidates.push((name, kind));
            }
        }
        candidates.sort_unstable_by(|(a, _), (b, _)| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
        let visit =
            |(name, kind): &(std::ffi::OsString, FileType)| self.visit(path.join(name), *kind, levels);
        let has_folders = candidates.iter().any(|(_, kind)| kind.is_dir());
        let items = if has_folders {
            candidates.par_iter().filter_map(visit).collect()
        } else {
            candidates.iter().filter_map(visit).collect()
        };
        Folder { path, error: None, items }
    }

    fn visit(&self, path: PathBuf, kind: FileType, levels: Option<u32>) -> Option<Item> {
        if kind.is_dir() {
            return match levels {
                Some(0) => None,
                _ => Some(Item::Folder(self.list(path, levels.map(|levels| levels - 1)))),
            };
        }
        if self.leaves_out(&path, || kind.is_symlink()) {
            return None;
        }
        // Follows links: one that leads nowhere, in a circle or to a folder is left out, and so are FIFOs,
        // sockets and devices, which reading could wait for without end.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {
                Some(Item::File(Found { path, stamp: Stamp::of(&metadata) }))
            }
            // A folder whose names can be read and nothing else: reading the file will say so.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Some(Item::File(Found { path, stamp: Stamp::default() }))
            }
            Ok(_) | Err(_) => None,
        }
    }
}
