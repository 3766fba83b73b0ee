//! `pyrsc roundtrip`: does reading and writing give the same bytes?

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::load::{Described, describe, form_of};
use super::{ExitStatus, output};
use crate::code::Objects;
use crate::marshal::{Header, Reader, Writer, path_at};

/// Read .pyc files and write them again, in memory: the bytes have to be the same.
///
/// Where they are not, the first object that differs is named by its path, such as `<module>.f.co_consts[2]`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// .pyc and .pyo files, and folders in which to look for them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say nothing of files that pass; the summary line stays
    #[arg(short, long)]
    quiet: bool,
    /// Facts about a release that is not known, as xtask/facts/opcodes.py prints them
    #[arg(long, value_name = "FILE", value_parser = describe)]
    target_facts: Option<&'static Described>,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    output::stdout(|out| {
        let mut status = ExitStatus::Success;
        let (mut same, mut total) = (0usize, 0usize);
        let mut memory = Memory::default();
        for path in &args.paths {
            for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        writeln!(out, "{error}")?;
                        status = ExitStatus::Failure;
                        continue;
                    }
                };
                let is_pyc = entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "pyc" || extension == "pyo");
                if !entry.file_type().is_file() || !(is_pyc || entry.depth() == 0) {
                    continue;
                }
                total += 1;
                let trouble = check(entry.path(), args.target_facts, &mut memory);
                if trouble.is_none() {
                    same += 1;
                } else {
                    status = ExitStatus::Failure;
                }
                report(out, entry.path(), trouble.as_deref(), args.quiet)?;
            }
        }
        writeln!(out, "{same} of {total} files the same")?;
        Ok(status)
    })
}

fn report(out: &mut dyn Write, path: &Path, trouble: Option<&str>, quiet: bool) -> io::Result<()> {
    match trouble {
        Some(trouble) => writeln!(out, "{}: {trouble}", path.display()),
        None if quiet => Ok(()),
        None => writeln!(out, "{}: same", path.display()),
    }
}

#[derive(Default)]
struct Memory {
    reader: Reader,
    writer: Writer,
    written: Vec<u8>,
}

/// What is wrong with a file; nothing where it comes back the same.
fn check(path: &Path, facts: Option<&'static Described>, memory: &mut Memory) -> Option<String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Some(error.to_string()),
    };
    let header = match Header::parse(&bytes) {
        Ok(header) => header,
        Err(error) => return Some(error.to_string()),
    };
    let form = match form_of(&header, facts) {
        Ok(form) => form,
        Err(error) => return Some(error),
    };
    let body = &bytes[header.len()..];
    let mut objects = Objects::default();
    let (root, len) = match memory.reader.read(body, form, &mut objects) {
        Ok(read) => read,
        Err(error) => return Some(format!("cannot be read: {}", error.in_file(&header))),
    };
    memory.written.clear();
    if let Err(error) = memory.writer.write(&objects, root, &mut memory.written) {
        return Some(format!("cannot be written: {error}"));
    }
    if header.to_bytes()[..header.len()] != bytes[..header.len()] {
        return Some("the header differs".into());
    }
    let differs = memory.written.iter().zip(body).position(|(written, read)| written != read);
    let end = memory.written.len().min(body.len());
    match differs {
        None if len < body.len() => Some(format!("{} bytes after the code object", body.len() - len)),
        None if memory.written.len() == body.len() => None,
        at => {
            let at = at.unwrap_or(end);
            let path = path_at(&objects, root, at);
            Some(format!("differs at offset {}: {path}", at + header.len()))
        }
    }
}
