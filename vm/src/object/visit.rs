//! What objects refer to: for the collector of cycles, which counts references, and breaks cycles.

use super::types::trailer;
use super::*;
use crate::value::{Header, Object, Value};
use crate::vm::Vm;
use std::mem::ManuallyDrop;

impl Kind {
    /// May an object with this layout be part of a cycle?
    pub(crate) const fn is_container(self) -> bool {
        !matches!(
            self,
            Kind::Int
                | Kind::Float
                | Kind::Complex
                | Kind::Str
                | Kind::Bytes
                | Kind::Bytearray
                | Kind::Range
                | Kind::Native
                | Kind::Member
                | Kind::Weak
                | Kind::Foreign
        )
    }
}

/// The object as a value without a reference of its own.
///
/// # Safety
/// The object is alive.
pub(crate) unsafe fn borrowed(object: *const Header) -> ManuallyDrop<Value> {
    ManuallyDrop::new(Value::from_object(object.cast::<Object<()>>()))
}

impl Value {
    /// Shows all values that the object refers to; in place for what most objects are.
    #[inline(always)]
    pub(super) fn visit_each(&self, see: &mut impl FnMut(&Value)) {
        let Some(header) = self.header() else { return };
        // What a class of a program makes refers to the class, and may have a `__dict__` behind its body.
        if !header.type_of().is_counted() {
            if let Some(tuple) = self.get::<Tuple>() {
                return tuple.items.iter().for_each(see);
            }
            if let Some(list) = self.get::<List>()
                && let Ok(items) = list.items.try_borrow()
            {
                return items.iter().for_each(see);
            }
            if let Some(dict) = self.get::<Dict>() {
                return dict.visit(see);
            }
        }
        self.visit(see);
    }

    /// Shows all values that the object refers to, each as often as it does. What cannot be looked at now is left out:
    /// it is alive then.
    pub(crate) fn visit(&self, see: &mut dyn FnMut(&Value)) {
        let Some(header) = self.header() else { return };
        let ty = header.type_of();
        if ty.is_counted() {
            // SAFETY: types live as long as their instances.
            let ty = unsafe { borrowed(&raw const ty.header) };
            see(&ty);
        }
        if let Some(slot) = trailer(header) {
            slot.visit(see);
        }
        if let Some(instance) = self.instance() {
            (0..).map_while(|index| instance.value(index)).for_each(&mut *see);
            instance.body.dict.visit(see);
        } else if let Some(tuple) = self.get::<Tuple>() {
            tuple.items.iter().for_each(see);
        } else if let Some(list) = self.get::<List>() {
            if let Ok(items) = list.items.try_borrow() {
                items.iter().for_each(see);
            }
        } else if let Some(dict) = self.get::<Dict>() {
            dict.visit(see);
        } else if let Some(set) = self.get::<Set>() {
            set.visit(see);
        } else {
            self.visit_program(see);
        }
    }

    /// The same of what programs are made of.
    fn visit_program(&self, see: &mut dyn FnMut(&Value)) {
        if let Some(it) = self.get::<Function>() {
            it.code.visit(see);
            see(&it.globals);
            for slot in it.slots() {
                slot.visit(see);
            }
        } else if let Some(it) = self.get::<Cellvar>() {
            it.value.visit(see);
        } else if let Some(it) = self.get::<Bound>() {
            see(&it.function);
            see(&it.receiver);
        } else if let Some(it) = self.get::<crate::load::Code>() {
            it.consts.iter().chain(it.consts.before()).for_each(&mut *see);
            it.caches.iter().for_each(|cache| cache.value.visit(see));
        } else if let Some(it) = self.get::<Generator>() {
            see(&it.function);
            it.handled.visit(see);
            it.extra.visit(see);
            it.frame.visit(see);
            if let Ok(registers) = it.registers.try_borrow() {
                registers.iter().for_each(see);
            }
        } else if let Some(it) = self.get::<Type>() {
            see(&it.dict);
            if let (Ok(bases), Ok(ancestors)) = (it.bases.try_borrow(), it.ancestors.try_borrow()) {
                bases.iter().chain(ancestors.iter()).for_each(see);
            }
        } else if let Some(it) = self.get::<Exception>() {
            for slot in [&it.args, &it.traceback, &it.context, &it.cause, &it.fields, &it.dict] {
                slot.visit(see);
            }
        } else if let Some(it) = self.get::<Traceback>() {
            see(&it.frame);
            if let Ok(next) = it.next.try_borrow() {
                next.iter().for_each(see);
            }
        } else {
            self.visit_rest(see);
        }
    }

