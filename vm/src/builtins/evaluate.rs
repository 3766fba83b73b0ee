//! `compile`, `eval`, `exec`; the names that a frame or object has: `locals`, `vars`, `dir`.

use super::positional;
use super::tree_reader::Reader;
use crate::builtins::exceptions::Exc;
use crate::load::{Code, load_objects};
use crate::modules::native::{parse, parse_most};
use crate::object::callable::{Args, NativeFn};
use crate::object::{Bytes, Cellvar, Dict, Exception, Module, Str, Type};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use pyrsc::source::{ExceptionKind, SourceError};
use pyrsc::syntax::Mode;

pub(crate) const ALL: &[(&str, NativeFn)] = &[
    ("compile", compile),
    ("eval", |vm, args| run(vm, args, "eval", Mode::Eval)),
    ("exec", |vm, args| run(vm, args, "exec", Mode::Exec)),
    ("locals", |vm, args| {
        positional(vm, "locals", args, 0, 0)?;
        Ok(vm.frame_locals())
    }),
    ("vars", |vm, args| {
        let values = positional(vm, "vars", args, 0, 1)?;
        match values.first() {
            Some(value) => match vm.get_attribute_or_none(value, &vm.names.dict)? {
                Some(dict) => Ok(dict),
                None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
            },
            None => Ok(vm.frame_locals()),
        }
    }),
    ("dir", dir),
];

/// Flags of `compile` that ask for a tree.
const ONLY_TREE: i64 = 0x400;
/// The flag of `from __future__ import annotations`, of `compile` and of code objects.
const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
/// That asks for `# type:` comments in it.
const TYPE_COMMENTS: i64 = 0x1000;

/// That says of half a statement that it is one (`codeop`).
const MAY_BE_INCOMPLETE: i64 = 0x4000;
/// That ends no block where the source ends.
const NO_IMPLIED_END: i64 = 0x200;

/// All that it may be asked for: trees, `await` outside of functions, half a statement, features of `__future__`.
const KNOWN_FLAGS: i64 = 0xF610 | 0x1FE_0000;

fn compile(vm: &Vm, args: Args<'_>) -> R {
    let names = ["source", "filename", "mode", "flags", "dont_inherit", "optimize", "_feature_version"];
    let given = parse_most(vm, "compile", args, names, 3, 6)?;
    let at = |index: usize| given[index].cloned();
    let (source, file, mode) = (at(0).unwrap_or(NONE), at(1).unwrap_or(NONE), at(2).unwrap_or(NONE));
    let mode = match vm.text_of(&mode).as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" => Mode::FuncType,
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let flags = at(3).and_then(|it| vm.as_i64(&it)).unwrap_or(0);
    if flags & !KNOWN_FLAGS != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let optimize = match at(5).and_then(|it| vm.as_i64(&it)) {
        Some(level @ 0..=2) => level as u8,
        _ => vm.optimize.get(),
    };
    if source.get::<Code>().is_some() {
        return Ok(source);
    }
    let inherits = !at(4).map_or(Ok(false), |it| vm.truth(&it))?;
    let annotations = flags & i64::from(FUTURE_ANNOTATIONS) != 0 || inherits && vm.defers_annotations();
    let file = vm.path_text(&file)?;
    if vm.has_module("_ast") && vm.is_node(&source, "AST")? {
        if flags & ONLY_TREE != 0 {
            return Ok(source);
        }
        return vm.compile_syntax_tree(&source, &file, mode, optimize);
    }
    let text = source_bytes(vm, &source, "compile")?;
    if flags & ONLY_TREE != 0 {
        return vm.syntax_tree(&text, &file, mode, flags & TYPE_COMMENTS != 0);
    }
    let made = vm.compile_with(&text, &file, mode, optimize, annotations);
    if flags & MAY_BE_INCOMPLETE == 0 {
        return made;
    }
    let incomplete = match &made {
        Ok(_) => flags & NO_IMPLIED_END != 0 && mode == Mode::Single && wants_end(&text),
        Err(_) => ends_too_soon(vm, &text)?,
    };
    if incomplete {
        vm.pending.set(None);
        return Err(vm.raise(Exc::_IncompleteInputError, "incomplete input"));
    }
    made
}

