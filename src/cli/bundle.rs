//! `pyrsc bundle`: a program and what it imports in one file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::color::Palette;
use super::{ExitStatus, report, vm};
use crate::bundle::{self, Error, Main, Plan, Roots};
use crate::target::Target;

/// Put a program and the modules that it imports into one file
///
/// The file is a zip application of compiled modules: CPython of the target's version runs it as it is, and pyrvm does
/// without a Python. Imports are followed as they stand in the program; modules that it names while it runs are added with
/// --include. The same sources give the same bytes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Sources, packages (folders with __init__.py) and folders that modules are looked up in. Sources and packages are taken in
    /// as they are, of folders what is imported
    #[arg(value_name = "SRC", required = true)]
    sources: Vec<PathBuf>,
    /// What runs: a module or package as python -m runs it, or MODULE:FUNCTION, which is called. Otherwise SRC is one source, or
    /// has a __main__.py
    #[arg(short, long, value_name = "MODULE[:FUNCTION]")]
    main: Option<String>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The release it is for, such as 3.14 or 3.13.2
    #[arg(long, value_name = "VERSION", value_parser = super::python::parse_target)]
    target: Option<Target>,
    /// Leave out assertions; twice, documentation strings too
    #[arg(short = 'O', action = clap::ArgAction::Count)]
    optimize: u8,
    /// Take in this module too; NAME.* is a package with all that is in it
    #[arg(long, value_name = "NAME")]
    include: Vec<String>,
    /// Leave this module out, and what is in it
    #[arg(long, value_name = "NAME")]
    exclude: Vec<String>,
    /// Look modules up in this folder too
    #[arg(long, value_name = "DIR")]
    path: Vec<PathBuf>,
    /// Look modules up in this virtual environment's packages too
    #[arg(long, value_name = "DIR")]
    venv: Vec<PathBuf>,
    /// Take in a file as it is, under a name in the bundle
    #[arg(long, value_name = "FILE[=NAME]")]
    data: Vec<String>,
    /// Leave out the files of packages that are no modules
    #[arg(long)]
    no_package_data: bool,
    /// Take in the sources too, for tracebacks and inspect
    #[arg(long)]
    with_sources: bool,
    /// A first line for the system, such as "/usr/bin/env python3.14"; the file becomes executable
    #[arg(short, long, value_name = "INTERPRETER")]
    python: Option<String>,
    /// Write a program that needs nothing else, with pyrvm in front
    #[arg(long, conflicts_with = "python")]
    standalone: bool,
    /// The pyrvm for --standalone; otherwise that beside pyrsc, or on PATH
    #[arg(long, value_name = "PATH")]
    vm: Option<PathBuf>,
    /// Modules that are not found are failures
    #[arg(long)]
    strict: bool,
    /// Say nothing of modules that are not found
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    let (plan, prefix) = match prepare(&args) {
        Ok(prepared) => prepared,
        Err(message) => {
            report::complain(&message);
            return ExitStatus::Trouble;
        }
    };
    let bundle = match bundle::collect(&plan) {
        Ok(bundle) => bundle,
        Err(Error::Source(path, error)) => {
            let name = path.to_string_lossy();
            // When standard error is closed there is nobody left to tell.
            let _ = report::source_error(&mut io::stderr().lock(), name.as_bytes(), &error, &Palette::PLAIN);
            return ExitStatus::Failure;
        }
        Err(Error::Unreadable(path, error)) => {
            report::complain_about(&path, &report::os_error(&error));
            return ExitStatus::Failure;
        }
        Err(error @ Error::NoMain(_)) => {
            report::complain(&error.to_string());
            return ExitStatus::Trouble;
        }
    };
    if !args.quiet || args.strict {
        for it in &bundle.lacking {
            let why =
                if it.is_extension { "is machine code, which bundles cannot hold" } else { "was not found" };
            report::complain(&format!("{} {why} (imported by {})", it.module, it.importer));
        }
    }
    if args.strict && !bundle.lacking.is_empty() {
        return ExitStatus::Failure;
    }
    let Ok(bytes) = bundle.write(&prefix) else {
        report::complain("the bundle gets larger than a zip file can be");
        return ExitStatus::Failure;
    };
    match write(&args.output, &bytes, !prefix.is_empty()) {
        Ok(()) => ExitStatus::Success,
        Err(error) => {
            report::complain_about(&args.output, &report::os_error(&error));
            ExitStatus::Failure
        }
    }
}

