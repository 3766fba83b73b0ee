//! Attributes and globals: lookup, descriptors, caches.
#![expect(clippy::missing_errors_doc, reason = "an error is always an exception that was raised")]

use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::object::{
    Bound, Cellvar, Dict, Exception, Getset, Kind, Member, Module, Native, Property, Str, Type, TypeFlags,
    Wrapper,
};
use crate::value::{Object, Value};
use crate::vm::{LOOKUPS, R, Raised, Vm};

/// Computed attributes that are members of structures in CPython, where the message is another one.
const READ_ONLY: &[&str] = &[
    "fget",
    "fset",
    "fdel",
    "__self__",
    "__func__",
    "__thisclass__",
    "__self_class__",
    "__closure__",
    "__globals__",
    "__builtins__",
    "__objclass__",
    "__wrapped__",
    "start",
    "stop",
    "step",
    "real",
    "imag",
    "co_argcount",
    "co_consts",
    "co_name",
    "co_names",
    "co_filename",
    "co_firstlineno",
    "co_flags",
];

/// Is the computed attribute a member of a structure in CPython?
pub(crate) fn is_member_of_structure(name: &str) -> bool {
    READ_ONLY.contains(&name)
}

impl Vm {
    /// What a type and its ancestors have under a name. CPython: `_PyType_Lookup`.
    #[inline]
    pub(crate) fn lookup(&self, ty: &Object<Type>, name: &Value) -> Option<Value> {
        let version = ty.body.version.get();
        let place =
            (u64::from(version).wrapping_mul(0x9E37_79B9) ^ name.word() >> 4) as usize & (LOOKUPS - 1);
        let kept = &self.lookups[place];
        if kept.version.get() == version && kept.name.get() == name.word() && version != 0 {
            return kept.value.get();
        }
        let value = self.lookup_slowly(ty, name);
        if version != 0 && name.get::<Str>().is_some_and(|name| name.interned.get()) {
            kept.value.set(value.clone());
            kept.version.set(version);
            kept.name.set(name.word());
        }
        value
    }

    fn lookup_slowly(&self, ty: &Object<Type>, name: &Value) -> Option<Value> {
        if let Some(value) = ty.body.own().and_then(|dict| dict.get_name(self, name)) {
            return Some(value);
        }
        for ancestor in ty.body.ancestors.borrow().iter() {
            let own = ancestor.get::<Type>().and_then(Type::own);
            if let Some(value) = own.and_then(|dict| dict.get_name(self, name)) {
                return Some(value);
            }
        }
        None
    }

    /// What the type of `value` has under a special name.
    pub(crate) fn lookup_special(&self, value: &Value, name: &Value) -> Option<Value> {
        self.lookup(self.type_of(value), name)
    }

    /// A type changed: caches that depend on it or on what derives from it do not hold any more.
    pub(crate) fn type_changed(&self, ty: &Object<Type>) {
        ty.body.version.set(self.next_version());
        let derived: Vec<Value> = ty.body.derived.borrow().iter().map(|&it| Self::alive(it)).collect();
        for class in derived {
            if let Some(class) = class.object::<Type>() {
                self.type_changed(class);
            }
        }
    }

    /// Is a value of this type a data descriptor?
    pub(super) fn is_data_descriptor(&self, value: &Value) -> bool {
        match value.header().map(|header| header.kind) {
            Some(Kind::Property | Kind::Member | Kind::Getset) => true,
            Some(Kind::Instance | Kind::Custom) => {
                let ty = self.type_of(value);
                self.lookup(ty, &self.names.set).is_some() || self.lookup(ty, &self.names.delete).is_some()
            }
            _ => false,
        }
    }

