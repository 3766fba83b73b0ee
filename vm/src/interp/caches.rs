//! Caches of attributes, methods and globals.

use crate::load::Cache;
use crate::object::{
    Dict, Function, Kind, Member, Module, Native, Property, Shape, Type, TypeFlags, Wrapper,
};
use crate::value::{Object, Value};
use crate::vm::{R, Raised, Vm};
use std::ptr;

/// `Cache::key` of what is no instance and has room for a `__dict__`, which is not there.
const NO_DICT: u64 = 1;
/// `Cache::index` of a method.
const METHOD: u32 = u32::MAX;
/// `Cache::index` of an attribute that an instance does not have yet; the value is the address of the next shape.
const NEW: u32 = u32::MAX - 6;
/// `Cache::index` of a class method, seen through the class.
const OF_CLASS: u32 = u32::MAX - 4;
/// `Cache::index` of an attribute of a module: the key says which keys it has, the version is the place.
const MODULE: u32 = u32::MAX - 1;
/// `Cache::index` of what a class has, seen through the class or an instance.
const CLASS: u32 = u32::MAX - 3;
/// `Cache::index` of a property; the value is what gets it.
const GETTER: u32 = u32::MAX - 5;
/// The same of an instance, which is no descriptor as long as its type has the cache's version.
const MEMBER: u32 = u32::MAX - 2;

/// The caches of an instruction, the last one filled first.
pub(super) type Ways = [Cache; 2];

impl Vm {
    /// What the caches say of `object`'s attribute.
    #[inline(always)]
    pub(super) fn cached_attribute(&self, object: &Value, ways: &Ways) -> Option<Value> {
        if let Some(instance) = object.instance() {
            let shape = instance.body.shape.get() as u64;
            for way in ways {
                if shape == way.key.get() && instance.header.type_of().body.version.get() == way.version.get()
                {
                    let index = way.index.get();
                    if index < NEW {
                        // SAFETY: the shape is the one that the index was found in.
                        return Some(unsafe { instance.value_unchecked(index as usize) }.clone());
                    }
                    if index == CLASS {
                        return way.value.get();
                    }
                }
            }
            return None;
        }
        self.cached_elsewhere(object, ways)
    }

    /// What the caches say of a property that is written in Python.
    #[inline]
    pub(super) fn cached_getter(&self, object: &Value, ways: &Ways) -> Option<Value> {
        let instance = object.instance()?;
        let shape = instance.body.shape.get() as u64;
        let version = instance.header.type_of().body.version.get();
        let found = |way: &&Cache| {
            way.index.get() == GETTER && way.key.get() == shape && way.version.get() == version
        };
        ways.iter().find(found)?.value.get()
    }

    /// The same of a module or class.
    #[inline]
    fn cached_elsewhere(&self, object: &Value, ways: &Ways) -> Option<Value> {
        if let Some(module) = object.get::<Module>() {
            let dict = module.dict.get::<Dict>()?;
            let way = ways
                .iter()
                .find(|way| way.index.get() == MODULE && u64::from(dict.known_keys()) == way.key.get())?;
            return dict.value_at(way.version.get() as usize);
        }
        let class = object.object::<Type>()?;
        let key = Self::class_key(class);
        let way =
            ways.iter().find(|way| way.key.get() == key && matches!(way.index.get(), CLASS | MEMBER))?;
        let value = way.value.get()?;
        if way.index.get() == MEMBER
            && value.header().is_none_or(|it| it.type_of().body.version.get() != way.version.get())
        {
            return None;
        }
        Some(value)
    }

    /// What stands for all that can be found in a class: its version, which no other class has, and its metaclass's.
    #[inline]
    fn class_key(class: &Object<Type>) -> u64 {
        u64::from(class.header.type_of().body.version.get()) << 32 | u64::from(class.body.version.get())
    }

