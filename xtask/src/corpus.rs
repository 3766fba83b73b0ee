//! Compares our output for a whole source tree with what a reference interpreter writes for it.
//!
//! The reference's files are kept below Cargo's target folder and made again when the interpreter, the
//! level or the tree's path changes (`--fresh` forces it), because making them takes much longer than
//! making ours.

use crate::references::Reference;
use crate::{Result, root, target_folder};
use pyrsc::compile::{Options, Session};
use pyrsc::target::Target;
use pyrsc::value::PyStr;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `cargo xtask corpus`.
#[derive(clap::Args)]
pub struct Args {
    /// The release to compile for; default: the interpreter's.
    #[arg(long)]
    target: Option<String>,
    /// The reference interpreter.
    #[arg(long)]
    python: PathBuf,
    /// The tree; default: the interpreter's standard library.
    #[arg(long)]
    source: Option<PathBuf>,
    /// Optimisation level.
    #[arg(short = 'O', default_value_t = 0)]
    level: u8,
    /// Name every file that differs.
    #[arg(long)]
    list_differences: bool,
    /// Compare errors and warnings too: class, message, position.
    #[arg(long)]
    diagnostics: bool,
    /// Compare only every N-th file.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Make the reference's files again.
    #[arg(long)]
    fresh: bool,
    /// Write our version of each file that differs below this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// What a comparison found.
#[derive(Default)]
pub struct Tally {
    /// Files below the tree.
    pub files: usize,
    /// Files that the reference compiles.
    pub compiled: usize,
    /// Of these, those whose bytes equal ours.
    pub identical: usize,
    /// Files that both refuse.
    pub refused: usize,
    /// Files that differ, each with a word on how.
    pub different: Vec<(String, String)>,
    /// Files whose error or warnings differ (with `--diagnostics`).
    pub diagnostics: Vec<(String, String)>,
}

/// A comparison to make.
pub struct Comparison<'a> {
    /// The interpreter.
    pub reference: &'a Reference,
    /// What we compile for.
    pub target: Target,
    /// The tree.
    pub source: &'a Path,
    /// Optimisation level.
    pub level: u8,
    /// Compare errors and warnings.
    pub diagnostics: bool,
    /// Only every N-th file.
    pub every: usize,
    /// Make the reference's files again.
    pub fresh: bool,
    /// Where to keep our version of what differs.
    pub keep: Option<&'a Path>,
}

/// `cargo xtask corpus`: true if nothing differs.
pub fn run(args: &Args) -> Result<bool> {
    let reference = Reference::identify(&args.python)?;
    let target = match &args.target {
        Some(text) => Target::parse(text).ok_or_else(|| format!("unknown target {text}"))?,
        None => Target::parse(&reference.release())
            .ok_or_else(|| format!("no target for {}", reference.release()))?,
    };
    let source = args.source.clone().unwrap_or_else(|| reference.stdlib.clone());
    let tally = compare(&Comparison {
        reference: &reference,
        target,
        source: &source,
        level: args.level,
        diagnostics: args.diagnostics,
        every: args.every,
        fresh: args.fresh,
        keep: args.keep.as_deref(),
    })?;
    if args.list_differences {
        for (path, how) in tally.different.iter().chain(&tally.diagnostics) {
            println!("{path}: {how}");
        }
    }
    println!("{}", tally.summary(&reference, args.level));
    Ok(tally.different.is_empty() && tally.diagnostics.is_empty())
}

impl Tally {
    /// One line for people.
    pub fn summary(&self, reference: &Reference, level: u8) -> String {
        let mut text = format!(
            "{} -O{level}: {} files, {} compiled by the reference, {} identical, {} refused by both, {} different",
            reference.release(),
            self.files,
            self.compiled,
            self.identical,
            self.refused,
            self.different.len(),
        );
        if !self.diagnostics.is_empty() {
            text.push_str(&format!(", {} with other errors or warnings", self.diagnostics.len()));
        }
        text
    }
}

