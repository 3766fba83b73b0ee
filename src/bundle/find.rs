//! Where modules are: the folders that a program's imports are looked up in.

use std::fs;
use std::path::{Path, PathBuf};

/// What a module is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `module.py`
    Module,
    /// `package/__init__.py`
    Package,
    /// A folder without `__init__.py`.
    Namespace,
    /// A library of machine code.
    Extension,
}

/// A module that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its file; of a namespace its folder.
    pub path: PathBuf,
}

/// Folders, in the order in which they are looked into.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Roots(pub Vec<PathBuf>);

impl Roots {
    /// Finds a module by its dotted name, as Python's finders do: packages before libraries before modules, and
    /// namespaces where no folder has any of these.
    pub fn find(&self, name: &str) -> Option<Found> {
        let inner: PathBuf = name.split('.').collect();
        let mut namespace = None;
        for root in &self.0 {
            let base = root.join(&inner);
            let package = base.join("__init__.py");
            if package.is_file() {
                return Some(Found { kind: Kind::Package, path: package });
            }
            if let Some(path) = extension(&base) {
                return Some(Found { kind: Kind::Extension, path });
            }
            let file = base.with_file_name(format!("{}.py", name.rsplit('.').next().unwrap_or(name)));
            if file.is_file() {
                return Some(Found { kind: Kind::Module, path: file });
            }
            if namespace.is_none() && base.is_dir() {
                namespace = Some(Found { kind: Kind::Namespace, path: base });
            }
        }
        namespace
    }

    /// The names of all modules of a package, those in packages of it included, sorted.
    pub fn below(&self, package: &str) -> Vec<String> {
        let mut all = Vec::new();
        for root in &self.0 {
            let folder = root.join(package.split('.').collect::<PathBuf>());
            if folder.is_dir() {
                walk(&folder, package, &mut all);
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

/// `base.so`, `base.cpython-314-x86_64-linux-gnu.so`, `base.pyd` and the like.
fn extension(base: &Path) -> Option<PathBuf> {
    let stem = base.file_name()?.to_str()?;
    let mut found: Vec<PathBuf> = entries(base.parent()?)
        .filter(|path| {
            let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            name.strip_prefix(stem).is_some_and(|rest| {
                rest.starts_with('.') && (rest.ends_with(".so") || rest.ends_with(".pyd"))
            })
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

/// The entries of a folder; none where it cannot be read.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

fn walk(folder: &Path, package: &str, all: &mut Vec<String>) {
    for path in entries(folder) {
        let Some(name) = path.file_name().and_then(|it| it.to_str()) else { continue };
        if path.is_dir() {
            if path.join("__init__.py").is_file() {
                let inner = format!("{package}.{name}");
                walk(&path, &inner, all);
                all.push(inner);
            }
        } else if let Some(module) = name.strip_suffix(".py")
            && module != "__init__"
            && !module.contains('.')
        {
            all.push(format!("{package}.{module}"));
        }
    }
}