/// Would a prompt wait for an empty line? So it does behind a statement with a block.
fn wants_end(text: &[u8]) -> bool {
    const WITH_BLOCKS: [&str; 13] = [
        "if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async",
        "match",
    ];
    let text = String::from_utf8_lossy(text);
    let Some(line) = text.lines().rfind(|it| !it.starts_with([' ', '\t']) && !it.is_empty()) else {
        return false;
    };
    let word = line.split(|ch: char| !ch.is_alphanumeric() && ch != '_').next().unwrap_or("");
    let block = WITH_BLOCKS.contains(&word) && line.contains(':') || line.starts_with('@');
    !text.ends_with('\n') && block
}

/// Is what is wrong with a source only that it ends too soon?
fn ends_too_soon(vm: &Vm, text: &[u8]) -> R<bool> {
    if !vm.pending_is(Exc::SyntaxError) {
        return Ok(false);
    }
    let Some(error) = vm.pending.take() else { return Ok(false) };
    let message = vm.get_attribute(&error, &vm.intern("msg"))?;
    let line = vm.get_attribute(&error, &vm.intern("lineno"))?;
    let (message, line) = (vm.str_text(&message)?, vm.as_i64(&line).unwrap_or(0));
    vm.pending.set(Some(error));
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end();
    let open = message.ends_with("was never closed") || message.contains("unterminated triple-quoted");
    let block = message.starts_with("expected an indented block") && text.ends_with(':');
    let end = message == "unexpected EOF while parsing" || line > text.lines().count() as i64;
    let part = message.starts_with("expected 'except' or 'finally'") && line >= text.lines().count() as i64;
    Ok(open || block || end || part)
}

/// The bytes of a source that is a string or bytes.
fn source_bytes(vm: &Vm, source: &Value, name: &str) -> R<Vec<u8>> {
    let text = if let Some(text) = source.get::<Str>() {
        text.to_utf8().into_owned()
    } else if let Some(bytes) = vm.buffer_or_none(source)? {
        bytes.into_owned()
    } else {
        let what = if name == "compile" { "string, bytes or AST" } else { "string, bytes or code" };
        return Err(vm.type_error(format!("{name}() arg 1 must be a {what} object")));
    };
    if text.contains(&0) {
        return Err(vm.raise(Exc::SyntaxError, "source code string cannot contain null bytes"));
    }
    Ok(text)
}

