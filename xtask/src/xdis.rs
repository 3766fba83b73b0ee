//! Compares our instruction streams with those of xdis, over the `.pyc` files of its tests.
//!
//! xdis (github.com/rocky/python-xdis) is no part of this project: its folder is an argument, and a reference
//! interpreter runs it (`scripts/xdis_streams.py`). Compared are offset, name and argument of each instruction.
//!
//! Two differences are known, because CPython's own `dis` agrees with us: xdis gives `WITH_EXCEPT_START` of 3.13 an
//! argument, and takes a file with CPython's magic number for PyPy's where its name says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyrsc::code::{ObjectId, Objects};
use pyrsc::listing::{CodeView, Instructions, Shapes};
use pyrsc::marshal::{Header, Reader};
use serde_json::Value;

use crate::{Result, root};

/// Arguments of `cargo xtask xdis`.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of xdis' repository.
    dir: PathBuf,
    /// An interpreter that can run it.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// A folder with what xdis depends on (six, click), where the interpreter does not have it.
    #[arg(long)]
    dependencies: Option<PathBuf>,
    /// Show the first difference of this many files.
    #[arg(long, default_value_t = 10)]
    show: usize,
}

/// How the files of a folder went.
#[derive(Default)]
struct Tally {
    files: usize,
    /// Read by us without error.
    read: usize,
    /// With instructions from both.
    compared: usize,
    different: usize,
    /// With known differences only.
    known: usize,
    /// That xdis fails on.
    refused: usize,
}

/// `cargo xtask xdis`: true if every CPython and PyPy file is read and no stream differs.
pub fn run(args: &Args) -> Result<bool> {
    let tests = args.dir.join("test");
    let mut path = args.dir.clone().into_os_string();
    if let Some(dependencies) = &args.dependencies {
        path.push(":");
        path.push(dependencies);
    }
    let output = Command::new(&args.python)
        .arg(root().join("xtask/scripts/xdis_streams.py"))
        .arg(&tests)
        .env("PYTHONPATH", path)
        .output()
        .map_err(|error| format!("{}: {error}", args.python.display()))?;
    if !output.status.success() {
        return Err(format!("xdis: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut shown = 0;
    let mut show = |text: String| {
        shown += 1;
        if shown <= args.show {
            println!("{text}");
        }
    };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let theirs: Value = serde_json::from_str(line).map_err(|error| format!("xdis' answer: {error}"))?;
        let path = theirs["path"].as_str().unwrap_or_default();
        let folder = path.split('/').next().unwrap_or_default();
        let tally = tallies.entry(folder.to_owned()).or_default();
        tally.files += 1;
        let ours = streams(&tests.join(path));
        tally.read += usize::from(ours.is_ok());
        let Some(codes) = theirs["codes"].as_array() else {
            tally.refused += 1;
            continue;
        };
        match ours {
            Err(error) => show(format!("{path}: {error}")),
            Ok(ours) => {
                tally.compared += 1;
                let implementation = theirs["implementation"].as_str().unwrap_or_default();
                match first_difference(codes, &ours.codes) {
                    Same::Yes => {}
                    Same::Known => tally.known += 1,
                    Same::No(_) if !implementation.eq_ignore_ascii_case(ours.implementation) => {
                        tally.known += 1;
                    }
                    Same::No(difference) => {
                        tally.different += 1;
                        show(format!("{path}: {difference}"));
                    }
                }
            }
        }
    }
    println!(
        "{:<24} {:>5} {:>5} {:>8} {:>9} {:>5} {:>12}",
        "files", "all", "read", "compared", "different", "known", "not by xdis"
    );
    let mut right = !tallies.is_empty();
    for (folder, tally) in &tallies {
        let Tally { files, read, compared, different, known, refused } = tally;
        println!("{folder:<24} {files:>5} {read:>5} {compared:>8} {different:>9} {known:>5} {refused:>12}");
        right &= *different == 0 && read + refused >= *files;
    }
    Ok(right)
}

/// A code object's name, and its instructions: offset, name, argument.
type Stream = (String, Vec<(u32, &'static str, Option<i64>)>);

/// The instructions of the code objects of a file.
struct Ours {
    implementation: &'static str,
    codes: Vec<Stream>,
}

fn streams(path: &Path) -> Result<Ours> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let header = Header::parse(&bytes).map_err(|error| error.to_string())?;
    let series = header.series().ok_or_else(|| format!("unknown magic number {}", header.number()))?;
    let form = series.form.ok_or_else(|| format!("{} has no known form", series.title()))?;
    let shapes = Shapes::of_series(series).ok_or_else(|| format!("no opcodes of {}", series.title()))?;
    let mut objects = Objects::default();
    let (module, _) = Reader::new()
        .read(&bytes[header.len()..], form, &mut objects)
        .map_err(|error| error.in_file(&header).to_string())?;
    let mut codes = Vec::new();
    collect(&objects, module, shapes, &mut codes)?;
    Ok(Ours { implementation: series.implementation, codes })
}

fn collect(
    objects: &Objects<'_>,
    id: ObjectId,
    shapes: &'static Shapes,
    found: &mut Vec<Stream>,
) -> Result<()> {
    let view = CodeView::new(objects, id).map_err(|error| error.to_string())?;
    let instructions = Instructions::new(shapes, view.bytes)
        .map(|it| (it.offset, it.shape.name, it.shape.has_arg.then_some(i64::from(it.arg))))
        .collect();
    found.push((String::from_utf8_lossy(view.name.as_bytes()).into_owned(), instructions));
    for nested in view.nested() {
        collect(objects, nested, shapes, found)?;
    }
    Ok(())
}

/// Are two sets of streams the same?
enum Same {
    Yes,
    /// But for what xdis is known to do.
    Known,
    /// No; where they first differ, in words.
    No(String),
}

fn first_difference(theirs: &[Value], ours: &[Stream]) -> Same {
    if theirs.len() != ours.len() {
        return Same::No(format!("{} code objects with xdis, {} here", theirs.len(), ours.len()));
    }
    let mut result = Same::Yes;
    for (code, (name, instructions)) in theirs.iter().zip(ours) {
        let list = code[1].as_array().map_or(&[][..], Vec::as_slice);
        for index in 0..list.len().max(instructions.len()) {
            let (it, mine) = (list.get(index), instructions.get(index));
            let placed = it.zip(mine).is_some_and(|(it, (offset, opname, _))| {
                it[0].as_u64() == Some(u64::from(*offset)) && it[1].as_str() == Some(*opname)
            });
            let same = placed && it.zip(mine).is_some_and(|(it, (_, _, arg))| it[2].as_i64() == *arg);
            let known = placed
                && mine.is_some_and(|&(_, opname, arg)| opname == "WITH_EXCEPT_START" && arg.is_none());
            if !same && known {
                result = Same::Known;
            } else if !same {
                let theirs = it.map_or_else(|| "nothing".into(), Value::to_string);
                return Same::No(format!("{name}: {theirs} with xdis, {mine:?} here"));
            }
        }
    }
    result
}
