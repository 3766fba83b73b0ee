//! `_operator`: the operators as functions, and callables that fetch items and attributes.

use super::native::{Own, Spec, call_method, index, split_class};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Data, NativeFn, Str, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};

macro_rules! binary {
    ($($name:literal: $op:literal),* $(,)?) => {
        [$(($name, |vm: &Vm, args: Args<'_>| -> R {
            let values = positional(vm, $name, args, 2, 2)?;
            vm.binary(&values[0], &values[1], $op)
        } as NativeFn)),*]
    };
}

macro_rules! compare {
    ($($name:literal: $op:literal),* $(,)?) => {
        [$(($name, |vm: &Vm, args: Args<'_>| -> R {
            let values = positional(vm, $name, args, 2, 2)?;
            vm.compare(&values[0], &values[1], $op)
        } as NativeFn)),*]
    };
}

/// By CPython's numbers of the operations; from 13 on in place.
const BINARY: [(&str, NativeFn); 26] = binary! {
    "add": 0, "and_": 1, "floordiv": 2, "lshift": 3, "matmul": 4, "mul": 5, "mod": 6, "or_": 7, "pow": 8,
    "rshift": 9, "sub": 10, "truediv": 11, "xor": 12, "iadd": 13, "iand": 14, "ifloordiv": 15, "ilshift": 16,
    "imatmul": 17, "imul": 18, "imod": 19, "ior": 20, "ipow": 21, "irshift": 22, "isub": 23, "itruediv": 24,
    "ixor": 25,
};

const COMPARE: [(&str, NativeFn); 6] = compare! { "lt": 0, "le": 1, "eq": 2, "ne": 3, "gt": 4, "ge": 5 };

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("neg", |vm, args| vm.negative(&positional(vm, "neg", args, 1, 1)?[0])),
    ("pos", |vm, args| vm.positive(&positional(vm, "pos", args, 1, 1)?[0])),
    ("inv", |vm, args| vm.invert(&positional(vm, "inv", args, 1, 1)?[0])),
    ("invert", |vm, args| vm.invert(&positional(vm, "invert", args, 1, 1)?[0])),
    ("abs", |vm, args| {
        let values = positional(vm, "abs", args, 1, 1)?;
        vm.call_with(&vm.builtin(&vm.intern("abs"))?, values)
    }),
    ("not_", |vm, args| Ok(Value::bool(!vm.truth(&positional(vm, "not_", args, 1, 1)?[0])?))),
    ("truth", |vm, args| Ok(Value::bool(vm.truth(&positional(vm, "truth", args, 1, 1)?[0])?))),
    ("is_", |vm, args| {
        let values = positional(vm, "is_", args, 2, 2)?;
        Ok(Value::bool(values[0].is(&values[1])))
    }),
    ("is_not", |vm, args| {
        let values = positional(vm, "is_not", args, 2, 2)?;
        Ok(Value::bool(!values[0].is(&values[1])))
    }),
    ("is_none", |vm, args| Ok(Value::bool(positional(vm, "is_none", args, 1, 1)?[0].is_none()))),
    ("is_not_none", |vm, args| Ok(Value::bool(!positional(vm, "is_not_none", args, 1, 1)?[0].is_none()))),
    ("contains", |vm, args| {
        let values = positional(vm, "contains", args, 2, 2)?;
        Ok(Value::bool(vm.contains(&values[0], &values[1])?))
    }),
    ("getitem", |vm, args| {
        let values = positional(vm, "getitem", args, 2, 2)?;
        vm.get_item(&values[0], &values[1])
    }),
    ("setitem", |vm, args| {
        let values = positional(vm, "setitem", args, 3, 3)?;
        vm.set_item(&values[0], &values[1], values[2].clone())?;
        Ok(NONE)
    }),
    ("delitem", |vm, args| {
        let values = positional(vm, "delitem", args, 2, 2)?;
        vm.delete_item(&values[0], &values[1])?;
        Ok(NONE)
    }),
    ("concat", |vm, args| concat(vm, positional(vm, "concat", args, 2, 2)?, 0)),
    ("iconcat", |vm, args| concat(vm, positional(vm, "iconcat", args, 2, 2)?, 13)),
    ("index", |vm, args| {
        let value = &positional(vm, "index", args, 1, 1)?[0];
        if vm.as_big(value).is_some() && !Vm::is_made_by_program(vm.type_of(value)) {
            return vm.positive(value);
        }
        match vm.lookup_special(value, &vm.names.index) {
            Some(method) => {
                let number = vm.call_bound(&method, value, Args { values: &[], names: &[] })?;
                vm.check_index(&number)?;
                vm.positive(&number)
            }
            None => vm.int_of_index(value),
        }
    }),
    ("countOf", |vm, args| {
        let values = positional(vm, "countOf", args, 2, 2)?;
        let source = searched(vm, &values[0])?;
        let mut count = 0;
        while let Some(value) = vm.next(&source)? {
            count += i64::from(vm.equal(&value, &values[1])?);
        }
        Ok(vm.int(count))
    }),
    ("indexOf", |vm, args| {
        let values = positional(vm, "indexOf", args, 2, 2)?;
        let source = searched(vm, &values[0])?;
        let mut at = 0;
        while let Some(value) = vm.next(&source)? {
            if vm.equal(&value, &values[1])? {
                return Ok(vm.int(at));
            }
            at += 1;
        }
        Err(vm.value_error("sequence.index(x): x not in sequence"))
    }),
    ("length_hint", |vm, args| {
        let values = positional(vm, "length_hint", args, 1, 2)?;
        let default = match values.get(1) {
            Some(value) => match vm.as_i64(value) {
                Some(number) => number,
                None => {
                    let got = vm.type_name(value);
                    return Err(vm.type_error(format!("'{got}' object cannot be interpreted as an integer")));
                }
            },
            None => 0,
        };
        Ok(vm.int(vm.length_hint(&values[0], default)?))
    }),
    ("call", |vm, args| match args.values.split_first() {
        Some((callable, values)) if values.len() >= args.names.len() => {
            vm.call(callable, Args { values, names: args.names })
        }
        _ => Err(vm.type_error("call expected at least 1 argument, got 0")),
    }),
    ("_compare_digest", |vm, args| {
        let values = positional(vm, "_compare_digest", args, 2, 2)?;
        compare_digest(vm, &values[0], &values[1])
    }),
];