fn run(vm: &Vm, args: Args<'_>, name: &str, mode: Mode) -> R {
    let [source, globals, locals, closure] = match mode {
        Mode::Eval => {
            let [source, globals, locals] = parse(vm, name, args, ["", "globals", "locals"], 1)?;
            [source, globals, locals, None]
        }
        _ => parse_most(vm, name, args, ["", "globals", "locals", "closure"], 1, 3)?,
    };
    let none = NONE;
    let source = source.unwrap_or(&none);
    let given = |it: Option<&Value>| it.filter(|it| !it.is_none()).cloned();
    let (globals, locals) = (given(globals), given(locals));
    let (globals, locals) = match (globals, locals) {
        (Some(globals), locals) => {
            if globals.get::<Dict>().is_none() {
                let got = vm.type_name(&globals);
                let message = match mode {
                    Mode::Eval if vm.lookup_special(&globals, &vm.intern("__getitem__")).is_some() => {
                        "globals must be a real dict; try eval(expr, {}, mapping)".to_owned()
                    }
                    Mode::Eval => "globals must be a dict".to_owned(),
                    _ => format!("exec() globals must be a dict, not {got}"),
                };
                return Err(vm.type_error(message));
            }
            (globals.clone(), locals.unwrap_or(globals))
        }
        (None, locals) => {
            let globals = vm.current_globals().unwrap_or_else(|| vm.dict());
            (globals, locals.unwrap_or_else(|| vm.frame_locals()))
        }
    };
    if vm.plain_dict(&locals).is_none() && vm.lookup_special(&locals, &vm.intern("__getitem__")).is_none() {
        let got = vm.type_name(&locals);
        let message = match mode {
            Mode::Eval => "locals must be a mapping".to_owned(),
            _ => format!("locals must be a mapping or None, not {got}"),
        };
        return Err(vm.type_error(message));
    }
    if let Some(dict) = globals.get::<Dict>()
        && dict.get_name(vm, &vm.names.builtins).is_none()
    {
        dict.set_name(vm, &vm.names.builtins, vm.builtins.clone());
    }
    let closure = closure.filter(|it| !it.is_none()).cloned();
    let code = if source.get::<Code>().is_some() {
        source.clone()
    } else {
        if closure.is_some() {
            return Err(vm.type_error("closure can only be used when source is a code object"));
        }
        let text = source_bytes(vm, source, name)?;
        let text = match mode {
            Mode::Eval => text.trim_ascii_start().to_vec(),
            _ => text,
        };
        vm.compile_with(&text, "<string>", mode, vm.optimize.get(), vm.defers_annotations())?
    };
    let function = vm.function_of(&code, &globals)?;
    let free = code.get::<Code>().map_or(0, |it| it.kinds.iter().filter(|kind| **kind & 0x80 != 0).count());
    match closure {
        Some(_) if free == 0 => {
            return Err(vm.type_error("cannot use a closure with this code object"));
        }
        Some(cells) => {
            let fits = cells.get::<crate::object::Tuple>().is_some_and(|it| {
                it.items.len() == free && it.items.iter().all(|it| it.get::<Cellvar>().is_some())
            });
            if !fits {
                let message = format!("code object requires a closure of exactly length {free}");
                return Err(vm.type_error(message));
            }
            if let Some(function) = function.get::<crate::object::Function>() {
                function.closure.set(Some(cells.clone()));
            }
        }
        None if free > 0 && mode == Mode::Exec => {
            let message = format!("code object requires a closure of exactly length {free}");
            return Err(vm.type_error(message));
        }
        None if free > 0 => {
            let message = format!("code object passed to {name}() may not contain free variables");
            return Err(vm.type_error(message));
        }
        None => {}
    }
    vm.enter_native()?;
    let result = vm.call_function(&function, Args { values: &[], names: &[] }, Some(locals));
    vm.leave_native();
    match mode {
        Mode::Exec => result.map(|_| NONE),
        _ => result,
    }
}

fn dir(vm: &Vm, args: Args<'_>) -> R {
    let values = positional(vm, "dir", args, 0, 1)?;
    let names = match values.first() {
        None => {
            let locals = vm.frame_locals();
            match vm.plain_dict(&locals) {
                Some(_) => vm.collect(&locals)?,
                None => {
                    let keys = vm.get_attribute(&locals, &vm.names.keys)?;
                    vm.collect(&vm.call_with(&keys, &[])?)?
                }
            }
        }
        Some(value) => match vm.lookup_special(value, &vm.names.dir) {
            Some(method) => {
                let listed = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
                vm.collect(&listed)?
            }
            None => vm.names_of(value)?,
        },
    };
    let names = super::lists::sort(vm, names, None, false)?;
    Ok(vm.list(names))
}

impl Vm {
    /// Compiles a source in memory.
    ///
    /// # Errors
    /// What CPython raises for it.
    pub(crate) fn compile_text(&self, text: &[u8], file: &str, mode: Mode, optimize: u8) -> R {
        self.compile_with(text, file, mode, optimize, false)
    }

    /// Does the innermost frame's code have annotations that are texts?
    fn defers_annotations(&self) -> bool {
        self.innermost(|_, code, _| Some(code.flags & FUTURE_ANNOTATIONS != 0)).unwrap_or(false)
    }

    /// The same, where annotations may be texts.
    fn compile_with(&self, text: &[u8], file: &str, mode: Mode, optimize: u8, future_annotations: bool) -> R {
        let mut session = pyrsc::compile::Session::new();
        let options = pyrsc::compile::Options {
            optimize,
            shown_lines: false,
            future_annotations,
            ..pyrsc::compile::Options::new(crate::language())
        };
        let compiled = match session.compile_as(text, file.into(), &options, mode) {
            Ok(compiled) => compiled,
            Err(error) => return Err(self.raise_compile_error(error, file)),
        };
        let loaded = load_objects(self, &compiled.objects, compiled.root, crate::language().version);
        let mut marshalled = Vec::new();
        let written = mode == Mode::Exec
            && pyrsc::marshal::Writer::new().write(&compiled.objects, compiled.root, &mut marshalled).is_ok();
        let code = match loaded {
            Ok(code) => code,
            Err(error) => return Err(self.raise(Exc::SystemError, error.to_string())),
        };
        if written && let Some(code) = code.get::<Code>() {
            *code.marshalled.borrow_mut() = Some(marshalled.into_boxed_slice());
        }
        for warning in &compiled.warnings {
            self.warn_of_source(warning, file, text)?;
        }
        Ok(code)
    }

