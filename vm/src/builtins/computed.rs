//! Attributes that objects of the interpreter's own have without a place for them.

use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::object::{
    Bound, Dict, Exception, Function, Generator, Module, Native, Property, Range, Slice, Slot, Super,
    Traceback, Type, TypeFlags, Wrapper,
};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};

impl Vm {
    /// An attribute that is computed; `None` where there is none of the name.
    pub(crate) fn computed_attribute(&self, object: &Value, name: &Value) -> R<Option<Value>> {
        let text = self.text_of(name);
        if text == "__class__" {
            return Ok(Some(self.class_of(object)));
        }
        if text == "__doc__" && object.get::<Function>().is_none() {
            return Ok(Some(NONE));
        }
        if text == "__dict__" {
            return Ok(self.dict_attribute(object));
        }
        let or_none = |slot: &Slot| Some(slot.get().unwrap_or(NONE));
        if let Some(super_) = object.get::<Super>() {
            let object = super_.object.get().unwrap_or(NONE);
            let (called, class) = (self.types.super_.value(), super_.class.clone());
            return self.super_attribute(called, &class, &object, name, false).map(|(value, _)| Some(value));
        }
        if let Some(function) = object.get::<Function>() {
            return Ok(match text.as_str() {
                "__name__" => or_none(&function.name),
                "__qualname__" => or_none(&function.qualname),
                "__doc__" => or_none(&function.doc),
                "__module__" => or_none(&function.module),
                "__defaults__" => or_none(&function.defaults),
                "__kwdefaults__" => or_none(&function.kwdefaults),
                "__closure__" => or_none(&function.closure),
                "__code__" => Some(function.code.clone()),
                "__globals__" => Some(function.globals.clone()),
                "__annotations__" => return self.annotations(function).map(Some),
                "__annotate__" => or_none(&function.annotate),
                "__call__" | "__get__" => return Err(self.missing("method wrappers of functions")),
                _ => None,
            });
        }
        if let Some(exception) = object.get::<Exception>() {
            return Ok(match text.as_str() {
                "args" => or_none(&exception.args),
                "__traceback__" => or_none(&exception.traceback),
                "__context__" => or_none(&exception.context),
                "__cause__" => or_none(&exception.cause),
                "__suppress_context__" => Some(Value::bool(exception.suppress.get())),
                "value" if self.is_instance_of(object, Exc::StopIteration) => {
                    Some(self.first_argument(object))
                }
                "code" if self.is_instance_of(object, Exc::SystemExit) => Some(self.first_argument(object)),
                "name" | "obj" | "path"
                    if [Exc::AttributeError, Exc::NameError, Exc::ImportError]
                        .iter()
                        .any(|&of| self.is_instance_of(object, of)) =>
                {
                    Some(NONE)
                }
                _ => None,
            });
        }
        if let Some(bound) = object.get::<Bound>() {
            return match text.as_str() {
                "__self__" => Ok(Some(bound.receiver.clone())),
                "__func__" => Ok(Some(bound.function.clone())),
                _ => self.get_attribute_or_none(&bound.function, name),
            };
        }
        Ok(self.computed_of_others(object, &text))
    }

    fn computed_of_others(&self, object: &Value, text: &str) -> Option<Value> {
        if let Some(native) = object.get::<Native>() {
            return match text {
                "__name__" => Some(self.intern(native.name)),
                "__qualname__" if native.owner.is_empty() => Some(self.intern(native.name)),
                "__qualname__" => Some(self.str(&format!("{}.{}", native.owner, native.name))),
                "__module__" => Some(self.intern("builtins")),
                _ => None,
            };
        }
        if let Some(code) = object.get::<Code>() {
            return match text {
                "co_name" => Some(code.name.clone()),
                "co_qualname" => Some(code.qualname.clone()),
                "co_filename" => Some(code.filename.clone()),
                "co_argcount" => Some(self.int(code.argcount.into())),
                "co_kwonlyargcount" => Some(self.int(code.kwonly.into())),
                "co_posonlyargcount" => Some(self.int(code.posonly.into())),
                "co_flags" => Some(self.int(code.flags.into())),
                "co_firstlineno" => Some(self.int(code.first_line.into())),
                "co_names" => Some(self.tuple(code.names.to_vec())),
                "co_varnames" => {
                    let locals = code.local_names.iter().zip(&code.kinds);
                    let names = locals.filter(|(_, kind)| *kind & 0x20 != 0).map(|(name, _)| name.clone());
                    Some(self.tuple(names.collect()))
                }
                _ => None,
            };
        }
        if let Some(generator) = object.get::<Generator>() {
            return match text {
                "__name__" => generator.name.get(),
                "__qualname__" => generator.qualname.get(),
                _ => None,
            };
        }
        if let Some(range) = object.get::<Range>() {
            return match text {
                "start" => Some(self.int(range.start)),
                "stop" => Some(self.int(range.stop)),
                "step" => Some(self.int(range.step)),
                _ => None,
            };
        }
        if let Some(slice) = object.get::<Slice>() {
            let at = ["start", "stop", "step"].iter().position(|it| *it == text)?;
            return Some(slice.parts[at].clone());
        }
        if let Some(traceback) = object.get::<Traceback>() {
            return match text {
                "tb_lineno" => Some(self.int(traceback.line.into())),
                "tb_lasti" => Some(self.int(traceback.offset.into())),
                "tb_next" => Some(traceback.next.borrow().clone().unwrap_or(NONE)),
                _ => None,
            };
        }
        if let Some(property) = object.get::<Property>() {
            return match text {
                "fget" => Some(property.get.get().unwrap_or(NONE)),
                "fset" => Some(property.set.get().unwrap_or(NONE)),
                "fdel" => Some(property.del.get().unwrap_or(NONE)),
                _ => None,
            };
        }
        if let Some(wrapper) = object.get::<Wrapper>() {
            return matches!(text, "__func__" | "__wrapped__").then(|| wrapper.function.clone());
        }
        match text {
            "real" | "numerator" => self.as_big(object).map(|it| self.int_of_big(it)),
            "imag" => self.as_big(object).map(|_| self.int(0)),
            "denominator" => self.as_big(object).map(|_| self.int(1)),
            _ => None,
        }
    }

