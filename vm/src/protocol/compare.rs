//! Equality, order, truth, hashes.

use super::integer::Number;
use crate::builtins::big_range::BigRange;
use crate::builtins::exceptions::Exc;
use crate::object::callable::Args;
use crate::object::{
    Bytearray, Bytes, Complex, Dict, Iter, Kind, List, Range, Set, Slice, Str, Tuple, TypeFlags, View,
};
use crate::value::{NOT_IMPLEMENTED, Value};
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use siphasher::sip::SipHasher13;
use std::cmp::Ordering;
use std::hash::Hasher;

const SYMBOLS: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];
/// The modulus of numeric hashes.
const MODULUS: u64 = (1 << 61) - 1;

fn holds(order: Option<Ordering>, op: u32) -> bool {
    match (order, op) {
        (None, 3) => true,
        (None, _) => false,
        (Some(order), 0) => order.is_lt(),
        (Some(order), 1) => order.is_le(),
        (Some(order), 2) => order.is_eq(),
        (Some(order), 3) => order.is_ne(),
        (Some(order), 4) => order.is_gt(),
        (Some(order), _) => order.is_ge(),
    }
}

/// The order of an int and a float, exactly.
fn int_with_float(int: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = float.trunc();
    // A whole float is an int.
    let other = num_traits::FromPrimitive::from_f64(whole).unwrap_or_else(|| BigInt::from(0));
    Some(int.cmp(&other).then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)))
}

/// The comparison that is another one with its sides exchanged.
const MIRRORED: [u32; 6] = [4, 5, 2, 3, 0, 1];
/// How many tuples in each other are compared without counting calls.
const DEEPEST_PLAIN: u32 = 50;

