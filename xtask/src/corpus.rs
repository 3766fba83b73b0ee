//! Compares our output for a whole source tree with what a reference interpreter writes for it.
//!
//! The reference's answers are remembered as digests ([`crate::oracle`]), because making them takes much
//! longer than making ours; `--fresh` forgets them.

mod matrix;
mod variation;

use crate::oracle::{self, Answer, Digest, Known, Memory, Oracle};
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
use std::sync::atomic::{AtomicUsize, Ordering};

/// Arguments of `cargo xtask corpus`.
#[derive(clap::Args)]
pub struct Args {
    /// The release to compile for; default: the interpreter's.
    #[arg(long)]
    target: Option<String>,
    /// The reference interpreter.
    #[arg(long, required_unless_present = "all")]
    python: Option<PathBuf>,
    /// Every reference interpreter × its own library, the oldest 3.13's library and the PyPI packages × every
    /// level, as a table. Of the packages, each file is compared at one level for each release: the level goes round
    /// from release to release, and from file to file.
    #[arg(long, conflicts_with_all = ["python", "target", "source", "level", "diagnostics"])]
    all: bool,
    /// With --all: each file of the packages at every level for each release.
    #[arg(long, requires = "all")]
    full: bool,
    /// With --all: only these releases.
    #[arg(long, requires = "all", value_delimiter = ',')]
    only: Vec<String>,
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
    /// Ask the reference again for every file.
    #[arg(long)]
    fresh: bool,
    /// Write both versions of each file that differs below this folder: ours as X.pyc, the reference's as
    /// X.reference.pyc.
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
    /// Files that differ, but of which the reference itself does not write the same under all conditions that may
    /// be; each with a word on what ours is.
    pub varies: Vec<(String, String)>,
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
    /// Files that are compared in any case, where the tree has them.
    pub also: &'a [String],
    /// Only the files of this third (0, 1 or 2), as [`third`] parts them.
    pub third: Option<u8>,
    /// Ask the reference again for every file.
    pub fresh: bool,
    /// Where to keep both versions of what differs.
    pub keep: Option<&'a Path>,
}

/// `cargo xtask corpus`: true if nothing differs.
pub fn run(args: &Args) -> Result<bool> {
    let Some(python) = &args.python else { return matrix::run(args) };
    let reference = Reference::identify(python)?;
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
        also: &[],
        third: None,
        fresh: args.fresh,
        keep: args.keep.as_deref(),
    })?;
    if args.list_differences {
        for (path, how) in tally.different.iter().chain(&tally.diagnostics).chain(&tally.varies) {
            println!("{path}: {how}");
        }
    }
    println!("{}", tally.summary(&reference, args.level));
    Ok(tally.different.is_empty() && tally.diagnostics.is_empty())
}

impl Tally {
    fn count(&mut self, known: Known) {
        match known {
            Known::Compiled(_) => {
                self.compiled += 1;
                self.identical += 1;
            }
            Known::Refused => self.refused += 1,
        }
    }

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
        if !self.varies.is_empty() {
            text.push_str(&format!(
                ", {} of which the reference writes more than one form",
                self.varies.len()
            ));
        }
        if !self.diagnostics.is_empty() {
            text.push_str(&format!(", {} with other errors or warnings", self.diagnostics.len()));
        }
        text
    }
}

fn kept_folder(reference: &Reference, source: &Path, level: u8) -> PathBuf {
    target_folder()
        .join("corpus")
        .join(format!("{}-O{level}", reference.release()))
        .join(oracle::file_name(source))
}

