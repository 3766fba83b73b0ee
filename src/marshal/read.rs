//! Reading marshal.
//!
//! The reader is a loop with a stack of open containers of its own, so that nesting costs no native stack.
//! Lengths are compared with what is left of the input before anything is reserved for them.

use super::error::{Expected, FieldError};
use super::{ErrorKind, FLAG_REF, MAX_DEPTH, ReadError, type_code};
use crate::code::{Code, Object, ObjectId, Objects, Range};
use crate::target::Version;
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
pub fn read(bytes: &[u8], version: Version) -> Result<Read<'_>, ReadError> {
    let mut objects = Objects::default();
    let (root, len) = Reader::new().read(bytes, version, &mut objects)?;
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
    /// Elements still to come.
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

/// Objects in a code object, before and after `co_firstlineno`.
const CODE_OBJECTS: u32 = 10;
const AFTER_LINE: u32 = 2;

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
        version: Version,
        objects: &mut Objects<'a>,
    ) -> Result<(ObjectId, usize), ReadError> {
        self.refs.clear();
        self.open.clear();
        self.elements.clear();
        let mut state =
            State { reader: self, input: Input { bytes, at: 0 }, version, objects, singles: [None; 5] };
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
    version: Version,
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
                if frame.kind != Kind::Dict {
                    frame.left -= 1;
                    let Frame { kind, left, code, .. } = *frame;
                    if kind == Kind::Code && left == AFTER_LINE {
                        self.first_line(code)?;
                    }
                    if left == 0 {
                        value = self.close()?;
                        continue;
                    }
                }
                break;
            }
        }
    }

    /// Reads a type code and, where the object is no container, the object.
    fn step(&mut self) -> Result<Step, ReadError> {
        let offset = self.input.at;
        let code = self.input.byte()?;
        let (kind, flag) = (code & !FLAG_REF, code & FLAG_REF != 0);
        let object = match kind {
            type_code::REF => return self.back_reference(offset),
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
            type_code::INTERNED | type_code::UNICODE => self.unicode(kind == type_code::INTERNED)?,
            type_code::STRING => {
                let len = self.input.length()?;
                Object::Bytes(self.input.take(len)?)
            }
            type_code::INT => Object::Int(self.input.int()?),
            type_code::LONG => self.long()?,
            type_code::BINARY_FLOAT => Object::Float(self.input.bits()?),
            type_code::BINARY_COMPLEX => Object::Complex { re: self.input.bits()?, im: self.input.bits()? },
            type_code::FLOAT => Object::Float(self.float_text()?),
            type_code::COMPLEX => Object::Complex { re: self.float_text()?, im: self.float_text()? },
            _ => return self.container(kind, flag, offset),
        };
        // Text floats are only read for old files' sake; like CPython, the writer knows the binary form only.
        let written = if matches!(kind, type_code::FLOAT | type_code::COMPLEX) { 0 } else { kind };
        Ok(Step::Value(self.push(object, written, flag)))
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
            type_code::SLICE if self.version.file_facts().marshal >= 5 => (Kind::Slice, 3),
            type_code::CODE => (Kind::Code, CODE_OBJECTS as usize),
            _ => return Err(ReadError { kind: ErrorKind::UnknownType(code), offset }),
        };
        // The number of a back-reference is taken before the elements' ones. `Null` marks what is incomplete.
        let id = self.push(Object::Null, code, flag);
        let start = self.reader.elements.len();
        let code = if kind == Kind::Code { self.begin_code()? } else { 0 };
        let left = left.min(u32::MAX as usize) as u32;
        self.reader.open.push(Frame { id, kind, left, start, offset, code });
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

    fn float_text(&mut self) -> Result<u64, ReadError> {
        let offset = self.input.at;
        let len = usize::from(self.input.byte()?);
        let text = std::str::from_utf8(self.input.take(len)?).ok();
        let value = text.and_then(|text| text.parse::<f64>().ok());
        value.map(f64::to_bits).ok_or(ReadError { kind: ErrorKind::FloatText, offset })
    }

    /// The numbers before a code object's first object.
    fn begin_code(&mut self) -> Result<u32, ReadError> {
        let mut number = || {
            let offset = self.input.at;
            let value = self.input.int()?;
            u32::try_from(value).map_err(|_| ReadError { kind: ErrorKind::Length(value), offset })
        };
        let nothing = ObjectId(0);
        let code = Code {
            argcount: number()?,
            posonlyargcount: number()?,
            kwonlyargcount: number()?,
            stacksize: number()?,
            flags: number()?,
            code: nothing,
            consts: nothing,
            names: nothing,
            localsplusnames: nothing,
            localspluskinds: nothing,
            filename: nothing,
            name: nothing,
            qualname: nothing,
            firstlineno: 0,
            linetable: nothing,
            exceptiontable: nothing,
        };
        let index = self.objects.codes.len() as u32;
        self.objects.codes.push(code);
        Ok(index)
    }

    fn first_line(&mut self, code: u32) -> Result<(), ReadError> {
        self.objects.codes[code as usize].firstlineno = self.input.int()?;
        Ok(())
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
        let fields = self.reader.elements.get(frame.start..).and_then(|rest| rest.first_chunk::<10>());
        let Some(&fields) = fields else {
            return Err(ReadError { kind: ErrorKind::Null, offset: frame.offset });
        };
        let begun = self.objects.codes[frame.code as usize];
        let [
            code,
            consts,
            names,
            localsplusnames,
            localspluskinds,
            filename,
            name,
            qualname,
            linetable,
            exceptiontable,
        ] = fields;
        let code = Code {
            code,
            consts,
            names,
            localsplusnames,
            localspluskinds,
            filename,
            name,
            qualname,
            linetable,
            exceptiontable,
            ..begun
        };
        check_code(self.objects, &code)
            .map_err(|error| ReadError { kind: ErrorKind::Field(error), offset: frame.offset })?;
        self.objects.codes[frame.code as usize] = code;
        self.objects.objects[frame.id.index()].object = Object::Code(frame.code);
        Ok(())
    }
}

