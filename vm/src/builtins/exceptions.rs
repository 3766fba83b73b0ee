//! Exception types.

use super::types::{Maker, TypeRef, Types};
use crate::heap::Heap;
use crate::object::callable::Args;
use crate::object::instance::Shapes;
use crate::object::{Exception, Kind, Type, TypeFlags};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};

macro_rules! exceptions {
    ($($name:ident: $base:ident,)*) => {
        /// An exception type of the interpreter's own.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each is named as in Python")]
        pub enum Exc {
            BaseException,
            $($name,)*
        }

        /// Their names and bases.
        const ALL: &[(&str, Exc)] = &[$((stringify!($name), Exc::$base),)*];
    };
}

exceptions! {
    Exception: BaseException,
    SystemExit: BaseException,
    KeyboardInterrupt: BaseException,
    GeneratorExit: BaseException,
    ArithmeticError: Exception,
    FloatingPointError: ArithmeticError,
    OverflowError: ArithmeticError,
    ZeroDivisionError: ArithmeticError,
    AssertionError: Exception,
    AttributeError: Exception,
    BufferError: Exception,
    EOFError: Exception,
    ImportError: Exception,
    ModuleNotFoundError: ImportError,
    LookupError: Exception,
    IndexError: LookupError,
    KeyError: LookupError,
    MemoryError: Exception,
    NameError: Exception,
    UnboundLocalError: NameError,
    OSError: Exception,
    BlockingIOError: OSError,
    ChildProcessError: OSError,
    ConnectionError: OSError,
    BrokenPipeError: ConnectionError,
    ConnectionAbortedError: ConnectionError,
    ConnectionRefusedError: ConnectionError,
    ConnectionResetError: ConnectionError,
    FileExistsError: OSError,
    FileNotFoundError: OSError,
    InterruptedError: OSError,
    IsADirectoryError: OSError,
    NotADirectoryError: OSError,
    PermissionError: OSError,
    ProcessLookupError: OSError,
    TimeoutError: OSError,
    ReferenceError: Exception,
    RuntimeError: Exception,
    NotImplementedError: RuntimeError,
    PythonFinalizationError: RuntimeError,
    RecursionError: RuntimeError,
    StopIteration: Exception,
    StopAsyncIteration: Exception,
    SyntaxError: Exception,
    IndentationError: SyntaxError,
    TabError: IndentationError,
    SystemError: Exception,
    TypeError: Exception,
    ValueError: Exception,
    UnicodeError: ValueError,
    UnicodeDecodeError: UnicodeError,
    UnicodeEncodeError: UnicodeError,
    UnicodeTranslateError: UnicodeError,
    BaseExceptionGroup: BaseException,
    ExceptionGroup: BaseExceptionGroup,
    Warning: Exception,
    DeprecationWarning: Warning,
    RuntimeWarning: Warning,
    SyntaxWarning: Warning,
    UserWarning: Warning,
    BytesWarning: Warning,
    EncodingWarning: Warning,
    FutureWarning: Warning,
    ImportWarning: Warning,
    PendingDeprecationWarning: Warning,
    ResourceWarning: Warning,
    UnicodeWarning: Warning,
}

/// Attributes that types of exceptions have of their own.
pub(crate) const FIELDS: &[(Exc, &[&str])] = &[
    (Exc::AttributeError, &["name", "obj"]),
    (Exc::NameError, &["name"]),
    (Exc::ImportError, &["msg", "name", "path", "name_from"]),
    (Exc::OSError, &["errno", "strerror", "filename", "filename2", "characters_written"]),
    (Exc::UnicodeError, &["encoding", "object", "start", "end", "reason"]),
    (Exc::StopIteration, &["value"]),
    (Exc::SystemExit, &["code"]),
    (Exc::BaseExceptionGroup, &["message", "exceptions"]),
];

/// Those of `SyntaxError`.
pub(crate) const SYNTAX_FIELDS: &[&str] =
    &["msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"];

/// Exception types, by [`Exc`].
pub struct ExceptionTypes(Vec<TypeRef>);

