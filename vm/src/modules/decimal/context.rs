//! `Context`: what arithmetic is told and what happened in it; the dictionaries of signals; the context of the running code.

use super::number::status::*;
use super::number::{MAX_EMAX, MAX_PREC, MIN_EMIN, Number, Rounding, Rules};
use super::{SIGNAL_DICT, VARIABLE, convert, object};
use crate::builtins::exceptions::Exc;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, parse, split_class};
use crate::object::callable::Args;
use crate::object::{Access, Data, Dict, List, Slot, Str, Type};
use crate::value::{NONE, NOT_IMPLEMENTED, Value};
use crate::vm::{R, Raised, Vm};
use std::cell::Cell;
use std::rc::Rc;

/// The signals, by the bits that they stand for, in CPython's order; their classes are registered first.
pub(super) const SIGNALS: [u32; 9] =
    [INVALID, FLOAT_OPERATION, DIVISION_BY_ZERO, OVERFLOW, UNDERFLOW, SUBNORMAL, INEXACT, ROUNDED, CLAMPED];

/// The conditions that are more exactly what `InvalidOperation` says; their classes are registered behind the signals'.
pub(super) const CONDITIONS: [u32; 5] =
    [INVALID_OPERATION, CONVERSION_SYNTAX, DIVISION_IMPOSSIBLE, DIVISION_UNDEFINED, INVALID_CONTEXT];

const ROUNDINGS: [(&str, Rounding); 8] = [
    ("ROUND_HALF_EVEN", Rounding::HalfEven),
    ("ROUND_HALF_UP", Rounding::HalfUp),
    ("ROUND_HALF_DOWN", Rounding::HalfDown),
    ("ROUND_UP", Rounding::Up),
    ("ROUND_DOWN", Rounding::Down),
    ("ROUND_CEILING", Rounding::Ceiling),
    ("ROUND_FLOOR", Rounding::Floor),
    ("ROUND_05UP", Rounding::ZeroOrFiveUp),
];

const BAD_ROUNDING: &str = "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   \
    ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]";
const BAD_SIGNAL: &str = "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   \
    Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]";

const DEFAULT: Rules =
    Rules { prec: 28, emin: -999_999, emax: 999_999, rounding: Rounding::HalfEven, clamp: false };
const DEFAULT_TRAPS: u32 = INVALID | DIVISION_BY_ZERO | OVERFLOW;

/// What a `Context` holds.
pub(super) struct Context {
    pub rules: Cell<Rules>,
    pub capitals: Cell<bool>,
    pub status: Rc<Cell<u32>>,
    pub traps: Rc<Cell<u32>>,
    flags_dict: Slot,
    traps_dict: Slot,
}

impl Data for Context {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.flags_dict.visit(see);
        self.traps_dict.visit(see);
    }

    fn clear(&self) {
        drop(self.flags_dict.take());
        drop(self.traps_dict.take());
    }
}

impl Context {
    fn new(rules: Rules, traps: u32) -> Context {
        Context {
            rules: Cell::new(rules),
            capitals: Cell::new(true),
            status: Rc::default(),
            traps: Rc::new(Cell::new(traps)),
            flags_dict: Slot::default(),
            traps_dict: Slot::default(),
        }
    }

    fn copy(&self) -> Context {
        let made = Context::new(self.rules.get(), self.traps.get());
        made.capitals.set(self.capitals.get());
        made.status.set(self.status.get());
        made
    }

    /// Notes what happened, and raises what is trapped.
    #[inline]
    pub(super) fn note(&self, vm: &Vm, happened: u32) -> R<()> {
        if happened == 0 {
            return Ok(());
        }
        self.status.set(self.status.get() | happened);
        if happened & (self.traps.get() | TOO_LONG) == 0 { Ok(()) } else { Err(self.trapped(vm, happened)) }
    }

