//! Making a code object: merging its parts, interning its strings (`makecode` in `Python/assemble.c`,
//! `_PyCode_New` and `intern_constants` in `Objects/codeobject.c`).

use super::class::{Class, Key, ListHash, bits};
use super::{ConstPool, NONE, Pending};
use crate::code::{Code, Object, ObjectId, Range};
use crate::compile::recipe::{CodeBytes, Filenames, LeastStack, Qualnames, StaticStrings};
use crate::value::{Interner, Name, known};

/// Names that code objects to 3.10 keep apart.
#[derive(Clone, Copy, Debug)]
pub struct SplitNames<'p> {
    /// `co_cellvars`
    pub cellvars: &'p [Name],
    /// `co_freevars`
    pub freevars: &'p [Name],
}

/// What a code object is made of. Byte strings may be scratch memory: they are copied.
#[derive(Clone, Copy, Debug)]
pub struct CodeParts<'p> {
    /// `co_argcount`, positional-only ones included.
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
    /// `co_stacksize`; too small a one is raised to the target's least.
    pub stacksize: u32,
    /// `co_flags`
    pub flags: u32,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// `co_code`
    pub code: &'p [u8],
    /// `co_consts`
    pub consts: &'p [ObjectId],
    /// `co_names`
    pub names: &'p [Name],
    /// `co_localsplusnames`
    pub localsplusnames: &'p [Name],
    /// `co_localspluskinds`
    pub localspluskinds: &'p [u8],
    /// `co_name`
    pub name: Name,
    /// `co_qualname`
    pub qualname: Name,
    /// See [`UnitMeta::qualname_object`](crate::compile::ir::UnitMeta::qualname_object).
    pub qualname_object: Option<ObjectId>,
    /// `co_linetable`
    pub linetable: &'p [u8],
    /// `co_exceptiontable`
    pub exceptiontable: &'p [u8],
    /// Cells and free variables, where they are apart from the other locals (to 3.10): `localsplusnames` is
    /// `co_varnames` then.
    pub split: Option<SplitNames<'p>>,
    /// See [`UnitMeta::renames_format`](crate::compile::ir::UnitMeta::renames_format).
    pub renames_format: bool,
}

impl<'a> ConstPool<'a> {
    /// Makes a code object and adds it as a constant, which is what a parent unit does next: an equal one that
    /// is there already (a lambda in a `finally` that was compiled twice) takes its place.
    pub fn code(&mut self, parts: &CodeParts<'_>, names: &Interner) -> ObjectId {
        if let Some(split) = parts.split {
            return self.split_code(parts, split, names);
        }
        let exceptiontable = self.merge_bytes(parts.exceptiontable, false);
        let linetable = self.merge_bytes(parts.linetable, false);
        // CPython makes `co_code` anew for the one who asks and keeps it, so there are two references to it
        // and it is shared with nothing.
        let code = self.fresh_bytes(parts.code, true);
        // CPython merges the three tuples first and interns their strings afterwards, names first. Interning
        // changes no class, so that each can be interned as soon as it is merged.
        let co_names = self.name_tuple(parts.names, names);
        let consts = self.tuple(parts.consts);
        self.intern_constants(consts, names);
        let mut localsplusnames = self.name_tuple(parts.localsplusnames, names);
        let localspluskinds = match parts.localspluskinds {
            [] => Self::EMPTY_BYTES,
            kinds => self.fresh_bytes(kinds, false),
        };
        let filename = self.filename_object();
        let name = match self.recipe.qualnames {
            // The compiler has put it together: that of a unit for type parameters.
            Qualnames::AsMade if parts.name.0 >= self.parsed_names => self.made_name(parts.name, names),
            Qualnames::AsMade if is_static(parts.name) => match self.recipe.static_strings {
                StaticStrings::Plain => self.static_name(parts.name, names),
                StaticStrings::OneObject | StaticStrings::Interned => self.interned_name(parts.name, names),
            },
            Qualnames::AsMade | Qualnames::Interned => self.interned_name(parts.name, names),
        };
        let qualname = match self.recipe.qualnames {
            Qualnames::AsMade if parts.qualname == parts.name => name,
            Qualnames::AsMade => match parts.qualname_object {
                Some(own) => own,
                None => self.made_name(parts.qualname, names),
            },
            Qualnames::Interned => self.interned_name(parts.qualname, names),
        };
        if parts.renames_format {
            localsplusnames = self.with_format(localsplusnames, names);
        }
        let least = match self.recipe.least_stack {
            LeastStack::Zero => 0,
            LeastStack::One => 1,
        };
        self.add_code(Code {
            argcount: parts.argcount,
            posonlyargcount: parts.posonlyargcount,
            kwonlyargcount: parts.kwonlyargcount,
            stacksize: parts.stacksize.max(least),
            flags: parts.flags,
            code,
            consts,
            names: co_names,
            localsplusnames,
            localspluskinds,
            filename,
            name,
            qualname,
            firstlineno: parts.firstlineno,
            linetable,
            exceptiontable,
            ..Code::EMPTY
        })
    }

