//! Finds reference interpreters: in the folder that `PYRSC_REFERENCE_DIR` names (`bin/python-X.Y.Z`), in
//! pyenv's folder, and as `python3.Y` on PATH. What is missing is said, never passed over.

use crate::Result;
use pyrsc::listing::Shapes;
use pyrsc::target::Series;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The releases that the project is measured against: of each series the newest known, and an older one where
/// releases of one series write different bytes. Messages changed in almost every release; what we have is what
/// the newest ones say.
pub const WANTED: &[Wanted] = &[
    Wanted { series: (3, 8), exact: None, messages: 300 },
    Wanted { series: (3, 9), exact: None, messages: 300 },
    Wanted { series: (3, 10), exact: None, messages: 300 },
    Wanted { series: (3, 11), exact: Some(7), messages: 300 },
    Wanted { series: (3, 11), exact: None, messages: 300 },
    Wanted { series: (3, 12), exact: Some(1), messages: 300 },
    Wanted { series: (3, 12), exact: None, messages: 300 },
    Wanted { series: (3, 13), exact: Some(0), messages: 0 },
    Wanted { series: (3, 13), exact: None, messages: 2_000 },
    Wanted { series: (3, 14), exact: None, messages: 2_000 },
    Wanted { series: (3, 15), exact: None, messages: 2_000 },
];

/// The release whose standard library every other release is compared on too.
pub const SHARED_LIBRARY: (u8, u8, u8) = (3, 13, 0);

/// A release wanted as a reference.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Major and minor number.
    pub series: (u8, u8),
    /// The micro number; `None` for the newest that is there.
    pub exact: Option<u8>,
    /// With how many mutants what is said of invalid programs is compared too, besides the programs of the tests, unless
    /// all is compared; 0 if it is not.
    pub messages: u32,
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (major, minor) = self.series;
        match self.exact {
            Some(micro) => write!(f, "{major}.{minor}.{micro}"),
            None => write!(f, "{major}.{minor} (its newest release)"),
        }
    }
}

/// An interpreter that was found and asked for its version.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The executable.
    pub exe: PathBuf,
    /// Major, minor, micro.
    pub version: (u8, u8, u8),
    /// Its standard library.
    pub stdlib: PathBuf,
}

impl Reference {
    /// Asks `exe` for its version and standard library.
    pub fn identify(exe: &Path) -> Result<Reference> {
        let script = "import sys, sysconfig; print('%d %d %d' % sys.version_info[:3]); \
                      print(sys.version_info[3]); print(sysconfig.get_paths()['stdlib'])";
        let output = Command::new(exe)
            .args(["-E", "-s", "-c", script])
            .output()
            .map_err(|error| format!("{} does not start: {error}", exe.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let numbers: Vec<u8> =
            lines.next().unwrap_or("").split(' ').filter_map(|number| number.parse::<u8>().ok()).collect();
        let (Ok([major, minor, micro]), Some("final"), Some(stdlib)) =
            (<[u8; 3]>::try_from(numbers), lines.next(), lines.next())
        else {
            return Err(format!("{} is not a released CPython", exe.display()));
        };
        Ok(Reference { exe: exe.to_owned(), version: (major, minor, micro), stdlib: PathBuf::from(stdlib) })
    }

    /// `X.Y.Z`.
    pub fn release(&self) -> String {
        let (major, minor, micro) = self.version;
        format!("{major}.{minor}.{micro}")
    }

    /// The interpreter's own executable, past a launcher script, and the arguments it needs in front: timing
    /// should not include a shell.
    pub fn direct(&self) -> (PathBuf, Vec<String>) {
        let text = std::fs::read(&self.exe).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let launched = text.as_deref().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("exec "))?;
            let words: Vec<String> =
                line.split_whitespace().skip(1).filter(|&word| word != "\"$@\"").map(str::to_owned).collect();
            let (exe, arguments) = words.split_first()?;
            Some((PathBuf::from(exe), arguments.to_vec()))
        });
        launched.unwrap_or_else(|| (self.exe.clone(), Vec::new()))
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    if let Some(folder) = std::env::var_os("PYRSC_REFERENCE_DIR") {
        folders.push(PathBuf::from(folder).join("bin"));
    } else if let Some(home) = std::env::var_os("HOME") {
        folders.push(PathBuf::from(home).join(".cache/pyrsc-reference/bin"));
    }
    for folder in folders {
        found.extend(entries(&folder).into_iter().filter(|path| name_of(path).starts_with("python-")));
    }
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv")));
    if let Some(pyenv) = pyenv {
        found.extend(entries(&pyenv.join("versions")).into_iter().map(|version| version.join("bin/python")));
    }
    if let Some(path) = std::env::var_os("PATH") {
        for folder in std::env::split_paths(&path) {
            for wanted in WANTED {
                found.push(folder.join(format!("python{}.{}", wanted.series.0, wanted.series.1)));
            }
        }
    }
    found.retain(|path| path.is_file());
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Every interpreter of a wanted series, by release.
pub fn find() -> BTreeMap<(u8, u8, u8), Reference> {
    let mut found = BTreeMap::new();
    for exe in candidates() {
        if let Ok(reference) = Reference::identify(&exe)
            && WANTED.iter().any(|wanted| (reference.version.0, reference.version.1) == wanted.series)
        {
            found.entry(reference.version).or_insert(reference);
        }
    }
    found
}

/// Every interpreter that is there whose listings ours are compared with, by release: of every series for which
/// there are tables.
pub fn listed() -> Vec<Reference> {
    let mut found = BTreeMap::new();
    for exe in candidates() {
        if let Ok(reference) = Reference::identify(&exe)
            && is_listed(&reference)
        {
            found.entry(reference.version).or_insert(reference);
        }
    }
    found.into_values().collect()
}

/// Are there tables for its series?
fn is_listed(reference: &Reference) -> bool {
    let name = format!("{}.{}", reference.version.0, reference.version.1);
    let of_it = |series: &&Series| series.implementation == "CPython" && series.name == name;
    Series::all().iter().filter(of_it).any(|series| Shapes::of_series(series).is_some())
}

/// For each wanted release: the interpreter, or `None`.
pub fn wanted() -> Vec<(Wanted, Option<Reference>)> {
    let found = find();
    WANTED
        .iter()
        .map(|&wanted| {
            let (major, minor) = wanted.series;
            let reference = match wanted.exact {
                Some(micro) => found.get(&(major, minor, micro)),
                None => {
                    found.range((major, minor, 0)..=(major, minor, u8::MAX)).next_back().map(|(_, it)| it)
                }
            };
            (wanted, reference.cloned())
        })
        .collect()
}

/// `cargo xtask references`: true if none is missing.
pub fn print() -> Result<bool> {
    let mut complete = true;
    for (wanted, reference) in wanted() {
        match reference {
            Some(reference) => println!("found    {:<9} {}", reference.release(), reference.exe.display()),
            None => {
                complete = false;
                println!("missing  {wanted}");
            }
        }
    }
    if !complete {
        println!(
            "\nPut interpreters as bin/python-X.Y.Z into a folder and name it in PYRSC_REFERENCE_DIR, or install\n\
             them with pyenv (pyenv install 3.13.0), or have python3.Y on PATH. The newest release of a series\n\
             is what a distribution's package or python.org has today."
        );
    }
    Ok(complete)
}