    #[cold]
    fn trapped(&self, vm: &Vm, happened: u32) -> Raised {
        if happened & TOO_LONG != 0 {
            return vm.raise(Exc::MemoryError, "");
        }
        let happened = happened & self.traps.get();
        let classes = vm.modules_state.decimal.registered.borrow().clone();
        let first = SIGNALS.iter().position(|bits| happened & bits != 0).unwrap_or(0);
        let conditions = CONDITIONS.iter().enumerate().map(|(at, bits)| (at + SIGNALS.len(), *bits));
        let others = SIGNALS.iter().enumerate().skip(1).map(|(at, bits)| (at, *bits));
        let named: Vec<Value> = conditions
            .chain(others)
            .filter(|(_, bits)| happened & bits != 0)
            .filter_map(|(at, _)| classes.get(at).cloned())
            .collect();
        let Some(class) = classes.get(first) else { return vm.missing("decimal without its classes") };
        match vm.call_with(class, &[vm.list(named)]) {
            Ok(exception) => vm.raise_value(exception),
            Err(raised) => raised,
        }
    }
}

/// The context of the running code, a `Context`.
pub(super) fn current(vm: &Vm) -> R {
    let state = &vm.modules_state.decimal;
    if let (Some(key), Some(now)) = (state.key.get(), vm.threads.context.get())
        && key.is(&now)
        && let Some(current) = state.current.get()
    {
        return Ok(current);
    }
    let variable = vm.decimal_part(VARIABLE);
    let found = vm.call_with(&vm.get_attribute(&variable, &vm.intern("get"))?, &[NONE])?;
    let found = match found.is_none() {
        false => found,
        true => {
            let template = vm.ready_contexts().into_iter().next();
            let made = match template.as_ref().and_then(|it| it.data::<Context>()) {
                Some(data) => data.copy(),
                None => Context::new(DEFAULT, DEFAULT_TRAPS),
            };
            made.status.set(0);
            let made = vm.custom(&CONTEXT, made);
            vm.call_with(&vm.get_attribute(&variable, &vm.intern("set"))?, std::slice::from_ref(&made))?;
            made
        }
    };
    state.key.set(vm.threads.context.get());
    state.current.set(Some(found.clone()));
    Ok(found)
}

/// Makes a context that of the running code. Of the ready contexts, a copy.
pub(super) fn set_current(vm: &Vm, value: &Value) -> R<()> {
    let Some(data) = value.data::<Context>() else {
        return Err(vm.type_error("argument must be a context"));
    };
    let mut value = value.clone();
    if vm.ready_contexts().iter().any(|it| it.is(&value)) {
        let copy = data.copy();
        copy.status.set(0);
        value = vm.custom(&CONTEXT, copy);
    }
    let variable = vm.decimal_part(VARIABLE);
    vm.call_with(&vm.get_attribute(&variable, &vm.intern("set"))?, &[value])?;
    vm.modules_state.decimal.key.set(None);
    Ok(())
}

impl Vm {
    /// `DefaultContext`, `BasicContext` and `ExtendedContext`, which stand behind the classes.
    fn ready_contexts(&self) -> Vec<Value> {
        let parts = self.modules_state.decimal.registered.borrow();
        let contexts = parts.iter().skip(SIGNALS.len() + CONDITIONS.len());
        contexts.take_while(|it| it.data::<Context>().is_some()).cloned().collect()
    }
}

/// A context that an argument names, or that of the running code.
pub(super) fn chosen(vm: &Vm, argument: Option<&Value>) -> R {
    match argument {
        Some(value) if !value.is_none() => match value.data::<Context>() {
            Some(_) => Ok(value.clone()),
            None => Err(vm.type_error("optional argument must be a context")),
        },
        _ => current(vm),
    }
}

/// What a `Context` holds.
pub(super) fn data<'a>(vm: &Vm, value: &'a Value) -> R<&'a Context> {
    vm.own_data("Context", value, &CONTEXT)
}

/// A way to round, by its name.
pub(super) fn rounding_of(vm: &Vm, value: &Value) -> R<Rounding> {
    let found = value.get::<Str>().and_then(|text| {
        let text = text.to_str();
        ROUNDINGS.iter().find(|(name, _)| *name == text).map(|it| it.1)
    });
    found.ok_or_else(|| vm.type_error(BAD_ROUNDING))
}

