//! Operators.

use super::integer::Number;
use crate::object::callable::Args;
use crate::object::{Bytes, Dict, Kind, List, Set, Str, Tuple, View};
use crate::value::Value;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use std::ptr;

/// How binary operations are written, by CPython's numbers.
const SYMBOLS: [&str; 13] = ["+", "&", "//", "<<", "@", "*", "%", "|", "** or pow()", ">>", "-", "/", "^"];

/// The operator with CPython's number `NB_…`, in place or not.
pub(crate) fn symbol(number: u32) -> &'static str {
    SYMBOLS.get(number as usize % SYMBOLS.len()).copied().unwrap_or_default()
}

impl Vm {
    /// The names of a binary operation's methods: in place, plain, reflected.
    fn operation_names(&self, op: u32) -> [&Value; 3] {
        let n = &self.names;
        match op {
            0 => [&n.iadd, &n.add, &n.radd],
            1 => [&n.iand, &n.and, &n.rand],
            2 => [&n.ifloordiv, &n.floordiv, &n.rfloordiv],
            3 => [&n.ilshift, &n.lshift, &n.rlshift],
            4 => [&n.imatmul, &n.matmul, &n.rmatmul],
            5 => [&n.imul, &n.mul, &n.rmul],
            6 => [&n.imod, &n.mod_, &n.rmod],
            7 => [&n.ior, &n.or, &n.ror],
            8 => [&n.ipow, &n.pow, &n.rpow],
            9 => [&n.irshift, &n.rshift, &n.rrshift],
            10 => [&n.isub, &n.sub, &n.rsub],
            11 => [&n.itruediv, &n.truediv, &n.rtruediv],
            _ => [&n.ixor, &n.xor, &n.rxor],
        }
    }

    /// `a op b`, by CPython's number of the operation; from 13 on in place.
    ///
    /// # Errors
    /// An exception was raised.
    pub fn binary(&self, a: &Value, b: &Value, op: u32) -> R {
        let (kind, in_place) = (op % 13, op >= 13);
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let made = Vm::is_made_by_program(ta) || Vm::is_made_by_program(tb);
        if !made {
            if in_place && let Some(value) = self.in_place(a, b, kind)? {
                return Ok(value);
            }
            if let Some(value) = self.plain_binary(a, b, kind)? {
                return Ok(value);
            }
            if kind == 7 && (a.has_kind(Kind::Proxy) || b.has_kind(Kind::Proxy)) {
                return self.join_proxies(a, b, in_place);
            }
            return Err(self.unsupported(a, b, kind, in_place));
        }
        let same = ptr::eq(ta, tb);
        if same || a.is_small() || b.is_small() {
            let (own, ty) = if a.is_small() { (b, tb) } else { (a, ta) };
            if let Some(custom) = own.get::<crate::object::Custom>()
                && !ty.is_counted()
                && let Some(result) = custom.data.operate(self, a, b, kind)
            {
                return result;
            }
        }
        let [iname, name, rname] = self.operation_names(kind);
        let call = |receiver: &Value, other: &Value, name: &Value| -> R<Option<Value>> {
            let Some(method) = self.lookup_special(receiver, name) else { return Ok(None) };
            let args = Args { values: std::slice::from_ref(other), names: &[] };
            let value = self.call_bound(&method, receiver, args)?;
            Ok((!value.is_not_implemented()).then_some(value))
        };
        if in_place {
            // Joining is what a sequence does when no number's method did anything.
            if kind == 0
                && (a.has_kind(Kind::List) || a.has_kind(Kind::Bytearray))
                && Vm::is_made_by_program(tb)
                && !Vm::is_made_by_program(ta)
                && let Some(value) = call(b, a, rname)?
            {
                return Ok(value);
            }
            if let Some(value) = call(a, b, iname)? {
                return Ok(value);
            }
            if !Vm::is_made_by_program(ta)
                && let Some(value) = self.in_place(a, b, kind)?
            {
                return Ok(value);
            }
        }
        let left = |vm: &Vm| -> R<Option<Value>> {
            if Vm::is_made_by_program(ta) {
                if let Some(value) = call(a, b, name)? {
                    return Ok(Some(value));
                }
                if vm.lookup(ta, name).is_some() {
                    return Ok(None);
                }
            }
            vm.plain_binary(a, b, kind)
        };
        let right = |vm: &Vm| -> R<Option<Value>> {
            if ptr::eq(ta, tb) {
                return Ok(None);
            }
            if !Vm::is_made_by_program(tb) {
                // An instance of a class derived from a number is one to the other's type.
                return if vm.as_number(a).is_some() { vm.plain_binary(a, b, kind) } else { Ok(None) };
            }
            call(b, a, rname)
        };
        // A reflected method of a derived type goes first.
        let derived_first = !ptr::eq(ta, tb)
            && tb.is_subtype(ta)
            && match (self.lookup(tb, rname), self.lookup(ta, rname)) {
                (Some(b), Some(a)) => !a.is(&b),
                (Some(_), None) => true,
                _ => false,
            };
        let value = if derived_first {
            match right(self)? {
                Some(value) => Some(value),
                None => left(self)?,
            }
        } else {
            match left(self)? {
                Some(value) => Some(value),
                None => right(self)?,
            }
        };
        value.ok_or_else(|| self.unsupported(a, b, kind, in_place))
    }

