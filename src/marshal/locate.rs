//! Which object is at an offset of a marshalled file, and how a person would get to it.

use super::Writer;
use crate::code::{Code, Object, ObjectId, Objects};
use crate::target::CodeField;
use std::fmt::Write;

/// The object that the byte at `offset` of the written form of `root` belongs to, as a path from the module:
/// `<module>.f.co_consts[2]`. Code objects go by their names, other constants by their places.
pub fn path_at(objects: &Objects<'_>, root: ObjectId, offset: usize) -> String {
    let trace = Writer::new().offsets(objects, root).unwrap_or_default();
    let before = trace.partition_point(|&(start, _)| start <= offset);
    let wanted = trace[..before].last().map_or(root, |&(_, id)| id);
    let mut search = Search { objects, wanted, visited: vec![false; objects.objects.len()] };
    let mut path = match objects.code(root) {
        Some(code) => name(objects, code),
        None => String::from("<object>"),
    };
    search.find(root, &mut path);
    path
}

struct Search<'s, 'a> {
    objects: &'s Objects<'a>,
    wanted: ObjectId,
    visited: Vec<bool>,
}

impl Search<'_, '_> {
    /// Looks for the wanted object below `id`; where it is found, `path` has become its path.
    fn find(&mut self, id: ObjectId, path: &mut String) -> bool {
        if id == self.wanted {
            return true;
        }
        if std::mem::replace(&mut self.visited[id.index()], true) {
            return false;
        }
        let len = path.len();
        let objects = self.objects;
        let mut step = |this: &mut Self, child: ObjectId, write: &dyn Fn(&mut String)| {
            write(path);
            let found = this.find(child, path);
            if !found {
                path.truncate(len);
            }
            found
        };
        match objects.get(id) {
            Object::Tuple(range) | Object::List(range) | Object::Set(range) | Object::FrozenSet(range) => {
                let mut children = objects.children(range).iter().enumerate();
                children.any(|(index, &child)| {
                    step(self, child, &|path| {
                        let _ = write!(path, "[{index}]");
                    })
                })
            }
            Object::Dict(range) => objects
                .children(range)
                .chunks(2)
                .any(|pair| pair.iter().any(|&child| step(self, child, &|path| path.push_str("{…}")))),
            Object::Slice(parts) => {
                let mut parts = parts.into_iter().zip([".start", ".stop", ".step"]);
                parts.any(|(child, name)| step(self, child, &|path| path.push_str(name)))
            }
            Object::Code(index) => self.find_in_code(id, index, path),
            _ => false,
        }
    }

    fn find_in_code(&mut self, id: ObjectId, index: u32, path: &mut String) -> bool {
        let objects = self.objects;
        let code = &objects.codes[index as usize];
        let len = path.len();
        let consts = if code.consts == self.wanted { &[] } else { objects.items(code.consts) };
        let fields = objects.form.fields.iter().filter(|field| !field.is_number());
        for &field in fields {
            let child = code.object(field);
            if field == CodeField::Consts && !consts.is_empty() {
                for (index, &child) in consts.iter().enumerate() {
                    let _ = match objects.code(child) {
                        Some(code) if child != id => write!(path, ".{}", name(objects, code)),
                        _ => write!(path, ".co_consts[{index}]"),
                    };
                    if self.find(child, path) {
                        return true;
                    }
                    path.truncate(len);
                }
                continue;
            }
            path.push('.');
            path.push_str(field.name());
            if self.find(child, path) {
                return true;
            }
            path.truncate(len);
        }
        false
    }
}

fn name(objects: &Objects<'_>, code: &Code) -> String {
    match objects.text(code.name) {
        b"" => String::from("?"),
        text => String::from_utf8_lossy(text).into_owned(),
    }
}