/// `_operator`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, &BINARY);
    vm.put_functions(module, &COMPARE);
    vm.put_functions(module, FUNCTIONS);
    for spec in [&ITEM_GETTER, &ATTR_GETTER, &METHOD_CALLER] {
        vm.put_type(module, spec);
    }
    Ok(())
}

fn concat(vm: &Vm, values: &[Value], op: u32) -> R {
    if vm.lookup_special(&values[0], &vm.names.getitem).is_none() {
        let got = vm.type_name(&values[0]);
        return Err(vm.type_error(format!("'{got}' object can't be concatenated")));
    }
    vm.binary(&values[0], &values[1], op)
}

/// An iterator of what something is looked for in. CPython: `_PySequence_IterSearch`.
fn searched(vm: &Vm, value: &Value) -> R {
    vm.iter(value).map_err(|raised| {
        if !vm.pending_is(Exc::TypeError) || vm.lookup_special(value, &vm.names.iter).is_some() {
            return raised;
        }
        vm.pending.set(None);
        let got = vm.type_name(value);
        vm.type_error(format!("argument of type '{got}' is not iterable"))
    })
}

/// Compares texts or bytes in a time that does not depend on what is in them.
pub(crate) fn compare_digest(vm: &Vm, a: &Value, b: &Value) -> R {
    let (a, b) = match (a.get::<Str>(), b.get::<Str>()) {
        (Some(a), Some(b)) => match (a.ascii(), b.ascii()) {
            (Some(a), Some(b)) => (a.as_bytes().to_vec(), b.as_bytes().to_vec()),
            _ => {
                return Err(vm.type_error("comparing strings with non-ASCII characters is not supported"));
            }
        },
        _ => match (vm.byte_data(a), vm.byte_data(b)) {
            (Some(x), Some(y)) => (x, y),
            (x, _) => {
                let other = if x.is_some() { b } else { a };
                let other = vm.type_name(other);
                let message = if a.get::<Str>().is_some() || b.get::<Str>().is_some() {
                    let (a, b) = (vm.type_name(a), vm.type_name(b));
                    format!("unsupported operand types(s) or combination of types: '{a}' and '{b}'")
                } else {
                    format!("a bytes-like object is required, not '{other}'")
                };
                return Err(vm.type_error(message));
            }
        },
    };
    let mut differs = a.len() != b.len();
    let other = if differs { &a } else { &b };
    let mut bits = 0;
    for (x, y) in a.iter().zip(other) {
        bits |= x ^ y;
    }
    differs |= bits != 0;
    Ok(Value::bool(!differs))
}

