//! `pyrsc ast`: the tree of a source file, as `python -m ast` prints it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use clap::ValueEnum;

use super::color::{ColorArgs, Palette};
use super::{ExitStatus, output, python, report};
use crate::compile::fold::{self, FoldOptions, Purpose};
use crate::compile::future::Future;
use crate::compile::recipe::{FinallyExits, FoldRecipe, Wording};
use crate::source::{self, ExceptionKind, FinalNewline, SourceError, Warning};
use crate::syntax::dump::{DumpOptions, DumpStyle, dump};
use crate::syntax::{self, ParseOptions};
use crate::target::Target;
use crate::value::Interner;

/// Show the syntax tree of a source file as `python -m ast` of the target does.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The source file; `-` is standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// What the text is
    #[arg(short, long, value_enum, default_value = "exec")]
    mode: Mode,
    /// Leave `# type:` comments out of the tree
    #[arg(long)]
    no_type_comments: bool,
    /// Show lines and columns too
    #[arg(short = 'a', long)]
    include_attributes: bool,
    /// Spaces for each level
    #[arg(short, long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    indent: i64,
    /// Show the values of fields without their names, where that is not ambiguous
    #[arg(long)]
    no_fields: bool,
    /// Show empty lists too
    #[arg(long)]
    show_empty: bool,
    /// Fold constants as when compiling with -O (1) or -OO (2); 0 and -1 leave the tree as written
    #[arg(short = 'O', long, value_name = "LEVEL", default_value_t = -1, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i8).range(-1..=2))]
    optimize: i8,
    /// The Python release whose grammar and text are used, 3.13 or 3.14.2 for instance
    #[arg(long, value_name = "VERSION", value_parser = python::parse_target)]
    target: Option<Target>,
    #[command(flatten)]
    color: ColorArgs,
}

#[derive(Clone, Copy, ValueEnum, Debug)]
#[value(rename_all = "snake_case")]
enum Mode {
    Exec,
    Single,
    Eval,
    FuncType,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let target = match choose_target(args.target, &args.file) {
        Ok(target) => target,
        Err(message) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
    };
    let (bytes, filename) = match read(&args.file) {
        Ok(source) => source,
        Err(error) => {
            report::complain_about(&args.file, &report::os_error(&error));
            return ExitStatus::Trouble;
        }
    };
    let warn = |text: &str, warnings: &[Warning]| {
        let source = (args.file != Path::new("-")).then_some(text);
        report::warnings(&String::from_utf8_lossy(&filename), source, warnings);
    };
    match render(&bytes, &Request::of(&args, target), warn) {
        Ok(text) => output::stdout(|out| {
            out.write_all(text.as_bytes())?;
            Ok(ExitStatus::Success)
        }),
        Err(error) => {
            let palette = Palette::new(args.color.enabled(&io::stderr()));
            let shown = report::source_error(&mut io::stderr().lock(), &filename, &error, &palette);
            // When standard error is closed there is nobody left to tell.
            shown.map_or(ExitStatus::Trouble, |()| ExitStatus::Failure)
        }
    }
}

/// `--target`, or what is guessed for the file's folder.
pub(super) fn choose_target(target: Option<Target>, file: &Path) -> Result<Target, String> {
    match target {
        Some(target) => Ok(target),
        None => {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            python::guess(std::iter::once(folder.unwrap_or(Path::new(".")))).map(|choice| choice.target)
        }
    }
}

/// The bytes of a file or of standard input, and the name that CPython shows for it.
pub(super) fn read(file: &Path) -> io::Result<(Vec<u8>, Vec<u8>)> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok((bytes, b"<stdin>".to_vec()));
    }
    Ok((std::fs::read(file)?, file.as_os_str().as_encoded_bytes().to_vec()))
}

/// What of a tree is shown, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// Whose grammar and text.
    pub target: Target,
    /// What the text is.
    pub mode: syntax::Mode,
    /// Are `# type:` comments part of the tree?
    pub type_comments: bool,
    /// `optimize` of `ast.parse`; 0 and below leave the tree as written.
    pub optimize: i8,
    /// How it is written.
    pub dump: DumpOptions,
}

impl Request {
    fn of(args: &Args, target: Target) -> Request {
        Request {
            target,
            mode: match args.mode {
                Mode::Exec => syntax::Mode::Exec,
                Mode::Single => syntax::Mode::Single,
                Mode::Eval => syntax::Mode::Eval,
                Mode::FuncType => syntax::Mode::FuncType,
            },
            type_comments: !args.no_type_comments,
            optimize: args.optimize,
            dump: DumpOptions {
                indent: Some(usize::try_from(args.indent).unwrap_or(0)),
                annotate_fields: !args.no_fields,
                include_attributes: args.include_attributes,
                show_empty: args.show_empty || DumpStyle::of(target).shows_empty,
                style: DumpStyle::of(target),
                unicode: target.unicode(),
            },
        }
    }
}

/// The text of a source's tree; `warn` gets the decoded source and what the compiler warns of.
///
/// # Errors
/// What `ast.parse` or `ast.dump` raises.
pub fn render(
    bytes: &[u8],
    request: &Request,
    warn: impl FnOnce(&str, &[Warning]),
) -> Result<String, SourceError> {
    let Request { target, mode, type_comments, .. } = *request;
    let final_newline = if mode == syntax::Mode::Exec { FinalNewline::Add } else { FinalNewline::Keep };
    let decoded = source::decode_with(bytes, target, final_newline)?;
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    let parse = ParseOptions { target, mode, type_comments };
    let parsed = syntax::parse(&arena, &mut names, &decoded.text, &parse, &mut warnings);
    if let Some(error) = syntax::undecodable(&decoded, target, parsed.as_ref().err()) {
        return Err(error);
    }
    let mut tree = parsed?;
    let (recipe, optimized) = (FoldRecipe::of(target), request.optimize > 0);
    // Releases that check trees for exits from `finally` also look at future statements when nothing is to
    // be folded; the others leave such trees alone.
    if optimized || recipe.finally_exits == FinallyExits::Warned {
        let future = Future::of(&tree, &names, Wording::of(target).future_errors)?;
        if optimized {
            let (optimize, purpose) = (request.optimize.unsigned_abs(), Purpose::Optimized);
            let options = FoldOptions { recipe: &recipe, optimize, purpose, future: &future };
            fold::preprocess(&arena, &mut tree, &options, &mut warnings)?;
        }
    }
    warn(&decoded.text, &warnings);
    let mut text = String::new();
    dump(&tree, &names, &request.dump, &mut text)
        .map_err(|message| SourceError::without_location(ExceptionKind::ValueError, message.to_owned()))?;
    text.push('\n');
    Ok(text)
}
