//! `cargo xtask start-order`: writes `vm/start.ld`, which puts what runs when a program starts in one place of `pyrvm`.
//!
//! Starts are traced by valgrind; what ran is looked up among the symbols of the executable. Hashes in names change from build to
//! build and are left out; the C library's functions go by the file of the archive that they are in. Names that a later
//! build does not have are ignored by the linker, and what is new there is only further away: the list may grow old.

use crate::{Result, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Arguments of `cargo xtask start-order`.
#[derive(clap::Args)]
pub struct Args {
    /// A release build of the machine, with the C library in it.
    #[arg(long, value_name = "FILE", default_value = "target/release/pyrvm")]
    pyrvm: PathBuf,
}

/// Archives with code of the C library.
const ARCHIVES: [&str; 2] = ["libc.a", "libm-2.36.a"];
/// A name that so many functions have that it says nothing.
const COMMON: &str = "FnOnce9call_once17h";

/// A function: where it begins, its length, its name.
type Symbol = (u64, u64, String);

/// Writes the file.
pub fn run(args: &Args) -> Result<bool> {
    let symbols = symbols(&args.pyrvm)?;
    let program = crate::target_folder().join("start.py");
    std::fs::write(&program, "").map_err(|error| format!("{}: {error}", program.display()))?;
    let program = program.to_string_lossy().into_owned();
    let mut names = BTreeSet::new();
    for words in [&["-I", "-S", "-c", "pass"][..], &["-c", "pass"], &["-I", "-S", &program], &[&program]] {
        trace(&args.pyrvm, words, &symbols, &mut names)?;
    }
    let members = members()?;
    let (mut ours, mut files) = (BTreeSet::new(), BTreeSet::new());
    for name in &names {
        match general(name) {
            Some(name) if !name.contains(COMMON) => drop(ours.insert(name)),
            Some(_) => {}
            None => files.extend(members.get(name.as_str()).into_iter().flatten()),
        }
    }
    let mut text = "/* What runs when a program starts, put together: functions of ours by name, those of the C library by file.\n   \
                    `cargo xtask start-order` writes this; vm/build.rs says why. */\nSECTIONS {\n  .text.start : {\n"
        .to_owned();
    for name in &ours {
        let _ = writeln!(text, "    *(.text.{name} .text.unlikely.{name})");
    }
    for file in &files {
        let _ = writeln!(text, "    *{file}(.text .text.*)");
    }
    text.push_str("  }\n} INSERT BEFORE .text;\n");
    let place = root().join("vm/start.ld");
    std::fs::write(&place, text).map_err(|error| format!("{}: {error}", place.display()))?;
    println!("{}: {} functions, {} files of the C library", place.display(), ours.len(), files.len());
    Ok(!ours.is_empty())
}

fn output(command: &mut Command) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output();
    output.map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))
}

/// The functions of the executable, by address.
fn symbols(pyrvm: &Path) -> Result<Vec<Symbol>> {
    let listed = output(Command::new("nm").args(["--numeric-sort", "--print-size"]).arg(pyrvm))?;
    let mut symbols = Vec::new();
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let mut words = line.splitn(4, ' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        if let (Some(start), Some(length)) = (number(), number())
            && let (Some("t" | "T" | "w" | "W" | "i"), Some(name)) = (words.next(), words.next())
        {
            symbols.push((start, length, name.to_owned()));
        }
    }
    if symbols.is_empty() { Err(format!("{}: no symbols", pyrvm.display())) } else { Ok(symbols) }
}

/// Adds the names of all functions that run.
fn trace(pyrvm: &Path, words: &[&str], symbols: &[Symbol], names: &mut BTreeSet<String>) -> Result<()> {
    let options = ["--tool=lackey", "--trace-mem=yes", "--basic-counts=no"];
    let traced = output(Command::new("valgrind").args(options).arg(pyrvm).args(words))?;
    let mut addresses = BTreeSet::new();
    for line in traced.stderr.split(|byte| *byte == b'\n') {
        let Some(rest) = line.strip_prefix(b"I") else { continue };
        let text = String::from_utf8_lossy(rest);
        let number = text.trim_start().split(',').next().and_then(|it| u64::from_str_radix(it, 16).ok());
        addresses.extend(number);
    }
    for address in addresses {
        let behind = symbols.partition_point(|(start, ..)| *start <= address);
        let Some(start) = behind.checked_sub(1).map(|at| symbols[at].0) else { continue };
        let same = symbols[..behind].iter().rev().take_while(|it| it.0 == start);
        names.extend(same.filter(|it| address < start + it.1.max(1)).map(|it| it.2.clone()));
    }
    Ok(())
}

/// A name of ours without its hashes, as a pattern; `None` of other names.
fn general(name: &str) -> Option<String> {
    if name.starts_with("_ZN") {
        let end = name.rfind("17h").map_or(name.len(), |at| at + 3);
        return Some(format!("{}*", &name[..end]));
    }
    let rest = name.strip_prefix("_R")?;
    let mut pattern = "_R".to_owned();
    let mut parts = rest.split('.').next().unwrap_or_default().split("Cs");
    pattern.push_str(parts.next().unwrap_or_default());
    for part in parts {
        // The crate's number ends at an underscore.
        let (_, after) = part.split_once('_').unwrap_or(("", part));
        pattern.push_str("Cs*_");
        pattern.push_str(after);
    }
    pattern.push('*');
    Some(pattern)
}

/// The files of the C library that have a function.
fn members() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for archive in ARCHIVES {
        let path = output(Command::new("cc").arg(format!("-print-file-name={archive}")))?;
        let path = String::from_utf8_lossy(&path.stdout).trim().to_owned();
        let listed = output(Command::new("nm").args(["--print-file-name", &path]))?;
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            let mut parts = line.split(':').skip(1);
            let (Some(file), Some(symbol)) = (parts.next(), parts.next()) else { continue };
            let words: Vec<&str> = symbol.split_whitespace().collect();
            if let [_, "t" | "T" | "w" | "W" | "i", name] = words[..] {
                let archive = archive.split('-').next().unwrap_or(archive).trim_end_matches(".a");
                members.entry(name.to_owned()).or_default().insert(format!("{archive}*.a:{file}"));
            }
        }
    }
    Ok(members)
}
