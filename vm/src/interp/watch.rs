//! `--trace-ops` and `--stats`: what each instruction does, for people who learn, and counts.
//!
//! Both let all frames run in the instance of the loop that trace functions use, which comes here before each
//! instruction; the other instance knows nothing of it. What an instruction changed shows when its frame comes here the next
//! time. Nothing of the program runs meanwhile: values are shown by what they are, not by their `__repr__`.

use super::caches::Ways;
use crate::load::Code;
use crate::load::op::{Instr, KILL_A, KILL_B, KILL_C, Op};
use crate::object::{Cellvar, Dict, Function, List, Module, Native, Set, Tuple, Type};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::slice;

/// How many characters of a value are shown.
const WIDTH: usize = 40;
/// Frames that are deeper are not moved further to the right.
const DEEPEST: usize = 12;
/// Where the registers begin, in characters of the line.
const COLUMN: usize = 44;

/// What is watched, and what was seen.
#[derive(Default)]
pub(crate) struct Watch {
    /// Are instructions shown?
    shows: bool,
    counts: HashMap<Op, u64>,
    /// Instructions with caches that ran, and how many of them found there what they looked for.
    cached: [u64; 2],
    /// The instruction that was shown last.
    last: Option<Step>,
    /// Those that went on in another frame.
    open: Vec<Step>,
    /// Which temporaries of a frame are in use, by the address of its registers: what is left of a small int is no value.
    live: HashMap<usize, Vec<bool>>,
}

/// An instruction that was shown.
struct Step {
    base: usize,
    depth: usize,
    text: String,
    before: Vec<(String, String)>,
}

/// The cell for it in the interpreter.
pub(crate) type Watching = RefCell<Option<Box<Watch>>>;

impl Vm {
    /// Begins to count instructions, and to show them.
    pub(crate) fn watch(&self, shows: bool) {
        *self.tracing.watch.borrow_mut() = Some(Box::new(Watch { shows, ..Watch::default() }));
        self.tracing.watches.set(true);
    }

    /// Notes the instruction `at`, which comes next.
    ///
    /// # Safety
    /// The registers are those of the innermost frame, which runs `function`, and the instruction is one of its code.
    pub(super) unsafe fn watch_step(
        &self,
        code: &Code,
        function: &Function,
        at: u32,
        i: Instr,
        registers: *const Value,
    ) {
        // SAFETY: the frames are let go of at once; a window has that many registers, which hold values.
        let (depth, window) = unsafe {
            (self.stack.frames().len(), slice::from_raw_parts(registers, usize::from(code.registers)))
        };
        let mut watch = self.tracing.watch.borrow_mut();
        let Some(watch) = watch.as_deref_mut() else { return };
        *watch.counts.entry(i.op).or_default() += 1;
        if let Some(hit) = self.cache_hit(code, function, i, window) {
            watch.cached[0] += 1;
            watch.cached[1] += u64::from(hit);
        }
        if watch.shows && self.is_programs(code) {
            let text = watch.step(self, code, at, i, window, depth);
            self.write_err(text.as_bytes());
        }
    }

    /// Is the code of the program's own, not of the library?
    fn is_programs(&self, code: &Code) -> bool {
        let file = self.text_of(&code.file());
        !code.internal && !file.starts_with("<frozen ") && !file.starts_with(self.library.borrow().as_str())
    }