    fn annotations(&self, function: &Function) -> R {
        if let Some(annotations) = function.annotations.get() {
            return Ok(annotations);
        }
        let made = match function.annotate.get() {
            Some(annotate) if !annotate.is_none() => self.call_with(&annotate, &[Value::from_i32(1)])?,
            _ => self.dict(),
        };
        function.annotations.set(Some(made.clone()));
        Ok(made)
    }

    fn dict_attribute(&self, object: &Value) -> Option<Value> {
        if object.instance().is_some() {
            let has = self.type_of(object).body.flags.get().has(TypeFlags::ATTRIBUTES);
            return has.then(|| self.instance_dict(object));
        }
        if let Some(module) = object.get::<Module>() {
            return Some(module.dict.clone());
        }
        let slot = object.dict_slot()?;
        if let Some(dict) = slot.get() {
            return Some(dict);
        }
        let dict = self.dict();
        slot.set(Some(dict.clone()));
        Some(dict)
    }

    /// An attribute of a type that is computed.
    pub(crate) fn computed_type_attribute(
        &self,
        object: &Value,
        class: &Object<Type>,
        name: &Value,
    ) -> Option<Value> {
        let n = &self.names;
        if name.is(&n.name) {
            return class.body.name.get();
        }
        if name.is(&n.qualname) {
            return class.body.qualname.get();
        }
        if name.is(&n.mro) {
            let mut order = vec![object.clone()];
            order.extend(class.body.ancestors.borrow().iter().cloned());
            return Some(self.tuple(order));
        }
        if name.is(&n.bases) {
            return Some(self.tuple(class.body.bases.borrow().clone()));
        }
        if name.is(&n.class) {
            return Some(self.class_of(object));
        }
        if name.is(&n.dict) {
            // A copy: what programs do with a `mappingproxy` is read it.
            let copy = self.dict();
            if let (Some(to), Some(from)) = (copy.get::<Dict>(), class.body.own()) {
                to.copy_from(from);
            }
            return Some(copy);
        }
        if name.is(&n.module) && !Vm::is_made_by_program(class) {
            return Some(self.intern("builtins"));
        }
        if name.is(&n.doc) && !Vm::is_made_by_program(class) {
            return Some(NONE);
        }
        None
    }

    /// Sets an attribute that is computed; false where there is none of the name.
    pub(crate) fn set_computed(&self, object: &Value, name: &Value, value: &Option<Value>) -> R<bool> {
        let text = self.text_of(name);
        if let Some(class) = object.object::<Type>() {
            return match (text.as_str(), value) {
                ("__name__", Some(value)) => {
                    class.body.name.set(Some(value.clone()));
                    Ok(true)
                }
                ("__qualname__", Some(value)) => {
                    class.body.qualname.set(Some(value.clone()));
                    Ok(true)
                }
                ("__bases__" | "__mro__" | "__class__" | "__dict__", _) => {
                    Err(self.missing("changing this attribute of a class"))
                }
                _ => Ok(false),
            };
        }
        if text == "__class__" || text == "__dict__" {
            return Err(self.missing("assigning __class__ or __dict__"));
        }
        if let Some(function) = object.get::<Function>() {
            let slot = match text.as_str() {
                "__name__" => &function.name,
                "__qualname__" => &function.qualname,
                "__doc__" => &function.doc,
                "__module__" => &function.module,
                "__defaults__" => &function.defaults,
                "__kwdefaults__" => &function.kwdefaults,
                "__annotations__" => &function.annotations,
                "__annotate__" => &function.annotate,
                "__type_params__" => &function.type_params,
                "__code__" | "__globals__" | "__closure__" => {
                    return Err(self.missing("changing this attribute of a function"));
                }
                _ => return Ok(false),
            };
            slot.set(value.clone().filter(|it| !it.is_none()));
            return Ok(true);
        }
        if let Some(exception) = object.get::<Exception>() {
            let given = value.clone().filter(|it| !it.is_none());
            match text.as_str() {
                "args" => {
                    let items = match value {
                        Some(value) => self.collect(value)?,
                        None => Vec::new(),
                    };
                    exception.args.set(Some(self.tuple(items)));
                }
                "__traceback__" => exception.traceback.set(given),
                "__context__" => exception.context.set(given),
                "__cause__" => {
                    exception.cause.set(given);
                    exception.suppress.set(true);
                }
                "__suppress_context__" => {
                    exception.suppress.set(value.as_ref().is_some_and(|it| it.as_bool() == Some(true)));
                }
                _ => return Ok(false),
            }
            return Ok(true);
        }
        Ok(false)
    }
}
