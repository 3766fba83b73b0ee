//! Making classes, `super`, `isinstance`.

use crate::heap::allocate;
use crate::object::callable::{Args, NativeFn};
use crate::object::types::allocate_derived;
use crate::object::{
    Cellvar, Dict, Function, Kind, Member, Property, Slot, Str, Super, Tuple, Type, TypeFlags, Wrapper,
};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

pub(crate) const ALL: &[(&str, NativeFn)] =
    &[("__build_class__", build_class), ("isinstance", isinstance), ("issubclass", issubclass)];

fn build_class(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let (positional, keywords) = args.values.split_at(count);
    let [function, name, bases @ ..] = positional else {
        return Err(vm.type_error("__build_class__: not enough arguments"));
    };
    if function.get::<Function>().is_none() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if name.get::<Str>().is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let mut meta = None;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (key, value) in args.names.iter().zip(keywords) {
        if key.is(&vm.names.metaclass) {
            meta = Some(value.clone());
        } else {
            names.push(key.clone());
            values.push(value.clone());
        }
    }
    let original = vm.tuple(bases.to_vec());
    let bases = resolve_bases(vm, bases, &original)?;
    let meta = winner(vm, meta, &bases)?;
    let bases_tuple = vm.tuple(bases.clone());
    let call = |callable: &Value, first: Vec<Value>| {
        let mut all = first;
        all.extend(values.iter().cloned());
        vm.call(callable, Args { values: &all, names: &names })
    };
    let namespace = match vm.get_attribute_or_none(&meta, &vm.names.prepare)? {
        Some(prepare) => call(&prepare, vec![name.clone(), bases_tuple.clone()])?,
        None => vm.dict(),
    };
    if vm.lookup_special(&namespace, &vm.names.getitem).is_none() {
        let of = meta.object::<Type>().map_or_else(|| "<metaclass>".to_owned(), |it| vm.name_of_type(it));
        let got = vm.type_name(&namespace);
        return Err(vm.type_error(format!("{of}.__prepare__() must return a mapping, not {got}")));
    }
    let cell = vm.call_function(function, Args { values: &[], names: &[] }, Some(namespace.clone()))?;
    let replaced = original.get::<Tuple>().is_some_and(|it| {
        it.items.len() != bases.len() || it.items.iter().zip(&bases).any(|(a, b)| !a.is(b))
    });
    if replaced {
        vm.set_item(&namespace, &vm.intern("__orig_bases__"), original)?;
    }
    let class = call(&meta, vec![name.clone(), bases_tuple, namespace])?;
    if let Some(cell) = cell.get::<Cellvar>()
        && class.get::<Type>().is_some()
    {
        match cell.value.get() {
            None => {
                let (shown, made) = (vm.repr_text(name)?, vm.repr_text(&class)?);
                let message = format!(
                    "__class__ not set defining {shown} as {made}. Was __classcell__ propagated to type.__new__?"
                );
                return Err(vm.raise(super::exceptions::Exc::RuntimeError, message));
            }
            Some(other) if !other.is(&class) => {
                let (shown, made) = (vm.repr_text(name)?, vm.repr_text(&class)?);
                let other = vm.repr_text(&other)?;
                let message = format!("__class__ set to {other} defining {shown} as {made}");
                return Err(vm.type_error(message));
            }
            Some(_) => {}
        }
    }
    Ok(class)
}

fn resolve_bases(vm: &Vm, bases: &[Value], original: &Value) -> R<Vec<Value>> {
    let mut resolved = Vec::with_capacity(bases.len());
    for base in bases {
        if base.get::<Type>().is_some() {
            resolved.push(base.clone());
            continue;
        }
        match vm.get_attribute_or_none(base, &vm.names.mro_entries)? {
            Some(entries) => {
                let entries = vm.call_with(&entries, std::slice::from_ref(original))?;
                if entries.get::<Tuple>().is_none() {
                    return Err(vm.type_error("__mro_entries__ must return a tuple"));
                }
                resolved.extend(vm.collect(&entries)?);
            }
            None => resolved.push(base.clone()),
        }
    }
    Ok(resolved)
}