    /// The same for 3.8 to 3.10.
    fn split_code(&mut self, parts: &CodeParts<'_>, split: SplitNames<'_>, names: &Interner) -> ObjectId {
        let (linetable, code) = match self.recipe.code_bytes {
            CodeBytes::OfItsOwn if parts.linetable.is_empty() => {
                (Self::EMPTY_BYTES, self.fresh_bytes(parts.code, false))
            }
            CodeBytes::OfItsOwn => {
                (self.fresh_bytes(parts.linetable, false), self.fresh_bytes(parts.code, false))
            }
            CodeBytes::Merged => {
                (self.merge_bytes(parts.linetable, false), self.merge_bytes(parts.code, false))
            }
        };
        let co_names = self.name_tuple(parts.names, names);
        let varnames = self.name_tuple(parts.localsplusnames, names);
        let cellvars = self.name_tuple(split.cellvars, names);
        let freevars = self.name_tuple(split.freevars, names);
        let consts = self.tuple(parts.consts);
        self.intern_constants(consts, names);
        let filename = self.filename_object();
        let name = self.interned_name(parts.name, names);
        self.add_code(Code {
            argcount: parts.argcount,
            posonlyargcount: parts.posonlyargcount,
            kwonlyargcount: parts.kwonlyargcount,
            nlocals: parts.localsplusnames.len() as u32,
            stacksize: parts.stacksize,
            flags: parts.flags,
            code,
            consts,
            names: co_names,
            varnames,
            freevars,
            cellvars,
            filename,
            name,
            firstlineno: parts.firstlineno,
            linetable,
            ..Code::EMPTY
        })
    }

    fn add_code(&mut self, code: Code) -> ObjectId {
        let class = match self.classes.find(&self.objects, Key::Code(&code)) {
            Ok(class) => return ObjectId(self.classes.get(class).cached),
            Err(vacant) => self.classes.add(vacant, self.objects.objects.len() as u32),
        };
        let index = self.objects.codes.len() as u32;
        self.objects.codes.push(code);
        let id = self.push(Object::Code(index), class, Pending::Nothing, false);
        self.classes.get_mut(class).cached = id.0;
        id
    }

    fn fresh_bytes(&mut self, bytes: &[u8], always_ref: bool) -> ObjectId {
        let copy: &'a [u8] = self.arena.alloc_slice_copy(bytes);
        // No constant is ever compared with it, so that it needs no class.
        self.push(Object::Bytes(copy), NONE, Pending::Nothing, always_ref)
    }

    fn filename_object(&mut self) -> ObjectId {
        if self.filename_id == NONE {
            self.filename_id = match self.recipe.filenames {
                Filenames::Shared => {
                    let text = self.filename;
                    self.push(Object::Str { text, interned: false }, NONE, Pending::Nothing, true).0
                }
                Filenames::Interned => {
                    let (class, _) = self.class_of_str(self.filename);
                    self.intern_class(class).0
                }
            };
        }
        ObjectId(self.filename_id)
    }

    /// A tuple of names as the assembler makes it: merged with an equal one, its strings interned but not cached.
    fn name_tuple(&mut self, list: &[Name], names: &Interner) -> ObjectId {
        if list.is_empty() {
            return Self::EMPTY_TUPLE;
        }
        // The interned string of a parsed name is what any equal string is exchanged for, so that interning it can
        // come first.
        let start = self.objects.children.len();
        let mut hash = ListHash::TUPLE;
        for &name in list {
            if name.0 >= self.parsed_names {
                self.objects.children.truncate(start);
                return self.late_name_tuple(list, names);
            }
            hash.add(name.0);
            let id = self.interned_name(name, names);
            self.objects.children.push(id);
        }
        let vacant = match self.classes.find_tuple(&self.objects, hash, &self.objects.children[start..]) {
            Ok(class) => {
                let Class { cached, bits, .. } = *self.classes.get(class);
                if bits & bits::NAMES != 0 {
                    self.objects.children.truncate(start);
                    return ObjectId(cached);
                }
                if cached != NONE {
                    self.objects.children.truncate(start);
                    self.intern_names(ObjectId(cached), list);
                    self.classes.get_mut(class).bits |= bits::NAMES;
                    return ObjectId(cached);
                }
                let range = Range { start: start as u32, len: list.len() as u32 };
                return self.push_name_tuple(range, class);
            }
            Err(vacant) => vacant,
        };
        let class = self.classes.add(vacant, self.objects.objects.len() as u32);
        self.push_name_tuple(Range { start: start as u32, len: list.len() as u32 }, class)
    }

    #[inline(always)]
    fn push_name_tuple(&mut self, range: Range, class: u32) -> ObjectId {
        let id = self.push(Object::Tuple(range), class, Pending::Nothing, false);
        let class = self.classes.get_mut(class);
        class.shown_by = id.0;
        class.cached = id.0;
        class.bits |= bits::NAMES;
        id
    }

