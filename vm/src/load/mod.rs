//! From a `.pyc` or a compiled module to code that runs. Nothing past this module knows of versions.

mod blocks;
mod build;
mod code;
mod flow;
mod lower;
mod lower_ops;
mod normal;
pub mod op;
mod verify;

pub(crate) use build::{Parts, assemble};
pub(crate) use code::Origin;
pub use code::{Cache, Code, Handler};

use crate::value::Value;
use crate::vm::Vm;
use pyrsc::code::{ObjectId, Objects};
use pyrsc::marshal::{Header, HeaderError, ReadError, read};
use pyrsc::target::{Version, series_of_magic};
use std::fmt;
use std::rc::Rc;

/// Why bytes are no program.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// There is a code object where there may be none.
    CodeDisallowed,
    /// A code object breaks a rule.
    Invalid(Invalid),
}

/// Which rule a code object breaks, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalid {
    /// `co_qualname`
    pub code: String,
    /// Where, in bytes of `co_code`.
    pub offset: u32,
    /// The rule.
    pub rule: &'static str,
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
            LoadError::CodeDisallowed => write!(f, "holds a code object"),
            LoadError::Invalid(Invalid { code, offset, rule }) => {
                write!(f, "invalid code object {code}, offset {offset}: {rule}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads the bytes of a `.pyc`: the module's code object.
///
/// # Errors
/// What is wrong with them; no input panics.
pub fn load_pyc(vm: &Vm, bytes: &[u8]) -> Result<Value, LoadError> {
    let header = Header::parse(bytes).map_err(LoadError::Header)?;
    let [low, high, ..] = header.magic;
    let magic = u16::from_le_bytes([low, high]);
    let version = header.version().ok_or(LoadError::Version { magic })?;
    let module = read(&bytes[Header::LEN..], version).map_err(LoadError::Corrupt)?;
    load_objects(vm, &module.objects, module.root, version)
}

/// Loads a code object of a graph, as the compiler makes it or a `.pyc` holds it.
///
/// # Errors
/// What is wrong with it.
pub fn load_objects(
    vm: &Vm,
    objects: &Objects<'_>,
    root: ObjectId,
    version: Version,
) -> Result<Value, LoadError> {
    if objects.code(root).is_none() {
        return Err(LoadError::NotCode);
    }
    build::Builder::new(vm, objects, version)?.object(root, 0)
}

/// Loads code of the language version that says it is of this file; it is verified and lowered when it first runs.
pub(crate) fn load_named(vm: &Vm, bytes: Vec<u8>, file: Value) -> Result<Value, LoadError> {
    let version = crate::language().version;
    let bytes = Rc::new(bytes);
    let module = read(&bytes, version).map_err(LoadError::Corrupt)?;
    let mut builder = build::Builder::new(vm, &module.objects, version)?;
    builder.file = Some(file);
    builder.whole = Some(bytes.clone());
    builder.object(module.root, 0)
}

/// Verifies and lowers code that was not when it was loaded.
pub(crate) fn prepare(vm: &Vm, code: &Code) -> Result<(), LoadError> {
    if code.ready.get() {
        return Ok(());
    }
    let origin = &code.origin;
    let dialect = normal::Dialect::of(crate::language().version);
    let title = vm.text_of(&code.qualname);
    let source = verify::Source {
        dialect: &dialect,
        bytes: origin.code(),
        table: origin.table(),
        flags: code.flags,
        prologue: &flow::Prologue::default(),
        parameters: code.parameters.into(),
    };
    let consts = code.consts.to_vec();
    let lowered = lower::Lowering::new(vm, dialect.own, &title, consts, origin.stack).run(code, &source)?;
    code.fill(lowered);
    Ok(())
}

/// Loads any object that marshal writes, code objects of the language version among them where `allow_code` says so;
/// the result is the value, and how many bytes it takes.
///
/// # Errors
/// What is wrong with the bytes.
pub fn load_value(vm: &Vm, bytes: &[u8], allow_code: bool) -> Result<(Value, usize), LoadError> {
    let version = crate::language().version;
    let module = read(bytes, version).map_err(LoadError::Corrupt)?;
    if !allow_code && !module.objects.codes.is_empty() {
        return Err(LoadError::CodeDisallowed);
    }
    let value = build::Builder::new(vm, &module.objects, version)?.object(module.root, 0)?;
    Ok((value, module.len))
}
