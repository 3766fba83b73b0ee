//! What `lru_cache` wraps functions in.

use super::split;
use crate::builtins::method;
use crate::modules::native::{Own, Spec, call_method};
use crate::object::callable::Args;
use crate::object::{Data, Dict, Str};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::cell::{Cell, RefCell};

pub(super) static CACHE: Spec = Spec {
    derivable: true,
    open: true,
    methods: &[
        ("__new__", new),
        ("__call__", call_method),
        ("__get__", |vm, args| {
            let (it, values) = method(vm, "__get__", args, 1, 2)?;
            Ok(if values[0].is_none() { it.clone() } else { vm.bound(it, &values[0]) })
        }),
        ("cache_info", |vm, args| {
            let (it, _) = method(vm, "cache_info", args, 0, 0)?;
            let data: &Cache = vm.own_data("cache_info", it, &CACHE)?;
            let most = data.most.map_or(NONE, |most| vm.int_of_usize(most));
            let len = data.known.get::<Dict>().map_or(0, Dict::len);
            let row = [vm.int(data.hits.get()), vm.int(data.misses.get()), most, vm.int_of_usize(len)];
            vm.call_with(&data.info, &row)
        }),
        ("cache_clear", |vm, args| {
            let (it, _) = method(vm, "cache_clear", args, 0, 0)?;
            let data: &Cache = vm.own_data("cache_clear", it, &CACHE)?;
            data.forget();
            data.hits.set(0);
            data.misses.set(0);
            Ok(NONE)
        }),
        ("__reduce__", |vm, args| {
            let (it, _) = method(vm, "__reduce__", args, 0, 0)?;
            vm.get_attribute(it, &vm.names.qualname)
        }),
        ("__copy__", |vm, args| method(vm, "__copy__", args, 0, 0).map(|(it, _)| it.clone())),
        ("__deepcopy__", |vm, args| method(vm, "__deepcopy__", args, 1, 1).map(|(it, _)| it.clone())),
    ],
    ..Spec::new(Own::LruCache, "functools._lru_cache_wrapper")
};

/// A result that is kept, between the one that was used before it and the one that was used after it.
struct Link {
    before: usize,
    after: usize,
    key: Value,
    result: Value,
}

/// Where the chain starts and ends: the first link, which is no result.
const ENDS: usize = 0;

struct Cache {
    function: Value,
    most: Option<usize>,
    typed: bool,
    info: Value,
    /// Keys and results, or where these are in the chain if there is a limit.
    known: Value,
    /// Stands between arguments and those with names.
    mark: Value,
    hits: Cell<i64>,
    misses: Cell<i64>,
    chain: RefCell<Vec<Link>>,
}

