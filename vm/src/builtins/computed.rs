//! Attributes that objects of the interpreter's own have without a place for them.

use crate::builtins::exceptions::Exc;
use crate::load::Code;
use crate::object::{
    Bound, Cellvar, Dict, Exception, Function, Generator, Getset, Module, Native, Property, Range, Slice,
    Slot, State, Super, Traceback, Type, TypeFlags, Wrapper,
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
        if text == "__doc__"
            && object.get::<Function>().is_none()
            && object.get::<Property>().is_none()
            && object.get::<Wrapper>().is_none()
            && object.get::<crate::object::Bound>().is_none()
        {
            if let Some(native) = object.get::<Native>() {
                return Ok(Some(self.doc_of(&Vm::doc_key(native)).unwrap_or(NONE)));
            }
            if let Some(getset) = object.get::<Getset>()
                && let Some(owner) = getset.owner.object::<Type>()
            {
                let key = format!("{}.{}", self.name_of_type(owner), self.text_of(&getset.name));
                return Ok(Some(self.doc_of(&key).unwrap_or(NONE)));
            }
            return Ok(Some(NONE));
        }
        if text == "__dict__" {
            return Ok(self.dict_attribute(object));
        }
        if text == "__weakref__"
            && Vm::is_made_by_program(self.type_of(object))
            && self.lookup_special(object, name).is_some()
        {
            return Ok(Some(self.any_weak_reference(object).unwrap_or(NONE)));
        }
        if text == "co_lnotab" && object.get::<Code>().is_some() {
            self.warn(Exc::DeprecationWarning, "co_lnotab is deprecated, use co_lines instead.")?;
        }
        let or_none = |slot: &Slot| Some(slot.get().unwrap_or(NONE));
        if let Some(super_) = object.get::<Super>()
            && !["__thisclass__", "__self__", "__self_class__"].contains(&text.as_str())
            && let Some(object) = super_.object.get()
        {
            let (called, class) = (self.types.super_.value(), super_.class.clone());
            let found = self.super_attribute(called, &class, &object, name, (false, false));
            return found.map(|(value, _)| Some(value));
        }
        if let Some(property) = object.get::<Property>()
            && text == "__name__"
            && !property.name.is_some()
        {
            return match property.get.get() {
                Some(get) => self.get_attribute_or_none(&get, name),
                None => Ok(None),
            };
        }
        if let Some(property) = object.get::<Property>()
            && text == "__isabstractmethod__"
        {
            for part in [property.get.get(), property.set.get(), property.del.get()].iter().flatten() {
                if let Some(flag) = self.get_attribute_or_none(part, name)?
                    && self.truth(&flag)?
                {
                    return Ok(Some(Value::bool(true)));
                }
            }
            return Ok(Some(Value::bool(false)));
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
                "__code__" => function.code.get(),
                "__globals__" => Some(function.globals.clone()),
                "__annotations__" => return self.annotations(function).map(Some),
                "__annotate__" => Some(self.annotate_of(function).unwrap_or(NONE)),
                "__builtins__" => {
                    let own = function.globals.get::<Dict>().and_then(|it| self.own_builtins(it));
                    Some(own.unwrap_or_else(|| self.builtins.clone()))
                }
                "__type_params__" => {
                    Some(function.type_params.get().unwrap_or_else(|| self.tuple(Vec::new())))
                }
                _ => None,
            });
        }
        if let Some(cell) = object.get::<Cellvar>()
            && text == "cell_contents"
            && !cell.value.is_some()
        {
            return Err(self.value_error("Cell is empty"));
        }
        if let Some(module) = object.get::<Module>() {
            return match text.as_str() {
                "__annotate__" => {
                    let own = module.dict.get::<Dict>().and_then(|it| it.get_name(self, name));
                    Ok(Some(own.unwrap_or(NONE)))
                }
                "__annotations__" => self.module_annotations(module, name).map(Some),
                _ => Ok(None),
            };
        }
        if let Some(exception) = object.get::<Exception>() {
            return Ok(match text.as_str() {
                "args" => or_none(&exception.args),
                "__traceback__" => or_none(&exception.traceback),
                "__context__" => or_none(&exception.context),
                "__cause__" => or_none(&exception.cause),
                "__suppress_context__" => Some(Value::bool(exception.suppress.get())),
                "value" | "code"
                    if self.is_instance_of(object, Exc::StopIteration) && text == "value"
                        || self.is_instance_of(object, Exc::SystemExit) && text == "code" =>
                {
                    let fields = exception.fields.get();
                    let set = fields.and_then(|it| it.get::<Dict>()?.get_name(self, name));
                    let several = exception.args.get().filter(|it| {
                        text == "code"
                            && it.get::<crate::object::Tuple>().is_some_and(|it| it.items.len() > 1)
                    });
                    Some(set.or(several).unwrap_or_else(|| self.first_argument(object)))
                }
                _ => self.exception_field(object, exception, name),
            });
        }
        if let Some(bound) = object.get::<Bound>() {
            return match text.as_str() {
                "__self__" => Ok(Some(bound.receiver.clone())),
                "__func__" => Ok(Some(bound.function.clone())),
                "__module__" if bound.function.get::<Native>().is_some() => Ok(Some(NONE)),
                "__qualname__" if bound.function.get::<Native>().is_some() => {
                    let native = bound.function.get::<Native>().map_or("", |it| it.name);
                    let class = match bound.receiver.object::<Type>() {
                        Some(class) => self.name_of_type(class),
                        None => self.type_name(&bound.receiver),
                    };
                    Ok(Some(self.str(&format!("{class}.{native}"))))
                }
                _ => self.get_attribute_or_none(&bound.function, name),
            };
        }
        Ok(self.computed_of_others(object, &text))
    }

    /// The module that a function of the interpreter's own is of, where it is loaded.
    fn module_of_function(&self, native: &Native) -> Option<Value> {
        self.modules.get::<Dict>()?.get_name(self, &self.intern(native.module()?))
    }

    fn computed_of_others(&self, object: &Value, text: &str) -> Option<Value> {
        if let Some(native) = object.get::<Native>() {
            return match text {
                "__name__" => Some(self.intern(native.name)),
                "__self__" => Some(self.module_of_function(native).unwrap_or(NONE)),
                "__text_signature__" => Some(match (native.owner, native.name) {
                    (_, "cache_info" | "cache_clear") => self.str("($self, /)"),
                    _ => self.signature_of(&Vm::doc_key(native)).unwrap_or(NONE),
                }),
                "__objclass__" if native.method && native.module().is_none() => {
                    self.builtins.get::<Dict>().and_then(|it| it.get_name(self, &self.intern(native.owner)))
                }
                "__qualname__" if native.module().is_some() => Some(self.intern(native.name)),
                "__qualname__" => Some(self.str(&format!("{}.{}", native.owner, native.name))),
                "__module__" => Some(self.intern(native.module().unwrap_or("builtins"))),
                _ => None,
            };
        }
        if let Some(code) = object.get::<Code>() {
            return self.of_code(code, text);
        }
        if let Some(generator) = object.get::<Generator>() {
            let state = generator.state.get();
            return match text {
                "__name__" => generator.name.get(),
                "__qualname__" => generator.qualname.get(),
                "gi_running" | "cr_running" => Some(Value::bool(state == State::Running)),
                "ag_running" => Some(Value::bool(generator.awaited.get())),
                "gi_suspended" | "cr_suspended" | "ag_suspended" => {
                    Some(Value::bool(state == State::Suspended))
                }
                "gi_code" | "cr_code" | "ag_code" => {
                    generator.function.get::<Function>().and_then(|it| it.code.get())
                }
                "gi_yieldfrom" | "cr_await" | "ag_await" => {
                    let inner = if state == State::Suspended { self.delegate(generator) } else { None };
                    Some(inner.unwrap_or(NONE))
                }
                "cr_origin" => Some(generator.extra.get().unwrap_or(NONE)),
                "gi_frame" | "cr_frame" | "ag_frame" => {
                    if state == State::Done {
                        return Some(NONE);
                    }
                    self.frame_of_generator(object)
                }
                _ => None,
            };
        }
        if let Some(cell) = object.get::<Cellvar>() {
            return if text == "cell_contents" { cell.value.get() } else { None };
        }
        if let Some(getset) = object.get::<Getset>() {
            return match text {
                "__name__" => Some(getset.name.clone()),
                "__objclass__" => Some(getset.owner.clone()),
                "__qualname__" => {
                    let owner = getset.owner.object::<Type>().map(|it| self.name_of_type(it));
                    Some(self.str(&format!("{}.{}", owner.unwrap_or_default(), self.text_of(&getset.name))))
                }
                _ => None,
            };
        }
        if let Some(member) = object.get::<crate::object::Member>() {
            return match text {
                "__name__" => Some(member.name.clone()),
                "__objclass__" => member.owner.get(),
                "__qualname__" => {
                    let owner = member.owner.get();
                    let owner = owner.as_ref().and_then(|it| it.object::<Type>());
                    let owner = owner.map(|it| self.name_of_type(it)).unwrap_or_default();
                    Some(self.str(&format!("{owner}.{}", self.text_of(&member.name))))
                }
                _ => None,
            };
        }
        if let Some(super_) = object.get::<Super>() {
            return match text {
                "__thisclass__" => Some(super_.class.clone()),
                "__self__" => Some(super_.object.get().unwrap_or(NONE)),
                "__self_class__" => Some(super_.of.get().unwrap_or(NONE)),
                _ => None,
            };
        }
        if let Some(weak) = object.get::<crate::object::Weak>() {
            return (text == "__callback__").then(|| weak.callback.get().unwrap_or(NONE));
        }
        if let Some(view) = object.get::<crate::object::View>() {
            return (text == "mapping").then(|| self.proxy(view.dict.clone()));
        }
        if let Some(frame) = object.get::<crate::object::FrameObject>() {
            return self.of_frame(object, frame, text);
        }
        if text == "ident"
            && let Some(ident) = crate::modules::thread::ident_of_handle(self, object)
        {
            return Some(ident);
        }
        if let Some(range) = object.data::<super::big_range::BigRange>() {
            return self.range_attribute(range, text);
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
                "tb_lineno" => Some(match traceback.line.get() {
                    -1 => self.traceback_line(traceback),
                    line => self.int(line.into()),
                }),
                "tb_lasti" => Some(self.int(traceback.offset.into())),
                "tb_next" => Some(traceback.next.borrow().clone().unwrap_or(NONE)),
                "tb_frame" => Some(traceback.frame.clone()),
                _ => None,
            };
        }
        if let Some(property) = object.get::<Property>() {
            return match text {
                "fget" => Some(property.get.get().unwrap_or(NONE)),
                "fset" => Some(property.set.get().unwrap_or(NONE)),
                "fdel" => Some(property.del.get().unwrap_or(NONE)),
                "__doc__" => Some(match (property.doc.get(), property.get.get()) {
                    (Some(doc), _) => doc,
                    (None, Some(get)) => match self.get_attribute_or_none(&get, &self.names.doc) {
                        Ok(Some(doc)) => doc,
                        _ => NONE,
                    },
                    (None, None) => NONE,
                }),
                "__name__" => property.name.get().or_else(|| {
                    let get = property.get.get()?;
                    self.get_attribute_or_none(&get, &self.names.name).ok().flatten()
                }),
                "__isabstractmethod__" => {
                    let parts = [property.get.get(), property.set.get(), property.del.get()];
                    Some(Value::bool(parts.iter().flatten().any(|it| self.is_abstract_method(it))))
                }
                _ => None,
            };
        }
        if let Some(wrapper) = object.get::<Wrapper>()
            && let Some(native) = self.native_of_class_method(object, wrapper)
        {
            return self.computed_of_others(&native, text);
        }
        if let Some(wrapper) = object.get::<Wrapper>() {
            if matches!(text, "__annotations__" | "__annotate__")
                && let Some(dict) = self.dict_attribute(object)
                && let Some(dict) = dict.get::<Dict>()
            {
                // What was asked for is kept: changes of the function's own do not show.
                let name = self.intern(text);
                let found = self.get_attribute_or_none(&wrapper.function(), &name).ok().flatten()?;
                dict.set_name(self, &name, found.clone());
                return Some(found);
            }
            return match text {
                "__func__" | "__wrapped__" => Some(wrapper.function()),
                "__isabstractmethod__" => Some(Value::bool(self.is_abstract_method(&wrapper.function()))),
                "__name__" | "__qualname__" | "__doc__" | "__module__" | "__annotations__"
                | "__annotate__" => {
                    self.get_attribute_or_none(&wrapper.function(), &self.intern(text)).ok().flatten()
                }
                _ => None,
            };
        }
        if let Some(number) = object.get::<crate::object::Complex>() {
            return match text {
                "real" => Some(self.float(number.re)),
                "imag" => Some(self.float(number.im)),
                _ => None,
            };
        }
        if let Some(number) = self.as_float(object) {
            return match text {
                "real" => Some(self.float(number)),
                "imag" => Some(self.float(0.0)),
                _ => None,
            };
        }
        match text {
            "real" | "numerator" => self.as_big(object).map(|it| self.int_of_big(it)),
            "imag" => self.as_big(object).map(|_| self.int(0)),
            "denominator" => self.as_big(object).map(|_| self.int(1)),
            _ => None,
        }
    }

    /// `tb_lineno` of an entry that was made without one: by its place in the code.
    fn traceback_line(&self, traceback: &Traceback) -> Value {
        let frame = traceback.frame.get::<crate::object::FrameObject>();
        let code = frame.and_then(crate::object::FrameObject::code);
        match code.map(|code| code.place_of_offset(traceback.offset).line) {
            Some(line) if line >= 0 => self.int(line.into()),
            _ => NONE,
        }
    }

    /// Is `__isabstractmethod__` of it true?
    fn is_abstract_method(&self, value: &Value) -> bool {
        let found = self.get_attribute_or_none(value, &self.intern("__isabstractmethod__"));
        found.ok().flatten().is_some_and(|it| self.truth(&it).unwrap_or(false))
    }

    /// An attribute that a type of exceptions has of its own.
    fn exception_field(&self, object: &Value, exception: &Exception, name: &Value) -> Option<Value> {
        let text = self.text_of(name);
        if self.is_instance_of(object, Exc::SyntaxError) {
            let fields = exception.fields.get();
            let set = fields.and_then(|it| it.get::<Dict>()?.get_name(self, name));
            return set.or_else(|| self.of_syntax_error(exception, &text));
        }
        let known = super::exceptions::FIELDS
            .iter()
            .any(|&(of, names)| names.contains(&text.as_str()) && self.is_instance_of(object, of));
        if !known {
            return None;
        }
        let set = exception.fields.get().and_then(|it| it.get::<Dict>()?.get_name(self, name));
        // There is none of it until it is known.
        if text == "characters_written" { set } else { Some(set.unwrap_or(NONE)) }
    }

    /// Sets what [`Vm::exception_field`] shows.
    pub(crate) fn set_exception_field(&self, exception: &Exception, name: &str, value: Value) {
        let fields = exception.fields.get().unwrap_or_else(|| self.dict());
        if let Some(dict) = fields.get::<Dict>() {
            dict.set_name(self, &self.intern(name), value);
        }
        exception.fields.set(Some(fields));
    }

    fn annotations(&self, function: &Function) -> R {
        if let Some(annotations) = function.annotations.get() {
            return Ok(annotations);
        }
        let made = match function.annotate.get() {
            Some(annotate) if !annotate.is_none() => {
                let made = self.call_with(&annotate, &[Value::from_i32(1)])?;
                if made.get::<Dict>().is_none() {
                    let got = self.type_name(&made);
                    return Err(self.type_error(format!("__annotate__ returned non-dict of type '{got}'")));
                }
                made
            }
            _ => self.dict(),
        };
        function.annotations.set(Some(made.clone()));
        Ok(made)
    }

    fn module_annotations(&self, module: &Module, name: &Value) -> R {
        let Some(dict) = module.dict.get::<Dict>() else { return Ok(self.dict()) };
        if let Some(found) = dict.get_name(self, name) {
            return Ok(found);
        }
        let annotate = dict.get_name(self, &self.names.annotate).filter(|it| !it.is_none());
        let made = match annotate {
            Some(annotate) => {
                let made = self.call_with(&annotate, &[Value::from_i32(1)])?;
                if made.get::<Dict>().is_none() {
                    let got = self.type_name(&made);
                    return Err(self.type_error(format!("__annotate__ returned non-dict of type '{got}'")));
                }
                made
            }
            None => self.dict(),
        };
        dict.set_name(self, name, made.clone());
        Ok(made)
    }

    /// Sets or deletes `__annotations__` or `__annotate__` of a module.
    fn set_module_annotations(&self, module: &Module, name: &Value, value: &Option<Value>) -> R<bool> {
        let Some(dict) = module.dict.get::<Dict>() else { return Ok(false) };
        let annotations = !name.is(&self.names.annotate);
        match value {
            Some(value) => {
                if !annotations && !value.is_none() && !self.is_callable(value) {
                    return Err(self.type_error("__annotate__ must be callable or None"));
                }
                dict.set_name(self, name, value.clone());
                if !annotations && !value.is_none() {
                    dict.remove_name(self, &self.intern("__annotations__"));
                }
                if annotations {
                    dict.set_name(self, &self.names.annotate, NONE);
                }
            }
            None if !annotations => return Err(self.type_error("cannot delete __annotate__ attribute")),
            None => {
                if dict.remove_name(self, name).is_none() {
                    return Err(self.raise(Exc::AttributeError, "__annotations__"));
                }
                dict.set_name(self, &self.names.annotate, NONE);
            }
        }
        Ok(true)
    }

    fn dict_attribute(&self, object: &Value) -> Option<Value> {
        if object.instance().is_some() {
            let has = self.type_of(object).body.flags.get().has(TypeFlags::ATTRIBUTES);
            return has.then(|| self.instance_dict(object));
        }
        if let Some(module) = object.get::<Module>() {
            return Some(module.dict.clone());
        }
        if !object.has_kind(crate::object::Kind::Exception)
            && !object.has_kind(crate::object::Kind::Function)
            && !self.type_of(object).body.flags.get().has(TypeFlags::ATTRIBUTES)
        {
            return None;
        }
        let slot = object.dict_slot()?;
        if let Some(dict) = slot.get() {
            return Some(dict);
        }
        let dict = self.dict();
        if let (Some(wrapper), Some(own)) = (object.get::<Wrapper>(), dict.get::<Dict>()) {
            let n = &self.names;
            for name in [&n.module, &n.name, &n.qualname, &n.doc] {
                if let Ok(Some(value)) = self.get_attribute_or_none(&wrapper.function(), name) {
                    own.set_name(self, name, value);
                }
            }
        }
        slot.set(Some(dict.clone()));
        Some(dict)
    }

    /// An attribute of a type that is computed.
    pub(crate) fn computed_type_attribute(
        &self,
        object: &Value,
        class: &Object<Type>,
        name: &Value,
    ) -> R<Option<Value>> {
        let n = &self.names;
        if name.is(&n.name) {
            return Ok(class.body.name.get());
        }
        if name.is(&n.qualname) {
            return Ok(class.body.qualname.get());
        }
        if name.is(&n.mro) {
            let mut order = vec![object.clone()];
            order.extend(class.body.ancestors.borrow().iter().cloned());
            return Ok(Some(self.tuple(order)));
        }
        if name.is(&n.bases) {
            return Ok(Some(self.tuple(class.body.bases.borrow().clone())));
        }
        if name.is(&n.class) {
            return Ok(Some(self.class_of(object)));
        }
        if name.is(&n.dict) {
            return Ok(Some(self.proxy(class.body.dict.clone())));
        }
        // A descriptor of a type's own is what shows the attribute, not its value.
        let own = |name: &Value| {
            let found = class.body.own().and_then(|dict| dict.get_name(self, name));
            found.filter(|it| it.get::<Getset>().is_none())
        };
        let made = Vm::is_made_by_program(class);
        Ok(match self.text_of(name).as_str() {
            "__module__" => Some(own(name).unwrap_or_else(|| self.intern("builtins"))),
            "__doc__" => match own(name) {
                Some(doc) if made || !doc.is_none() => Some(self.bind_descriptor(&doc, None, object)?),
                None if made => Some(NONE),
                _ => Some(self.doc_of(&self.full_name(class)).unwrap_or(NONE)),
            },
            "__base__" => Some(self.best_base(class)),
            "__annotate__" if made => {
                Some(own(&n.annotate_func).or_else(|| own(&n.annotate)).unwrap_or(NONE))
            }
            "__annotations__" if made => {
                let cache = self.intern("__annotations_cache__");
                if let Some(found) = own(name).or_else(|| own(&cache)) {
                    return Ok(Some(found));
                }
                let annotate = own(&n.annotate_func).or_else(|| own(&n.annotate));
                let annotations = match annotate.filter(|it| !it.is_none()) {
                    Some(annotate) => {
                        let made = self.call_with(&annotate, &[Value::from_i32(1)])?;
                        if made.get::<Dict>().is_none() {
                            let got = self.type_name(&made);
                            let message = format!("__annotate__ returned non-dict of type '{got}'");
                            return Err(self.type_error(message));
                        }
                        made
                    }
                    None => self.dict(),
                };
                if let Some(dict) = class.body.own() {
                    dict.set_name(self, &cache, annotations.clone());
                }
                Some(annotations)
            }
            "__type_params__" => Some(own(name).unwrap_or_else(|| self.tuple(Vec::new()))),
            "__abstractmethods__" => own(name),
            "__flags__" => {
                let mut flags = 1 << 12 | 1 << 10;
                if made {
                    flags |= 1 << 9;
                } else {
                    flags |= 1 << 8;
                }
                if own(&self.intern("__abstractmethods__")).is_some_and(|it| self.truth(&it).unwrap_or(false))
                {
                    flags |= 1 << 20;
                }
                Some(self.int(flags))
            }
            "__basicsize__" => Some(self.int(16)),
            "__itemsize__" => Some(self.int(match class.body.kind {
                crate::object::Kind::Int => 4,
                crate::object::Kind::Bytes => 1,
                crate::object::Kind::Tuple => 8,
                crate::object::Kind::Type => 40,
                _ => 0,
            })),
            "__dictoffset__" | "__weakrefoffset__" => Some(self.int(0)),
            "__text_signature__" if !made => Some(
                class.body.name.get().and_then(|it| self.signature_of(&self.text_of(&it))).unwrap_or(NONE),
            ),
            "__text_signature__" => Some(NONE),
            _ => None,
        })
    }

    /// Sets a computed attribute of a type; false where there is none of the name.
    pub(crate) fn set_type_computed(&self, object: &Value, name: &Value, value: &Option<Value>) -> R<bool> {
        let Some(class) = object.object::<Type>() else { return Ok(false) };
        let text = self.text_of(name);
        if !class.is_counted() && !matches!(text.as_str(), "__class__" | "__dict__" | "__mro__" | "__base__")
        {
            let (verb, name) = (if value.is_some() { "set" } else { "delete" }, self.name_of_type(class));
            let message = format!("cannot {verb} '{text}' attribute of immutable type '{name}'");
            return Err(self.type_error(message));
        }
        match (text.as_str(), value) {
            ("__name__", Some(value)) => {
                if value.get::<crate::object::Str>().is_none() {
                    let (class, got) = (self.name_of_type(class), self.type_name(value));
                    return Err(
                        self.type_error(format!("can only assign string to {class}.__name__, not '{got}'"))
                    );
                }
                if value.get::<crate::object::Str>().is_some_and(|it| it.points().contains(&0)) {
                    return Err(self.value_error("type name must not contain null characters"));
                }
                self.must_be_encodable(value)?;
                class.body.name.set(Some(value.clone()));
            }
            ("__qualname__", Some(value)) => {
                if value.get::<crate::object::Str>().is_none() {
                    let (class, got) = (self.name_of_type(class), self.type_name(value));
                    return Err(self
                        .type_error(format!("can only assign string to {class}.__qualname__, not '{got}'")));
                }
                class.body.qualname.set(Some(value.clone()));
            }
            (
                "__name__" | "__qualname__" | "__bases__" | "__module__" | "__doc__" | "__type_params__",
                None,
            ) => {
                let class = self.name_of_type(class);
                return Err(
                    self.type_error(format!("cannot delete '{text}' attribute of immutable type '{class}'"))
                );
            }
            ("__bases__", Some(value)) if value.get::<crate::object::Tuple>().is_none() => {
                let (class, got) = (self.name_of_type(class), self.type_name(value));
                return Err(self.type_error(format!("can only assign tuple to {class}.__bases__, not {got}")));
            }
            ("__bases__", Some(value)) => return self.set_bases(object, value).map(|()| true),
            ("__module__" | "__doc__" | "__abstractmethods__" | "__type_params__", value) => {
                if text == "__abstractmethods__" {
                    let abstract_ = match value {
                        Some(value) => self.truth(value)?,
                        None => false,
                    };
                    let bits = class.body.flags.get().0 & !TypeFlags::ABSTRACT.0;
                    let bit = if abstract_ { TypeFlags::ABSTRACT.0 } else { 0 };
                    class.body.flags.set(TypeFlags(bits | bit));
                }
                if let Some(dict) = class.body.own() {
                    if text == "__module__" {
                        // The line belongs to the module where the class was written.
                        dict.remove_name(self, &self.intern("__firstlineno__"));
                    }
                    match value {
                        Some(value) => dict.set_name(self, name, value.clone()),
                        None => {
                            let removed = dict.remove_name(self, name);
                            if removed.is_none() && text == "__abstractmethods__" {
                                return Err(self.raise(Exc::AttributeError, text));
                            }
                        }
                    }
                }
                self.type_changed(class);
            }
            ("__annotations__" | "__annotate__", value) => {
                self.set_class_annotations(class, name, value.as_ref())?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sets an attribute that is computed; false where there is none of the name.
    pub(crate) fn set_computed(&self, object: &Value, name: &Value, value: &Option<Value>) -> R<bool> {
        let text = self.text_of(name);
        if text == "__class__" {
            return match value {
                Some(class) => self.set_class(object, class).map(|()| true),
                None => Err(self.type_error("can't delete __class__ attribute")),
            };
        }
        if text == "__dict__" && object.get::<Module>().is_some() {
            return Err(self.raise(Exc::AttributeError, "readonly attribute"));
        }
        if text == "__dict__" && (object.instance().is_some() || object.dict_slot().is_some()) {
            if value.is_none() && !Vm::is_made_by_program(self.type_of(object)) {
                return Err(self.type_error("cannot delete __dict__"));
            }
            let empty = value.is_none().then(|| self.dict());
            let Some(dict) = value.as_ref().or(empty.as_ref()).filter(|it| it.get::<Dict>().is_some()) else {
                let got = value.as_ref().map(|it| self.type_name(it)).unwrap_or_default();
                return Err(self.type_error(format!("__dict__ must be set to a dictionary, not a '{got}'")));
            };
            if let Some(instance) = object.instance() {
                drop(self.instance_dict(object));
                instance.body.dict.set(Some(dict.clone()));
            } else if let Some(slot) = object.dict_slot() {
                slot.set(Some(dict.clone()));
            }
            return Ok(true);
        }
        if let Some(cell) = object.get::<Cellvar>()
            && text == "cell_contents"
        {
            cell.value.set(value.clone());
            return Ok(true);
        }
        if let Some(module) = object.get::<Module>()
            && matches!(text.as_str(), "__annotations__" | "__annotate__")
        {
            return self.set_module_annotations(module, name, value);
        }
        if let Some(generator) = object.get::<Generator>() {
            let slot = match text.as_str() {
                "__name__" => &generator.name,
                "__qualname__" => &generator.qualname,
                _ => return Ok(false),
            };
            if value.as_ref().is_none_or(|it| it.get::<crate::object::Str>().is_none()) {
                return Err(self.type_error(format!("{text} must be set to a string object")));
            }
            slot.set(value.clone());
            return Ok(true);
        }
        if let Some(frame) = object.get::<crate::object::FrameObject>() {
            return self.set_of_frame(frame, &text, value);
        }
        if let Some(property) = object.get::<Property>() {
            let slot = match text.as_str() {
                "__doc__" if !Vm::is_made_by_program(self.type_of(object)) => &property.doc,
                "__name__" => &property.name,
                _ => return Ok(false),
            };
            slot.set(value.clone());
            return Ok(true);
        }
        if let Some(traceback) = object.get::<Traceback>()
            && text == "tb_next"
        {
            let Some(next) = value else {
                return Err(self.type_error("can't delete tb_next attribute"));
            };
            if !next.is_none() && next.get::<Traceback>().is_none() {
                let got = self.type_name(next);
                return Err(self.type_error(format!("expected traceback object, got '{got}'")));
            }
            let mut at = Some(next.clone());
            while let Some(it) = at {
                if it.is(object) {
                    return Err(self.value_error("traceback loop detected"));
                }
                at = it.get::<Traceback>().and_then(|it| it.next.borrow().clone());
            }
            let next = Some(next.clone()).filter(|it| !it.is_none());
            drop(traceback.next.replace(next));
            return Ok(true);
        }
        if let Some(function) = object.get::<Function>() {
            if matches!(text.as_str(), "__name__" | "__qualname__")
                && value.as_ref().is_none_or(|it| it.get::<crate::object::Str>().is_none())
            {
                return Err(self.type_error(format!("{text} must be set to a string object")));
            }
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
                "__code__" => return self.set_code(function, value).map(|()| true),
                _ => return Ok(false),
            };
            super::more::check_function_slot(self, &text, value.as_ref())?;
            match text.as_str() {
                "__annotate__" if value.as_ref().is_some_and(|it| !it.is_none()) => {
                    function.annotations.set(None);
                }
                "__annotations__" => function.annotate.set(None),
                _ => {}
            }
            slot.set(value.clone().filter(|it| !it.is_none()));
            return Ok(true);
        }
        if let Some(exception) = object.get::<Exception>() {
            let given = value.clone().filter(|it| !it.is_none());
            if value.is_none() {
                match text.as_str() {
                    "args" | "__context__" | "__cause__" => {
                        return Err(self.type_error(format!("{text} may not be deleted")));
                    }
                    "__suppress_context__" => {
                        return Err(self.type_error("can't delete numeric/char attribute"));
                    }
                    _ => {}
                }
            }
            match text.as_str() {
                "__context__" | "__cause__"
                    if given.as_ref().is_some_and(|it| it.get::<Exception>().is_none()) =>
                {
                    let which = text.trim_matches('_');
                    return Err(self
                        .type_error(format!("exception {which} must be None or derive from BaseException")));
                }
                "__suppress_context__" if value.as_ref().is_some_and(|it| it.as_bool().is_none()) => {
                    return Err(self.type_error("attribute value type must be bool"));
                }
                "args" => {
                    let items = match value {
                        Some(value) => self.collect(value)?,
                        None => Vec::new(),
                    };
                    exception.args.set(Some(self.tuple(items)));
                }
                "__traceback__" => {
                    if value.is_none() {
                        return Err(self.type_error("__traceback__ may not be deleted"));
                    }
                    if given.as_ref().is_some_and(|it| it.get::<Traceback>().is_none()) {
                        return Err(self.type_error("__traceback__ must be a traceback or None"));
                    }
                    exception.traceback.set(given);
                }
                "message" | "exceptions" if self.is_instance_of(object, Exc::BaseExceptionGroup) => {
                    return Err(self.raise(Exc::AttributeError, "readonly attribute"));
                }
                "__context__" => exception.context.set(given),
                "__cause__" => {
                    exception.cause.set(given);
                    exception.suppress.set(true);
                }
                "__suppress_context__" => {
                    exception.suppress.set(value.as_ref().is_some_and(|it| it.as_bool() == Some(true)));
                }
                _ => {
                    let syntax = self.is_instance_of(object, Exc::SyntaxError)
                        && super::exceptions::SYNTAX_FIELDS.contains(&text.as_str());
                    let known = syntax
                        || super::exceptions::FIELDS.iter().any(|&(of, names)| {
                            names.contains(&text.as_str()) && self.is_instance_of(object, of)
                        });
                    if !known {
                        return Ok(false);
                    }
                    self.set_exception_field(exception, &text, value.clone().unwrap_or(NONE));
                }
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// What a class method of the interpreter's own calls.
    pub(crate) fn native_of_class_method(&self, object: &Value, wrapper: &Wrapper) -> Option<Value> {
        let own = std::ptr::eq(self.type_of(object), &raw const *self.types.classmethod_descriptor);
        own.then(|| wrapper.function())
    }

    /// `function.__code__ = code`
    fn set_code(&self, function: &Function, value: &Option<Value>) -> R<()> {
        let Some((new, code)) = value.as_ref().and_then(|it| Some((it, it.get::<Code>()?))) else {
            return Err(self.type_error("__code__ must be set to a code object"));
        };
        let free = code.kinds.iter().filter(|it| **it & 0x80 != 0).count();
        let has = function.closure.get().and_then(|it| Some(it.get::<crate::object::Tuple>()?.items.len()));
        if free != has.unwrap_or(0) {
            let name = function.name.get().map(|it| self.text_of(&it)).unwrap_or_default();
            return Err(self.value_error(format!(
                "{name}() requires a code object with {} free vars, not {free}",
                has.unwrap_or(0)
            )));
        }
        self.retired.borrow_mut().extend(function.code.get());
        function.code_address.set(code);
        function.code.set(Some(new.clone()));
        Ok(())
    }
}
