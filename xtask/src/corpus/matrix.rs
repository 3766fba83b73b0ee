//! `cargo xtask corpus --all`: release × corpus × level, one line each.
//!
//! The references' compile time decides what fits into a run: two cores compile the packages once, for one release and
//! level, in about 90 seconds. So each file of the packages is compared at one level for each release, unless
//! `--full` asks for all: the files are parted in three, and a third's level goes on by one from release to release.
//! Libraries are compared whole, at every level. A file that differs where the reference does not write the same twice
//! either (see [`super::variation`]) has a column of its own and is named. The table says how many of a corpus' files each line is about.

use super::{Args, Comparison, Tally, compare, sources};
use crate::references::{self, Reference};
use crate::{Result, packages};
use pyrsc::target::Target;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The levels that CPython has.
const LEVELS: u8 = 3;

/// A tree of sources.
struct Corpus {
    name: &'static str,
    tree: PathBuf,
    /// All `.py` files in it.
    files: usize,
    /// Is each of its files compared at one level only?
    in_thirds: bool,
}

impl Corpus {
    fn new(name: &'static str, tree: PathBuf) -> Corpus {
        let files = sources(&tree).len();
        Corpus { name, tree, files, in_thirds: false }
    }
}

/// Prints the table; true if nothing differs and no release was left out.
pub fn run(args: &Args) -> Result<bool> {
    let started = Instant::now();
    let wanted = references::wanted();
    let shared =
        wanted.iter().find_map(|(_, it)| it.as_ref().filter(|it| it.version == references::SHARED_LIBRARY));
    let shared = shared.map(|shared| (shared.version, Corpus::new("3.13.0's", shared.stdlib.clone())));
    let packages = Corpus { in_thirds: !args.full, ..Corpus::new("packages", packages::fetch()?) };
    let mut complete = true;
    let (mut compared, mut different, mut varies) = (0, 0, 0);
    println!(
        "{:<8} {:<11} {:>3} {:>7} {:>7} {:>10} {:>8} {:>7} {:>10} {:>8}",
        "release", "corpus", "-O", "files", "of", "identical", "refused", "varies", "different", "seconds"
    );
    for (index, (wanted, reference)) in wanted.iter().enumerate() {
        let Some(reference) = reference else {
            complete = false;
            println!("{wanted}: skipped, no such interpreter (cargo xtask references)");
            continue;
        };
        if !args.only.is_empty() && !args.only.contains(&reference.release()) {
            complete = false;
            println!("{}: not asked for", reference.release());
            continue;
        }
        let own = Corpus::new("its library", reference.stdlib.clone());
        let shared = shared.as_ref().filter(|(version, _)| *version != reference.version);
        for corpus in [Some(&own), shared.map(|(_, corpus)| corpus), Some(&packages)].into_iter().flatten() {
            for level in 0..LEVELS {
                let began = Instant::now();
                let third =
                    corpus.in_thirds.then_some((level + (index % usize::from(LEVELS)) as u8) % LEVELS);
                let tally = one(args, reference, &corpus.tree, level, third)?;
                line(reference, corpus, level, &tally, began);
                compared += tally.files;
                different += tally.different.len();
                varies += tally.varies.len();
                complete &= tally.compiled > 0;
            }
        }
    }
    let seconds = started.elapsed().as_secs();
    println!(
        "{compared} comparisons, {different} different, {varies} of which the reference writes more than one form; \
         {} min {:02} s",
        seconds / 60,
        seconds % 60
    );
    if packages.in_thirds {
        println!(
            "each file of the packages at one of three levels for each release (--full: at every level)"
        );
    }
    Ok(complete && different == 0)
}

fn one(args: &Args, reference: &Reference, source: &Path, level: u8, third: Option<u8>) -> Result<Tally> {
    let keep = args.keep.as_ref().map(|keep| keep.join(format!("{}-O{level}", reference.release())));
    compare(&Comparison {
        reference,
        target: Target::parse(&reference.release())
            .ok_or_else(|| format!("no target for {}", reference.release()))?,
        source,
        level,
        diagnostics: false,
        every: args.every,
        also: &[],
        third,
        fresh: args.fresh,
        keep: keep.as_deref(),
    })
}

fn line(reference: &Reference, corpus: &Corpus, level: u8, tally: &Tally, began: Instant) {
    println!(
        "{:<8} {:<11} {level:>3} {:>7} {:>7} {:>10} {:>8} {:>7} {:>10} {:>8}",
        reference.release(),
        corpus.name,
        tally.files,
        corpus.files,
        tally.identical,
        tally.refused,
        tally.varies.len(),
        tally.different.len(),
        began.elapsed().as_secs()
    );
    for (path, how) in &tally.different {
        println!("    {path}: {how}");
    }
    for (path, how) in &tally.varies {
        println!("    varies: {path}: {how}");
    }
}