fn new(vm: &Vm, args: Args<'_>) -> R {
    let (class, plain, _, _) = split(vm, args)?;
    let [function, most, typed, info] = plain else {
        return Err(vm.type_error("_lru_cache_wrapper expected 4 arguments"));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let most = match most.is_none() {
        true => None,
        false => match vm.index_of(most)? {
            Some(most) => Some(usize::try_from(most).unwrap_or(0)),
            None => return Err(vm.type_error("maxsize should be integer or None")),
        },
    };
    let cache = Cache {
        function: function.clone(),
        most,
        typed: vm.truth(typed)?,
        info: info.clone(),
        known: vm.dict(),
        mark: vm.call_with(vm.types.object.value(), &[])?,
        hits: Cell::new(0),
        misses: Cell::new(0),
        chain: RefCell::new(vec![Link { before: ENDS, after: ENDS, key: NONE, result: NONE }]),
    };
    Ok(vm.custom_of(class, cache))
}

impl Cache {
    fn key(&self, vm: &Vm, args: Args<'_>) -> Value {
        if !self.typed
            && let ([value], []) = (args.values, args.names)
        {
            let plain = value.is_small()
                || value.get::<Str>().is_some() && std::ptr::eq(vm.type_of(value), &raw const *vm.types.str);
            if plain {
                return value.clone();
            }
        }
        let (plain, named) = args.values.split_at(args.values.len() - args.names.len());
        let mut row = Vec::with_capacity(args.values.len() * 2 + 1);
        row.extend_from_slice(plain);
        if !named.is_empty() {
            row.push(self.mark.clone());
            for (name, value) in args.names.iter().zip(named) {
                row.push(name.clone());
                row.push(value.clone());
            }
        }
        if self.typed {
            row.extend(args.values.iter().map(|it| vm.class_of(it)));
        }
        vm.tuple(row)
    }

    fn forget(&self) {
        if let Some(known) = self.known.get::<Dict>() {
            known.clear();
        }
        let old = {
            let mut chain = self.chain.borrow_mut();
            let old = chain.split_off(1);
            (chain[ENDS].before, chain[ENDS].after) = (ENDS, ENDS);
            old
        };
        drop(old);
    }

    fn unlink(chain: &mut [Link], at: usize) {
        let (before, after) = (chain[at].before, chain[at].after);
        chain[before].after = after;
        chain[after].before = before;
    }

    fn append(chain: &mut [Link], at: usize) {
        let last = chain[ENDS].before;
        chain[last].after = at;
        (chain[at].before, chain[at].after) = (last, ENDS);
        chain[ENDS].before = at;
    }

    fn place(&self, vm: &Vm, known: &Dict, key: &Value) -> R<Option<usize>> {
        let at = known.get_hashed(vm, key, vm.hash(key)?)?.and_then(|at| at.as_small()).map(|at| at as usize);
        let chain = self.chain.borrow();
        Ok(at.filter(|&at| at < chain.len()))
    }

    fn limited(&self, vm: &Vm, known: &Dict, most: usize, args: Args<'_>) -> R {
        let key = self.key(vm, args);
        if let Some(at) = self.place(vm, known, &key)? {
            self.hits.set(self.hits.get() + 1);
            let mut chain = self.chain.borrow_mut();
            Self::unlink(&mut chain, at);
            Self::append(&mut chain, at);
            return Ok(chain[at].result.clone());
        }
        self.misses.set(self.misses.get() + 1);
        let result = vm.call(&self.function, args)?;
        if self.place(vm, known, &key)?.is_some() {
            return Ok(result);
        }
        if self.chain.borrow().len() <= most {
            let at = {
                let mut chain = self.chain.borrow_mut();
                chain.push(Link { before: ENDS, after: ENDS, key: key.clone(), result: result.clone() });
                let at = chain.len() - 1;
                Self::append(&mut chain, at);
                at
            };
            known.set(vm, key, vm.int_of_usize(at))?;
            return Ok(result);
        }
        let (at, old) = {
            let mut chain = self.chain.borrow_mut();
            let at = chain[ENDS].after;
            Self::unlink(&mut chain, at);
            let new = Link { before: ENDS, after: ENDS, key: key.clone(), result: result.clone() };
            let old = std::mem::replace(&mut chain[at], new);
            Self::append(&mut chain, at);
            (at, old)
        };
        drop(known.remove(vm, &old.key)?);
        known.set(vm, key, vm.int_of_usize(at))?;
        drop(old);
        Ok(result)
    }
}

impl Data for Cache {
    fn visit(&self, see: &mut dyn FnMut(&Value)) {
        for value in [&self.function, &self.info, &self.known, &self.mark] {
            see(value);
        }
        if let Ok(chain) = self.chain.try_borrow() {
            for link in chain.iter() {
                see(&link.key);
                see(&link.result);
            }
        }
    }

    fn clear(&self) {
        self.forget();
    }

    fn call(&self, vm: &Vm, _: &Value, args: Args<'_>) -> Option<R> {
        let known = self.known.get::<Dict>()?;
        Some(match self.most {
            Some(0) => {
                self.misses.set(self.misses.get() + 1);
                vm.call(&self.function, args)
            }
            Some(most) => self.limited(vm, known, most, args),
            None => (|| {
                let key = self.key(vm, args);
                if let Some(result) = known.get_hashed(vm, &key, vm.hash(&key)?)? {
                    self.hits.set(self.hits.get() + 1);
                    return Ok(result);
                }
                self.misses.set(self.misses.get() + 1);
                let result = vm.call(&self.function, args)?;
                known.set(vm, key, result.clone())?;
                Ok(result)
            })(),
        })
    }
}