impl ExceptionTypes {
    pub(crate) fn new(heap: &Heap, shapes: &Shapes, types: &Types, version: &mut u32) -> ExceptionTypes {
        let flags = TypeFlags::BASE.with(TypeFlags::ATTRIBUTES).with(TypeFlags::EXCEPTION);
        let mut maker = Maker { heap, shapes, version };
        let mut made: Vec<TypeRef> = Vec::with_capacity(ALL.len() + 1);
        let mut make = |name, base: &Object<Type>| {
            maker.make(&types.type_, &types.dict, &types.str, (name, Kind::Exception, base, flags))
        };
        made.push(make("BaseException", &types.object));
        for &(name, base) in ALL {
            let ty = make(name, &made[base as usize]);
            made.push(ty);
        }
        // The one type with two bases.
        let (group, exception) = (&made[Exc::ExceptionGroup as usize], &made[Exc::Exception as usize]);
        group.body.bases.borrow_mut().push(exception.value().clone());
        group.body.ancestors.borrow_mut().insert(1, exception.value().clone());
        exception.body.derived.borrow_mut().push(&raw const **group);
        ExceptionTypes(made)
    }

    /// A type.
    pub fn get(&self, of: Exc) -> &TypeRef {
        &self.0[of as usize]
    }

    /// All with their names.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &TypeRef)> {
        let names = std::iter::once("BaseException").chain(ALL.iter().map(|&(name, _)| name));
        names.zip(&self.0)
    }
}

/// The type that `OSError` with this number is. CPython: `errnomap`, with Linux's numbers.
pub(crate) const fn of_errno(number: i64) -> Exc {
    match number {
        11 | 114 | 115 => Exc::BlockingIOError,
        32 | 108 => Exc::BrokenPipeError,
        10 => Exc::ChildProcessError,
        103 => Exc::ConnectionAbortedError,
        111 => Exc::ConnectionRefusedError,
        104 => Exc::ConnectionResetError,
        17 => Exc::FileExistsError,
        2 => Exc::FileNotFoundError,
        21 => Exc::IsADirectoryError,
        20 => Exc::NotADirectoryError,
        4 => Exc::InterruptedError,
        1 | 13 => Exc::PermissionError,
        3 => Exc::ProcessLookupError,
        110 => Exc::TimeoutError,
        _ => Exc::OSError,
    }
}

/// `BaseException.__init__`, and what derived types do with their arguments.
pub(crate) fn init(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let Some(it) = args.values.first() else { return Ok(NONE) };
    let Some(exception) = it.get::<Exception>() else { return Ok(NONE) };
    let is = |of: Exc| vm.is_instance_of(it, of);
    let allowed: &[&str] = if is(Exc::AttributeError) {
        &["name", "obj"]
    } else if is(Exc::NameError) {
        &["name"]
    } else if is(Exc::ImportError) {
        &["name", "path", "name_from"]
    } else {
        &[]
    };
    for (name, value) in args.names.iter().zip(&args.values[count..]) {
        let text = vm.text_of(name);
        if allowed.is_empty() {
            let name = vm.type_name(it);
            return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
        }
        if !allowed.contains(&text.as_str()) {
            let name = vm.type_name(it);
            return Err(vm.type_error(format!("{name}() got an unexpected keyword argument '{text}'")));
        }
        vm.set_exception_field(exception, &text, value.clone());
    }
    let values = &args.values[1..count];
    exception.args.set(Some(vm.tuple(values.to_vec())));
    if is(Exc::ImportError) && values.len() == 1 {
        vm.set_exception_field(exception, "msg", values[0].clone());
    }
    if is(Exc::OSError) && (2..=5).contains(&values.len()) {
        vm.set_exception_field(exception, "errno", values[0].clone());
        vm.set_exception_field(exception, "strerror", values[1].clone());
        for (name, at) in [("filename", 2), ("filename2", 4)] {
            if let Some(value) = values.get(at) {
                vm.set_exception_field(exception, name, value.clone());
            }
        }
        if values.len() > 2 {
            exception.args.set(Some(vm.tuple(values[..2].to_vec())));
        }
    }
    if is(Exc::UnicodeDecodeError) || is(Exc::UnicodeEncodeError) {
        let names = ["encoding", "object", "start", "end", "reason"];
        if values.len() != names.len() {
            let name = vm.type_name(it);
            let message = format!("{name}() takes exactly 5 arguments ({} given)", values.len());
            return Err(vm.type_error(message));
        }
        for (name, value) in names.iter().zip(values) {
            vm.set_exception_field(exception, name, value.clone());
        }
    }
    Ok(NONE)
}

