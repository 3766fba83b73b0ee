//! `cargo xtask errors`: invalid programs, with what the reference says of each: those that the
//! interpreter's own tests contain, and mutants of its standard library (`xtask/scripts/bad_programs.py`).

use crate::corpus::compare_diagnostics;
use crate::references::Reference;
use crate::{Result, root, target_folder};
use pyrsc::compile::{Options, Session};
use pyrsc::target::Target;
use pyrsc::value::PyStr;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// Arguments of `cargo xtask errors`.
#[derive(clap::Args)]
pub struct Args {
    /// The reference interpreter.
    #[arg(long)]
    python: PathBuf,
    /// How many mutants to make besides the programs of the tests.
    #[arg(long, default_value_t = 20_000)]
    mutants: u32,
    /// What the mutants are made from.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Show at most this many differences of each kind.
    #[arg(long, default_value_t = 3)]
    show: usize,
}

/// Programs compared and programs that differ.
pub struct Tally {
    /// How many programs there are.
    pub programs: usize,
    /// How many of them the reference refuses.
    pub invalid: usize,
    /// Each program that differs, with how.
    pub different: Vec<(String, String)>,
}

impl Tally {
    /// One line for people.
    pub fn summary(&self, reference: &Reference) -> String {
        format!(
            "{}: {} programs, {} of them invalid, {} with another error or other warnings",
            reference.release(),
            self.programs,
            self.invalid,
            self.different.len()
        )
    }
}

/// `cargo xtask errors`: true if nothing differs.
pub fn run(args: &Args) -> Result<bool> {
    let reference = Reference::identify(&args.python)?;
    let tally = compare(&reference, args.mutants, args.seed)?;
    let mut kinds: BTreeMap<String, Vec<&(String, String)>> = BTreeMap::new();
    for difference in &tally.different {
        let kind: String = difference.1.chars().filter(|c| !c.is_ascii_digit()).collect();
        kinds.entry(kind).or_default().push(difference);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
    for (_, found) in &kinds {
        for (source, how) in found.iter().take(args.show) {
            println!("---- {} times: {how}\n{source}", found.len());
        }
    }
    println!("{}", tally.summary(&reference));
    Ok(tally.different.is_empty())
}

/// Makes the comparison.
pub fn compare(reference: &Reference, mutants: u32, seed: u32) -> Result<Tally> {
    let target = Target::parse(&reference.release()).ok_or("an unknown release")?;
    let folder = target_folder().join("errors");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let file = folder.join(format!("{}-{mutants}-{seed}.jsonl", reference.release()));
    if !file.exists() {
        let made = folder.join(format!("{}-{}.tmp", reference.release(), std::process::id()));
        let status = Command::new(&reference.exe)
            .arg(root().join("xtask/scripts/bad_programs.py"))
            .arg(&made)
            .args([mutants.to_string(), seed.to_string()])
            .status()
            .map_err(|error| error.to_string())?;
        if !status.success() {
            return Err("the reference could not make the programs".into());
        }
        std::fs::rename(&made, &file).map_err(|error| error.to_string())?;
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let cases: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(&line.replace("\\ud8", "\\\\ud8").replace("\\udc", "\\\\udc")))
        .collect::<std::result::Result<_, _>>()
        .or_else(|_| text.lines().filter(|line| !line.contains("\\ud")).map(serde_json::from_str).collect())
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let pool =
        rayon::ThreadPoolBuilder::new().stack_size(1 << 29).build().map_err(|error| error.to_string())?;
    let options = Options::new(target);
    let different: Vec<(String, String)> = pool.install(|| {
        cases
            .par_iter()
            .map_init(Session::new, |session, case| {
                let source = case["source"].as_str().unwrap_or_default();
                compare_one(session, &options, source, case).map(|how| (source.to_owned(), how))
            })
            .flatten()
            .collect()
    });
    let invalid = cases.iter().filter(|case| !case["error"].is_null()).count();
    Ok(Tally { programs: cases.len(), invalid, different })
}

fn compare_one(session: &mut Session, options: &Options, source: &str, case: &Value) -> Option<String> {
    let (mut out, mut warnings) = (Vec::new(), Vec::new());
    let filename = PyStr::from("<program>");
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.compile_into(source.as_bytes(), filename, options, &mut out, &mut warnings)
    }));
    match result {
        Ok(result) => compare_diagnostics(result.err().as_ref(), &warnings, case),
        Err(_) => {
            *session = Session::new();
            Some("we panic".into())
        }
    }
}
