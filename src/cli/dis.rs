//! `pyrsc dis`: bytecode as the target's own `dis` prints it, or as JSON.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::{ColorArgs, ExitStatus, load, output, report};
use crate::code::{ObjectId, Objects};
use crate::compile::{self, Session};
use crate::listing::{self, Class, CodeView, JsonLister, Lister, Shapes, show_code};
use crate::marshal::Reader;
use crate::source::{Warning, WarningCategory};
use crate::target::{Series, Target};
use crate::value::PyStr;

/// Show bytecode, as the target's own `dis` module prints it
///
/// Reads .pyc files and, after compiling them, sources. Of a folder, all .pyc files below it are shown in
/// sorted order, or all sources where there is no .pyc. Where CPython's own output varies from run to run,
/// addresses are shown as 0x0 and sets in the order of the file.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// .pyc files, sources, folders of either; - for standard input
    #[arg(value_name = "PATH", default_value = "-")]
    paths: Vec<PathBuf>,
    /// Show inline caches
    #[arg(short = 'C', long)]
    show_caches: bool,
    /// Show instruction offsets
    #[arg(short = 'O', long)]
    show_offsets: bool,
    /// Show lines and columns of each instruction
    #[arg(short = 'P', long)]
    show_positions: bool,
    /// Show specialized bytecode: as in CPython, the same as without where code has not run yet
    #[arg(short = 'S', long)]
    specialized: bool,
    /// Show the fields of each code object, as dis.show_code does, in place of its instructions
    #[arg(long)]
    code_info: bool,
    /// Release to compile sources for, such as 3.14 or 3.13.2
    #[arg(long, value_name = "VERSION", value_parser = super::python::parse_target, default_value_t = super::python::newest())]
    target: Target,
    /// Optimization level for sources: 0, 1 (as python -O) or 2 (as python -OO)
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    optimize: u8,
    /// Facts about a release that is not known, as xtask/facts/opcodes.py prints them
    #[arg(long, value_name = "FILE", value_parser = load::describe)]
    target_facts: Option<&'static load::Described>,
    /// Form of the output; json is one object a line for each file
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    color: ColorArgs,
}

/// The value of `--format`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, ValueEnum)]
enum Format {
    /// What `python -m dis` prints.
    #[default]
    Text,
    /// The schema of the module `pyrsc::listing::json`.
    Json,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let colored = args.format == Format::Text && args.color.enabled(&io::stdout());
    output::stdout(|out| {
        let mut printer = Printer::new(&args, colored);
        let mut status = ExitStatus::Success;
        for path in &args.paths {
            status = status.max(printer.path(path, out)?);
        }
        out.write_all(&printer.text)?;
        Ok(status)
    })
}

/// How much text is collected before it is written.
const CHUNK: usize = 1 << 18;

/// The longest listing of a file: this much, and so much for each of its bytes.
const LIMIT: (usize, usize) = (64 << 20, 4096);

/// A listing, and which parts of it are what.
#[derive(Default)]
struct Uncolored {
    marks: Vec<(Class, Range<usize>)>,
    plain: Vec<u8>,
}

struct Printer<'a> {
    args: &'a Args,
    /// One for each release that was met.
    listers: Vec<Lister>,
    options: listing::Options,
    session: Session,
    reader: Reader,
    /// Memory for the graph of the next file.
    spare: Objects<'static>,
    /// The file that is being read.
    bytes: Vec<u8>,
    /// Output not yet written.
    text: Vec<u8>,
    /// With colours: the listing without them.
    colors: Option<Uncolored>,
    /// Are paths shown, because there is more than one file?
    headed: bool,
    files: usize,
}

impl<'a> Printer<'a> {
    fn new(args: &'a Args, colored: bool) -> Self {
        let options = listing::Options {
            caches: args.show_caches,
            offsets: args.show_offsets,
            positions: args.show_positions,
        };
        Printer {
            args,
            listers: Vec::new(),
            options,
            session: Session::new(),
            reader: Reader::new(),
            spare: Objects::default(),
            bytes: Vec::new(),
            text: Vec::new(),
            colors: colored.then(Uncolored::default),
            headed: args.paths.len() > 1,
            files: 0,
        }
    }

