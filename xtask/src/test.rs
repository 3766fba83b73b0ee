//! `cargo xtask test`: formatting, lints, house rules, tests, and the differential comparisons.

use crate::references::{self, Reference};
use crate::{Result, corpus, root, tidy};
use pyrsc::target::Target;
use std::path::Path;
use std::process::Command;

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Args {
    /// The whole corpora at every optimisation level, not a sample.
    #[arg(long)]
    full: bool,
}

struct Steps {
    passed: usize,
    failed: Vec<String>,
    skipped: Vec<String>,
    /// Tests that are long are to run at full length.
    full: bool,
}

/// Runs everything; true if nothing failed.
pub fn run(args: &Args) -> Result<bool> {
    let mut steps = Steps { passed: 0, failed: Vec::new(), skipped: Vec::new(), full: false };
    cargo(&mut steps, "formatting", &["fmt", "--all", "--check"]);
    cargo(
        &mut steps,
        "lints",
        &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"],
    );
    cargo(
        &mut steps,
        "library without the command line",
        &["check", "--quiet", "--no-default-features", "--lib"],
    );
    cargo(&mut steps, "documentation", &["doc", "--workspace", "--no-deps", "--quiet"]);
    steps.record("tidy", tidy::run());
    steps.record("generated files", crate::generate(true));
    steps.full = args.full;
    cargo(&mut steps, "unit, fixture and command-line tests", &["test", "--workspace", "--quiet"]);
    differential(&mut steps, args.full);
    if args.full {
        oldest_rust(&mut steps);
        outside(&mut steps, "bench", None);
        outside(&mut steps, "fuzz", Some("nightly"));
        println!("== valgrind");
        if crate::valgrind::is_there() {
            steps.record("programs under valgrind", crate::valgrind::sample());
        } else {
            steps.skipped.push("programs under valgrind: it is not installed".into());
        }
        println!("== packages");
        steps.record("packages from PyPI", crate::packages::run(&crate::packages::Args::default()));
    } else {
        steps.skipped.push(
            "oldest Rust, benches and fuzz targets, valgrind, packages from PyPI: only with --full".into(),
        );
    }
    for skipped in &steps.skipped {
        println!("skipped: {skipped}");
    }
    for failed in &steps.failed {
        println!("failed: {failed}");
    }
    println!("{} passed, {} failed, {} skipped", steps.passed, steps.failed.len(), steps.skipped.len());
    Ok(steps.failed.is_empty())
}

impl Steps {
    fn record(&mut self, name: &str, outcome: Result<bool>) {
        match outcome {
            Ok(true) => self.passed += 1,
            Ok(false) => self.failed.push(name.to_owned()),
            Err(message) => self.failed.push(format!("{name}: {message}")),
        }
    }
}

fn cargo(steps: &mut Steps, name: &str, arguments: &[&str]) {
    println!("== {name}");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    if arguments.first() == Some(&"doc") {
        // Links to private items are for readers of the source; they need not resolve in the public documentation.
        command.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    }
    if steps.full {
        command.env("PYRSC_FULL", "1");
    }
    let outcome = command.status().map(|status| status.success()).map_err(|error| error.to_string());
    steps.record(name, outcome);
}

/// Checks that the Rust that `Cargo.toml` names is enough, where rustup has it. `pyrvm` names a newer one.
fn oldest_rust(steps: &mut Steps) {
    // rustup knows "1.88" and "1.88.0" as two toolchains.
    let version = match env!("CARGO_PKG_RUST_VERSION") {
        version if version.matches('.').count() == 1 => format!("{version}.0"),
        version => version.to_owned(),
    };
    let name = format!("oldest Rust, {version}");
    println!("== {name}");
    let toolchain = format!("+{version}");
    let known = Command::new("cargo").args([&toolchain, "--version"]).output();
    if !known.is_ok_and(|output| output.status.success()) {
        steps.skipped.push(format!("{name}: not installed (rustup toolchain install {version})"));
        return;
    }
    let outcome = Command::new("cargo")
        .args([&toolchain, "check", "--workspace", "--exclude", "pyrvm", "--all-targets", "--quiet"])
        .current_dir(root())
        // Set for us by the cargo that runs this chore; rustup's own would choose it again.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("CARGO_TARGET_DIR", crate::target_folder().join("oldest-rust"))
        .status()
        .map(|status| status.success())
        .map_err(|error| error.to_string());
    steps.record(&name, outcome);
}

