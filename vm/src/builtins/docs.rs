//! `__doc__` and `__text_signature__` of the interpreter's own types, methods and functions.
//!
//! `docs.txt` is what CPython 3.14.10 answers for those names: each record starts with U+001E, its fields (name and
//! text) are parted by U+001F.

use crate::object::Native;
use crate::value::Value;
use crate::vm::Vm;

const DOCS: &str = include_str!("docs.txt");

/// The text of a name; `None` where there is none.
fn record(name: &str) -> Option<&'static str> {
    let all = DOCS;
    let start = all.find(&format!("\x1e{name}\x1f"))? + name.len() + 2;
    let end = all[start..].find('\x1e')?;
    Some(&all[start..start + end])
}

/// `__text_signature__` of the same names, as CPython 3.14.10 answers it: a line each.
const SIGNATURES: &str = include_str!("signatures.txt");

fn signature(name: &str) -> Option<&'static str> {
    let start = SIGNATURES.find(&format!("\n{name}("))? + name.len() + 1;
    SIGNATURES[start..].lines().next()
}

impl Vm {
    /// `__text_signature__` of a name.
    pub(super) fn signature_of(&self, name: &str) -> Option<Value> {
        signature(name).map(|it| self.str(it))
    }

    /// The text of a name.
    pub(super) fn doc_of(&self, name: &str) -> Option<Value> {
        record(name).map(|it| self.str(it))
    }

    /// The name under which a function of the interpreter's own is looked up.
    pub(super) fn doc_key(native: &Native) -> String {
        match native.module() {
            Some("builtins") => native.name.to_owned(),
            Some(module) => format!("{module}.{}", native.name),
            None => format!("{}.{}", native.owner, native.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{record, signature};

    #[test]
    fn names_have_records() {
        assert_eq!(record("len"), Some("Return the number of items in a container."));
        assert!(record("int.bit_length").unwrap().starts_with("Number of bits"));
        assert!(record("no such name").is_none());
        assert_eq!(signature("len"), Some("($module, obj, /)"));
        assert!(signature("no such name").is_none());
    }
}