impl Vm {
    /// An int for what is none: raises.
    fn int_of_index(&self, value: &Value) -> R {
        index(self, value).map(|number| self.int(number))
    }

    /// How many values there may be in an iterable. CPython: `PyObject_LengthHint`.
    pub(crate) fn length_hint(&self, value: &Value, default: i64) -> R<i64> {
        if self.lookup_special(value, &self.names.len).is_some() {
            match self.len(value) {
                Ok(len) => return Ok(len),
                Err(Raised) if self.pending_is(Exc::TypeError) => self.pending.set(None),
                Err(Raised) => return Err(Raised),
            }
        }
        if let Some(iter) = value.get::<crate::object::Iter>()
            && let Some(hint) = self.hint_of_iter(iter)
        {
            return Ok(hint);
        }
        let Some(method) = self.lookup_special(value, &self.names.length_hint) else { return Ok(default) };
        let hint = match self.call_bound(&method, value, Args { values: &[], names: &[] }) {
            Ok(hint) => hint,
            Err(Raised) if self.pending_is(Exc::TypeError) => {
                self.pending.set(None);
                return Ok(default);
            }
            Err(Raised) => return Err(Raised),
        };
        if hint.is_not_implemented() {
            return Ok(default);
        }
        match self.as_i64(&hint) {
            Some(hint) if hint >= 0 => Ok(hint),
            Some(_) => Err(self.value_error("__length_hint__() should return >= 0")),
            None => {
                let got = self.type_name(&hint);
                Err(self.type_error(format!("__length_hint__ must be an integer, not {got}")))
            }
        }
    }

    /// How many values an iterator of the interpreter's own has left, where that is known.
    fn hint_of_iter(&self, iter: &crate::object::Iter) -> Option<i64> {
        use crate::object::IterState as State;
        Some(match &*iter.state.try_borrow().ok()? {
            State::Done => 0,
            State::Range(range) => range.len(),
            State::List(list, at) => {
                list.get::<crate::object::List>().map_or(0, |it| it.len() as i64 - *at as i64).max(0)
            }
            State::ListReversed(_, at) => *at as i64,
            State::Tuple(tuple, at) => {
                tuple.get::<Tuple>().map_or(0, |it| it.items.len() as i64 - *at as i64).max(0)
            }
            State::Str(text, at) => text.get::<Str>().map_or(0, |it| it.len() as i64 - *at as i64).max(0),
            _ => return None,
        })
    }
}

static ITEM_GETTER: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            if args.values.is_empty() {
                return Err(vm.type_error("itemgetter expected 1 argument, got 0"));
            }
            let keys = positional(vm, "itemgetter", args, 1, usize::MAX)?;
            Ok(vm.custom_of(class, ItemGetter { keys: keys.to_vec() }))
        }),
        ("__call__", call_method),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let data: &ItemGetter = vm.own_data("__repr__", it, &ITEM_GETTER)?;
            shown(vm, it, &data.keys, &[])
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let data: &ItemGetter = vm.own_data("__reduce__", it, &ITEM_GETTER)?;
            Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(data.keys.clone())]))
        }),
    ],
    ..Spec::new(Own::ItemGetter, "operator.itemgetter")
};

struct ItemGetter {
    keys: Vec<Value>,
}

/// `name(a, b, key=c)`
fn shown(vm: &Vm, it: &Value, values: &[Value], named: &[(Value, Value)]) -> R {
    let mut texts = Vec::new();
    for value in values {
        texts.push(vm.repr_text(value)?);
    }
    for (name, value) in named {
        texts.push(format!("{}={}", vm.text_of(name), vm.repr_text(value)?));
    }
    Ok(vm.str(&format!("{}({})", vm.full_name(vm.type_of(it)), texts.join(", "))))
}

impl Data for ItemGetter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.keys.iter().for_each(see);
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some((|| {
            let object = &positional(vm, "itemgetter", args, 1, 1)?[0];
            if let [key] = &self.keys[..] {
                return vm.get_item(object, key);
            }
            let mut row = Vec::with_capacity(self.keys.len());
            for key in &self.keys {
                row.push(vm.get_item(object, key)?);
            }
            Ok(vm.tuple(row))
        })())
    }
}

