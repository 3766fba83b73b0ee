//! `cargo xtask bench vm`: `pyrvm` against the reference's CPython, pairwise in one run: the benchmarks of pyperformance,
//! the programs of `vm/benches`, and start-up. Of those programs ours starts from the `.pyc` that the reference's own compiler would keep, which is compiled before.

use crate::bench::{Cost, measure, median};
use crate::bench_suite::{self, Side, direct};
use crate::references::Reference;
use crate::{Result, root, target_folder};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Measures all and prints the table; true when every command ran well.
///
/// # Errors
/// A command fails.
pub fn run(reference: &Reference, pyrvm: &Path, runs: usize, only: &[String]) -> Result<bool> {
    let work = target_folder().join("bench-vm");
    std::fs::create_dir_all(&work).map_err(|error| error.to_string())?;
    println!("CPython {}; {runs} counted runs after one warm-up, A B A B; medians", reference.release());
    println!(
        "{:<24} {:>12} {:>12} {:>8} {:>16} {:>16}",
        "", "CPython", "pyrvm", "speed", "its peak", "our peak"
    );
    let (theirs, own) = (direct(reference), [pyrvm.to_string_lossy().into_owned()]);
    let our_side = Side { words: &own, stdlib: Some(&reference.stdlib) };
    let mut logarithms =
        bench_suite::run(Side { words: &theirs, stdlib: None }, our_side, runs.div_ceil(2), only)?;
    for program in &programs()? {
        let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let compiled = compile(reference, program, &work)?;
        let speed = pair(&name, &python(reference, &[], &compiled), &ours(pyrvm, &compiled), runs)?;
        logarithms.push(speed.ln());
    }
    if logarithms.is_empty() {
        return Err(format!("nothing was measured: no benchmark is called {}", only.join(" or ")));
    }
    let mean = (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp();
    println!("{:<24} {:>33.2}", format!("geometric mean of {}", logarithms.len()), mean);
    if !only.is_empty() {
        return Ok(true);
    }
    let empty = work.join("empty.py");
    std::fs::write(&empty, "").map_err(|error| error.to_string())?;
    let compiled = compile(reference, &empty, &work)?;
    for (name, options) in [("start, -I -S", &["-I", "-S"][..]), ("start, with site", &[])] {
        pair(name, &python(reference, options, &compiled), &ours(pyrvm, &compiled), runs.max(15))?;
    }
    for (name, arguments) in [
        ("-I -S -c pass", &["-I", "-S", "-c", "pass"][..]),
        ("-c pass", &["-c", "pass"]),
        ("imports", &["-c", "import json, re, argparse, asyncio"]),
    ] {
        let with = |words: &[String]| {
            let mut words = words.to_vec();
            words.extend(arguments.iter().map(|&word| word.to_owned()));
            words
        };
        if let Err(error) = pair(name, &with(&theirs), &with(&own), runs.max(15)) {
            println!("{name:<24} does not run: {error}");
        }
    }
    Ok(true)
}

fn programs() -> Result<Vec<PathBuf>> {
    let folder = root().join("vm/benches");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut programs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    programs.sort();
    Ok(programs)
}

/// Compiles a program with the reference's own compiler: neither side compiles while it is measured.
fn compile(reference: &Reference, program: &Path, work: &Path) -> Result<PathBuf> {
    let name = program.file_stem().unwrap_or_default();
    let compiled = work.join(name).with_extension("pyc");
    let script = "import sys, py_compile; py_compile.compile(*sys.argv[1:], doraise=True)";
    let status = Command::new(&reference.exe)
        .args(["-I", "-S", "-c", script])
        .args([program, &compiled])
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() { Ok(compiled) } else { Err(format!("{} does not compile", program.display())) }
}

fn python(reference: &Reference, options: &[&str], program: &Path) -> Vec<String> {
    let mut words = direct(reference);
    words.extend(options.iter().map(|&word| word.to_owned()));
    words.push(program.to_string_lossy().into_owned());
    words
}

fn ours(pyrvm: &Path, program: &Path) -> Vec<String> {
    vec![pyrvm.to_string_lossy().into_owned(), program.to_string_lossy().into_owned()]
}

/// Runs both in turn and prints a row; how many times faster ours is, by the median of the pairs.
fn pair(name: &str, theirs: &[String], ours: &[String], runs: usize) -> Result<f64> {
    let mut costs: [Vec<Cost>; 2] = [Vec::new(), Vec::new()];
    for run in 0..=runs {
        for (command, costs) in [theirs, ours].into_iter().zip(&mut costs) {
            let cost = measure(command, &[0])?;
            if run > 0 {
                costs.push(cost);
            }
        }
    }
    let [theirs, ours] = costs;
    let speed = median(theirs.iter().zip(&ours).map(|(a, b)| a.wall / b.wall));
    let wall = |costs: &[Cost]| median(costs.iter().map(|it| it.wall)) * 1e3;
    let peak = |costs: &[Cost]| median(costs.iter().map(|it| it.peak_kib as f64)) / 1024.0;
    println!(
        "{name:<24} {:>9.3} ms {:>9.3} ms {speed:>8.2} {:>12.1} MiB {:>12.1} MiB",
        wall(&theirs),
        wall(&ours),
        peak(&theirs),
        peak(&ours)
    );
    Ok(speed)
}