    /// `descriptor.__get__(object, class)`, or the value itself where it is none.
    pub(crate) fn bind_descriptor(&self, value: &Value, object: Option<&Value>, class: &Value) -> R {
        let Some(header) = value.header() else { return Ok(value.clone()) };
        if header.kind == Kind::Custom
            && let Some(element) = object.and_then(|object| value.element_of(object))
        {
            return Ok(element);
        }
        match header.kind {
            Kind::Function => Ok(match object {
                Some(object) => self.bound(value, object),
                None => value.clone(),
            }),
            Kind::Native => Ok(match object {
                Some(object) if value.get::<Native>().is_some_and(|it| it.method) => {
                    self.bound(value, object)
                }
                _ => value.clone(),
            }),
            Kind::Wrapper => match value.get::<Wrapper>() {
                Some(wrapper) if wrapper.is_class => {
                    let function = wrapper.function();
                    Ok(self.bound(&function, class))
                }
                Some(wrapper) => Ok(wrapper.function()),
                None => Ok(value.clone()),
            },
            Kind::Property => match (object, value.get::<Property>()) {
                (Some(object), Some(property)) => match property.get.get() {
                    Some(get) => self.call_with(&get, std::slice::from_ref(object)),
                    None => Err(self.property_lacks(property, object, "getter")),
                },
                _ => Ok(value.clone()),
            },
            Kind::Member => match (object, value.get::<Member>()) {
                (Some(object), Some(member)) => match self.own_attribute(object, &member.name) {
                    Some(value) => Ok(value),
                    None => Err(self.empty_slot(object, &member.name)),
                },
                _ => Ok(value.clone()),
            },
            Kind::Getset => match (object, value.get::<Getset>()) {
                (Some(object), Some(Getset { access: Some(access), .. })) => (access.read)(self, object),
                (Some(object), Some(getset)) => {
                    let found = match object.object::<Type>() {
                        Some(class) => self.computed_type_attribute(object, class, &getset.name)?,
                        None => self.computed_attribute(object, &getset.name)?,
                    };
                    found.ok_or_else(|| self.no_attribute(object, &getset.name))
                }
                _ => Ok(value.clone()),
            },
            Kind::Super => match object {
                Some(object) => self.bind_super(value, object),
                None => Ok(value.clone()),
            },
            Kind::Instance | Kind::Custom => match self.lookup(header.type_of(), &self.names.get) {
                Some(get) => {
                    let object = object.cloned().unwrap_or(crate::value::NONE);
                    let args = [object, class.clone()];
                    self.call_bound(&get, value, crate::object::callable::Args { values: &args, names: &[] })
                }
                None => Ok(value.clone()),
            },
            _ => Ok(value.clone()),
        }
    }

    /// Raises what is said of a slot that holds nothing: it names the type in full.
    #[cold]
    fn empty_slot(&self, object: &Value, name: &Value) -> Raised {
        let of = self.full_name(self.type_of(object));
        let of = of.strip_prefix("__main__.").unwrap_or(&of);
        let message = format!("'{of}' object has no attribute '{}'", self.text_of(name));
        let raised = self.raise(Exc::AttributeError, message);
        self.note_name(name, Some(object));
        raised
    }

    fn property_lacks(&self, property: &Property, object: &Value, what: &str) -> Raised {
        let name = match property.name.get() {
            Some(name) => format!(" {}", self.repr_or_empty(&name)),
            None => String::new(),
        };
        let message = format!("property{name} of {} object has no {what}", self.quoted_qualname(object));
        self.raise(Exc::AttributeError, message)
    }

    /// `'` and `__qualname__` of the type, `'`.
    fn quoted_qualname(&self, object: &Value) -> String {
        let name = self.type_of(object).body.qualname.get();
        let name = name.and_then(|it| it.get::<Str>().map(|it| it.to_str().into_owned()));
        format!("'{}'", name.unwrap_or_default())
    }

    pub(crate) fn bound(&self, function: &Value, receiver: &Value) -> Value {
        let body = Bound { function: function.clone(), receiver: receiver.clone() };
        let ty = match function.get::<Native>() {
            None => &self.types.method,
            Some(_) if std::ptr::eq(self.type_of(function), &raw const *self.types.wrapper_descriptor) => {
                &self.types.method_wrapper
            }
            Some(_) => &self.types.builtin,
        };
        crate::heap::allocate(self, ty, body)
    }

