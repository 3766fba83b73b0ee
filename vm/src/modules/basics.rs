//! Small modules: `errno`, `_types`, and what the modules in Python need of the machine.

use crate::builtins::positional;
use crate::object::callable::Args;
use crate::object::{Dict, NativeFn, Type, TypeFlags};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// `_pyrvm_basics`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    const FUNCTIONS: &[(&str, NativeFn)] = &[
        ("write_out", |vm, args| {
            let text = &positional(vm, "write_out", args, 1, 1)?[0];
            if let Some(text) = text.get::<crate::object::Str>() {
                vm.write_out(&text.to_utf8());
            }
            Ok(NONE)
        }),
        ("traceback_text", |vm, args| {
            let mut text = Vec::new();
            vm.push_traceback(&positional(vm, "traceback_text", args, 1, 1)?[0], &mut text, true);
            Ok(vm.str(&String::from_utf8_lossy(&text)))
        }),
        ("unraisable", |vm, args| {
            let values = positional(vm, "unraisable", args, 2, 3)?;
            let doing = values.get(2).map_or_else(|| "calling".to_owned(), |it| vm.text_of(it));
            vm.pending.set(Some(values[0].clone()));
            vm.unraisable(&values[1], &doing);
            Ok(NONE)
        }),
        ("machine", |vm, _| Ok(vm.str(std::env::consts::ARCH))),
        ("context", |vm, _| Ok(vm.threads.context.get().unwrap_or(NONE))),
        ("set_context", |vm, args| {
            let context = &positional(vm, "set_context", args, 1, 1)?[0];
            vm.threads.context.set(Some(context.clone()));
            Ok(NONE)
        }),
        ("plain_isinstance", |vm, args| {
            let values = positional(vm, "plain_isinstance", args, 2, 2)?;
            match values[1].object::<Type>() {
                Some(ty) => Ok(Value::bool(vm.plain_is_instance(&values[0], ty)?)),
                None => Ok(Value::bool(false)),
            }
        }),
        ("plain_issubclass", |vm, args| {
            let values = positional(vm, "plain_issubclass", args, 2, 2)?;
            Ok(Value::bool(vm.plain_is_subclass(&values[0], &values[1])?))
        }),
        ("subclasses", |vm, args| {
            let class = &positional(vm, "subclasses", args, 1, 1)?[0];
            Ok(vm.list(vm.subclasses(class)))
        }),
        ("collection_flags", |vm, args| {
            // CPython's bits: 32 for a sequence, 64 for a mapping.
            let values = positional(vm, "collection_flags", args, 1, 2)?;
            let Some(class) = values[0].object::<Type>() else { return Ok(vm.int(0)) };
            let flags = &class.body.flags;
            if let Some(new) = values.get(1).and_then(|it| vm.as_i64(it)) {
                let rest = flags.get().0 & !(TypeFlags::SEQUENCE.0 | TypeFlags::MAPPING.0);
                let sequence = if new & 32 != 0 { TypeFlags::SEQUENCE.0 } else { 0 };
                let mapping = if new & 64 != 0 { TypeFlags::MAPPING.0 } else { 0 };
                flags.set(TypeFlags(rest | sequence | mapping));
            }
            let sequence = i64::from(flags.get().has(TypeFlags::SEQUENCE)) * 32;
            Ok(vm.int(sequence + i64::from(flags.get().has(TypeFlags::MAPPING)) * 64))
        }),
        ("full_names", |_, args| {
            for class in args.values {
                if let Some(class) = class.object::<crate::object::Type>() {
                    let flags = &class.body.flags;
                    flags.set(flags.get().with(TypeFlags::FULL_NAME));
                }
            }
            Ok(NONE)
        }),
        ("capsule", |vm, _| {
            let body = crate::object::Foreign { data: Box::new(()) };
            Ok(crate::heap::allocate(vm, &vm.types.foreign, body))
        }),
        ("group_source", |vm, args| {
            let it = &positional(vm, "group_source", args, 1, 1)?[0];
            let fields = it.get::<crate::object::Exception>().and_then(|it| it.fields.get());
            let shown = fields.and_then(|it| it.get::<Dict>()?.get_name(vm, &vm.intern("source")));
            Ok(shown.unwrap_or(NONE))
        }),
        ("agen_flags", |vm, args| {
            // Is it awaited, was it closed, did it end?
            let it = &positional(vm, "agen_flags", args, 1, 1)?[0];
            let Some(it) = it.get::<crate::object::Generator>() else { return Ok(NONE) };
            let ended = it.state.get() == crate::object::State::Done;
            let row = [it.awaited.get(), it.closed.get(), ended];
            Ok(vm.tuple(row.iter().map(|&it| Value::bool(it)).collect()))
        }),
        ("agen_set", |vm, args| {
            let values = positional(vm, "agen_set", args, 3, 3)?;
            if let Some(it) = values[0].get::<crate::object::Generator>() {
                it.awaited.set(vm.truth(&values[1])?);
                it.closed.set(vm.truth(&values[2])?);
            }
            Ok(NONE)
        }),
        ("thrown", |vm, args| vm.thrown_quietly(args.values)),
        ("warn_of_old_throw", |vm, args| {
            let method = &positional(vm, "warn_of_old_throw", args, 1, 1)?[0];
            vm.warn_of_old_throw(&vm.text_of(method))?;
            Ok(NONE)
        }),
        ("await_iter", |vm, args| vm.awaitable(&positional(vm, "await_iter", args, 1, 1)?[0])),
        ("agen_send", |vm, args| {
            let values = positional(vm, "agen_send", args, 2, 2)?;
            let outcome = vm.resume(&values[0], values[1].clone())?;
            Ok(vm.async_step(outcome))
        }),
        ("agen_throw", |vm, args| {
            let values = positional(vm, "agen_throw", args, 2, 2)?;
            let outcome = vm.generator_throw(&values[0], values[1].clone())?;
            Ok(vm.async_step(outcome))
        }),
        ("flags", |vm, _| {
            let flags = vm.config.borrow().flags(vm.optimize.get(), vm.no_bytecode.get());
            Ok(vm.list(flags.iter().map(|&it| vm.int(it.into())).collect()))
        }),
        ("cpython_modules", |vm, _| {
            Ok(vm.list(super::imp::CPYTHON.lines().map(|it| vm.intern(it)).collect()))
        }),
        ("hash_seeded", |vm, _| Ok(Value::bool(vm.hash_key() != (0, 0)))),
    ];
    vm.put_functions(module, FUNCTIONS);
    vm.put_functions(module, crate::interp::frames::FUNCTIONS);
    vm.put(module, "optimize", vm.int(vm.optimize.get().into()));
    Ok(())
}