    /// Will the instruction find in its cache what it looks for? `None` where it has none.
    fn cache_hit(&self, code: &Code, function: &Function, i: Instr, window: &[Value]) -> Option<bool> {
        let cache = code.caches.get(usize::from(i.c));
        let ways = || -> Option<&Ways> { code.caches.get(usize::from(i.c)..)?.first_chunk() };
        let object = |at: u16| window.get(usize::from(at));
        match i.op {
            Op::LoadGlobal => {
                let keys = u64::from(function.globals.get::<Dict>()?.known_keys());
                Some(keys != 0 && keys == cache?.key.get())
            }
            Op::LoadAttr => Some(self.cached_attribute(object(i.b)?, ways()?).is_some()),
            Op::LoadMethod => {
                let (object, ways) = (object(i.b)?, ways()?);
                Some(
                    self.cached_method(object, ways).is_some()
                        || self.cached_attribute(object, ways).is_some(),
                )
            }
            Op::StoreAttr => {
                let instance = object(i.a)?.instance()?;
                let (shape, version) =
                    (instance.body.shape.get() as u64, instance.header.type_of().body.version.get());
                Some(ways()?.iter().any(|way| way.key.get() == shape && way.version.get() == version))
            }
            _ => None,
        }
    }

    /// What was not shown yet, at the program's end.
    pub(crate) fn watched_last(&self) -> String {
        let mut watch = self.tracing.watch.borrow_mut();
        let last = watch.as_deref_mut().and_then(|it| it.last.take());
        last.map_or_else(String::new, |it| it.text.trim_end().to_owned() + "\n")
    }

    /// The lines of `--stats` about instructions.
    pub(crate) fn watched(&self) -> String {
        let watch = self.tracing.watch.borrow();
        let Some(watch) = watch.as_deref() else { return String::new() };
        let total: u64 = watch.counts.values().sum();
        let mut rows: Vec<_> = watch.counts.iter().map(|(op, count)| (*count, format!("{op:?}"))).collect();
        rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let most: Vec<_> = rows.iter().take(5).map(|(count, name)| format!("{name} {count}")).collect();
        let [cached, hits] = watch.cached;
        let share = if cached == 0 { 0.0 } else { hits as f64 * 100.0 / cached as f64 };
        format!(
            "instructions: {total} (most often {})\ninstructions with caches: {cached}, hits: {hits} ({share:.1} %)\n",
            most.join(", ")
        )
    }

