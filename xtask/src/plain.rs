//! Marshalled code by its contents, apart from what says which equal objects are one.
//!
//! A process can have an object in two places or equal ones in each, and a string can be interned in it or not;
//! marshal writes what it finds as FLAG_REF bits, back-references and type codes. [`Manner`] is all of that, by
//! place, so that one can tell what is common to several files of one content. The elements of frozensets, whose
//! order may follow addresses, have their contents for places.

use pyrsc::code::{Object, ObjectId, Objects};
use pyrsc::marshal::read;
use pyrsc::target::Version;
use std::collections::{BTreeMap, HashMap};

/// The contents of marshalled code; the bytes themselves where they cannot be read.
pub fn plain(bytes: &[u8], version: Version) -> Vec<u8> {
    let Ok(read) = read(bytes, version.form()) else { return bytes.to_vec() };
    let mut out = Vec::with_capacity(bytes.len());
    push(&read.objects, read.root, &mut out);
    out
}

/// How one object is written.
#[derive(Clone, PartialEq, Eq)]
enum Written {
    /// As itself: its type code, and whether it has FLAG_REF.
    Whole(u8, bool),
    /// As a reference to the object at this place.
    Back(Vec<u8>),
}

/// How each object of a file is written, by its place in the contents.
pub struct Manner(BTreeMap<Vec<u8>, Written>);

impl Manner {
    /// Of marshalled code; `None` if it cannot be read.
    pub fn of(bytes: &[u8], version: Version) -> Option<Manner> {
        let read = read(bytes, version.form()).ok()?;
        let mut walk = Walk { objects: &read.objects, first: HashMap::new(), manner: BTreeMap::new() };
        walk.visit(read.root, &mut Vec::new());
        Some(Manner(walk.manner))
    }

    /// Is everything that all of `others` have in common so here as well?
    pub fn agrees_where_these_do(&self, others: &[Manner]) -> bool {
        let Some((first, rest)) = others.split_first() else { return false };
        first.0.iter().all(|(place, written)| {
            rest.iter().any(|other| other.0.get(place) != Some(written)) || self.0.get(place) == Some(written)
        })
    }
}

struct Walk<'r, 'a> {
    objects: &'r Objects<'a>,
    /// Where each object was met first.
    first: HashMap<ObjectId, Vec<u8>>,
    manner: BTreeMap<Vec<u8>, Written>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, id: ObjectId, place: &mut Vec<u8>) {
        if let Some(first) = self.first.get(&id) {
            self.manner.insert(place.clone(), Written::Back(first.clone()));
            return;
        }
        self.first.insert(id, place.clone());
        let entry = &self.objects.objects[id.0 as usize];
        self.manner.insert(place.clone(), Written::Whole(entry.type_code, entry.flag_ref));
        match self.objects.get(id) {
            Object::Tuple(range) => {
                for (index, &child) in self.objects.children(range).iter().enumerate() {
                    self.below(child, place, &(index as u32).to_le_bytes());
                }
            }
            Object::FrozenSet(range) => {
                for &child in self.objects.children(range) {
                    let mut contents = Vec::new();
                    push(self.objects, child, &mut contents);
                    self.below(child, place, &contents);
                }
            }
            Object::Code(index) => {
                let code = &self.objects.codes[index as usize];
                let fields = self.objects.form.fields.iter().filter(|field| !field.is_number());
                for (index, &field) in fields.enumerate() {
                    self.below(code.object(field), place, &[index as u8]);
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, id: ObjectId, place: &mut Vec<u8>, step: &[u8]) {
        let length = place.len();
        place.extend_from_slice(&(step.len() as u32).to_le_bytes());
        place.extend_from_slice(step);
        self.visit(id, place);
        place.truncate(length);
    }
}
fn push(objects: &Objects<'_>, id: ObjectId, out: &mut Vec<u8>) {
    match objects.get(id) {
        Object::Str { text, .. } => {
            out.push(b's');
            push_bytes(text.as_bytes(), out);
        }
        Object::Bytes(bytes) => {
            out.push(b'b');
            push_bytes(bytes, out);
        }
        Object::Tuple(range) => {
            out.push(b'(');
            out.extend_from_slice(&range.len.to_le_bytes());
            for &child in objects.children(range) {
                push(objects, child, out);
            }
        }
        Object::FrozenSet(range) => {
            let mut elements: Vec<Vec<u8>> = objects
                .children(range)
                .iter()
                .map(|&child| {
                    let mut element = Vec::new();
                    push(objects, child, &mut element);
                    element
                })
                .collect();
            elements.sort();
            out.push(b'{');
            out.extend_from_slice(&range.len.to_le_bytes());
            out.extend(elements.into_iter().flatten());
        }
        Object::Code(index) => {
            let code = &objects.codes[index as usize];
            out.push(b'c');
            for number in [
                code.argcount,
                code.posonlyargcount,
                code.kwonlyargcount,
                code.nlocals,
                code.stacksize,
                code.flags,
                code.firstlineno as u32,
            ] {
                out.extend_from_slice(&number.to_le_bytes());
            }
            for field in objects.form.fields.iter().filter(|field| !field.is_number()) {
                push(objects, code.object(*field), out);
            }
        }
        other => push_bytes(format!("{other:?}").as_bytes(), out),
    }
}

fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}
