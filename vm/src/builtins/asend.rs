//! What `__anext__()` and `asend()` of an asynchronous generator give: one step of it, to be awaited.

use super::exceptions::Exc;
use super::method;
use crate::modules::native::{Own, Spec};
use crate::object::{Cellvar, Data, Generator, Slot, State};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody asked yet.
    New,
    /// The generator waits for something.
    Waiting,
    /// The step is done.
    Done,
}

/// One step of an asynchronous generator.
pub(crate) struct Step {
    generator: Value,
    /// What the generator is sent.
    value: Slot,
    stage: Cell<Stage>,
}

impl Data for Step {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.generator);
        self.value.visit(see);
    }

    fn clear(&self) {
        self.value.set(None);
    }
}

static STEP: Spec = Spec {
    methods: &[
        ("__await__", |vm, args| Ok(method(vm, "__await__", args, 0, 0)?.0.clone())),
        ("__iter__", |vm, args| Ok(method(vm, "__iter__", args, 0, 0)?.0.clone())),
        ("__next__", |vm, args| {
            let (it, _) = method(vm, "__next__", args, 0, 0)?;
            finish(vm, own(vm, "__next__", it)?.send(vm, NONE))
        }),
        ("send", |vm, args| {
            let (it, values) = method(vm, "send", args, 1, 1)?;
            finish(vm, own(vm, "send", it)?.send(vm, values[0].clone()))
        }),
        ("throw", |vm, args| {
            let (it, values) = method(vm, "throw", args, 1, 3)?;
            finish(vm, own(vm, "throw", it)?.throw(vm, values))
        }),
        ("close", |vm, args| {
            let (it, _) = method(vm, "close", args, 0, 0)?;
            own(vm, "close", it)?.close(vm)
        }),
    ],
    ..Spec::new(Own::AsyncStep, "builtins.async_generator_asend")
};

fn own<'a>(vm: &Vm, name: &str, value: &'a Value) -> R<&'a Step> {
    vm.own_data(name, value, &STEP)
}

/// What a step comes to, as a method gives it: the result is the value of `StopIteration`.
fn finish(vm: &Vm, outcome: R<Result<Value, Value>>) -> R {
    outcome?.map_err(|value| {
        let args = if value.is_none() { Vec::new() } else { vec![value] };
        vm.raise_with(Exc::StopIteration, args)
    })
}

impl Step {
    fn generator(&self, vm: &Vm) -> R<&Generator> {
        self.generator.get::<Generator>().ok_or_else(|| vm.type_error("not a generator"))
    }

    /// It is gone through from now on; nobody else may do so with the same generator.
    fn start(&self, vm: &Vm, it: &Generator) -> R<bool> {
        match self.stage.get() {
            Stage::Done => {
                let message = "cannot reuse already awaited __anext__()/asend()";
                return Err(vm.raise(Exc::RuntimeError, message));
            }
            Stage::New if it.awaited.get() => {
                self.stage.set(Stage::Done);
                let message = "anext(): asynchronous generator is already running";
                return Err(vm.raise(Exc::RuntimeError, message));
            }
            _ => {}
        }
        let first = self.stage.replace(Stage::Waiting) == Stage::New;
        it.awaited.set(true);
        Ok(first)
    }

    /// Nobody goes through the generator any more.
    fn done(&self, it: &Generator, closed: bool) {
        self.stage.set(Stage::Done);
        it.awaited.set(false);
        it.closed.set(closed || it.closed.get());
    }

    /// Goes on with the generator: `Ok` with what it waits for, `Err` with what it yields.
    ///
    /// # Errors
    /// An exception was raised; `StopAsyncIteration` at the generator's end.
    pub(crate) fn send(&self, vm: &Vm, value: Value) -> R<Result<Value, Value>> {
        let it = self.generator(vm)?;
        let first = self.start(vm, it)?;
        if it.state.get() == State::Done {
            self.done(it, true);
            return Err(vm.raise_with(Exc::StopAsyncIteration, Vec::new()));
        }
        let value = if first && value.is_none() { self.value.take().unwrap_or(NONE) } else { value };
        self.came_to(vm, it, vm.resume(&self.generator, value))
    }

    fn throw(&self, vm: &Vm, values: &[Value]) -> R<Result<Value, Value>> {
        let it = self.generator(vm)?;
        if self.stage.get() == Stage::Done {
            return self.start(vm, it).map(|_| Ok(NONE));
        }
        let error = vm.thrown_quietly(values)?;
        self.start(vm, it)?;
        self.came_to(vm, it, vm.generator_throw(&self.generator, error))
    }

    fn close(&self, vm: &Vm) -> R {
        if self.stage.get() == Stage::Done {
            return Ok(NONE);
        }
        let exit = vm.exception(vm.exceptions.get(Exc::GeneratorExit), Vec::new());
        match self.throw(vm, &[exit]) {
            Ok(Ok(_)) => Err(vm.raise(Exc::RuntimeError, "coroutine ignored GeneratorExit")),
            Ok(Err(_)) => Ok(NONE),
            Err(raised) => {
                if vm.pending_is(Exc::StopAsyncIteration) || vm.pending_is(Exc::GeneratorExit) {
                    vm.pending.set(None);
                    return Ok(NONE);
                }
                Err(raised)
            }
        }
    }

    fn came_to(&self, vm: &Vm, it: &Generator, outcome: R<Result<Value, Value>>) -> R<Result<Value, Value>> {
        match outcome {
            Ok(Ok(value)) => match vm.yielded(&value) {
                Some(value) => {
                    self.done(it, false);
                    Ok(Err(value))
                }
                None => Ok(Ok(value)),
            },
            Ok(Err(_)) => {
                self.done(it, true);
                Err(vm.raise_with(Exc::StopAsyncIteration, Vec::new()))
            }
            Err(raised) => {
                self.done(it, vm.pending_is(Exc::StopAsyncIteration) || vm.pending_is(Exc::GeneratorExit));
                Err(raised)
            }
        }
    }
}

impl Vm {
    /// A step of an asynchronous generator, which is sent `value`.
    pub(crate) fn async_generator_step(&self, generator: &Value, value: Value) -> Value {
        let value = Slot::new(Some(value));
        self.custom(&STEP, Step { generator: generator.clone(), value, stage: Cell::new(Stage::New) })
    }

    /// Marks what an asynchronous generator yields, as against what it waits for.
    pub(crate) fn yielding(&self, value: Value) -> Value {
        crate::heap::allocate(self, &self.types.foreign, Cellvar { value: Slot::new(Some(value)) })
    }

    /// What an asynchronous generator yields; `None` of what it waits for.
    pub(crate) fn yielded(&self, value: &Value) -> Option<Value> {
        let cell = value.object::<Cellvar>()?;
        if std::ptr::eq(cell.header.ty.get(), &raw const *self.types.foreign) {
            cell.body.value.get()
        } else {
            None
        }
    }
}
