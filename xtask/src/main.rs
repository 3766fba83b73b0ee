//! Project chores, run as `cargo xtask …`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program for the project's own people"
)]

mod bench;
mod bench_suite;
mod bench_vm;
mod codegen;
mod conformance;
mod corpus;
mod dis_corpus;
mod dist;
mod errors;
mod golden;
mod oracle;
mod packages;
mod plain;
mod programs;
mod read_corpus;
mod references;
mod start_order;
mod syntax_corpus;
mod test;
mod texts;
mod tidy;
mod valgrind;
mod xdis;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a chore ends with when it cannot go on: a message for the terminal.
type Result<T> = std::result::Result<T, String>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Project chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Everything that must pass before a change lands.
    Test(test::Args),
    /// Compare a whole source tree with what a reference interpreter makes of it, byte for byte.
    Corpus(corpus::Args),
    /// Compare our listings with those of a reference's own `dis`, over a whole tree.
    #[command(alias = "dis")]
    DisCorpus(dis_corpus::Args),
    /// Compare our trees or tokens with those of a reference's own `ast` or `tokenize`, over a whole tree.
    Syntax(syntax_corpus::Args),
    /// Generate the tables of the library from the facts files in `xtask/data`.
    Codegen {
        /// Only say which are not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Compare the packages of `fixtures/corpus.lock` with every reference interpreter.
    Packages(packages::Args),
    /// Compare what is said of invalid programs with what a reference interpreter says.
    Errors(errors::Args),
    /// Run CPython's own tests on `pyrvm`, beside CPython.
    Conformance(conformance::Args),
    /// Make the committed reference bytes of `fixtures/golden` again.
    Golden,
    /// Write what CPython makes of the programs of `fixtures/programs`.
    Programs(programs::Args),
    /// Read every compiled file below a folder, of whatever release; a table of how many came back the same.
    Read(read_corpus::Args),
    /// List the reference interpreters that are found, and what is missing.
    References,
    /// Measure against the reference interpreters, pairwise in one run.
    Bench(bench::Args),
    /// Build the binaries as they are shipped: optimised with a profile of themselves.
    Dist(dist::Args),
    /// Compare our instructions with those of xdis, over the files of its tests.
    Xdis(xdis::Args),
    /// Write the order in which `pyrvm`'s code is linked, from what runs when it starts
    StartOrder(start_order::Args),
    /// Run `pyrvm` on fixtures/programs under valgrind's memory checker.
    Valgrind(valgrind::Args),
    /// Check the house rules: layers, version comparisons, unsafe code, file lengths, generated files.
    Tidy,
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == bench::LAUNCH) {
        // Before anything that needs memory.
        return match bench::launch(&words.collect::<Vec<_>>()) {
            Ok(_) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        };
    }
    let outcome = match Arguments::parse().chore {
        Chore::Test(args) => test::run(&args),
        Chore::Corpus(args) => corpus::run(&args),
        Chore::DisCorpus(args) => dis_corpus::run(&args),
        Chore::Syntax(args) => syntax_corpus::run(&args),
        Chore::Codegen { check } => generate(check),
        Chore::Packages(args) => packages::run(&args),
        Chore::Errors(args) => errors::run(&args),
        Chore::Conformance(args) => conformance::run(&args),
        Chore::Golden => golden::run(),
        Chore::Programs(args) => programs::run(&args),
        Chore::Read(args) => read_corpus::run(&args),
        Chore::References => references::print(),
        Chore::Bench(args) => bench::run(&args),
        Chore::Dist(args) => dist::run(&args),
        Chore::Xdis(args) => xdis::run(&args),
        Chore::StartOrder(args) => start_order::run(&args),
        Chore::Valgrind(args) => valgrind::run(&args),
        Chore::Tidy => tidy::run(),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
    }
}

/// Writes the generated files, or says which are stale; true if all were up to date or are now.
fn generate(check: bool) -> Result<bool> {
    let mut fresh = true;
    for file in codegen::values(&root()).map_err(|error| error.to_string())? {
        let path = root().join(file.path);
        if std::fs::read_to_string(&path).unwrap_or_default() == file.text {
            continue;
        }
        if check {
            fresh = false;
            println!("{}: not what its facts file generates; run cargo xtask codegen", file.path);
        } else {
            std::fs::write(&path, file.text).map_err(|error| format!("{}: {error}", path.display()))?;
            println!("{}: written", file.path);
        }
    }
    Ok(fresh)
}

/// The workspace's folder.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map(PathBuf::from).unwrap_or(manifest)
}

/// Cargo's target folder, for what the chores keep between runs.
fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