    /// The same with names that the parser did not see.
    #[inline(never)]
    fn late_name_tuple(&mut self, list: &[Name], names: &Interner) -> ObjectId {
        let mut classes = std::mem::take(&mut self.class_list);
        classes.clear();
        classes.extend(list.iter().map(|&name| self.class_of_code_name(name, names)));
        let (class, cached) = self.tuple_class(&classes);
        self.class_list = classes;
        if let Some(id) = cached {
            self.intern_names(id, list);
            return id;
        }
        // The elements first: they may be new objects, and the tuple is the class's own.
        let start = self.objects.children.len() as u32;
        for &name in list {
            let id = self.interned_name(name, names);
            self.objects.children.push(id);
        }
        self.push_name_tuple(Range { start, len: list.len() as u32 }, class)
    }

    /// Exchanges each string of a tuple for the interned one (`intern_strings`). One that nobody has interned
    /// becomes that itself.
    fn intern_names(&mut self, tuple: ObjectId, list: &[Name]) {
        let Object::Tuple(range) = self.get(tuple) else { return };
        for (index, name) in (range.start..range.start + range.len).zip(list) {
            let element = self.objects.children[index as usize];
            if matches!(self.get(element), Object::Str { interned: true, .. }) {
                continue;
            }
            let class = self.class(element);
            let is_first = self.classes.get(class).interned == NONE && name.0 >= self.parsed_names;
            if is_first {
                self.intern_object(element);
            } else {
                self.objects.children[index as usize] = self.intern_class(class);
            }
        }
        self.set_pending(tuple, Pending::Nothing);
    }

    /// `intern_constants`: interns the strings in a tuple that look like names, all the way down, and rebuilds
    /// the frozensets in which that exchanged a string.
    pub(super) fn intern_constants(&mut self, tuple: ObjectId, names: &Interner) {
        if self.pending(tuple) != Pending::Tuple {
            return;
        }
        let Object::Tuple(range) = self.get(tuple) else { return };
        for index in (range.start..range.start + range.len).rev() {
            let element = self.objects.children[index as usize];
            match self.pending(element) {
                Pending::Nothing => {}
                Pending::Str => self.objects.children[index as usize] = self.intern_constant(element),
                Pending::Tuple => self.intern_constants(element, names),
                Pending::FrozenSet => {
                    self.objects.children[index as usize] = self.intern_in_frozenset(element, names);
                }
            }
        }
        self.set_pending(tuple, Pending::Nothing);
    }

    /// The interned string that takes the place of the constant `id`.
    pub(super) fn intern_constant(&mut self, id: ObjectId) -> ObjectId {
        let interned = self.classes.get(self.class(id)).interned;
        if interned != NONE {
            return ObjectId(interned);
        }
        // Where the parser has interned an equal identifier, that is the object in CPython, not this one. It
        // makes no difference but inside frozensets, which ask `interned_before`.
        self.intern_object(id);
        id
    }

    /// Would interning the cached string `id` give another object?
    pub(super) fn interned_before(&mut self, id: ObjectId, names: &Interner) -> bool {
        let class = self.class(id);
        let known = *self.classes.get(class);
        if known.bits & bits::CACHED_IDENTIFIER != 0 {
            return false;
        }
        if known.interned != NONE && known.interned != id.0 {
            return true;
        }
        if known.bits & bits::ORIGIN_KNOWN == 0 {
            let text = self.text_of(class).as_bytes();
            let foreign = match names.find(text) {
                Some(name) if name.index() >= Interner::known_len() => name.0 < self.parsed_names,
                _ => self.target.has_interned(text),
            };
            let foreign = if foreign { bits::FOREIGN } else { 0 };
            self.classes.get_mut(class).bits |= bits::ORIGIN_KNOWN | foreign;
        }
        self.classes.get(class).bits & bits::FOREIGN != 0
    }

    /// The names of 3.14's `__annotate__` after its parameter was renamed.
    fn with_format(&mut self, localsplusnames: ObjectId, names: &Interner) -> ObjectId {
        let mut items = self.tuple_items(localsplusnames).to_vec();
        let format = self.interned_name(known::FORMAT, names);
        if let Some(first) = items.first_mut() {
            *first = format;
        }
        let classes: Vec<u32> = items.iter().map(|&id| self.class(id)).collect();
        let (class, _) = self.tuple_class(&classes);
        let range = self.push_children(&items);
        self.push(Object::Tuple(range), class, Pending::Nothing, false)
    }
}

/// Is it the name of a code object that has none in the source?
fn is_static(name: Name) -> bool {
    matches!(
        name,
        known::ANON_MODULE
            | known::ANON_LAMBDA
            | known::ANON_GENEXPR
            | known::ANON_LISTCOMP
            | known::ANON_SETCOMP
            | known::ANON_DICTCOMP
    )
}
