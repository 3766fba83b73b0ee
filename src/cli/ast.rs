//! `pyrsc ast`: the tree of a source file, as `python -m ast` prints it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use clap::ValueEnum;

use super::color::{ColorArgs, Palette};
use super::{ExitStatus, output, python, report};
use crate::compile::fold::{self, FoldOptions, Purpose};
use crate::compile::future::Future;
use crate::compile::recipe::{FinallyExits, FoldRecipe};
use crate::source::{self, ExceptionKind, FinalNewline, SourceError};
use crate::syntax::dump::{DumpOptions, dump};
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
    match render(&bytes, target, &args, &filename) {
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

fn render(bytes: &[u8], target: Target, args: &Args, filename: &[u8]) -> Result<String, SourceError> {
    let (mode, final_newline) = match args.mode {
        Mode::Exec => (syntax::Mode::Exec, FinalNewline::Add),
        Mode::Single => (syntax::Mode::Single, FinalNewline::Keep),
        Mode::Eval => (syntax::Mode::Eval, FinalNewline::Keep),
        Mode::FuncType => (syntax::Mode::FuncType, FinalNewline::Keep),
    };
    let decoded = source::decode_with(bytes, target, final_newline)?;
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    let parse = ParseOptions { target, mode, type_comments: !args.no_type_comments };
    let parsed = syntax::parse(&arena, &mut names, &decoded.text, &parse, &mut warnings);
    if let Some(error) = syntax::undecodable(&decoded, target, parsed.as_ref().err()) {
        return Err(error);
    }
    let mut tree = parsed?;
    let (recipe, optimized) = (FoldRecipe::of(target), args.optimize > 0);
    // Releases that check trees for exits from `finally` also look at future statements when nothing is to
    // be folded; the others leave such trees alone.
    if optimized || recipe.finally_exits == FinallyExits::Warned {
        let future = Future::of(&tree, &names)?;
        if optimized {
            let (optimize, purpose) = (args.optimize.unsigned_abs(), Purpose::Optimized);
            let options = FoldOptions { recipe: &recipe, optimize, purpose, future: &future };
            fold::preprocess(&arena, &mut tree, &options, &mut warnings)?;
        }
    }
    let source = (args.file != Path::new("-")).then_some(&*decoded.text);
    report::warnings(&String::from_utf8_lossy(filename), source, &warnings);
    let options = DumpOptions {
        indent: Some(usize::try_from(args.indent).unwrap_or(0)),
        annotate_fields: !args.no_fields,
        include_attributes: args.include_attributes,
        show_empty: args.show_empty,
        unicode: target.unicode(),
    };
    let mut text = String::new();
    dump(&tree, &names, &options, &mut text).map_err(|message| SourceError {
        kind: ExceptionKind::ValueError,
        message: message.to_owned(),
        lineno: None,
        offset: None,
        end_lineno: None,
        end_offset: None,
        text: None,
    })?;
    text.push('\n');
    Ok(text)
}
