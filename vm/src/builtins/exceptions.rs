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
    _IncompleteInputError: SyntaxError,
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
            return Err(vm.unexpected_keyword(&name, &text, allowed.iter().copied()));
        }
        vm.set_exception_field(exception, &text, value.clone());
    }
    let values = &args.values[1..count];
    if is(Exc::BaseExceptionGroup) {
        return Ok(NONE);
    }
    exception.args.set(Some(vm.tuple(values.to_vec())));
    if is(Exc::ImportError) {
        let message = if values.len() == 1 { values[0].clone() } else { NONE };
        vm.set_exception_field(exception, "msg", message);
        for name in allowed {
            if !args.names.iter().any(|it| vm.text_of(it) == *name) {
                vm.set_exception_field(exception, name, NONE);
            }
        }
    }
    if is(Exc::SyntaxError) && values.len() == 2 {
        check_syntax_place(vm, &values[1])?;
    }
    if is(Exc::UnicodeTranslateError) {
        let names = ["object", "start", "end", "reason"];
        if values.len() != names.len() {
            let message = format!("function takes exactly 4 arguments ({} given)", values.len());
            return Err(vm.type_error(message));
        }
        for (name, value) in names.iter().zip(values) {
            vm.set_exception_field(exception, name, value.clone());
        }
    }
    if is(Exc::OSError) && (2..=5).contains(&values.len()) {
        vm.set_exception_field(exception, "errno", values[0].clone());
        vm.set_exception_field(exception, "strerror", values[1].clone());
        let written = values.get(2).filter(|it| is(Exc::BlockingIOError) && vm.as_i64(it).is_some());
        if let Some(written) = written {
            vm.set_exception_field(exception, "characters_written", written.clone());
        }
        for (name, at) in [("filename", 2), ("filename2", 4)] {
            if let Some(value) = values.get(at).filter(|_| written.is_none()) {
                vm.set_exception_field(exception, name, value.clone());
            }
        }
        if values.len() > 2 && written.is_none() {
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
            // What shows bytes is shown as they are now.
            let bytes = *name == "object" && is(Exc::UnicodeDecodeError);
            let copy = bytes && value.get::<crate::object::Bytes>().is_none();
            let value = if copy { vm.bytes(vm.buffer(value)?.into_owned()) } else { value.clone() };
            vm.set_exception_field(exception, name, value);
        }
    }
    Ok(NONE)
}

/// The second argument of a `SyntaxError` says where: file, line, offset, text, and where it ends.
fn check_syntax_place(vm: &Vm, place: &Value) -> R<()> {
    let count = vm.collect(place)?.len();
    let end = if count == 5 || !(4..=7).contains(&count) { Some(count) } else { None };
    match end {
        Some(5) => Err(vm.type_error("end_offset must be provided when end_lineno is provided")),
        Some(count) if count < 4 => {
            Err(vm.type_error(format!("function takes at least 4 arguments ({count} given)")))
        }
        Some(count) => Err(vm.type_error(format!("function takes at most 7 arguments ({count} given)"))),
        None => Ok(()),
    }
}

/// `BaseException.__reduce__`, and what derived types do. CPython: `BaseException_reduce`, `OSError_reduce`,
/// `import_error_reduce`.
pub(crate) fn reduce(vm: &Vm, it: &Value, exception: &Exception) -> R {
    let args = exception.args.get().unwrap_or_else(|| vm.tuple(Vec::new()));
    let mut parts = vec![vm.class_of(it), args.clone()];
    let named: &[&str] = if vm.is_instance_of(it, Exc::ImportError) {
        &["name", "path", "name_from"]
    } else if vm.is_instance_of(it, Exc::AttributeError) {
        &["name"]
    } else {
        &[]
    };
    let fields: Vec<_> =
        named.iter().filter_map(|name| Some((*name, vm.exception_value(exception, name)?))).collect();
    if vm.is_instance_of(it, Exc::OSError)
        && let Some(pair) = args.get::<crate::object::Tuple>().filter(|it| it.items.len() == 2)
        && let Some(file) = vm.exception_value(exception, "filename")
    {
        let mut all = pair.items.to_vec();
        all.push(file);
        if let Some(other) = vm.exception_value(exception, "filename2") {
            all.extend([NONE, other]);
        }
        parts[1] = vm.tuple(all);
    }
    if fields.is_empty() {
        parts.extend(exception.dict.get());
    } else {
        let state = vm.dict();
        if let Some(dict) = state.get::<crate::object::Dict>() {
            if let Some(own) = exception.dict.get()
                && let Some(own) = own.get::<crate::object::Dict>()
            {
                dict.copy_from(own);
            }
            for (name, value) in fields {
                dict.set_name(vm, &vm.intern(name), value);
            }
        }
        parts.push(state);
    }
    Ok(vm.tuple(parts))
}

