//! Finding and reading what `dis` and `diff` look at: `.pyc` files, sources, trees of either.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::code::{ObjectId, Objects};
use crate::listing::Shapes;
use crate::marshal::{Header, Reader};
use crate::target::{Form, Series, facts, unknown_magic};

/// A `.pyc` file, read.
#[derive(Debug)]
pub struct Pyc<'a> {
    /// What stands before the code object.
    pub header: Header,
    /// Which release's bytecode it is.
    pub series: &'static Series,
    /// The opcodes of that.
    pub shapes: &'static Shapes,
    /// The graph of its objects.
    pub objects: Objects<'a>,
    /// The module's code object.
    pub root: ObjectId,
}

/// Does `bytes` begin as a `.pyc` of any release does?
pub fn is_pyc(bytes: &[u8]) -> bool {
    Header::parse(bytes).is_ok()
}

/// A release that a file describes which was named with `--target-facts`.
#[derive(Debug)]
pub struct Described {
    series: Series,
    shapes: Shapes,
}

/// Reads the value of `--target-facts`. What is read is kept for as long as the process runs.
///
/// # Errors
/// Says what is wrong with the file.
pub fn describe(path: &str) -> Result<&'static Described, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let facts = facts::parse(&text).map_err(|error| error.to_string())?;
    let series = facts.series().ok_or("it has no line with the magic number")?;
    let shapes = Shapes::of_facts(facts.ops, facts.form, facts.name);
    Ok(Box::leak(Box::new(Described { series, shapes })))
}

/// Which releases write files with this header; `facts` goes before what we know ourselves.
pub fn series_of(header: &Header, facts: Option<&'static Described>) -> Option<&'static Series> {
    match facts {
        Some(facts) if facts.series.magic == header.number() => Some(&facts.series),
        _ => header.series(),
    }
}

/// What the file with this header is like.
///
/// # Errors
/// Says in words why that is not known.
pub fn form_of(header: &Header, facts: Option<&'static Described>) -> Result<&'static Form, String> {
    match series_of(header, facts) {
        Some(Series { form: Some(form), .. }) => Ok(form),
        Some(series) => Err(format!("a file of {}, whose form is not CPython's", series.title())),
        None => Err(unknown_magic(header.number())),
    }
}

/// Reads a `.pyc` file's bytes. The memory of `objects` is reused.
///
/// # Errors
/// Says in words what is wrong with them.
pub fn pyc<'a>(
    bytes: &'a [u8],
    reader: &mut Reader,
    objects: Objects<'_>,
    facts: Option<&'static Described>,
) -> Result<Pyc<'a>, String> {
    let header = Header::parse(bytes).map_err(|error| error.to_string())?;
    let form = form_of(&header, facts)?;
    let series = series_of(&header, facts).ok_or_else(|| unknown_magic(header.number()))?;
    let shapes = match facts {
        Some(facts) if std::ptr::eq(series, &facts.series) => &facts.shapes,
        _ => Shapes::of_series(series)
            .ok_or_else(|| format!("bytecode of {}, whose opcodes are not known", series.title()))?,
    };
    let mut objects = objects.recycle();
    let (root, _) = reader
        .read(&bytes[header.len()..], form, &mut objects)
        .map_err(|error| error.in_file(&header).to_string())?;
    Ok(Pyc { header, series, shapes, objects, root })
}

/// Reads the file at `path`, or standard input for `-`, into `bytes`, whose content is replaced.
///
/// # Errors
/// Those of reading.
pub fn bytes(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    if path.as_os_str() == "-" {
        io::stdin().lock().read_to_end(bytes)?;
    } else {
        std::fs::File::open(path)?.read_to_end(bytes)?;
    }
    Ok(())
}

/// The files below `dir` whose names end in `.extension`, as paths relative to `dir`, sorted folder by
/// folder. Links to files count, links to folders are not followed. Folders that cannot be read are
/// reported to `complain`.
pub fn tree(dir: &Path, extension: &str, mut complain: impl FnMut(String)) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                let is_file = entry.file_type().is_file() || entry.path_is_symlink() && path.is_file();
                if is_file && path.extension().is_some_and(|found| found == extension) {
                    found.push(path.strip_prefix(dir).unwrap_or(path).to_path_buf());
                }
            }
            Err(error) => complain(error.to_string()),
        }
    }
    found
}
