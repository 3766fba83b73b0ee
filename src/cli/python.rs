//! Python interpreters and environments on this machine: which release a tree is meant for, and what an
//! interpreter says of itself.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::target::{Target, Version};

/// What an interpreter said of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpreter {
    /// Its full release, `3.13.2`.
    pub release: String,
    /// The target that this release is.
    pub target: Option<Target>,
    /// Its `sys.path`, without the entry for the current folder.
    pub path: Vec<PathBuf>,
}

/// Tells implementation, ABI flags, release and `sys.path`, each ended by a null byte.
const QUESTION: &str = "\
import os, sys
answer = [sys.implementation.name, getattr(sys, 'abiflags', ''), '%d.%d.%d' % sys.version_info[:3]]
sys.stdout.buffer.write(b''.join(os.fsencode(it) + b'\\0' for it in answer + sys.path))
";

impl Interpreter {
    /// Starts `executable` (a path, or a name to look up on PATH) and asks.
    ///
    /// # Errors
    /// A sentence that says why there is no usable answer: it does not start, it is not CPython, or a build
    /// whose bytecode differs from the usual one (free-threaded, debug).
    pub fn ask(executable: &OsStr) -> Result<Interpreter, String> {
        let name = executable.to_string_lossy();
        let output = Command::new(executable)
            .args(["-c", QUESTION])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let last = words.lines().last().unwrap_or_default();
            return Err(format!("{name} does not answer as a Python ({}): {last}", output.status));
        }
        let mut fields = output.stdout.split(|&byte| byte == 0);
        let mut text = || fields.next().map(|field| String::from_utf8_lossy(field).into_owned());
        let (Some(implementation), Some(flags), Some(release)) = (text(), text(), text()) else {
            return Err(format!("{name} does not answer as a Python"));
        };
        if implementation != "cpython" {
            return Err(format!("{name} is {implementation}, not CPython"));
        }
        if flags.contains(['t', 'd']) {
            return Err(format!("{name} is a free-threaded or debug build, whose bytecode differs"));
        }
        let path = fields.filter(|entry| !entry.is_empty()).map(path_of).collect();
        Ok(Interpreter { target: compiled(&release), release, path })
    }
}

#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A target, and how it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The target.
    pub target: Target,
    /// Where it comes from, for the summary: `--target`, `/x/pyvenv.cfg`, …
    pub origin: String,
}

/// The newest version that can be compiled for.
pub fn newest() -> Target {
    Target::newest(Version::NEWEST)
}

/// The targets that can be compiled for, for messages.
pub fn supported() -> String {
    let names: Vec<String> =
        Version::COMPILED.iter().map(|&version| Target::newest(version).to_string()).collect();
    names.join(", ")
}

/// Reads the value of `--target`.
///
/// # Errors
/// What is wrong with it: it is no release that is known, or one that cannot be compiled for.
pub fn parse_target(text: &str) -> Result<Target, String> {
    match Target::parse(text) {
        Some(target) if target.version.is_compiled() => Ok(target),
        Some(_) => {
            Err(format!("cannot compile for Python {text} yet; for {} and their releases", supported()))
        }
        None => Err(format!("no such target; there are {} and their releases", supported())),
    }
}

/// The target that is the release `text`, where it can be compiled for.
fn compiled(text: &str) -> Option<Target> {
    Target::parse(text).filter(|target| target.version.is_compiled())
}

/// Chooses the target for trees when nothing was said: that of the virtual environment they are in, else
/// that of the `python3` on PATH, else the newest.
///
/// # Errors
/// When an environment's release is not among the targets, or two trees are in environments of different
/// releases: then nothing can be guessed.
pub fn guess<'a>(trees: impl Iterator<Item = &'a Path>) -> Result<Choice, String> {
    let mut found: Option<(String, PathBuf)> = None;
    for tree in trees {
        let Some((release, file)) = environment_of(tree) else { continue };
        match &found {
            Some((other, first)) if *other != release => {
                return Err(format!(
                    "{} says Python {other} and {} says {release}; choose with --target",
                    first.display(),
                    file.display()
                ));
            }
            Some(_) => {}
            None => found = Some((release, file)),
        }
    }
    if let Some((release, file)) = found {
        let origin = file.display().to_string();
        return match compiled(&release) {
            Some(target) => Ok(Choice { target, origin }),
            None => Err(format!(
                "{origin} is of Python {release}, which is no target; there are {}: choose with --target",
                supported()
            )),
        };
    }
    Ok(guess_from_path(&std::env::var_os("PATH").unwrap_or_default()))
}

/// The release of the virtual environment that a tree is in, and the file that says so.
fn environment_of(tree: &Path) -> Option<(String, PathBuf)> {
    let absolute = std::path::absolute(tree).ok()?;
    absolute.ancestors().find_map(|folder| {
        let file = folder.join("pyvenv.cfg");
        let text = fs::read_to_string(&file).ok()?;
        Some((release_in(&text)?, file))
    })
}

/// The release that a `pyvenv.cfg` names: `version` is what `venv` writes, `version_info` what virtualenv
/// and uv write, the latter with more than three parts at times.
fn release_in(config: &str) -> Option<String> {
    let value = |wanted: &str| {
        config.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let value = value("version").or_else(|| value("version_info"))?;
    let numbers = value.split('.').take_while(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let numbers: Vec<&str> = numbers.filter(|part| !part.is_empty()).take(3).collect();
    (numbers.len() >= 2).then(|| numbers.join("."))
}

/// The target of the first `python3` on a search path. It is started only when nothing else tells.
fn guess_from_path(search: &OsStr) -> Choice {
    let fallback = |why: String| Choice { target: newest(), origin: format!("the newest supported{why}") };
    let python =
        std::env::split_paths(search).map(|folder| folder.join("python3")).find(|file| is_program(file));
    let Some(python) = python else { return fallback(String::new()) };
    let release = match release_by_name(&python).or_else(|| release_by_neighbours(&python)) {
        Some(release) => release,
        None => match Interpreter::ask(python.as_os_str()) {
            Ok(interpreter) => interpreter.release,
            Err(_) => return fallback(String::new()),
        },
    };
    match compiled(&release) {
        Some(target) => Choice { target, origin: python.display().to_string() },
        None => fallback(format!("; {} is {release}", python.display())),
    }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// `3.13` if the file that `python` leads to is called `python3.13`.
fn release_by_name(python: &Path) -> Option<String> {
    let real = fs::canonicalize(python).ok()?;
    versioned(real.file_name()?)
}

/// `3.13` for a file called `python3.13`.
fn versioned(name: &OsStr) -> Option<String> {
    let release = name.to_str()?.strip_prefix("python")?;
    let minor = release.strip_prefix("3.")?;
    (!minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())).then(|| release.to_owned())
}

/// The release if exactly one `python3.N` beside the real `python`, or exactly one `lib/python3.N` of its
/// prefix, is there.
fn release_by_neighbours(python: &Path) -> Option<String> {
    let real = fs::canonicalize(python).ok()?;
    let bin = real.parent()?;
    let only = |folder: &Path, accept: &dyn Fn(&Path) -> bool| {
        let names = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut found = names.filter(|path| accept(path)).filter_map(|path| versioned(path.file_name()?));
        found.next().filter(|_| found.next().is_none())
    };
    only(bin, &is_program).or_else(|| only(&bin.parent()?.join("lib"), &|path| path.join("os.py").is_file()))
}

#[cfg(test)]
mod tests;