    /// What `staticmethod` wraps.
    pub(crate) fn unwrap_static(&self, value: &Value) -> Value {
        match value.get::<Wrapper>() {
            Some(wrapper) if !wrapper.is_class => wrapper.function(),
            _ => value.clone(),
        }
    }

    /// What the object itself has under the name, in its shape or `__dict__`.
    pub(crate) fn own_attribute(&self, object: &Value, name: &Value) -> Option<Value> {
        if let Some(instance) = object.instance() {
            return match instance.body.dict.get() {
                Some(dict) => dict.get::<Dict>()?.get_name(self, name),
                None => instance.attribute(name),
            };
        }
        if let Some(module) = object.get::<Module>() {
            return module.dict.get::<Dict>()?.get_name(self, name);
        }
        let dict = object.dict_slot()?.get()?;
        dict.get::<Dict>()?.get_name(self, name)
    }

    /// `object.name`
    pub fn get_attribute(&self, object: &Value, name: &Value) -> R {
        let ty = self.type_of(object);
        if ty.body.flags.get().has(TypeFlags::GETATTR) {
            return self.get_attribute_by_hook(object, name);
        }
        self.get_attribute_plainly(object, name)
    }

    fn get_attribute_by_hook(&self, object: &Value, name: &Value) -> R {
        let ty = self.type_of(object);
        let args = crate::object::callable::Args { values: std::slice::from_ref(name), names: &[] };
        let result = match self.lookup(ty, &self.names.getattribute) {
            Some(hook) if !hook.is_layouts_own() => self.call_bound(&hook, object, args),
            _ => self.get_attribute_plainly(object, name),
        };
        let result = match (result, self.lookup(ty, &self.names.getattr)) {
            (Err(Raised), Some(hook)) if self.pending_is(Exc::AttributeError) => {
                self.pending.set(None);
                self.call_bound(&hook, object, args)
            }
            (result, _) => result,
        };
        if result.is_err() && self.pending_is(Exc::AttributeError) {
            self.note_name_once(name, object);
        }
        result
    }

    /// The same as [`Vm::note_name`], where the exception says nothing yet.
    #[cold]
    fn note_name_once(&self, name: &Value, object: &Value) {
        let Some(exception) = self.pending.get() else { return };
        let Some(body) = exception.get::<Exception>() else { return };
        let fields = body.fields.get();
        let said = |field: &str| {
            let dict = fields.as_ref().and_then(|it| it.get::<Dict>());
            dict.and_then(|it| it.get_name(self, &self.intern(field))).is_some_and(|it| !it.is_none())
        };
        if !said("name") && !said("obj") {
            self.note_name(name, Some(object));
        }
    }

    /// What `object.__getattribute__` does.
    pub(crate) fn get_attribute_plainly(&self, object: &Value, name: &Value) -> R {
        if object.get::<Type>().is_some() {
            return self.get_type_attribute(object, name);
        }
        if object.has_kind(Kind::Super)
            && let Some(value) = self.attribute_of_super(object, name)?
        {
            return Ok(value);
        }
        let ty = self.type_of(object);
        let found = self.lookup(ty, name);
        if let Some(value) = &found
            && self.is_data_descriptor(value)
            && (!value.has_kind(Kind::Instance) || self.lookup_special(value, &self.names.get).is_some())
        {
            return self.bind_descriptor(value, Some(object), &Value::of(ty));
        }
        if let Some(value) = self.own_attribute(object, name) {
            return Ok(value);
        }
        if let Some(value) = found {
            return self.bind_descriptor(&value, Some(object), &Value::of(ty));
        }
        if let Some(value) = self.computed_attribute(object, name)? {
            return Ok(value);
        }
        if let Some(module) = object.get::<Module>() {
            if let Some(value) = self.lazy_of_sys(object, name)? {
                return Ok(value);
            }
            let dict = module.dict.get::<Dict>();
            if let Some(hook) = dict.and_then(|dict| dict.get_name(self, &self.names.getattr)) {
                return self.call_with(&hook, std::slice::from_ref(name));
            }
        }
        Err(self.no_attribute(object, name))
    }

