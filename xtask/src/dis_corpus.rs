//! Compares our listings with those of the reference's own `dis` over a tree of `.pyc` files.
//!
//! The reference compiles its standard library itself and prints all texts (`scripts/dis_text.py`), which are compared
//! one after the other. On the way, every line table is read and written back.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyrsc::code::{Code, Object, ObjectId, Objects};
use pyrsc::listing::{CodeView, Form, Lister, Options, Shapes, show_code, write_repr};
use pyrsc::marshal::{self, Header, Read};

use pyrsc::tables::{self, Buffer, LineEntry, LineRuns, LineWriter, LnotabWriter, RangeWriter, RunFormat};
use pyrsc::target::{CodeField, LineTable};

use crate::oracle;
use crate::references::{self, Reference};
use crate::texts::Texts;
use crate::{Result, root, target_folder};

/// Arguments of `cargo xtask dis-corpus`.
#[derive(clap::Args)]
pub struct Args {
    /// The reference interpreter.
    #[arg(long, required_unless_present = "all")]
    python: Option<PathBuf>,
    /// Every interpreter that is there, with every kind of listing that its dis has: a table.
    #[arg(long, conflicts_with = "python")]
    all: bool,
    /// A tree of sources; default: the interpreter's standard library.
    #[arg(long)]
    source: Option<PathBuf>,
    /// A tree of `.pyc` files in place of sources that the interpreter compiles first.
    #[arg(long, conflicts_with_all = ["source", "all"])]
    compiled: Option<PathBuf>,
    /// Only every N-th file.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// With inline caches.
    #[arg(short = 'C')]
    caches: bool,
    /// With offsets.
    #[arg(short = 'O')]
    offsets: bool,
    /// With positions (from 3.14 on).
    #[arg(short = 'P')]
    positions: bool,
    /// The text of `dis.show_code` in place of the instructions.
    #[arg(long)]
    code_info: bool,
}

/// `cargo xtask dis-corpus`: true if no text differs.
pub fn run(args: &Args) -> Result<bool> {
    if args.all {
        return all(args.source.as_deref(), args.every);
    }
    let python = args.python.as_deref().unwrap_or(Path::new("python3"));
    let reference = Reference::identify(python)?;
    let dir = match &args.compiled {
        Some(dir) => dir.clone(),
        None => compiled(&reference, args.source.as_deref())?,
    };
    let outcome = compare(&Request {
        python: python.to_owned(),
        dir,
        options: Options { caches: args.caches, offsets: args.offsets, positions: args.positions },
        code_info: args.code_info,
        every: args.every,
    })
    .map_err(|error| error.to_string())?;
    outcome.print_differences(usize::MAX);
    println!(
        "{}: {} files, {} bytes of text, {} different",
        reference.release(),
        outcome.files,
        outcome.bytes,
        outcome.differences.len()
    );
    Ok(outcome.differences.is_empty())
}

/// The kinds of listings that the `dis` of a release has, each with a name.
fn kinds(version: (u8, u8, u8)) -> Vec<(&'static str, Options, bool)> {
    let plain = Options::default();
    let mut kinds = vec![("dis", plain, false)];
    for (since, name, options) in [
        ((3, 11, 0), "dis -C", Options { caches: true, ..plain }),
        ((3, 13, 0), "dis -O", Options { offsets: true, ..plain }),
        ((3, 14, 0), "dis -C -O -P", Options { caches: true, offsets: true, positions: true }),
    ] {
        if version >= since {
            kinds.push((name, options, false));
        }
    }
    if version >= (3, 0, 0) {
        kinds.push(("code info", plain, true));
    }
    kinds
}

/// Compares with every interpreter that is there and prints a table; true if nothing differs.
pub fn all(source: Option<&Path>, every: usize) -> Result<bool> {
    println!("{:<9} {:<14} {:>6} {:>12} {:>9}", "release", "listing", "files", "bytes", "different");
    let mut same = true;
    for reference in references::listed() {
        let dir = compiled(&reference, source)?;
        for (name, options, code_info) in kinds(reference.version) {
            let request =
                Request { python: reference.exe.clone(), dir: dir.clone(), options, code_info, every };
            let outcome = compare(&request).map_err(|error| error.to_string())?;
            println!(
                "{:<9} {name:<14} {:>6} {:>12} {:>9}",
                reference.release(),
                outcome.files,
                outcome.bytes,
                outcome.differences.len()
            );
            outcome.print_differences(3);
            same &= outcome.files > 0 && outcome.differences.is_empty();
        }
    }
    Ok(same)
}

