//! From a plan to the files of a bundle.

use super::find::{Kind, Roots, entries};
use super::{TooLarge, imports, is_standard, write_zip};
use crate::compile::{Options, Session};
use crate::marshal::{Header, Invalidation, read, source_hash};
use crate::source::SourceError;
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

/// What runs when the bundle does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Main {
    /// A source, which becomes `__main__` itself.
    File(PathBuf),
    /// A module or package, run as `python -m` does.
    Module(String),
    /// What a module has under this name, called without arguments; its result is the exit status.
    Call {
        /// The module.
        module: String,
        /// The callable, which may have dots.
        function: String,
    },
}

/// What goes into a bundle.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The release that it is compiled for.
    pub target: Target,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// What runs.
    pub main: Main,
    /// Where imports are looked up.
    pub roots: Roots,
    /// Modules that are taken in whoever imports them; with `.*` behind it a package with all that is in it.
    pub include: Vec<String>,
    /// Modules that are left out, with all that is in them.
    pub exclude: Vec<String>,
    /// Files that are taken in as they are, by where they go.
    pub data: BTreeMap<String, PathBuf>,
    /// Are files of packages that are no modules taken in?
    pub package_data: bool,
    /// Are sources taken in too, for tracebacks and `inspect`?
    pub sources: bool,
}

/// A file that a bundle was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The module.
    pub module: String,
    /// Its file.
    pub path: PathBuf,
}

/// What is imported and is not in the bundle.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lacking {
    /// The module that was looked for.
    pub module: String,
    /// The module that imports it, or `--include`.
    pub importer: String,
    /// It was found, and is a library of machine code, which cannot be loaded from a zip file.
    pub is_extension: bool,
}

/// A bundle, ready to be written.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// Its files by their names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The modules in it.
    pub modules: Vec<Source>,
    /// What is imported and not there.
    pub lacking: BTreeSet<Lacking>,
}

/// Why there is no bundle.
#[derive(Debug)]
pub enum Error {
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A source does not compile.
    Source(PathBuf, Box<SourceError>),
    /// The main module is in none of the folders.
    NoMain(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Error::Source(path, error) => {
                write!(f, "{}, line {}: {}", path.display(), error.lineno.unwrap_or(0), error.message)
            }
            Error::NoMain(module) => write!(f, "no module named {module} in the sources"),
        }
    }
}

impl std::error::Error for Error {}

const MAIN: &str = "__main__.pyc";

impl Bundle {
    /// The bytes of the file, behind `prefix`.
    ///
    /// # Errors
    /// When it gets too large.
    pub fn write(&self, prefix: &[u8]) -> Result<Vec<u8>, TooLarge> {
        write_zip(prefix, MAIN, &self.files)
    }
}

/// Follows imports and compiles what is found.
///
/// # Errors
/// What cannot be read or compiled of what the program needs.
pub fn collect(plan: &Plan) -> Result<Bundle, Error> {
    let mut collector = Collector {
        plan,
        session: Session::new(),
        bundle: Bundle::default(),
        seen: BTreeSet::new(),
        queue: VecDeque::new(),
    };
    collector.main()?;
    for name in &plan.include {
        match name.strip_suffix(".*") {
            Some(package) => {
                collector.want(package, "--include");
                for module in plan.roots.below(package) {
                    collector.want(&module, "--include");
                }
            }
            None => collector.want(name, "--include"),
        }
    }
    while let Some((module, path, kind)) = collector.queue.pop_front() {
        collector.module(&module, &path, kind)?;
    }
    for (name, path) in &plan.data {
        let bytes = fs::read(path).map_err(|error| Error::Unreadable(path.clone(), error))?;
        collector.bundle.files.insert(name.clone(), bytes);
    }
    collector.bundle.modules.sort_by(|one, other| one.module.cmp(&other.module));
    Ok(collector.bundle)
}

struct Collector<'p> {
    plan: &'p Plan,
    session: Session,
    bundle: Bundle,
    /// Modules that were looked for.
    seen: BTreeSet<String>,
    queue: VecDeque<(String, PathBuf, Kind)>,
}

