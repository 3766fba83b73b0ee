//! A code object with its fields resolved: what every lister starts from.

use super::error::ErrorKind;
use crate::code::{Code, Object, ObjectId, Objects};
use crate::target::Strings;
use crate::value::PyStr;

/// Bits of `co_localspluskinds` (`Include/internal/pycore_code.h`).
pub mod kind {
    /// An argument or local variable.
    pub const LOCAL: u8 = 0x20;
    /// A variable that inner functions use.
    pub const CELL: u8 = 0x40;
    /// A variable of an outer function.
    pub const FREE: u8 = 0x80;
    /// A variable of an inlined comprehension, hidden from `locals()`.
    pub const HIDDEN: u8 = 0x10;
}

/// A code object with the types of its fields checked.
#[derive(Clone, Copy, Debug)]
pub struct CodeView<'o, 'a> {
    /// The graph that the numbers below belong to.
    pub objects: &'o Objects<'a>,
    /// The fields that are numbers.
    pub code: &'o Code,
    /// `co_code`
    pub bytes: &'a [u8],
    /// `co_consts`
    pub consts: &'o [ObjectId],
    /// `co_names`
    pub names: &'o [ObjectId],
    /// `co_localsplusnames`, to 3.10 `co_varnames`
    pub locals: &'o [ObjectId],
    /// `co_localspluskinds`: a byte for each of `locals`, see [`kind`]; empty where there is no such field.
    pub kinds: &'a [u8],
    /// `co_cellvars`, where they are not among `locals`.
    pub cells: &'o [ObjectId],
    /// `co_freevars`, where they are not among `locals`.
    pub frees: &'o [ObjectId],
    /// `co_linetable`, to 3.9 `co_lnotab`
    pub linetable: &'a [u8],
    /// `co_exceptiontable`
    pub exceptiontable: &'a [u8],
    /// `co_name`
    pub name: PyStr<'a>,
    /// `co_qualname`
    pub qualname: PyStr<'a>,
    /// `co_filename`
    pub filename: PyStr<'a>,
}

impl<'o, 'a> CodeView<'o, 'a> {
    /// The code object `id` of `objects`.
    ///
    /// # Errors
    /// When it is none, or a field holds an object of a type that CPython refuses.
    pub fn new(objects: &'o Objects<'a>, id: ObjectId) -> Result<Self, ErrorKind> {
        let code = objects.code(id).ok_or(ErrorKind::NotCode)?;
        let bytes = |id, field| match objects.get(id) {
            Object::Bytes(bytes) => Ok(bytes),
            _ if id == ObjectId::ABSENT => Ok(&b""[..]),
            _ => Err(ErrorKind::BadField { field }),
        };
        let text = |id, field| match objects.get(id) {
            Object::Str { text, .. } => Ok(text),
            // Names were bytes once.
            Object::Bytes(bytes) if objects.form.strings != Strings::Text => Ok(PyStr::from_bytes(bytes)),
            _ => Err(ErrorKind::BadField { field }),
        };
        let list = |id, field| match objects.get(id) {
            Object::Tuple(range) => Ok(objects.children(range)),
            Object::List(range) if objects.form.lists => Ok(objects.children(range)),
            _ if id == ObjectId::ABSENT => Ok(&[][..]),
            _ => Err(ErrorKind::BadField { field }),
        };
        let mut view = CodeView {
            objects,
            code,
            bytes: bytes(code.code, "co_code")?,
            consts: list(code.consts, "co_consts")?,
            names: list(code.names, "co_names")?,
            locals: list(code.localsplusnames, "co_localsplusnames")?,
            kinds: bytes(code.localspluskinds, "co_localspluskinds")?,
            cells: list(code.cellvars, "co_cellvars")?,
            frees: list(code.freevars, "co_freevars")?,
            linetable: bytes(code.linetable, "co_linetable")?,
            exceptiontable: bytes(code.exceptiontable, "co_exceptiontable")?,
            name: text(code.name, "co_name")?,
            qualname: text(code.qualname, "co_qualname")?,
            filename: text(code.filename, "co_filename")?,
        };
        if view.kinds.len() != view.locals.len() {
            return Err(ErrorKind::BadField { field: "co_localspluskinds" });
        }
        if code.localsplusnames == ObjectId::ABSENT {
            view.locals = list(code.varnames, "co_varnames")?;
        }
        Ok(view)
    }

    /// The text of `id`, where it is a name.
    pub fn text(&self, id: ObjectId) -> Option<PyStr<'a>> {
        match self.objects.get(id) {
            Object::Str { text, .. } => Some(text),
            Object::Bytes(bytes) if self.objects.form.strings != Strings::Text => {
                Some(PyStr::from_bytes(bytes))
            }
            _ => None,
        }
    }

    /// `co_varnames`, `co_cellvars` or `co_freevars`, for one of the bits of [`kind`].
    pub fn locals_of(&self, mask: u8) -> impl Iterator<Item = ObjectId> + use<'o, 'a> {
        // Without kinds, each list stands alone.
        let alone = match mask {
            _ if !self.kinds.is_empty() => &[][..],
            kind::CELL => self.cells,
            kind::FREE => self.frees,
            _ => self.locals,
        };
        let kinds = self.locals.iter().zip(self.kinds);
        kinds.filter(move |(_, kind)| *kind & mask != 0).map(|(&id, _)| id).chain(alone.iter().copied())
    }

    /// The code objects among the constants, in order: what `dis` lists after this one.
    pub fn nested(&self) -> impl Iterator<Item = ObjectId> + use<'o, 'a> {
        let objects = self.objects;
        self.consts.iter().copied().filter(move |&id| matches!(objects.get(id), Object::Code(_)))
    }
}
