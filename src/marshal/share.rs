//! Writing while finding out which objects are shared.
//!
//! CPython marks an object with `FLAG_REF` when something else refers to it too, and back-references count the
//! marked objects before theirs. Both is only known at the end, so one pass writes the graph, marks in hindsight
//! what occurs again and leaves in back-references which object it was; then these get their numbers.

use super::write::{WriteError, choose, length};
use super::{FLAG_REF, MAX_DEPTH, type_code};
use crate::code::{Code, Object, ObjectId, Objects, Range};
use crate::target::CodeField;

/// The fields of code objects since 3.11, in order.
const NEWEST_FIELDS: &[CodeField] = &[
    CodeField::Argcount,
    CodeField::PosOnlyArgcount,
    CodeField::KwOnlyArgcount,
    CodeField::StackSize,
    CodeField::Flags,
    CodeField::Code,
    CodeField::Consts,
    CodeField::Names,
    CodeField::LocalsPlusNames,
    CodeField::LocalsPlusKinds,
    CodeField::Filename,
    CodeField::Name,
    CodeField::Qualname,
    CodeField::FirstLine,
    CodeField::LineTable,
    CodeField::ExceptionTable,
];

/// Memory of such passes.
#[derive(Default, Debug)]
pub(super) struct Sharing {
    /// Where the objects are that can be marked, in the order in which they were written.
    firsts: Vec<u32>,
    /// Where the numbers of back-references are.
    repeats: Vec<u32>,
}

impl Sharing {
    /// Appends `root` to `out`. `numbers` has a zero for each object.
    pub(super) fn write(
        &mut self,
        objects: &Objects<'_>,
        numbers: &mut [u32],
        root: ObjectId,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        self.firsts.clear();
        self.repeats.clear();
        let newest = objects.form.fields == NEWEST_FIELDS;
        let Sharing { firsts, repeats } = self;
        let mut pass = Pass {
            objects,
            numbers,
            firsts,
            repeats,
            out: std::mem::take(out),
            depth: 0,
            newest,
            error: None,
        };
        pass.object(root);
        let error = pass.error;
        *out = pass.out;
        match error {
            Some(error) => Err(error),
            None => {
                self.number(out);
                Ok(())
            }
        }
    }

    /// Gives back-references their numbers.
    fn number(&mut self, out: &mut [u8]) {
        let mut next = 0;
        for first in &mut self.firsts {
            let flagged = u32::from(out[*first as usize] >> 7);
            *first = next;
            next += flagged;
        }
        for &at in &self.repeats {
            if let Some(place) = out.get_mut(at as usize..).and_then(<[u8]>::first_chunk_mut::<4>) {
                *place = self.firsts[u32::from_le_bytes(*place) as usize].to_le_bytes();
            }
        }
    }
}

/// One pass. An error is noted and ends the descent; what is written is of no use then.
struct Pass<'s, 'a> {
    objects: &'s Objects<'a>,
    /// By object: which of `firsts` it is, plus one; 0 = not written yet.
    numbers: &'s mut [u32],
    firsts: &'s mut Vec<u32>,
    repeats: &'s mut Vec<u32>,
    out: Vec<u8>,
    depth: u32,
    /// Are the fields of code objects [`NEWEST_FIELDS`]?
    newest: bool,
    error: Option<WriteError>,
}

