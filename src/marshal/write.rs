//! Writing marshal.

use super::share::Sharing;
use super::{FLAG_REF, MAX_DEPTH, type_code};
use crate::code::{Code, Entry, Object, ObjectId, Objects, Range};
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
    sharing: Sharing,
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
        self.start(objects);
        State::<false>::run(objects, &mut self.numbers, root, out).map(|_| ())
    }

    /// The same, where objects get `FLAG_REF` as CPython gives it: those whose entries say so already, those that
    /// occur more than once, and the elements of frozensets; but none that is written as a type code alone. Of each
    /// object that is written, `seen` is false before and true afterwards, and `class` is changed.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_sharing(
        &mut self,
        objects: &mut Objects<'_>,
        root: ObjectId,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        self.sharing.write(objects, root, out)
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
        self.start(objects);
        State::<true>::run(objects, &mut self.numbers, root, &mut Vec::new())
    }

    fn start(&mut self, objects: &Objects<'_>) {
        self.numbers.clear();
        self.numbers.resize(objects.objects.len(), 0);
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
            self.start(objects);
        }
        let result = State::<false>::run(objects, &mut self.numbers, root, out).map(|_| ());
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

/// Writes one graph; with `TRACE`, notes where each object begins.
struct State<'s, 'a, const TRACE: bool> {
    objects: &'s Objects<'a>,
    numbers: &'s mut [u32],
    next: u32,
    depth: u32,
    /// The type code of back-references.
    back_reference: u8,
    /// What is added to the type code of an object that back-references may name.
    flag: u8,
    trace: Vec<(usize, ObjectId)>,
    out: &'s mut Vec<u8>,
}

impl<'s, 'a, const TRACE: bool> State<'s, 'a, TRACE> {
    fn run(
        objects: &'s Objects<'a>,
        numbers: &'s mut [u32],
        root: ObjectId,
        out: &'s mut Vec<u8>,
    ) -> Result<Vec<(usize, ObjectId)>, WriteError> {
        let (back_reference, flag) = match objects.form.references {
            References::Interned => (type_code::STRING_REF, 0),
            References::None | References::Flagged => (type_code::REF, FLAG_REF),
        };
        let mut state =
            Self { objects, numbers, next: 0, depth: 0, back_reference, flag, trace: Vec::new(), out };
        state.object(root).map(|()| state.trace)
    }

    #[inline(always)]
    fn object(&mut self, id: ObjectId) -> Result<(), WriteError> {
        let objects = self.objects;
        let entry = objects.entry(id);
        let mut flag = 0;
        if entry.flag_ref {
            let number = &mut self.numbers[id.index()];
            if *number != 0 {
                let number = *number - 1;
                self.tagged(self.back_reference, number);
                return Ok(());
            }
            self.next += 1;
            *number = self.next;
            flag = self.flag;
        }
        self.in_full(id, entry, flag)
    }

    /// An object that is not a back-reference.
    #[inline(never)]
    fn in_full(&mut self, id: ObjectId, entry: &Entry<'a>, flag: u8) -> Result<(), WriteError> {
        if TRACE {
            self.trace.push((self.out.len(), id));
        }
        let object = entry.object;
        let code = match entry.type_code {
            0 => choose(object),
            as_read => as_read,
        } | flag;
        match object {
            Object::Float(_) | Object::Complex { .. }
                if matches!(code & !FLAG_REF, type_code::FLOAT | type_code::COMPLEX) =>
            {
                self.number_text(id, code)?;
            }
            Object::Str { text, .. } => self.text(code, text.as_bytes())?,
            Object::Bytes(bytes) => {
                self.tagged(code, length(bytes.len())?);
                self.bytes(bytes);
            }
            Object::Tuple(range) => {
                if code & !FLAG_REF == type_code::SMALL_TUPLE {
                    self.piece([code, range.len as u8]);
                } else {
                    self.tagged(code, length(range.len as usize)?);
                }
                self.elements(range)?;
            }
            Object::Code(index) => {
                self.piece([code]);
                self.deeper()?;
                self.code(&self.objects.codes[index as usize])?;
                self.depth -= 1;
            }
            Object::Int(value) => self.tagged(code, value as u32),
            _ => self.rarer(object, code)?,
        }
        Ok(())
    }

    fn rarer(&mut self, object: Object<'a>, code: u8) -> Result<(), WriteError> {
        match object {
            Object::Int64(value) => {
                self.piece([code]);
                self.piece(value.to_le_bytes());
            }
            Object::Long { negative, digits } => {
                let count = length(digits.len() / 2)? as i32;
                self.tagged(code, (if negative { -count } else { count }) as u32);
                self.bytes(digits);
            }
            Object::Float(bits) => {
                self.piece([code]);
                self.piece(bits.to_le_bytes());
            }
            Object::Complex { re, im } => {
                self.piece([code]);
                self.piece(re.to_le_bytes());
                self.piece(im.to_le_bytes());
            }
            Object::List(range) | Object::Set(range) | Object::FrozenSet(range) => {
                self.tagged(code, length(range.len as usize)?);
                self.elements(range)?;
            }
            Object::Dict(range) => {
                self.piece([code]);
                self.elements(range)?;
                self.piece([type_code::NULL]);
            }
            Object::Slice(parts) => {
                self.piece([code]);
                self.deeper()?;
                for part in parts {
                    self.object(part)?;
                }
                self.depth -= 1;
            }
            // All that is left is a type code alone.
            _ => self.piece([code]),
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
        self.piece([code]);
        let texts = self.objects.number_text(id).unwrap_or_default();
        let count = if code & !FLAG_REF == type_code::COMPLEX { 2 } else { 1 };
        for text in &texts[..count] {
            self.piece([u8::try_from(text.len()).map_err(|_| WriteError::TooLong)?]);
            self.bytes(text);
        }
        Ok(())
    }

    fn text(&mut self, code: u8, text: &[u8]) -> Result<(), WriteError> {
        if matches!(code & !FLAG_REF, type_code::SHORT_ASCII | type_code::SHORT_ASCII_INTERNED) {
            self.piece([code, text.len() as u8]);
        } else {
            self.tagged(code, length(text.len())?);
        }
        self.bytes(text);
        Ok(())
    }

    fn code(&mut self, code: &Code) -> Result<(), WriteError> {
        let form = self.objects.form;
        let width = if form.short_numbers { 2 } else { 4 };
        for &field in form.fields {
            if field.is_number() {
                self.out.extend_from_slice(&code.number(field).to_le_bytes()[..width]);
            } else if field == CodeField::RawKinds {
                let kinds = self.objects.text(code.localspluskinds);
                self.bytes(kinds);
            } else {
                self.object(code.object(field))?;
            }
        }
        Ok(())
    }

    /// A type code and a number.
    #[inline]
    fn tagged(&mut self, code: u8, value: u32) {
        let bytes = (u64::from(value) << 8 | u64::from(code)).to_le_bytes();
        self.out.extend_from_slice(&bytes[..5]);
    }

    #[inline]
    fn piece<const N: usize>(&mut self, piece: [u8; N]) {
        self.out.extend_from_slice(&piece);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

pub(super) fn length(len: usize) -> Result<u32, WriteError> {
    u32::try_from(len).ok().filter(|&len| len <= i32::MAX as u32).ok_or(WriteError::TooLong)
}

/// The type code that `w_complex_object` (`Python/marshal.c`, versions 4 and 5) chooses.
pub(super) fn choose(object: Object<'_>) -> u8 {
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