fn name_of(rounding: Rounding) -> &'static str {
    ROUNDINGS.iter().find(|it| it.1 == rounding).map_or("", |it| it.0)
}

/// The bits of a signal, by its class.
fn bits_of(vm: &Vm, class: &Value) -> R<u32> {
    let classes = vm.modules_state.decimal.registered.borrow();
    let at = classes.iter().take(SIGNALS.len()).position(|it| it.is(class));
    drop(classes);
    at.map(|at| SIGNALS[at]).ok_or_else(|| vm.raise(Exc::KeyError, BAD_SIGNAL))
}

/// The classes of the signals that are set.
fn classes_of(vm: &Vm, bits: u32) -> Vec<Value> {
    let classes = vm.modules_state.decimal.registered.borrow();
    SIGNALS
        .iter()
        .zip(classes.iter())
        .filter(|(it, _)| **it & bits != 0)
        .map(|(_, class)| class.clone())
        .collect()
}

/// The bits of a dictionary of signals.
fn bits_of_dict(vm: &Vm, value: &Value) -> R<u32> {
    if let Some(signals) = value.data::<Signals>() {
        return Ok(signals.0.get());
    }
    let Some(dict) = value.get::<Dict>() else {
        return Err(vm.type_error("argument must be a signal dict"));
    };
    if dict.len() != SIGNALS.len() {
        return Err(vm.raise(Exc::KeyError, "invalid signal dict"));
    }
    let mut all = 0;
    for (class, wanted) in dict.snapshot() {
        let bits = bits_of(vm, &class)?;
        if vm.truth(&wanted)? {
            all |= bits;
        }
    }
    Ok(all)
}

/// The bits of a list of signals or of a dictionary.
fn bits_of_any(vm: &Vm, value: &Value) -> R<u32> {
    match value.get::<List>() {
        Some(list) => {
            let mut all = 0;
            for class in list.snapshot() {
                all |= bits_of(vm, &class)?;
            }
            Ok(all)
        }
        None => bits_of_dict(vm, value),
    }
}

/// A number for a context's attribute. CPython: `PyLong_AsSsize_t`.
fn whole(vm: &Vm, value: &Value) -> R<i64> {
    match vm.as_i64(value) {
        Some(number) => Ok(number),
        None if vm.as_big(value).is_some() => {
            Err(vm.raise(Exc::OverflowError, "Python int too large to convert to C ssize_t"))
        }
        None => Err(vm.type_error("an integer is required")),
    }
}

/// Sets one of the attributes that are numbers, or `rounding`.
fn set(vm: &Vm, context: &Context, name: &str, value: &Value) -> R<()> {
    let mut rules = context.rules.get();
    if name == "rounding" {
        rules.rounding = rounding_of(vm, value)?;
        context.rules.set(rules);
        return Ok(());
    }
    let number = whole(vm, value)?;
    let (range, message) = match name {
        "prec" => (1..=MAX_PREC, "valid range for prec is [1, MAX_PREC]"),
        "Emin" => (MIN_EMIN..=0, "valid range for Emin is [MIN_EMIN, 0]"),
        "Emax" => (0..=MAX_EMAX, "valid range for Emax is [0, MAX_EMAX]"),
        "capitals" => (0..=1, "valid values for capitals are 0 or 1"),
        _ => (0..=1, "valid values for clamp are 0 or 1"),
    };
    if !range.contains(&number) {
        return Err(vm.value_error(message));
    }
    match name {
        "prec" => rules.prec = number,
        "Emin" => rules.emin = number,
        "Emax" => rules.emax = number,
        "capitals" => context.capitals.set(number != 0),
        _ => rules.clamp = number != 0,
    }
    context.rules.set(rules);
    Ok(())
}

fn init(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("descriptor '__init__' needs an argument"));
    };
    let names = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];
    let given = parse(vm, "Context", Args { values, names: args.names }, names, 0)?;
    let context = data(vm, it)?;
    for (name, value) in names.iter().zip(given).take(6) {
        if let Some(value) = value.filter(|it| !it.is_none()) {
            set(vm, context, name, value)?;
        }
    }
    let some = |value: Option<&'_ Value>| value.filter(|it| !it.is_none()).cloned();
    if let Some(traps) = some(given[7]) {
        context.traps.set(bits_of_any(vm, &traps)?);
    }
    if let Some(flags) = some(given[6]) {
        context.status.set(bits_of_any(vm, &flags)?);
    }
    Ok(NONE)
}