    /// Shows the file at `path`, or those below it.
    fn path(&mut self, path: &Path, out: &mut dyn Write) -> io::Result<ExitStatus> {
        if path.as_os_str() == "-" || !path.is_dir() {
            return self.file(path, out);
        }
        let mut status = ExitStatus::Success;
        let mut complain = |message: String| {
            report::complain(&message);
            status = ExitStatus::Failure;
        };
        let mut files = load::tree(path, "pyc", &mut complain);
        if files.is_empty() {
            files = load::tree(path, "py", &mut complain);
        }
        self.headed = true;
        for file in files {
            status = status.max(self.file(&path.join(file), out)?);
        }
        Ok(status)
    }

    fn file(&mut self, path: &Path, out: &mut dyn Write) -> io::Result<ExitStatus> {
        let mut bytes = std::mem::take(&mut self.bytes);
        let status = match load::bytes(path, &mut bytes) {
            Ok(()) => self.content(path, &bytes),
            Err(error) => {
                report::complain_about(path, &error.to_string());
                ExitStatus::Failure
            }
        };
        self.bytes = bytes;
        if self.text.len() >= CHUNK {
            out.write_all(&self.text)?;
            self.text.clear();
        }
        Ok(status)
    }

    /// Shows a file's content, whatever it is.
    fn content(&mut self, path: &Path, bytes: &[u8]) -> ExitStatus {
        let limit = LIMIT.0 + bytes.len().saturating_mul(LIMIT.1);
        let shown = if load::is_pyc(bytes) || path.extension().is_some_and(|end| end == "pyc") {
            let spare = std::mem::take(&mut self.spare);
            load::pyc(bytes, &mut self.reader, spare, self.args.target_facts).and_then(|pyc| {
                if let Some(doubt) = pyc.series.doubt() {
                    report::complain_about(path, &doubt);
                }
                let shown = self.show(path, pyc.series, pyc.shapes, &pyc.objects, pyc.root, limit);
                self.spare = pyc.objects.recycle();
                shown
            })
        } else {
            let mut session = std::mem::take(&mut self.session);
            let shown = self.source(path, bytes, limit, &mut session);
            self.session = session;
            match shown {
                Some(shown) => shown,
                None => return ExitStatus::Failure,
            }
        };
        match shown {
            Ok(()) => ExitStatus::Success,
            Err(message) => {
                report::complain_about(path, &message);
                ExitStatus::Failure
            }
        }
    }

    /// Compiles and shows a source; `None` when it does not compile, which has been reported then.
    fn source(
        &mut self,
        path: &Path,
        bytes: &[u8],
        limit: usize,
        session: &mut Session,
    ) -> Option<Result<(), String>> {
        let options =
            compile::Options { optimize: self.args.optimize, ..compile::Options::new(self.args.target) };
        let name = if path.as_os_str() == "-" { "<stdin>".into() } else { path.to_string_lossy() };
        match session.compile(bytes, PyStr::from(&*name), &options) {
            Ok(compiled) => {
                warn(&name, &compiled.warnings);
                let series = Series::of_bytes(options.target.version.magic())?;
                let shapes = Shapes::of(options.target.version);
                Some(self.show(path, series, shapes, &compiled.objects, compiled.root, limit))
            }
            Err(error) => {
                let palette = super::color::Palette::new(self.args.color.enabled(&io::stderr()));
                // When standard error is closed there is nobody left to tell.
                let _ = report::source_error(&mut io::stderr().lock(), name.as_bytes(), &error, &palette);
                None
            }
        }
    }