/// The folder with what `reference` makes of the sources below `source` or of its standard library, made if it is
/// not there yet.
pub fn compiled(reference: &Reference, source: Option<&Path>) -> Result<PathBuf> {
    let source = source.unwrap_or(&reference.stdlib);
    let kept = target_folder().join("listings").join(reference.release()).join(oracle::file_name(source));
    let done = kept.with_extension("done");
    if !done.exists() {
        let status = Command::new(&reference.exe)
            .arg(root().join("xtask/scripts/dis_text.py"))
            .arg("--compile")
            .arg(source)
            .arg(&kept)
            .status()
            .map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("{} could not compile {}", reference.release(), source.display()));
        }
        std::fs::write(&done, "").map_err(|error| error.to_string())?;
    }
    Ok(kept)
}

/// What to compare.
#[derive(Clone, Debug)]
pub struct Request {
    /// The reference interpreter.
    pub python: PathBuf,
    /// A folder of `.pyc` files that it can read.
    pub dir: PathBuf,
    /// What is shown.
    pub options: Options,
    /// The text of `show_code` in place of the instructions.
    pub code_info: bool,
    /// Only every N-th file.
    pub every: usize,
}

/// How a comparison went.
#[derive(Clone, Default, Debug)]
pub struct Outcome {
    /// Files compared.
    pub files: usize,
    /// Bytes of text compared.
    pub bytes: u64,
    /// Files whose texts differ: path, line number, the reference's line and ours.
    pub differences: Vec<(String, usize, String, String)>,
}

impl Outcome {
    /// Shows the first line that differs of each file, of `most` files.
    fn print_differences(&self, most: usize) {
        for (path, line, theirs, ours) in self.differences.iter().take(most) {
            println!("{path}: line {line}\n  - {theirs}\n  + {ours}");
        }
    }
}

/// Compares the listings of all `.pyc` files below the folder.
///
/// # Errors
/// When the interpreter cannot be run or does not answer as its script should, or a file cannot be read.
pub fn compare(request: &Request) -> io::Result<Outcome> {
    let script = root().join("xtask/scripts/dis_text.py");
    let mut command = Command::new(&request.python);
    command.arg("-S").arg(script).arg(&request.dir);
    command.arg("--every").arg(request.every.to_string());
    let Options { caches, offsets, positions } = request.options;
    for (wanted, flag) in
        [(caches, "-C"), (offsets, "-O"), (positions, "-P"), (request.code_info, "--code-info")]
    {
        if wanted {
            command.arg(flag);
        }
    }
    let mut texts = Texts::of(&mut command)?;
    let (mut outcome, mut ours) = (Outcome::default(), Vec::new());
    while let Some((path, text)) = texts.next()? {
        ours.clear();
        list(&request.dir.join(&path), request, &mut ours)?;
        outcome.files += 1;
        outcome.bytes += text.len() as u64;
        if text != ours {
            let (line, theirs, ours) = first_difference(text, &ours);
            outcome.differences.push((path, line, theirs, ours));
        }
    }
    Ok(outcome)
}

