//! Writing while finding out which objects are shared.
//!
//! CPython marks an object with `FLAG_REF` when something else refers to it too, and back-references count the
//! marked objects before theirs. Both is only known at the end, so one pass writes the graph, marks in hindsight
//! what occurs again and leaves in back-references which object it was; then these get their numbers.

use super::write::{WriteError, choose, length};
use super::{FLAG_REF, MAX_DEPTH, type_code};
use crate::code::{Code, Entry, Object, ObjectId, Objects, Range};
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
    /// Appends `root` to `out`. No object was seen yet; those that are written are afterwards.
    pub(super) fn write(
        &mut self,
        objects: &mut Objects<'_>,
        root: ObjectId,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        self.firsts.clear();
        self.repeats.clear();
        let newest = objects.form.fields == NEWEST_FIELDS;
        let Sharing { firsts, repeats } = self;
        let Objects { form, objects: entries, children, codes, .. } = objects;
        let mut pass = Pass {
            fields: form.fields,
            entries,
            children,
            codes,
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

/// Notes that an object is written here for the first time; returns its flag, as far as it is known.
#[inline(always)]
fn begin(entry: &mut Entry<'_>, firsts: &mut Vec<u32>, out: &[u8]) -> u8 {
    entry.seen = true;
    entry.class = firsts.len() as u32;
    firsts.push(out.len() as u32);
    u8::from(entry.flag_ref) << 7
}

/// One pass. An error is noted and ends the descent; what is written is of no use then.
struct Pass<'s, 'a> {
    /// The objects. Those that were seen are written, and their `class` says which of `firsts` each is.
    entries: &'s mut [Entry<'a>],
    children: &'s [ObjectId],
    codes: &'s [Code],
    fields: &'static [CodeField],
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
        let entry = &mut self.entries[id.index()];
        if entry.seen {
            let (first, flagged) = (entry.class, entry.flag_ref);
            return self.repeat(first, flagged);
        }
        match entry.object {
            Object::Str { text, interned } => {
                let mark = entry.mark;
                let flag = begin(entry, self.firsts, &self.out);
                self.text(text.as_bytes(), interned, flag, mark);
            }
            _ => self.other(id),
        }
    }

    /// Another object than a string that was not written before.
    #[inline(never)]
    fn other(&mut self, id: ObjectId) {
        let entry = &mut self.entries[id.index()];
        let object = entry.object;
        if object.is_bare() {
            self.out.push(choose(object));
            return;
        }
        let flag = begin(entry, self.firsts, &self.out);
        match object {
            Object::Bytes(bytes) => self.bytes(bytes, flag),
            Object::Tuple(range) => self.tuple(range, flag),
            Object::Code(index) => self.code(index, flag),
            other => self.rarer(other, flag),
        }
    }

    /// A field of a code object that is a tuple.
    #[inline(always)]
    fn tuple_field(&mut self, id: ObjectId) {
        let entry = &mut self.entries[id.index()];
        match entry.object {
            Object::Tuple(range) if !entry.seen => {
                let flag = begin(entry, self.firsts, &self.out);
                self.tuple(range, flag);
            }
            _ => self.object(id),
        }
    }

    /// A field of a code object that is a bytes string.
    #[inline(always)]
    fn bytes_field(&mut self, id: ObjectId) {
        let entry = &mut self.entries[id.index()];
        match entry.object {
            Object::Bytes(bytes) if !entry.seen => {
                let flag = begin(entry, self.firsts, &self.out);
                self.bytes(bytes, flag);
            }
            _ => self.object(id),
        }
    }

    /// An object that was written before, with `FLAG_REF` already or without.
    #[inline]
    fn repeat(&mut self, first: u32, flagged: bool) {
        if !flagged {
            self.out[self.firsts[first as usize] as usize] |= FLAG_REF;
        }
        self.repeats.push(self.out.len() as u32 + 1);
        self.tagged(type_code::REF, first);
    }

    #[inline(always)]
    fn text(&mut self, text: &[u8], interned: bool, flag: u8, mark: u8) {
        if mark & Entry::SHORT_ASCII == 0 {
            return self.any_text(text, interned, flag);
        }
        let code = if interned { type_code::SHORT_ASCII_INTERNED } else { type_code::SHORT_ASCII };
        self.out.extend_from_slice(&[code | flag, text.len() as u8]);
        self.out.extend_from_slice(text);
    }

    #[inline(never)]
    fn any_text(&mut self, text: &[u8], interned: bool, flag: u8) {
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
            for &element in &self.children[range.indexes()] {
                self.object(element);
            }
        }
        self.depth -= 1;
    }

    #[inline(never)]
    fn code(&mut self, index: u32, flag: u8) {
        let code = &self.codes[index as usize];
        self.out.push(type_code::CODE | flag);
        if self.deeper() {
            if self.newest { self.newest_fields(code) } else { self.fields(code) }
        }
        self.depth -= 1;
    }

    fn newest_fields(&mut self, code: &Code) {
        let pair = |low: u32, high: u32| u128::from(low) | u128::from(high) << 32;
        let counts =
            pair(code.argcount, code.posonlyargcount) | pair(code.kwonlyargcount, code.stacksize) << 64;
        self.out.extend_from_slice(&counts.to_le_bytes());
        self.out.extend_from_slice(&code.flags.to_le_bytes());
        // One after the other, not in a loop: each has its own habits, which the processor learns.
        self.bytes_field(code.code);
        self.tuple_field(code.consts);
        self.tuple_field(code.names);
        self.tuple_field(code.localsplusnames);
        self.bytes_field(code.localspluskinds);
        self.object(code.filename);
        self.object(code.name);
        self.object(code.qualname);
        self.out.extend_from_slice(&code.firstlineno.to_le_bytes());
        self.bytes_field(code.linetable);
        self.bytes_field(code.exceptiontable);
    }

    fn fields(&mut self, code: &Code) {
        for &field in self.fields {
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
            for &element in &self.children[range.indexes()] {
                self.object(element);
                let entry = &self.entries[element.index()];
                if listed && entry.seen {
                    self.out[self.firsts[entry.class as usize] as usize] |= FLAG_REF;
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
