//! Running a program, and what is said of an exception that nobody handled.

use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::{Dict, Exception, Str, Traceback};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::fmt::Write as _;

impl Vm {
    /// Runs a module's code as `__main__`; the process's exit code.
    pub fn run_main(&self, code: &Value, file: Option<&str>) -> i32 {
        let module = self.new_module("__main__");
        let Some(globals) = self.get_attribute_or_none(&module, &self.names.dict).ok().flatten() else {
            return 1;
        };
        if let Some(dict) = globals.get::<Dict>() {
            for name in [&self.names.package, &self.intern("__loader__"), &self.names.spec] {
                dict.set_name(self, name, NONE);
            }
            if let Some(file) = file {
                dict.set_name(self, &self.names.file, self.str(file));
                dict.set_name(self, &self.intern("__cached__"), NONE);
            }
            if let Ok(Some(builtins)) = self.builtin_module("builtins") {
                dict.set_name(self, &self.names.builtins, builtins);
            }
        }
        let result = self.run_code(code, &globals);
        let status = match result {
            Ok(_) => 0,
            Err(_) => self.report(),
        };
        drop(globals);
        self.finish(module);
        status
    }

    fn run_code(&self, code: &Value, globals: &Value) -> R {
        let function = self.function_of(code, globals)?;
        self.call_function(&function, Args { values: &[], names: &[] }, Some(globals.clone()))
    }

    /// Prints the pending exception, or does what `SystemExit` says; the exit code.
    pub(crate) fn report(&self) -> i32 {
        let Some(exception) = self.pending.take() else { return 1 };
        if self.is_instance_of(&exception, Exc::SystemExit) {
            let code = self.first_argument(&exception);
            if code.is_none() {
                return 0;
            }
            if let Some(code) = self.as_i64(&code) {
                return code as i32;
            }
            let text = self.str_text(&code).unwrap_or_default();
            self.write_err(format!("{text}\n").as_bytes());
            return 1;
        }
        if !self.shown_by_hook(&exception) && !self.shown_by_library(&exception) {
            let mut out = Vec::new();
            self.push_traceback(&exception, &mut out, true);
            self.write_err(&out);
        }
        if self.is_instance_of(&exception, Exc::KeyboardInterrupt) {
            self.signals.ended.set(true);
            return 130;
        }
        1
    }

    /// Lets a `sys.excepthook` of the program's own show an exception; false where there is none.
    fn shown_by_hook(&self, exception: &Value) -> bool {
        let Some(sys) = self.modules_state.sys.get() else { return false };
        let name = self.intern("excepthook");
        let Ok(Some(hook)) = self.get_attribute_or_none(&sys, &name) else { return false };
        if hook.get::<crate::object::Native>().is_some() {
            return false;
        }
        self.flush();
        let traceback = self.traceback_of(exception).unwrap_or(NONE);
        if self.call_with(&hook, &[self.class_of(exception), exception.clone(), traceback]).is_ok() {
            return true;
        }
        let Some(second) = self.pending.take() else { return true };
        if self.is_instance_of(&second, Exc::SystemExit) {
            self.pending.set(Some(second));
            return true;
        }
        let mut out = b"Error in sys.excepthook:\n".to_vec();
        self.push_traceback(&second, &mut out, true);
        out.extend_from_slice(b"\nOriginal exception was:\n");
        self.push_traceback(exception, &mut out, true);
        self.write_err(&out);
        true
    }

    /// Shows an exception by the library's `traceback`, as CPython does: where it may suggest a name, and groups. False
    /// where that is not needed, or does not work.
    fn shown_by_library(&self, exception: &Value) -> bool {
        let mut wanted = [Exc::AttributeError, Exc::NameError, Exc::ImportError]
            .iter()
            .any(|&of| self.is_instance_of(exception, of));
        let mut at = Some(exception.clone());
        for _ in 0..100 {
            let Some(it) = at else { break };
            wanted |= self.is_instance_of(&it, Exc::BaseExceptionGroup) || self.is_hard_to_show(&it);
            at = it.get::<Exception>().and_then(|it| it.cause.get().or_else(|| it.context.get()));
        }
        if !wanted || self.stopped.get() {
            return false;
        }
        self.flush();
        let show = || {
            let traceback =
                self.import_level(&self.intern("traceback"), &Value::from_i32(0), &NONE, &NONE)?;
            let function = self.get_attribute(&traceback, &self.intern("_print_exception_bltin"))?;
            self.call_with(&function, std::slice::from_ref(exception))
        };
        if show().is_err() {
            self.pending.set(None);
            return false;
        }
        self.flush();
        true
    }