    /// The cache to be filled: what it knew moves on.
    fn renew(ways: &Ways) -> &Cache {
        let [first, second] = ways;
        second.key.set(first.key.get());
        second.version.set(first.version.get());
        second.index.set(first.index.get());
        second.value.set(first.value.take());
        first
    }

    fn remember(ways: &Ways, key: u64, version: u32, index: u32, value: Option<Value>) {
        if version != 0 {
            let cache = Self::renew(ways);
            cache.key.set(key);
            cache.version.set(version);
            cache.index.set(index);
            cache.value.set(value);
        }
    }

    /// `object.name`, and remembers what can be.
    #[inline(never)]
    pub(super) fn load_attribute(&self, object: &Value, name: &Value, ways: &Ways) -> R {
        let ty = self.type_of(object);
        let version = ty.body.version.get();
        if let Some(instance) = object.instance()
            && !ty.body.flags.get().has(TypeFlags::GETATTR)
        {
            let shape = instance.body.shape.get() as u64;
            let found = self.lookup(ty, name);
            if let Some(member) = found.as_ref().and_then(|it| it.get::<Member>()) {
                if !instance.body.dict.is_some()
                    && let Some(index) = instance.shape().find(&member.name)
                {
                    Self::remember(ways, shape, version, index as u32, None);
                }
            } else if let Some(property) = found.as_ref().and_then(|it| it.get::<Property>())
                && ptr::eq(self.type_of(found.as_ref().unwrap_or(object)), &raw const *self.types.property)
            {
                let getter = property.get.get().filter(|it| it.has_kind(Kind::Function));
                if getter.is_some() {
                    Self::remember(ways, shape, version, GETTER, getter);
                }
            } else if !found.as_ref().is_some_and(|it| self.is_data_descriptor(it))
                && !instance.body.dict.is_some()
            {
                if let Some(index) = instance.shape().find(name) {
                    Self::remember(ways, shape, version, index as u32, None);
                    return instance.value(index).cloned().ok_or(Raised);
                }
                if let Some(value) = found {
                    let bound = self.bind_descriptor(&value, Some(object), &Value::of(ty))?;
                    // The class of an instance may become a descriptor.
                    if bound.is(&value) && !value.has_kind(Kind::Instance) && !value.has_kind(Kind::Custom) {
                        Self::remember(ways, shape, version, CLASS, Some(value));
                    }
                    return Ok(bound);
                }
            }
            return self.get_attribute(object, name);
        }
        self.remember_elsewhere(object, name, ways);
        self.get_attribute(object, name)
    }

    /// Remembers an attribute of a module or class.
    fn remember_elsewhere(&self, object: &Value, name: &Value, ways: &Ways) {
        if let Some(module) = object.get::<Module>()
            && let Some(dict) = module.dict.get::<Dict>()
            && let Some(index) = dict.index_of_name(self, name)
        {
            let keys = dict.keys_version(self);
            let cache = Self::renew(ways);
            cache.key.set(keys.into());
            cache.version.set(index as u32);
            cache.index.set(MODULE);
            cache.value.set(None);
        } else if let Some(class) = object.object::<Type>()
            && let meta = class.header.type_of()
            && !meta.body.flags.get().has(TypeFlags::GETATTR)
            && self.lookup(meta, name).is_none()
            && let Some(value) = self.lookup(class, name)
            && class.body.version.get() != 0
            && meta.body.version.get() != 0
        {
            let (index, version) = match value.header() {
                None => (CLASS, 1),
                Some(it) if matches!(it.kind, Kind::Function | Kind::Type | Kind::Str | Kind::Tuple) => {
                    (CLASS, 1)
                }
                Some(it)
                    if it.kind == Kind::Instance && self.lookup(it.type_of(), &self.names.get).is_none() =>
                {
                    (MEMBER, it.type_of().body.version.get())
                }
                Some(_) => return,
            };
            Self::remember(ways, Self::class_key(class), version, index, Some(value));
        }
    }