impl Vm {
    fn exception_value(&self, exception: &Exception, name: &str) -> Option<Value> {
        let fields = exception.fields.get()?;
        fields.get::<crate::object::Dict>()?.get_name(self, &self.intern(name)).filter(|it| !it.is_none())
    }

    /// What types with attributes of their own say; `None` for the others.
    pub(crate) fn special_text(&self, it: &Value, exception: &Exception) -> R<Option<String>> {
        if self.is_instance_of(it, Exc::OSError) {
            let (Some(number), Some(text)) =
                (self.exception_value(exception, "errno"), self.exception_value(exception, "strerror"))
            else {
                return Ok(None);
            };
            let mut out = format!("[Errno {}] {}", self.str_text(&number)?, self.str_text(&text)?);
            if let Some(file) = self.exception_value(exception, "filename") {
                out.push_str(&format!(": {}", self.repr_text(&file)?));
                if let Some(other) = self.exception_value(exception, "filename2") {
                    out.push_str(&format!(" -> {}", self.repr_text(&other)?));
                }
            }
            return Ok(Some(out));
        }
        if self.is_instance_of(it, Exc::SyntaxError) {
            let Some(message) = self.of_syntax_error(exception, "msg") else { return Ok(None) };
            let mut out = self.str_text(&message)?;
            let file = self.of_syntax_error(exception, "filename").filter(|it| !it.is_none());
            let line = self.of_syntax_error(exception, "lineno").filter(|it| !it.is_none());
            let file =
                file.map(|it| self.text_of(&it)).map(|it| it.rsplit('/').next().unwrap_or("").to_owned());
            match (file, line.and_then(|it| self.as_i64(&it))) {
                (Some(file), Some(line)) => out.push_str(&format!(" ({file}, line {line})")),
                (Some(file), None) => out.push_str(&format!(" ({file})")),
                (None, Some(line)) => out.push_str(&format!(" (line {line})")),
                (None, None) => {}
            }
            return Ok(Some(out));
        }
        if self.is_instance_of(it, Exc::UnicodeDecodeError)
            || self.is_instance_of(it, Exc::UnicodeEncodeError)
        {
            return self.unicode_text(it, exception);
        }
        Ok(None)
    }

    fn unicode_text(&self, it: &Value, exception: &Exception) -> R<Option<String>> {
        let (Some(encoding), Some(object), Some(start), Some(end), Some(reason)) = (
            self.exception_value(exception, "encoding"),
            self.exception_value(exception, "object"),
            self.exception_value(exception, "start").and_then(|it| self.as_i64(&it)),
            self.exception_value(exception, "end").and_then(|it| self.as_i64(&it)),
            self.exception_value(exception, "reason"),
        ) else {
            return Ok(None);
        };
        let (encoding, reason) = (self.str_text(&encoding)?, self.str_text(&reason)?);
        let decodes = self.is_instance_of(it, Exc::UnicodeDecodeError);
        let verb = if decodes { "decode" } else { "encode" };
        let what = if decodes { "byte" } else { "character" };
        if end == start + 1 {
            let item = self.get_item(&object, &self.int(start))?;
            let shown = match item.get::<crate::object::Str>().and_then(|it| it.at(0)) {
                Some(point @ 0..=0xFF) => format!("'\\x{point:02x}'"),
                Some(point @ 0..=0xFFFF) => format!("'\\u{point:04x}'"),
                Some(point) => format!("'\\U{point:08x}'"),
                None => format!("0x{:02x}", self.as_i64(&item).unwrap_or(0)),
            };
            return Ok(Some(format!(
                "'{encoding}' codec can't {verb} {what} {shown} in position {start}: {reason}"
            )));
        }
        Ok(Some(format!("'{encoding}' codec can't {verb} {what}s in position {start}-{}: {reason}", end - 1)))
    }
}