    fn show(
        &mut self,
        path: &Path,
        series: &Series,
        shapes: &'static Shapes,
        objects: &Objects<'_>,
        root: ObjectId,
        limit: usize,
    ) -> Result<(), String> {
        self.files += 1;
        if self.args.format == Format::Json {
            return self.json(path, series, shapes, objects, root, limit);
        }
        if self.headed {
            if self.files > 1 {
                self.text.push(b'\n');
            }
            self.text.extend_from_slice(b"# ");
            self.text.extend_from_slice(path.as_os_str().as_encoded_bytes());
            self.text.push(b'\n');
        }
        let known = self.listers.iter().position(|lister| std::ptr::eq(lister.shapes(), shapes));
        let index = known.unwrap_or_else(|| {
            self.listers.push(Lister::with(shapes, self.options));
            self.listers.len() - 1
        });
        let lister = &mut self.listers[index];
        let limit = limit.saturating_add(self.text.len());
        lister.set_limit(limit);
        if self.args.code_info {
            return code_info(objects, root, lister, &mut self.text);
        }
        match &mut self.colors {
            None => lister.dis(objects, root, &mut (), &mut self.text),
            Some(Uncolored { marks, plain }) => {
                marks.clear();
                plain.clear();
                let listed = lister.dis(objects, root, marks, plain);
                paint(plain, marks, &mut self.text);
                listed
            }
        }
        .map_err(|error| error.to_string())
    }

    fn json(
        &mut self,
        path: &Path,
        series: &Series,
        shapes: &'static Shapes,
        objects: &Objects<'_>,
        root: ObjectId,
        limit: usize,
    ) -> Result<(), String> {
        let start = self.text.len();
        self.text.extend_from_slice(b"{\"file\":");
        listing::push_string(path.to_string_lossy().as_bytes(), &mut self.text);
        if series.implementation != "CPython" {
            self.text.extend_from_slice(b",\"implementation\":");
            listing::push_string(series.implementation.as_bytes(), &mut self.text);
        }
        self.text.extend_from_slice(format!(",\"version\":\"{}\",\"code\":", series.name).as_bytes());
        let mut lister = JsonLister::with(shapes, limit.saturating_add(start));
        match lister.write(objects, root, &mut self.text) {
            Ok(()) => {
                self.text.extend_from_slice(b"}\n");
                Ok(())
            }
            Err(error) => {
                self.text.truncate(start);
                Err(error.to_string())
            }
        }
    }
}

/// Shows what the compiler warns of, as far as Python shows it where nobody asked for more.
fn warn(name: &str, warnings: &[Warning]) {
    for warning in warnings.iter().filter(|warning| warning.category == WarningCategory::SyntaxWarning) {
        let (category, line) = (report::category_name(warning.category), warning.lineno);
        // When standard error is closed there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{name}:{line}: {category}: {}", warning.message);
    }
}

/// The text of `dis.show_code` for a code object and those in it, a blank line between two.
fn code_info(
    objects: &Objects<'_>,
    root: ObjectId,
    lister: &Lister,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let mut pending = vec![root];
    let mut first = true;
    while let Some(id) = pending.pop() {
        if !std::mem::take(&mut first) {
            out.push(b'\n');
        }
        let view = CodeView::new(objects, id).map_err(|error| error.to_string())?;
        show_code(&view, lister.style(), lister.form(), out).map_err(|error| error.to_string())?;
        let start = pending.len();
        pending.extend(view.nested());
        pending[start..].reverse();
    }
    Ok(())
}

/// Appends `plain` to `out` with the parts in `marks` coloured.
fn paint(plain: &[u8], marks: &[(Class, Range<usize>)], out: &mut Vec<u8>) {
    let mut done = 0;
    for (class, range) in marks {
        let style = color_of(*class);
        out.extend_from_slice(&plain[done..range.start]);
        out.extend_from_slice(style.render().to_string().as_bytes());
        out.extend_from_slice(&plain[range.clone()]);
        out.extend_from_slice(style.render_reset().to_string().as_bytes());
        done = range.end;
    }
    out.extend_from_slice(&plain[done..]);
}

fn color_of(class: Class) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match class {
        Class::Line => color(AnsiColor::Yellow),
        Class::Label => color(AnsiColor::Magenta).bold(),
        Class::Offset | Class::Cache => Style::new().dimmed(),
        Class::Operation => color(AnsiColor::Cyan),
        Class::Argument => Style::new(),
        Class::Explanation => color(AnsiColor::Green),
        Class::Heading => Style::new().bold(),
    }
}
