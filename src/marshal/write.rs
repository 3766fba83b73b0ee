//! Writing marshal.

use super::{FLAG_REF, MAX_DEPTH, type_code};
use crate::code::{Code, Object, ObjectId, Objects, Range};
use crate::target::{CodeField, References};
use std::fmt;

/// Why a graph cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteError {
    /// Nested deeper than [`MAX_DEPTH`]; CPython refuses that too.
    TooDeep,
    /// A string, bytes or container of 2³¹ elements or more.
    TooLong,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::TooDeep => "object too deeply nested to marshal",
            WriteError::TooLong => "unmarshallable object: too long",
        })
    }
}

impl std::error::Error for WriteError {}

/// Memory for writing, reused from file to file.
#[derive(Default, Debug)]
pub struct Writer {
    /// By object: the number that a back-reference names it by, plus one; 0 = not written yet.
    numbers: Vec<u32>,
}

impl Writer {
    /// A writer without any memory yet.
    pub fn new() -> Self {
        Writer::default()
    }

    /// Appends the marshalled `root` to `out`.
    ///
    /// # Errors
    /// `out` ends with a part of the object then.
    pub fn write(
        &mut self,
        objects: &Objects<'_>,
        root: ObjectId,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        self.numbers.clear();
        self.numbers.resize(objects.objects.len(), 0);
        let mut state = State { objects, numbers: &mut self.numbers, next: 0, depth: 0, trace: None, out };
        state.object(root)
    }

    /// Writes `root` and says where each object that is not a back-reference begins, in order.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn offsets(
        &mut self,
        objects: &Objects<'_>,
        root: ObjectId,
    ) -> Result<Vec<(usize, ObjectId)>, WriteError> {
        self.numbers.clear();
        self.numbers.resize(objects.objects.len(), 0);
        let mut out = Vec::new();
        let mut trace = Vec::new();
        let mut state = State {
            objects,
            numbers: &mut self.numbers,
            next: 0,
            depth: 0,
            trace: Some(&mut trace),
            out: &mut out,
        };
        state.object(root)?;
        Ok(trace)
    }

    /// Appends one object of several as if it were written alone: numbers start again. In the steady state this
    /// costs time in proportion to the object, not to the graph.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_alone(
        &mut self,
        objects: &Objects<'_>,
        root: ObjectId,
        written: &mut Vec<ObjectId>,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        if self.numbers.len() != objects.objects.len() {
            self.numbers.clear();
            self.numbers.resize(objects.objects.len(), 0);
        }
        let mut state = State { objects, numbers: &mut self.numbers, next: 0, depth: 0, trace: None, out };
        let result = state.object(root);
        // Clears the numbers of what was written: everything reachable from the root.
        written.clear();
        written.push(root);
        while let Some(id) = written.pop() {
            self.numbers[id.index()] = 0;
            if let Object::Tuple(range) | Object::FrozenSet(range) = objects.get(id) {
                written.extend(objects.children(range));
            }
        }
        result
    }
}

struct State<'s, 'a> {
    objects: &'s Objects<'a>,
    numbers: &'s mut [u32],
    next: u32,
    depth: u32,
    trace: Option<&'s mut Vec<(usize, ObjectId)>>,
    out: &'s mut Vec<u8>,
}