impl Vm {
    fn exception_value(&self, exception: &Exception, name: &str) -> Option<Value> {
        let fields = exception.fields.get()?;
        fields.get::<crate::object::Dict>()?.get_name(self, &self.intern(name)).filter(|it| !it.is_none())
    }

    /// `BaseExceptionGroup.__new__`
    pub(crate) fn new_group(&self, class: &Object<Type>, values: &[Value]) -> R {
        let [message, all] = values else {
            let message =
                format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", values.len());
            return Err(self.type_error(message));
        };
        if message.get::<crate::object::Str>().is_none() {
            let got = self.type_name(message);
            return Err(self.type_error(format!("argument 1 must be str, not {got}")));
        }
        if self.lookup_special(all, &self.names.getitem).is_none()
            || all.get::<crate::object::Dict>().is_some()
        {
            return Err(self.type_error("second argument (exceptions) must be a sequence"));
        }
        let items = self.collect(all)?;
        if items.is_empty() {
            return Err(self.value_error("second argument (exceptions) must be a non-empty sequence"));
        }
        let mut plain = true;
        for (index, item) in items.iter().enumerate() {
            if item.get::<Exception>().is_none() {
                let message = format!("Item {index} of second argument (exceptions) is not an exception");
                return Err(self.value_error(message));
            }
            plain &= self.is_instance_of(item, Exc::Exception);
        }
        let (base, group) =
            (self.exceptions.get(Exc::BaseExceptionGroup), self.exceptions.get(Exc::ExceptionGroup));
        let mut class = class;
        if plain && std::ptr::eq(class, &raw const **base) {
            class = group;
        } else if !plain && class.is_subtype(self.exceptions.get(Exc::Exception)) {
            let name = self.name_of_type(class);
            return Err(self.type_error(if std::ptr::eq(class, &raw const **group) {
                "Cannot nest BaseExceptions in an ExceptionGroup".to_owned()
            } else {
                format!("Cannot nest BaseExceptions in '{name}'")
            }));
        }
        let made = self.exception(class, values.to_vec());
        if let Some(body) = made.get::<Exception>() {
            self.set_exception_field(body, "message", message.clone());
            self.set_exception_field(body, "exceptions", self.tuple(items));
            // What is neither a list nor a tuple may say something else later.
            if all.get::<crate::object::List>().is_none() && all.get::<crate::object::Tuple>().is_none() {
                let shown = self.repr(all)?;
                self.set_exception_field(body, "source", shown);
            }
        }
        Ok(made)
    }

