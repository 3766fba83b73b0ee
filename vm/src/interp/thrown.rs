//! What is around generators and coroutines: exceptions that are thrown into them, the hooks of asynchronous generators,
//! where coroutines were made, and what is said of those that were never awaited.

use crate::builtins::exceptions::Exc;
use crate::object::{Exception, Generator, State, Traceback, Type};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

impl Vm {
    /// The exception that `throw(type, value, traceback)` names. CPython: `_gen_throw`.
    pub(crate) fn thrown(&self, values: &[Value], method: &str) -> R {
        if values.len() > 1 {
            self.warn_of_old_throw(method)?;
        }
        self.thrown_quietly(values)
    }

    /// The same without a warning.
    pub(crate) fn thrown_quietly(&self, values: &[Value]) -> R {
        let given = |at: usize| values.get(at).filter(|it| !it.is_none());
        let traceback = given(2);
        if traceback.is_some_and(|it| it.get::<Traceback>().is_none()) {
            return Err(self.type_error("throw() third argument must be a traceback object"));
        }
        let Some(first) = values.first() else {
            return Err(self.type_error("throw expected at least 1 argument, got 0"));
        };
        let base = self.exceptions.get(Exc::BaseException);
        let exception = if first.get::<Exception>().is_some() {
            if given(1).is_some() {
                return Err(self.type_error("instance exception may not have a separate value"));
            }
            first.clone()
        } else if first.object::<Type>().is_some_and(|it| it.is_subtype(base)) {
            match given(1) {
                Some(value) if self.is_instance(value, first)? => value.clone(),
                Some(value) => match value.get::<crate::object::Tuple>() {
                    Some(args) => self.exception_or_error(first, &args.items)?,
                    None => self.exception_or_error(first, std::slice::from_ref(value))?,
                },
                None => self.exception_or_error(first, &[])?,
            }
        } else {
            let got = self.type_name(first);
            return Err(self.type_error(format!(
                "exceptions must be classes or instances deriving from BaseException, not {got}"
            )));
        };
        if let (Some(traceback), Some(body)) = (traceback, exception.get::<Exception>()) {
            body.traceback.set(Some(traceback.clone()));
        }
        Ok(exception)
    }

    /// An exception of a class; where making it raises, what that raised is thrown instead.
    fn exception_or_error(&self, class: &Value, args: &[Value]) -> R {
        self.exception_of(class, args).or_else(|raised| self.pending.take().ok_or(raised))
    }

    /// Says that `throw` takes one argument nowadays.
    pub(crate) fn warn_of_old_throw(&self, method: &str) -> R<()> {
        let message = format!(
            "the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead."
        );
        self.warn(Exc::DeprecationWarning, &message)
    }

    /// An asynchronous generator is asked for something: the first time hooks are called and kept.
    pub(crate) fn first_asked(&self, generator: &Value) -> R<()> {
        let Some(it) = generator.get::<Generator>() else { return Ok(()) };
        if it.extra.is_some() {
            return Ok(());
        }
        it.extra.set(Some(self.tracing.finalizer.get().unwrap_or(NONE)));
        match self.tracing.first_iter.get() {
            Some(hook) => self.call_with(&hook, std::slice::from_ref(generator)).map(drop),
            None => Ok(()),
        }
    }

    /// A generator goes: it is closed, or its end is told.
    pub(super) fn finalize_generator(&self, object: &Value, it: &Generator) {
        let kind = self.generator_kind(object);
        if kind == "async generator"
            && it.state.get() != State::Done
            && let Some(hook) = it.extra.get().filter(|it| !it.is_none())
        {
            if self.call_with(&hook, std::slice::from_ref(object)).is_err() {
                self.unraisable(&hook, "calling async generator finalizer");
            }
            return;
        }
        if kind == "coroutine" && it.state.get() == State::Created {
            self.warn_never_awaited(object);
        }
        if it.state.get() == State::Suspended && self.generator_close(object).is_err() {
            self.unraisable(object, "closing generator");
        }
    }

    /// The frame of a generator that did not start is cleared: a coroutine is never awaited then.
    pub(super) fn before_clearing(&self, generator: &crate::value::Object<Generator>) {
        let value = Value::of(generator);
        if self.generator_kind(&value) == "coroutine" && generator.body.state.get() == State::Created {
            self.warn_never_awaited(&value);
        }
    }

    /// Warns of a coroutine that nobody waited for. CPython: `_PyErr_WarnUnawaitedCoroutine`.
    fn warn_never_awaited(&self, coroutine: &Value) {
        let zero = crate::value::Value::from_i32(0);
        let result = match self.import_level(&self.intern("warnings"), &zero, &NONE, &NONE) {
            Ok(module) => {
                match self.get_attribute_or_none(&module, &self.intern("_warn_unawaited_coroutine")) {
                    Ok(Some(function)) => {
                        self.call_with(&function, std::slice::from_ref(coroutine)).map(drop)
                    }
                    _ => self.warn_plainly(coroutine),
                }
            }
            Err(raised) => Err(raised),
        };
        if result.is_err() {
            self.unraisable(coroutine, "finalizing coroutine");
        }
    }

    fn warn_plainly(&self, coroutine: &Value) -> R<()> {
        let name = coroutine.get::<Generator>().and_then(|it| it.qualname.get());
        let name = name.map(|it| self.text_of(&it)).unwrap_or_default();
        self.warn(Exc::RuntimeWarning, &format!("coroutine '{name}' was never awaited"))
    }

    /// `cr_origin`: file, line and name of the frames that make a coroutine, the innermost one first.
    pub(super) fn origin_of_coroutine(&self) -> Option<Value> {
        let mut rows = Vec::new();
        let depth = usize::try_from(self.tracing.origin_depth.get()).unwrap_or(0);
        // The innermost frame is the coroutine's own.
        for at in 1..=depth {
            let Some(frame) = self.frame_at(at) else { break };
            let Some(body) = frame.get::<crate::object::FrameObject>() else { break };
            let Some(code) = body.code() else { break };
            let line = self.frame_line(body).map_or(NONE, |it| self.int(it.into()));
            rows.push(self.tuple(vec![code.file(), line, code.name.clone()]));
        }
        Some(self.tuple(rows))
    }
}
