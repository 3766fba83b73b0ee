//! Calls with names of functions whose parameters each get one value: arguments are moved from the caller's registers
//! to where the callee's locals are, without rows in between.

use super::Leave;
use super::ops::Fetch;
use crate::load::Code;
use crate::load::op::{Instr, NO_SELF};
use crate::object::callable::Args;
use crate::object::{Bound, Dict, Function, Native, Tuple};
use crate::value::{Object, UNSET, Value};
use crate::vm::{R, Vm};
use pyrsc::code::flags;

/// The most names of a call that is done here.
const MOST: usize = 8;

impl Vm {
    /// A call with names, where it is a simple one: true where a frame was entered. `None` where it is somebody else's;
    /// nothing was changed then.
    #[inline]
    pub(super) fn call_named(&self, f: &Fetch<'_>, i: Instr) -> R<Option<bool>> {
        let callable = f.get(i.a);
        let Some(names) = f.get(i.a + 2 + i.c).get::<Tuple>() else { return Ok(None) };
        let own = f.get(i.a + 1);
        let has_own = i.k & NO_SELF == 0 && !own.is_unset();
        if let Some(function) = callable.object::<Function>() {
            let receiver = if has_own { Some(own) } else { None };
            return Ok(self.enter_named(f, i, function, receiver, &names.items)?.then_some(true));
        }
        if let Some(bound) = callable.get::<Bound>()
            && let Some(function) = bound.function.object::<Function>()
            && !has_own
        {
            return Ok(self
                .enter_named(f, i, function, Some(&bound.receiver), &names.items)?
                .then_some(true));
        }
        if let Some(native) = callable.get::<Native>() {
            let first = if has_own { i.a + 1 } else { i.a + 2 };
            let count = usize::from(i.c) + usize::from(has_own);
            // SAFETY: so many registers from there on are the call's.
            let values = unsafe { std::slice::from_raw_parts(f.get(first), count) };
            let args = Args { values, names: &names.items };
            if native.of.is_some()
                && let Some(receiver) = values.first()
            {
                self.check_receiver(native, receiver)?;
            }
            let result = (native.call)(self, args)?;
            for at in (i.a + 1..=i.a + 2 + i.c).rev() {
                drop(f.take(at));
            }
            if i.a != i.b {
                drop(f.take(i.a));
            }
            f.set(i.b, result);
            return Ok(Some(false));
        }
        Ok(None)
    }

    /// Which of the parameters the names are of, and that all others have a value too.
    fn places(
        &self,
        function: &Function,
        code: &Code,
        positional: usize,
        names: &[Value],
    ) -> Option<[u16; MOST]> {
        let (wanted, all) = (usize::from(code.argcount), usize::from(code.argcount + code.kwonly));
        if names.len() > MOST || positional > wanted || all > 63 || all != usize::from(code.parameters) {
            return None;
        }
        let mut places = [0; MOST];
        let mut given = (1u64 << positional) - 1;
        for (place, name) in places.iter_mut().zip(names) {
            let open = &code.local_names[usize::from(code.posonly)..all];
            let at = open.iter().position(|other| other.is(name))? + usize::from(code.posonly);
            if given & 1 << at != 0 {
                return None;
            }
            given |= 1 << at;
            *place = at as u16;
        }
        let defaults = function.defaults.get();
        let defaults = defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(0, |it| it.items.len());
        let kwdefaults = function.kwdefaults.get();
        let kwdefaults = kwdefaults.as_ref().and_then(|it| it.get::<Dict>());
        for at in (positional..all).filter(|at| given & 1 << at == 0) {
            let has_default = if at < wanted {
                at + defaults >= wanted
            } else {
                kwdefaults.is_some_and(|it| it.index_of_name(self, &code.local_names[at]).is_some())
            };
            if !has_default {
                return None;
            }
        }
        Some(places)
    }

    /// Enters a function; false where it is somebody else's.
    fn enter_named(
        &self,
        f: &Fetch<'_>,
        i: Instr,
        function: &Object<Function>,
        receiver: Option<&Value>,
        names: &[Value],
    ) -> R<bool> {
        let code = function.body.code();
        // SAFETY: the function keeps its code alive.
        let seen = unsafe { &*code };
        if seen.flags & (flags::VARARGS | flags::VARKEYWORDS) != 0 {
            return Ok(false);
        }
        let Some(behind) = usize::from(i.c).checked_sub(names.len()) else { return Ok(false) };
        let before = usize::from(receiver.is_some());
        let positional = before + behind;
        let Some(places) = self.places(&function.body, seen, positional, names) else { return Ok(false) };
        let base = self.free_registers();
        let (wanted, all) = (usize::from(seen.argcount), usize::from(seen.parameters));
        if !self.stack.has_room(base.wrapping_add(all)) {
            return Ok(false);
        }
        // SAFETY: there is room for all parameters; registers above the innermost frame's are free, and hold no pointer.
        // What the call had in registers is taken, so that each value is owned once. The function is kept alive by the
        // register `a`, itself or through what is bound.
        unsafe {
            if let Some(receiver) = receiver {
                base.write(receiver.clone());
            }
            for at in 0..behind {
                base.add(before + at).write(f.take(i.a + 2 + at as u16));
            }
            for at in positional..all {
                base.add(at).write(UNSET);
            }
            for (at, place) in places.iter().enumerate().take(names.len()) {
                base.add(usize::from(*place)).write(f.take(i.a + 2 + (behind + at) as u16));
            }
            if positional + names.len() < all {
                let defaults = function.body.defaults.get();
                let defaults =
                    defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
                let kwdefaults = function.body.kwdefaults.get();
                let kwdefaults = kwdefaults.as_ref().and_then(|it| it.get::<Dict>());
                for at in positional..all {
                    if !(*base.add(at)).is_unset() {
                        continue;
                    }
                    let value = if at < wanted {
                        defaults.get(at + defaults.len() - wanted).cloned()
                    } else {
                        kwdefaults.and_then(|it| it.get_name(self, &seen.local_names[at]))
                    };
                    base.add(at).write(value.unwrap_or(UNSET));
                }
            }
            drop(f.take(i.a + 2 + i.c));
            drop(f.take(i.a + 1));
            let entered = self.push(function, code, base, all, Leave::Call);
            if entered.is_err() {
                super::window::clear(base, all);
            }
            entered.map(|()| true)
        }
    }
}