/// Is each field of the kind that every user of the graph takes for granted?
fn check_code(objects: &Objects<'_>, code: &Code) -> Result<(), FieldError> {
    let check = |field: &'static str, id: ObjectId, expected: Expected| {
        let right = match (expected, objects.get(id)) {
            (Expected::Bytes, Object::Bytes(_)) | (Expected::Str, Object::Str { .. }) => true,
            (Expected::Tuple, Object::Tuple(_)) => true,
            (Expected::Names, Object::Tuple(range)) => {
                objects.children(range).iter().all(|&id| matches!(objects.get(id), Object::Str { .. }))
            }
            _ => false,
        };
        if right { Ok(()) } else { Err(FieldError { field, expected }) }
    };
    check("co_code", code.code, Expected::Bytes)?;
    check("co_consts", code.consts, Expected::Tuple)?;
    check("co_names", code.names, Expected::Names)?;
    check("co_localsplusnames", code.localsplusnames, Expected::Names)?;
    check("co_localspluskinds", code.localspluskinds, Expected::Bytes)?;
    check("co_filename", code.filename, Expected::Str)?;
    check("co_name", code.name, Expected::Str)?;
    check("co_qualname", code.qualname, Expected::Str)?;
    check("co_linetable", code.linetable, Expected::Bytes)?;
    check("co_exceptiontable", code.exceptiontable, Expected::Bytes)?;
    let mismatch = |field, expected| Err(FieldError { field, expected });
    if let (Object::Tuple(names), Object::Bytes(kinds)) =
        (objects.get(code.localsplusnames), objects.get(code.localspluskinds))
        && names.len as usize != kinds.len()
    {
        return mismatch("co_localspluskinds", Expected::OnePerName);
    }
    if let Object::Bytes(bytes) = objects.get(code.code)
        && !bytes.len().is_multiple_of(2)
    {
        return mismatch("co_code", Expected::EvenLength);
    }
    Ok(())
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
