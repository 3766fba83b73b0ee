//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`: what `hashlib` makes its hashes of.

use super::native::{Own, Spec, index, parse_most, read_only, split_class};
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Access, Data, NativeFn, Type};
use crate::value::{NONE, Object, Value};
use crate::vm::{R, Vm};
use sha2::digest::{DynDigest, ExtendableOutput, Update, XofReader};
use std::cell::RefCell;

/// A hash that is being made.
#[derive(Clone)]
enum State {
    Fixed(Box<dyn DynDigest>),
    Shake128(sha3::Shake128),
    Shake256(sha3::Shake256),
    Blake2b(Box<blake2b_simd::State>, usize),
    Blake2s(Box<blake2s_simd::State>, usize),
}

struct Hash {
    name: &'static str,
    block: usize,
    state: RefCell<State>,
}

impl Data for Hash {}

impl State {
    fn update(&mut self, data: &[u8]) {
        match self {
            State::Fixed(state) => state.update(data),
            State::Shake128(state) => state.update(data),
            State::Shake256(state) => state.update(data),
            State::Blake2b(state, _) => {
                state.update(data);
            }
            State::Blake2s(state, _) => {
                state.update(data);
            }
        }
    }

    /// How many bytes the hash has; 0 where that is up to who asks.
    fn size(&self) -> usize {
        match self {
            State::Fixed(state) => state.output_size(),
            State::Shake128(_) | State::Shake256(_) => 0,
            State::Blake2b(_, size) | State::Blake2s(_, size) => *size,
        }
    }

    fn digest(&self, size: usize) -> Vec<u8> {
        match self.clone() {
            State::Fixed(state) => state.finalize().into_vec(),
            State::Shake128(state) => {
                let mut out = vec![0; size];
                state.finalize_xof().read(&mut out);
                out
            }
            State::Shake256(state) => {
                let mut out = vec![0; size];
                state.finalize_xof().read(&mut out);
                out
            }
            State::Blake2b(state, _) => state.finalize().as_bytes().to_vec(),
            State::Blake2s(state, _) => state.finalize().as_bytes().to_vec(),
        }
    }
}

const ATTRIBUTES: &[(&str, Access)] = &[
    ("name", read_only(|vm, it| Ok(vm.intern(hash(vm, it)?.name)))),
    ("block_size", read_only(|vm, it| Ok(vm.int_of_usize(hash(vm, it)?.block)))),
    ("digest_size", read_only(|vm, it| Ok(vm.int_of_usize(hash(vm, it)?.state.borrow().size())))),
];

macro_rules! hash_type {
    ($spec:ident, $own:ident, $name:literal, $new:expr) => {
        static $spec: Spec = Spec {
            methods: &[
                ("__new__", $new),
                ("copy", copy),
                ("update", update),
                ("digest", digest),
                ("hexdigest", hexdigest),
            ],
            attributes: ATTRIBUTES,
            ..Spec::new(Own::$own, $name)
        };
    };
}

macro_rules! fixed {
    ($spec:ident, $own:ident, $name:literal, $short:literal, $block:literal, $make:ty) => {
        hash_type!($spec, $own, $name, |vm, args| {
            let (class, data) = source(vm, $short, args)?;
            let hash = Hash {
                name: $short,
                block: $block,
                state: RefCell::new(State::Fixed(Box::new(<$make>::default()))),
            };
            start(vm, class, hash, data)
        });
    };
}

fixed!(MD5, Md5, "_md5.md5", "md5", 64, md5::Md5);
fixed!(SHA1, Sha1, "_sha1.sha1", "sha1", 64, sha1::Sha1);
fixed!(SHA224, Sha224, "_sha2.SHA224Type", "sha224", 64, sha2::Sha224);
fixed!(SHA256, Sha256, "_sha2.SHA256Type", "sha256", 64, sha2::Sha256);
fixed!(SHA384, Sha384, "_sha2.SHA384Type", "sha384", 128, sha2::Sha384);
fixed!(SHA512, Sha512, "_sha2.SHA512Type", "sha512", 128, sha2::Sha512);
fixed!(SHA3_224, Sha3x224, "_sha3.sha3_224", "sha3_224", 144, sha3::Sha3_224);
fixed!(SHA3_256, Sha3x256, "_sha3.sha3_256", "sha3_256", 136, sha3::Sha3_256);
fixed!(SHA3_384, Sha3x384, "_sha3.sha3_384", "sha3_384", 104, sha3::Sha3_384);
fixed!(SHA3_512, Sha3x512, "_sha3.sha3_512", "sha3_512", 72, sha3::Sha3_512);
hash_type!(SHAKE128, Shake128, "_sha3.shake_128", |vm, args| {
    let (class, data) = source(vm, "shake_128", args)?;
    let state = RefCell::new(State::Shake128(sha3::Shake128::default()));
    start(vm, class, Hash { name: "shake_128", block: 168, state }, data)
});
hash_type!(SHAKE256, Shake256, "_sha3.shake_256", |vm, args| {
    let (class, data) = source(vm, "shake_256", args)?;
    let state = RefCell::new(State::Shake256(sha3::Shake256::default()));
    start(vm, class, Hash { name: "shake_256", block: 136, state }, data)
});
hash_type!(BLAKE2B, Blake2b, "_blake2.blake2b", |vm, args| blake2(vm, args, true));
hash_type!(BLAKE2S, Blake2s, "_blake2.blake2s", |vm, args| blake2(vm, args, false));

