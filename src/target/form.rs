//! The forms that `.pyc` files have had: header, marshal format, fields of code objects.
//!
//! Facts from CPython's `Python/marshal.c` and `Lib/importlib` of each release, checked with files that the
//! releases wrote. Each form is complete.

use super::{Handlers, LineTable, Version};

/// What a `.pyc` begins with, after the magic number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderForm {
    /// The source's modification time (to 3.2).
    Time,
    /// Modification time and size of the source (3.3 to 3.6).
    TimeAndSize,
    /// Flags, which say what the other eight bytes are (PEP 552, from 3.7 on).
    Flags,
}

impl HeaderForm {
    /// Bytes of the whole header.
    pub const fn bytes(self) -> usize {
        match self {
            HeaderForm::Time => 8,
            HeaderForm::TimeAndSize => 12,
            HeaderForm::Flags => 16,
        }
    }
}

/// What marshal's strings are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strings {
    /// `s` is a `str` of bytes, names among them (to 2.7).
    Bytes,
    /// Names may be of either type (alphas of 3.0).
    Mixed,
    /// `s` is a `bytes`, names are texts (from 3.0 on).
    Text,
}

/// How an object that was written before is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum References {
    /// Not at all: it is written again (to 2.3, 3.0 to 3.3).
    None,
    /// Interned strings (`t`) by `R` and their number among these (2.4 to 2.7).
    Interned,
    /// Any object with FLAG_REF by `r` and its number among these (from 3.4 on).
    Flagged,
}

/// A field of a marshalled code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are those of the attributes of CPython's code objects")]
pub enum CodeField {
    Argcount,
    PosOnlyArgcount,
    KwOnlyArgcount,
    Nlocals,
    StackSize,
    Flags,
    FirstLine,
    Code,
    Consts,
    Names,
    Varnames,
    Freevars,
    Cellvars,
    LocalsPlusNames,
    LocalsPlusKinds,
    /// As many bytes as there are `LocalsPlusNames`, without a type code (between alphas of 3.11).
    RawKinds,
    Filename,
    Name,
    Qualname,
    LineTable,
    EndLineTable,
    ColumnTable,
    ExceptionTable,
}

impl CodeField {
    /// The attribute's name.
    pub const fn name(self) -> &'static str {
        match self {
            CodeField::Argcount => "co_argcount",
            CodeField::PosOnlyArgcount => "co_posonlyargcount",
            CodeField::KwOnlyArgcount => "co_kwonlyargcount",
            CodeField::Nlocals => "co_nlocals",
            CodeField::StackSize => "co_stacksize",
            CodeField::Flags => "co_flags",
            CodeField::FirstLine => "co_firstlineno",
            CodeField::Code => "co_code",
            CodeField::Consts => "co_consts",
            CodeField::Names => "co_names",
            CodeField::Varnames => "co_varnames",
            CodeField::Freevars => "co_freevars",
            CodeField::Cellvars => "co_cellvars",
            CodeField::LocalsPlusNames => "co_localsplusnames",
            CodeField::LocalsPlusKinds | CodeField::RawKinds => "co_localspluskinds",
            CodeField::Filename => "co_filename",
            CodeField::Name => "co_name",
            CodeField::Qualname => "co_qualname",
            CodeField::LineTable => "co_linetable",
            CodeField::EndLineTable => "co_endlinetable",
            CodeField::ColumnTable => "co_columntable",
            CodeField::ExceptionTable => "co_exceptiontable",
        }
    }

    /// Is it a number, not an object?
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            CodeField::Argcount
                | CodeField::PosOnlyArgcount
                | CodeField::KwOnlyArgcount
                | CodeField::Nlocals
                | CodeField::StackSize
                | CodeField::Flags
                | CodeField::FirstLine
        )
    }
}

/// A form of `.pyc` files.
#[derive(PartialEq, Eq, Debug)]
pub struct Form {
    /// The header.
    pub header: HeaderForm,
    /// The type code of code objects: `c`, to 1.2 `C`.
    pub code_type: u8,
    /// Do numbers in code objects have 16 bits (to 2.2), not 32?
    pub short_numbers: bool,
    /// Fields of code objects, in order.
    pub fields: &'static [CodeField],
    /// May constants and names be in lists (1.0)?
    pub lists: bool,
    /// What strings are.
    pub strings: Strings,
    /// Back-references.
    pub references: References,
    /// `marshal.version`
    pub marshal: u8,
    /// The form of line tables.
    pub lines: LineTable,
    /// How handlers are found.
    pub handlers: Handlers,
}

use CodeField as F;

impl From<Version> for &'static Form {
    fn from(version: Version) -> Self {
        version.form()
    }
}

impl Form {
    /// Do its code objects have `field`?
    pub fn has(&self, field: CodeField) -> bool {
        self.fields.contains(&field)
    }
}

const FIELDS_1_0: &[F] = &[F::Code, F::Consts, F::Names, F::Filename, F::Name];
const FIELDS_1_3: &[F] =
    &[F::Argcount, F::Nlocals, F::Flags, F::Code, F::Consts, F::Names, F::Varnames, F::Filename, F::Name];
