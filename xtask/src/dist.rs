//! The binaries as they are meant to be shipped: built once with counters, run over training programs, and built
//! again with what the counters saw (profile-guided optimisation). CPython's own release builds are made this
//! way, so this is the build that is compared with them.

use crate::{Result, root, target_folder};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Arguments of `cargo xtask dist`.
#[derive(clap::Args)]
pub struct Args {
    /// More source trees to train on, besides `fixtures` and `vm/benches`.
    #[arg(long)]
    train: Vec<PathBuf>,
}

/// The releases whose rules are trained on: one of each family of recipes.
const TARGETS: [&str; 6] = ["3.8", "3.11", "3.12", "3.13", "3.14", "3.15"];

/// Builds, trains, builds again; prints where the binaries are.
pub fn run(args: &Args) -> Result<bool> {
    let host = host()?;
    let Some(merger) = merger(&host) else {
        return Err("llvm-profdata is missing: rustup component add llvm-tools".into());
    };
    for binary in build(&host, &merger, &["pyrsc", "pyrvm"], &args.train)? {
        let size = std::fs::metadata(&binary).map_or(0, |it| it.len());
        println!("{} ({:.1} MB)", binary.display(), size as f64 / 1e6);
    }
    Ok(true)
}

/// The shipped form of one binary; `None` where the tool that reads counters is not installed.
pub fn binary(package: &'static str) -> Result<Option<PathBuf>> {
    let host = host()?;
    let Some(merger) = merger(&host) else { return Ok(None) };
    Ok(build(&host, &merger, &[package], &[])?.pop())
}

/// The binaries of the packages, in their order.
fn build(host: &str, merger: &Path, packages: &[&str], train: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let counters = target_folder().join("dist/counters");
    let profile = target_folder().join("dist/merged.profdata");
    drop(std::fs::remove_dir_all(&counters));
    std::fs::create_dir_all(&counters).map_err(|error| format!("{}: {error}", counters.display()))?;
    let counting = cargo(host, packages, "generate", &format!("-Cprofile-generate={}", counters.display()))?;
    for (package, binary) in packages.iter().zip(&counting) {
        match *package {
            "pyrvm" => exercise_vm(binary)?,
            _ => exercise_compiler(binary, train)?,
        }
    }
    let files = std::fs::read_dir(&counters).map_err(|error| error.to_string())?;
    let files =
        files.flatten().map(|entry| entry.path()).filter(|it| it.extension() == Some("profraw".as_ref()));
    let merged = Command::new(merger).arg("merge").arg("-o").arg(&profile).args(files).status();
    if !merged.is_ok_and(|status| status.success()) {
        return Err("llvm-profdata could not merge the counters".into());
    }
    cargo(host, packages, "use", &format!("-Cprofile-use={}", profile.display()))
}

/// One build of the packages. A target is named so that build scripts and macros are left as they are.
fn cargo(host: &str, packages: &[&str], stage: &str, flags: &str) -> Result<Vec<PathBuf>> {
    let folder = target_folder().join("dist").join(stage);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["build", "--release", "--quiet", "--locked", "--target", host, "--target-dir"])
        .arg(&folder);
    for package in packages {
        command.args(["--package", package, "--bin", package]);
    }
    if stage == "generate" {
        // Counters keep functions that nothing calls, and some of those ask for what the C library's archive lacks.
        command.env("PYRVM_DYNAMIC", "1");
    }
    let status = command.env("CARGO_ENCODED_RUSTFLAGS", flags).current_dir(root()).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(format!("the build to {stage} counters failed"));
    }
    let folder = folder.join(host).join("release");
    Ok(packages.iter().map(|name| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))).collect())
}

/// Compiles, checks what is up to date, lists. The outcome is of no interest here: fixtures hold invalid programs
/// too.
fn exercise_compiler(pyrsc: &Path, train: &[PathBuf]) -> Result<()> {
    let out = target_folder().join("dist/trained");
    drop(std::fs::remove_dir_all(&out));
    let trees = [root().join("fixtures"), root().join("vm/benches")];
    for target in TARGETS {
        for force in [&["-f"][..], &[]] {
            let mut compile = Command::new(pyrsc);
            compile.args(["compile", "-q", "-j1", "--target", target, "--out"]).arg(&out).args(force);
            quietly(compile.args(&trees).args(train))?;
        }
    }
    quietly(Command::new(pyrsc).arg("dis").arg(&out))
}

/// Runs the programs of the benches and fixtures.
fn exercise_vm(pyrvm: &Path) -> Result<()> {
    for folder in ["vm/benches", "fixtures/programs"] {
        let programs = std::fs::read_dir(root().join(folder)).map_err(|error| error.to_string())?;
        for program in programs.flatten().map(|entry| entry.path()) {
            if program.extension() == Some("py".as_ref()) {
                quietly(Command::new(pyrvm).arg(program))?;
            }
        }
    }
    Ok(())
}

fn quietly(command: &mut Command) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().map(drop).map_err(|error| format!("{command:?}: {error}"))
}

/// The triple that this compiler builds for.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not name its host".into())
}

/// The `llvm-profdata` of the compiler's own LLVM: others may not read its counters.
fn merger(host: &str) -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let name = format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX);
    Some(sysroot.join("lib/rustlib").join(host).join("bin").join(name)).filter(|path| path.is_file())
}