fn prepare(args: &Args) -> Result<(Plan, Vec<u8>), String> {
    let target = match args.target {
        Some(target) => target,
        None => super::python::guess(args.venv.iter().chain(&args.sources).map(PathBuf::as_path))?.target,
    };
    let mut roots = Vec::new();
    let mut include = args.include.clone();
    for source in &args.sources {
        let name =
            std::path::absolute(source).ok().and_then(|it| it.file_stem()?.to_str().map(str::to_owned));
        let folder = source.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        if source.join("__init__.py").is_file() {
            include.extend(name.map(|name| format!("{name}.*")));
            roots.push(if folder.as_os_str().is_empty() { source.join("..") } else { folder });
        } else if source.is_dir() {
            roots.push(source.clone());
        } else if source.is_file() {
            if args.main.is_some() || args.sources.len() > 1 {
                include.extend(name);
            }
            roots.push(folder);
        } else {
            return Err(format!("{}: no such file or folder", source.display()));
        }
    }
    roots.extend(args.path.iter().cloned());
    for environment in &args.venv {
        let unix = environment.join(format!("lib/python3.{}/site-packages", target.version.minor()));
        let windows = environment.join("Lib/site-packages");
        let found = [unix, windows].into_iter().find(|it| it.is_dir());
        roots.push(
            found
                .ok_or_else(|| format!("{} has no packages for Python {}", environment.display(), target))?,
        );
    }
    let mut data = BTreeMap::new();
    for it in &args.data {
        let (path, name) = it.split_once('=').unwrap_or((it, it));
        let name = name.trim_start_matches("./");
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err(format!("{name} is no name in a bundle; say FILE=NAME"));
        }
        data.insert(name.to_owned(), PathBuf::from(path));
    }
    let prefix = match (&args.python, args.standalone) {
        (Some(python), _) => format!("#!{python}\n").into_bytes(),
        (None, true) => {
            let program = vm::find(args.vm.as_deref())?;
            fs::read(&program).map_err(|error| format!("{}: {error}", program.display()))?
        }
        (None, false) => Vec::new(),
    };
    let plan = Plan {
        target,
        optimize: args.optimize.min(2),
        main: main(args)?,
        roots: Roots(roots),
        include,
        exclude: args.exclude.clone(),
        data,
        package_data: !args.no_package_data,
        sources: args.with_sources,
    };
    Ok((plan, prefix))
}

fn main(args: &Args) -> Result<Main, String> {
    let identifier = |it: &str| {
        !it.is_empty()
            && it
                .split('.')
                .all(|part| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_alphanumeric()))
    };
    if let Some(main) = &args.main {
        return match main.split_once(':') {
            Some((module, function)) if identifier(module) && identifier(function) => {
                Ok(Main::Call { module: module.into(), function: function.into() })
            }
            None if identifier(main) => Ok(Main::Module(main.clone())),
            _ => Err(format!("{main} is neither MODULE nor MODULE:FUNCTION")),
        };
    }
    if let [source] = args.sources.as_slice()
        && source.is_file()
    {
        return Ok(Main::File(source.clone()));
    }
    for source in &args.sources {
        let file = source.join("__main__.py");
        if file.is_file() && !source.join("__init__.py").is_file() {
            return Ok(Main::File(file));
        }
        if file.is_file()
            && let Some(name) =
                std::path::absolute(source).ok().and_then(|it| it.file_name()?.to_str().map(str::to_owned))
        {
            return Ok(Main::Module(name));
        }
    }
    Err("nothing says what runs: no SRC has a __main__.py; say -m MODULE or -m MODULE:FUNCTION".into())
}

/// Writes a file beside the target and renames it, so that there is the old one or the whole new one.
fn write(path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let place = PathBuf::from(name);
    let result = fs::write(&place, bytes).and_then(|()| {
        if executable {
            make_executable(&place)?;
        }
        fs::rename(&place, path)
    });
    if result.is_err() {
        // It may not have been made at all.
        let _ = fs::remove_file(&place);
    }
    result
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    // Who may read it may run it.
    permissions.set_mode(permissions.mode() | (permissions.mode() & 0o444) >> 2);
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
