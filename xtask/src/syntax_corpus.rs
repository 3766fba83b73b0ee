//! Compares our trees and tokens with those of the reference's own `ast` and `tokenize` over a tree of
//! sources.
//!
//! The reference prints all texts (`scripts/syntax_text.py`), which are compared one after the other.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyrsc::cli::ast::{Request, render};
use pyrsc::cli::report::exception_name;
use pyrsc::syntax::dump::{DumpOptions, DumpStyle};
use pyrsc::syntax::{Mode, tokens};
use pyrsc::target::Target;

use crate::references::Reference;
use crate::texts::Texts;
use crate::{Result, root};

/// Arguments of `cargo xtask syntax`.
#[derive(clap::Args)]
pub struct Args {
    /// What to compare.
    what: What,
    /// The reference interpreter.
    #[arg(long)]
    python: PathBuf,
    /// A tree of sources; default: the interpreter's standard library.
    #[arg(long)]
    source: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// `pyrsc ast -a -i 1` against `python -m ast -a -i 1`.
    Ast,
    /// `pyrsc tokens` against `python -m tokenize`.
    Tokens,
    /// `pyrsc tokens -e` against `python -m tokenize -e`.
    ExactTokens,
}

/// Address space for trees that nest deeply.
const STACK_BYTES: usize = 256 << 20;

/// `cargo xtask syntax`: true if no text differs.
pub fn run(args: &Args) -> Result<bool> {
    let reference = Reference::identify(&args.python)?;
    let release = reference.release();
    let target = Target::parse(&release).ok_or_else(|| format!("no target for {release}"))?;
    let dir = args.source.clone().unwrap_or_else(|| reference.stdlib.clone());
    let (what, exe) = (args.what, args.python.clone());
    let compare = move || compare(&exe, &dir, what, target);
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(compare);
    let outcome = thread.map_err(|error| error.to_string())?.join();
    let (files, different) =
        outcome.map_err(|_| "the comparison panicked".to_owned())?.map_err(|error| error.to_string())?;
    println!("{release}: {files} files, {different} different");
    Ok(different == 0)
}

/// Numbers of files and of differences, which are printed.
fn compare(exe: &Path, dir: &Path, what: What, target: Target) -> io::Result<(usize, usize)> {
    let name = match what {
        What::Ast => "ast",
        What::Tokens => "tokens",
        What::ExactTokens => "exact-tokens",
    };
    let script = root().join("xtask/scripts/syntax_text.py");
    let mut command = Command::new(exe);
    command.args(["-I", "-S"]).arg(script).arg(name).arg(dir);
    let (mut files, mut different) = (0, 0);
    let mut texts = Texts::of(&mut command)?;
    while let Some((path, theirs)) = texts.next()? {
        let ours = text(&std::fs::read(dir.join(&path))?, &path, what, target);
        files += 1;
        if theirs != ours.as_bytes() {
            different += 1;
            let theirs = String::from_utf8_lossy(theirs);
            let (mut left, mut right) = (theirs.lines(), ours.lines());
            let pair = std::iter::from_fn(|| Some((left.next(), right.next())))
                .find(|(left, right)| left != right || left.is_none());
            let (left, right) = pair.unwrap_or_default();
            println!("{path}\n  - {}\n  + {}", left.unwrap_or("(end)"), right.unwrap_or("(end)"));
        }
    }
    Ok((files, different))
}

/// Our text for one file.
fn text(bytes: &[u8], path: &str, what: What, target: Target) -> String {
    if what == What::Ast {
        let dump = DumpOptions {
            indent: Some(1),
            annotate_fields: true,
            include_attributes: true,
            show_empty: DumpStyle::of(target).shows_empty,
            style: DumpStyle::of(target),
            unicode: target.unicode(),
        };
        let request = Request { target, mode: Mode::Exec, type_comments: true, optimize: -1, dump };
        return render(bytes, &request, |_, _| {})
            .unwrap_or_else(|error| format!("!{}: {}\n", exception_name(error.kind), error.message));
    }
    let mut out = String::new();
    let exact = what == What::ExactTokens;
    match tokens::print(bytes, tokens::Origin::File(path), target, exact, &mut out, &mut Vec::new()) {
        Ok(()) => out,
        Err(error) => out + &error.display(path) + "\n",
    }
}
