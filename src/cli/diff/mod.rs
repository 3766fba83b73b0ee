//! `pyrsc diff`: what differs between two `.pyc` files, two trees of them, or between what we and a
//! reference make of the same sources.

mod pair;
mod reference;
mod render;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::color::Palette;
use super::{ColorArgs, ExitStatus, load, output, python, report};
use crate::listing::compare::Kind;
use crate::target::Target;
use pair::{Content, Judge};
use render::Renderer;

/// Compare .pyc files, or what pyrsc and a reference make of the same sources
///
/// Says of what kind each difference is and in which code object, and shows it as a diff of the
/// disassembly. Kinds: header, references (FLAG_REF bits and sharing only), linetable (same instructions),
/// names, constants, code, structure (something one side lacks). Exit status: 0 same, 1 different, 2 trouble.
///
/// Files of different releases are compared by what their code does: operations that only changed their name or
/// form are the same, and those that do nothing for the program do not count.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A .pyc file or a tree of them; with --python or --reference, a source or a tree of sources
    #[arg(value_name = "A")]
    left: PathBuf,
    /// The .pyc file or tree to compare with
    #[arg(value_name = "B", required_unless_present_any = ["python", "reference"])]
    right: Option<PathBuf>,
    /// Compile the sources with pyrsc and with this interpreter, and compare
    #[arg(long, value_name = "EXE", conflicts_with_all = ["right", "reference"])]
    python: Option<PathBuf>,
    /// Compile the sources with pyrsc and compare with the .pyc files below DIR, which have their paths
    #[arg(long, value_name = "DIR", conflicts_with = "right")]
    reference: Option<PathBuf>,
    /// Release to compile for; the interpreter's own, or that of the reference's files
    #[arg(long, value_name = "VERSION", value_parser = python::parse_target)]
    target: Option<Target>,
    /// Optimization level: 0, 1 or 2
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    optimize: u8,
    /// Facts about a release that is not known, as xtask/facts/opcodes.py prints them
    #[arg(long, value_name = "FILE", value_parser = crate::cli::load::describe)]
    target_facts: Option<&'static crate::cli::load::Described>,
    /// Leave out differences of this kind; may be repeated
    #[arg(long, value_name = "KIND", value_enum)]
    ignore: Vec<KindArg>,
    /// Only say which files differ, and by which kinds; of different releases, how many instructions each function has
    #[arg(long)]
    stat: bool,
    /// Show both sides next to each other
    #[arg(short = 'y', long, conflicts_with = "stat")]
    side_by_side: bool,
    /// Lines of context
    #[arg(short = 'U', long, value_name = "N", default_value_t = 3)]
    unified: usize,
    /// Show offsets of instructions
    #[arg(long)]
    show_offsets: bool,
    /// Stop after this many different files
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    color: ColorArgs,
}

/// The value of `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// One object: "files" (only those that differ), "compared", "different".
    Json,
}

/// The value of `--ignore`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct KindArg(Kind);

impl ValueEnum for KindArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [KindArg; Kind::ALL.len()] = {
            let mut all = [KindArg(Kind::Header); Kind::ALL.len()];
            let mut index = 0;
            while index < all.len() {
                all[index] = KindArg(Kind::ALL[index]);
                index += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

/// Two contents to compare, and what they are called.
struct Pair {
    path: String,
    left: Content,
    right: Content,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let pairs = match pairs(&args) {
        Ok(pairs) => pairs,
        Err(message) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
    };
    let ignored: Vec<Kind> = args.ignore.iter().map(|kind| kind.0).collect();
    let mut judge = Judge::new(ignored, !args.stat, args.show_offsets, args.optimize);
    judge.set_facts(args.target_facts);
    let enabled = args.format == Format::Text && args.color.enabled(&io::stdout());
    let many = pairs.len() != 1 || args.stat;
    output::stdout(|out| {
        let mut renderer = Renderer::new(&args, Palette::new(enabled), many);
        let mut status = ExitStatus::Success;
        for pair in pairs {
            match judge.compare(&pair) {
                Ok(None) => renderer.same(),
                Ok(Some(found)) => {
                    renderer.different(found, out)?;
                    status = status.max(ExitStatus::Failure);
                }
                Err(message) => {
                    report::complain(&message);
                    status = ExitStatus::Trouble;
                }
            }
            if args.limit.is_some_and(|limit| renderer.differing() >= limit) {
                break;
            }
        }
        renderer.finish(out)?;
        Ok(status)
    })
}

/// What is to be compared.
fn pairs(args: &Args) -> Result<Vec<Pair>, String> {
    match (&args.right, &args.python, &args.reference) {
        (Some(right), _, _) => compiled_pairs(&args.left, right),
        (None, Some(executable), _) => {
            reference::from_interpreter(&args.left, executable, args.target, args.optimize)
        }
        (None, None, Some(dir)) => reference::from_tree(&args.left, dir, args.target),
        (None, None, None) => Err("there is nothing to compare with".into()),
    }
}

/// Pairs of two files, or of the files of two trees.
fn compiled_pairs(left: &Path, right: &Path) -> Result<Vec<Pair>, String> {
    match (left.is_dir(), right.is_dir()) {
        (false, false) => Ok(vec![Pair {
            path: left.display().to_string(),
            left: Content::File(left.to_path_buf()),
            right: Content::File(right.to_path_buf()),
        }]),
        (true, true) => {
            let (mut lefts, mut rights) = (compiled_tree(left)?, compiled_tree(right)?);
            let mut names: Vec<String> = lefts.keys().chain(rights.keys()).cloned().collect();
            names.sort_unstable();
            names.dedup();
            let content = |file: Option<PathBuf>| file.map_or(Content::Missing, Content::File);
            let pair = |path: String| {
                let (left, right) = (content(lefts.remove(&path)), content(rights.remove(&path)));
                Pair { path, left, right }
            };
            Ok(names.into_iter().map(pair).collect())
        }
        _ => Err("cannot compare a file with a folder".into()),
    }
}

/// The `.pyc` files of a tree, by the path of the `.pyc` that would stand beside the source: so that trees
/// of both layouts (with and without `__pycache__`) can be compared.
fn compiled_tree(dir: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut trouble = None;
    let files = load::tree(dir, "pyc", |message| trouble = Some(message));
    if let Some(message) = trouble {
        return Err(message);
    }
    let mut found = BTreeMap::new();
    for file in files {
        let name = plain_name(&file).filter(|name| !found.contains_key(name));
        found.insert(name.unwrap_or_else(|| file.to_string_lossy().into_owned()), dir.join(file));
    }
    Ok(found)
}

/// `a/b.pyc` for `a/__pycache__/b.cpython-313.opt-1.pyc`, other paths as they are.
fn plain_name(file: &Path) -> Option<String> {
    let parent = file.parent()?;
    if parent.file_name().is_none_or(|name| name != "__pycache__") {
        return Some(file.to_string_lossy().into_owned());
    }
    let name = file.file_name()?.to_str()?;
    let module = name.split_once(".cpython-").map_or(name, |(module, _)| module);
    Some(parent.parent()?.join(format!("{module}.pyc")).to_string_lossy().into_owned())
}
