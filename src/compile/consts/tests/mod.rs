mod rebuild;
mod set_table;

use super::{CodeParts, ConstMemory, ConstPool};
use crate::code::{Object, ObjectId};
use crate::marshal::Writer;
use crate::syntax::ast::Const;
use crate::target::{Target, Version};
use crate::value::{Interner, Name, PyStr, known};
use bumpalo::Bump;

fn parts<'p>(name: Name, consts: &'p [ObjectId]) -> CodeParts<'p> {
    CodeParts {
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        stacksize: 1,
        flags: 0,
        firstlineno: 1,
        code: b"\x95\x00",
        consts,
        names: &[],
        localsplusnames: &[],
        localspluskinds: b"",
        name,
        qualname: name,
        qualname_object: None,
        linetable: b"\xf0\x03",
        exceptiontable: b"",
        split: None,
        renames_format: false,
    }
}

fn with_pool(identifiers: &[&str], test: impl FnOnce(&mut ConstPool<'_>, &mut Interner)) {
    let arena = Bump::new();
    let mut names = Interner::new();
    for identifier in identifiers {
        names.intern(identifier);
    }
    let mut pool =
        ConstPool::new(&arena, Target::newest(Version::V3_13), &names, "f.py".into(), ConstMemory::default());
    test(&mut pool, &mut names);
}

#[test]
fn equal_values_of_different_types_stay_apart() {
    with_pool(&[], |pool, _| {
        let one = pool.int(1);
        assert_ne!(one, pool.float(1.0));
        assert_ne!(one, ConstPool::TRUE);
        assert_ne!(pool.float(0.0), pool.float(-0.0));
        assert_ne!(pool.complex(0.0, 0.0), pool.complex(-0.0, 0.0));
        assert_ne!(pool.str("a b".into()), pool.bytes(b"a b"));
        assert_eq!(pool.int(1), one);
        assert_eq!(pool.str("a b".into()), pool.str("a b".into()));
        let (a, b) = (pool.float(1.0), pool.int(1));
        assert_ne!(pool.tuple(&[a]), pool.tuple(&[b]));
        assert_eq!(pool.tuple(&[]), ConstPool::EMPTY_TUPLE);
    });
}

#[test]
fn nan_equals_nothing() {
    with_pool(&[], |pool, _| {
        let (a, b) = (pool.float(f64::NAN), pool.float(f64::NAN));
        assert_ne!(a, b);
        assert_ne!(pool.tuple(&[a]), pool.tuple(&[b]));
        assert_eq!(pool.tuple(&[a]), pool.tuple(&[a]));
    });
}

#[test]
fn big_integers_get_marshal_digits() {
    with_pool(&[], |pool, _| {
        let id = pool.int(-(1 << 31) - 1);
        let digits: &[u8] = &[1, 0, 0, 0, 2, 0];
        assert_eq!(pool.get(id), Object::Long { negative: true, digits });
        let least = pool.int(i64::from(i32::MIN));
        assert_eq!(pool.get(least), Object::Int(i32::MIN));
        let id = pool.bigint(false, &[0, 0, 1]);
        let digits: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 16, 0];
        assert_eq!(pool.get(id), Object::Long { negative: false, digits });
    });
}

#[test]
fn of_equal_numbers_in_a_frozenset_the_first_stays() {
    with_pool(&[], |pool, _| {
        let (a, b, c) = (pool.float(1.0), pool.int(1), pool.int(2));
        let set = pool.frozenset(&[a, b, ConstPool::TRUE, c]);
        let Object::FrozenSet(range) = pool.get(set) else { panic!("not a frozenset") };
        let mut kept = pool.objects().children(range).to_vec();
        kept.sort();
        assert_eq!(kept, [a, c]);
    });
}

/// Two functions with the frozenset `{TEXT, "x y"}`, as the module's constants.
fn two_functions(pool: &mut ConstPool<'_>, names: &mut Interner, text: &'static str) -> [ObjectId; 2] {
    let mut sets = [ConstPool::NONE; 2];
    for (index, set) in sets.iter_mut().enumerate() {
        let elements = [pool.str(text.into()), pool.str("x y".into())];
        let made = pool.frozenset(&elements);
        let name = names.intern(["f", "g"][index]);
        // Constants that differ, so that the two do not share a tuple.
        let differ = pool.int(index as i64);
        let code = pool.code(&parts(name, &[ConstPool::NONE, made, differ]), names);
        let consts = pool.objects().code(code).map(|code| code.consts);
        *set = consts.map_or(ConstPool::NONE, |consts| pool.tuple_items(consts)[1]);
    }
    sets
}

#[test]
fn a_frozenset_with_an_interned_string_is_made_anew() {
    with_pool(&["zz", "seen"], |pool, names| {
        let [f, g] = two_functions(pool, names, "seen");
        assert_ne!(f, g);
    });
    with_pool(&["zz"], |pool, names| {
        let [f, g] = two_functions(pool, names, "unseen");
        assert_eq!(f, g);
    });
    // Interned by the interpreter's start-up.
    with_pool(&["zz"], |pool, names| {
        let [f, g] = two_functions(pool, names, "append");
        assert_ne!(f, g);
    });
}

