//! What instances of classes hold: which class may take another one's place.

use crate::object::{Getset, Module, Type};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};

impl Vm {
    /// `object.__class__ = class`
    pub(super) fn set_class(&self, object: &Value, class: &Value) -> R<()> {
        let Some(new) = class.object::<Type>() else {
            let got = self.type_name(class);
            return Err(self.type_error(format!("__class__ must be set to a class, not '{got}' object")));
        };
        if object.get::<Module>().is_some() && new.is_subtype(&self.types.module) {
            return self.replace_type(object, new);
        }
        let old = self.type_of(object);
        let fixed = |ty: &Object<Type>| !Vm::is_made_by_program(ty);
        if fixed(new) || fixed(old) {
            let message = "__class__ assignment only supported for mutable types or ModuleType subclasses";
            return Err(self.type_error(message));
        }
        if object.instance().is_none() || new.body.kind != old.body.kind || !self.same_layout(old, new) {
            let (old, new) = (self.name_of_type(old), self.name_of_type(new));
            let message = format!("__class__ assignment: '{new}' object layout differs from '{old}'");
            return Err(self.type_error(message));
        }
        // Attributes go to a real `__dict__`, as shapes belong to one class.
        drop(self.instance_dict(object));
        self.replace_type(object, new)
    }

    /// Have instances of both classes the same slots? CPython: `compatible_for_assignment`.
    fn same_layout(&self, old: &Object<Type>, new: &Object<Type>) -> bool {
        let (old, new) = (self.layout_of(Value::of(old)), self.layout_of(Value::of(new)));
        let (Some(a), Some(b)) = (old.object::<Type>(), new.object::<Type>()) else { return false };
        a.is_exactly(b)
            || self.slots_added(a) == self.slots_added(b) && self.best_base(a).is(&self.best_base(b))
    }

    /// The class or ancestor that was the last to add something to what instances hold.
    fn layout_of(&self, class: Value) -> Value {
        let mut class = class;
        while let Some(ty) = class.object::<Type>()
            && Vm::is_made_by_program(ty)
            && self.slots_added(ty) == (Vec::new(), false, false)
        {
            let next = self.best_base(ty);
            class = next;
        }
        class
    }

    /// The slots that a class adds, in order, and whether it adds `__dict__` and weak references.
    fn slots_added(&self, ty: &Object<Type>) -> (Vec<String>, bool, bool) {
        let Some(own) = ty.body.own() else { return (Vec::new(), false, false) };
        let mut names = Vec::new();
        for (name, value) in own.snapshot() {
            if value.get::<crate::object::Member>().is_some() {
                names.push(self.text_of(&name));
            }
        }
        names.sort();
        let has = |name: &Value| own.get_name(self, name).is_some_and(|it| it.get::<Getset>().is_some());
        (names, has(&self.names.dict), has(&self.names.weakref))
    }

    /// `__base__`
    pub(crate) fn best_base(&self, class: &Object<Type>) -> Value {
        let bases = class.body.bases.borrow();
        let best = bases.iter().find(|it| it.get::<Type>().is_some_and(|it| it.kind == class.body.kind));
        best.or(bases.first()).cloned().unwrap_or(NONE)
    }
}
