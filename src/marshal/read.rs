//! Reading marshal.
//!
//! The reader is a loop with a stack of open containers of its own, so that nesting costs no native stack.
//! Lengths are compared with what is left of the input before anything is reserved for them.

use super::error::{Expected, FieldError};
use super::{ErrorKind, FLAG_REF, MAX_DEPTH, ReadError, type_code};
use crate::code::{Code, Object, ObjectId, Objects, Range};
use crate::target::{CodeField, Form, Handlers, References, Strings};
use crate::value::PyStr;

/// What [`read`] gives.
#[derive(Debug)]
pub struct Read<'a> {
    /// The graph.
    pub objects: Objects<'a>,
    /// The outermost object.
    pub root: ObjectId,
    /// How many bytes it takes; CPython ignores what follows.
    pub len: usize,
}

/// Reads one object.
///
/// # Errors
/// The first thing that is wrong with the bytes, and where.
pub fn read(bytes: &[u8], form: impl Into<&'static Form>) -> Result<Read<'_>, ReadError> {
    let mut objects = Objects::default();
    let (root, len) = Reader::new().read(bytes, form, &mut objects)?;
    Ok(Read { objects, root, len })
}

/// Memory for reading, reused from file to file.
#[derive(Default, Debug)]
pub struct Reader {
    /// By number of a back-reference: the object.
    refs: Vec<ObjectId>,
    /// Containers that are being read.
    open: Vec<Frame>,
    /// Elements of the open containers.
    elements: Vec<ObjectId>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    id: ObjectId,
    kind: Kind,
    /// Elements still to come; for a code object, fields.
    left: u32,
    /// Where its elements start in `Reader::elements`.
    start: usize,
    /// Where its type code is.
    offset: usize,
    /// For a code object: its index in `Objects::codes`.
    code: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Tuple,
    List,
    Dict,
    Set,
    FrozenSet,
    Slice,
    Code,
}

/// What one type code led to.
enum Step {
    /// A whole object, or a reference to one.
    Value(ObjectId),
    /// A container whose elements follow.
    Opened,
    /// `NULL`, which ends a dict.
    Null,
}

impl Reader {
    /// A reader without any memory yet.
    pub fn new() -> Self {
        Reader::default()
    }

    /// Reads one object from the start of `bytes` into `objects`, and says how many bytes it takes.
    ///
    /// # Errors
    /// The first thing that is wrong with the bytes, and where. `objects` holds a part then.
    pub fn read<'a>(
        &mut self,
        bytes: &'a [u8],
        form: impl Into<&'static Form>,
        objects: &mut Objects<'a>,
    ) -> Result<(ObjectId, usize), ReadError> {
        self.refs.clear();
        self.open.clear();
        self.elements.clear();
        let form = form.into();
        objects.form = form;
        let mut state =
            State { reader: self, input: Input { bytes, at: 0 }, form, objects, singles: [None; 5] };
        let root = state.run()?;
        Ok((root, state.input.at))
    }
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn error(&self, kind: ErrorKind) -> ReadError {
        ReadError { kind, offset: self.at }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], ReadError> {
        match self.bytes.get(self.at..).and_then(|rest| rest.get(..len)) {
            Some(taken) => {
                self.at += len;
                Ok(taken)
            }
            None => Err(self.error(ErrorKind::UnexpectedEnd)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(taken) => {
                self.at += N;
                Ok(*taken)
            }
            None => Err(self.error(ErrorKind::UnexpectedEnd)),
        }
    }

    fn byte(&mut self) -> Result<u8, ReadError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn int(&mut self) -> Result<i32, ReadError> {
        self.array().map(i32::from_le_bytes)
    }

    fn bits(&mut self) -> Result<u64, ReadError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A length of things that take at least a byte each.
    fn length(&mut self) -> Result<usize, ReadError> {
        let at = self.at;
        let length = self.int()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.bytes.len() - self.at => Ok(length),
            Ok(_) => Err(ReadError { kind: ErrorKind::UnexpectedEnd, offset: at }),
            Err(_) => Err(ReadError { kind: ErrorKind::Length(length), offset: at }),
        }
    }
}