#[test]
fn a_qualified_name_and_an_equal_constant() {
    // The class body stores the object that becomes `co_qualname`.
    with_pool(&["A", "B"], |pool, names| {
        let qualname = names.intern("A.B");
        let constant = pool.qualname(qualname, names);
        let code = pool.code(&CodeParts { qualname, ..parts(Name(0), &[constant]) }, names);
        let made = *pool.objects().code(code).expect("a code object");
        assert_eq!(made.qualname, constant);
    });
    // An equal literal came first: the body has that, and the code object another.
    with_pool(&["A", "B"], |pool, names| {
        let qualname = names.intern("A.B");
        let literal = pool.str("A.B".into());
        let constant = pool.qualname(qualname, names);
        assert_eq!(constant, literal);
        let code = pool.code(&CodeParts { qualname, ..parts(Name(0), &[constant]) }, names);
        let made = *pool.objects().code(code).expect("a code object");
        assert_ne!(made.qualname, constant);
        assert_eq!(pool.get(literal), Object::Str { text: "A.B".into(), interned: false });
    });
}

#[test]
fn a_tuple_that_is_a_code_objects_names_caches_no_elements() {
    with_pool(&["é1"], |pool, names| {
        let name = names.intern("é1");
        let list = [name];
        let code = pool.code(&CodeParts { names: &list, ..parts(Name(0), &[]) }, names);
        let co_names = pool.objects().code(code).map(|code| code.names);
        let keywords = pool.names(list.into_iter(), names);
        assert_eq!(Some(keywords), co_names);
        // So a literal is an object of its own, which nothing interns.
        let literal = pool.str("é1".into());
        assert_ne!(pool.tuple_items(keywords), [literal]);
        assert_eq!(pool.get(literal), Object::Str { text: "é1".into(), interned: false });
    });
    with_pool(&["é1"], |pool, names| {
        let name = names.intern("é1");
        let keywords = pool.names([name].into_iter(), names);
        let literal = pool.str("é1".into());
        assert_eq!(pool.tuple_items(keywords), [literal]);
    });
}

#[test]
fn a_made_up_name_interns_the_constant_that_it_meets_in_a_tuple() {
    with_pool(&[], |pool, names| {
        // `_K__é` as a default value, and then as the one (mangled) name of a code object.
        let literal = pool.str("_K__é".into());
        let defaults = pool.tuple(&[literal]);
        let mangled = [names.intern("_K__é")];
        let code = pool.code(&CodeParts { names: &mangled, ..parts(Name(0), &[defaults]) }, names);
        assert_eq!(pool.objects().code(code).map(|code| code.names), Some(defaults));
        assert_eq!(pool.tuple_items(defaults), [literal]);
        assert_eq!(pool.get(literal), Object::Str { text: "_K__é".into(), interned: true });
    });
}

#[test]
fn a_module_as_cpython_writes_it() {
    // 3.13: `a=b"x";b=1.5;c=1.5;d=(1000,1.5)`, from `marshal.dumps(compile(…))`.
    let expected: &[u8] = b"\xe3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\
        \xf3\x02\x00\x00\x00\x95\x00)\x04\xf3\x01\x00\x00\x00x\xe7\x00\x00\x00\x00\x00\x00\xf8?)\x02i\xe8\x03\
        \x00\x00r\x03\x00\x00\x00N)\x04\xda\x01a\xda\x01b\xda\x01c\xda\x01d\xa9\x00\xf3\x00\x00\x00\x00\xda\x04\
        f.py\xda\x08<module>r\x0b\x00\x00\x00\x01\x00\x00\x00s\x02\x00\x00\x00\xf0\x03r\x09\x00\x00\x00";
    let module = |pool: &mut ConstPool<'_>, names: &mut Interner| {
        let list: Vec<Name> = ["a", "b", "c", "d"].map(|name| names.intern(name)).to_vec();
        let (x, half) = (pool.bytes(b"x"), pool.float(1.5));
        let pair = pool.constant(&Const::Tuple(&[Const::Int(1000), Const::Float(1.5)]));
        let consts = [x, half, pair, ConstPool::NONE];
        pool.code(&CodeParts { names: &list, ..parts(known::ANON_MODULE, &consts) }, names)
    };
    // In one pass, and flags first.
    with_pool(&["a", "b", "c", "d"], |pool, names| {
        let root = module(pool, names);
        let mut out = Vec::new();
        pool.write(root, &mut Writer::new(), &mut out).expect("small");
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    });
    with_pool(&["a", "b", "c", "d"], |pool, names| {
        let root = module(pool, names);
        pool.finish(root).expect("shallow");
        let mut out = Vec::new();
        Writer::new().write(pool.objects(), root, &mut out).expect("small");
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    });
}

#[test]
fn memory_is_reused_without_a_trace() {
    let names = Interner::new();
    let mut memory = ConstMemory::default();
    for _ in 0..2 {
        let arena = Bump::new();
        let mut pool =
            ConstPool::new(&arena, Target::newest(Version::V3_14), &names, PyStr::from("f.py"), memory);
        let before = 6 + names.len() as u32;
        assert_eq!(pool.str("one".into()), ObjectId(before));
        assert_eq!(pool.objects().objects.len() as u32, before + 1);
        memory = pool.recycle();
    }
}