fn hash<'a>(vm: &Vm, it: &'a Value) -> R<&'a Hash> {
    it.data().ok_or_else(|| vm.type_error("descriptor requires a hash object"))
}

/// The class, and what is to be hashed first.
fn source<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a Object<Type>, Option<&'a Value>)> {
    let (class, args) = split_class(vm, args)?;
    let [data, _, string] = parse_most(vm, name, args, ["data", "usedforsecurity", "string"], 0, 1)?;
    if data.is_some() && string.is_some() {
        return Err(vm.type_error("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."));
    }
    Ok((class, data.or(string)))
}

/// The bytes to hash; no text.
fn bytes(vm: &Vm, value: &Value) -> R<Vec<u8>> {
    if value.get::<crate::object::Str>().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    match vm.buffer_or_none(value)? {
        Some(data) => Ok(data.into_owned()),
        None => Err(vm.type_error("object supporting the buffer API required")),
    }
}

fn start(vm: &Vm, class: &Object<Type>, hash: Hash, data: Option<&Value>) -> R {
    if let Some(data) = data {
        let data = bytes(vm, data)?;
        hash.state.borrow_mut().update(&data);
    }
    Ok(vm.custom_of(class, hash))
}

fn copy(vm: &Vm, args: Args<'_>) -> R {
    let (it, _) = method(vm, "copy", args, 0, 0)?;
    let hash = hash(vm, it)?;
    let state = RefCell::new(hash.state.borrow().clone());
    let class = vm.class_of(it);
    match class.object::<Type>() {
        Some(class) => Ok(vm.custom_of(class, Hash { name: hash.name, block: hash.block, state })),
        None => Ok(NONE),
    }
}

fn update(vm: &Vm, args: Args<'_>) -> R {
    let (it, values) = method(vm, "update", args, 1, 1)?;
    let data = bytes(vm, &values[0])?;
    hash(vm, it)?.state.borrow_mut().update(&data);
    Ok(NONE)
}

fn made(vm: &Vm, name: &str, args: Args<'_>) -> R<Vec<u8>> {
    let Some((it, values)) = args.values.split_first() else {
        return Err(vm.type_error(format!("unbound method {name}() needs an argument")));
    };
    let state = hash(vm, it)?.state.borrow();
    let size = match &*state {
        State::Shake128(_) | State::Shake256(_) => {
            let args = Args { values, names: args.names };
            let [length] = super::native::parse(vm, name, args, ["length"], 1)?;
            let none = NONE;
            let length = index(vm, length.unwrap_or(&none))?;
            match usize::try_from(length) {
                Ok(length) if length < 1 << 29 => length,
                Ok(_) => return Err(vm.value_error("length is too large")),
                Err(_) => return Err(vm.value_error("value must be positive")),
            }
        }
        _ => {
            positional(vm, name, Args { values, names: args.names }, 0, 0)?;
            0
        }
    };
    Ok(state.digest(size))
}

fn digest(vm: &Vm, args: Args<'_>) -> R {
    Ok(vm.bytes(made(vm, "digest", args)?))
}

