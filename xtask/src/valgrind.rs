//! `cargo xtask valgrind`: `pyrvm` runs programs of `fixtures/programs` under valgrind's memory checker.
//!
//! What is no error of ours is left out by name (`scripts/valgrind.supp`), each with its reason. That the programs' output
//! is right is checked elsewhere (`vm/tests/programs.rs`); here only what is said of memory counts.

use crate::{Result, root};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Arguments of `cargo xtask valgrind`.
#[derive(clap::Args)]
pub struct Args {
    /// The machine.
    #[arg(long, value_name = "FILE", default_value = "target/release/pyrvm")]
    pyrvm: PathBuf,
    /// Only every N-th program.
    #[arg(long, value_name = "N", default_value_t = 8)]
    every: usize,
}

/// Is valgrind there?
pub fn is_there() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|it| it.status.success())
}

/// Builds the machine as it is shipped, and runs a sample.
pub fn sample() -> Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--package", "pyrvm"])
        // valgrind puts its own functions where those of the C library are looked for.
        .env("PYRVM_DYNAMIC", "1")
        .current_dir(root())
        .status()
        .map_err(|error| error.to_string())?;
    if !built.success() {
        return Err("pyrvm was not built".into());
    }
    run(&Args { pyrvm: crate::target_folder().join("release/pyrvm"), every: 8 })
}

/// True if no program made an error.
pub fn run(args: &Args) -> Result<bool> {
    if !is_there() {
        return Err("valgrind is not installed".into());
    }
    let pyrvm = std::path::absolute(&args.pyrvm).map_err(|error| error.to_string())?;
    if !pyrvm.is_file() {
        return Err(format!("{}: not there; cargo build --release -p pyrvm", pyrvm.display()));
    }
    let log = crate::target_folder().join("valgrind.log");
    let programs: Vec<PathBuf> = walkdir::WalkDir::new(root().join("fixtures/programs"))
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|it| it.extension().is_some_and(|it| it == "py"))
        .step_by(args.every.max(1))
        .collect();
    let mut wrong = 0;
    for program in &programs {
        if let Some(errors) = errors(&pyrvm, program, &log)? {
            println!("---- {}\n{errors}", program.display());
            wrong += 1;
        }
    }
    println!("{} programs under valgrind, {wrong} with errors", programs.len());
    Ok(wrong == 0 && !programs.is_empty())
}

/// What valgrind says of a program; none if there is no error.
fn errors(pyrvm: &Path, program: &Path, log: &Path) -> Result<Option<String>> {
    let folder = program.parent().unwrap_or(program);
    let option = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let status = Command::new("valgrind")
        .args(["--quiet", "--error-exitcode=250"])
        .arg(option("suppressions", &root().join("xtask/scripts/valgrind.supp")))
        .arg(option("log-file", log))
        .arg(pyrvm)
        .arg(program)
        .current_dir(folder)
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = || std::fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()));
    match status.code() {
        Some(250) => text().map(Some),
        Some(_) => Ok(None),
        None => Ok(Some(format!("ended by a signal\n{}", text()?))),
    }
}
