//! `gc`: what programs see of the collector of cycles.

use crate::builtins::positional;
use crate::object::NativeFn;
use crate::object::callable::Args;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// Constants of the module.
const DEBUG: [(&str, i64); 5] = [
    ("DEBUG_STATS", 1),
    ("DEBUG_COLLECTABLE", 2),
    ("DEBUG_UNCOLLECTABLE", 4),
    ("DEBUG_SAVEALL", 32),
    ("DEBUG_LEAK", 38),
];

/// `gc`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    const FUNCTIONS: &[(&str, NativeFn)] = &[
        ("collect", collect),
        ("enable", |vm, _| {
            vm.enable_collector(true);
            Ok(NONE)
        }),
        ("disable", |vm, _| {
            vm.enable_collector(false);
            Ok(NONE)
        }),
        ("isenabled", |vm, _| Ok(Value::bool(vm.collector.enabled.get()))),
        ("get_count", |vm, _| {
            let [first, second] = &vm.collector.counts;
            let counts = [vm.heap.young.get(), first.get(), second.get()];
            Ok(vm.tuple(counts.iter().map(|&count| vm.int(count.into())).collect()))
        }),
        ("get_threshold", |vm, _| {
            let thresholds = vm.collector.thresholds.iter();
            Ok(vm.tuple(thresholds.map(|it| vm.int(it.get().into())).collect()))
        }),
        ("set_threshold", set_threshold),
        ("get_stats", stats),
        ("is_tracked", |vm, args| {
            let value = &positional(vm, "is_tracked", args, 1, 1)?[0];
            // Types of the machine's own are for ever, and an `object` holds nothing.
            let plain = value.get::<crate::object::Type>().is_some() || value.instance().is_some();
            let counts = |it: &crate::value::Header| {
                let ty = value.object::<crate::object::Type>().unwrap_or_else(|| it.type_of());
                !plain || Vm::is_made_by_program(ty)
            };
            let holds = |it: &crate::value::Header| {
                it.kind.is_container()
                    || it.type_of().body.flags.get().has(crate::object::TypeFlags::ATTRIBUTES)
            };
            Ok(Value::bool(value.header().is_some_and(|it| holds(it) && counts(it))))
        }),
        ("is_finalized", |vm, args| {
            let value = &positional(vm, "is_finalized", args, 1, 1)?[0];
            let flag = crate::value::flag::FINALIZED;
            Ok(Value::bool(value.header().is_some_and(|it| it.flags.get() & flag != 0)))
        }),
        ("get_objects", |vm, args| {
            let (values, named) = crate::builtins::keywords(vm, "get_objects", args, ["generation"])?;
            if let Some(generation) = values.first().or(named[0]).filter(|it| !it.is_none()) {
                match super::native::index(vm, generation)? {
                    wanted @ 0..=2 => {
                        let of =
                            |it: &Value| it.header().is_some_and(|it| i64::from(it.generation()) == wanted);
                        return Ok(vm.list(vm.tracked_objects().into_iter().filter(of).collect()));
                    }
                    it if it < 0 => return Err(vm.value_error("generation parameter cannot be negative")),
                    _ => {
                        return Err(vm.value_error(
                            "generation parameter must be less than the number of available generations (3)",
                        ));
                    }
                }
            }
            Ok(vm.list(vm.tracked_objects()))
        }),
        ("get_referents", |vm, args| {
            let mut found = Vec::new();
            for value in args.values {
                value.visit(&mut |child| found.push(child.clone()));
            }
            Ok(vm.list(found))
        }),
        ("get_referrers", |vm, args| {
            let mut found = Vec::new();
            for object in vm.tracked_objects() {
                let mut refers = false;
                object.visit(&mut |child| refers |= args.values.iter().any(|it| it.is(child)));
                if refers {
                    found.push(object);
                }
            }
            Ok(vm.list(found))
        }),
        ("get_debug", |vm, _| Ok(vm.int(vm.collector.debug.get()))),
        ("set_debug", |vm, args| {
            let flags = &positional(vm, "set_debug", args, 1, 1)?[0];
            vm.collector.debug.set(super::native::index(vm, flags)?);
            Ok(NONE)
        }),
        ("freeze", |vm, args| {
            positional(vm, "freeze", args, 0, 0)?;
            vm.collector.frozen.set(vm.tracked_objects().len());
            Ok(NONE)
        }),
        ("unfreeze", |vm, args| {
            positional(vm, "unfreeze", args, 0, 0)?;
            vm.collector.frozen.set(0);
            Ok(NONE)
        }),
        ("get_freeze_count", |vm, _| Ok(vm.int_of_usize(vm.collector.frozen.get()))),
    ];
    vm.put_functions(module, FUNCTIONS);
    for (name, value) in DEBUG {
        vm.put(module, name, vm.int(value));
    }
    for (name, slot) in [("garbage", &vm.collector.garbage), ("callbacks", &vm.collector.callbacks)] {
        let list = vm.list(Vec::new());
        slot.set(Some(list.clone()));
        vm.put(module, name, list);
    }
    Ok(())
}

fn collect(vm: &Vm, args: Args<'_>) -> R {
    let (values, named) = crate::builtins::keywords(vm, "collect", args, ["generation"])?;
    let generation = match values.first().or(named[0]) {
        Some(value) => super::native::index(vm, value)?,
        None => 2,
    };
    match u8::try_from(generation) {
        Ok(generation @ 0..=2) => Ok(vm.int_of_usize(vm.collect_garbage(generation))),
        _ => Err(vm.value_error("invalid generation")),
    }
}

fn set_threshold(vm: &Vm, args: Args<'_>) -> R {
    for (value, threshold) in
        positional(vm, "set_threshold", args, 1, 3)?.iter().zip(&vm.collector.thresholds)
    {
        let number = vm.index_of(value)?.unwrap_or(0);
        threshold.set(u32::try_from(number).unwrap_or(u32::MAX));
    }
    vm.enable_collector(vm.collector.enabled.get());
    Ok(NONE)
}

fn stats(vm: &Vm, _: Args<'_>) -> R {
    let mut all = Vec::new();
    for of in &vm.collector.stats {
        let dict = vm.dict();
        let numbers = [("collections", of.collections.get()), ("collected", of.collected.get())];
        for (name, number) in numbers.into_iter().chain([("uncollectable", 0)]) {
            let number = vm.int(i64::try_from(number).unwrap_or(i64::MAX));
            vm.set_item(&dict, &vm.intern(name), number)?;
        }
        all.push(dict);
    }
    Ok(vm.list(all))
}