/// The folder with the reference's `.pyc`, made if it is not there yet.
pub fn reference_files(comparison: &Comparison<'_>) -> Result<PathBuf> {
    let kept = kept_folder(comparison);
    let done = kept.join(".done");
    if comparison.fresh || !done.exists() {
        drop(std::fs::remove_dir_all(&kept));
        std::fs::create_dir_all(&kept).map_err(|error| format!("{}: {error}", kept.display()))?;
        let status = Command::new(&comparison.reference.exe)
            .arg(root().join("xtask/scripts/compile_tree.py"))
            .arg(comparison.source)
            .arg(&kept)
            .args(["-O", &comparison.level.to_string()])
            .stdout(std::process::Stdio::null())
            .status()
            .map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("the reference crashed on files of {}", comparison.source.display()));
        }
        std::fs::write(&done, "").map_err(|error| error.to_string())?;
    }
    Ok(kept)
}

fn kept_folder(comparison: &Comparison<'_>) -> PathBuf {
    let name: String = comparison
        .source
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' })
        .collect();
    target_folder()
        .join("corpus")
        .join(format!("{}-O{}", comparison.reference.release(), comparison.level))
        .join(name)
}

fn reference_diagnostics(comparison: &Comparison<'_>, kept: &Path) -> Result<HashMap<String, Value>> {
    let file = kept.join(".diagnostics.jsonl");
    if comparison.fresh || !file.exists() {
        let status = Command::new(&comparison.reference.exe)
            .arg(root().join("xtask/scripts/diagnostics.py"))
            .arg(comparison.source)
            .arg(&file)
            .args(["-O", &comparison.level.to_string()])
            .status()
            .map_err(|error| error.to_string())?;
        if !status.success() {
            return Err("the reference could not list its errors and warnings".into());
        }
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let mut found = HashMap::new();
    for line in text.lines() {
        // Lone surrogates are escapes that JSON has and Rust strings lack.
        let value: Value = serde_json::from_str(&line.replace("\\ud", "\\\\ud"))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        found.insert(value["path"].as_str().unwrap_or_default().to_owned(), value);
    }
    Ok(found)
}

/// The `.py` files below `source`, as the reference script finds them.
pub fn sources(source: &Path) -> Vec<String> {
    let mut paths: Vec<String> = walkdir::WalkDir::new(source)
        .follow_root_links(true)
        .into_iter()
        .filter_entry(|entry| {
            !(entry.file_type().is_dir()
                && matches!(entry.file_name().to_str(), Some("site-packages" | "__pycache__")))
        })
        .flatten()
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| entry.path().strip_prefix(source).ok()?.to_str().map(str::to_owned))
        .filter(|path| path.ends_with(".py"))
        .collect();
    paths.sort();
    paths
}

enum Outcome {
    Identical,
    Refused,
    Different(String),
}

/// Makes the comparison.
pub fn compare(comparison: &Comparison<'_>) -> Result<Tally> {
    let kept = reference_files(comparison)?;
    let diagnostics =
        if comparison.diagnostics { Some(reference_diagnostics(comparison, &kept)?) } else { None };
    let paths: Vec<String> =
        sources(comparison.source).into_iter().step_by(comparison.every.max(1)).collect();
    let options = Options { optimize: comparison.level, ..Options::new(comparison.target) };
    let pool =
        rayon::ThreadPoolBuilder::new().stack_size(1 << 29).build().map_err(|error| error.to_string())?;
    let results: Vec<(Outcome, Option<String>)> = pool.install(|| {
        paths
            .par_iter()
            .map_init(Session::new, |session, path| {
                compare_one(session, comparison, &options, &kept, path, diagnostics.as_ref())
            })
            .collect()
    });
    let mut tally = Tally { files: paths.len(), ..Tally::default() };
    for (path, (outcome, said)) in paths.iter().zip(results) {
        let expected = kept.join(format!("{path}c")).exists();
        tally.compiled += usize::from(expected);
        match outcome {
            Outcome::Identical => tally.identical += 1,
            Outcome::Refused => tally.refused += 1,
            Outcome::Different(how) => tally.different.push((path.clone(), how)),
        }
        if let Some(said) = said {
            tally.diagnostics.push((path.clone(), said));
        }
    }
    Ok(tally)
}