/// `errno`: Linux's numbers (`asm-generic/errno.h`).
pub(crate) fn errno(vm: &Vm, module: &Value) -> R<()> {
    let codes = vm.dict();
    for (name, number) in super::constants::pairs(super::constants::ERRNO) {
        vm.put(module, name, vm.int(number));
        // The other names of these numbers are those that are shown.
        if let Some(codes) = codes.get::<Dict>()
            && !matches!(name, "EWOULDBLOCK" | "EDEADLK" | "EOPNOTSUPP")
        {
            codes.set(vm, vm.int(number), vm.intern(name))?;
        }
    }
    vm.put(module, "errorcode", codes);
    Ok(())
}

/// `_types`
pub(crate) fn types(vm: &Vm, module: &Value) -> R<()> {
    let t = &vm.types;
    for (name, ty) in [
        ("AsyncGeneratorType", &t.async_generator),
        ("BuiltinFunctionType", &t.builtin),
        ("BuiltinMethodType", &t.builtin),
        ("CapsuleType", &t.foreign),
        ("CellType", &t.cell),
        ("ClassMethodDescriptorType", &t.classmethod_descriptor),
        ("CodeType", &t.code),
        ("CoroutineType", &t.coroutine),
        ("EllipsisType", &t.ellipsis),
        ("FrameType", &t.frame),
        ("FunctionType", &t.function),
        ("GeneratorType", &t.generator),
        ("GetSetDescriptorType", &t.getset),
        ("LambdaType", &t.function),
        ("MappingProxyType", &t.proxy),
        ("MemberDescriptorType", &t.member),
        ("MethodDescriptorType", &t.method_descriptor),
        ("MethodType", &t.method),
        ("MethodWrapperType", &t.method_wrapper),
        ("ModuleType", &t.module),
        ("NoneType", &t.none_type),
        ("NotImplementedType", &t.not_implemented_type),
        ("TracebackType", &t.traceback),
        ("WrapperDescriptorType", &t.wrapper_descriptor),
    ] {
        vm.put(module, name, ty.value().clone());
    }
    for name in ["GenericAlias", "UnionType", "SimpleNamespace"] {
        vm.put(module, name, vm.helper("of_types", &[vm.intern(name)])?);
    }
    Ok(())
}

impl Vm {
    /// `class.__subclasses__()`
    pub(crate) fn subclasses(&self, class: &Value) -> Vec<Value> {
        class
            .get::<Type>()
            .map_or_else(Vec::new, |ty| ty.derived.borrow().iter().map(|&it| Self::alive(it)).collect())
    }

    /// `list[int]` and the like.
    pub(crate) fn generic_alias(&self, args: Args<'_>) -> R {
        let values = positional(self, "__class_getitem__", args, 2, 2)?;
        self.helper("make_alias", values)
    }
}