    /// The method of an instance that does an operation, where it is the first one to be asked.
    pub(crate) fn operator_method(&self, a: &Value, b: &Value, op: u32) -> Option<Value> {
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let [iname, name, _] = self.operation_names(op % 13);
        if (op >= 13 && self.lookup(ta, iname).is_some()) || (!ptr::eq(ta, tb) && tb.is_subtype(ta)) {
            return None;
        }
        self.lookup(ta, name)
    }

    /// What an operation comes to whose first method said that it does not do it.
    ///
    /// # Errors
    /// The other one does not do it, or raises.
    pub(crate) fn binary_refused(&self, a: &Value, b: &Value, op: u32) -> R {
        let (kind, in_place) = (op % 13, op >= 13);
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        if !ptr::eq(ta, tb)
            && Vm::is_made_by_program(tb)
            && let Some(method) = self.lookup(tb, self.operation_names(kind)[2])
        {
            let value = self.call_bound(&method, b, Args { values: std::slice::from_ref(a), names: &[] })?;
            if !value.is_not_implemented() {
                return Ok(value);
            }
        }
        Err(self.unsupported(a, b, kind, in_place))
    }

    #[cold]
    fn unsupported(&self, a: &Value, b: &Value, kind: u32, in_place: bool) -> crate::vm::Raised {
        let symbol = SYMBOLS[kind as usize];
        if kind == 0 && !in_place {
            if a.get::<Str>().is_some() {
                // The name that CPython has for a type of its own that is no built-in one has its module in it.
                let name = match self.full_name(self.type_of(b)) {
                    full if full.starts_with("string.templatelib.") => full,
                    _ => self.type_name(b),
                };
                return self.type_error(format!("can only concatenate str (not \"{name}\") to str"));
            }
            for (kind, name) in [(Kind::Bytes, "bytes"), (Kind::Bytearray, "bytearray")] {
                if a.has_kind(kind) {
                    let other = self.type_name(b);
                    return self.type_error(format!("can't concat {other} to {name}"));
                }
            }
            for (kind, name) in [(Kind::List, "list"), (Kind::Tuple, "tuple")] {
                if a.has_kind(kind) {
                    let other = self.type_name(b);
                    let message = format!("can only concatenate {name} (not \"{other}\") to {name}");
                    return self.type_error(message);
                }
            }
        }
        let is_sequence = |it: &Value| {
            [Kind::Str, Kind::List, Kind::Tuple, Kind::Bytes].iter().any(|&kind| it.has_kind(kind))
        };
        if kind == 5 && (is_sequence(a) || is_sequence(b)) {
            let other = if is_sequence(a) { b } else { a };
            let name = self.type_name(other);
            return self.type_error(format!("can't multiply sequence by non-int of type '{name}'"));
        }
        let symbol = match (in_place, kind) {
            (true, 8) => "**=".to_owned(),
            (true, _) => format!("{symbol}="),
            _ => symbol.to_owned(),
        };
        let (a, b) = (self.type_name(a), self.type_name(b));
        self.type_error(format!("unsupported operand type(s) for {symbol}: '{a}' and '{b}'"))
    }