    /// Is there an entry in its traceback whose place goes over lines, or whose source is in another encoding?
    fn is_hard_to_show(&self, exception: &Value) -> bool {
        let mut entry = exception.get::<Exception>().and_then(|it| it.traceback.get());
        while let Some(value) = entry {
            let Some(traceback) = value.get::<Traceback>() else { break };
            let frame = traceback.frame.get::<crate::object::FrameObject>();
            if let Some(code) = frame.and_then(crate::object::FrameObject::code) {
                let place = code.place_of_offset(traceback.offset);
                let file = self.text_of(&code.file());
                let unread = || std::fs::read_to_string(&file);
                let line = usize::try_from(place.line - 1).ok();
                let ascii =
                    |text: String| line.and_then(|at| text.lines().nth(at).map(str::is_ascii)) != Some(false);
                if place.end_line > place.line
                    || unread().is_ok_and(|text| !ascii(text))
                    || unread().is_err_and(|it| it.kind() == std::io::ErrorKind::InvalidData)
                {
                    return true;
                }
            }
            let next = traceback.next.borrow().clone();
            entry = next;
        }
        false
    }

    /// What CPython prints of an exception: those before it, where it was raised, what it says.
    pub(crate) fn push_traceback(&self, exception: &Value, out: &mut Vec<u8>, chain: bool) {
        let mut row = vec![(exception.clone(), "")];
        let mut at = exception.clone();
        while chain && row.len() < 1000 {
            let Some(body) = at.get::<Exception>() else { break };
            let (next, words) = match (body.cause.get(), body.context.get()) {
                (Some(cause), _) => {
                    (cause, "\nThe above exception was the direct cause of the following exception:\n\n")
                }
                (None, Some(context)) if !body.suppress.get() => {
                    (context, "\nDuring handling of the above exception, another exception occurred:\n\n")
                }
                _ => break,
            };
            if row.iter().any(|(it, _)| it.is(&next)) {
                break;
            }
            if let Some(last) = row.last_mut() {
                last.1 = words;
            }
            row.push((next.clone(), ""));
            at = next;
        }
        for (exception, words) in row.iter().rev() {
            out.extend_from_slice(words.as_bytes());
            self.push_one(exception, out, chain);
        }
    }

    fn push_one(&self, exception: &Value, out: &mut Vec<u8>, carets: bool) {
        let mut text = String::new();
        let mut entry = exception.get::<Exception>().and_then(|it| it.traceback.get());
        if entry.is_some() {
            text.push_str("Traceback (most recent call last):\n");
        }
        let mut last: Option<(String, u32)> = None;
        while let Some(value) = entry {
            let Some(traceback) = value.get::<Traceback>() else { break };
            let mut line = String::new();
            self.push_entry(traceback, &mut line, carets);
            match &mut last {
                Some((before, times)) if *before == line => *times += 1,
                _ => {
                    push_repeated(&mut text, last.take());
                    last = Some((line, 1));
                }
            }
            let next = traceback.next.borrow().clone();
            entry = next;
        }
        push_repeated(&mut text, last);
        let syntax =
            self.is_instance_of(exception, Exc::SyntaxError) && self.push_source_place(exception, &mut text);
        let name = {
            let ty = self.type_of(exception);
            self.full_name(ty).strip_prefix("__main__.").map_or_else(|| self.full_name(ty), str::to_owned)
        };
        let message =
            exception.get::<Exception>().filter(|_| syntax).and_then(|it| self.of_syntax_error(it, "msg"));
        let said = match self.str_text(message.as_ref().unwrap_or(exception)) {
            Ok(said) => said,
            Err(_) => {
                self.pending.set(None);
                "<exception str() failed>".to_owned()
            }
        };
        text.push_str(&name);
        if !said.is_empty() {
            let _ = write!(text, ": {said}");
        }
        text.push('\n');
        let notes = self.own_attribute(exception, &self.names.notes);
        if let Some(notes) = notes.and_then(|notes| self.collect(&notes).ok()) {
            for note in notes {
                text.push_str(&self.text_of(&note));
                text.push('\n');
            }
        }
        out.extend_from_slice(text.as_bytes());
    }