    fn get_type_attribute(&self, object: &Value, name: &Value) -> R {
        let Some(class) = object.object::<Type>() else { return Err(self.no_attribute(object, name)) };
        let meta = class.header.type_of();
        let of_meta = self.lookup(meta, name);
        if let Some(value) = &of_meta
            && self.is_data_descriptor(value)
            && (!value.has_kind(Kind::Instance) || self.lookup_special(value, &self.names.get).is_some())
        {
            return self.bind_descriptor(value, Some(object), &Value::of(meta));
        }
        if let Some(value) = self.lookup(class, name) {
            return self.bind_descriptor(&value, None, object);
        }
        if let Some(value) = of_meta {
            return self.bind_descriptor(&value, Some(object), &Value::of(meta));
        }
        Err(self.no_attribute(object, name))
    }

    /// The same; `None` where there is no such attribute.
    pub fn get_attribute_or_none(&self, object: &Value, name: &Value) -> R<Option<Value>> {
        if self.surely_lacks(object, name) {
            return Ok(None);
        }
        match self.get_attribute(object, name) {
            Ok(value) => Ok(Some(value)),
            Err(Raised) if self.pending_is(Exc::AttributeError) => {
                self.pending.set(None);
                Ok(None)
            }
            Err(Raised) => Err(Raised),
        }
    }

    /// Is it certain, without asking a program, that there is no such attribute? Saves making an exception.
    fn surely_lacks(&self, object: &Value, name: &Value) -> bool {
        let ty = self.type_of(object);
        if ty.body.flags.get().has(TypeFlags::GETATTR) || self.lookup(ty, name).is_some() {
            return false;
        }
        if let Some(class) = object.object::<Type>() {
            return self.lookup(class, name).is_none();
        }
        // Names that their layouts work out are none of theirs.
        let plain = [Kind::Instance, Kind::List, Kind::Tuple, Kind::Dict, Kind::Set, Kind::Str];
        (object.header().is_none() || plain.iter().any(|&kind| object.has_kind(kind)))
            && self.own_attribute(object, name).is_none()
            && matches!(self.computed_attribute(object, name), Ok(None))
    }

    #[cold]
    pub(crate) fn no_attribute(&self, object: &Value, name: &Value) -> Raised {
        let text = self.text_of(name);
        let message = if let Some(class) = object.object::<Type>() {
            format!("type object '{}' has no attribute '{text}'", self.name_of_type(class))
        } else if let Some(module) = object.get::<Module>() {
            let of = module.dict.get::<Dict>().and_then(|dict| dict.get_name(self, &self.names.name));
            let named = of.filter(|it| it.get::<crate::object::Str>().is_some());
            let of =
                named.map_or_else(|| "module".to_owned(), |it| format!("module '{}'", self.text_of(&it)));
            match self.of_special_module(object, "module_lacks", name) {
                Ok(Some(message)) => message,
                Ok(None) => format!("{of} has no attribute '{text}'"),
                Err(raised) => return raised,
            }
        } else {
            format!("'{}' object has no attribute '{text}'", self.type_name(object))
        };
        let raised = self.raise(Exc::AttributeError, message);
        self.note_name(name, Some(object));
        raised
    }

    /// Says in the exception that was raised now which name was looked for, and where: for suggestions.
    fn note_name(&self, name: &Value, object: Option<&Value>) {
        let Some(exception) = self.pending.get() else { return };
        let Some(body) = exception.get::<Exception>() else { return };
        self.set_exception_field(body, "name", name.clone());
        if let Some(object) = object {
            self.set_exception_field(body, "obj", object.clone());
        }
    }

    /// `object.name = value`
    pub fn set_attribute(&self, object: &Value, name: &Value, value: Value) -> R<()> {
        let ty = self.type_of(object);
        if ty.body.flags.get().has(TypeFlags::SETATTR)
            && let Some(hook) = self.lookup(ty, &self.names.setattr)
            && !hook.is_layouts_own_as("__setattr__")
        {
            let values = [name.clone(), value];
            let args = crate::object::callable::Args { values: &values, names: &[] };
            return self.call_bound(&hook, object, args).map(drop);
        }
        self.set_attribute_plainly(object, name, Some(value))
    }

