use super::*;
use crate::code::{Code, Object, Range};

/// A module with the given name, instructions and constants.
fn module(objects: &mut Objects<'static>, code: &'static [u8], consts: &[Object<'static>]) -> ObjectId {
    let ids: Vec<ObjectId> = consts.iter().map(|&object| objects.push(object, false)).collect();
    add_code(objects, "<module>", code, &ids)
}

fn add_code(
    objects: &mut Objects<'static>,
    name: &'static str,
    code: &'static [u8],
    consts: &[ObjectId],
) -> ObjectId {
    let mut tuple = |ids: &[ObjectId]| {
        let range = Range { start: objects.children.len() as u32, len: ids.len() as u32 };
        objects.children.extend_from_slice(ids);
        objects.push(Object::Tuple(range), false)
    };
    let (consts, empty) = (tuple(consts), tuple(&[]));
    let text = objects.push(Object::Str { text: PyStr::from(name), interned: true }, true);
    let none = objects.push(Object::Bytes(b""), false);
    let code = objects.push(Object::Bytes(code), false);
    objects.codes.push(Code {
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        stacksize: 1,
        flags: 0,
        code,
        consts,
        names: empty,
        localsplusnames: empty,
        localspluskinds: none,
        filename: text,
        name: text,
        qualname: text,
        firstlineno: 1,
        linetable: none,
        exceptiontable: none,
        ..Code::EMPTY
    });
    objects.push(Object::Code(objects.codes.len() as u32 - 1), false)
}

fn kinds(left: (&Objects<'_>, ObjectId), right: (&Objects<'_>, ObjectId)) -> Vec<(String, Kind)> {
    let side = |(objects, root)| Side { objects, root };
    let found = compare(side(left), side(right)).unwrap();
    found
        .into_iter()
        .flat_map(|code| code.findings.into_iter().map(move |finding| (code.path.clone(), finding.kind)))
        .collect()
}

#[test]
fn equal_modules_have_no_differences() {
    let (mut a, mut b) = (Objects::default(), Objects::default());
    let x = module(&mut a, b"\x01\x00", &[Object::None, Object::Int(5)]);
    let y = module(&mut b, b"\x01\x00", &[Object::None, Object::Int(5)]);
    assert_eq!(kinds((&a, x), (&b, y)), []);
}

#[test]
fn instructions_and_constants_are_told_apart() {
    let (mut a, mut b) = (Objects::default(), Objects::default());
    let x = module(&mut a, b"\x01\x00", &[Object::None, Object::Float(0.0f64.to_bits())]);
    let y = module(&mut b, b"\x01\x01", &[Object::None, Object::Float((-0.0f64).to_bits())]);
    let module = || "<module>".to_string();
    assert_eq!(kinds((&a, x), (&b, y)), [(module(), Kind::Constants), (module(), Kind::Code)]);
}

#[test]
fn code_objects_are_matched_by_name() {
    let (mut a, mut b) = (Objects::default(), Objects::default());
    let inner: Vec<_> = ["f", "g", "h"].map(|name| add_code(&mut a, name, b"\x01\x00", &[])).to_vec();
    let x = add_code(&mut a, "<module>", b"", &inner);
    let inner: Vec<_> = ["f", "h"].map(|name| add_code(&mut b, name, b"\x02\x00", &[])).to_vec();
    let y = add_code(&mut b, "<module>", b"", &inner);
    let expected = [("f", Kind::Code), ("g", Kind::Structure), ("h", Kind::Code)];
    assert_eq!(kinds((&a, x), (&b, y)), expected.map(|(name, kind)| (name.to_string(), kind)));
}

#[test]
fn sharing_is_looked_at_last() {
    let (mut a, mut b) = (Objects::default(), Objects::default());
    let x = module(&mut a, b"\x01\x00", &[Object::Int(7)]);
    let y = module(&mut b, b"\x01\x00", &[Object::Int(7)]);
    a.objects[0].flag_ref = true;
    assert_eq!(kinds((&a, x), (&b, y)), [("<module>".into(), Kind::References)]);

    // Written once and referred to, against written twice.
    let (mut a, mut b) = (Objects::default(), Objects::default());
    let shared = a.push(Object::Int(7), true);
    let x = add_code(&mut a, "<module>", b"", &[shared, shared]);
    let one = b.push(Object::Int(7), true);
    let other = b.push(Object::Int(7), true);
    let y = add_code(&mut b, "<module>", b"", &[one, other]);
    assert_eq!(kinds((&a, x), (&b, y)), [("<module>".into(), Kind::References)]);
}

#[test]
fn constants_that_contain_themselves_end() {
    let mut a = Objects::default();
    let list = a.push(Object::List(Range { start: 0, len: 2 }), true);
    a.children.extend([list, list]);
    let x = add_code(&mut a, "<module>", b"", &[list]);
    assert_eq!(kinds((&a, x), (&a, x)), []);
    assert_eq!(shown_constant(&a, list).chars().count(), SHOWN + 1);
}