fn compare_one(
    session: &mut Session,
    comparison: &Comparison<'_>,
    options: &Options,
    kept: &Path,
    path: &str,
    diagnostics: Option<&HashMap<String, Value>>,
) -> (Outcome, Option<String>) {
    let expected = std::fs::read(kept.join(format!("{path}c"))).ok();
    let source = match std::fs::read(comparison.source.join(path)) {
        Ok(source) => source,
        Err(error) => {
            let outcome =
                if expected.is_none() { Outcome::Refused } else { Outcome::Different(error.to_string()) };
            return (outcome, None);
        }
    };
    let mut warnings = Vec::new();
    let mut ours = Vec::new();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.compile_into(&source, PyStr::from(path), options, &mut ours, &mut warnings)
    }));
    let Ok(result) = result else {
        *session = Session::new();
        return (Outcome::Different("we panic".into()), None);
    };
    let said = diagnostics.and_then(|all| {
        let theirs = all.get(path).cloned().unwrap_or(Value::Null);
        compare_diagnostics(result.as_ref().err(), &warnings, &theirs)
    });
    let outcome = match (result, expected) {
        (Ok(()), Some(expected)) if expected.get(16..) == Some(&ours[..]) => Outcome::Identical,
        (Ok(()), Some(expected)) => {
            let at = expected.iter().skip(16).zip(&ours).take_while(|(a, b)| a == b).count();
            keep(comparison, path, &expected[..16.min(expected.len())], &ours);
            Outcome::Different(format!(
                "bytes differ from offset {} on ({} and {} bytes)",
                at + 16,
                expected.len(),
                ours.len() + 16
            ))
        }
        (Ok(()), None) => Outcome::Different("the reference refuses it, we do not".into()),
        (Err(_), None) => Outcome::Refused,
        (Err(error), Some(_)) => Outcome::Different(format!(
            "we refuse it: {:?}: {} (line {}, offset {})",
            error.kind,
            error.message,
            error.lineno.unwrap_or(-1),
            error.offset.unwrap_or(-1)
        )),
    };
    (outcome, said)
}

fn keep(comparison: &Comparison<'_>, path: &str, header: &[u8], ours: &[u8]) {
    if let Some(folder) = comparison.keep {
        let file = folder.join(format!("{path}c"));
        if let Some(parent) = file.parent() {
            drop(std::fs::create_dir_all(parent));
        }
        drop(std::fs::write(file, [header, ours].concat()));
    }
}

/// What is different between our error and warnings and the reference's, if anything.
pub fn compare_diagnostics(
    error: Option<&pyrsc::source::SourceError>,
    warnings: &[pyrsc::source::Warning],
    theirs: &Value,
) -> Option<String> {
    let number = |value: Option<i32>| value.map_or(Value::Null, Value::from);
    let ours = error.map(|error| {
        (
            format!("{:?}: {}", error.kind, error.message),
            [number(error.lineno), number(error.offset), number(error.end_lineno), number(error.end_offset)],
        )
    });
    let reference = (!theirs["error"].is_null()).then(|| {
        let it = &theirs["error"];
        (
            format!(
                "{}: {}",
                it["type"].as_str().unwrap_or_default(),
                it["msg"].as_str().unwrap_or_default()
            ),
            [it["lineno"].clone(), it["offset"].clone(), it["end_lineno"].clone(), it["end_offset"].clone()],
        )
    });
    if ours != reference {
        return Some(format!("error: ours {ours:?}, the reference's {reference:?}"));
    }
    let our_warnings: Vec<Value> = warnings
        .iter()
        .map(|warning| {
            serde_json::json!([format!("{:?}", warning.category), warning.message, warning.lineno])
        })
        .collect();
    let their_warnings = theirs["warnings"].as_array().cloned().unwrap_or_default();
    (our_warnings != their_warnings)
        .then(|| format!("warnings: ours {our_warnings:?}, the reference's {their_warnings:?}"))
}
