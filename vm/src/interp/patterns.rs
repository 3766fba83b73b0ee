//! What `match` statements ask.

use super::ops::Fetch;
use crate::load::op::{Instr, Op};
use crate::object::{Dict, Kind, Tuple, Type, TypeFlags};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Raised, Vm};

/// What patterns take a value for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collection {
    Sequence,
    Mapping,
}

impl Vm {
    /// What `match` looks at.
    pub(super) fn patterns(&self, f: &Fetch<'_>, i: Instr) -> R {
        let subject = f.get(i.b);
        Ok(match i.op {
            Op::GetLen => {
                let len = self.len(subject)?;
                self.int(len)
            }
            Op::MatchMapping => Value::bool(self.collection_of(subject) == Some(Collection::Mapping)),
            Op::MatchSequence => Value::bool(self.collection_of(subject) == Some(Collection::Sequence)),
            Op::DictWithout => {
                let value = self.dict();
                if let Some(dict) = value.get::<Dict>() {
                    self.update_dict(dict, subject)?;
                    for key in f.get(i.c).get::<Tuple>().map_or(&[][..], |it| &it.items) {
                        dict.remove(self, key)?;
                    }
                }
                value
            }
            Op::MatchKeys => {
                let keys = f.get(i.c).clone();
                self.match_keys(subject, keys.get::<Tuple>().map_or(&[][..], |it| &it.items))?
            }
            _ => {
                let row = f.take_row(i.b, 3);
                self.match_class(&row[0], &row[1], &row[2], usize::from(i.c))?
            }
        })
    }

    /// Is it a sequence or a mapping to patterns? The first class in its order that is known as one decides. CPython:
    /// `Py_TPFLAGS_SEQUENCE` and `Py_TPFLAGS_MAPPING`.
    fn collection_of(&self, subject: &Value) -> Option<Collection> {
        let class = self.type_of(subject);
        if !Vm::is_made_by_program(class) {
            match subject.header().map(|it| it.kind) {
                Some(Kind::List | Kind::Tuple | Kind::Range) => return Some(Collection::Sequence),
                Some(Kind::Dict) => return Some(Collection::Mapping),
                _ => {}
            }
        }
        let own = |class: &Object<Type>| {
            let flags = class.body.flags.get();
            if flags.has(TypeFlags::SEQUENCE) {
                return Some(Collection::Sequence);
            }
            if flags.has(TypeFlags::MAPPING) {
                return Some(Collection::Mapping);
            }
            if Vm::is_made_by_program(class) && !flags.has(TypeFlags::METHODS) {
                return None;
            }
            match self.name_of_type(class).as_str() {
                "list" | "tuple" | "range" | "deque" | "array" => Some(Collection::Sequence),
                "dict" | "mappingproxy" => Some(Collection::Mapping),
                _ => None,
            }
        };
        if let Some(found) = own(class) {
            return Some(found);
        }
        class.body.ancestors.borrow().iter().find_map(|it| own(it.object::<Type>()?))
    }

    /// The values that a mapping has for the keys of a pattern; `None` where one lacks. CPython: `match_keys`.
    fn match_keys(&self, subject: &Value, keys: &[Value]) -> R {
        let seen = self.dict();
        let Some(seen) = seen.get::<Dict>() else { return Ok(NONE) };
        let plain = subject.get::<Dict>().filter(|_| !Vm::is_made_by_program(self.type_of(subject)));
        let absent = self.list(Vec::new());
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            if seen.get(self, key)?.is_some() {
                let shown = self.repr_text(key)?;
                return Err(self.value_error(format!("mapping pattern checks duplicate key ({shown})")));
            }
            seen.set(self, key.clone(), NONE)?;
            let found = match plain {
                Some(dict) => dict.get(self, key)?,
                None => {
                    let get = self.get_attribute(subject, &self.intern("get"))?;
                    let found = self.call_with(&get, &[key.clone(), absent.clone()])?;
                    Some(found).filter(|it| !it.is(&absent))
                }
            };
            match found {
                Some(value) => values.push(value),
                None => return Ok(NONE),
            }
        }
        Ok(self.tuple(values))
    }

    /// CPython: `_PyEval_MatchClass`.
    fn match_class(&self, subject: &Value, class: &Value, names: &Value, positional: usize) -> R {
        let Some(ty) = class.object::<Type>() else {
            return Err(self.type_error("called match pattern must be a class"));
        };
        if !self.is_instance(subject, class)? {
            return Ok(NONE);
        }
        let mut found = Vec::new();
        let mut seen: Vec<Value> = Vec::new();
        let mut once = |name: &Value| -> R<()> {
            if seen.iter().any(|it| self.text_of(it) == self.text_of(name)) {
                let shown = self.repr_or_empty(name);
                return Err(self.type_error(format!(
                    "{}() got multiple sub-patterns for attribute {shown}",
                    self.name_of_type(ty)
                )));
            }
            seen.push(name.clone());
            Ok(())
        };
        if positional > 0 {
            match self.get_attribute_or_none(class, &self.names.match_args)? {
                Some(args) => {
                    let Some(args) = args.get::<Tuple>() else {
                        let (name, got) = (self.name_of_type(ty), self.type_name(&args));
                        return Err(
                            self.type_error(format!("{name}.__match_args__ must be a tuple (got {got})"))
                        );
                    };
                    let args = &args.items;
                    if args.len() < positional {
                        return Err(self.too_many_patterns(ty, args.len(), positional));
                    }
                    for name in &args[..positional] {
                        if name.get::<crate::object::Str>().is_none() {
                            let got = self.type_name(name);
                            return Err(self
                                .type_error(format!("__match_args__ elements must be strings (got {got})")));
                        }
                        once(name)?;
                        match self.get_attribute_or_none(subject, &self.intern_value(name))? {
                            Some(value) => found.push(value),
                            None => return Ok(NONE),
                        }
                    }
                }
                None if self.matches_itself(ty) && positional == 1 => {
                    found.push(subject.clone());
                }
                None => {
                    let accepted = usize::from(self.matches_itself(ty));
                    return Err(self.too_many_patterns(ty, accepted, positional));
                }
            }
        }
        for name in names.get::<Tuple>().map_or(&[][..], |it| &it.items) {
            once(name)?;
            match self.get_attribute_or_none(subject, name)? {
                Some(value) => found.push(value),
                None => return Ok(NONE),
            }
        }
        Ok(self.tuple(found))
    }

    /// Is the one positional pattern for the object itself? CPython: `_Py_TPFLAGS_MATCH_SELF`.
    fn matches_itself(&self, ty: &Object<Type>) -> bool {
        let own = [
            "bool",
            "bytearray",
            "bytes",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "set",
            "str",
            "tuple",
        ];
        let is =
            |ty: &Object<Type>| !Vm::is_made_by_program(ty) && own.contains(&self.name_of_type(ty).as_str());
        is(ty) || ty.body.ancestors.borrow().iter().any(|it| it.object::<Type>().is_some_and(is))
    }

    fn too_many_patterns(&self, ty: &Object<Type>, accepted: usize, given: usize) -> Raised {
        let (name, plural) = (self.name_of_type(ty), if accepted == 1 { "" } else { "s" });
        self.type_error(format!("{name}() accepts {accepted} positional sub-pattern{plural} ({given} given)"))
    }
}