    /// `del object.name`
    pub fn delete_attribute(&self, object: &Value, name: &Value) -> R<()> {
        let ty = self.type_of(object);
        if ty.body.flags.get().has(TypeFlags::SETATTR)
            && let Some(hook) = self.lookup(ty, &self.names.delattr)
            && !hook.is_layouts_own_as("__delattr__")
        {
            let args = crate::object::callable::Args { values: std::slice::from_ref(name), names: &[] };
            return self.call_bound(&hook, object, args).map(drop);
        }
        self.set_attribute_plainly(object, name, None)
    }

    /// What `object.__setattr__` and `object.__delattr__` do.
    pub(crate) fn set_attribute_plainly(&self, object: &Value, name: &Value, value: Option<Value>) -> R<()> {
        let name = &self.intern_value(name);
        if let Some(class) = object.object::<Type>() {
            return self.set_type_attribute(object, class, name, value);
        }
        let ty = self.type_of(object);
        if let Some(found) = self.lookup(ty, name)
            && self.is_data_descriptor(&found)
        {
            return self.set_by_descriptor(&found, object, name, value);
        }
        if self.set_computed(object, name, &value)? {
            return Ok(());
        }
        if !ty.body.flags.get().has(TypeFlags::ATTRIBUTES) && !object.has_kind(Kind::Module) {
            return Err(self.no_room(object, name));
        }
        self.set_own(object, name, value)
    }

    #[cold]
    fn no_room(&self, object: &Value, name: &Value) -> Raised {
        let (ty, text) = (self.type_name(object), self.text_of(name));
        if self.lookup_special(object, name).is_some() {
            return self.raise(Exc::AttributeError, format!("'{ty}' object attribute '{text}' is read-only"));
        }
        let message =
            format!("'{ty}' object has no attribute '{text}' and no __dict__ for setting new attributes");
        self.raise(Exc::AttributeError, message)
    }

    fn set_own(&self, object: &Value, name: &Value, value: Option<Value>) -> R<()> {
        if let Some(instance) = object.instance() {
            let mut value = value;
            if !instance.body.dict.is_some() {
                if let Some(new) = value.take() {
                    match instance.set_attribute(self, name, new) {
                        Ok(()) => return Ok(()),
                        Err(back) => {
                            instance.header.type_of().body.expect_more();
                            value = Some(back);
                        }
                    }
                } else if instance.attribute(name).is_none() {
                    return Err(self.no_attribute(object, name));
                }
            }
            let dict = self.instance_dict(object);
            return self.set_in_dict(&dict, object, name, value);
        }
        let dict = match object.get::<Module>() {
            Some(module) => {
                let own = module.dict.get::<Dict>();
                if value.is_none() && own.is_some_and(|it| it.get_name(self, name).is_none()) {
                    // What is made when it is asked for can be deleted before that.
                    self.lazy_of_sys(object, name)?;
                }
                module.dict.clone()
            }
            None => match object.dict_slot() {
                Some(slot) => match slot.get() {
                    Some(dict) => dict,
                    None => {
                        let dict = self.dict();
                        slot.set(Some(dict.clone()));
                        dict
                    }
                },
                None => return Err(self.no_room(object, name)),
            },
        };
        self.set_in_dict(&dict, object, name, value)
    }

    fn set_in_dict(&self, dict: &Value, object: &Value, name: &Value, value: Option<Value>) -> R<()> {
        let Some(dict) = dict.get::<Dict>() else { return Err(self.no_room(object, name)) };
        match value {
            Some(value) => dict.set_name(self, name, value),
            None if dict.remove_name(self, name).is_none() => {
                if object.get::<Module>().is_some() {
                    let text = self.text_of(name);
                    let message = format!("'{}' object has no attribute '{text}'", self.type_name(object));
                    return Err(self.raise(Exc::AttributeError, message));
                }
                return Err(self.no_attribute(object, name));
            }
            None => {}
        }
        Ok(())
    }