fn reference_diagnostics(comparison: &Comparison<'_>) -> Result<HashMap<String, Value>> {
    let mut file = kept_folder(comparison.reference, comparison.source, comparison.level).into_os_string();
    file.push(".diagnostics.jsonl");
    let file = PathBuf::from(file);
    if comparison.fresh || !file.exists() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
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

/// One of three parts of a tree, by the digest of the path.
fn third(path: &str) -> u8 {
    Digest::of(path.as_bytes()).modulo(3)
}

/// What we make of one file.
struct Ours {
    /// The digest of the source; `None` if it cannot be read.
    source: Option<Digest>,
    result: std::result::Result<Vec<u8>, String>,
    /// How errors or warnings differ.
    said: Option<String>,
}

impl Ours {
    fn agrees(&self, known: Known) -> bool {
        match (&self.result, known) {
            (Ok(bytes), Known::Compiled(digest)) => Digest::of(bytes) == digest,
            (Err(_), Known::Refused) => true,
            _ => false,
        }
    }
}

/// Makes the comparison.
pub fn compare(comparison: &Comparison<'_>) -> Result<Tally> {
    let diagnostics = if comparison.diagnostics { Some(reference_diagnostics(comparison)?) } else { None };
    let paths: Vec<String> = sources(comparison.source)
        .into_iter()
        .enumerate()
        .filter(|(index, path)| {
            index.is_multiple_of(comparison.every.max(1)) || comparison.also.contains(path)
        })
        .map(|(_, path)| path)
        .filter(|path| comparison.third.is_none_or(|wanted| third(path) == wanted))
        .collect();
    let pool =
        rayon::ThreadPoolBuilder::new().stack_size(1 << 29).build().map_err(|error| error.to_string())?;
    let mut memory =
        Memory::open(comparison.reference, comparison.level, comparison.source, comparison.fresh);
    let mut tally = Tally { files: paths.len(), ..Tally::default() };
    let mut open = Vec::new();
    // In portions, so that what we make of a large tree is never in memory as a whole.
    for portion in paths.chunks(2_000) {
        let ours: Vec<Ours> = pool.install(|| {
            portion
                .par_iter()
                .map_init(Session::new, |session, path| {
                    compile_one(session, comparison, path, diagnostics.as_ref())
                })
                .collect()
        });
        for (path, ours) in portion.iter().zip(ours) {
            if let Some(said) = &ours.said {
                tally.diagnostics.push((path.clone(), said.clone()));
            }
            match ours.source.and_then(|source| memory.get(path, source)) {
                Some(known) if ours.agrees(known) => tally.count(known),
                _ => open.push((path, ours)),
            }
        }
        ask(comparison, &pool, &mut open, &mut memory, &mut tally)?;
    }
    Ok(tally)
}

/// Asks the reference for the files that are new, changed or different, and counts what it answers.
fn ask(
    comparison: &Comparison<'_>,
    pool: &rayon::ThreadPool,
    open: &mut Vec<(&String, Ours)>,
    memory: &mut Memory,
    tally: &mut Tally,
) -> Result<()> {
    if open.is_empty() {
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let answers: Vec<Result<Vec<(usize, Answer)>>> = pool.broadcast(|thread| {
        let mut oracle = Oracle::start(comparison.reference, thread.index())?;
        let mut answers = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((path, _)) = open.get(index) else { break };
            answers.push((index, oracle.ask(&comparison.source.join(path), path, comparison.level)?));
        }
        Ok(answers)
    });
    let mut learnt = Vec::new();
    for part in answers {
        for (index, answer) in part? {
            let (path, ours) = &open[index];
            let known = match &answer {
                Answer::Compiled(bytes) => {
                    let code = bytes.get(16..).unwrap_or_default();
                    Some(Known::Compiled(Digest::of(code)))
                }
                Answer::Refused => Some(Known::Refused),
                Answer::Crashed => None,
            };
            if let (Some(source), Some(known)) = (ours.source, known) {
                learnt.push(((*path).clone(), source, known));
            }
            match known {
                Some(known) if ours.agrees(known) => tally.count(known),
                _ => {
                    tally.compiled += usize::from(matches!(answer, Answer::Compiled(_)));
                    if let (Ok(ours), Answer::Compiled(theirs)) = (&ours.result, &answer)
                        && let Some(how) = variation::found(comparison, path, ours, theirs)?
                    {
                        tally.varies.push(((*path).clone(), how));
                        continue;
                    }
                    keep(comparison, path, &ours.result, &answer);
                    tally.different.push(((*path).clone(), how(&ours.result, &answer)));
                }
            }
        }
    }
    tally.different.sort();
    tally.varies.sort();
    open.clear();
    memory.add(learnt)
}

fn compile_one(
    session: &mut Session,
    comparison: &Comparison<'_>,
    path: &str,
    diagnostics: Option<&HashMap<String, Value>>,
) -> Ours {
    let options = Options { optimize: comparison.level, ..Options::new(comparison.target) };
    let source = match std::fs::read(comparison.source.join(path)) {
        Ok(source) => source,
        Err(error) => return Ours { source: None, result: Err(error.to_string()), said: None },
    };
    let mut warnings = Vec::new();
    let mut bytes = Vec::new();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.compile_into(&source, PyStr::from(path), &options, &mut bytes, &mut warnings)
    }));
    let digest = Some(Digest::of(&source));
    let Ok(result) = result else {
        *session = Session::new();
        // Not an error that could agree with the reference's.
        return Ours { source: None, result: Err("we panic".into()), said: Some("we panic".into()) };
    };
    let said = diagnostics.and_then(|all| {
        let theirs = all.get(path).cloned().unwrap_or(Value::Null);
        compare_diagnostics(result.as_ref().err(), &warnings, &theirs)
    });
    let result = result.map(|()| bytes).map_err(|error| {
        format!(
            "{:?}: {} (line {}, offset {})",
            error.kind,
            error.message,
            error.lineno.unwrap_or(-1),
            error.offset.unwrap_or(-1)
        )
    });
    Ours { source: digest, result, said }
}

/// A few words on a difference.
fn how(ours: &std::result::Result<Vec<u8>, String>, theirs: &Answer) -> String {
    match (ours, theirs) {
        (Ok(ours), Answer::Compiled(theirs)) => {
            let at = theirs.iter().skip(16).zip(ours).take_while(|(a, b)| a == b).count();
            format!(
                "bytes differ from offset {} on ({} and {} bytes)",
                at + 16,
                theirs.len(),
                ours.len() + 16
            )
        }
        (Ok(_), Answer::Refused) => "the reference refuses it, we do not".into(),
        (_, Answer::Crashed) => "the reference crashes".into(),
        (Err(error), _) => format!("we refuse it: {error}"),
    }
}

/// Keeps both sides of a difference for a look: ours as `X.pyc`, the reference's as `X.reference.pyc`.
fn keep(
    comparison: &Comparison<'_>,
    path: &str,
    ours: &std::result::Result<Vec<u8>, String>,
    theirs: &Answer,
) {
    let Some(folder) = comparison.keep else { return };
    let file = folder.join(path);
    if let Some(parent) = file.parent() {
        drop(std::fs::create_dir_all(parent));
    }
    if let Answer::Compiled(theirs) = theirs {
        drop(std::fs::write(file.with_extension("reference.pyc"), theirs));
        if let (Ok(ours), Some(header)) = (ours, theirs.get(..16)) {
            drop(std::fs::write(file.with_extension("pyc"), [header, ours].concat()));
        }
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