    /// Compiles a program's file: what is said of text that cannot be decoded names it.
    ///
    /// # Errors
    /// What CPython raises for it.
    pub(crate) fn compile_file(&self, text: &[u8], file: &str) -> R {
        let result = self.compile_text(text, file, Mode::Exec, self.optimize.get());
        if result.is_err()
            && self.pending_is(Exc::SyntaxError)
            && let Some(exception) = self.pending.get()
            && let Some(body) = exception.get::<Exception>()
        {
            let said = self.of_syntax_error(body, "msg").map(|it| self.text_of(&it)).unwrap_or_default();
            if said.starts_with("Non-UTF-8 code") {
                let told = said.replacen(" on line", &format!(" in file {file} on line"), 1);
                self.pending.set(None);
                return Err(self.raise_with(Exc::SyntaxError, vec![self.str(&told)]));
            }
        }
        result
    }

    /// The stages behind the parser know no source: CPython then shows the line of the file, where it is there.
    fn raise_compile_error(&self, mut error: SourceError, file: &str) -> Raised {
        let path = std::path::Path::new(file);
        if error.text.is_none()
            && let Some(line) = error.lineno.and_then(|it| usize::try_from(it - 1).ok())
            && path.is_file()
            && let Ok(read) = std::fs::read(path)
        {
            let decoded = pyrsc::source::decode(&read, crate::language()).ok();
            let line = decoded.as_ref().and_then(|it| it.text.split_inclusive('\n').nth(line));
            error.text = line.map(|it| it.as_bytes().to_vec());
        }
        self.raise_source_error(&error, file)
    }

    /// Compiles a tree that a program has.
    fn compile_syntax_tree(&self, tree: &Value, file: &str, mode: Mode, optimize: u8) -> R {
        let wanted = match mode {
            Mode::Exec => "Module",
            Mode::Eval => "Expression",
            Mode::Single => "Interactive",
            Mode::FuncType => "FunctionType",
        };
        if !self.is_node(tree, wanted)? {
            let got = self.type_name(tree);
            return Err(self.type_error(format!("expected {wanted} node, got {got}")));
        }
        let mut session = pyrsc::compile::Session::new();
        let options = pyrsc::compile::Options { optimize, ..pyrsc::compile::Options::new(crate::language()) };
        let made = session.compile_tree(
            |arena, names| Reader { vm: self, arena, names, depth: 0 }.module(tree),
            file.into(),
            &options,
        )?;
        let compiled = match made {
            Ok(compiled) => compiled,
            Err(error) => return Err(self.raise_source_error(&error, file)),
        };
        match load_objects(self, &compiled.objects, compiled.root, crate::language().version) {
            Ok(code) => Ok(code),
            Err(error) => Err(self.raise(Exc::SystemError, error.to_string())),
        }
    }

    /// Gives a warning of the compiler to `warnings`.
    fn warn_of_source(&self, warning: &pyrsc::source::Warning, file: &str, text: &[u8]) -> R<()> {
        let of = match warning.category {
            pyrsc::source::WarningCategory::SyntaxWarning => Exc::SyntaxWarning,
            pyrsc::source::WarningCategory::DeprecationWarning => Exc::DeprecationWarning,
        };
        let zero = Value::from_i32(0);
        let warnings = self.import_level(&self.intern("warnings"), &zero, &NONE, &NONE)?;
        let warn = self.get_attribute(&warnings, &self.intern("warn_explicit"))?;
        let class = self.exceptions.get(of).value().clone();
        let args = [self.str(&warning.message), class, self.str(file), self.int(warning.lineno.into())];
        let told = self.call_with(&warn, &args).map(drop);
        if told.is_err() && self.pending_is(of) {
            // Where warnings are errors, this one is an error of the source.
            self.pending.set(None);
            return Err(self.warning_as_error(warning, file, text));
        }
        told
    }