impl State<'_, '_> {
    fn object(&mut self, id: ObjectId) -> Result<(), WriteError> {
        let index = id.index();
        let mut flag = 0;
        if self.objects.objects[index].flag_ref {
            let number = self.numbers[index];
            let interned = self.objects.form.references == References::Interned;
            if number != 0 {
                self.tagged(if interned { type_code::STRING_REF } else { type_code::REF }, number - 1);
                return Ok(());
            }
            self.next += 1;
            self.numbers[index] = self.next;
            flag = if interned { 0 } else { FLAG_REF };
        }
        if let Some(trace) = &mut self.trace {
            trace.push((self.out.len(), id));
        }
        let object = self.objects.objects[index].object;
        let code = match self.objects.objects[index].type_code {
            0 => choose(object),
            as_read => as_read,
        } | flag;
        if matches!(code & !FLAG_REF, type_code::FLOAT | type_code::COMPLEX) {
            return self.number_text(id, code);
        }
        match object {
            Object::Null
            | Object::None
            | Object::False
            | Object::True
            | Object::StopIteration
            | Object::Ellipsis => self.out.push(code),
            Object::Int(value) => self.tagged(code, value as u32),
            Object::Int64(value) => {
                self.out.push(code);
                self.out.extend_from_slice(&value.to_le_bytes());
            }
            Object::Long { negative, digits } => {
                let count = length(digits.len() / 2)? as i32;
                self.tagged(code, (if negative { -count } else { count }) as u32);
                self.out.extend_from_slice(digits);
            }
            Object::Float(bits) => {
                self.out.push(code);
                self.out.extend_from_slice(&bits.to_le_bytes());
            }
            Object::Complex { re, im } => {
                self.out.push(code);
                self.out.extend_from_slice(&re.to_le_bytes());
                self.out.extend_from_slice(&im.to_le_bytes());
            }
            Object::Str { text, .. } => self.text(code, text.as_bytes())?,
            Object::Bytes(bytes) => {
                self.tagged(code, length(bytes.len())?);
                self.out.extend_from_slice(bytes);
            }
            Object::Tuple(range) => {
                if code & !FLAG_REF == type_code::SMALL_TUPLE {
                    self.out.extend_from_slice(&[code, range.len as u8]);
                } else {
                    self.tagged(code, length(range.len as usize)?);
                }
                self.elements(range)?;
            }
            Object::List(range) | Object::Set(range) | Object::FrozenSet(range) => {
                self.tagged(code, length(range.len as usize)?);
                self.elements(range)?;
            }
            Object::Dict(range) => {
                self.out.push(code);
                self.elements(range)?;
                self.out.push(type_code::NULL);
            }
            Object::Slice(parts) => {
                self.out.push(code);
                self.deeper()?;
                for part in parts {
                    self.object(part)?;
                }
                self.depth -= 1;
            }
            Object::Code(index) => {
                self.out.push(code);
                self.deeper()?;
                let code = self.objects.codes[index as usize];
                self.code(&code)?;
                self.depth -= 1;
            }
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), WriteError> {
        self.depth += 1;
        if self.depth >= MAX_DEPTH { Err(WriteError::TooDeep) } else { Ok(()) }
    }

    fn elements(&mut self, range: Range) -> Result<(), WriteError> {
        if range.len == 0 {
            return Ok(());
        }
        self.deeper()?;
        let objects = self.objects;
        for &element in objects.children(range) {
            self.object(element)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// A number as the text that it was read from.
    fn number_text(&mut self, id: ObjectId, code: u8) -> Result<(), WriteError> {
        self.out.push(code);
        let texts = self.objects.number_text(id).unwrap_or_default();
        let count = if code & !FLAG_REF == type_code::COMPLEX { 2 } else { 1 };
        for text in &texts[..count] {
            self.out.push(u8::try_from(text.len()).map_err(|_| WriteError::TooLong)?);
            self.out.extend_from_slice(text);
        }
        Ok(())
    }

    fn text(&mut self, code: u8, text: &[u8]) -> Result<(), WriteError> {
        if matches!(code & !FLAG_REF, type_code::SHORT_ASCII | type_code::SHORT_ASCII_INTERNED) {
            self.out.extend_from_slice(&[code, text.len() as u8]);
        } else {
            self.tagged(code, length(text.len())?);
        }
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn code(&mut self, code: &Code) -> Result<(), WriteError> {
        let form = self.objects.form;
        for &field in form.fields {
            if field.is_number() {
                let [a, b, c, d] = code.number(field).to_le_bytes();
                if form.short_numbers {
                    self.out.extend_from_slice(&[a, b]);
                } else {
                    self.out.extend_from_slice(&[a, b, c, d]);
                }
            } else if field == CodeField::RawKinds {
                let kinds = self.objects.text(code.localspluskinds);
                self.out.extend_from_slice(kinds);
            } else {
                self.object(code.object(field))?;
            }
        }
        Ok(())
    }

    fn tagged(&mut self, code: u8, value: u32) {
        let [a, b, c, d] = value.to_le_bytes();
        self.out.extend_from_slice(&[code, a, b, c, d]);
    }
}

fn length(len: usize) -> Result<u32, WriteError> {
    u32::try_from(len).ok().filter(|&len| len <= i32::MAX as u32).ok_or(WriteError::TooLong)
}

/// The type code that `w_complex_object` (`Python/marshal.c`, versions 4 and 5) chooses.
fn choose(object: Object<'_>) -> u8 {
    match object {
        Object::Null => type_code::NULL,
        Object::None => type_code::NONE,
        Object::False => type_code::FALSE,
        Object::True => type_code::TRUE,
        Object::StopIteration => type_code::STOP_ITERATION,
        Object::Ellipsis => type_code::ELLIPSIS,
        Object::Int(_) => type_code::INT,
        Object::Int64(_) => type_code::INT64,
        Object::Long { .. } => type_code::LONG,
        Object::Float(_) => type_code::BINARY_FLOAT,
        Object::Complex { .. } => type_code::BINARY_COMPLEX,
        Object::Str { text, interned } => {
            let text = text.as_bytes();
            match (text.is_ascii(), text.len() < 256, interned) {
                (true, true, true) => type_code::SHORT_ASCII_INTERNED,
                (true, true, false) => type_code::SHORT_ASCII,
                (true, false, true) => type_code::ASCII_INTERNED,
                (true, false, false) => type_code::ASCII,
                (false, _, true) => type_code::INTERNED,
                (false, _, false) => type_code::UNICODE,
            }
        }
        Object::Bytes(_) => type_code::STRING,
        Object::Tuple(range) if range.len < 256 => type_code::SMALL_TUPLE,
        Object::Tuple(_) => type_code::TUPLE,
        Object::List(_) => type_code::LIST,
        Object::Dict(_) => type_code::DICT,
        Object::Set(_) => type_code::SET,
        Object::FrozenSet(_) => type_code::FROZENSET,
        Object::Slice(_) => type_code::SLICE,
        Object::Code(_) => type_code::CODE,
    }
}
