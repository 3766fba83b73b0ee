//! `cargo xtask corpus --all`: release × corpus × level, one line each.

use super::{Args, Comparison, Tally, compare};
use crate::references::{self, Reference};
use crate::{Result, packages};
use pyrsc::target::Target;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Prints the table; true if nothing differs and nothing was left out.
pub fn run(args: &Args) -> Result<bool> {
    let started = Instant::now();
    let wanted = references::wanted();
    let shared =
        wanted.iter().find_map(|(_, it)| it.as_ref().filter(|it| it.version == references::SHARED_LIBRARY));
    let packages = packages::fetch()?;
    let mut complete = true;
    let mut different = 0;
    println!(
        "{:<8} {:<11} {:>3} {:>7} {:>10} {:>8} {:>10}",
        "release", "corpus", "-O", "files", "identical", "refused", "different"
    );
    for (wanted, reference) in &wanted {
        let Some(reference) = reference else {
            complete = false;
            println!("{wanted}: skipped, no such interpreter (cargo xtask references)");
            continue;
        };
        for (name, tree) in trees(reference, shared, &packages) {
            for level in 0..=2 {
                let tally = one(args, reference, &tree, level)?;
                line(reference, name, level, &tally);
                if args.list_differences {
                    for (path, how) in &tally.different {
                        println!("    {path}: {how}");
                    }
                }
                different += tally.different.len();
                complete &= tally.compiled > 0;
            }
        }
    }
    let seconds = started.elapsed().as_secs();
    println!("{different} different; {} min {:02} s", seconds / 60, seconds % 60);
    Ok(complete && different == 0)
}

fn trees(reference: &Reference, shared: Option<&Reference>, packages: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut trees = vec![("its library", reference.stdlib.clone())];
    if let Some(shared) = shared.filter(|shared| shared.version != reference.version) {
        trees.push(("3.13.0's", shared.stdlib.clone()));
    }
    trees.push(("packages", packages.to_owned()));
    trees
}

fn one(args: &Args, reference: &Reference, source: &Path, level: u8) -> Result<Tally> {
    compare(&Comparison {
        reference,
        target: Target::parse(&reference.release())
            .ok_or_else(|| format!("no target for {}", reference.release()))?,
        source,
        level,
        diagnostics: false,
        every: args.every,
        also: &[],
        fresh: args.fresh,
        flags: args.flags,
        keep: None,
    })
}

fn line(reference: &Reference, corpus: &str, level: u8, tally: &Tally) {
    println!(
        "{:<8} {corpus:<11} {level:>3} {:>7} {:>10} {:>8} {:>10}",
        reference.release(),
        tally.files,
        tally.identical,
        tally.refused,
        tally.different.len()
    );
}
