//! Compares our listings with those of the reference's own `dis` over a tree of `.pyc` files.
//!
//! The reference prints all texts into one pipe (`scripts/dis_text.py`), each behind its path and length;
//! they are compared one after the other, so that nothing but one text of each side is in memory.

use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pyrsc::listing::{CodeView, Lister, Options, show_code};
use pyrsc::marshal::{self, Header, Read};

use crate::corpus;
use crate::references::Reference;
use crate::{Result, root};

/// Arguments of `cargo xtask dis`.
#[derive(clap::Args)]
pub struct Args {
    /// The reference interpreter.
    #[arg(long)]
    python: PathBuf,
    /// A tree of sources; default: the interpreter's standard library.
    #[arg(long)]
    source: Option<PathBuf>,
    /// A tree of `.pyc` files in place of sources that the interpreter compiles first.
    #[arg(long, conflicts_with = "source")]
    compiled: Option<PathBuf>,
    /// Optimisation level for sources.
    #[arg(long, default_value_t = 0)]
    optimize: u8,
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

/// `cargo xtask dis`: true if no text differs.
pub fn run(args: &Args) -> Result<bool> {
    let reference = Reference::identify(&args.python)?;
    let dir = match &args.compiled {
        Some(dir) => dir.clone(),
        None => corpus::reference_files(
            &reference,
            args.source.as_deref().unwrap_or(&reference.stdlib),
            args.optimize,
        )?,
    };
    let outcome = compare(&Request {
        python: args.python.clone(),
        dir,
        options: Options { caches: args.caches, offsets: args.offsets, positions: args.positions },
        code_info: args.code_info,
    })
    .map_err(|error| error.to_string())?;
    for (path, line, theirs, ours) in &outcome.differences {
        println!("{path}: line {line}\n  - {theirs}\n  + {ours}");
    }
    println!(
        "{}: {} files, {} bytes of text, {} different",
        reference.release(),
        outcome.files,
        outcome.bytes,
        outcome.differences.len()
    );
    Ok(outcome.differences.is_empty())
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

/// Compares the listings of all `.pyc` files below the folder.
///
/// # Errors
/// When the interpreter cannot be run or does not answer as its script should, or a file cannot be read.
pub fn compare(request: &Request) -> io::Result<Outcome> {
    let script = root().join("xtask/scripts/dis_text.py");
    let mut command = Command::new(&request.python);
    command.args(["-I", "-S"]).arg(script).arg(&request.dir).stdout(Stdio::piped());
    let Options { caches, offsets, positions } = request.options;
    for (wanted, flag) in
        [(caches, "-C"), (offsets, "-O"), (positions, "-P"), (request.code_info, "--code-info")]
    {
        if wanted {
            command.arg(flag);
        }
    }
    let mut child = command.spawn()?;
    let pipe = child.stdout.take().ok_or_else(|| io::Error::other("no pipe to the interpreter"))?;
    let mut pipe = BufReader::with_capacity(1 << 16, pipe);

    let mut outcome = Outcome::default();
    let (mut head, mut body, mut ours) = (String::new(), Vec::new(), Vec::new());
    loop {
        head.clear();
        if pipe.read_line(&mut head)? == 0 {
            break;
        }
        let mut sizes = head.split_whitespace().map_while(|number| number.parse::<usize>().ok());
        let (Some(path_len), Some(text_len)) = (sizes.next(), sizes.next()) else {
            return Err(io::Error::other(format!("unexpected answer of the interpreter: {head:?}")));
        };
        body.resize(path_len + text_len, 0);
        pipe.read_exact(&mut body)?;
        let (path, text) = body.split_at(path_len);
        let path = String::from_utf8_lossy(path).into_owned();
        ours.clear();
        list(&request.dir.join(&path), request, &mut ours)?;
        outcome.files += 1;
        outcome.bytes += text.len() as u64;
        if text != ours {
            let (line, theirs, ours) = first_difference(text, &ours);
            outcome.differences.push((path, line, theirs, ours));
        }
    }
    match child.wait()?.success() {
        true => Ok(outcome),
        false => Err(io::Error::other("the interpreter failed")),
    }
}

/// Appends our text for one file.
fn list(path: &Path, request: &Request, out: &mut Vec<u8>) -> io::Result<()> {
    let bytes = std::fs::read(path)?;
    let invalid = |error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    };
    let header = Header::parse(&bytes).map_err(|error| invalid(&error))?;
    let version = header.version().ok_or_else(|| invalid(&"not of a supported version"))?;
    let Read { objects, root, .. } =
        marshal::read(&bytes[Header::LEN..], version).map_err(|error| invalid(&error))?;
    let mut lister = Lister::new(version, request.options);
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

/// The first line that differs, with its number from 1.
fn first_difference(theirs: &[u8], ours: &[u8]) -> (usize, String, String) {
    let (mut left, mut right) = (theirs.split(|&byte| byte == b'\n'), ours.split(|&byte| byte == b'\n'));
    let mut number = 0;
    loop {
        number += 1;
        let (a, b) = (left.next(), right.next());
        if a != b || a.is_none() {
            let show = |line: Option<&[u8]>| match line {
                Some(line) => String::from_utf8_lossy(line).into_owned(),
                None => "(end)".into(),
            };
            return (number, show(a), show(b));
        }
    }
}