    /// The operation of the interpreter's own types in place; `None` where it is none of its own.
    pub(crate) fn in_place(&self, a: &Value, b: &Value, kind: u32) -> R<Option<Value>> {
        if let Some(list) = a.get::<List>() {
            if kind == 0 {
                let more = self.collect(b)?;
                list.items.borrow_mut().extend(more);
                return Ok(Some(a.clone()));
            }
            if kind == 5
                && let Some(times) = self.index_of(b)?
            {
                let items = list.snapshot();
                let repeated = self.repeat(&items, times)?;
                drop(list.replace(repeated));
                return Ok(Some(a.clone()));
            }
        }
        if let Some(array) = a.get::<crate::object::Bytearray>() {
            if kind == 0 {
                let Some(more) = self.buffer_or_none(b)? else {
                    let (other, own) = (self.type_name(b), self.type_name(a));
                    return Err(self.type_error(format!("can't concat {other} to {own}")));
                };
                if !more.is_empty() {
                    self.check_exports(array)?;
                }
                array.data.borrow_mut().extend_from_slice(&more);
                return Ok(Some(a.clone()));
            }
            if kind == 5
                && let Some(times) = self.as_i64(b)
            {
                if let Some(repeated) = self.repeat_sequence(a, times)? {
                    let repeated = self.byte_data(&repeated).unwrap_or_default();
                    self.check_exports(array)?;
                    *array.data.borrow_mut() = repeated;
                }
                return Ok(Some(a.clone()));
            }
        }
        if let (Some(dict), 7) = (a.get::<Dict>(), kind) {
            self.update_dict(dict, b)?;
            return Ok(Some(a.clone()));
        }
        if let (Some(set), Some(other)) = (a.get::<Set>(), b.get::<Set>())
            && ptr::eq(self.type_of(a), &raw const *self.types.set)
        {
            let others = other.snapshot();
            match kind {
                7 => {
                    for key in others {
                        set.add(self, key)?;
                    }
                }
                10 => {
                    for key in others {
                        set.remove(self, &key)?;
                    }
                }
                1 => {
                    for key in set.snapshot() {
                        if !other.contains(self, &key)? {
                            set.remove(self, &key)?;
                        }
                    }
                }
                12 => {
                    for key in others {
                        if set.remove(self, &key)?.is_none() {
                            set.add(self, key)?;
                        }
                    }
                }
                _ => return Ok(None),
            }
            return Ok(Some(a.clone()));
        }
        Ok(None)
    }

    /// `items * times`
    pub(crate) fn repeat(&self, items: &[Value], times: i64) -> R<Vec<Value>> {
        let times = usize::try_from(times).unwrap_or(0);
        self.check_room_of(items.len(), times.saturating_mul(size_of::<Value>()))?;
        let mut repeated = Vec::with_capacity(items.len() * times);
        for _ in 0..times {
            repeated.extend_from_slice(items);
        }
        Ok(repeated)
    }