const FIELDS_1_5: &[F] = &[
    F::Argcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
];
const FIELDS_2_1: &[F] = &[
    F::Argcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
];
const FIELDS_3_0: &[F] = &[
    F::Argcount,
    F::KwOnlyArgcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
];
const FIELDS_3_8: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
];
const FIELDS_3450: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
    F::ExceptionTable,
];
const FIELDS_3452: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
    F::ExceptionTable,
];
const FIELDS_3453: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::LocalsPlusNames,
    F::RawKinds,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
    F::ExceptionTable,
];
const FIELDS_3457: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::LocalsPlusNames,
    F::LocalsPlusKinds,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
    F::ExceptionTable,
];
const FIELDS_3459: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::LocalsPlusNames,
    F::LocalsPlusKinds,
    F::Filename,
    F::Name,
    F::FirstLine,
    F::LineTable,
    F::EndLineTable,
    F::ColumnTable,
    F::ExceptionTable,
];
const FIELDS_3460: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::LocalsPlusNames,
    F::LocalsPlusKinds,
    F::Filename,
    F::Name,
    F::Qualname,
    F::FirstLine,
    F::LineTable,
    F::EndLineTable,
    F::ColumnTable,
    F::ExceptionTable,
];
const FIELDS_3_11: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::LocalsPlusNames,
    F::LocalsPlusKinds,
    F::Filename,
    F::Name,
    F::Qualname,
    F::FirstLine,
    F::LineTable,
    F::ExceptionTable,
];
const FIELDS_PYPY_3_11: &[F] = &[
    F::Argcount,
    F::PosOnlyArgcount,
    F::KwOnlyArgcount,
    F::Nlocals,
    F::StackSize,
    F::Flags,
    F::Code,
    F::Consts,
    F::Names,
    F::Varnames,
    F::Freevars,
    F::Cellvars,
    F::Filename,
    F::Name,
    F::Qualname,
    F::FirstLine,
    F::LineTable,
];

/// 1.0 to 1.2: no arguments' count, no lines.
pub static V1_0: Form = Form {
    header: HeaderForm::Time,
    code_type: b'C',
    short_numbers: true,
    fields: FIELDS_1_0,
    lists: true,
    strings: Strings::Bytes,
    references: References::None,
    marshal: 0,
    lines: LineTable::None,
    handlers: Handlers::Blocks,
};
/// 1.3 and 1.4.
pub static V1_3: Form = Form { code_type: b'c', fields: FIELDS_1_3, lists: false, ..V1_0 };
/// 1.5 to 2.0: `co_stacksize`, `co_lnotab`.
pub static V1_5: Form = Form { fields: FIELDS_1_5, lines: LineTable::Lnotab, ..V1_3 };
/// 2.1 and 2.2: closures.
pub static V2_1: Form = Form { fields: FIELDS_2_1, ..V1_5 };
/// 2.3: 32-bit numbers.
pub static V2_3: Form = Form { short_numbers: false, ..V2_1 };
/// 2.4: interned strings.
pub static V2_4: Form = Form { references: References::Interned, marshal: 1, ..V2_3 };
/// 2.5 to 2.7: binary floats.
pub static V2_5: Form = Form { marshal: 2, ..V2_4 };
/// 3.0's alphas before keyword-only parameters.
pub static V3000: Form = Form { strings: Strings::Mixed, ..V2_5 };
/// 3.0's alphas with them.
pub static V3030: Form = Form { fields: FIELDS_3_0, ..V3000 };
/// 3.0 to 3.2.
pub static V3_0: Form = Form { strings: Strings::Text, references: References::None, ..V3030 };
/// 3.3: the source's size.
pub static V3_3: Form = Form { header: HeaderForm::TimeAndSize, ..V3_0 };
/// 3.4's first alphas: back-references.
pub static V3250: Form = Form { references: References::Flagged, marshal: 3, ..V3_3 };
/// 3.4 to 3.6.
pub static V3_4: Form = Form { marshal: 4, ..V3250 };
/// 3.7, and 3.8 before positional-only parameters: PEP 552.
pub static V3_7: Form = Form { header: HeaderForm::Flags, ..V3_4 };
/// 3.8 and 3.9: positional-only parameters.
pub static V3_8: Form = Form { fields: FIELDS_3_8, ..V3_7 };
/// 3.10: PEP 626.
pub static V3_10: Form = Form { lines: LineTable::Ranges, ..V3_8 };
/// 3.11's alphas: exception tables,
pub static V3450: Form = Form { fields: FIELDS_3450, handlers: Handlers::Table, ..V3_10 };
/// without `co_nlocals`,
pub static V3452: Form = Form { fields: FIELDS_3452, ..V3450 };
/// all variables in one list,
pub static V3453: Form = Form { fields: FIELDS_3453, ..V3450 };
/// their kinds an object,
pub static V3457: Form = Form { fields: FIELDS_3457, ..V3450 };
/// ends and columns in tables of their own,
pub static V3459: Form = Form { fields: FIELDS_3459, ..V3450 };
/// with `co_qualname`.
pub static V3460: Form = Form { fields: FIELDS_3460, ..V3450 };
/// 3.11 to 3.13.
pub static V3_11: Form = Form { fields: FIELDS_3_11, lines: LineTable::Locations, ..V3450 };
/// 3.14: slices.
pub static V3_14: Form = Form { marshal: 5, ..V3_11 };
/// 3.15: frozendicts.
pub static V3_15: Form = Form { marshal: 6, ..V3_11 };
/// PyPy's 3.2, whose names are bytes.
pub static PYPY3_2: Form = Form { strings: Strings::Mixed, ..V3_0 };
/// PyPy's 3.11.
pub static PYPY3_11: Form = Form { fields: FIELDS_PYPY_3_11, ..V3_8 };