/// Checks that the package in `folder`, a workspace of its own, compiles; with `toolchain` if it wants that one.
/// What it depends on may have to be fetched: without a network it is left out.
fn outside(steps: &mut Steps, folder: &str, toolchain: Option<&str>) {
    let name = format!("package {folder}");
    println!("== {name}");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(toolchain.map(|toolchain| format!("+{toolchain}"))).args(arguments);
        // Set for us by the cargo that runs this chore; rustup's own would choose it again.
        command.current_dir(root().join(folder)).env_remove("RUSTUP_TOOLCHAIN");
        command
    };
    let works = |arguments: &[&str]| cargo(arguments).output().is_ok_and(|output| output.status.success());
    if let Some(toolchain) = toolchain
        && !works(&["--version"])
    {
        steps.skipped.push(format!("{name}: not installed (rustup toolchain install {toolchain})"));
        return;
    }
    if !works(&["fetch", "--quiet"]) {
        steps.skipped.push(format!("{name}: what it depends on cannot be fetched"));
        return;
    }
    let outcome = cargo(&["check", "--all-targets", "--quiet"])
        .status()
        .map(|status| status.success())
        .map_err(|error| error.to_string());
    steps.record(&name, outcome);
}

/// Compares with every reference interpreter that is there: a sample, or everything.
fn differential(steps: &mut Steps, full: bool) {
    let references = references::wanted();
    let shared = references.iter().find_map(|(_, it)| {
        let it = it.as_ref()?;
        (it.version == references::SHARED_LIBRARY).then(|| it.stdlib.clone())
    });
    for (wanted, reference) in references {
        let Some(reference) = reference else {
            steps.skipped.push(format!(
                "comparison with CPython {wanted}: no such interpreter (cargo xtask references)"
            ));
            continue;
        };
        let mut trees = vec![reference.stdlib.clone()];
        trees.extend(shared.clone().filter(|shared| *shared != reference.stdlib));
        if wanted.messages > 0 {
            diagnostics(steps, &reference, if full { 20_000 } else { wanted.messages });
        }
        let mut known = match known_differences(&reference.release()) {
            Ok(known) => known,
            Err(message) => {
                steps.failed.push(message);
                continue;
            }
        };
        for tree in trees {
            for level in if full { 0..=2 } else { 0..=0 } {
                compare(steps, &reference, &tree, level, full, &mut known);
            }
        }
        for file in known.iter().filter(|file| !file.differs) {
            steps.failed.push(format!(
                "fixtures/xfail/corpus.txt: {} {} is compared and does not differ",
                reference.release(),
                file.path
            ));
        }
    }
}

/// Compares what is said of invalid programs.
fn diagnostics(steps: &mut Steps, reference: &Reference, mutants: u32) {
    let name = format!("errors and warnings of CPython {}", reference.release());
    println!("== {name}");
    let outcome = crate::errors::compare(reference, mutants, 0).map(|tally| {
        for (source, how) in &tally.different {
            println!("---- {how}\n{source}");
        }
        println!("{}", tally.summary(reference));
        tally.invalid > 0 && tally.different.is_empty()
    });
    steps.record(&name, outcome);
}

fn compare(
    steps: &mut Steps,
    reference: &Reference,
    tree: &Path,
    level: u8,
    full: bool,
    known: &mut [KnownDifference],
) {
    let Some(target) = Target::parse(&reference.release()) else {
        steps.failed.push(format!("no target for {}", reference.release()));
        return;
    };
    if !target.version.is_compiled() {
        steps.skipped.push(format!("comparison with CPython {}: no target of ours", reference.release()));
        return;
    }
    println!("== {} -O{level} on {}", reference.release(), tree.display());
    let also: Vec<String> = known.iter().map(|file| file.path.clone()).collect();
    let tally = corpus::compare(&corpus::Comparison {
        reference,
        target,
        source: tree,
        level,
        diagnostics: false,
        every: if full { 1 } else { 4 },
        also: &also,
        third: None,
        fresh: false,
        keep: None,
    });
    let name = format!("comparison with CPython {} -O{level}", reference.release());
    let outcome = tally.map(|tally| {
        let mut unknown = 0;
        for (path, how) in &tally.different {
            let row = known.iter_mut().find(|file| file.path == *path);
            println!("{path}: {how}{}", if row.is_some() { " (known: fixtures/xfail)" } else { "" });
            match row {
                Some(row) => row.differs = true,
                None => unknown += 1,
            }
        }
        println!("{}", tally.summary(reference, level));
        tally.compiled > 0 && unknown == 0
    });
    steps.record(&name, outcome);
}

/// A file of which `fixtures/xfail` says that it differs.
struct KnownDifference {
    path: String,
    /// It has been found to differ; a row that is not needed is a failure.
    differs: bool,
}

/// Files of which it is known that they differ for a release; the list has a reason for each.
fn known_differences(release: &str) -> Result<Vec<KnownDifference>> {
    let file = root().join("fixtures/xfail/corpus.txt");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.splitn(3, '\t');
        let (of, path, _reason) = (words.next()?, words.next()?, words.next()?);
        (of == release).then(|| KnownDifference { path: path.to_owned(), differs: false })
    });
    Ok(rows.collect())
}
