//! Syntax trees: what `compile(…, ast.PyCF_ONLY_AST)` gives.

use crate::heap::allocate;
use crate::object::instance::instantiate;
use crate::object::{Bytes, Complex, Type};
use crate::value::{ELLIPSIS, FALSE, NONE, TRUE, Value};
use crate::vm::{R, Raised, Vm};
use pyrsc::source::Location;
use pyrsc::syntax::Mode;
use pyrsc::syntax::dump::{self, Builder, Failed};
use pyrsc::value::{Const, PyStr};
use std::collections::HashMap;

/// Makes instances of the classes of `_ast`.
struct Trees<'a> {
    vm: &'a Vm,
    module: Value,
    classes: HashMap<&'static str, Value>,
    /// Operators and contexts: there is one instance of each.
    words: HashMap<&'static str, Value>,
    /// `lineno`, `col_offset`, `end_lineno`, `end_col_offset`
    places: [Value; 4],
}

impl Trees<'_> {
    fn instance(&mut self, name: &'static str) -> R {
        let class = match self.classes.get(name) {
            Some(class) => class.clone(),
            None => {
                let class = self.vm.get_attribute(&self.module, &self.vm.intern(name))?;
                self.classes.insert(name, class.clone());
                class
            }
        };
        match class.object::<Type>() {
            Some(class) => Ok(instantiate(self.vm, class)),
            None => Err(self.vm.type_error(format!("_ast.{name} is no class"))),
        }
    }

    fn points(&self, text: PyStr<'_>) -> Value {
        match text.to_str() {
            Some(text) => self.vm.str(text),
            None => self.vm.str_of_points(&text.code_points().collect::<Vec<_>>()),
        }
    }
}

impl Builder for Trees<'_> {
    type Made = Value;
    type Error = Raised;

    fn node(
        &mut self,
        name: &'static str,
        fields: Vec<(&'static str, Value)>,
        at: Option<Location>,
    ) -> Result<Value, Raised> {
        let vm = self.vm;
        let made = self.instance(name)?;
        for (field, value) in fields {
            vm.set_attribute_plainly(&made, &vm.intern(field), Some(value))?;
        }
        if let Some(at) = at {
            for (key, number) in self.places.iter().zip([at.line, at.col, at.end_line, at.end_col]) {
                vm.set_attribute_plainly(&made, key, Some(vm.int(number.into())))?;
            }
        }
        Ok(made)
    }

    fn word(&mut self, name: &'static str) -> Result<Value, Raised> {
        if let Some(known) = self.words.get(name) {
            return Ok(known.clone());
        }
        let made = self.instance(name)?;
        self.words.insert(name, made.clone());
        Ok(made)
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        self.vm.list(items)
    }

    fn none(&mut self) -> Value {
        NONE
    }

    fn int(&mut self, number: i32) -> Value {
        self.vm.int(number.into())
    }

    fn text(&mut self, text: PyStr<'_>) -> Value {
        self.points(text)
    }

    fn name(&mut self, text: &str) -> Value {
        self.vm.intern(text)
    }

    fn constant(&mut self, value: &Const<'_>) -> Result<Value, Raised> {
        let vm = self.vm;
        Ok(match *value {
            Const::None => NONE,
            Const::False => FALSE,
            Const::True => TRUE,
            Const::Ellipsis => ELLIPSIS,
            Const::Int(number) => vm.int(number),
            Const::BigInt(number) => vm.int_of_big(pyrsc::value::int::literal_to_big(number)),
            Const::Float(number) => vm.float(number),
            Const::Complex(number) => {
                allocate(vm, &vm.types.complex, Complex { re: number.re, im: number.im })
            }
            Const::Str(text) => self.points(text),
            Const::Bytes(bytes) => allocate(vm, &vm.types.bytes, Bytes { data: bytes.into() }),
            Const::Tuple(items) => {
                let items = items.iter().map(|item| self.constant(item)).collect::<R<Vec<_>>>()?;
                vm.tuple(items)
            }
            Const::FrozenSet(items) => {
                let items = items.iter().map(|item| self.constant(item)).collect::<R<Vec<_>>>()?;
                vm.call_with(vm.types.frozenset.value(), &[vm.list(items)])?
            }
        })
    }
}

impl Vm {
    /// The tree of a source, as objects of `_ast`.
    pub(crate) fn syntax_tree(&self, text: &[u8], file: &str, mode: Mode, type_comments: bool) -> R {
        let Some(module) = self.builtin_module("_ast")? else { return Err(self.missing("_ast")) };
        let places = ["lineno", "col_offset", "end_lineno", "end_col_offset"].map(|name| self.intern(name));
        let mut trees = Trees { vm: self, module, classes: HashMap::new(), words: HashMap::new(), places };
        match dump::build(text, (crate::language(), mode, type_comments), &mut trees, |_| ()) {
            Ok(tree) => Ok(tree),
            Err(Failed::Source(error)) => Err(self.raise_source_error(&error, file)),
            Err(Failed::Builder(raised)) => Err(raised),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Str;

    #[test]
    fn a_string_with_a_surrogate_is_a_constant_too() {
        let vm = Vm::new();
        let tree = vm.syntax_tree(b"'\\ud800'", "<test>", Mode::Eval, false).unwrap();
        let body = vm.get_attribute(&tree, &vm.intern("body")).unwrap();
        let value = vm.get_attribute(&body, &vm.intern("value")).unwrap();
        assert_eq!(value.get::<Str>().unwrap().points(), [0xD800]);
    }
}