/// Appends our text for one file.
fn list(path: &Path, request: &Request, out: &mut Vec<u8>) -> io::Result<()> {
    let bytes = std::fs::read(path)?;
    let invalid = |error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    };
    let header = Header::parse(&bytes).map_err(|error| invalid(&error))?;
    let known = header.series().and_then(|series| Some((series.form?, Shapes::of_series(series)?)));
    let (form, shapes) = known.ok_or_else(|| invalid(&"not of a known release"))?;
    let Read { mut objects, root, .. } =
        marshal::read(&bytes[header.len()..], form).map_err(|error| invalid(&error))?;
    let mut lister = Lister::with(shapes, request.options);
    sort_sets(&mut objects, lister.form());
    for code in &objects.codes {
        if !comes_back(&objects, code) {
            return Err(invalid(&"a line table does not come back the same"));
        }
    }
    if !request.code_info {
        return lister.dis(&objects, root, &mut (), out).map_err(|error| invalid(&error));
    }
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        let view = CodeView::new(&objects, id).map_err(|error| invalid(&error))?;
        if !out.is_empty() {
            out.push(b'\n');
        }
        show_code(&view, lister.style(), lister.form(), out).map_err(|error| invalid(&error))?;
        let start = pending.len();
        pending.extend(view.nested());
        pending[start..].reverse();
    }
    Ok(())
}

/// How much of a line that differs is shown, in characters.
const SHOWN: usize = 300;

/// The first line that differs, with its number from 1.
fn first_difference(theirs: &[u8], ours: &[u8]) -> (usize, String, String) {
    let (mut left, mut right) = (theirs.split(|&byte| byte == b'\n'), ours.split(|&byte| byte == b'\n'));
    let mut number = 0;
    loop {
        number += 1;
        let (a, b) = (left.next(), right.next());
        if a != b || a.is_none() {
            let show = |line: Option<&[u8]>| match line {
                Some(line) => String::from_utf8_lossy(line).chars().take(SHOWN).collect(),
                None => "(end)".into(),
            };
            return (number, show(a), show(b));
        }
    }
}

/// Puts the elements of sets into the order of their representations, because that of the file depends on hashes
/// in some releases. (A set in a set, which no compiler makes a constant, may end up anywhere.)
fn sort_sets(objects: &mut Objects<'_>, form: Form) {
    for index in 0..objects.objects.len() {
        let Object::FrozenSet(range) = objects.objects[index].object else { continue };
        let mut elements: Vec<(Vec<u8>, ObjectId)> = objects
            .children(range)
            .iter()
            .map(|&id| {
                let mut text = Vec::new();
                // A text that is too long is cut, and no less an order.
                let _ = write_repr(objects, id, form, &mut text);
                (text, id)
            })
            .collect();
        elements.sort();
        let start = range.start as usize;
        for (slot, (_, id)) in objects.children[start..].iter_mut().zip(elements) {
            *slot = id;
        }
    }
}

/// Is the line table of a code object the same when it is read and written? (Of a `co_lnotab`, only what it means: it
/// does not tell where CPython said a line again.)
fn comes_back(objects: &Objects<'_>, code: &Code) -> bool {
    let Object::Bytes(table) = objects.get(code.linetable) else { return true };
    let mut out = Buffer::default();
    match objects.form.lines {
        LineTable::None => true,
        LineTable::Locations => {
            // No entry has less than a byte, or stands for more than eight units.
            let room = LineWriter::room(table.len(), 8 * table.len() as u32);
            let mut writer = LineWriter::new(out.room(room), code.firstlineno);
            for entry in tables::LineTable::new(table, code.firstlineno) {
                let Ok(LineEntry { location, units, .. }) = entry else { return false };
                writer.push(location, units);
            }
            let written = writer.len();
            out.set_len(written);
            out.as_slice() == table
        }
        LineTable::Ranges => {
            let mut writer = RangeWriter::new(&mut out, code.firstlineno);
            for run in LineRuns::new(table, RunFormat::Ranges, code.firstlineno) {
                writer.push(run.line, run.end - run.start);
            }
            out.as_slice() == table
        }
        LineTable::Lnotab if !objects.form.has(CodeField::PosOnlyArgcount) => true,
        LineTable::Lnotab => {
            let starts = |table: &[u8]| {
                let mut starts: Vec<_> = LineRuns::new(table, RunFormat::Signed, code.firstlineno)
                    .map(|run| (run.start, run.line))
                    .collect();
                starts.dedup_by_key(|&mut (_, line)| line);
                starts
            };
            let mut writer = LnotabWriter::new(&mut out, code.firstlineno);
            let read = starts(table);
            read.iter().for_each(|&(offset, line)| writer.push(offset, line));
            starts(out.as_slice()) == read
        }
    }
}