/// The dictionary of flags or traps, which is always the same object.
fn dict_of(vm: &Vm, slot: &Slot, bits: &Rc<Cell<u32>>) -> R {
    if let Some(made) = slot.get() {
        return Ok(made);
    }
    let class = vm.decimal_part(SIGNAL_DICT);
    let Some(class) = class.object::<Type>() else { return Err(vm.missing("decimal without its classes")) };
    let made = vm.custom_of(class, Signals(Rc::clone(bits)));
    slot.set(Some(made.clone()));
    Ok(made)
}

fn cannot_delete(vm: &Vm) -> Raised {
    vm.raise(Exc::AttributeError, "context attributes cannot be deleted")
}

macro_rules! attribute {
    ($name:literal, |$vm:ident, $context:ident| $read:expr) => {
        (
            $name,
            Access {
                read: |$vm, it| {
                    let $context = data($vm, it)?;
                    Ok($read)
                },
                write: Some(|vm, it, value| match value {
                    Some(value) => set(vm, data(vm, it)?, $name, value),
                    None => Err(cannot_delete(vm)),
                }),
            },
        )
    };
}

macro_rules! signals {
    ($name:literal, $bits:ident, $slot:ident) => {
        (
            $name,
            Access {
                read: |vm, it| {
                    let context = data(vm, it)?;
                    dict_of(vm, &context.$slot, &context.$bits)
                },
                write: Some(|vm, it, value| match value {
                    Some(value) => {
                        data(vm, it)?.$bits.set(bits_of_dict(vm, value)?);
                        Ok(())
                    }
                    None => Err(cannot_delete(vm)),
                }),
            },
        )
    };
}

/// A method of one operand.
fn one(vm: &Vm, name: &str, args: Args<'_>, op: fn(&Number, &Rules, &mut u32) -> Number) -> R {
    let (it, [a]) = operands(vm, name, args)?;
    object::finish(vm, data(vm, it)?, |rules, status| op(&a, rules, status))
}

/// A method of two operands.
fn two(vm: &Vm, name: &str, args: Args<'_>, op: object::Binary) -> R {
    let (it, [a, b]) = operands(vm, name, args)?;
    object::finish(vm, data(vm, it)?, |rules, status| op(&a, &b, rules, status))
}

/// A method of one operand that tells something of it.
fn tells(vm: &Vm, name: &str, args: Args<'_>, of: fn(&Number, &Rules) -> bool) -> R {
    let (it, [a]) = operands(vm, name, args)?;
    Ok(Value::bool(of(&a, &data(vm, it)?.rules.get())))
}

/// `self`, and the operands made numbers.
fn operands<'a, const N: usize>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a Value, [Number; N])> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let names = ["a", "b", "c"];
    let names: [&str; N] = std::array::from_fn(|at| if N == 1 { "" } else { names[at] });
    let found = parse(vm, name, Args { values, names: args.names }, names, N)?;
    let mut made = [const { Number::word(0) }; N];
    let context = data(vm, it)?;
    for (place, value) in made.iter_mut().zip(found) {
        *place = convert::operand_or_raise(vm, value.unwrap_or(&NONE), Some(context))?;
    }
    Ok((it, made))
}

fn text(vm: &Vm, name: &str, args: Args<'_>, engineering: bool) -> R {
    let (it, [a]) = operands(vm, name, args)?;
    Ok(vm.str(&a.to_text(engineering, data(vm, it)?.capitals.get())))
}