impl<'a> Pass<'_, 'a> {
    #[inline(always)]
    fn object(&mut self, id: ObjectId) {
        let number = &mut self.numbers[id.index()];
        if *number != 0 {
            let first = *number - 1;
            return self.repeat(first);
        }
        let entry = &self.objects.objects[id.index()];
        if entry.object.is_bare() {
            self.out.push(choose(entry.object));
            return;
        }
        self.firsts.push(self.out.len() as u32);
        *number = self.firsts.len() as u32;
        let flag = if entry.flag_ref { FLAG_REF } else { 0 };
        match entry.object {
            Object::Str { text, interned } => self.text(text.as_bytes(), interned, flag),
            Object::Bytes(bytes) => self.bytes(bytes, flag),
            Object::Tuple(range) => self.tuple(range, flag),
            Object::Code(index) => self.code(index, flag),
            other => self.rarer(other, flag),
        }
    }

    /// An object that was written before.
    #[inline]
    fn repeat(&mut self, first: u32) {
        self.out[self.firsts[first as usize] as usize] |= FLAG_REF;
        self.repeats.push(self.out.len() as u32 + 1);
        self.tagged(type_code::REF, first);
    }

    #[inline(never)]
    fn text(&mut self, text: &[u8], interned: bool, flag: u8) {
        let ascii = text.is_ascii();
        if ascii && text.len() < 256 {
            let code = if interned { type_code::SHORT_ASCII_INTERNED } else { type_code::SHORT_ASCII };
            self.out.extend_from_slice(&[code | flag, text.len() as u8]);
        } else {
            let code = match (ascii, interned) {
                (true, true) => type_code::ASCII_INTERNED,
                (true, false) => type_code::ASCII,
                (false, true) => type_code::INTERNED,
                (false, false) => type_code::UNICODE,
            };
            self.counted(code | flag, text.len());
        }
        self.out.extend_from_slice(text);
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8], flag: u8) {
        self.counted(type_code::STRING | flag, bytes.len());
        self.out.extend_from_slice(bytes);
    }

    #[inline(never)]
    fn tuple(&mut self, range: Range, flag: u8) {
        if range.len < 256 {
            self.out.extend_from_slice(&[type_code::SMALL_TUPLE | flag, range.len as u8]);
        } else {
            self.counted(type_code::TUPLE | flag, range.len as usize);
        }
        if self.deeper() {
            let objects = self.objects;
            for &element in objects.children(range) {
                self.object(element);
            }
        }
        self.depth -= 1;
    }

    #[inline(never)]
    fn code(&mut self, index: u32, flag: u8) {
        let code = &self.objects.codes[index as usize];
        self.out.push(type_code::CODE | flag);
        if self.deeper() {
            if self.newest { self.newest_fields(code) } else { self.fields(code) }
        }
        self.depth -= 1;
    }

    fn newest_fields(&mut self, code: &Code) {
        let mut head = [0; 20];
        let numbers = [code.argcount, code.posonlyargcount, code.kwonlyargcount, code.stacksize, code.flags];
        for (place, number) in head.chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        self.out.extend_from_slice(&head);
        let (locals, kinds) = (code.localsplusnames, code.localspluskinds);
        for id in [code.code, code.consts, code.names, locals, kinds, code.filename, code.name, code.qualname]
        {
            self.object(id);
        }
        self.out.extend_from_slice(&code.firstlineno.to_le_bytes());
        for id in [code.linetable, code.exceptiontable] {
            self.object(id);
        }
    }

    fn fields(&mut self, code: &Code) {
        for &field in self.objects.form.fields {
            if field.is_number() {
                self.out.extend_from_slice(&code.number(field).to_le_bytes());
            } else {
                self.object(code.object(field));
            }
        }
    }

    #[inline(never)]
    fn rarer(&mut self, object: Object<'a>, flag: u8) {
        let code = choose(object) | flag;
        match object {
            Object::Int(value) => self.tagged(code, value as u32),
            Object::Float(bits) => {
                self.out.push(code);
                self.out.extend_from_slice(&bits.to_le_bytes());
            }
            Object::Complex { re, im } => {
                self.out.push(code);
                self.out.extend_from_slice(&re.to_le_bytes());
                self.out.extend_from_slice(&im.to_le_bytes());
            }
            Object::Int64(value) => {
                self.out.push(code);
                self.out.extend_from_slice(&value.to_le_bytes());
            }
            Object::Long { negative, digits } => {
                let count = (digits.len() / 2) as i32;
                self.tagged(code, (if negative { -count } else { count }) as u32);
                self.out.extend_from_slice(digits);
            }
            Object::List(range) | Object::Set(range) | Object::FrozenSet(range) => {
                self.counted(code, range.len as usize);
                self.parts(range, matches!(object, Object::FrozenSet(_)));
            }
            Object::Dict(range) => {
                self.out.push(code);
                self.parts(range, false);
                self.out.push(type_code::NULL);
            }
            Object::Slice(parts) => {
                self.out.push(code);
                if self.deeper() {
                    parts.into_iter().for_each(|part| self.object(part));
                }
                self.depth -= 1;
            }
            // The callers know of all others.
            _ => self.out.push(code),
        }
    }

    /// The elements of a rarer container. While CPython writes those of a frozenset, there is a list of them.
    fn parts(&mut self, range: Range, listed: bool) {
        if self.deeper() {
            let objects = self.objects;
            for &element in objects.children(range) {
                self.object(element);
                let first = self.numbers[element.index()];
                if listed && first != 0 {
                    self.out[self.firsts[first as usize - 1] as usize] |= FLAG_REF;
                }
            }
        }
        self.depth -= 1;
    }

    /// Goes down one level; `false`: no deeper.
    #[inline]
    fn deeper(&mut self) -> bool {
        self.depth += 1;
        if self.depth >= MAX_DEPTH {
            self.error = Some(WriteError::TooDeep);
        }
        self.depth < MAX_DEPTH
    }

    /// A type code and how many bytes or elements follow.
    #[inline]
    fn counted(&mut self, code: u8, count: usize) {
        let count = length(count).unwrap_or_else(|error| {
            self.error = Some(error);
            0
        });
        self.tagged(code, count);
    }

    /// A type code and a number.
    #[inline]
    fn tagged(&mut self, code: u8, value: u32) {
        let bytes = (u64::from(value) << 8 | u64::from(code)).to_le_bytes();
        self.out.extend_from_slice(&bytes[..5]);
    }
}
