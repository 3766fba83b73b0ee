//! Reference files are read, all identity and every flag is forgotten, and the pool has to find them again:
//! it gets the values in the order in which the compiler would add them. With PYRSC_REBUILD=FOLDER the files are
//! those of another folder. (Not all of a standard library can pass: which identifiers the parser saw is guessed
//! from the names in code objects, and a keyword of a call is in none of them.)

use super::super::{CodeParts, ConstMemory, ConstPool};
use crate::code::{Code, Object, ObjectId, Objects};
use crate::compile::recipe::{ConstsRecipe, Qualnames};
use crate::marshal::{Header, Writer, read};
use crate::syntax::ast::Const;
use crate::target::{Target, Version};
use crate::value::{Interner, Name, PyStr, known};
use bumpalo::Bump;
use std::path::{Path, PathBuf};

struct Rebuild<'r, 'a> {
    from: &'r Objects<'a>,
    pool: ConstPool<'a>,
    names: Interner,
}

impl<'a> Rebuild<'_, 'a> {
    fn code(&mut self, code: &Code) -> ObjectId {
        let Object::Tuple(range) = self.from.get(code.consts) else { panic!("co_consts is no tuple") };
        let own = self.text(code.qualname);
        let mut consts = Vec::new();
        for &id in self.from.children(range) {
            let is_class = code.flags & 3 == 0;
            let id = match self.from.get(id) {
                // What a class body stores as `__qualname__`.
                Object::Str { text, .. } if is_class && text == own => {
                    let name = self.name(code.qualname);
                    self.pool.qualname(name, &self.names)
                }
                _ => self.constant(id),
            };
            consts.push(id);
        }
        let list = |this: &mut Self, id: ObjectId| -> Vec<Name> {
            let Object::Tuple(range) = this.from.get(id) else { panic!("no tuple of names") };
            this.from.children(range).iter().map(|&id| this.name(id)).collect()
        };
        let names = list(self, code.names);
        let mut localsplusnames = list(self, code.localsplusnames);
        // 3.14's `__annotate__` and its like have a parameter that is called `.format` until the end.
        let renames_format = code.posonlyargcount == 1 && localsplusnames.first() == Some(&known::FORMAT);
        if renames_format {
            localsplusnames[0] = known::DOT_FORMAT;
        }
        let parts = CodeParts {
            argcount: code.argcount,
            posonlyargcount: code.posonlyargcount,
            kwonlyargcount: code.kwonlyargcount,
            stacksize: code.stacksize,
            flags: code.flags,
            firstlineno: code.firstlineno,
            code: self.bytes(code.code),
            consts: &consts,
            names: &names,
            localsplusnames: &localsplusnames,
            localspluskinds: self.bytes(code.localspluskinds),
            name: self.name(code.name),
            qualname: self.name(code.qualname),
            qualname_object: None,
            linetable: self.bytes(code.linetable),
            exceptiontable: self.bytes(code.exceptiontable),
            split: None,
            renames_format,
        };
        self.pool.code(&parts, &self.names)
    }

    fn constant(&mut self, id: ObjectId) -> ObjectId {
        match self.from.get(id) {
            Object::None => ConstPool::NONE,
            Object::True => ConstPool::TRUE,
            Object::False => ConstPool::FALSE,
            Object::Ellipsis => ConstPool::ELLIPSIS,
            Object::Int(value) => self.pool.int(i64::from(value)),
            Object::Long { negative, digits } => {
                let mut words = Vec::new();
                let (mut held, mut count) = (0u64, 0);
                for pair in digits.chunks_exact(2) {
                    held |= u64::from(u16::from_le_bytes([pair[0], pair[1]])) << count;
                    count += 15;
                    if count >= 32 {
                        words.push(held as u32);
                        held >>= 32;
                        count -= 32;
                    }
                }
                words.push(held as u32);
                self.pool.bigint(negative, &words)
            }
            Object::Float(bits) => self.pool.float(f64::from_bits(bits)),
            Object::Complex { re, im } => self.pool.complex(f64::from_bits(re), f64::from_bits(im)),
            // An identifier as a constant (a keyword of a call) is interned whatever its characters are.
            Object::Str { text, interned: true } if !text.is_ascii() => {
                let name = self.name(id);
                self.pool.name(name, &self.names)
            }
            Object::Str { text, interned: false } if text.as_bytes() == b"%" => {
                self.pool.str(PyStr::folded_percent())
            }
            Object::Str { text, .. } => self.pool.str_copied(text),
            Object::Bytes(bytes) => self.pool.bytes(bytes),
            Object::Tuple(range) => {
                let items: Vec<ObjectId> =
                    self.from.children(range).to_vec().into_iter().map(|id| self.constant(id)).collect();
                self.pool.tuple(&items)
            }
            Object::FrozenSet(range) => {
                let items: Vec<ObjectId> =
                    self.from.children(range).to_vec().into_iter().map(|id| self.constant(id)).collect();
                self.pool.frozenset(&items)
            }
            Object::Slice(parts) => {
                let [start, stop, step] = parts.map(|id| match self.from.get(id) {
                    Object::None => Const::None,
                    Object::True => Const::True,
                    Object::False => Const::False,
                    Object::Ellipsis => Const::Ellipsis,
                    Object::Int(value) => Const::Int(i64::from(value)),
                    Object::Float(bits) => Const::Float(f64::from_bits(bits)),
                    Object::Str { text, .. } => Const::Str(text),
                    Object::Bytes(bytes) => Const::Bytes(bytes),
                    other => panic!("not in the slices of these files: {other:?}"),
                });
                self.pool.slice([&start, &stop, &step])
            }
            Object::Code(index) => {
                let code = self.from.codes[index as usize];
                self.code(&code)
            }
            other => panic!("no constant: {other:?}"),
        }
    }

    fn text(&self, id: ObjectId) -> PyStr<'a> {
        match self.from.get(id) {
            Object::Str { text, .. } => text,
            other => panic!("no str: {other:?}"),
        }
    }

    fn bytes(&self, id: ObjectId) -> &'static [u8] {
        match self.from.get(id) {
            Object::Bytes(bytes) => Vec::leak(bytes.to_vec()),
            other => panic!("no bytes: {other:?}"),
        }
    }

    fn name(&mut self, id: ObjectId) -> Name {
        let text = self.text(id).to_str().expect("a name").to_owned();
        self.names.intern(&text)
    }
}