/// The metaclass that all bases agree with.
fn winner(vm: &Vm, meta: Option<Value>, bases: &[Value]) -> R {
    let mut winner = meta.unwrap_or_else(|| match bases.first() {
        Some(base) => vm.class_of(base),
        None => vm.types.type_.value().clone(),
    });
    for base in bases {
        let other = vm.class_of(base);
        let (Some(a), Some(b)) = (winner.object::<Type>(), other.object::<Type>()) else { break };
        if a.is_subtype(b) {
            continue;
        }
        if b.is_subtype(a) {
            winner = other;
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
             metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// The class among a class and its bases that says last how instances are laid out: by slots of its own, or as a type
/// of the interpreter's own. CPython: `solid_base`.
fn solid_base<'a>(vm: &Vm, class: &'a Value) -> Option<&'a Value> {
    let ty = class.get::<Type>()?;
    if !Vm::is_made_by_program(class.object::<Type>()?) {
        return (ty.kind != Kind::Instance).then_some(class);
    }
    let has_slots = ty.own().is_some_and(|dict| {
        let is_member = |(_, value): &(Value, Value)| value.get::<crate::object::Member>().is_some();
        dict.get_name(vm, &vm.names.slots).is_some() && dict.snapshot().iter().any(is_member)
    });
    has_slots.then_some(class)
}

/// Complains where no class can hold what two of the bases hold.
fn check_layouts(vm: &Vm, bases: &[Value]) -> R<()> {
    let mut chosen: Option<Value> = None;
    // Exceptions, for one, differ in what they say of themselves only.
    let own_alike = |a: &Value, b: &Value| match (a.object::<Type>(), b.object::<Type>()) {
        (Some(a), Some(b)) => {
            !Vm::is_made_by_program(a) && !Vm::is_made_by_program(b) && a.body.kind == b.body.kind
        }
        _ => false,
    };
    for base in bases {
        let Some(ty) = base.get::<Type>() else { continue };
        let ancestors = ty.ancestors.borrow().clone();
        let Some(solid) = std::iter::once(base).chain(&ancestors).find_map(|it| solid_base(vm, it)) else {
            continue;
        };
        let derives = |a: &Value, b: &Value| match (a.object::<Type>(), b.object::<Type>()) {
            (Some(a), Some(b)) => a.is_subtype(b),
            _ => false,
        };
        match &chosen {
            Some(other) if derives(other, solid) || own_alike(other, solid) => {}
            Some(other) if !derives(solid, other) => {
                return Err(vm.type_error("multiple bases have instance lay-out conflict"));
            }
            _ => chosen = Some(solid.clone()),
        }
    }
    Ok(())
}

/// `type(name, bases, namespace)`. CPython: `type_new`.
pub(crate) fn new_type(vm: &Vm, args: Args<'_>) -> R {
    let count = args.values.len() - args.names.len();
    let (positional, keywords) = args.values.split_at(count);
    let [meta, name, bases, namespace] = positional else {
        let plain = positional.first().is_some_and(|it| it.is(vm.types.type_.value()));
        let given = positional.len().saturating_sub(1);
        return Err(vm.type_error(if plain && given != 3 {
            match given {
                1 => "type() takes no keyword arguments".to_owned(),
                _ => "type() takes 1 or 3 arguments".to_owned(),
            }
        } else {
            format!("type.__new__() takes exactly 3 arguments ({given} given)")
        }));
    };
    let wrong = |at: usize, wanted: &str, given: &Value| {
        let got = vm.type_name(given);
        Err(vm.type_error(format!("type.__new__() argument {at} must be {wanted}, not {got}")))
    };
    let Some(text) = name.get::<Str>() else { return wrong(1, "str", name) };
    let Some(bases) = bases.get::<Tuple>() else { return wrong(2, "tuple", bases) };
    let Some(from) = namespace.get::<Dict>() else { return wrong(3, "dict", namespace) };
    if text.points().contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    vm.must_be_encodable(name)?;
    if let Some(doc) = from.get_name(vm, &vm.names.doc).filter(|it| it.get::<Str>().is_some()) {
        vm.must_be_encodable(&doc)?;
    }
    for base in &bases.items {
        if base.get::<Type>().is_none() && vm.get_attribute_or_none(base, &vm.names.mro_entries)?.is_some() {
            return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let mut bases = bases.items.to_vec();
    if bases.is_empty() {
        bases.push(vm.types.object.value().clone());
    }
    let mut kind = Kind::Instance;
    let mut inherited = TypeFlags(0);
    for base in &bases {
        let Some(ty) = base.object::<Type>() else {
            return Err(vm.type_error("bases must be types"));
        };
        let flags = ty.body.flags.get();
        if !flags.has(TypeFlags::BASE) {
            let name = vm.name_of_type(ty);
            return Err(vm.type_error(format!("type '{name}' is not an acceptable base type")));
        }
        if ty.body.kind != Kind::Instance && kind != Kind::Instance && kind != ty.body.kind {
            return Err(vm.type_error("multiple bases have instance lay-out conflict"));
        }
        if ty.body.kind != Kind::Instance {
            kind = ty.body.kind;
        }
        let kept = TypeFlags::ATTRIBUTES.0 | TypeFlags::EXCEPTION.0 | TypeFlags::TRAILER.0;
        inherited = inherited.with(TypeFlags(flags.0 & kept));
    }
    if bases.len() > 1 {
        check_layouts(vm, &bases)?;
    }
    let winner = winner(vm, Some(meta.clone()), &bases)?;
    if !winner.is(meta)
        && let Some(ty) = winner.object::<Type>()
        && let Some(new) = vm.lookup(ty, &vm.names.new)
        && !new.is_layouts_own()
    {
        // Another metaclass makes the class.
        let new = vm.unwrap_static(&new);
        let mut values = args.values.to_vec();
        values[0] = winner.clone();
        return vm.call(&new, Args { values: &values, names: args.names });
    }
    let Some(meta) = winner.object::<Type>() else { return Err(vm.type_error("metaclass is no type")) };
    let ancestors = linearize(vm, &bases)?;
    let slots = from.get_name(vm, &vm.names.slots);
    let mut flags = TypeFlags::COUNTED.with(TypeFlags::BASE).with(inherited);
    if slots.is_none() {
        flags = flags.with(TypeFlags::ATTRIBUTES);
    }
    if kind != Kind::Instance && kind != Kind::Exception && kind != Kind::Type {
        flags = flags.with(TypeFlags::TRAILER);
    }
    let dict_value = vm.dict();
    let Some(dict) = dict_value.get::<Dict>() else { return Err(vm.missing("a class without a namespace")) };
    match vm.plain_dict(namespace) {
        Some(_) => dict.copy_from(from),
        None => vm.update_dict(dict, namespace)?,
    }
    if dict.get_name(vm, &vm.names.module).is_none()
        && let Some(name) = vm
            .current_globals()
            .and_then(|globals| globals.get::<Dict>().and_then(|it| it.get_name(vm, &vm.names.name)))
    {
        dict.set_name(vm, &vm.names.module, name);
    }
    let room = ancestors.iter().filter_map(|it| it.get::<Type>()).map(|it| it.room.get()).max().unwrap_or(4);
    // The compiler lists what methods assign to `self`: an instance with less room would need a real `__dict__`.
    let assigned = dict.get_name(vm, &vm.names.static_attributes);
    let assigned = assigned.as_ref().and_then(|it| it.get::<Tuple>()).map_or(0, |it| it.items.len());
    let room = room.saturating_add(assigned.min(60) as u8).min(100);
    let qualname = dict.remove_name(vm, &vm.names.qualname).unwrap_or_else(|| name.clone());
    if qualname.get::<Str>().is_none() {
        let got = vm.type_name(&qualname);
        return Err(vm.type_error(format!("type __qualname__ must be a str, not {got}")));
    }
    let body = Type {
        name: Slot::new(Some(name.clone())),
        qualname: Slot::new(Some(qualname)),
        bases: RefCell::new(bases.clone()),
        ancestors: RefCell::new(ancestors),
        dict: dict_value.clone(),
        kind,
        flags: Cell::new(flags),
        version: Cell::new(vm.next_version()),
        shape: vm.shapes.add(Vec::new()),
        room: Cell::new(room),
        derived: RefCell::default(),
    };
    let class = allocate(vm, meta, body);
    if dict.snapshot().iter().any(|(key, _)| key.get::<Str>().is_none()) {
        let name = vm.text_of(name);
        let message = format!("non-string key in the __dict__ of class {name}");
        vm.warn(super::exceptions::Exc::RuntimeWarning, &message)?;
    }
    let Some(object) = class.object::<Type>() else { return Ok(class) };
    for base in &bases {
        if let Some(base) = base.get::<Type>() {
            base.derived.borrow_mut().push(object);
        }
    }
    finish_namespace(vm, &class, dict, slots.as_ref())?;
    vm.apply_own_order(object)?;
    vm.note_hooks(object);
    for (key, value) in dict.snapshot() {
        if let Some(property) = value.get::<Property>() {
            property.name.set(Some(key));
        } else if let Some(hook) = vm.lookup_special(&value, &vm.names.set_name) {
            let args = [class.clone(), key.clone()];
            if vm.call_bound(&hook, &value, Args { values: &args, names: &[] }).is_err() {
                add_set_name_note(vm, &value, &key, name);
                return Err(crate::vm::Raised);
            }
        }
    }
    let up = vm.super_lookup(object, object, &vm.names.init_subclass);
    if let Some(hook) = up {
        let hook = vm.bind_descriptor(&hook, None, &class)?;
        vm.call(&hook, Args { values: keywords, names: args.names })?;
    }
    Ok(class)
}

/// Says in a note which `__set_name__` raised.
fn add_set_name_note(vm: &Vm, value: &Value, key: &Value, class: &Value) {
    let Some(exception) = vm.pending.take() else { return };
    let note = format!(
        "Error calling __set_name__ on '{}' instance '{}' in '{}'",
        vm.type_name(value),
        vm.text_of(key),
        vm.text_of(class)
    );
    let notes = match vm.own_attribute(&exception, &vm.names.notes) {
        Some(notes) => notes,
        None => {
            let notes = vm.list(Vec::new());
            // An exception takes any attribute.
            let _ = vm.set_attribute(&exception, &vm.names.notes, notes.clone());
            notes
        }
    };
    if let Some(notes) = notes.get::<crate::object::List>() {
        notes.push(vm.str(&note));
    }
    vm.pending.set(Some(exception));
}

/// What CPython changes in a class's namespace.
fn finish_namespace(vm: &Vm, class: &Value, dict: &Dict, slots: Option<&Value>) -> R<()> {
    let n = &vm.names;
    for name in [&n.init_subclass, &n.class_getitem] {
        if let Some(function) = dict.get_name(vm, name)
            && function.get::<Function>().is_some()
        {
            let body = Wrapper::new(function, true);
            dict.set_name(vm, name, allocate_derived(vm, &vm.types.classmethod, body));
        }
    }
    if let Some(function) = dict.get_name(vm, &n.new)
        && function.get::<Function>().is_some()
    {
        let body = Wrapper::new(function, false);
        dict.set_name(vm, &n.new, allocate_derived(vm, &vm.types.staticmethod, body));
    }
    for name in [&n.classcell, &n.classdictcell] {
        if let Some(cell) = dict.remove_name(vm, name) {
            let Some(cell) = cell.get::<Cellvar>() else {
                let got = vm.repr_text(&vm.class_of(&cell))?;
                let name = vm.text_of(name);
                return Err(vm.type_error(format!("{name} must be a nonlocal cell, not {got}")));
            };
            let value =
                if std::ptr::eq(name, &raw const n.classcell) { class } else { &vm.dict_of_type(class) };
            cell.value.set(Some(value.clone()));
        }
    }
    if dict.get_name(vm, &n.eq).is_some() && dict.get_name(vm, &n.hash).is_none() {
        dict.set_name(vm, &n.hash, NONE);
    }
    if slots.is_none() {
        add_dict_descriptors(vm, class, dict);
    }
    if let Some(slots) = slots {
        let names = if slots.get::<Str>().is_some() { vec![slots.clone()] } else { vm.collect(slots)? };
        for name in names {
            let Some(spelled) = name.get::<Str>() else {
                let got = vm.type_name(&name);
                return Err(vm.type_error(format!("__slots__ items must be strings, not '{got}'")));
            };
            if !is_identifier(spelled) {
                return Err(vm.type_error("__slots__ must be identifiers"));
            }
            let text = vm.text_of(&name);
            if text == "__dict__" {
                if let Some(ty) = class.get::<Type>() {
                    let flags = ty.flags.get();
                    if flags.has(TypeFlags::ATTRIBUTES) {
                        return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
                    }
                    ty.flags.set(flags.with(TypeFlags::ATTRIBUTES));
                }
                dict.set_name(vm, &n.dict, vm.getset(class, "__dict__"));
                continue;
            }
            if text == "__weakref__" {
                let has = |base: &Value| {
                    let own = base.get::<Type>().and_then(Type::own);
                    own.is_some_and(|it| it.get_name(vm, &n.weakref).is_some())
                };
                let again = dict.get_name(vm, &n.weakref).is_some();
                if again || class.get::<Type>().is_some_and(|it| it.ancestors.borrow().iter().any(has)) {
                    return Err(vm.type_error("__weakref__ slot disallowed: we already got one"));
                }
                dict.set_name(vm, &n.weakref, vm.getset(class, "__weakref__"));
                continue;
            }
            if let Some(base) = vm.variable_sized_base(class) {
                let message = format!("nonempty __slots__ not supported for subtype of '{base}'");
                return Err(vm.type_error(message));
            }
            if dict.get_name(vm, &name).is_some() {
                let message = format!("'{text}' in __slots__ conflicts with class variable");
                return Err(vm.value_error(message));
            }
            let name = mangled(vm, class, &name);
            let member = Member { name: name.clone(), owner: Slot::new(Some(class.clone())) };
            dict.set_name(vm, &name, allocate(vm, &vm.types.member, member));
        }
    }
    if dict.get_name(vm, &n.doc).is_none() {
        dict.set_name(vm, &n.doc, NONE);
    }
    Ok(())
}

/// May it name an attribute?
fn is_identifier(text: &Str) -> bool {
    let text = text.to_str();
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|it| it == '_' || it.is_alphabetic());
    first && chars.all(|it| it == '_' || it.is_alphanumeric())
}

/// The name of a slot as methods of the class see it.
fn mangled(vm: &Vm, class: &Value, name: &Value) -> Value {
    let text = vm.text_of(name);
    let of = class.object::<Type>().map(|it| vm.name_of_type(it)).unwrap_or_default();
    let of = of.trim_start_matches('_');
    if text.starts_with("__") && !text.ends_with("__") && !text.contains('.') && !of.is_empty() {
        return vm.intern(&format!("_{of}{text}"));
    }
    vm.intern_value(name)
}

/// The names that a class gets where it is the first in its line to have a `__dict__`.
fn add_dict_descriptors(vm: &Vm, class: &Value, dict: &Dict) {
    let Some(ty) = class.get::<Type>() else { return };
    let has = |base: &Value| base.get::<Type>().is_some_and(|it| it.flags.get().has(TypeFlags::ATTRIBUTES));
    if ty.flags.get().has(TypeFlags::ATTRIBUTES)
        && ty.kind != Kind::Type
        && !ty.ancestors.borrow().iter().any(has)
    {
        for name in [&vm.names.dict, &vm.names.weakref] {
            if dict.get_name(vm, name).is_none() {
                dict.set_name(vm, name, vm.getset(class, &vm.text_of(name)));
            }
        }
    }
}

/// The ancestors in order: CPython's `mro_implementation`, without the class itself.
fn linearize(vm: &Vm, bases: &[Value]) -> R<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(bases.len() + 1);
    for base in bases {
        let mut row = vec![base.clone()];
        if let Some(ty) = base.get::<Type>() {
            row.extend(ty.ancestors.borrow().iter().cloned());
        }
        rows.push(row);
    }
    rows.push(bases.to_vec());
    for (index, base) in bases.iter().enumerate() {
        if bases[..index].iter().any(|it| it.is(base)) {
            let name = base.object::<Type>().map(|ty| vm.name_of_type(ty)).unwrap_or_default();
            return Err(vm.type_error(format!("duplicate base class {name}")));
        }
    }
    let mut order = Vec::new();
    loop {
        rows.retain(|row| !row.is_empty());
        if rows.is_empty() {
            return Ok(order);
        }
        let in_tail = |candidate: &Value| rows.iter().any(|row| row[1..].iter().any(|it| it.is(candidate)));
        let Some(next) = rows.iter().map(|row| row[0].clone()).find(|it| !in_tail(it)) else {
            let mut names: Vec<String> = Vec::new();
            for row in &rows {
                let name = row[0].object::<Type>().map(|ty| vm.name_of_type(ty)).unwrap_or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let message = format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                names.join(", ")
            );
            return Err(vm.type_error(message));
        };
        for row in &mut rows {
            if row[0].is(&next) {
                row.remove(0);
            }
        }
        order.push(next);
    }
}

fn isinstance(vm: &Vm, args: Args<'_>) -> R {
    let values = super::positional(vm, "isinstance", args, 2, 2)?;
    Ok(Value::bool(vm.is_instance(&values[0], &values[1])?))
}

fn issubclass(vm: &Vm, args: Args<'_>) -> R {
    let values = super::positional(vm, "issubclass", args, 2, 2)?;
    Ok(Value::bool(vm.is_subclass(&values[0], &values[1])?))
}

impl Vm {
    /// Raises `UnicodeEncodeError` for a string with surrogates, as a name that C code reads cannot have any.
    pub(crate) fn must_be_encodable(&self, text: &Value) -> R<()> {
        let lone = |it: &Str| it.points().iter().any(|point| (0xD800..0xE000).contains(point));
        if text.get::<Str>().is_some_and(lone) {
            let encode = self.get_attribute(text, &self.intern("encode"))?;
            self.call_with(&encode, &[])?;
        }
        Ok(())
    }

    /// The name of the base whose instances have no fixed size, where the class has one.
    fn variable_sized_base(&self, class: &Value) -> Option<String> {
        let ty = class.get::<Type>()?;
        let sized = [&self.types.int, &self.types.bytes, &self.types.tuple];
        let base = sized.into_iter().find(|it| it.body.kind == ty.kind)?;
        Some(self.name_of_type(base))
    }

    /// `class.__bases__ = bases`
    pub(crate) fn set_bases(&self, object: &Value, bases: &Value) -> R<()> {
        let Some(class) = object.object::<Type>() else { return Ok(()) };
        let bases = self.collect(bases)?;
        if bases.is_empty() {
            let name = self.name_of_type(class);
            return Err(
                self.type_error(format!("can only assign non-empty tuple to {name}.__bases__, not ()"))
            );
        }
        for base in &bases {
            match base.object::<Type>() {
                Some(ty) if !ty.body.flags.get().has(TypeFlags::BASE) => {
                    let name = self.name_of_type(ty);
                    return Err(self.type_error(format!("type '{name}' is not an acceptable base type")));
                }
                Some(ty) if ty.is_subtype(class) => {
                    return Err(self.type_error("a __bases__ item causes an inheritance cycle"));
                }
                Some(ty) if ty.body.kind == class.body.kind || ty.body.kind == Kind::Instance => {}
                _ => return Err(self.type_error("__bases__ assignment: object layout differs")),
            }
        }
        let order = linearize(self, &bases)?;
        let mut before = Vec::new();
        Self::keep_orders(class, &mut before);
        // An `mro` of the program's own may set them again meanwhile; the last one to do so is right.
        let tried = bases.as_ptr();
        let old = class.body.bases.replace(bases);
        drop(class.body.ancestors.replace(order));
        let result = self.apply_own_order(class).and_then(|()| self.reorder(class));
        if !std::ptr::eq(class.body.bases.borrow().as_ptr(), tried) {
            return result;
        }
        if let Err(raised) = result {
            // What was ordered anew already gets its order back.
            let tried = class.body.bases.replace(old);
            for (ty, order) in before {
                if let Some(ty) = ty.object::<Type>() {
                    drop(ty.body.ancestors.replace(order));
                }
            }
            drop(tried);
            self.type_changed(class);
            return Err(raised);
        }
        for base in old.iter().filter_map(|it| it.get::<Type>()) {
            base.derived.borrow_mut().retain(|&it| !std::ptr::eq(it, class));
        }
        let bases = class.body.bases.borrow().clone();
        for base in bases.iter().filter_map(|it| it.get::<Type>()) {
            let mut derived = base.derived.borrow_mut();
            derived.retain(|&it| !std::ptr::eq(it, class));
            derived.push(class);
        }
        drop(old);
        self.type_changed(class);
        self.note_hooks(class);
        Ok(())
    }

    /// The orders of a class and of all that derives from it.
    fn keep_orders(class: &Object<Type>, kept: &mut Vec<(Value, Vec<Value>)>) {
        kept.push((Value::of(class), class.body.ancestors.borrow().clone()));
        let derived: Vec<Value> = class.body.derived.borrow().iter().map(|&it| Self::alive(it)).collect();
        for ty in derived.iter().filter_map(|it| it.object::<Type>()) {
            Self::keep_orders(ty, kept);
        }
    }

    /// A metaclass that has an `mro` of its own says in which order a class is searched.
    fn apply_own_order(&self, class: &Object<Type>) -> R<()> {
        let meta = class.header.type_of();
        if std::ptr::eq(meta, &raw const *self.types.type_) {
            return Ok(());
        }
        let Some(method) = self.lookup(meta, &self.intern("mro")).filter(|it| !it.is_layouts_own()) else {
            return Ok(());
        };
        let own = Value::of(class);
        let made = self.call_bound(&method, &own, Args { values: &[], names: &[] })?;
        let mut order = self.collect(&made)?;
        for it in &order {
            let Some(ty) = it.object::<Type>() else {
                let got = self.type_name(it);
                return Err(self.type_error(format!("mro() returned a non-class ('{got}')")));
            };
            let fits = ty.body.kind == class.body.kind || ty.body.kind == Kind::Instance;
            if !fits {
                let name = self.name_of_type(ty);
                return Err(self.type_error(format!("mro() returned base with unsuitable layout ('{name}')")));
            }
        }
        order.retain(|it| !it.is(&own));
        drop(class.body.ancestors.replace(order));
        self.type_changed(class);
        Ok(())
    }

    /// Makes the orders of what derives from a class anew.
    fn reorder(&self, class: &Object<Type>) -> R<()> {
        let derived: Vec<Value> = class.body.derived.borrow().iter().map(|&it| Self::alive(it)).collect();
        for ty in derived.iter().filter_map(|it| it.object::<Type>()) {
            let bases = ty.body.bases.borrow().clone();
            let order = linearize(self, &bases)?;
            drop(ty.body.ancestors.replace(order));
            self.apply_own_order(ty)?;
            self.reorder(ty)?;
        }
        Ok(())
    }

    /// Gives an object another type with the same layout.
    pub(crate) fn replace_type(&self, object: &Value, ty: &Object<Type>) -> R<()> {
        object.set_type(ty);
        Ok(())
    }

    /// `isinstance(value, class)`
    pub(crate) fn is_instance(&self, value: &Value, class: &Value) -> R<bool> {
        if let Some(ty) = class.object::<Type>() {
            if self.type_of(value).is_subtype(ty) {
                return Ok(true);
            }
            return self.is_instance_by_class(value, class, ty);
        }
        if let Some(tuple) = class.get::<Tuple>() {
            for class in &tuple.items {
                if self.is_instance(value, class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(hook) = self.lookup_special(class, &self.names.instancecheck) {
            let args = Args { values: std::slice::from_ref(value), names: &[] };
            let answer = self.call_bound(&hook, class, args)?;
            return self.truth(&answer);
        }
        Err(self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union"))
    }

    fn is_instance_by_class(&self, value: &Value, class: &Value, ty: &Object<Type>) -> R<bool> {
        let meta = ty.header.type_of();
        if !std::ptr::eq(meta, &raw const *self.types.type_)
            && let Some(hook) = self.lookup(meta, &self.names.instancecheck)
            && !hook.is_layouts_own()
        {
            let args = Args { values: std::slice::from_ref(value), names: &[] };
            let answer = self.call_bound(&hook, class, args)?;
            return self.truth(&answer);
        }
        self.plain_is_instance(value, ty)
    }

    /// What `type.__instancecheck__` says.
    pub(crate) fn plain_is_instance(&self, value: &Value, ty: &Object<Type>) -> R<bool> {
        if self.type_of(value).is_subtype(ty) {
            return Ok(true);
        }
        // What `__class__` says counts too, where the object has one of its own.
        if !Vm::is_made_by_program(self.type_of(value)) {
            return Ok(false);
        }
        let class = self.get_attribute_or_none(value, &self.names.class)?;
        Ok(class.is_some_and(|it| it.object::<Type>().is_some_and(|it| it.is_subtype(ty))))
    }

    pub(crate) fn is_subclass(&self, value: &Value, class: &Value) -> R<bool> {
        if class.get::<Tuple>().is_none()
            && !std::ptr::eq(self.type_of(class), &raw const *self.types.type_)
            && let Some(hook) = self.lookup_special(class, &self.names.subclasscheck)
            && !hook.is_layouts_own()
        {
            let args = Args { values: std::slice::from_ref(value), names: &[] };
            let answer = self.call_bound(&hook, class, args)?;
            return self.truth(&answer);
        }
        self.plain_is_subclass(value, class)
    }

    /// The same without hooks of the class.
    pub(crate) fn plain_is_subclass(&self, value: &Value, class: &Value) -> R<bool> {
        let Some(derived) = value.object::<Type>() else {
            return match self.get_attribute_or_none(value, &self.names.bases)? {
                Some(bases) if bases.get::<Tuple>().is_some() => {
                    for base in self.collect(&bases)? {
                        if base.is(class) || self.plain_is_subclass(&base, class)? {
                            return Ok(true);
                        }
                    }
                    Ok(false)
                }
                _ => Err(self.type_error("issubclass() arg 1 must be a class")),
            };
        };
        if let Some(ty) = class.object::<Type>() {
            return Ok(derived.is_subtype(ty));
        }
        if let Some(tuple) = class.get::<Tuple>() {
            for class in &tuple.items {
                if self.is_subclass(value, class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        Err(self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union"))
    }

    /// The namespace of a type.
    pub(crate) fn dict_of_type(&self, class: &Value) -> Value {
        class.get::<Type>().map_or(NONE, |ty| ty.dict.clone())
    }

    /// What the types behind `after` in the order of `of` have under a name.
    pub(crate) fn super_lookup(
        &self,
        of: &Object<Type>,
        after: &Object<Type>,
        name: &Value,
    ) -> Option<Value> {
        let ancestors = of.body.ancestors.borrow();
        let skip = if std::ptr::eq(of, after) {
            0
        } else {
            let after = std::ptr::from_ref(after) as u64;
            ancestors.iter().position(|it| it.word() == after)? + 1
        };
        ancestors[skip..].iter().find_map(|ty| ty.get::<Type>()?.own()?.get_name(self, name))
    }

    /// What a `super` finds; `None` where it is asked for an attribute of its own. CPython: `super_getattro`.
    pub(crate) fn attribute_of_super(&self, of: &Value, name: &Value) -> R<Option<Value>> {
        let Some(body) = of.get::<crate::object::Super>() else { return Ok(None) };
        let Some(object) = body.object.get() else { return Ok(None) };
        if name.is(&self.names.class) {
            return Ok(None);
        }
        let (searched, bound_to_class) = self.super_of(&body.class, &object)?;
        let (Some(of_type), Some(class_type)) = (searched.object::<Type>(), body.class.object::<Type>())
        else {
            return Ok(None);
        };
        let Some(value) = self.super_lookup(of_type, class_type, name) else { return Ok(None) };
        let receiver = if bound_to_class { None } else { Some(&object) };
        self.bind_descriptor(&value, receiver, &searched).map(Some)
    }

    /// `super(class, object).name`: the value, and whether it is a method that takes `object`; was `super` called
    /// without arguments?
    pub(crate) fn super_attribute(
        &self,
        called: &Value,
        class: &Value,
        object: &Value,
        name: &Value,
        (want_method, zero): (bool, bool),
    ) -> R<(Value, bool)> {
        if !called.is(self.types.super_.value()) {
            let both = [class.clone(), object.clone()];
            let made = self.call_with(called, if zero { &[] } else { &both })?;
            return Ok((self.get_attribute(&made, name)?, false));
        }
        let (of, bound_to_class) = self.super_of(class, object)?;
        let (Some(of_type), Some(class_type)) = (of.object::<Type>(), class.object::<Type>()) else {
            return Err(self.type_error("super(): no class"));
        };
        match self.super_lookup(of_type, class_type, name) {
            Some(value) if want_method && !bound_to_class && value.has_kind(Kind::Function) => {
                Ok((value, true))
            }
            Some(value) => {
                let receiver = if bound_to_class { None } else { Some(object) };
                Ok((self.bind_descriptor(&value, receiver, &of)?, false))
            }
            None if name.is(&self.names.class) => Ok((called.clone(), false)),
            None => {
                let text = self.text_of(name);
                let message = format!("'super' object has no attribute '{text}'");
                Err(self.raise(crate::builtins::exceptions::Exc::AttributeError, message))
            }
        }
    }

    /// Whose order is searched, and is the object a class?
    fn super_of(&self, class: &Value, object: &Value) -> R<(Value, bool)> {
        let Some(class_type) = class.object::<Type>() else {
            return Err(self.type_error("super() argument 1 must be a type"));
        };
        if let Some(ty) = object.object::<Type>()
            && ty.is_subtype(class_type)
        {
            return Ok((object.clone(), true));
        }
        if self.type_of(object).is_subtype(class_type) {
            return Ok((self.class_of(object), false));
        }
        // A stand-in says by `__class__` what it stands for.
        if let Some(said) = self.get_attribute_or_none(object, &self.names.class)?
            && !said.is(&self.class_of(object))
            && said.object::<Type>().is_some_and(|it| it.is_subtype(class_type))
        {
            return Ok((said, false));
        }
        let (what, got) = match object.object::<Type>() {
            Some(ty) => ("type", self.name_of_type(ty)),
            None => ("instance of", self.type_name(object)),
        };
        let class = self.name_of_type(class_type);
        Err(self.type_error(format!(
            "super(type, obj): obj ({what} {got}) is not an instance or subtype of type ({class})."
        )))
    }

    /// `super(class, object)`, of a class that derives from `super` or of itself.
    pub(crate) fn make_super(&self, made: &Object<Type>, class: &Value, object: Option<&Value>) -> R {
        if class.get::<Type>().is_none() {
            let got = self.type_name(class);
            return Err(self.type_error(format!("super() argument 1 must be a type, not {got}")));
        }
        let (of, is_class) = match object {
            Some(object) => self.super_of(class, object).map(|(of, is_class)| (Some(of), is_class))?,
            None => (None, false),
        };
        let body = Super {
            class: class.clone(),
            object: Slot::new(object.cloned()),
            of: Slot::new(of),
            is_class: Cell::new(is_class),
        };
        Ok(allocate_derived(self, made, body))
    }

    /// `super.__get__`: one without an object is bound to the one that it is found in.
    pub(crate) fn bind_super(&self, it: &Value, object: &Value) -> R {
        let Some(body) = it.get::<Super>() else { return Ok(it.clone()) };
        if body.object.is_some() || object.is_none() {
            return Ok(it.clone());
        }
        let class = body.class.clone();
        if std::ptr::eq(self.type_of(it), &raw const *self.types.super_) {
            return self.make_super(&self.types.super_, &class, Some(object));
        }
        self.call_with(&self.class_of(it), &[class, object.clone()])
    }
}