    fn visit_rest(&self, see: &mut dyn FnMut(&Value)) {
        if let Some(it) = self.get::<Custom>() {
            it.data.visit(see);
        } else if let Some(it) = self.get::<Module>() {
            see(&it.dict);
        } else if let Some(it) = self.get::<FrameObject>() {
            see(&it.function);
            see(&it.code);
            for slot in [&it.namespace, &it.back, &it.extra, &it.trace] {
                slot.visit(see);
            }
            for values in [&it.locals, &it.replaced] {
                if let Ok(values) = values.try_borrow() {
                    values.iter().for_each(&mut *see);
                }
            }
        } else if let Some(it) = self.get::<Getset>() {
            see(&it.owner);
        } else if let Some(it) = self.get::<View>() {
            see(&it.dict);
        } else if let Some(it) = self.get::<Proxy>() {
            see(&it.mapping);
        } else if let Some(it) = self.get::<Wrapper>() {
            it.held().visit(see);
        } else if let Some(it) = self.get::<Slice>() {
            it.parts.iter().for_each(see);
        } else if let Some(it) = self.get::<Super>() {
            see(&it.class);
            it.object.visit(see);
            it.of.visit(see);
        } else if let Some(it) = self.get::<Property>() {
            for slot in [&it.get, &it.set, &it.del, &it.doc, &it.name] {
                slot.visit(see);
            }
        } else if let Some(it) = self.get::<Iter>()
            && let Ok(state) = it.state.try_borrow()
        {
            match &*state {
                IterState::Done | IterState::Range(_) => {}
                IterState::List(of, _)
                | IterState::ListReversed(of, _)
                | IterState::Tuple(of, _)
                | IterState::Str(of, _)
                | IterState::Bytes(of, _)
                | IterState::Dict(of, ..)
                | IterState::DictReversed(of, ..)
                | IterState::Set(of, ..)
                | IterState::Sequence(of, _)
                | IterState::SequenceReversed(of, _) => see(of),
                IterState::Call(a, b) | IterState::Enumerate(a, b) | IterState::Filter(a, b) => {
                    see(a);
                    see(b);
                }
                IterState::Zip(all, _) => all.iter().for_each(see),
                IterState::Map(function, all, _) => {
                    see(function);
                    all.iter().for_each(see);
                }
                #[expect(
                    unreachable_patterns,
                    reason = "states that are added are left out until they are listed"
                )]
                _ => {}
            }
        }
    }

    /// Lets go of what the object refers to and can do without. CPython: `tp_clear`.
    pub(crate) fn break_cycles(&self, vm: &Vm) {
        if let Some(slot) = self.header().and_then(trailer) {
            slot.set(None);
        }
        if let Some(instance) = self.instance() {
            instance.body.dict.set(None);
            drop(instance.drain(vm));
        } else if let Some(list) = self.get::<List>() {
            drop(list.replace(Vec::new()));
        } else if let Some(dict) = self.get::<Dict>() {
            dict.clear();
        } else if let Some(set) = self.get::<Set>() {
            set.clear();
        } else if let Some(it) = self.get::<Function>() {
            for slot in it.slots() {
                slot.set(None);
            }
        } else if let Some(it) = self.get::<Cellvar>() {
            it.value.set(None);
        } else if let Some(it) = self.get::<Generator>() {
            if it.state.get() != State::Running {
                it.state.set(State::Done);
                drop(it.registers.take());
                it.handled.set(None);
                it.forget_frame();
            }
        } else if let Some(it) = self.get::<Exception>() {
            for slot in [&it.traceback, &it.context, &it.cause, &it.fields, &it.dict] {
                slot.set(None);
            }
        } else if let Some(it) = self.get::<Custom>() {
            it.data.clear();
        } else if let Some(it) = self.get::<Iter>() {
            drop(it.state.replace(IterState::Done));
        } else if let Some(it) = self.get::<Traceback>() {
            drop(it.next.take());
        } else if let Some(it) = self.get::<FrameObject>() {
            if it.place.get() == super::frame::Place::Left {
                drop(it.locals.take());
                it.back.set(None);
            }
            it.extra.set(None);
            it.trace.set(None);
        } else if let Some(it) = self.get::<Property>() {
            for slot in [&it.get, &it.set, &it.del, &it.doc] {
                slot.set(None);
            }
        } else if let Some(it) = self.get::<crate::load::Code>() {
            for cache in it.caches.iter() {
                // No shape and no state of keys has this number; version 0 alone would name a global's place.
                cache.key.set(u64::MAX);
                cache.version.set(0);
                cache.value.set(None);
            }
        }
    }
}