    /// The methods of exception groups.
    pub(crate) fn fill_groups(&self) {
        let base = self.exceptions.get(Exc::BaseExceptionGroup);
        crate::builtins::methods(
            self,
            base,
            "BaseExceptionGroup",
            &[
                ("__repr__", |vm, args| {
                    vm.helper("group_repr", crate::builtins::positional(vm, "__repr__", args, 1, 1)?)
                }),
                ("split", |vm, args| {
                    vm.helper("group_split", crate::builtins::positional(vm, "split", args, 2, 2)?)
                }),
                ("subgroup", |vm, args| {
                    vm.helper("group_subgroup", crate::builtins::positional(vm, "subgroup", args, 2, 2)?)
                }),
                ("derive", |vm, args| {
                    vm.helper("group_derive", crate::builtins::positional(vm, "derive", args, 2, 2)?)
                }),
            ],
        );
        self.class_method(base, "BaseExceptionGroup", "__class_getitem__", |vm, args| vm.generic_alias(args));
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
        if self.is_instance_of(it, Exc::BaseExceptionGroup) {
            let message = self.exception_value(exception, "message").map(|it| self.text_of(&it));
            let count = match self.exception_value(exception, "exceptions") {
                Some(all) => self.collect(&all)?.len(),
                None => 0,
            };
            let plural = if count == 1 { "" } else { "s" };
            return Ok(Some(format!("{} ({count} sub-exception{plural})", message.unwrap_or_default())));
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
            || self.is_instance_of(it, Exc::UnicodeTranslateError)
        {
            return self.unicode_text(it, exception).map(Some);
        }
        Ok(None)
    }

    /// What `str` gives of errors of codecs. CPython: `unicode_error_format`.
    fn unicode_text(&self, it: &Value, exception: &Exception) -> R<String> {
        let Some(object) = self.exception_value(exception, "object") else {
            let set = self.exception_field_is_set(exception, "object");
            // It was taken away, or never given.
            return if set { Err(self.type_error("object attribute not set")) } else { Ok(String::new()) };
        };
        let translates = self.is_instance_of(it, Exc::UnicodeTranslateError);
        let text = |name: &str| match self.exception_value(exception, name) {
            Some(value) => self.str_text(&value),
            None => Ok("None".to_owned()),
        };
        let reason = text("reason")?;
        let encoding = if translates { String::new() } else { text("encoding")? };
        // Reading those may have taken it away.
        let Some(object) = self.exception_value(exception, "object").filter(|_| !object.is_none()) else {
            return Err(self.type_error("object attribute not set"));
        };
        let decodes = self.is_instance_of(it, Exc::UnicodeDecodeError);
        let fits = if decodes {
            object.get::<crate::object::Bytes>().is_some()
        } else {
            object.get::<crate::object::Str>().is_some()
        };
        if !fits {
            let wanted = if decodes { "bytes" } else { "str" };
            return Err(self.type_error(format!("object attribute must be {wanted}")));
        }
        let len = self.len(&object)?;
        let number =
            |name: &str| self.exception_value(exception, name).and_then(|it| self.as_i64(&it)).unwrap_or(0);
        let start = number("start").max(0);
        let end = number("end");
        // A translation's end is not held against the text.
        let end = if translates { end } else { end.clamp((len > 0).into(), len.max(1)) };
        let (verb, what) = match (decodes, translates) {
            (true, _) => ("decode", "byte"),
            (_, true) => ("translate", "character"),
            _ => ("encode", "character"),
        };
        let codec = if translates { String::new() } else { format!("'{encoding}' codec ") };
        if start < len && end == start + 1 {
            let item = self.get_item(&object, &self.int(start))?;
            let shown = match item.get::<crate::object::Str>().and_then(|it| it.at(0)) {
                Some(point @ 0..=0xFF) => format!("'\\x{point:02x}'"),
                Some(point @ 0..=0xFFFF) => format!("'\\u{point:04x}'"),
                Some(point) => format!("'\\U{point:08x}'"),
                None => format!("0x{:02x}", self.as_i64(&item).unwrap_or(0)),
            };
            return Ok(format!("{codec}can't {verb} {what} {shown} in position {start}: {reason}"));
        }
        Ok(format!("{codec}can't {verb} {what}s in position {start}-{}: {reason}", end - 1))
    }

    /// Was a field given, be it `None`?
    fn exception_field_is_set(&self, exception: &Exception, name: &str) -> bool {
        let fields = exception.fields.get();
        fields.is_some_and(|it| {
            it.get::<crate::object::Dict>().is_some_and(|it| it.get_name(self, &self.intern(name)).is_some())
        })
    }
}