    /// A value in a few characters, without asking the program.
    fn brief(&self, value: &Value, depth: u32) -> String {
        let plain = |ty: &crate::builtins::types::TypeRef| std::ptr::eq(self.type_of(value), &raw const **ty);
        let row = |items: Vec<String>, count: usize| match count {
            0..=4 => items.join(", "),
            _ => format!("{}, … {count}", items.join(", ")),
        };
        let several = |items: &[Value]| {
            row(
                items
                    .iter()
                    .take(3 + usize::from(items.len() == 4))
                    .map(|it| self.brief(it, depth + 1))
                    .collect(),
                items.len(),
            )
        };
        let name = |slot: &crate::object::Slot| slot.get().map(|it| self.text_of(&it)).unwrap_or_default();
        let simple = !value.is_object()
            || [&self.types.int, &self.types.float, &self.types.bytes].into_iter().any(plain)
            || plain(&self.types.str);
        let text = if value.is_unset() {
            "nothing".to_owned()
        } else if simple {
            self.repr_or_empty(value)
        } else if let Some(list) = value.get::<List>() {
            if depth > 1 { "[…]".to_owned() } else { format!("[{}]", several(&list.snapshot())) }
        } else if let Some(tuple) = value.get::<Tuple>() {
            let comma = if tuple.items.len() == 1 { "," } else { "" };
            if depth > 1 { "(…)".to_owned() } else { format!("({}{comma})", several(&tuple.items)) }
        } else if let Some(dict) = value.get::<Dict>() {
            let pairs = dict.snapshot();
            let shown = pairs.iter().take(3 + usize::from(pairs.len() == 4));
            let shown = shown.map(|(key, value)| {
                format!("{}: {}", self.brief(key, depth + 1), self.brief(value, depth + 1))
            });
            if depth > 1 { "{…}".to_owned() } else { format!("{{{}}}", row(shown.collect(), pairs.len())) }
        } else if let Some(set) = value.get::<Set>() {
            format!("<set of {}>", set.snapshot().len())
        } else if let Some(cell) = value.get::<Cellvar>() {
            cell.value
                .get()
                .map_or_else(|| "cell()".to_owned(), |it| format!("cell({})", self.brief(&it, depth + 1)))
        } else if let Some(function) = value.get::<Function>() {
            format!("<function {}>", name(&function.qualname))
        } else if let Some(native) = value.get::<Native>() {
            format!("<builtin {}>", native.name)
        } else if let Some(code) = value.get::<Code>() {
            format!("<code {}>", self.text_of(&code.name))
        } else if let Some(module) = value.get::<Module>() {
            let name = module.dict.get::<Dict>().and_then(|it| it.get_name(self, &self.names.name));
            format!("<module {}>", name.map(|it| self.text_of(&it)).unwrap_or_default())
        } else if let Some(class) = value.object::<Type>() {
            format!("<class {}>", self.name_of_type(class))
        } else {
            format!("<{}>", self.plain_type_name(value))
        };
        match text.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    fn register_name(&self, code: &Code, at: u16) -> String {
        match code.local_names.get(usize::from(at)) {
            Some(name) => self.text_of(name),
            None => format!("t{}", at.saturating_sub(code.locals)),
        }
    }

    /// The instruction as a line of something like Python.
    fn shown_instruction(&self, code: &Code, i: Instr) -> String {
        let register = |at: u16| self.register_name(code, at);
        let group = |first: u16, count: u16| {
            (first..first.saturating_add(count)).map(register).collect::<Vec<_>>().join(", ")
        };
        let constant = |at: usize| code.consts.get(at).map(|it| self.brief(it, 1)).unwrap_or_default();
        let mut text = String::new();
        let mut form = form(i.op).chars();
        while let Some(ch) = form.next() {
            if ch != '%' {
                text.push(ch);
                continue;
            }
            text.push_str(&match form.next() {
                Some('a') => register(i.a),
                Some('b') => register(i.b),
                Some('c') => register(i.c),
                Some('1') => register(i.a.saturating_add(1)),
                Some('2') => register(i.a.saturating_add(2)),
                Some('g') => group(i.a, i.c),
                Some('p') => group(i.a, i.c.saturating_mul(2)),
                Some('h') => group(i.b, i.c),
                Some('s') => group(i.a.saturating_add(2), i.c),
                Some('B') => constant(usize::from(i.b)),
                Some('C') => constant(usize::from(i.c)),
                Some('D') => constant(i.d as usize),
                Some('n') => code.names.get(i.d as usize).map(|it| self.text_of(it)).unwrap_or_default(),
                Some('d') => i.d.to_string(),
                Some('i') => (i.d as i32).to_string(),
                Some('o') => crate::protocol::number::symbol(i.d).to_owned(),
                Some('q') => {
                    ["<", "<=", "==", "!=", ">", ">="].get(i.d as usize & 7).unwrap_or(&"?").to_string()
                }
                Some('t') => if i.k & crate::load::op::IF_FALSE == 0 { "if" } else { "unless" }.to_owned(),
                Some('k') => if i.d == 0 { "" } else { "not " }.to_owned(),
                _ => String::new(),
            });
        }
        text
    }
}

impl Watch {
    /// Shows what the last instruction changed, and the next one with the registers before it.
    fn step(&mut self, vm: &Vm, code: &Code, at: u32, i: Instr, window: &[Value], depth: usize) -> String {
        let base = window.as_ptr() as usize;
        let first = at == 0;
        let locals = usize::from(code.locals);
        let live = self.live.entry(base).or_default();
        if first || live.len() != window.len() {
            live.clear();
            live.resize(window.len(), false);
        }
        let holds = |(at, value): &(usize, &Value)| {
            !value.is_unset() && (*at < locals || live[*at] || value.is_object())
        };
        let now: Vec<_> = window
            .iter()
            .enumerate()
            .filter(holds)
            .map(|(at, value)| (vm.register_name(code, at as u16), vm.brief(value, 0)))
            .collect();
        let mut out = String::new();
        if let Some(last) = self.last.take() {
            if last.base == base && last.depth == depth {
                let _ = writeln!(out, "{}{}", last.text, changes(&last.before, &now));
            } else {
                let _ = writeln!(out, "{}", last.text.trim_end());
                if depth > last.depth {
                    self.open.push(last);
                }
            }
        }
        let indent = " ".repeat(2 * depth.min(DEEPEST));
        while let Some(open) = self.open.last().filter(|it| it.depth >= depth) {
            if open.base == base && open.depth == depth {
                let _ = writeln!(
                    out,
                    "{indent}  back in {}{}",
                    vm.text_of(&code.qualname),
                    changes(&open.before, &now)
                );
            }
            self.open.pop();
        }
        if first {
            let file = vm.text_of(&code.file());
            let _ =
                writeln!(out, "{indent}{} (line {} of {file})", vm.text_of(&code.qualname), code.first_line);
        }
        let line = code.place(at).line;
        let line = if line > 0 { line.to_string() } else { String::new() };
        let mut text = format!("{indent}{line:>4}  {}", vm.shown_instruction(code, i));
        let length = text.chars().count() - indent.len();
        text.push_str(&" ".repeat(COLUMN.saturating_sub(length).max(2)));
        let before: Vec<_> = now.iter().map(|(name, value)| format!("{name}={value}")).collect();
        text.push_str(if before.is_empty() { "-" } else { "" });
        text.push_str(&before.join(" "));
        let live = self.live.entry(base).or_default();
        for (range, alive) in [(consumed(i), false), (written(i), true)] {
            for at in range {
                if let Some(it) = live.get_mut(usize::from(at)) {
                    *it = alive;
                }
            }
        }
        if matches!(i.op, Op::Return) {
            self.live.remove(&base);
        }
        self.last = Some(Step { base, depth, text, before: now });
        out
    }
}

/// What is different from before: what registers hold now, and which are empty.
fn changes(before: &[(String, String)], now: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in now.iter().filter(|it| !before.contains(it)) {
        let _ = write!(text, " {name}={value}");
    }
    for (name, _) in before.iter().filter(|it| !now.iter().any(|new| new.0 == it.0)) {
        let _ = write!(text, " -{name}");
    }
    if text.is_empty() { String::new() } else { format!("  =>{text}") }
}

/// The registers that an instruction empties.
fn consumed(i: Instr) -> Vec<u16> {
    let several = |first: u16, count: u16| (first..first.saturating_add(count)).collect::<Vec<_>>();
    match i.op {
        Op::BuildList | Op::BuildTuple => return several(i.b, i.c),
        Op::BuildSet | Op::BuildString | Op::BuildSlice => return several(i.a, i.c),
        Op::BuildConstMap => return several(i.a, i.c.saturating_add(1)),
        Op::BuildMap => return several(i.a, i.c.saturating_mul(2)),
        Op::Call | Op::CallKw => return several(i.a, i.c.saturating_add(3)),
        Op::CallEx | Op::StoreSlice => return several(i.a, 4),
        Op::BinarySlice => return several(i.a, 3),
        Op::LoadSuper => return several(i.b, 3),
        Op::Move | Op::Return | Op::Unpack | Op::UnpackEx => return vec![i.b],
        Op::Clear => return vec![i.a],
        Op::Send => return vec![i.c],
        _ => {}
    }
    [(KILL_A, i.a), (KILL_B, i.b), (KILL_C, i.c)]
        .into_iter()
        .filter(|(flag, _)| i.k & flag != 0)
        .map(|it| it.1)
        .collect()
}

/// The registers that hold what an instruction made.
fn written(i: Instr) -> Vec<u16> {
    match i.op {
        Op::Call | Op::CallKw | Op::CallEx => vec![i.b],
        Op::LoadMethod | Op::LoadSpecial | Op::LoadSuper | Op::PushExc => vec![i.a, i.a.saturating_add(1)],
        Op::Unpack => (i.a..i.a.saturating_add(i.c)).collect(),
        Op::UnpackEx => (i.a..i.a.saturating_add(i.c).saturating_add(1).saturating_add(i.d as u16)).collect(),
        _ if form(i.op).starts_with("%a =") || form(i.op).starts_with("for %a") => vec![i.a],
        _ => Vec::new(),
    }
}

/// How an instruction is shown. `%a`, `%b`, `%c` are registers, `%1` and `%2` those behind `a`; `%g`, `%h` and `%s` are several from
/// `a`, `b` or `a + 2` on, `%p` twice as many; `%B`, `%C`, `%D` constants, `%n` a name, `%d` a number, `%i` a signed one, `%o` an operator, `%q` a
/// comparison, `%t` says when it is jumped, `%k` whether it is denied.
const fn form(op: Op) -> &'static str {
    match op {
        Op::Nop => "nothing",
        Op::Prepare => "lowered now",
        Op::LoadConst => "%a = %D",
        Op::LoadSmall => "%a = %i",
        Op::Copy | Op::Move => "%a = %b",
        Op::Swap => "exchange %a, %1",
        Op::Clear => "drop %a",
        Op::CheckBound => "is %a bound?",
        Op::DeleteLocal | Op::DeleteDeref => "del %a",
        Op::LoadGlobal | Op::LoadName | Op::LoadFromDictOrGlobals => "%a = name %n",
        Op::StoreGlobal | Op::StoreName => "name %n = %b",
        Op::DeleteGlobal | Op::DeleteName => "del name %n",
        Op::LoadLocals => "%a = the namespace",
        Op::LoadFromDictOrDeref | Op::LoadDeref => "%a = cell %b",
        Op::MakeCell => "make %a a cell",
        Op::CopyFree => "bring %d free variables",
        Op::StoreDeref => "cell %a = %b",
        Op::Add => "%a = %b + %c",
        Op::Sub => "%a = %b - %c",
        Op::Mul => "%a = %b * %c",
        Op::TrueDiv => "%a = %b / %c",
        Op::FloorDiv => "%a = %b // %c",
        Op::Mod => "%a = %b % %c",
        Op::And => "%a = %b & %c",
        Op::AddConst => "%a = %b + %C",
        Op::SubConst => "%a = %b - %C",
        Op::MulConst => "%a = %b * %C",
        Op::Binary => "%a = %b %o %c",
        Op::Compare => "%a = %b %q %c",
        Op::JumpLt => "jump %t %b < %c",
        Op::JumpLe => "jump %t %b <= %c",
        Op::JumpEq => "jump %t %b == %c",
        Op::JumpNe => "jump %t %b != %c",
        Op::JumpGt => "jump %t %b > %c",
        Op::JumpGe => "jump %t %b >= %c",
        Op::JumpLtConst => "jump %t %b < %C",
        Op::JumpLeConst => "jump %t %b <= %C",
        Op::JumpEqConst => "jump %t %b == %C",
        Op::JumpNeConst => "jump %t %b != %C",
        Op::JumpGtConst => "jump %t %b > %C",
        Op::JumpGeConst => "jump %t %b >= %C",
        Op::Jump => "jump",
        Op::JumpBack => "jump back",
        Op::JumpIfFalse => "jump unless %b",
        Op::JumpIfTrue => "jump if %b",
        Op::JumpIfNone => "jump if %b is None",
        Op::JumpIfNotNone => "jump unless %b is None",
        Op::ToBool => "%a = bool(%b)",
        Op::Not => "%a = not %b",
        Op::Negative => "%a = -%b",
        Op::Invert => "%a = ~%b",
        Op::Positive => "%a = +%b",
        Op::Is => "%a = %b is %k%c",
        Op::Contains => "%a = %b %kin %c",
        Op::GetIter => "%a = iter(%b)",
        Op::ForIter => "for %a in %b, or jump",
        Op::Subscr => "%a = %b[%c]",
        Op::SubscrConst => "%a = %b[%C]",
        Op::StoreSubscr => "%a[%b] = %c",
        Op::StoreSubscrConst => "%a[%B] = %c",
        Op::DeleteSubscr => "del %b[%c]",
        Op::BinarySlice => "%a = %a[%1:%2]",
        Op::StoreSlice => "%1[%2:…] = %a",
        Op::BuildList => "%a = [%h]",
        Op::BuildTuple => "%a = (%h)",
        Op::BuildSet => "%a = {%g}",
        Op::BuildMap => "%a = dict of %p",
        Op::BuildConstMap => "%a = dict of %g",
        Op::BuildString => "%a = joined %g",
        Op::BuildSlice => "%a = slice(%g)",
        Op::ListAppend => "%a.append(%b)",
        Op::SetAdd => "%a.add(%b)",
        Op::MapAdd => "%a[%b] = %c",
        Op::ListExtend => "%a.extend(%b)",
        Op::SetUpdate | Op::DictUpdate | Op::DictMerge => "%a.update(%b)",
        Op::Unpack => "%g = reversed(%b)",
        Op::UnpackEx => "%g, * = reversed(%b)",
        Op::LoadAttr => "%a = %b.%n",
        Op::LoadMethod => "%a, %1 = %b.%n, receiver",
        Op::StoreAttr => "%a.%n = %b",
        Op::DeleteAttr => "del %b.%n",
        Op::LoadSuper => "%a = super().%n",
        Op::Order => "receiver behind %a",
        Op::Call | Op::CallKw => "%b = call %a(%1; %s)",
        Op::CallEx => "%b = call %a(*%2, **…)",
        Op::Return => "return %b",
        Op::ReturnGenerator => "return a generator of this frame",
        Op::Yield => "%a = yield %b",
        Op::Send => "%a = %b.send(%c), or jump",
        Op::GetYieldFrom => "%a = iterator for yield from %b",
        Op::GetAwaitable => "%a = what await %b waits for",
        Op::CleanupThrow => "end of what was thrown in",
        Op::MakeFunction => "%a = function of %b",
        Op::SetFunction => "attribute of %a = %b",
        Op::LoadBuildClass => "%a = __build_class__",
        Op::LoadCommon => "%a = common constant %d",
        Op::Raise => "raise",
        Op::Reraise => "raise %b again",
        Op::PushExc => "handle %a",
        Op::PopExcept => "%b is handled again",
        Op::ExcMatch => "%a = does %b match %c?",
        Op::ExcGroupMatch => "%a = rest and match of %a",
        Op::LoadSpecial => "%a, %1 = special method of %b, receiver",
        Op::WithExcept => "%a = exit method(%c)",
        Op::ImportName => "%a = import %n",
        Op::ImportFrom => "%a = from %b import %n",
        Op::Convert => "%a = text of %b",
        Op::Format => "%a = format(%b)",
        Op::FormatSpec => "%a = format(%b, %c)",
        Op::Intrinsic1 => "%a = intrinsic %d of %b",
        Op::Intrinsic2 => "%a = intrinsic %d of %b, %c",
        Op::GetLen => "%a = len(%b)",
        Op::MatchMapping => "%a = is %b a mapping?",
        Op::MatchSequence => "%a = is %b a sequence?",
        Op::MatchKeys => "%a = values of %b by %c",
        Op::MatchClass => "%a = attributes of %a by %1",
        Op::DictWithout => "%a = rest of %b without %c",
        Op::SetupAnnotations => "make __annotations__",
        Op::Missing => "not possible yet: %D",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_new_values_and_emptied_registers() {
        let row = |items: &[(&str, &str)]| -> Vec<(String, String)> {
            items.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
        };
        let before = row(&[("a", "1"), ("t0", "2")]);
        assert_eq!(changes(&before, &row(&[("a", "3")])), "  => a=3 -t0");
        assert_eq!(changes(&before, &before), "");
    }
}