static ATTR_GETTER: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let names = positional(vm, "attrgetter", args, 1, usize::MAX)?;
            let mut paths = Vec::with_capacity(names.len());
            for name in names {
                if name.get::<Str>().is_none() {
                    return Err(vm.type_error("attribute name must be a string"));
                }
                let text = vm.text_of(name);
                paths.push(text.split('.').map(|part| vm.intern(part)).collect());
            }
            Ok(vm.custom_of(class, AttrGetter { names: names.to_vec(), paths }))
        }),
        ("__call__", call_method),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let data: &AttrGetter = vm.own_data("__repr__", it, &ATTR_GETTER)?;
            shown(vm, it, &data.names, &[])
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let data: &AttrGetter = vm.own_data("__reduce__", it, &ATTR_GETTER)?;
            Ok(vm.tuple(vec![vm.class_of(it), vm.tuple(data.names.clone())]))
        }),
    ],
    ..Spec::new(Own::AttrGetter, "operator.attrgetter")
};

struct AttrGetter {
    names: Vec<Value>,
    paths: Vec<Vec<Value>>,
}

impl Data for AttrGetter {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        self.names.iter().chain(self.paths.iter().flatten()).for_each(see);
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        let get = |object: &Value, path: &[Value]| -> R {
            let mut object = object.clone();
            for name in path {
                object = vm.get_attribute(&object, name)?;
            }
            Ok(object)
        };
        Some((|| {
            let object = &positional(vm, "attrgetter", args, 1, 1)?[0];
            if let [path] = &self.paths[..] {
                return get(object, path);
            }
            let mut row = Vec::with_capacity(self.paths.len());
            for path in &self.paths {
                row.push(get(object, path)?);
            }
            Ok(vm.tuple(row))
        })())
    }
}

static METHOD_CALLER: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = split_class(vm, args)?;
            let count = args.values.len() - args.names.len();
            let Some((name, values)) = args.values.split_first().filter(|_| count > 0) else {
                return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
            };
            if name.get::<Str>().is_none() {
                return Err(vm.type_error("method name must be a string"));
            }
            let data = MethodCaller {
                name: vm.intern_value(name),
                values: values.to_vec(),
                names: args.names.to_vec(),
            };
            Ok(vm.custom_of(class, data))
        }),
        ("__call__", call_method),
        ("__repr__", |vm, args| {
            let (it, _) = method(vm, "__repr__", args, 0, 0)?;
            let data: &MethodCaller = vm.own_data("__repr__", it, &METHOD_CALLER)?;
            let (plain, named) = data.split();
            let mut values = vec![data.name.clone()];
            values.extend_from_slice(plain);
            shown(vm, it, &values, &named)
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            let data: &MethodCaller = vm.own_data("__reduce__", it, &METHOD_CALLER)?;
            let (plain, named) = data.split();
            let mut row = vec![data.name.clone()];
            let class = vm.class_of(it);
            if named.is_empty() {
                row.extend_from_slice(plain);
                return Ok(vm.tuple(vec![class, vm.tuple(row)]));
            }
            let partial = vm.own(&super::functools::PARTIAL).value().clone();
            row.insert(0, class);
            let names: Vec<Value> = named.iter().map(|(name, _)| name.clone()).collect();
            row.extend(named.into_iter().map(|(_, value)| value));
            let made = vm.call(&partial, Args { values: &row, names: &names })?;
            Ok(vm.tuple(vec![made, vm.tuple(plain.to_vec())]))
        }),
    ],
    ..Spec::new(Own::MethodCaller, "operator.methodcaller")
};

struct MethodCaller {
    name: Value,
    values: Vec<Value>,
    names: Vec<Value>,
}

impl MethodCaller {
    fn split(&self) -> (&[Value], Vec<(Value, Value)>) {
        let (plain, named) = self.values.split_at(self.values.len() - self.names.len());
        (plain, self.names.iter().cloned().zip(named.iter().cloned()).collect())
    }
}

impl Data for MethodCaller {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        see(&self.name);
        self.values.iter().chain(&self.names).for_each(see);
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        Some((|| {
            let object = &positional(vm, "methodcaller", args, 1, 1)?[0];
            let found = vm.get_attribute(object, &self.name)?;
            vm.call(&found, Args { values: &self.values, names: &self.names })
        })())
    }
}