    /// The real `__dict__` of an instance.
    pub(crate) fn instance_dict(&self, object: &Value) -> Value {
        let Some(instance) = object.instance() else { return self.dict() };
        if let Some(dict) = instance.body.dict.get() {
            return dict;
        }
        let value = self.dict();
        if let Some(dict) = value.get::<Dict>() {
            dict.fill(self, instance.drain(self));
        }
        instance.body.dict.set(Some(value.clone()));
        value
    }

    pub(crate) fn set_by_descriptor(
        &self,
        found: &Value,
        object: &Value,
        name: &Value,
        value: Option<Value>,
    ) -> R<()> {
        if let Some(property) = found.get::<Property>() {
            return match value {
                Some(value) => match property.set.get() {
                    Some(set) => self.call_with(&set, &[object.clone(), value]).map(drop),
                    None => Err(self.property_lacks(property, object, "setter")),
                },
                None => match property.del.get() {
                    Some(del) => self.call_with(&del, std::slice::from_ref(object)).map(drop),
                    None => Err(self.property_lacks(property, object, "deleter")),
                },
            };
        }
        if found.get::<Member>().is_some() {
            if value.is_none() && self.own_attribute(object, name).is_none() {
                return Err(self.raise(Exc::AttributeError, self.text_of(name)));
            }
            return self.set_own(object, name, value);
        }
        if let Some(Getset { access: Some(access), .. }) = found.get::<Getset>()
            && let Some(write) = access.write
        {
            return write(self, object, value.as_ref());
        }
        if found.get::<Getset>().is_some() {
            if object.get::<Type>().is_some() && self.set_type_computed(object, name, &value)? {
                return Ok(());
            }
            if self.set_computed(object, name, &value)? {
                return Ok(());
            }
            let (ty, text) = (self.type_name(object), self.text_of(name));
            let message = if READ_ONLY.contains(&text.as_str()) {
                "readonly attribute".to_owned()
            } else {
                format!("attribute '{text}' of '{ty}' objects is not writable")
            };
            return Err(self.raise(Exc::AttributeError, message));
        }
        let (hook, values) = match value {
            Some(value) => (&self.names.set, vec![object.clone(), value]),
            None => (&self.names.delete, vec![object.clone()]),
        };
        match self.lookup_special(found, hook) {
            Some(method) => {
                let args = crate::object::callable::Args { values: &values, names: &[] };
                self.call_bound(&method, found, args).map(drop)
            }
            None => Err(self.raise(Exc::AttributeError, self.text_of(hook))),
        }
    }

    fn set_type_attribute(
        &self,
        object: &Value,
        class: &Object<Type>,
        name: &Value,
        value: Option<Value>,
    ) -> R<()> {
        if !class.is_counted() {
            let message = format!(
                "cannot set '{}' attribute of immutable type '{}'",
                self.text_of(name),
                self.name_of_type(class)
            );
            return Err(self.type_error(message));
        }
        if let Some(found) = self.lookup(class.header.type_of(), name)
            && self.is_data_descriptor(&found)
        {
            return self.set_by_descriptor(&found, object, name, value);
        }
        let dict = class.body.dict.clone();
        let result = self.set_in_dict(&dict, object, name, value);
        self.type_changed(class);
        self.note_hooks(class);
        result
    }

    /// Sets the flags that say which hooks a class has.
    pub(crate) fn note_hooks(&self, class: &Object<Type>) {
        let of_layout = |it: &Value| {
            let of = it.get::<Native>().and_then(|it| it.of);
            it.is_layouts_own() && of.is_none_or(|kind| kind == class.body.kind)
        };
        let own = |name: &Value| self.lookup(class, name).is_some_and(|it| !of_layout(&it));
        let mut flags = class.body.flags.get().0
            & !(TypeFlags::GETATTR.0
                | TypeFlags::SETATTR.0
                | TypeFlags::FINALIZES.0
                | TypeFlags::PLAIN_EQ.0
                | TypeFlags::PLAIN_TRUTH.0);
        if !own(&self.names.bool) && !own(&self.names.len) {
            flags |= TypeFlags::PLAIN_TRUTH.0;
        }
        if ![&self.names.eq, &self.names.ne, &self.names.hash].into_iter().any(own) {
            flags |= TypeFlags::PLAIN_EQ.0;
        }
        if own(&self.names.getattribute) || own(&self.names.getattr) {
            flags |= TypeFlags::GETATTR.0;
        }
        let other =
            |name: &Value, own: &str| self.lookup(class, name).is_some_and(|it| !it.is_layouts_own_as(own));
        if other(&self.names.setattr, "__setattr__") || other(&self.names.delattr, "__delattr__") {
            flags |= TypeFlags::SETATTR.0;
        }
        if own(&self.names.del) {
            flags |= TypeFlags::FINALIZES.0;
        }
        class.body.flags.set(TypeFlags(flags));
        for derived in class.body.derived.borrow().iter() {
            let derived = Self::alive(*derived);
            if let Some(derived) = derived.object::<Type>() {
                self.note_hooks(derived);
            }
        }
    }

