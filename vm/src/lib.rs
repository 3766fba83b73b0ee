//! Runs precompiled Python code objects without a Python. So far: reads them, and says that it cannot run
//! them.
//!
//! What is here holds the two ends that the virtual machine will grow between: [`load`] turns the bytes of
//! a `.pyc` into a [`Program`] through `pyrsc`'s reader, so that corrupt files and foreign versions are
//! refused with the same words everywhere; [`run`] refuses every program with [`NotYet`]. There is no
//! interpreter behind it, and nothing pretends that there is.

use std::fmt;

use pyrsc::code::{Object, Objects};
use pyrsc::marshal::{Header, HeaderError, ReadError, read};
use pyrsc::target::{Version, series_of_magic};

/// The module that a `.pyc` holds.
#[derive(Debug)]
pub struct Program<'a> {
    /// The version whose bytecode it is.
    pub version: Version,
    /// How many code objects it has, the module's own included.
    pub code_objects: usize,
    /// `co_filename` of the module, as generalised UTF-8.
    pub filename: &'a [u8],
}

/// Why bytes are no program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The header is none.
    Header(HeaderError),
    /// Bytecode of a Python that is not read here.
    Version {
        /// The magic number.
        magic: u16,
    },
    /// What follows the header cannot be read; offsets count from its start.
    Corrupt(ReadError),
    /// What follows the header is an object, but no code object.
    NotCode,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Header(error) => error.fmt(f),
            LoadError::Version { magic } => match series_of_magic(*magic) {
                Some(series) => write!(f, "bytecode of Python {series}, which is not supported"),
                None => write!(f, "bytecode with the unknown magic number {magic}"),
            },
            LoadError::Corrupt(error) => write!(f, "corrupt: {error}"),
            LoadError::NotCode => write!(f, "holds an object that is no code object"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads the bytes of a `.pyc`.
///
/// # Errors
/// What is wrong with them; no input panics.
pub fn load(bytes: &[u8]) -> Result<Program<'_>, LoadError> {
    let header = Header::parse(bytes).map_err(LoadError::Header)?;
    let [low, high, ..] = header.magic;
    let magic = u16::from_le_bytes([low, high]);
    let version = header.version().ok_or(LoadError::Version { magic })?;
    let module = read(&bytes[Header::LEN..], version).map_err(LoadError::Corrupt)?;
    let code = module.objects.code(module.root).ok_or(LoadError::NotCode)?;
    Ok(Program {
        version,
        code_objects: module.objects.codes.len(),
        filename: text(&module.objects, code.filename),
    })
}

fn text<'a>(objects: &Objects<'a>, id: pyrsc::code::ObjectId) -> &'a [u8] {
    match objects.get(id) {
        Object::Str { text, .. } => text.as_bytes(),
        _ => b"",
    }
}

/// Why a program was not run: this release has no interpreter yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotYet;

impl fmt::Display for NotYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this release of pyrvm reads programs and cannot run them yet")
    }
}

impl std::error::Error for NotYet {}

/// Runs a program, one day.
///
/// # Errors
/// Always [`NotYet`].
pub fn run(_program: &Program<'_>) -> Result<(), NotYet> {
    Err(NotYet)
}
