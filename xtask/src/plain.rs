//! Marshalled code without what says which equal objects are one: for releases to 3.10, whose FLAG_REF bits,
//! interned strings and order of frozensets depend on the state of the process and on its hash seed.

use pyrsc::code::{Object, ObjectId, Objects};
use pyrsc::marshal::read;
use pyrsc::target::{Handlers, Version};

/// Do two runs of a release write the same?
pub fn is_stable(version: Version) -> bool {
    version.file_facts().handlers == Handlers::Table
}

/// The contents of marshalled code; the bytes themselves where they cannot be read.
pub fn plain(bytes: &[u8], version: Version) -> Vec<u8> {
    let Ok(read) = read(bytes, version.form()) else { return bytes.to_vec() };
    let mut out = Vec::with_capacity(bytes.len());
    push(&read.objects, read.root, &mut out);
    out
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
