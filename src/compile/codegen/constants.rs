//! Loading constants.

use super::Codegen;
use crate::code::ObjectId;
use crate::compile::consts::ConstPool;
use crate::source::Location;
use crate::syntax::ast::Const;
use crate::target::Op;
use crate::value::{Name, PyStr};

impl<'a> Codegen<'_, '_, 'a> {
    #[inline]
    pub(super) fn load_const(&mut self, id: ObjectId, loc: Location) {
        let arg = self.const_index(id);
        self.op_arg(Op::LoadConst, arg, loc);
    }

    #[inline]
    pub(super) fn load_none(&mut self, loc: Location) {
        self.load_const(ConstPool::NONE, loc);
    }

    pub(super) fn load_bool(&mut self, value: bool, loc: Location) {
        self.load_const(ConstPool::bool(value), loc);
    }

    pub(super) fn load_int(&mut self, value: i64, loc: Location) {
        let id = self.consts.int(value);
        self.load_const(id, loc);
    }

    /// A number of things.
    pub(super) fn load_size(&mut self, value: usize, loc: Location) {
        self.load_int(value as i64, loc);
    }

    pub(super) fn load_str(&mut self, text: PyStr<'a>, loc: Location) {
        let id = self.consts.str(text);
        self.load_const(id, loc);
    }

    /// A value of the tree.
    pub(super) fn load_value(&mut self, value: &Const<'a>, loc: Location) {
        let id = self.consts.constant(value);
        self.load_const(id, loc);
    }

    /// A name as a string.
    pub(super) fn load_name_const(&mut self, name: Name, loc: Location) {
        let id = self.consts.name(name, self.names);
        self.load_const(id, loc);
    }

    /// A tuple of names as strings.
    pub(super) fn load_names_const(&mut self, names: impl Iterator<Item = Name>, loc: Location) {
        let id = self.consts.names(names, self.names);
        self.load_const(id, loc);
    }

    /// A tuple of values of the tree.
    pub(super) fn values_tuple<'v>(&mut self, values: impl Iterator<Item = &'v Const<'a>> + Clone) -> ObjectId
    where
        'a: 'v,
    {
        if let Some(id) = self.consts.tuple_of_names(values.clone()) {
            return id;
        }
        let elements = self.value_list(values);
        let id = self.consts.tuple(&elements);
        self.scratch.elements = elements;
        id
    }

    /// A frozenset of values of the tree.
    pub(super) fn values_frozenset<'v>(&mut self, values: impl Iterator<Item = &'v Const<'a>>) -> ObjectId
    where
        'a: 'v,
    {
        let elements = self.value_list(values);
        let id = self.consts.frozenset(&elements);
        self.scratch.elements = elements;
        id
    }

    fn value_list<'v>(&mut self, values: impl Iterator<Item = &'v Const<'a>>) -> Vec<ObjectId>
    where
        'a: 'v,
    {
        let mut elements = std::mem::take(&mut self.scratch.elements);
        elements.clear();
        for value in values {
            elements.push(self.consts.constant(value));
        }
        elements
    }
}