fn power(vm: &Vm, args: Args<'_>) -> R {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error("unbound method power() needs an argument"));
    };
    let [a, b, modulus] = parse(vm, "power", Args { values, names: args.names }, ["a", "b", "modulo"], 2)?;
    let context = data(vm, it)?;
    let number = |value: Option<&Value>| convert::operand_or_raise(vm, value.unwrap_or(&NONE), Some(context));
    let (a, b) = (number(a)?, number(b)?);
    match modulus.filter(|it| !it.is_none()) {
        Some(modulus) => {
            let modulus = number(Some(modulus))?;
            object::finish(vm, context, |rules, status| a.pow_mod(&b, &modulus, rules, status))
        }
        None => object::finish(vm, context, |rules, status| a.pow(&b, rules, status)),
    }
}

/// The text of a context.
fn repr(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__repr__", args, 0, 0)?;
    let context = data(vm, it)?;
    let rules = context.rules.get();
    // By libmpdec's numbers, in which that of floats is the tenth.
    let order = |bits: u32| if bits == FLOAT_OPERATION { 10 } else { bits.trailing_zeros() };
    let listed = |bits: u32| {
        let classes = vm.modules_state.decimal.registered.borrow();
        let mut names: Vec<(u32, String)> = SIGNALS
            .iter()
            .zip(classes.iter())
            .filter(|(it, _)| **it & bits != 0)
            .map(|(it, class)| (order(*it), vm.class_name(class)))
            .collect();
        names.sort();
        names.into_iter().map(|it| it.1).collect::<Vec<_>>().join(", ")
    };
    let class = vm.plain_type_name(it);
    Ok(vm.str(&format!(
        "{class}(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags=[{}], traps=[{}])",
        rules.prec,
        name_of(rules.rounding),
        rules.emin,
        rules.emax,
        u8::from(context.capitals.get()),
        u8::from(rules.clamp),
        listed(context.status.get()),
        listed(context.traps.get())
    )))
}

impl Vm {
    /// `__name__` of a class.
    fn class_name(&self, class: &Value) -> String {
        class.object::<Type>().map(|class| self.name_of_type(class)).unwrap_or_default()
    }
}

fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
    let context = data(vm, it)?;
    let rules = context.rules.get();
    let row = vec![
        vm.int(rules.prec),
        vm.intern(name_of(rules.rounding)),
        vm.int(rules.emin),
        vm.int(rules.emax),
        vm.int(context.capitals.get().into()),
        vm.int(rules.clamp.into()),
        vm.list(classes_of(vm, context.status.get())),
        vm.list(classes_of(vm, context.traps.get())),
    ];
    Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(row)]))
}

fn copy(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "copy", args, 0, 0)?;
    Ok(vm.custom(&CONTEXT, data(vm, it)?.copy()))
}

fn create(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "create_decimal", args, 0, 1)?;
    let context = data(vm, it)?;
    let made = match values.first() {
        None => Number::word(0),
        Some(value) => convert::number_in(vm, value, context)?,
    };
    Ok(object::value_of(vm, made))
}

