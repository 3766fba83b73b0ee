//! Errors and warnings of compilation, as values.

/// The class of the exception that CPython raises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptionKind {
    /// `SyntaxError`
    SyntaxError,
    /// `IndentationError`
    IndentationError,
    /// `TabError`
    TabError,
    /// `OverflowError`
    OverflowError,
    /// `RecursionError`
    RecursionError,
    /// `MemoryError`
    MemoryError,
    /// `ValueError`
    ValueError,
    /// `UnicodeDecodeError`
    UnicodeDecodeError,
    /// `SystemError`, which CPython raises where its compiler contradicts itself.
    SystemError,
}

/// Why a source does not compile: the exception that CPython raises for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceError {
    /// Class of the exception.
    pub kind: ExceptionKind,
    /// `msg` of a `SyntaxError`, `str()` of the others.
    pub message: String,
    /// Line, from 1.
    pub lineno: Option<i32>,
    /// Column in **characters**, from 1 (0 where CPython gives 0).
    pub offset: Option<i32>,
    /// Last line.
    pub end_lineno: Option<i32>,
    /// Column after the last character, in characters from 1.
    pub end_offset: Option<i32>,
    /// The source line(s) that CPython attaches as `text`, as generalised UTF-8.
    pub text: Option<Vec<u8>>,
}

impl SourceError {
    /// A `SyntaxError` of a stage after the parser. Those stages give CPython columns in UTF-8 bytes and it does
    /// not convert them, so `offset` counts bytes here.
    #[cold]
    pub fn syntax(message: String, location: super::Location) -> Self {
        SourceError {
            kind: ExceptionKind::SyntaxError,
            message,
            lineno: Some(location.line),
            offset: Some(location.col + 1),
            end_lineno: Some(location.end_line),
            end_offset: Some(location.end_col + 1),
            text: None,
        }
    }

    /// An exception that has no place in the source.
    #[cold]
    pub fn without_location(kind: ExceptionKind, message: String) -> Self {
        SourceError {
            kind,
            message,
            lineno: None,
            offset: None,
            end_lineno: None,
            end_offset: None,
            text: None,
        }
    }
}

/// The class of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningCategory {
    /// `SyntaxWarning`
    SyntaxWarning,
    /// `DeprecationWarning`
    DeprecationWarning,
}

/// A warning of the compiler, in the order in which CPython issues them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// Class of the warning.
    pub category: WarningCategory,
    /// Its text.
    pub message: String,
    /// Line, from 1.
    pub lineno: i32,
    /// What a `SyntaxError` would point at when `-W error` turns the warning into one.
    pub location: super::Location,
}
