//! Frames as objects: what `sys._getframe` and tracebacks show.

use crate::heap::allocate;
use crate::load::Code;
use crate::object::{Dict, Foreign, Function, Generator, Traceback};
use crate::value::{NONE, Value};
use crate::vm::Vm;
use std::cell::Cell;

/// What a frame object shows.
pub(crate) struct FrameData {
    /// `f_code`
    pub code: Value,
    /// `f_globals`
    pub globals: Value,
    /// `f_locals`, as it was when the object was made.
    pub locals: Value,
    /// `f_back`
    pub back: Option<Value>,
    /// `f_lineno`
    pub line: i32,
    /// `f_lasti`
    pub lasti: u32,
    /// `f_trace_lines`, which nothing asks yet.
    pub trace_lines: Cell<bool>,
}

impl Vm {
    /// The frame that is `depth` above the innermost one, with those that called it; `None` where there are not that many.
    pub(crate) fn frame_at(&self, depth: usize) -> Option<Value> {
        let mut all = self.active_frames();
        if depth >= all.len() {
            return None;
        }
        all.truncate(all.len() - depth);
        let mut back = None;
        for data in all {
            let data = FrameData { back, ..data };
            let body = Foreign { data: Box::new(data) };
            back = Some(allocate(self, &self.types.frame, body));
        }
        back
    }

    /// The frame of a suspended generator.
    pub(crate) fn frame_of_generator(&self, generator: &Generator) -> Option<Value> {
        let function = generator.function.get::<Function>()?;
        let code_value = function.code.get()?;
        let code = code_value.get::<Code>()?;
        let at = generator.at.get().saturating_sub(1);
        let data = FrameData {
            code: code_value.clone(),
            globals: function.globals.clone(),
            locals: self.dict(),
            back: None,
            line: code.place(at).line,
            lasti: code.offsets.get(at as usize).copied().unwrap_or(0),
            trace_lines: Cell::new(true),
        };
        if let Some(dict) = data.locals.get::<Dict>() {
            for ((name, kind), value) in
                code.local_names.iter().zip(&code.kinds).zip(generator.registers.borrow().iter())
            {
                if kind & 0x20 != 0 && !value.is_unset() {
                    dict.set_name(self, name, value.clone());
                }
            }
        }
        Some(allocate(self, &self.types.frame, Foreign { data: Box::new(data) }))
    }

    /// The frame that a traceback entry was made in. Only what does not change is kept: code, globals and line.
    pub(crate) fn frame_of_traceback(&self, traceback: &Traceback) -> Value {
        let globals = traceback.globals.clone();
        let data = FrameData {
            code: traceback.code.clone(),
            globals,
            locals: self.dict(),
            back: None,
            line: traceback.line,
            lasti: traceback.offset,
            trace_lines: Cell::new(true),
        };
        allocate(self, &self.types.frame, Foreign { data: Box::new(data) })
    }

    /// An attribute of a frame.
    pub(crate) fn of_frame(&self, frame: &FrameData, name: &str) -> Option<Value> {
        Some(match name {
            "f_code" => frame.code.clone(),
            "f_globals" => frame.globals.clone(),
            "f_locals" => frame.locals.clone(),
            "f_back" => frame.back.clone().unwrap_or(NONE),
            "f_lineno" => self.int(frame.line.into()),
            "f_lasti" => self.int(frame.lasti.into()),
            "f_builtins" => self.builtins.clone(),
            "f_trace" => NONE,
            "f_trace_lines" => Value::bool(frame.trace_lines.get()),
            _ => return None,
        })
    }
}