pub(super) static CONTEXT: Spec = Spec {
    derivable: true,
    doc: "The context affects almost all operations and controls rounding,\nOver/Underflow, raising of exceptions and \
        much more.  A new context\ncan be constructed as follows:\n\n    >>> c = Context(prec=28, Emin=-425000000, \
        Emax=425000000,\n    ...             rounding=ROUND_HALF_EVEN, capitals=1, clamp=1,\n    ...             \
        traps=[InvalidOperation, DivisionByZero, Overflow],\n    ...             flags=[])\n    >>>\n\n\n",
    methods: &[
        ("__new__", |vm, args| {
            let (class, _) = split_class(vm, args)?;
            Ok(vm.custom_of(class, Context::new(DEFAULT, DEFAULT_TRAPS)))
        }),
        ("__init__", init),
        ("__repr__", repr),
        ("__reduce__", reduce),
        ("__copy__", copy),
        ("copy", copy),
        ("abs", |vm, args| one(vm, "abs", args, |a, rules, status| a.signed(false, rules, status))),
        ("exp", |vm, args| one(vm, "exp", args, Number::exp)),
        ("ln", |vm, args| one(vm, "ln", args, Number::ln)),
        ("log10", |vm, args| one(vm, "log10", args, Number::log10)),
        ("logb", |vm, args| one(vm, "logb", args, Number::logb)),
        ("logical_invert", |vm, args| one(vm, "logical_invert", args, Number::inverted)),
        ("minus", |vm, args| one(vm, "minus", args, |a, rules, status| a.signed(!a.negative, rules, status))),
        ("next_minus", |vm, args| {
            one(vm, "next_minus", args, |a, rules, status| a.next(Rounding::Floor, rules, status))
        }),
        ("next_plus", |vm, args| {
            one(vm, "next_plus", args, |a, rules, status| a.next(Rounding::Ceiling, rules, status))
        }),
        ("normalize", |vm, args| one(vm, "normalize", args, Number::reduce)),
        ("plus", |vm, args| one(vm, "plus", args, |a, rules, status| a.signed(a.negative, rules, status))),
        ("to_integral", |vm, args| {
            one(vm, "to_integral", args, |a, rules, status| a.to_integral(rules, false, status))
        }),
        ("to_integral_exact", |vm, args| {
            one(vm, "to_integral_exact", args, |a, rules, status| a.to_integral(rules, true, status))
        }),
        ("to_integral_value", |vm, args| {
            one(vm, "to_integral_value", args, |a, rules, status| a.to_integral(rules, false, status))
        }),
        ("sqrt", |vm, args| one(vm, "sqrt", args, Number::sqrt)),
        ("_apply", |vm, args| one(vm, "_apply", args, |a, rules, status| a.clone().fit(rules, status))),
        ("canonical", |vm, args| same(vm, "canonical", args)),
        ("copy_abs", |vm, args| one(vm, "copy_abs", args, |a, _, _| a.clone().with_sign(false))),
        ("copy_decimal", |vm, args| same(vm, "copy_decimal", args)),
        ("copy_negate", |vm, args| one(vm, "copy_negate", args, |a, _, _| a.clone().with_sign(!a.negative))),
        ("add", |vm, args| two(vm, "add", args, Number::add)),
        ("compare", |vm, args| {
            two(vm, "compare", args, |a, b, rules, status| a.compare(b, false, rules, status))
        }),
        ("compare_signal", |vm, args| {
            two(vm, "compare_signal", args, |a, b, rules, status| a.compare(b, true, rules, status))
        }),
        ("compare_total", |vm, args| two(vm, "compare_total", args, |a, b, _, _| a.compare_total(b, false))),
        ("compare_total_mag", |vm, args| {
            two(vm, "compare_total_mag", args, |a, b, _, _| a.compare_total(b, true))
        }),
        ("copy_sign", |vm, args| two(vm, "copy_sign", args, |a, b, _, _| a.clone().with_sign(b.negative))),
        ("divide", |vm, args| two(vm, "divide", args, Number::div)),
        ("divide_int", |vm, args| two(vm, "divide_int", args, Number::div_int)),
        ("divmod", |vm, args| {
            let (it, [a, b]) = operands(vm, "divmod", args)?;
            object::finish_pair(vm, data(vm, it)?, &a, &b)
        }),
        ("logical_and", |vm, args| two(vm, "logical_and", args, object::AND)),
        ("logical_or", |vm, args| two(vm, "logical_or", args, object::OR)),
        ("logical_xor", |vm, args| two(vm, "logical_xor", args, object::XOR)),
        ("max", |vm, args| two(vm, "max", args, object::MAX)),
        ("max_mag", |vm, args| two(vm, "max_mag", args, object::MAX_MAG)),
        ("min", |vm, args| two(vm, "min", args, object::MIN)),
        ("min_mag", |vm, args| two(vm, "min_mag", args, object::MIN_MAG)),
        ("multiply", |vm, args| two(vm, "multiply", args, Number::mul)),
        ("next_toward", |vm, args| two(vm, "next_toward", args, Number::next_toward)),
        ("quantize", |vm, args| two(vm, "quantize", args, Number::quantize)),
        ("remainder", |vm, args| two(vm, "remainder", args, Number::rem)),
        ("remainder_near", |vm, args| two(vm, "remainder_near", args, Number::rem_near)),
        ("rotate", |vm, args| two(vm, "rotate", args, |a, b, rules, status| a.moved(b, true, rules, status))),
        ("same_quantum", |vm, args| {
            let (_, [a, b]) = operands(vm, "same_quantum", args)?;
            Ok(Value::bool(a.same_quantum(&b)))
        }),
        ("scaleb", |vm, args| two(vm, "scaleb", args, Number::scaleb)),
        ("shift", |vm, args| two(vm, "shift", args, |a, b, rules, status| a.moved(b, false, rules, status))),
        ("subtract", |vm, args| two(vm, "subtract", args, Number::sub)),
        ("fma", |vm, args| {
            let (it, [a, b, c]) = operands(vm, "fma", args)?;
            object::finish(vm, data(vm, it)?, |rules, status| a.fma(&b, &c, rules, status))
        }),
        ("power", power),
        ("Etiny", |vm, args| Ok(vm.int(data(vm, method(vm, "Etiny", args, 0, 0)?.0)?.rules.get().etiny()))),
        ("Etop", |vm, args| Ok(vm.int(data(vm, method(vm, "Etop", args, 0, 0)?.0)?.rules.get().etop()))),
        ("radix", |vm, args| {
            method(vm, "radix", args, 0, 0)?;
            Ok(object::value_of(vm, Number::word(10)))
        }),
        ("is_canonical", |vm, args| {
            same(vm, "canonical", args)?;
            Ok(Value::bool(true))
        }),
        ("is_finite", |vm, args| tells(vm, "is_finite", args, |a, _| a.is_finite())),
        ("is_infinite", |vm, args| tells(vm, "is_infinite", args, |a, _| a.is_infinite())),
        ("is_nan", |vm, args| tells(vm, "is_nan", args, |a, _| a.is_nan())),
        ("is_normal", |vm, args| tells(vm, "is_normal", args, Number::is_normal)),
        ("is_qnan", |vm, args| tells(vm, "is_qnan", args, |a, _| a.is_quiet())),
        ("is_signed", |vm, args| tells(vm, "is_signed", args, |a, _| a.negative)),
        ("is_snan", |vm, args| tells(vm, "is_snan", args, |a, _| a.is_signaling())),
        ("is_subnormal", |vm, args| tells(vm, "is_subnormal", args, Number::is_subnormal)),
        ("is_zero", |vm, args| tells(vm, "is_zero", args, |a, _| a.is_zero())),
        ("number_class", |vm, args| {
            let (it, [a]) = operands(vm, "number_class", args)?;
            Ok(vm.str(a.class(&data(vm, it)?.rules.get())))
        }),
        ("to_sci_string", |vm, args| text(vm, "to_sci_string", args, false)),
        ("to_eng_string", |vm, args| text(vm, "to_eng_string", args, true)),
        ("clear_flags", |vm, args| {
            data(vm, method(vm, "clear_flags", args, 0, 0)?.0)?.status.set(0);
            Ok(NONE)
        }),
        ("clear_traps", |vm, args| {
            data(vm, method(vm, "clear_traps", args, 0, 0)?.0)?.traps.set(0);
            Ok(NONE)
        }),
        ("create_decimal", create),
        ("create_decimal_from_float", |vm, args| {
            let (it, values) = method(vm, "create_decimal_from_float", args, 1, 1)?;
            let number = convert::of_float_or_int(vm, &values[0])?;
            object::finish(vm, data(vm, it)?, |rules, status| number.clone().fit(rules, status))
        }),
    ],
    attributes: &[
        attribute!("prec", |vm, context| vm.int(context.rules.get().prec)),
        attribute!("Emax", |vm, context| vm.int(context.rules.get().emax)),
        attribute!("Emin", |vm, context| vm.int(context.rules.get().emin)),
        attribute!("rounding", |vm, context| vm.intern(name_of(context.rules.get().rounding))),
        attribute!("capitals", |vm, context| vm.int(context.capitals.get().into())),
        attribute!("clamp", |vm, context| vm.int(context.rules.get().clamp.into())),
        signals!("flags", status, flags_dict),
        signals!("traps", traps, traps_dict),
    ],
    ..Spec::new(Own::DecimalContext, "decimal.Context")
};