    /// Where a `SyntaxError` is; false where it does not say.
    fn push_source_place(&self, exception: &Value, out: &mut String) -> bool {
        let Some(body) = exception.get::<Exception>() else { return false };
        let get = |name: &str| self.of_syntax_error(body, name).filter(|it| !it.is_none());
        let Some(line) = get("lineno").and_then(|it| self.as_i64(&it)) else { return false };
        let file = get("filename").map_or_else(|| "<string>".to_owned(), |it| self.text_of(&it));
        let _ = writeln!(out, "  File \"{file}\", line {line}");
        let Some(text) = get("text") else { return true };
        let text = self.text_of(&text);
        let line_text = text.trim_end_matches('\n');
        let shown = line_text.trim_start_matches([' ', '\t', '\x0c']);
        let cut = line_text.chars().count() - shown.chars().count();
        let _ = writeln!(out, "    {}", shown.trim_end());
        let number = |name: &str| get(name).and_then(|it| self.as_i64(&it));
        let Some(offset) = number("offset").filter(|it| *it > 0) else { return true };
        let behind = line_text.chars().count() as i64 + 1;
        let whole = text.chars().count() as i64;
        let end = match number("end_lineno") == Some(line) {
            true => number("end_offset").filter(|it| *it != 0).unwrap_or(offset),
            false => behind,
        };
        let inside = |column: i64| if column > whole { behind } else { column };
        let (offset, end) = (inside(offset), inside(end));
        let end = if offset >= end || end < 0 { offset + 1 } else { end };
        let start = offset - 1 - cut as i64;
        if start >= 0 {
            let spaces: String = shown
                .chars()
                .chain(std::iter::repeat(' '))
                .take(start as usize)
                .map(|it| if it.is_whitespace() { it } else { ' ' })
                .collect();
            let _ = writeln!(out, "    {spaces}{}", "^".repeat((end - offset).max(1) as usize));
        }
        true
    }

    fn push_entry(&self, traceback: &Traceback, text: &mut String, carets: bool) {
        let frame = traceback.frame.get::<crate::object::FrameObject>();
        let Some(code) = frame.and_then(crate::object::FrameObject::code) else { return };
        let (file, name) = (self.text_of(&code.file()), self.text_of(&code.name));
        let _ = writeln!(text, "  File \"{file}\", line {}, in {name}", traceback.line.get());
        let place = code.place_of_offset(traceback.offset);
        let Some(source) = self.source_text(&file) else { return };
        let Some(line) = usize::try_from(place.line - 1).ok().and_then(|at| source.lines().nth(at)) else {
            return;
        };
        let stripped = line.trim_start();
        if stripped.is_empty() {
            return;
        }
        let _ = writeln!(text, "    {}", stripped.trim_end());
        if carets && !self.config.borrow().no_debug_ranges {
            super::carets::push(line, &place, text);
        }
    }

    /// Prints what `print` prints.
    pub(crate) fn print(&self, args: Args<'_>) -> R {
        let names = ["sep", "end", "file", "flush"];
        let (values, [sep, end, file, flush]) = super::keywords(self, "print", args, names)?;
        let file = file.filter(|it| !it.is_none()).cloned().or_else(|| self.replaced_stream("stdout"));
        if file.as_ref().is_some_and(Value::is_none) {
            return Ok(NONE);
        }
        let part = |given: Option<&Value>, default: &Value, name: &str| match given {
            None => Ok(default.clone()),
            Some(it) if it.is_none() => Ok(default.clone()),
            Some(it) if it.get::<Str>().is_some() => Ok(it.clone()),
            Some(it) => {
                let got = self.type_name(it);
                Err(self.type_error(format!("{name} must be None or a string, not {got}")))
            }
        };
        let (space, newline) = (self.character(u32::from(b' ')), self.character(u32::from(b'\n')));
        let (sep, end) = (part(sep, &space, "sep")?, part(end, &newline, "end")?);
        if let Some(file) = file {
            let write = self.get_attribute(&file, &self.names.write)?;
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    self.call_with(&write, std::slice::from_ref(&sep))?;
                }
                let text = self.to_str(value)?;
                self.call_with(&write, &[text])?;
            }
            self.call_with(&write, std::slice::from_ref(&end))?;
            if let Some(flush) = flush
                && self.truth(flush)?
            {
                let flush = self.get_attribute(&file, &self.names.flush)?;
                self.call_with(&flush, &[])?;
            }
            return Ok(NONE);
        }
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.write_out(&sep.get::<Str>().map(Str::to_utf8).unwrap_or_default());
            }
            let value = self.to_str(value)?;
            if let Some(text) = value.get::<Str>() {
                if text.ascii().is_none() && text.points().iter().any(|it| (0xD800..0xE000).contains(it)) {
                    // Encoding says what cannot be written.
                    let encode = self.get_attribute(&value, &self.intern("encode"))?;
                    self.call_with(&encode, &[])?;
                }
                self.write_out(&text.to_utf8());
            }
        }
        self.write_out(&end.get::<Str>().map(Str::to_utf8).unwrap_or_default());
        if let Some(flush) = flush
            && self.truth(flush)?
        {
            self.flush();
        }
        Ok(NONE)
    }
}

/// An entry, at most three times.
fn push_repeated(text: &mut String, entry: Option<(String, u32)>) {
    let Some((entry, times)) = entry else { return };
    for _ in 0..times.min(3) {
        text.push_str(&entry);
    }
    if times > 3 {
        let more = times - 3;
        let plural = if more == 1 { "" } else { "s" };
        let _ = writeln!(text, "  [Previous line repeated {more} more time{plural}]");
    }
}