fn hexdigest(vm: &Vm, args: Args<'_>) -> R {
    let data = made(vm, "hexdigest", args)?;
    let mut text = String::with_capacity(data.len() * 2);
    for byte in data {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    Ok(vm.str(&text))
}

/// The limits of BLAKE2b and BLAKE2s: digest and key, salt and person.
const fn limits(large: bool) -> (usize, usize) {
    if large { (64, 16) } else { (32, 8) }
}

fn blake2(vm: &Vm, args: Args<'_>, large: bool) -> R {
    let (class, args) = split_class(vm, args)?;
    let name = if large { "blake2b" } else { "blake2s" };
    let names = [
        "data",
        "digest_size",
        "key",
        "salt",
        "person",
        "fanout",
        "depth",
        "leaf_size",
        "node_offset",
        "node_depth",
        "inner_size",
        "last_node",
        "usedforsecurity",
        "string",
    ];
    let found = parse_most(vm, name, args, names, 0, 1)?;
    let (most, short) = limits(large);
    let number = |at: usize, default: i64, low: i64, high: i64, message: &str| -> R<i64> {
        let Some(value) = found[at] else { return Ok(default) };
        let number = index(vm, value)?;
        if (low..=high).contains(&number) { Ok(number) } else { Err(vm.value_error(message)) }
    };
    let data = |at: usize, most: usize, message: String| -> R<Vec<u8>> {
        let Some(value) = found[at] else { return Ok(Vec::new()) };
        let data = vm.buffer(value)?.into_owned();
        if data.len() > most { Err(vm.value_error(message)) } else { Ok(data) }
    };
    let message = format!(
        "digest_size for {} must be between 1 and {most} bytes, here it is ",
        if large { "Blake2b" } else { "Blake2s" }
    );
    let size = match found[1] {
        Some(value) => {
            let size = index(vm, value)?;
            if size < 1 || size > most as i64 {
                return Err(vm.value_error(format!("{message}{size}")));
            }
            size as usize
        }
        None => most,
    };
    let key = data(2, most, format!("maximum key length is {most} bytes"))?;
    let salt = data(3, short, format!("maximum salt length is {short} bytes"))?;
    let person = data(4, short, format!("maximum person length is {short} bytes"))?;
    let fanout = number(5, 1, 0, 255, "fanout must be between 0 and 255")? as u8;
    let depth = number(6, 1, 1, 255, "depth must be between 1 and 255")? as u8;
    let leaf = number(7, 0, 0, u32::MAX.into(), "leaf_size is too large")? as u32;
    let offset =
        number(8, 0, 0, if large { i64::MAX } else { (1 << 48) - 1 }, "node_offset is too large")? as u64;
    let node_depth = number(9, 0, 0, 255, "node_depth must be between 0 and 255")? as u8;
    let message = if large {
        "inner_size must be between 0 and is 64"
    } else {
        "inner_size must be between 0 and is 32"
    };
    let inner = number(10, 0, 0, most as i64, message)? as usize;
    let last = match found[11] {
        Some(value) => vm.truth(value)?,
        None => false,
    };
    let (state, block) = if large {
        let mut params = blake2b_simd::Params::new();
        params.hash_length(size).key(&key).salt(&salt).personal(&person).fanout(fanout).max_depth(depth);
        params.max_leaf_length(leaf).node_offset(offset).node_depth(node_depth).inner_hash_length(inner);
        params.last_node(last);
        (State::Blake2b(Box::new(params.to_state()), size), 128)
    } else {
        let mut params = blake2s_simd::Params::new();
        params.hash_length(size).key(&key).salt(&salt).personal(&person).fanout(fanout).max_depth(depth);
        params.max_leaf_length(leaf).node_offset(offset).node_depth(node_depth).inner_hash_length(inner);
        params.last_node(last);
        (State::Blake2s(Box::new(params.to_state()), size), 64)
    };
    start(vm, class, Hash { name, block, state: RefCell::new(state) }, found[0].or(found[13]))
}

/// Puts constructors of these types into a module: functions, as CPython has them, and the types.
fn put(vm: &Vm, module: &Value, all: &[(&'static str, &'static Spec, NativeFn)]) {
    for &(name, spec, make) in all {
        vm.put_type(module, spec);
        vm.put_functions(module, &[(name, make)]);
    }
    vm.put(module, "_GIL_MINSIZE", vm.int(2048));
}

macro_rules! maker {
    ($spec:ident) => {
        |vm, args| vm.call(vm.own(&$spec).value(), args)
    };
}

/// `_md5`
pub(crate) fn fill_md5(vm: &Vm, module: &Value) -> R<()> {
    vm.put(module, "MD5Type", vm.own(&MD5).value().clone());
    put(vm, module, &[("md5", &MD5, maker!(MD5))]);
    Ok(())
}

/// `_sha1`
pub(crate) fn fill_sha1(vm: &Vm, module: &Value) -> R<()> {
    vm.put(module, "SHA1Type", vm.own(&SHA1).value().clone());
    put(vm, module, &[("sha1", &SHA1, maker!(SHA1))]);
    Ok(())
}

/// `_sha2`
pub(crate) fn fill_sha2(vm: &Vm, module: &Value) -> R<()> {
    put(
        vm,
        module,
        &[
            ("sha224", &SHA224, maker!(SHA224)),
            ("sha256", &SHA256, maker!(SHA256)),
            ("sha384", &SHA384, maker!(SHA384)),
            ("sha512", &SHA512, maker!(SHA512)),
        ],
    );
    Ok(())
}

/// `_sha3`
pub(crate) fn fill_sha3(vm: &Vm, module: &Value) -> R<()> {
    for spec in [&SHA3_224, &SHA3_256, &SHA3_384, &SHA3_512, &SHAKE128, &SHAKE256] {
        vm.put_type(module, spec);
    }
    vm.put(module, "implementation", vm.str("sha3"));
    Ok(())
}

/// `_blake2`
pub(crate) fn fill_blake2(vm: &Vm, module: &Value) -> R<()> {
    for (spec, large) in [(&BLAKE2B, true), (&BLAKE2S, false)] {
        let ty = vm.own(spec);
        let (most, short) = limits(large);
        if let Some(own) = ty.body.own() {
            for (name, number) in [
                ("SALT_SIZE", short),
                ("PERSON_SIZE", short),
                ("MAX_KEY_SIZE", most),
                ("MAX_DIGEST_SIZE", most),
            ] {
                own.set_name(vm, &vm.intern(name), vm.int_of_usize(number));
            }
        }
        vm.type_changed(ty);
        vm.put_type(module, spec);
    }
    Ok(())
}