    fn warning_as_error(&self, warning: &pyrsc::source::Warning, file: &str, text: &[u8]) -> Raised {
        let at = warning.location;
        let line = usize::try_from(warning.lineno).unwrap_or(1).saturating_sub(1);
        let line = text.split(|&it| it == b'\n').nth(line).unwrap_or_default();
        let shown = String::from_utf8_lossy(line).into_owned();
        // Columns of places count bytes, offsets of errors characters from 1.
        let offset = |column: i32| {
            let end = usize::try_from(column).unwrap_or(0).min(line.len());
            self.int_of_usize(String::from_utf8_lossy(&line[..end]).chars().count() + 1)
        };
        let place = self.tuple(vec![
            self.str(file),
            self.int(warning.lineno.into()),
            offset(at.col),
            self.str(&shown),
            self.int(at.end_line.into()),
            offset(at.end_col),
        ]);
        self.raise_with(Exc::SyntaxError, vec![self.str(&warning.message), place])
    }

    /// Raises what CPython raises for a source that does not compile.
    pub(crate) fn raise_source_error(&self, error: &SourceError, file: &str) -> Raised {
        let of = match error.kind {
            ExceptionKind::SyntaxError => Exc::SyntaxError,
            ExceptionKind::IndentationError => Exc::IndentationError,
            ExceptionKind::TabError => Exc::TabError,
            ExceptionKind::OverflowError => Exc::OverflowError,
            ExceptionKind::RecursionError => Exc::RecursionError,
            ExceptionKind::MemoryError => Exc::MemoryError,
            ExceptionKind::UnicodeDecodeError | ExceptionKind::ValueError => Exc::ValueError,
            ExceptionKind::SystemError => Exc::SystemError,
        };
        let message = self.str(&error.message);
        if !matches!(of, Exc::SyntaxError | Exc::IndentationError | Exc::TabError) {
            return self.raise_with(of, vec![message]);
        }
        let number = |it: Option<i32>| it.map_or(NONE, |it| self.int(it.into()));
        let text = error
            .text
            .as_ref()
            .map_or(NONE, |it| crate::heap::allocate(self, &self.types.str, Str::from_utf8(it)));
        let place = vec![
            self.str(file),
            number(error.lineno),
            number(error.offset),
            text,
            number(error.end_lineno),
            number(error.end_offset),
        ];
        let place = self.tuple(place);
        self.raise_with(of, vec![message, place])
    }

    /// The text of a path: a string, bytes, or what `__fspath__` gives.
    pub(crate) fn path_text(&self, value: &Value) -> R<String> {
        if value.get::<Str>().is_some() {
            return Ok(self.text_of(value));
        }
        if let Some(bytes) = value.get::<Bytes>() {
            return Ok(String::from_utf8_lossy(&bytes.data).into_owned());
        }
        match self.lookup_special(value, &self.intern("__fspath__")) {
            Some(method) => {
                let path = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                self.path_text(&path)
            }
            None => {
                let got = self.type_name(value);
                Err(self.type_error(format!("expected str, bytes or os.PathLike object, not {got}")))
            }
        }
    }

    /// The names and values of the innermost frame: its namespace, or a copy of a function's locals.
    pub(crate) fn frame_locals(&self) -> Value {
        if let Some(namespace) = self.namespace()
            && !self
                .innermost(|_, code, locals| Some(crate::interp::frames::has_hidden(code, locals)))
                .unwrap_or(false)
        {
            return namespace;
        }
        let shown = self.innermost(|_, code, locals| Some(self.shown_locals(code, locals)));
        let shown = shown.unwrap_or_else(|| self.dict());
        self.add_extra_locals(&shown);
        shown
    }

    /// A copy of a function's locals.
    pub(crate) fn shown_locals(&self, code: &Code, locals: &[Value]) -> Value {
        let result = self.dict();
        let Some(dict) = result.get::<Dict>() else { return NONE };
        for ((name, kind), value) in code.local_names.iter().zip(&code.kinds).zip(locals) {
            if value.is_unset() {
                continue;
            }
            let value = match value.get::<Cellvar>() {
                Some(cell) if kind & 0xC0 != 0 => cell.value.get(),
                _ => Some(value.clone()),
            };
            if let Some(value) = value {
                dict.set_name(self, name, value);
            }
        }
        result
    }