impl Collector<'_> {
    fn main(&mut self) -> Result<(), Error> {
        let text = match &self.plan.main {
            Main::File(path) => {
                let name = path.file_name().map_or_else(|| "__main__.py".into(), |it| it.to_string_lossy());
                let source = read_file(path)?;
                return self.compile("__main__", "", &name, &source, path, MAIN);
            }
            Main::Module(module) => {
                format!("import runpy\nrunpy._run_module_as_main({module:?}, False)\n")
            }
            Main::Call { module, function } => {
                let first = function.split('.').next().unwrap_or(function);
                format!("import sys\nfrom {module} import {first}\nsys.exit({function}())\n")
            }
        };
        let (Main::Module(module) | Main::Call { module, .. }) = &self.plan.main else { return Ok(()) };
        let found = self.plan.roots.find(module);
        match found.map(|it| it.kind) {
            None | Some(Kind::Extension | Kind::Namespace) => return Err(Error::NoMain(module.clone())),
            Some(Kind::Package) if matches!(self.plan.main, Main::Module(_)) => {
                self.want(&format!("{module}.__main__"), "__main__");
            }
            Some(_) => self.want(module, "__main__"),
        }
        let path = PathBuf::from("__main__.py");
        self.compile("__main__", "", "__main__.py", text.as_bytes(), &path, MAIN)
    }

    /// Looks for a module and the packages that it is in.
    fn want(&mut self, name: &str, importer: &str) {
        let mut end = 0;
        while let Some(at) = name[end..].find('.').map(|at| end + at).or(Some(name.len())) {
            let part = &name[..at];
            if !self.want_one(part, importer) || at == name.len() {
                return;
            }
            end = at + 1;
        }
    }

    /// Looks for one module; false where it, and so what is in it, is none of the bundle's.
    fn want_one(&mut self, name: &str, importer: &str) -> bool {
        let covers = |it: &String| {
            name.strip_prefix(it.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.plan.exclude.iter().any(covers) {
            return false;
        }
        if self.seen.contains(name) {
            return true;
        }
        let lacking =
            |is_extension| Lacking { module: name.to_owned(), importer: importer.to_owned(), is_extension };
        match self.plan.roots.find(name) {
            None if is_standard(name, self.plan.target.version) => false,
            None => {
                self.bundle.lacking.insert(lacking(false));
                false
            }
            Some(found) if found.kind == Kind::Extension => {
                self.bundle.lacking.insert(lacking(true));
                false
            }
            Some(found) => {
                self.seen.insert(name.to_owned());
                self.queue.push_back((name.to_owned(), found.path, found.kind));
                true
            }
        }
    }

    fn module(&mut self, name: &str, path: &Path, kind: Kind) -> Result<(), Error> {
        let inner = name.replace('.', "/");
        let (stem, package) = match kind {
            Kind::Namespace | Kind::Extension => return Ok(()),
            Kind::Package => (format!("{inner}/__init__"), name),
            Kind::Module => (inner, name.rsplit_once('.').map_or("", |(package, _)| package)),
        };
        let source = read_file(path)?;
        let (file, target) = (format!("{stem}.py"), format!("{stem}.pyc"));
        self.compile(name, package, &file, &source, path, &target)?;
        if self.plan.sources {
            self.bundle.files.insert(file, source);
        }
        if kind == Kind::Package
            && self.plan.package_data
            && let Some(folder) = path.parent()
        {
            self.data(folder, stem.trim_end_matches("__init__"))?;
        }
        Ok(())
    }

    /// Compiles a module and looks for what it imports.
    fn compile(
        &mut self,
        module: &str,
        package: &str,
        file: &str,
        source: &[u8],
        path: &Path,
        target: &str,
    ) -> Result<(), Error> {
        let version = self.plan.target.version;
        let hash = source_hash(version, source);
        let mut bytes = Header::new(version, Invalidation::UncheckedHash(hash)).to_bytes().to_vec();
        let start = bytes.len();
        let options = Options { optimize: self.plan.optimize, ..Options::new(self.plan.target) };
        self.session
            .compile_into(source, file.into(), &options, &mut bytes, &mut Vec::new())
            .map_err(|error| Error::Source(path.to_owned(), Box::new(error)))?;
        // What was just written can be read.
        if let Ok(read) = read(&bytes[start..], version) {
            for import in imports(&read.objects, version) {
                self.follow(&import, module, package);
            }
        }
        self.bundle.files.insert(target.to_owned(), bytes);
        self.bundle.modules.push(Source { module: module.to_owned(), path: path.to_owned() });
        Ok(())
    }

    fn follow(&mut self, import: &super::Import, importer: &str, package: &str) {
        let mut base = package;
        for _ in 1..import.level {
            base = base.rsplit_once('.').map_or("", |(up, _)| up);
        }
        let name = match (import.level, base, import.module.as_str()) {
            (0, _, module) | (_, "", module) => module.to_owned(),
            (_, base, "") => base.to_owned(),
            (_, base, module) => format!("{base}.{module}"),
        };
        if !name.is_empty() {
            self.want(&name, importer);
        }
        // What is imported from a package may be a module of it, or a name in it.
        for inner in import.names.iter().filter(|it| *it != "*") {
            let inner = if name.is_empty() { inner.clone() } else { format!("{name}.{inner}") };
            if self.plan.roots.find(&inner).is_some() && (name.is_empty() || self.seen.contains(&name)) {
                self.want(&inner, importer);
            }
        }
    }

    /// The files of a package's folder that are no modules, those of folders that are no packages included.
    fn data(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        for path in entries(folder) {
            let Some(name) = path.file_name().and_then(|it| it.to_str()) else { continue };
            if path.is_dir() {
                if name != "__pycache__" && !path.join("__init__.py").is_file() {
                    self.data(&path, &format!("{prefix}{name}/"))?;
                }
            } else if ![".py", ".pyc", ".pyi", ".so", ".pyd"].iter().any(|it| name.ends_with(it)) {
                let bytes = read_file(&path)?;
                self.bundle.files.insert(format!("{prefix}{name}"), bytes);
            }
        }
        Ok(())
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Unreadable(path.to_owned(), error))
}
