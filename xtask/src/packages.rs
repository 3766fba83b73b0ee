//! `cargo xtask packages`: the sources of the PyPI packages that `fixtures/corpus.lock` names, compared with
//! every reference interpreter. They are fetched by name and hash when they are not there yet.

use crate::corpus::{Comparison, compare};
use crate::references::{self, Reference};
use crate::{Result, root, target_folder};
use pyrsc::target::Target;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `cargo xtask packages`.
#[derive(clap::Args, Default)]
pub struct Args {
    /// Optimisation level.
    #[arg(short = 'O', default_value_t = 0)]
    level: u8,
    /// Compare errors and warnings too.
    #[arg(long)]
    diagnostics: bool,
}

/// Fetches what is missing and compares; true if nothing differs.
pub fn run(args: &Args) -> Result<bool> {
    let sources = fetch()?;
    let mut same = true;
    for (wanted, reference) in references::wanted() {
        let Some(reference) = reference else {
            println!("skipped: {wanted} (no such interpreter)");
            continue;
        };
        let target = Target::parse(&reference.release()).ok_or("an unknown release")?;
        let tally = compare(&Comparison {
            reference: &reference,
            target,
            source: &sources,
            level: args.level,
            diagnostics: args.diagnostics,
            every: 1,
            also: &[],
            third: None,
            fresh: false,
            keep: None,
        })?;
        for (path, how) in tally.different.iter().chain(&tally.diagnostics) {
            println!("{path}: {how}");
        }
        println!("{}", tally.summary(&reference, args.level));
        same &= tally.compiled > 0 && tally.different.is_empty() && tally.diagnostics.is_empty();
    }
    Ok(same)
}

/// The folder with the packages' sources, one folder a package.
pub fn fetch() -> Result<PathBuf> {
    let folder = target_folder().join("packages");
    let lock = root().join("fixtures/corpus.lock");
    let stamp = folder.join(".lock");
    let wanted = std::fs::read_to_string(&lock).map_err(|error| error.to_string())?;
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(folder.join("sources"));
    }
    drop(std::fs::remove_dir_all(&folder));
    let python = python_with_pip()?;
    let wheels = folder.join("wheels");
    let mut download = Command::new(&python.exe);
    download
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ])
        .args(["--only-binary=:all:", "--python-version", "3.13", "--platform", "any"])
        .args(["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64"])
        .args(["--platform", "manylinux2014_x86_64", "--dest"])
        .arg(&wheels)
        .arg("--requirement")
        .arg(&lock);
    succeed(&mut download, "fetching the packages")?;
    let mut unpack = Command::new(&python.exe);
    unpack
        .arg(root().join("xtask/scripts/unpack_sources.py"))
        .arg(folder.join("sources"))
        .args(list(&wheels)?);
    succeed(&mut unpack, "unpacking the packages")?;
    std::fs::write(stamp, wanted).map_err(|error| error.to_string())?;
    Ok(folder.join("sources"))
}

/// The oldest reference interpreter that has pip.
pub fn python_with_pip() -> Result<Reference> {
    references::find()
        .into_values()
        .find(has_pip)
        .ok_or_else(|| "no reference interpreter has pip".to_owned())
}

/// The newest reference interpreter that has pip: for what asks for a Python of today.
pub fn newest_python_with_pip() -> Result<Reference> {
    let mut newest = references::find().into_values().rev();
    newest.find(has_pip).ok_or_else(|| "no reference interpreter has pip".to_owned())
}

fn has_pip(reference: &Reference) -> bool {
    let pip = Command::new(&reference.exe).args(["-m", "pip", "--version"]).output();
    pip.is_ok_and(|output| output.status.success())
}

/// Runs a command that must end well.
pub fn succeed(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().map_err(|error| format!("{what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed")) }
}

/// The paths in a folder, sorted.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