    /// The globals of the innermost frame.
    pub(crate) fn current_globals(&self) -> Option<Value> {
        self.innermost(|function, _, _| Some(function.globals.clone()))
    }

    /// `super()` in a method: the class that it was written in, and the first argument.
    pub(crate) fn zero_super(&self, made: &Object<Type>) -> R {
        let found = self.innermost(|_, code, locals| {
            if code.argcount == 0 {
                return Some(Err("super(): no arguments"));
            }
            let object = match locals.first() {
                Some(it) if code.kinds.first().is_some_and(|kind| kind & 0x40 != 0) => {
                    it.get::<Cellvar>().map_or_else(|| Some(it.clone()), |cell| cell.value.get())
                }
                Some(it) if it.is_unset() => None,
                other => other.cloned(),
            };
            let Some(object) = object else { return Some(Err("super(): arg[0] deleted")) };
            let named =
                |(at, name): (usize, &Value)| code.is_free(at as u16) && self.text_of(name) == "__class__";
            let Some(at) = code.local_names.iter().enumerate().position(named) else {
                return Some(Err("super(): __class__ cell not found"));
            };
            let Some(cell) = locals.get(at).and_then(|it| it.get::<Cellvar>()) else {
                return Some(Err("super(): bad __class__ cell"));
            };
            Some(cell.value.get().map(|class| (class, object)).ok_or("super(): empty __class__ cell"))
        });
        match found {
            Some(Ok((class, object))) => self.make_super(made, &class, Some(&object)),
            Some(Err(message)) => Err(self.raise(Exc::RuntimeError, message)),
            None => Err(self.raise(Exc::RuntimeError, "super(): no current frame")),
        }
    }

    /// Is the exception that was raised of this type?
    pub(crate) fn pending_is(&self, of: Exc) -> bool {
        self.pending.get().is_some_and(|it| self.is_instance_of(&it, of))
    }

    /// Is the object an exception of this type?
    pub(crate) fn is_instance_of(&self, value: &Value, of: Exc) -> bool {
        value.get::<Exception>().is_some() && self.type_of(value).is_subtype(self.exceptions.get(of))
    }

    #[cold]
    pub(super) fn name_error(&self, name: &Value) -> Raised {
        let text = self.text_of(name);
        let raised = self.raise(Exc::NameError, format!("name '{text}' is not defined"));
        self.note_name(name, None);
        raised
    }

    /// Raises what reading an empty cell raises.
    #[cold]
    pub(super) fn unbound_cell(&self, code: &Code, local: u16) -> Raised {
        let name = code.local_names.get(usize::from(local)).map(|it| self.text_of(it)).unwrap_or_default();
        if code.is_free(local) {
            let message = format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            );
            return self.raise(Exc::NameError, message);
        }
        let message =
            format!("cannot access local variable '{name}' where it is not associated with a value");
        self.raise(Exc::UnboundLocalError, message)
    }

    /// Puts a value into a cell.
    #[inline(never)]
    pub(super) fn set_cell(&self, cell: &Value, value: Option<Value>) -> R<()> {
        match cell.get::<Cellvar>() {
            Some(cell) => {
                cell.value.set(value);
                Ok(())
            }
            None => Err(self.missing("a cell variable without a cell")),
        }
    }
}
