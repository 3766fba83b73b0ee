//! What `match` statements ask.

use super::ops::Fetch;
use crate::load::op::{Instr, Op};
use crate::object::{Dict, Kind, Tuple, Type};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Raised, Vm};

impl Vm {
    /// What `match` looks at.
    pub(super) fn patterns(&self, f: &Fetch<'_>, i: Instr) -> R {
        let subject = f.get(i.b);
        let is = |kinds: &[Kind]| kinds.iter().any(|&kind| subject.has_kind(kind));
        Ok(match i.op {
            Op::GetLen => {
                let len = self.len(subject)?;
                self.int(len)
            }
            Op::MatchMapping => Value::bool(is(&[Kind::Dict])),
            Op::MatchSequence => Value::bool(is(&[Kind::List, Kind::Tuple, Kind::Range])),
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
                let mut values = Vec::new();
                for key in f.get(i.c).get::<Tuple>().map_or(&[][..], |it| &it.items) {
                    match subject.get::<Dict>() {
                        Some(dict) => match dict.get(self, key)? {
                            Some(value) => values.push(value),
                            None => return Ok(NONE),
                        },
                        None => return Ok(NONE),
                    }
                }
                self.tuple(values)
            }
            _ => {
                let row = f.take_row(i.b, 3);
                self.match_class(&row[0], &row[1], &row[2], usize::from(i.c))?
            }
        })
    }

    /// CPython: `_PyEval_MatchClass`.
    fn match_class(&self, subject: &Value, class: &Value, names: &Value, positional: usize) -> R {
        let Some(ty) = class.object::<Type>() else {
            let shown = self.repr_or_empty(class);
            return Err(self.type_error(format!("called match pattern must be a class, got {shown}")));
        };
        if !self.is_instance(subject, class)? {
            return Ok(NONE);
        }
        let mut found = Vec::new();
        if positional > 0 {
            let own = ["bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];
            match self.get_attribute_or_none(class, &self.names.match_args)? {
                Some(args) => {
                    let args = self.collect(&args)?;
                    if args.len() < positional {
                        return Err(self.too_many_patterns(ty, args.len(), positional));
                    }
                    for name in &args[..positional] {
                        match self.get_attribute_or_none(subject, &self.intern_value(name))? {
                            Some(value) => found.push(value),
                            None => return Ok(NONE),
                        }
                    }
                }
                None if own.contains(&self.name_of_type(ty).as_str()) && positional == 1 => {
                    found.push(subject.clone());
                }
                None => return Err(self.too_many_patterns(ty, 0, positional)),
            }
        }
        for name in names.get::<Tuple>().map_or(&[][..], |it| &it.items) {
            match self.get_attribute_or_none(subject, name)? {
                Some(value) => found.push(value),
                None => return Ok(NONE),
            }
        }
        Ok(self.tuple(found))
    }

    fn too_many_patterns(&self, ty: &Object<Type>, accepted: usize, given: usize) -> Raised {
        let (name, plural) = (self.name_of_type(ty), if accepted == 1 { "" } else { "s" });
        self.type_error(format!("{name}() accepts {accepted} positional sub-pattern{plural} ({given} given)"))
    }
}