    /// What the caches say of `object`'s method.
    #[inline(always)]
    pub(super) fn cached_method(&self, object: &Value, ways: &Ways) -> Option<Value> {
        let version = self.type_of(object).body.version.get();
        let shape = object.instance().map_or(0, |it| it.body.shape.get() as u64);
        for way in ways {
            if way.version.get() == version && way.index.get() == METHOD {
                let key = way.key.get();
                if key == shape
                    || key == NO_DICT && shape == 0 && object.dict_slot().is_some_and(|it| !it.is_some())
                {
                    return way.value.get();
                }
            }
        }
        None
    }

    /// The method `name` of `object`, and true; or its attribute, and false.
    #[inline(never)]
    pub(super) fn load_method(&self, object: &Value, name: &Value, ways: &Ways) -> R<(Value, bool)> {
        let ty = self.type_of(object);
        if ty.body.flags.get().has(TypeFlags::GETATTR) {
            return Ok((self.get_attribute(object, name)?, false));
        }
        let kind = object.header().map(|header| header.kind);
        if matches!(kind, Some(Kind::Type | Kind::Module)) {
            return self.load_method_elsewhere(object, name, ways);
        }
        if let Some(value) = self.cached_attribute(object, ways) {
            return Ok((value, false));
        }
        if kind != Some(Kind::Super)
            && let Some(found) = self.lookup(ty, name)
        {
            let is_method =
                found.has_kind(Kind::Function) || found.get::<Native>().is_some_and(|it| it.method);
            if is_method && self.own_attribute(object, name).is_none() {
                let key = match object.instance() {
                    Some(instance) if instance.body.dict.is_some() => return Ok((found, true)),
                    Some(instance) => instance.body.shape.get() as u64,
                    None => match object.dict_slot() {
                        Some(dict) if dict.is_some() => return Ok((found, true)),
                        Some(_) => NO_DICT,
                        None => 0,
                    },
                };
                Self::remember(ways, key, ty.body.version.get(), METHOD, Some(found.clone()));
                return Ok((found, true));
            }
        }
        Ok((self.load_attribute(object, name, ways)?, false))
    }

    /// The same of a module or class.
    fn load_method_elsewhere(&self, object: &Value, name: &Value, ways: &Ways) -> R<(Value, bool)> {
        if let Some(value) = self.cached_elsewhere(object, ways) {
            return Ok((value, false));
        }
        if let Some(class) = object.object::<Type>() {
            let key = Self::class_key(class);
            let known = ways.iter().find(|way| way.key.get() == key && way.index.get() == OF_CLASS);
            if let Some(function) = known.and_then(|way| way.value.get()) {
                return Ok((function, true));
            }
            let meta = class.header.type_of();
            if self.lookup(meta, name).is_none()
                && let Some(found) = self.lookup(class, name)
                && let Some(wrapper) = found.get::<Wrapper>().filter(|it| it.is_class)
                && std::ptr::eq(self.type_of(&found), &raw const *self.types.classmethod)
                && let function = wrapper.function()
                && function.has_kind(Kind::Function)
                && class.body.version.get() != 0
                && meta.body.version.get() != 0
            {
                Self::remember(ways, key, 1, OF_CLASS, Some(function.clone()));
                return Ok((function, true));
            }
        }
        self.remember_elsewhere(object, name, ways);
        Ok((self.get_attribute(object, name)?, false))
    }

    /// Stores an attribute where the caches know how; else the value comes back.
    #[inline(always)]
    pub(super) fn store_cached(&self, object: &Value, value: Value, ways: &Ways) -> Result<(), Value> {
        let Some(instance) = object.instance() else { return Err(value) };
        let shape = instance.body.shape.get() as u64;
        for way in ways {
            if shape == way.key.get() && instance.header.type_of().body.version.get() == way.version.get() {
                return match way.index.get() {
                    NEW => match way.value.get().as_ref().and_then(Value::as_small) {
                        Some(next) => instance.add(next as *const Shape, value),
                        None => Err(value),
                    },
                    index => instance.replace(index as usize, value),
                };
            }
        }
        Err(value)
    }