/// The bytes after a `.pyc`'s header, made anew from the values alone.
fn rebuild(bytes: &[u8], version: Version) -> Vec<u8> {
    let read = read(bytes, version).expect("a reference file");
    let arena = Bump::new();
    let mut names = Interner::new();
    // The parser has seen the identifiers; what the compiler makes up is not among them.
    for code in &read.objects.codes {
        for tuple in [code.names, code.localsplusnames] {
            let Object::Tuple(range) = read.objects.get(tuple) else { continue };
            for &id in read.objects.children(range) {
                if let Object::Str { text, .. } = read.objects.get(id) {
                    names.intern(text.to_str().expect("a name"));
                }
            }
        }
    }
    for entry in &read.objects.objects {
        if let Object::Str { text, interned: true } = entry.object
            && !text.is_ascii()
        {
            names.intern(text.to_str().expect("a name"));
        }
    }
    let root = *read.objects.code(read.root).expect("a module");
    let Object::Str { text: filename, .. } = read.objects.get(root.filename) else { panic!("no filename") };
    let pool = ConstPool::new(&arena, Target::newest(version), &names, filename, ConstMemory::default());
    let mut rebuild = Rebuild { from: &read.objects, pool, names };
    let made = rebuild.code(&root);
    rebuild.pool.finish(made).expect("shallow");
    let mut out = Vec::new();
    Writer::new().write(rebuild.pool.objects(), made, &mut out).expect("small");
    out
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "pyc") {
            out.push(path);
        }
    }
}

#[test]
fn flags_and_identity_follow_from_values() {
    let mut paths = Vec::new();
    let folder = std::env::var("PYRSC_REBUILD").unwrap_or("fixtures/golden".into());
    files(Path::new(&folder), &mut paths);
    let (mut different, mut compared) = (Vec::new(), 0);
    for path in &paths {
        let bytes = std::fs::read(path).expect("readable");
        let version = Header::parse(&bytes).ok().and_then(|header| header.version()).expect("a target");
        // Which strings are made anew and which are not, values do not tell before 3.13.
        if ConstsRecipe::of(Target::newest(version)).qualnames != Qualnames::Interned {
            continue;
        }
        compared += 1;
        let made = rebuild(&bytes[16..], version);
        if made != bytes[16..] {
            let at = made.iter().zip(&bytes[16..]).take_while(|(a, b)| a == b).count();
            let window = |bytes: &[u8]| {
                bytes[at.saturating_sub(50)..(at + 50).min(bytes.len())].escape_ascii().to_string()
            };
            different.push(format!(
                "{}\n  want {}\n  made {}",
                path.display(),
                window(&bytes[16..]),
                window(&made)
            ));
        }
    }
    assert!(different.is_empty(), "{} of {}: {different:#?}", different.len(), compared);
    assert!(compared > 0, "no files in {folder}");
}
