//! Reads every compiled file below a folder, of whatever release, and counts by release: how many could be read, came
//! back byte for byte, and could be listed without an unknown instruction.
//!
//! Any collection of `.pyc` files will do: the libraries of interpreters, or the test files of python-xdis, which
//! have all releases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyrsc::code::Objects;
use pyrsc::listing::{Lister, Options, Shapes};
use pyrsc::marshal::{Header, Reader, Writer};

use crate::Result;

/// Arguments of `cargo xtask read`.
#[derive(clap::Args)]
pub struct Args {
    /// Folders with `.pyc` and `.pyo` files.
    #[arg(required = true)]
    dirs: Vec<PathBuf>,
    /// Name the files that fail.
    #[arg(long)]
    list: bool,
}

/// The counts of one release.
#[derive(Default)]
struct Counts {
    files: usize,
    read: usize,
    same: usize,
    listed: usize,
}

/// `cargo xtask read`: true if every file of a readable release came back the same and was listed.
pub fn run(args: &Args) -> Result<bool> {
    let mut table: BTreeMap<(bool, u16, String), Counts> = BTreeMap::new();
    let mut good = true;
    let (mut reader, mut writer) = (Reader::new(), Writer::new());
    for dir in &args.dirs {
        for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
            let entry = entry.map_err(|error| error.to_string())?;
            let compiled = entry.path().extension().is_some_and(|end| end == "pyc" || end == "pyo");
            if !compiled || !entry.file_type().is_file() {
                continue;
            }
            let bytes = std::fs::read(entry.path()).map_err(|error| error.to_string())?;
            let (series, outcome) = examine(&bytes, &mut reader, &mut writer);
            let readable = !matches!(outcome, Outcome::Foreign);
            let (magic, title) = series;
            let counts = table.entry((!readable, magic, title)).or_default();
            counts.files += 1;
            counts.read += usize::from(outcome >= Outcome::Read);
            counts.same += usize::from(outcome >= Outcome::Same);
            counts.listed += usize::from(outcome == Outcome::Listed);
            let failed = readable && outcome != Outcome::Listed;
            good &= !failed;
            if failed && args.list {
                println!("{}: {outcome:?}", entry.path().display());
            }
        }
    }
    println!("{:>6} {:>6} {:>6} {:>6}  of", "files", "read", "same", "listed");
    for ((_, magic, title), counts) in &table {
        let Counts { files, read, same, listed } = counts;
        println!("{files:>6} {read:>6} {same:>6} {listed:>6}  {title}, {magic}");
    }
    Ok(good)
}

/// How far a file came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outcome {
    /// Not in a form of CPython's.
    Foreign,
    /// Not read.
    Refused,
    /// Read, and not written as it was.
    Read,
    /// Came back the same, and could not be listed.
    Same,
    /// And was listed.
    Listed,
}

fn examine(bytes: &[u8], reader: &mut Reader, writer: &mut Writer) -> ((u16, String), Outcome) {
    let Ok(header) = Header::parse(bytes) else { return ((0, "no .pyc".into()), Outcome::Foreign) };
    let Some(series) = header.series() else {
        return ((header.number(), "unknown".into()), Outcome::Foreign);
    };
    let id = (series.magic, series.title());
    let Some(form) = series.form else { return (id, Outcome::Foreign) };
    let body = &bytes[header.len()..];
    let mut objects = Objects::default();
    let Ok((root, _)) = reader.read(body, form, &mut objects) else { return (id, Outcome::Refused) };
    let mut written = header.to_bytes()[..header.len()].to_vec();
    if writer.write(&objects, root, &mut written).is_err() || written != bytes {
        return (id, Outcome::Read);
    }
    let Some(shapes) = Shapes::of_series(series) else { return (id, Outcome::Same) };
    let mut text = Vec::new();
    let mut lister = Lister::with(shapes, Options::default());
    lister.set_limit(usize::MAX);
    match lister.dis(&objects, root, &mut (), &mut text) {
        Ok(()) if !has_unknown(&text) => (id, Outcome::Listed),
        _ => (id, Outcome::Same),
    }
}

/// Is there an instruction without a name, ` <123> `?
fn has_unknown(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n').any(|line| {
        line.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).take(4).any(|word| {
            let number = word.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">"));
            number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn unknown_instructions_are_seen() {
        assert!(super::has_unknown(b"  1   0 RESUME 0\n      2 <123>   4\n"));
        assert!(!super::has_unknown(b"  1   0 LOAD_CONST  0 (<12>)\n"));
    }
}