    /// `object.name = value`, and remembers what can be.
    #[inline(never)]
    pub(super) fn store_attribute(&self, object: &Value, name: &Value, value: Value, ways: &Ways) -> R<()> {
        let ty = self.type_of(object);
        let known = !ty.body.flags.get().has(TypeFlags::SETATTR)
            && object.instance().is_some_and(|it| !it.body.dict.is_some())
            && !self
                .lookup(ty, name)
                .is_some_and(|it| !it.has_kind(Kind::Member) && self.is_data_descriptor(&it));
        let (true, Some(instance)) = (known, object.instance()) else {
            return self.set_attribute(object, name, value);
        };
        let (before, index) = (instance.body.shape.get(), instance.shape().find(name));
        let version = ty.body.version.get();
        self.set_attribute(object, name, value)?;
        if let Some(index) = index {
            Self::remember(ways, before as u64, version, index as u32, None);
            return Ok(());
        }
        // What was added is the last of the shape that the instance has now.
        let added = instance.shape().names();
        if !instance.body.dict.is_some() && added.last().is_some_and(|it| it.is(name)) {
            // Shapes are aligned and addresses have 48 bits, so that one is a small int.
            let after = Value::small(instance.body.shape.get() as i64);
            Self::remember(ways, before as u64, version, NEW, after);
        }
        Ok(())
    }

    /// A global or builtin.
    #[inline(always)]
    pub(super) fn load_global(&self, function: &Function, names: &[Value], cache: &Cache, name: u32) -> R {
        if let Some(globals) = function.globals.get::<Dict>() {
            let keys = globals.known_keys();
            if u64::from(keys) == cache.key.get() && keys != 0 {
                if cache.version.get() == 0 {
                    if let Some(value) = globals.value_at(cache.index.get() as usize) {
                        return Ok(value);
                    }
                } else if let Some(builtins) = self.builtins.get::<Dict>()
                    && builtins.known_keys() == cache.version.get()
                    && let Some(value) = builtins.value_at(cache.index.get() as usize)
                {
                    return Ok(value);
                }
            }
        }
        self.load_global_slowly(function, &names[name as usize], cache)
    }

    /// What globals name as their `__builtins__`, where that is not the interpreter's.
    pub(crate) fn own_builtins(&self, globals: &Dict) -> Option<Value> {
        let found = globals.get_name(self, &self.names.builtins)?;
        let dict = match found.get::<crate::object::Module>() {
            Some(module) => module.dict.clone(),
            None => found,
        };
        (!dict.is(&self.builtins)).then_some(dict)
    }

    #[inline(never)]
    fn load_global_slowly(&self, function: &Function, name: &Value, cache: &Cache) -> R {
        let (Some(globals), Some(builtins)) = (function.globals.get::<Dict>(), self.builtins.get::<Dict>())
        else {
            return Err(self.name_error(name));
        };
        // A class derived from `dict` may have its own way to look names up.
        if self.plain_dict(&function.globals).is_none()
            && let Some(value) = self.get_from_namespace(&function.globals, name)?
        {
            return Ok(value);
        }
        if let Some(index) = globals.index_of_name(self, name) {
            cache.key.set(globals.keys_version(self).into());
            cache.version.set(0);
            cache.index.set(index as u32);
            return globals.value_at(index).ok_or(Raised);
        }
        if let Some(own) = self.own_builtins(globals) {
            let found = self.get_from_namespace(&own, name)?;
            return found.ok_or_else(|| self.name_error(name));
        }
        if let Some(index) = builtins.index_of_name(self, name) {
            cache.key.set(globals.keys_version(self).into());
            cache.version.set(builtins.keys_version(self));
            cache.index.set(index as u32);
            return builtins.value_at(index).ok_or(Raised);
        }
        self.lazy_builtin(name)?.ok_or_else(|| self.name_error(name))
    }
}