impl Vm {
    fn order_of_numbers(a: &Number, b: &Number) -> Option<Ordering> {
        match (a, b) {
            (Number::Small(a), Number::Small(b)) => Some(a.cmp(b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
            (Number::Big(a), Number::Big(b)) => Some(a.cmp(b)),
            (Number::Small(a), Number::Big(b)) => Some(BigInt::from(*a).cmp(b)),
            (Number::Big(a), Number::Small(b)) => Some(a.cmp(&BigInt::from(*b))),
            (Number::Small(a), Number::Float(b)) => int_with_float(&BigInt::from(*a), *b),
            (Number::Big(a), Number::Float(b)) => int_with_float(a, *b),
            (Number::Float(a), Number::Small(b)) => {
                int_with_float(&BigInt::from(*b), *a).map(Ordering::reverse)
            }
            (Number::Float(a), Number::Big(b)) => int_with_float(b, *a).map(Ordering::reverse),
        }
    }

    /// Are the two equal, where no program has to be asked?
    #[inline]
    pub(crate) fn equal_plain(&self, a: &Value, b: &Value) -> Option<bool> {
        self.equal_within(a, b, DEEPEST_PLAIN)
    }

    /// The same of tuples in so many tuples; deeper ones are compared where calls are counted.
    fn equal_within(&self, a: &Value, b: &Value, depth: u32) -> Option<bool> {
        if a.is_small() && b.is_small() {
            return Some(a.is(b));
        }
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        if Vm::compares_by_method(ta) || Vm::compares_by_method(tb) {
            return None;
        }
        if let (Some(x), Some(y)) = (a.get::<Str>(), b.get::<Str>()) {
            return Some(x.equals(y));
        }
        if let (Some(x), Some(y)) = (a.get::<Tuple>(), b.get::<Tuple>()) {
            return self.equal_rows(&x.items, &y.items, depth);
        }
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            return Some(Self::order_of_numbers(&x, &y) == Some(Ordering::Equal));
        }
        if let (Some(x), Some(y)) = (a.get::<Bytes>(), b.get::<Bytes>()) {
            return Some(x.data == y.data);
        }
        let composite = |it: &Value| {
            [
                Kind::List,
                Kind::Dict,
                Kind::Set,
                Kind::View,
                Kind::Custom,
                Kind::Slice,
                Kind::Complex,
                Kind::Range,
                Kind::Custom,
                Kind::Bytearray,
                Kind::Bound,
                Kind::Proxy,
                Kind::Weak,
                Kind::Code,
            ]
            .iter()
            .any(|&kind| it.has_kind(kind))
        };
        if composite(a) || composite(b) { None } else { Some(a.is(b)) }
    }

    /// The same of the elements of tuples.
    fn equal_rows(&self, a: &[Value], b: &[Value], depth: u32) -> Option<bool> {
        if a.len() != b.len() {
            return Some(false);
        }
        let depth = depth.checked_sub(1)?;
        for (a, b) in a.iter().zip(b) {
            if a.is(b) {
                continue;
            }
            if Value::both_small(a, b) || !self.equal_within(a, b, depth)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Are two keys with the same hash equal? `None` where a program has to be asked.
    #[inline(always)]
    pub(crate) fn same_plain(&self, a: &Value, b: &Value) -> Option<bool> {
        if a.is(b) {
            return Some(true);
        }
        let str = &raw const *self.types.str;
        if let (Some(x), Some(y)) = (a.object::<Str>(), b.object::<Str>())
            && std::ptr::eq(x.header.ty.get(), str)
            && std::ptr::eq(y.header.ty.get(), str)
        {
            return Some(!(x.interned.get() && y.interned.get()) && x.equals(y));
        }
        self.equal_plain(a, b)
    }

    /// `a == b`, with identity first, as containers compare.
    ///
    /// # Errors
    /// An exception was raised.
    pub fn equal(&self, a: &Value, b: &Value) -> R<bool> {
        if a.is(b) {
            return Ok(true);
        }
        match self.equal_plain(a, b) {
            Some(equal) => Ok(equal),
            None => self.compare_truth_of(a, b, 2),
        }
    }

    fn compare_truth_of(&self, a: &Value, b: &Value, op: u32) -> R<bool> {
        let value = self.compare(a, b, op)?;
        self.truth(&value)
    }

    /// `a op b`, by CPython's number of the comparison.
    ///
    /// # Errors
    /// An exception was raised.
    pub fn compare(&self, a: &Value, b: &Value, op: u32) -> R {
        if Value::both_small(a, b) {
            return Ok(Value::bool(holds(Some((a.word() as i64).cmp(&(b.word() as i64))), op)));
        }
        let n = &self.names;
        let (name, reflected) = match op {
            0 => (&n.lt, &n.gt),
            1 => (&n.le, &n.ge),
            2 => (&n.eq, &n.eq),
            3 => (&n.ne, &n.ne),
            4 => (&n.gt, &n.lt),
            _ => (&n.ge, &n.le),
        };
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let asks = |ty| Vm::is_made_by_program(ty) && (!matches!(op, 2 | 3) || Vm::compares_by_method(ty));
        let (made_a, made_b) = (asks(ta), asks(tb));
        if !made_a && !made_b {
            let value = self.plain_compare(a, b, op)?;
            if !value.is_not_implemented() {
                return Ok(value);
            }
            return self.compare_default(a, b, op);
        }
        // Classes with a `__hash__` alone, enumerations among them.
        if matches!(op, 2 | 3)
            && a.has_kind(Kind::Instance)
            && b.has_kind(Kind::Instance)
            && [a, b].iter().all(|it| self.equals_by_identity(it))
        {
            return Ok(Value::bool(a.is(b) == (op == 2)));
        }
        let mut tried = false;
        if made_b && !std::ptr::eq(ta, tb) && tb.is_subtype(ta) {
            tried = true;
            let value = self.compare_by_method(b, a, reflected, MIRRORED[op as usize])?;
            if !value.is_not_implemented() {
                return Ok(value);
            }
        }
        let value = self.compare_by_method(a, b, name, op)?;
        if !value.is_not_implemented() {
            return Ok(value);
        }
        if !tried {
            let value = self.compare_by_method(b, a, reflected, MIRRORED[op as usize])?;
            if !value.is_not_implemented() {
                return Ok(value);
            }
        }
        self.compare_default(a, b, op)
    }

    /// Is the object equal to itself only, as far as its class can tell?
    fn equals_by_identity(&self, value: &Value) -> bool {
        let own = |name| self.lookup_special(value, name).is_none_or(|it| self.is_layouts_own_of(&it, value));
        own(&self.names.eq) && own(&self.names.ne)
    }

    /// Is it a method of the interpreter's own that does what the machine does for the layout of this very value?
    fn is_layouts_own_of(&self, method: &Value, value: &Value) -> bool {
        let of = method.get::<crate::object::Native>().and_then(|it| it.of);
        method.is_layouts_own() && of.is_none_or(|kind| kind == self.type_of(value).body.kind)
    }

    fn compare_by_method(&self, a: &Value, b: &Value, name: &Value, op: u32) -> R {
        if let Some(method) = self.lookup_special(a, name)
            && !self.is_layouts_own_of(&method, a)
        {
            return self.call_bound(&method, a, Args { values: std::slice::from_ref(b), names: &[] });
        }
        // `!=` is the opposite of `__eq__` where there is nothing better.
        if op == 3
            && let Some(method) = self.lookup_special(a, &self.names.eq)
            && !self.is_layouts_own_of(&method, a)
        {
            let value = self.call_bound(&method, a, Args { values: std::slice::from_ref(b), names: &[] })?;
            if value.is_not_implemented() {
                return Ok(value);
            }
            return Ok(Value::bool(!self.truth(&value)?));
        }
        self.plain_compare(a, b, op)
    }

    fn compare_default(&self, a: &Value, b: &Value, op: u32) -> R {
        match op {
            2 => Ok(Value::bool(a.is(b))),
            3 => Ok(Value::bool(!a.is(b))),
            _ => {
                let (symbol, a, b) = (SYMBOLS[op as usize], self.type_name(a), self.type_name(b));
                Err(self.type_error(format!("'{symbol}' not supported between instances of '{a}' and '{b}'")))
            }
        }
    }

    /// Has a type an `__eq__`, `__ne__` or `__hash__` that is not its layout's?
    #[inline(always)]
    fn compares_by_method(class: &crate::value::Object<crate::object::Type>) -> bool {
        Vm::is_made_by_program(class) && !class.body.flags.get().has(TypeFlags::PLAIN_EQ)
    }

    /// The comparison of the interpreter's own layouts.
    pub(crate) fn plain_compare(&self, a: &Value, b: &Value, op: u32) -> R {
        if a.has_kind(Kind::Instance) && (b.has_kind(Kind::Instance) || b.is_none() || b.is_small()) {
            return Ok(if a.is(b) && matches!(op, 2 | 3) { Value::bool(op == 2) } else { NOT_IMPLEMENTED });
        }
        if let (Some(x), Some(y)) = (a.get::<Tuple>(), b.get::<Tuple>()) {
            return self.nested(|| self.compare_rows(&x.items, &y.items, op));
        }
        if let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b)) {
            return Ok(Value::bool(holds(Self::order_of_numbers(&x, &y), op)));
        }
        if let (Some(x), Some(y)) = (a.get::<Str>(), b.get::<Str>()) {
            let order = match (x.ascii(), y.ascii()) {
                (Some(x), Some(y)) => x.cmp(y),
                _ => x.points().cmp(&y.points()),
            };
            return Ok(Value::bool(holds(Some(order), op)));
        }
        if let (Some(x), Some(y)) = (a.get::<Bytes>(), b.get::<Bytes>()) {
            return Ok(Value::bool(holds(Some(x.data.cmp(&y.data)), op)));
        }
        if let (Some(x), Some(y)) = (self.seen_bytes(a), self.seen_bytes(b)) {
            return Ok(Value::bool(holds(Some(x.cmp(&y)), op)));
        }
        if let (Some(x), Some(y)) = (a.get::<List>(), b.get::<List>()) {
            if matches!(op, 2 | 3) && x.len() != y.len() {
                return Ok(Value::bool(op == 3));
            }
            let result = self.nested(|| self.compare_rows(&x.snapshot(), &y.snapshot(), op))?;
            // What elements did may have made one of them shorter.
            let changed = matches!(op, 2 | 3) && x.len() != y.len();
            return Ok(if changed { Value::bool(op == 3) } else { result });
        }
        if let (Some(x), Some(y), 2 | 3) = (a.get::<Dict>(), b.get::<Dict>(), op) {
            let equal = self.nested(|| self.equal_dicts(x, y))?;
            return Ok(Value::bool(equal == (op == 2)));
        }
        let is_view =
            |it: &Value| it.get::<View>().is_some_and(|it| it.kind != crate::object::ViewKind::Values);
        if is_view(a) && !is_view(b) && b.get::<Set>().is_none() {
            return Ok(NOT_IMPLEMENTED);
        }
        if a.get::<Set>().is_some() && (b.get::<Set>().is_some() || is_view(b)) || is_view(a) {
            return self.nested(|| self.compare_sets(a, b, op));
        }
        if (a.has_kind(Kind::Custom) || b.has_kind(Kind::Custom))
            && let (Some(x), Some(y), 2 | 3) = (BigRange::of(a), BigRange::of(b), op)
        {
            return self.compare_rows(&self.range_key(&x), &self.range_key(&y), op);
        }
        if let (Some(x), Some(y), 2 | 3) = (a.get::<Range>(), b.get::<Range>(), op) {
            let (m, n) = (x.len(), y.len());
            let equal = m == n && (m == 0 || x.start == y.start && (m == 1 || x.step == y.step));
            return Ok(Value::bool(equal == (op == 2)));
        }
        if let (Some(x), Some(y)) = (a.get::<Slice>(), b.get::<Slice>()) {
            return self.nested(|| self.compare_rows(&x.parts, &y.parts, op));
        }
        if let (Some(x), Some(y), 2 | 3) = (a.get::<Complex>(), b.get::<Complex>(), op) {
            return Ok(Value::bool((x.re == y.re && x.im == y.im) == (op == 2)));
        }
        for (x, y) in [(a, b), (b, a)] {
            if let (Some(x), 2 | 3) = (x.get::<Complex>(), op)
                && self.as_number(y).is_some()
            {
                let same = x.im == 0.0 && self.equal(&self.float(x.re), y)?;
                return Ok(Value::bool(same == (op == 2)));
            }
        }
        if let (Some(x), Some(y), 2 | 3) =
            (a.get::<crate::object::Bound>(), b.get::<crate::object::Bound>(), op)
        {
            let same = x.function.is(&y.function) && x.receiver.is(&y.receiver);
            return Ok(Value::bool(same == (op == 2)));
        }
        if let (Some(x), Some(y), 2 | 3) =
            (a.get::<crate::object::Weak>(), b.get::<crate::object::Weak>(), op)
        {
            return match (x.target(), y.target()) {
                (Some(x), Some(y)) => self.nested(|| self.compare(&x, &y, op)),
                _ => Ok(Value::bool(a.is(b) == (op == 2))),
            };
        }
        if let (Some(x), Some(y), 2 | 3) = (a.get::<crate::load::Code>(), b.get::<crate::load::Code>(), op) {
            return Ok(Value::bool((a.is(b) || self.equal_codes(x, y)?) == (op == 2)));
        }
        if let Some(proxy) = a.get::<crate::object::Proxy>() {
            return self.nested(|| self.compare(&proxy.mapping, b, op));
        }
        if let Some(proxy) = b.get::<crate::object::Proxy>() {
            return self.nested(|| self.compare(&proxy.mapping, a, MIRRORED[op as usize]));
        }
        Ok(NOT_IMPLEMENTED)
    }

    fn compare_rows(&self, a: &[Value], b: &[Value], op: u32) -> R {
        if matches!(op, 2 | 3) && a.len() != b.len() {
            return Ok(Value::bool(op == 3));
        }
        for (x, y) in a.iter().zip(b) {
            if x.is(y) {
                continue;
            }
            if Value::both_small(x, y) {
                return Ok(Value::bool(holds(Some((x.word() as i64).cmp(&(y.word() as i64))), op)));
            }
            if !self.equal(x, y)? {
                return match op {
                    2 => Ok(Value::bool(false)),
                    3 => Ok(Value::bool(true)),
                    _ => self.compare(x, y, op),
                };
            }
        }
        Ok(Value::bool(holds(Some(a.len().cmp(&b.len())), op)))
    }

    fn equal_dicts(&self, a: &Dict, b: &Dict) -> R<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (hash, key, value) in a.snapshot_with_hashes() {
            match b.get_hashed(self, &key, hash)? {
                Some(other) if self.equal(&value, &other)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn compare_sets(&self, a: &Value, b: &Value, op: u32) -> R {
        let set_like = |it: &Value| it.has_kind(Kind::Set) || it.has_kind(Kind::View);
        if !set_like(b) {
            return Ok(NOT_IMPLEMENTED);
        }
        let (x, y) = (self.collect(a)?, self.collect(b)?);
        let within = |from: &[Value], to: &Value| -> R<bool> {
            for key in from {
                if !self.contains(to, key)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let (m, n) = (x.len(), y.len());
        Ok(Value::bool(match op {
            0 => m < n && within(&x, b)?,
            1 => m <= n && within(&x, b)?,
            2 => m == n && within(&x, b)?,
            3 => !(m == n && within(&x, b)?),
            4 => m > n && within(&y, a)?,
            _ => m >= n && within(&y, a)?,
        }))
    }

    /// `bool(value)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn truth(&self, value: &Value) -> R<bool> {
        if let Some(truth) = value.as_bool() {
            return Ok(truth);
        }
        if let Some(number) = value.as_small() {
            return Ok(number != 0);
        }
        if value.is_none() {
            return Ok(false);
        }
        if value.is_not_implemented() {
            return Err(self.type_error("NotImplemented should not be used in a boolean context"));
        }
        let ty = self.type_of(value);
        if Vm::is_made_by_program(ty) && !ty.body.flags.get().has(TypeFlags::PLAIN_TRUTH) {
            for name in [&self.names.bool, &self.names.len] {
                if let Some(method) = self.lookup_special(value, name)
                    && !method.is_layouts_own()
                {
                    if method.is_none() && std::ptr::eq(name, &raw const self.names.bool) {
                        let got = self.type_name(value);
                        return Err(self.type_error(format!("'{got}' cannot be interpreted as a boolean")));
                    }
                    let result = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                    if let Some(truth) = result.as_bool() {
                        return Ok(truth);
                    }
                    if std::ptr::eq(name, &raw const self.names.bool) {
                        let got = self.type_name(&result);
                        return Err(self.type_error(format!("__bool__ should return bool, returned {got}")));
                    }
                    return Ok(self.len(value)? != 0);
                }
            }
        }
        if value.has_kind(Kind::Instance) {
            return Ok(true);
        }
        if let Some(number) = self.as_float(value) {
            return Ok(number != 0.0);
        }
        Ok(match value.header().map(|header| header.kind) {
            Some(Kind::Str) => value.get::<Str>().is_some_and(|it| !it.is_empty()),
            // One of a derived class may be 0.
            Some(Kind::Int) => value.get::<BigInt>().is_some_and(|it| *it != BigInt::ZERO),
            Some(Kind::List) => value.get::<List>().is_some_and(|it| !it.is_empty()),
            Some(Kind::Tuple) => value.get::<Tuple>().is_some_and(|it| !it.items.is_empty()),
            Some(Kind::Dict) => value.get::<Dict>().is_some_and(|it| !it.is_empty()),
            Some(Kind::Set) => value.get::<Set>().is_some_and(|it| !it.is_empty()),
            Some(Kind::Bytes) => value.get::<Bytes>().is_some_and(|it| !it.data.is_empty()),
            Some(Kind::Bytearray) => value.get::<Bytearray>().is_some_and(|it| !it.data.borrow().is_empty()),
            Some(Kind::Range) => value.get::<Range>().is_some_and(|it| !it.is_empty()),
            Some(Kind::Custom) => value.data::<BigRange>().is_none_or(|it| !it.is_empty()),
            Some(Kind::View) => {
                value.get::<View>().and_then(|it| it.dict.get::<Dict>()).is_some_and(|it| !it.is_empty())
            }
            Some(Kind::Complex) => value.get::<Complex>().is_some_and(|it| it.re != 0.0 || it.im != 0.0),
            _ => true,
        })
    }

    /// `hash()` of a string.
    #[inline]
    pub(crate) fn hash_name(&self, name: &Value) -> i64 {
        match name.get::<Str>() {
            Some(string) => match string.hash.get() {
                0 => self.hash_text(string),
                hash => hash,
            },
            None => 0,
        }
    }

    #[cold]
    fn hash_text(&self, string: &Str) -> i64 {
        use crate::object::str::Text;
        let hash = match &string.text {
            Text::Ascii(text) | Text::Latin(text) => self.hash_bytes(text),
            Text::Two(text) => {
                let bytes: Vec<u8> = text.iter().flat_map(|point| point.to_le_bytes()).collect();
                self.hash_bytes(&bytes)
            }
            Text::Four(text) => {
                let bytes: Vec<u8> = text.iter().flat_map(|point| point.to_le_bytes()).collect();
                self.hash_bytes(&bytes)
            }
        };
        string.hash.set(hash);
        hash
    }

    /// CPython: `Py_HashBuffer`.
    pub(crate) fn hash_bytes(&self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        let (k0, k1) = self.hash_key();
        let mut hasher = SipHasher13::new_with_keys(k0, k1);
        hasher.write(bytes);
        match hasher.finish() as i64 {
            -1 => -2,
            hash => hash,
        }
    }

    /// The hash of a string, number or singleton of the interpreter's own types.
    #[inline]
    pub(crate) fn hash_plain(&self, value: &Value) -> Option<i64> {
        if let Some(number) = value.as_small() {
            return Some(hash_small(number));
        }
        if let Some(string) = value.get::<Str>() {
            if Vm::is_made_by_program(self.type_of(value)) {
                return None;
            }
            return Some(match string.hash.get() {
                0 => self.hash_text(string),
                hash => hash,
            });
        }
        match value.header() {
            Some(header)
                if header.kind == Kind::Type
                    && std::ptr::eq(header.ty.get(), &raw const *self.types.type_) =>
            {
                Some(value.identity().rotate_right(4) as i64)
            }
            Some(_) => None,
            None => value.as_bool().map(i64::from),
        }
    }

    /// `hash(value)`
    ///
    /// # Errors
    /// An exception was raised.
    pub fn hash(&self, value: &Value) -> R<i64> {
        if let Some(hash) = self.hash_plain(value) {
            return Ok(hash);
        }
        if Vm::compares_by_method(self.type_of(value)) {
            match self.lookup_special(value, &self.names.hash) {
                Some(method) if method.is_none() => return Err(self.unhashable(value)),
                Some(method) if !method.is_layouts_own() => {
                    let hash = self.call_bound(&method, value, Args { values: &[], names: &[] })?;
                    let Some(hash) = self.as_big(&hash) else {
                        return Err(self.type_error("__hash__ method should return an integer"));
                    };
                    let hash = hash.to_i64().unwrap_or_else(|| hash_big(&hash));
                    return Ok(if hash == -1 { -2 } else { hash });
                }
                _ => {}
            }
        }
        self.plain_hash(value)
    }

    /// `hash()` of the interpreter's own layouts.
    pub(crate) fn plain_hash(&self, value: &Value) -> R<i64> {
        if let Some(tuple) = value.get::<Tuple>() {
            if tuple.items.hash.get() == 0 {
                tuple.items.hash.set(self.hash_row(&tuple.items)?);
            }
            return Ok(tuple.items.hash.get());
        }
        if let Some(number) = self.as_number(value) {
            return Ok(match number {
                Number::Small(number) => hash_small(number),
                Number::Big(number) => hash_big(&number),
                Number::Float(number) => hash_float(number, value.identity()),
            });
        }
        if value.is_none() {
            return Ok(0xFCA8_6420);
        }
        Ok(match value.header().map(|header| header.kind) {
            Some(Kind::Str) => self.hash_name(value),
            Some(Kind::Bytes) => value.get::<Bytes>().map_or(0, |it| self.hash_bytes(&it.data)),
            Some(Kind::Set) if self.type_of(value).is_subtype(&self.types.frozenset) => {
                self.hash_set(value)?
            }
            Some(Kind::Range) => match value.get::<Range>() {
                Some(range) => {
                    let none = crate::value::NONE;
                    let len = range.len();
                    let start = if len == 0 { none.clone() } else { self.int(range.start) };
                    let step = if len <= 1 { none } else { self.int(range.step) };
                    self.hash_row(&[self.int(len), start, step])?
                }
                None => 0,
            },
            Some(Kind::Custom) if value.data::<BigRange>().is_some() => match value.data::<BigRange>() {
                Some(range) => self.hash_row(&self.range_key(range))?,
                None => 0,
            },
            Some(Kind::Proxy) => match value.get::<crate::object::Proxy>() {
                Some(proxy) => self.nested(|| self.hash(&proxy.mapping))?,
                None => 0,
            },
            Some(Kind::Slice) => match value.get::<Slice>() {
                Some(slice) => self.hash_row(&slice.parts)?,
                None => 0,
            },
            Some(Kind::List | Kind::Dict | Kind::Set | Kind::Bytearray) => {
                return Err(self.unhashable(value));
            }
            Some(Kind::Complex) => match value.get::<Complex>() {
                Some(it) => {
                    let imaginary = hash_float(it.im, value.identity()).wrapping_mul(1_000_003);
                    match hash_float(it.re, value.identity()).wrapping_add(imaginary) {
                        -1 => -2,
                        hash => hash,
                    }
                }
                None => 0,
            },
            Some(Kind::View) if self.plain_type_name(value) != "dict_values" => {
                return Err(self.unhashable(value));
            }
            Some(Kind::Weak) => match value.get::<crate::object::Weak>() {
                Some(weak) => match (weak.hash.get(), weak.target()) {
                    (Some(hash), _) => hash,
                    (None, Some(target)) => {
                        let hash = self.hash(&target)?;
                        weak.hash.set(Some(hash));
                        hash
                    }
                    (None, None) => return Err(self.type_error("weak object has gone away")),
                },
                None => 0,
            },
            Some(Kind::Code) => match value.get::<crate::load::Code>() {
                Some(code) => self.hash_code(code)?,
                None => 0,
            },
            Some(Kind::Bound) => match value.get::<crate::object::Bound>() {
                Some(bound) => (bound.receiver.identity().rotate_right(4) ^ bound.function.identity()) as i64,
                None => 0,
            },
            _ => {
                let identity = value.identity();
                identity.rotate_right(4) as i64
            }
        })
    }

    /// The hash of what is to be a key; says so where it has none.
    #[inline]
    pub(crate) fn hash_for(&self, value: &Value, role: &str) -> R<i64> {
        match self.hash_plain(value) {
            Some(hash) => Ok(hash),
            None => self.hash(value).map_err(|raised| self.cannot_be_key(raised, value, role)),
        }
    }

    #[cold]
    fn cannot_be_key(&self, raised: crate::vm::Raised, value: &Value, role: &str) -> crate::vm::Raised {
        if !self.pending_is(Exc::TypeError) {
            return raised;
        }
        let Some(error) = self.pending.take() else { return raised };
        let (name, said) = (self.type_name(value), self.str_text(&error).unwrap_or_default());
        self.type_error(format!("cannot use '{name}' as {role} ({said})"))
    }

    #[cold]
    fn unhashable(&self, value: &Value) -> crate::vm::Raised {
        let name = self.type_name(value);
        self.raise(Exc::TypeError, format!("unhashable type: '{name}'"))
    }

    /// CPython: `tuple_hash`, from xxHash.
    fn hash_row(&self, items: &[Value]) -> R<i64> {
        const P1: u64 = 11_400_714_785_074_694_791;
        const P2: u64 = 14_029_467_366_897_019_727;
        const P5: u64 = 2_870_177_450_012_600_261;
        let mut sum = P5;
        for item in items {
            let lane = match self.hash_plain(item) {
                Some(hash) => hash,
                None => self.nested(|| self.hash(item))?,
            } as u64;
            sum = sum.wrapping_add(lane.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
        }
        sum = sum.wrapping_add(items.len() as u64 ^ (P5 ^ 3_527_539));
        Ok(if sum == u64::MAX { 1_546_275_796 } else { sum as i64 })
    }

    /// CPython: `frozenset_hash`, which is worked out once for each object.
    fn hash_set(&self, value: &Value) -> R<i64> {
        let Some(set) = value.get::<Set>() else { return Ok(0) };
        if let Some(hash) = set.hash.get() {
            return Ok(hash);
        }
        let mut sum = 0u64;
        for item in set.snapshot() {
            let hash = self.nested(|| self.hash(&item))? as u64;
            sum ^= (hash ^ 89_869_747 ^ (hash << 16)).wrapping_mul(3_644_798_167);
        }
        sum ^= (set.len() as u64 + 1).wrapping_mul(1_927_868_237);
        sum ^= (sum >> 11) ^ (sum >> 25);
        sum = sum.wrapping_mul(69069).wrapping_add(907_133_923);
        let hash = if sum == u64::MAX { 590_923_713 } else { sum as i64 };
        set.hash.set(Some(hash));
        Ok(hash)
    }

    /// Is the iterator a `range`'s?
    pub(crate) fn is_iterator(&self, value: &Value) -> bool {
        value.get::<Iter>().is_some() || value.has_kind(Kind::Generator)
    }
}

#[inline]
fn hash_small(number: i64) -> i64 {
    if (0..MODULUS as i64).contains(&number) {
        return number;
    }
    let rest = (number.unsigned_abs() % MODULUS) as i64;
    match if number < 0 { -rest } else { rest } {
        -1 => -2,
        hash => hash,
    }
}

fn hash_big(number: &BigInt) -> i64 {
    let rest = (number.abs() % BigInt::from(MODULUS)).to_i64().unwrap_or(0);
    match if number.is_negative() { -rest } else { rest } {
        -1 => -2,
        hash => hash,
    }
}

/// CPython: `_Py_HashDouble`.
fn hash_float(number: f64, identity: u64) -> i64 {
    if number.is_nan() {
        return identity.rotate_right(4) as i64;
    }
    if number.is_infinite() {
        return if number > 0.0 { 314_159 } else { -314_159 };
    }
    let bits = number.abs().to_bits();
    let mut exponent = (bits >> 52) as i32;
    let mut mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 {
        exponent = 1;
    } else {
        mantissa |= 1 << 52;
    }
    // number = mantissa * 2^(exponent - 1075), and 2^61 is 1 in this arithmetic.
    let turn = (exponent - 1075).rem_euclid(61) as u32;
    let mantissa = mantissa % MODULUS;
    let turned = ((mantissa << turn) | (mantissa >> (61 - turn))) & MODULUS;
    let rest = (turned % MODULUS) as i64;
    match if number < 0.0 { -rest } else { rest } {
        -1 => -2,
        hash => hash,
    }
}