/// A method that gives its argument back, as a number.
fn same(vm: &Vm, name: &str, args: Args<'_>) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    if values[0].data::<Number>().is_some() {
        return Ok(values[0].clone());
    }
    if name == "canonical" {
        return Err(vm.type_error("argument must be a Decimal"));
    }
    Ok(object::value_of(vm, convert::operand_or_raise(vm, &values[0], Some(data(vm, it)?))?))
}

/// A dictionary of signals: the bits of a context.
pub(super) struct Signals(Rc<Cell<u32>>);

impl Data for Signals {}

fn bits<'a>(vm: &Vm, it: &'a Value) -> R<&'a Signals> {
    let signals: &Signals = vm.own_data("SignalDict", it, &SIGNALS_TYPE)?;
    if Rc::strong_count(&signals.0) < 2 {
        // The context is gone.
        return Err(vm.value_error("invalid signal dict"));
    }
    Ok(signals)
}

fn all_classes(vm: &Vm) -> Value {
    vm.tuple(classes_of(vm, u32::MAX))
}

pub(super) static SIGNALS_TYPE: Spec = Spec {
    derivable: true,
    methods: &[
        // One that no context has is of no use.
        ("__new__", |vm, args| Ok(vm.custom_of(split_class(vm, args)?.0, Signals(Rc::default())))),
        ("__len__", |vm, args| {
            bits(vm, method(vm, "__len__", args, 0, 0)?.0)?;
            Ok(vm.int_of_usize(SIGNALS.len()))
        }),
        ("__iter__", |vm, args| {
            bits(vm, method(vm, "__iter__", args, 0, 0)?.0)?;
            vm.iter(&all_classes(vm))
        }),
        ("__getitem__", |vm, args| {
            let (it, values) = method(vm, "__getitem__", args, 1, 1)?;
            Ok(Value::bool(bits(vm, it)?.0.get() & bits_of(vm, &values[0])? != 0))
        }),
        ("__setitem__", |vm, args| {
            let (it, values) = method(vm, "__setitem__", args, 2, 2)?;
            let (of, signals) = (bits_of(vm, &values[0])?, bits(vm, it)?);
            let wanted = vm.truth(&values[1])?;
            let now = signals.0.get();
            signals.0.set(if wanted { now | of } else { now & !of });
            Ok(NONE)
        }),
        ("__delitem__", |vm, _| Err(vm.value_error("signal keys cannot be deleted"))),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let now = bits(vm, it)?.0.get();
            let mut shown = Vec::new();
            for (bits, class) in SIGNALS.iter().zip(classes_of(vm, u32::MAX)) {
                let truth = if now & bits != 0 { "True" } else { "False" };
                shown.push(format!("{}:{truth}", vm.repr_text(&class)?));
            }
            Ok(vm.str(&format!("{{{}}}", shown.join(", "))))
        }),
        ("__eq__", |vm, args| same_signals(vm, "__eq__", args, true)),
        ("__ne__", |vm, args| same_signals(vm, "__ne__", args, false)),
        ("copy", |vm, args| {
            let (it, _) = method(vm, "copy", args, 0, 0)?;
            let (now, made) = (bits(vm, it)?.0.get(), vm.dict());
            if let Some(dict) = made.get::<Dict>() {
                for (bits, class) in SIGNALS.iter().zip(classes_of(vm, u32::MAX)) {
                    dict.set(vm, class, Value::bool(now & bits != 0))?;
                }
            }
            Ok(made)
        }),
    ],
    ..Spec::new(Own::DecimalSignals, "decimal.SignalDictMixin")
};

fn same_signals(vm: &Vm, name: &str, args: Args<'_>, wanted: bool) -> R {
    let (it, values) = method(vm, name, args, 1, 1)?;
    let mine = bits(vm, it)?.0.get();
    let seen = |all: u32| SIGNALS.iter().fold(0u32, |made, bits| made << 1 | u32::from(all & bits != 0));
    match bits_of_dict(vm, &values[0]) {
        Ok(theirs) => Ok(Value::bool((seen(mine) == seen(theirs)) == wanted)),
        Err(_) => {
            vm.pending.set(None);
            Ok(NOT_IMPLEMENTED)
        }
    }
}