struct State<'s, 'a> {
    reader: &'s mut Reader,
    input: Input<'a>,
    form: &'static Form,
    objects: &'s mut Objects<'a>,
    /// `None`, `False`, `True`, `...`, `StopIteration` once they were met.
    singles: [Option<ObjectId>; 5],
}

impl<'a> State<'_, 'a> {
    fn run(&mut self) -> Result<ObjectId, ReadError> {
        loop {
            if self.reader.open.len() as u32 >= MAX_DEPTH {
                return Err(self.input.error(ErrorKind::TooDeep));
            }
            let offset = self.input.at;
            let mut value = match self.step()? {
                Step::Value(id) => id,
                Step::Opened => continue,
                Step::Null => self.end_dict(offset)?,
            };
            // The value may complete the innermost container, that the next one, and so on.
            loop {
                let Some(frame) = self.reader.open.last_mut() else { return Ok(value) };
                self.reader.elements.push(value);
                if frame.kind == Kind::Dict {
                    break;
                }
                frame.left -= 1;
                if frame.kind == Kind::Code {
                    self.numbers()?;
                }
                if self.reader.open.last().is_none_or(|frame| frame.left != 0) {
                    break;
                }
                value = self.close()?;
            }
        }
    }

    /// Reads a type code and, where the object is no container, the object.
    fn step(&mut self) -> Result<Step, ReadError> {
        let offset = self.input.at;
        let code = self.input.byte()?;
        let (kind, flag) = match self.form.references {
            References::Flagged => (code & !FLAG_REF, code & FLAG_REF != 0),
            References::None | References::Interned => (code, false),
        };
        let object = match kind {
            type_code::REF if self.form.references == References::Flagged => {
                return self.back_reference(offset);
            }
            type_code::STRING_REF if self.form.references == References::Interned => {
                return self.back_reference(offset);
            }
            type_code::NULL => return Ok(Step::Null),
            type_code::NONE => return Ok(self.single(0, Object::None, kind)),
            type_code::FALSE => return Ok(self.single(1, Object::False, kind)),
            type_code::TRUE => return Ok(self.single(2, Object::True, kind)),
            type_code::ELLIPSIS => return Ok(self.single(3, Object::Ellipsis, kind)),
            type_code::STOP_ITERATION => return Ok(self.single(4, Object::StopIteration, kind)),
            type_code::SHORT_ASCII_INTERNED | type_code::SHORT_ASCII => {
                let len = usize::from(self.input.byte()?);
                self.ascii(len, kind == type_code::SHORT_ASCII_INTERNED)?
            }
            type_code::ASCII_INTERNED | type_code::ASCII => {
                let len = self.input.length()?;
                self.ascii(len, kind == type_code::ASCII_INTERNED)?
            }
            type_code::INTERNED if self.form.references != References::Flagged => {
                let len = self.input.length()?;
                let text = Object::Bytes(self.input.take(len)?);
                return Ok(Step::Value(self.push(text, kind, self.form.references == References::Interned)));
            }
            type_code::INTERNED | type_code::UNICODE => self.unicode(kind == type_code::INTERNED)?,
            type_code::STRING => {
                let len = self.input.length()?;
                Object::Bytes(self.input.take(len)?)
            }
            type_code::INT => Object::Int(self.input.int()?),
            type_code::INT64 => Object::Int64(self.input.bits()? as i64),
            type_code::LONG => self.long()?,
            type_code::BINARY_FLOAT => Object::Float(self.input.bits()?),
            type_code::BINARY_COMPLEX => Object::Complex { re: self.input.bits()?, im: self.input.bits()? },
            type_code::FLOAT => {
                let (bits, text) = self.float_text()?;
                return Ok(Step::Value(self.push_text(Object::Float(bits), [text, b""], kind, flag)));
            }
            type_code::COMPLEX => {
                let ((re, real), (im, imaginary)) = (self.float_text()?, self.float_text()?);
                let object = Object::Complex { re, im };
                return Ok(Step::Value(self.push_text(object, [real, imaginary], kind, flag)));
            }
            _ => return self.container(kind, flag, offset),
        };
        Ok(Step::Value(self.push(object, kind, flag)))
    }

    /// A number that keeps its text, because different texts can mean the same number.
    fn push_text(&mut self, object: Object<'a>, texts: [&'a [u8]; 2], code: u8, flag: bool) -> ObjectId {
        let id = self.push(object, code, flag);
        self.objects.texts.push((id, texts));
        id
    }

    /// Opens a container, or gives it where it is empty.
    fn container(&mut self, code: u8, flag: bool, offset: usize) -> Result<Step, ReadError> {
        let (kind, left) = match code {
            type_code::SMALL_TUPLE => (Kind::Tuple, usize::from(self.input.byte()?)),
            type_code::TUPLE => (Kind::Tuple, self.input.length()?),
            type_code::LIST => (Kind::List, self.input.length()?),
            type_code::SET => (Kind::Set, self.input.length()?),
            type_code::FROZENSET => (Kind::FrozenSet, self.input.length()?),
            type_code::DICT => (Kind::Dict, usize::MAX),
            type_code::FROZEN_DICT if self.form.marshal >= 6 => (Kind::Dict, usize::MAX),
            type_code::SLICE if self.form.marshal >= 5 => (Kind::Slice, 3),
            code if code == self.form.code_type => (Kind::Code, self.form.fields.len()),
            _ => return Err(ReadError { kind: ErrorKind::UnknownType(code), offset }),
        };
        // The number of a back-reference is taken before the elements' ones. `Null` marks what is incomplete.
        let id = self.push(Object::Null, code, flag);
        let start = self.reader.elements.len();
        let code = self.objects.codes.len() as u32;
        let left = left.min(u32::MAX as usize) as u32;
        self.reader.open.push(Frame { id, kind, left, start, offset, code });
        if kind == Kind::Code {
            self.objects.codes.push(Code::EMPTY);
            self.numbers()?;
        }
        if left == 0 { self.close().map(Step::Value) } else { Ok(Step::Opened) }
    }

    fn push(&mut self, object: Object<'a>, code: u8, flag: bool) -> ObjectId {
        let id = self.objects.push(object, flag);
        self.objects.objects[id.index()].type_code = code;
        if flag {
            self.reader.refs.push(id);
        }
        id
    }

    fn single(&mut self, index: usize, object: Object<'a>, code: u8) -> Step {
        let id = match self.singles[index] {
            Some(id) => id,
            None => {
                let id = self.push(object, code, false);
                self.singles[index] = Some(id);
                id
            }
        };
        Step::Value(id)
    }

    fn back_reference(&mut self, offset: usize) -> Result<Step, ReadError> {
        let number = self.input.int()?;
        let invalid = ReadError { kind: ErrorKind::InvalidReference(number), offset };
        let found = usize::try_from(number).ok().and_then(|number| self.reader.refs.get(number).copied());
        let id = found.ok_or(invalid)?;
        // A container that refers to itself: nothing that compiles makes one, and it would be a trap for
        // whoever walks the graph.
        if self.objects.get(id) == Object::Null {
            return Err(invalid);
        }
        Ok(Step::Value(id))
    }

    fn ascii(&mut self, len: usize, interned: bool) -> Result<Object<'a>, ReadError> {
        let offset = self.input.at;
        let text = self.input.take(len)?;
        if !text.is_ascii() {
            return Err(ReadError { kind: ErrorKind::NotAscii, offset });
        }
        Ok(Object::Str { text: PyStr::from_bytes(text), interned })
    }

    fn unicode(&mut self, interned: bool) -> Result<Object<'a>, ReadError> {
        let len = self.input.length()?;
        let offset = self.input.at;
        let text = self.input.take(len)?;
        if std::str::from_utf8(text).is_err() && !is_generalised_utf8(text) {
            return Err(ReadError { kind: ErrorKind::NotUtf8, offset });
        }
        Ok(Object::Str { text: PyStr::from_bytes(text), interned })
    }

    fn long(&mut self) -> Result<Object<'a>, ReadError> {
        let offset = self.input.at;
        let count = self.input.int()?;
        let len = count.unsigned_abs() as usize * 2;
        let digits = self.input.take(len)?;
        if digits.chunks_exact(2).any(|digit| digit[1] > 0x7F) {
            return Err(ReadError { kind: ErrorKind::Digit, offset });
        }
        if digits.ends_with(&[0, 0]) {
            return Err(ReadError { kind: ErrorKind::LeadingZero, offset });
        }
        Ok(Object::Long { negative: count < 0, digits })
    }

    fn float_text(&mut self) -> Result<(u64, &'a [u8]), ReadError> {
        let offset = self.input.at;
        let len = usize::from(self.input.byte()?);
        let bytes = self.input.take(len)?;
        let value = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<f64>().ok());
        let bits = value.map(f64::to_bits).ok_or(ReadError { kind: ErrorKind::FloatText, offset })?;
        Ok((bits, bytes))
    }

    /// Reads what stands between two objects of the innermost container, a code object: numbers and raw bytes.
    fn numbers(&mut self) -> Result<(), ReadError> {
        let fields = self.form.fields;
        loop {
            let Some(frame) = self.reader.open.last_mut() else { return Ok(()) };
            let Some(&field) = fields.get(fields.len() - frame.left as usize) else { return Ok(()) };
            let code = frame.code as usize;
            if field.is_number() {
                frame.left -= 1;
                let number = self.number(field)?;
                self.objects.codes[code].set_number(field, number);
            } else if field == CodeField::RawKinds {
                frame.left -= 1;
                let names = self.reader.elements.last().map(|&id| self.objects.get(id));
                let count = if let Some(Object::Tuple(range)) = names { range.len as usize } else { 0 };
                let kinds = Object::Bytes(self.input.take(count)?);
                let id = self.push(kinds, 0, false);
                self.reader.elements.push(id);
            } else {
                return Ok(());
            }
        }
    }

    /// A number in a code object: none but the first line may be negative.
    fn number(&mut self, field: CodeField) -> Result<u32, ReadError> {
        let offset = self.input.at;
        let value = if self.form.short_numbers {
            let value = i16::from_le_bytes(self.input.array()?);
            if field == CodeField::FirstLine { i32::from(value) } else { i32::from(value as u16) }
        } else {
            self.input.int()?
        };
        if value < 0 && field != CodeField::FirstLine {
            return Err(ReadError { kind: ErrorKind::Length(value), offset });
        }
        Ok(value as u32)
    }

    fn end_dict(&mut self, offset: usize) -> Result<ObjectId, ReadError> {
        let null = ReadError { kind: ErrorKind::Null, offset };
        let frame = self.reader.open.last().ok_or(null)?;
        let complete_pairs = (self.reader.elements.len() - frame.start).is_multiple_of(2);
        if frame.kind != Kind::Dict || !complete_pairs {
            return Err(null);
        }
        self.close()
    }

    /// Makes the innermost container of its elements.
    fn close(&mut self) -> Result<ObjectId, ReadError> {
        let Some(frame) = self.reader.open.pop() else {
            return Err(self.input.error(ErrorKind::Null));
        };
        let elements = &self.reader.elements[frame.start..];
        if frame.kind == Kind::Code {
            self.end_code(frame)?;
        } else {
            let range = Range { start: self.objects.children.len() as u32, len: elements.len() as u32 };
            let object = match (frame.kind, elements) {
                (Kind::Slice, &[start, stop, step]) => Object::Slice([start, stop, step]),
                (Kind::List, _) => Object::List(range),
                (Kind::Dict, _) => Object::Dict(range),
                (Kind::Set, _) => Object::Set(range),
                (Kind::FrozenSet, _) => Object::FrozenSet(range),
                _ => Object::Tuple(range),
            };
            if frame.kind != Kind::Slice {
                self.objects.children.extend_from_slice(elements);
            }
            self.objects.objects[frame.id.index()].object = object;
        }
        self.reader.elements.truncate(frame.start);
        Ok(frame.id)
    }

    /// Fills in a code object's fields and checks what each has to be (`_PyCode_Validate`).
    fn end_code(&mut self, frame: Frame) -> Result<(), ReadError> {
        let mut code = self.objects.codes[frame.code as usize];
        let fields = self.form.fields.iter().filter(|field| !field.is_number());
        for (&field, &id) in fields.zip(&self.reader.elements[frame.start..]) {
            code.set_object(field, id);
        }
        if code.qualname == ObjectId::ABSENT {
            code.qualname = code.name;
        }
        check_code(self.objects, &code)
            .map_err(|error| ReadError { kind: ErrorKind::Field(error), offset: frame.offset })?;
        self.objects.codes[frame.code as usize] = code;
        self.objects.objects[frame.id.index()].object = Object::Code(frame.code);
        Ok(())
    }
}