    /// The operation of the interpreter's own types; `None` where it is none of its own.
    pub(crate) fn plain_binary(&self, a: &Value, b: &Value, kind: u32) -> R<Option<Value>> {
        // No layout knows `@`.
        if kind == 4 {
            return Ok(None);
        }
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            if let (Some(x), Some(y), 1 | 7 | 12) = (a.as_bool(), b.as_bool(), kind) {
                let truth = match kind {
                    1 => x & y,
                    7 => x | y,
                    _ => x ^ y,
                };
                return Ok(Some(Value::bool(truth)));
            }
            return self.arithmetic(x, y, kind);
        }
        if (a.has_kind(Kind::Complex) || b.has_kind(Kind::Complex)) && matches!(kind, 0 | 5 | 8 | 10 | 11) {
            return self.complex_arithmetic(a, b, kind);
        }
        match kind {
            0 => self.concatenate(a, b),
            5 => match (self.as_i64(a), self.as_i64(b)) {
                (_, Some(times)) => self.repeat_sequence(a, times),
                (Some(times), _) => self.repeat_sequence(b, times),
                _ => {
                    let repeats = |it: &Value| {
                        matches!(
                            it.header().map(|it| it.kind),
                            Some(Kind::Str | Kind::List | Kind::Tuple | Kind::Bytes | Kind::Bytearray)
                        )
                    };
                    let (sequence, number) = match (repeats(a), repeats(b)) {
                        (true, false) => (a, b),
                        (false, true) => (b, a),
                        _ => return Ok(None),
                    };
                    if number.has_kind(Kind::Int) {
                        let message = "cannot fit 'int' into an index-sized integer";
                        return Err(self.raise(crate::builtins::exceptions::Exc::OverflowError, message));
                    }
                    match self.index_of(number)? {
                        Some(times) => self.repeat_sequence(sequence, times),
                        None => Ok(None),
                    }
                }
            },
            6 => self.percent(a, b),
            7 if self.makes_union(a) && self.makes_union(b) => {
                if a.is_none() && b.is_none() {
                    return Ok(None);
                }
                self.helper("make_union", &[a.clone(), b.clone()]).map(Some)
            }
            7 if a.get::<Dict>().is_some() && b.get::<Dict>().is_some() => {
                let result = self.dict();
                if let (Some(to), Some(a), Some(b)) = (result.get::<Dict>(), a.get::<Dict>(), b.get::<Dict>())
                {
                    to.copy_from(a);
                    for (key, value) in b.snapshot() {
                        to.set(self, key, value)?;
                    }
                }
                Ok(Some(result))
            }
            1 | 7 | 10 | 12 => self.set_operation(a, b, kind),
            _ => Ok(None),
        }
    }

    fn concatenate(&self, a: &Value, b: &Value) -> R<Option<Value>> {
        if let (Some(x), Some(y)) = (a.get::<Str>(), b.get::<Str>()) {
            self.check_room_of(x.len() + y.len(), 2)?;
            if let (Some(x), Some(y)) = (x.ascii(), y.ascii()) {
                let mut text = String::with_capacity(x.len() + y.len());
                text.push_str(x);
                text.push_str(y);
                return Ok(Some(self.str(&text)));
            }
            let mut points = x.points();
            points.extend(y.points());
            return Ok(Some(self.str_of_points(&points)));
        }
        if let (Some(x), Some(y)) = (a.get::<List>(), b.get::<List>()) {
            self.check_room_of(x.len() + y.len(), size_of::<Value>())?;
            let mut items = x.snapshot();
            items.extend(y.snapshot());
            return Ok(Some(self.list(items)));
        }
        if let (Some(x), Some(y)) = (a.get::<Tuple>(), b.get::<Tuple>()) {
            self.check_room_of(x.items.len() + y.items.len(), size_of::<Value>())?;
            let items = x.items.iter().chain(y.items.iter()).cloned().collect();
            return Ok(Some(self.tuple(items)));
        }
        if let (Some(x), Some(y)) = (a.get::<Bytes>(), b.get::<Bytes>()) {
            self.check_room_of(x.data.len() + y.data.len(), 2)?;
            return Ok(Some(self.bytes([&x.data[..], &y.data[..]].concat())));
        }
        let is_bytes = |it: &Value| it.has_kind(Kind::Bytes) || it.has_kind(Kind::Bytearray);
        if is_bytes(a)
            && let (Some(mut x), Some(y)) = (self.byte_data(a), self.buffer_or_none(b)?)
        {
            x.extend_from_slice(&y);
            return Ok(Some(if a.has_kind(Kind::Bytearray) { self.bytearray(x) } else { self.bytes(x) }));
        }
        Ok(None)
    }

    /// Is there room for `count` times `length`? What no index could reach is said of those that CPython says it of:
    /// strings and bytes.
    fn check_length(&self, length: usize, count: usize, what: &str) -> R<()> {
        use crate::builtins::exceptions::Exc;
        match length.checked_mul(count).filter(|&total| isize::try_from(total).is_ok()) {
            // The result is put together before it is copied to its object.
            Some(total) => self.check_room(total.saturating_mul(2)),
            None if !what.is_empty() => {
                Err(self.raise(Exc::OverflowError, format!("repeated {what} too long")))
            }
            None => Err(self.raise(Exc::MemoryError, "")),
        }
    }

    fn repeat_sequence(&self, sequence: &Value, times: i64) -> R<Option<Value>> {
        let count = usize::try_from(times).unwrap_or(0);
        let exactly =
            |ty: &crate::builtins::types::TypeRef| std::ptr::eq(self.type_of(sequence), &raw const **ty);
        if count == 1
            && (exactly(&self.types.str) || exactly(&self.types.tuple) || exactly(&self.types.bytes))
        {
            return Ok(Some(sequence.clone()));
        }
        if let Some(string) = sequence.get::<Str>() {
            self.check_length(string.len(), count, "string is")?;
            return Ok(Some(match string.ascii() {
                Some(text) => self.str(&text.repeat(count)),
                None => self.str_of_points(&string.points().repeat(count)),
            }));
        }
        if let Some(list) = sequence.get::<List>() {
            return Ok(Some(self.list(self.repeat(&list.snapshot(), times)?)));
        }
        if let Some(tuple) = sequence.get::<Tuple>() {
            return Ok(Some(self.tuple(self.repeat(&tuple.items, times)?)));
        }
        let bytes = match (sequence.get::<Bytes>(), sequence.get::<crate::object::Bytearray>()) {
            (Some(bytes), _) => bytes.data.len(),
            (_, Some(array)) => array.data.borrow().len(),
            _ => 0,
        };
        let what = if sequence.has_kind(Kind::Bytearray) { "" } else { "bytes are" };
        self.check_length(bytes, count, what)?;
        if let Some(bytes) = sequence.get::<Bytes>() {
            return Ok(Some(self.bytes(bytes.data.repeat(count))));
        }
        if let Some(array) = sequence.get::<crate::object::Bytearray>() {
            return Ok(Some(self.bytearray(array.data.borrow().repeat(count))));
        }
        Ok(None)
    }

    fn set_operation(&self, a: &Value, b: &Value, kind: u32) -> R<Option<Value>> {
        let is_set = |it: &Value| it.has_kind(Kind::Set);
        let view = |it: &Value| it.get::<View>().is_some_and(|it| it.kind != crate::object::ViewKind::Values);
        if !(is_set(a) && is_set(b) || view(a) || view(b)) {
            return Ok(None);
        }
        if kind == 1 && !(is_set(a) && is_set(b)) {
            return self.view_intersection(a, b).map(Some);
        }
        let (x, y) = (self.collect(a)?, self.collect(b)?);
        let other = |items: &[Value]| -> R<Set> {
            let set = Set::default();
            for item in items {
                set.add(self, item.clone())?;
            }
            Ok(set)
        };
        let result = Set::default();
        match kind {
            7 => {
                for key in x.into_iter().chain(y) {
                    result.add(self, key)?;
                }
            }
            12 => {
                let (sx, sy) = (other(&x)?, other(&y)?);
                for key in x {
                    if !sy.contains(self, &key)? {
                        result.add(self, key)?;
                    }
                }
                for key in y {
                    if !sx.contains(self, &key)? {
                        result.add(self, key)?;
                    }
                }
            }
            _ => {
                let sy = other(&y)?;
                // CPython goes through the smaller one for what both have.
                let (from, to) = if kind == 1 && y.len() <= x.len() && a.get::<Set>().is_some() {
                    (y, other(&x)?)
                } else {
                    (x, sy)
                };
                for key in from {
                    if to.contains(self, &key)? == (kind == 1) {
                        result.add(self, key)?;
                    }
                }
            }
        }
        let ty = if ptr::eq(self.type_of(a), &raw const *self.types.frozenset) {
            &self.types.frozenset
        } else {
            &self.types.set
        };
        Ok(Some(crate::heap::allocate(self, ty, result)))
    }

    /// What a view of a dict and an iterable both have. CPython: `_PyDictView_Intersect`.
    fn view_intersection(&self, a: &Value, b: &Value) -> R {
        let (view, other) = if a.get::<View>().is_some() { (a, b) } else { (b, a) };
        if let Some(set) = other.get::<Set>()
            && self.len(view)? <= set.len() as i64
        {
            let common = crate::builtins::containers::common(self, set, view)?;
            return Ok(crate::heap::allocate(self, &self.types.set, common));
        }
        let result = Set::default();
        for key in self.collect(other)? {
            if self.contains(view, &key)? {
                result.add(self, key)?;
            }
        }
        Ok(crate::heap::allocate(self, &self.types.set, result))
    }

    /// May it be a part of a union of types?
    fn makes_union(&self, value: &Value) -> bool {
        value.is_none() || value.has_kind(Kind::Type)
    }

    fn unary_method(&self, value: &Value, name: &Value, symbol: &str) -> R {
        match self.lookup_special(value, name) {
            Some(method) => self.call_bound(&method, value, Args { values: &[], names: &[] }),
            None => {
                let message = format!("bad operand type for unary {symbol}: '{}'", self.type_name(value));
                Err(self.type_error(message))
            }
        }
    }

    /// `-value`
    pub(crate) fn negative(&self, value: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value)) {
            return self.unary_method(value, &self.names.neg, "-");
        }
        match self.as_number(value) {
            Some(Number::Small(number)) => Ok(self.int_of_big(-BigInt::from(number))),
            Some(Number::Big(number)) => Ok(self.int_of_big(-number)),
            Some(Number::Float(number)) => Ok(self.float(-number)),
            None => self.unary_method(value, &self.names.neg, "-"),
        }
    }

    /// `+value`
    pub(crate) fn positive(&self, value: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value)) {
            return self.unary_method(value, &self.names.pos, "+");
        }
        match self.as_number(value) {
            Some(Number::Small(number)) => Ok(self.int(number)),
            Some(_) => Ok(value.clone()),
            None => self.unary_method(value, &self.names.pos, "+"),
        }
    }

    /// `~value`
    pub(crate) fn invert(&self, value: &Value) -> R {
        if Vm::is_made_by_program(self.type_of(value)) {
            return self.unary_method(value, &self.names.invert, "~");
        }
        if value.as_bool().is_some() {
            let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This \
                           returns the bitwise inversion of the underlying int object and is usually not what you \
                           expect from the negation of a bool object. Use the 'not' operator for boolean negation \
                           or ~int(x) for the underlying int.";
            self.warn(crate::builtins::exceptions::Exc::DeprecationWarning, message)?;
        }
        match self.as_number(value) {
            Some(Number::Small(number)) => Ok(self.int(!number)),
            Some(Number::Big(number)) => Ok(self.int_of_big(!number)),
            _ => self.unary_method(value, &self.names.invert, "~"),
        }
    }
}