    /// What `object.__dir__` and `type.__dir__` list.
    pub(crate) fn names_of(&self, value: &Value) -> R<Vec<Value>> {
        let names = self.dict();
        let Some(all) = names.get::<Dict>() else { return Ok(Vec::new()) };
        let add = |from: &Value| {
            if let Some(dict) = from.get::<Dict>() {
                for (key, _) in dict.snapshot() {
                    if key.get::<Str>().is_some() {
                        all.set_name(self, &key, NONE);
                    }
                }
            }
        };
        if let Some(module) = value.get::<Module>() {
            let hook = module.dict.get::<Dict>().and_then(|dict| dict.get_name(self, &self.names.dir));
            if let Some(hook) = hook {
                let listed = self.call_with(&hook, &[])?;
                return self.collect(&listed);
            }
            let shown = self.get_attribute(value, &self.names.dict)?;
            if shown.get::<Dict>().is_none() {
                return Err(self.type_error("<module>.__dict__ is not a dictionary"));
            }
            add(&shown);
            return self.collect(&names);
        }
        let class = match value.get::<Type>() {
            Some(_) => value.clone(),
            None => {
                if let Some(dict) = self.get_attribute_or_none(value, &self.names.dict)? {
                    if dict.get::<Dict>().is_none() {
                        let name = self.type_name(value);
                        return Err(self.type_error(format!("{name}.__dict__ is not a dictionary")));
                    }
                    add(&dict);
                }
                match self.get_attribute_or_none(value, &self.names.class)? {
                    Some(class) => class,
                    None => return self.collect(&names),
                }
            }
        };
        if let Some(ty) = class.get::<Type>() {
            for ancestor in ty.ancestors.borrow().iter().rev() {
                add(&self.dict_of_type(ancestor));
            }
            add(&ty.dict);
        }
        self.collect(&names)
    }

    /// `from module import *`. CPython: `import_all_from`.
    pub(crate) fn import_all(&self, module: &Value, namespace: &Value) -> R<()> {
        let listed = self.get_attribute_or_none(module, &self.intern("__all__"))?;
        let skip = listed.is_none();
        let names = match listed {
            Some(all) if self.lookup_special(&all, &self.names.getitem).is_none() => {
                let got = self.type_name(&all);
                return Err(self.type_error(format!("'{got}' object does not support indexing")));
            }
            Some(all) => self.collect(&all)?,
            None => match self.get_attribute_or_none(module, &self.names.dict)? {
                Some(dict) => self.collect(&dict)?,
                None => {
                    let message = "from-import-* object has no __dict__ and no __all__";
                    return Err(self.raise(Exc::ImportError, message));
                }
            },
        };
        for name in names {
            if name.get::<Str>().is_none() {
                let got = self.type_name(&name);
                let of = self.get_attribute(module, &self.names.name)?;
                let (of, what) = (self.text_of(&of), if skip { "__dict__" } else { "__all__" });
                let item = if skip { "Key" } else { "Item" };
                return Err(self.type_error(format!("{item} in {of}.{what} must be str, not {got}")));
            }
            if skip && self.text_of(&name).starts_with('_') {
                continue;
            }
            let name = self.intern_value(&name);
            let value = self.get_attribute(module, &name)?;
            match namespace.get::<Dict>() {
                Some(dict) => dict.set_name(self, &name, value),
                None => self.set_item(namespace, &name, value)?,
            }
        }
        Ok(())
    }

    /// An attribute that a `SyntaxError` has of its arguments.
    pub(crate) fn of_syntax_error(&self, exception: &Exception, name: &str) -> Option<Value> {
        use crate::object::Tuple;
        let names = ["filename", "lineno", "offset", "text", "end_lineno", "end_offset"];
        let args = exception.args.get()?;
        let args = args.get::<Tuple>()?;
        if name == "msg" {
            return Some(args.items.first().cloned().unwrap_or(NONE));
        }
        if name == "print_file_and_line" || name == "_metadata" {
            return Some(NONE);
        }
        let at = names.iter().position(|it| *it == name)?;
        let place = args.items.get(1).and_then(|it| it.get::<Tuple>());
        Some(place.and_then(|it| it.items.get(at).cloned()).unwrap_or(NONE))
    }
}