/// Is each field of the kind that every user of the graph takes for granted?
fn check_code(objects: &Objects<'_>, code: &Code) -> Result<(), FieldError> {
    for &field in objects.form.fields.iter().filter(|field| !field.is_number()) {
        let expected = match field {
            CodeField::Code
            | CodeField::LocalsPlusKinds
            | CodeField::RawKinds
            | CodeField::LineTable
            | CodeField::ExceptionTable => Expected::Bytes,
            CodeField::EndLineTable | CodeField::ColumnTable => Expected::BytesOrNone,
            CodeField::Consts => Expected::Tuple,
            CodeField::Filename | CodeField::Name | CodeField::Qualname => Expected::Str,
            _ => Expected::Names,
        };
        if !is_as_expected(objects, expected, code.object(field)) {
            return Err(FieldError { field: field.name(), expected });
        }
    }
    let mismatch = |field, expected| Err(FieldError { field, expected });
    if let (Object::Tuple(names), Object::Bytes(kinds)) =
        (objects.get(code.localsplusnames), objects.get(code.localspluskinds))
        && names.len as usize != kinds.len()
    {
        return mismatch("co_localspluskinds", Expected::OnePerName);
    }
    if objects.form.handlers == Handlers::Table
        && let Object::Bytes(bytes) = objects.get(code.code)
        && !bytes.len().is_multiple_of(2)
    {
        return mismatch("co_code", Expected::EvenLength);
    }
    Ok(())
}

fn is_as_expected(objects: &Objects<'_>, expected: Expected, id: ObjectId) -> bool {
    let is_text = |object| match object {
        Object::Str { .. } => objects.form.strings != Strings::Bytes,
        Object::Bytes(_) => objects.form.strings != Strings::Text,
        _ => false,
    };
    match (expected, objects.get(id)) {
        (Expected::Bytes | Expected::BytesOrNone, Object::Bytes(_))
        | (Expected::BytesOrNone, Object::None)
        | (Expected::Tuple, Object::Tuple(_)) => true,
        (Expected::Tuple, Object::List(_)) => objects.form.lists,
        (Expected::Str, object) => is_text(object),
        (Expected::Names, object @ (Object::Tuple(range) | Object::List(range))) => {
            (objects.form.lists || matches!(object, Object::Tuple(_)))
                && objects.children(range).iter().all(|&id| is_text(objects.get(id)))
        }
        _ => false,
    }
}

/// UTF-8 that may hold surrogates, each a three-byte sequence of its own (`"surrogatepass"`).
fn is_generalised_utf8(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        let Err(error) = std::str::from_utf8(rest) else { return true };
        rest = match &rest[error.valid_up_to()..] {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] => tail,
            _ => return false,
        };
    }
}
