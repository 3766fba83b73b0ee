//! Files of every form, put together by hand.

use super::{Header, Invalidation, Reader, Writer, read};
use crate::code::{Object, ObjectId, Objects};
use crate::target::{CodeField, Form, HeaderForm, References, Series, Strings};

/// Appends a string object as files of `form` have names.
fn name(form: &Form, text: &[u8], out: &mut Vec<u8>) {
    let (code, long) = match (form.strings, form.references) {
        (Strings::Text, References::Flagged) => (b'Z', false),
        (Strings::Text, _) => (b'u', true),
        (_, References::Interned) => (b't', true),
        _ => (b's', true),
    };
    out.push(code);
    if long {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    } else {
        out.push(text.len() as u8);
    }
    out.extend_from_slice(text);
}

fn bytes(text: &[u8], out: &mut Vec<u8>) {
    out.push(b's');
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

fn sequence(form: &Form, items: &[&[u8]], out: &mut Vec<u8>) {
    out.push(if form.lists { b'[' } else { b'(' });
    out.extend_from_slice(&(items.len() as u32).to_le_bytes());
    for item in items {
        name(form, item, out);
    }
}

/// A number that tells which field it is in.
fn number(field: CodeField) -> u32 {
    field as u32 + 5
}

/// A code object whose fields all differ; `inner` is its last constant.
fn code(form: &Form, inner: Option<&[u8]>) -> Vec<u8> {
    let mut out = vec![form.code_type];
    for &field in form.fields {
        match field {
            _ if field.is_number() && form.short_numbers => {
                out.extend_from_slice(&(number(field) as u16).to_le_bytes());
            }
            _ if field.is_number() => out.extend_from_slice(&number(field).to_le_bytes()),
            CodeField::Consts => {
                out.push(if form.lists { b'[' } else { b'(' });
                out.extend_from_slice(&(3 + u32::from(inner.is_some())).to_le_bytes());
                out.extend_from_slice(b"Nf\x041.50i\x07\x00\x00\x00");
                out.extend_from_slice(inner.unwrap_or_default());
            }
            CodeField::Code => bytes(b"ABCD", &mut out),
            CodeField::LineTable | CodeField::ExceptionTable => bytes(field.name().as_bytes(), &mut out),
            CodeField::EndLineTable | CodeField::ColumnTable => out.push(b'N'),
            CodeField::RawKinds => out.extend_from_slice(b"\x20"),
            CodeField::LocalsPlusKinds => bytes(b"\x20", &mut out),
            CodeField::Filename | CodeField::Name | CodeField::Qualname => {
                name(form, field.name().as_bytes(), &mut out);
            }
            _ => sequence(form, &[field.name().as_bytes()], &mut out),
        }
    }
    out
}

fn write(objects: &Objects<'_>, root: ObjectId) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::new().write(objects, root, &mut out).expect("was read");
    out
}

#[test]
fn every_form_is_read_field_by_field() {
    assert!(Series::forms().len() > 20, "{}", Series::forms().len());
    for form in Series::forms() {
        let module = code(form, Some(&code(form, None)));
        let found = read(&module, form).unwrap_or_else(|error| panic!("{form:?}: {error}"));
        assert_eq!(write(&found.objects, found.root), module, "{form:?}");
        let objects = &found.objects;
        assert_eq!(objects.codes.len(), 2);
        for code in &objects.codes {
            for &field in form.fields {
                if field.is_number() {
                    assert_eq!(code.number(field), number(field), "{field:?} of {form:?}");
                    continue;
                }
                let id = code.object(field);
                let (text, items) = (objects.text(id), objects.items(id));
                match field {
                    CodeField::Consts => assert_eq!(objects.get(items[1]), Object::Float(1.5f64.to_bits())),
                    CodeField::Code => assert_eq!(text, b"ABCD"),
                    CodeField::LocalsPlusKinds | CodeField::RawKinds => assert_eq!(text, b"\x20"),
                    CodeField::EndLineTable | CodeField::ColumnTable => {
                        assert_eq!(objects.get(id), Object::None);
                    }
                    _ if !text.is_empty() => assert_eq!(text, field.name().as_bytes()),
                    _ => assert_eq!(objects.text(items[0]), field.name().as_bytes()),
                }
            }
            for field in [CodeField::Varnames, CodeField::LocalsPlusNames, CodeField::ExceptionTable] {
                if !form.has(field) {
                    assert_eq!(objects.get(code.object(field)), Object::Null, "{field:?} of {form:?}");
                }
            }
        }
    }
}

#[test]
fn no_prefix_of_a_file_is_read() {
    for form in Series::forms() {
        let module = code(form, None);
        for len in 0..module.len() {
            assert!(read(&module[..len], form).is_err(), "{len} bytes of {form:?}");
        }
    }
}

#[test]
fn mutants_of_old_forms_are_read_or_refused() {
    let mut random = super::tests::Random(0x0BAD_5EED_0123_4567);
    let (mut reader, mut out) = (Reader::new(), Vec::new());
    let mut accepted = 0;
    for form in Series::forms() {
        let module = code(form, Some(&code(form, None)));
        for round in 0..1500 {
            let mut input = module.clone();
            super::tests::mutate(&mut input, &mut random);
            let mut objects = Objects::default();
            let Ok((root, len)) = reader.read(&input, form, &mut objects) else { continue };
            accepted += 1;
            assert!(objects.objects.len() <= 2 * input.len() && objects.children.len() <= input.len());
            out.clear();
            Writer::new().write(&objects, root, &mut out).expect("was read");
            let again = read(&out, form).unwrap_or_else(|error| panic!("round {round} of {form:?}: {error}"));
            assert_eq!(again.objects.objects.len(), objects.objects.len(), "round {round} of {form:?}");
            assert!(out.len() <= len, "round {round} of {form:?}");
        }
    }
    assert!(accepted > 1000, "some mutants are still whole: {accepted}");
}

/// Python 2.4 to 2.7: interned strings are numbered by themselves.
#[test]
fn interned_strings_are_numbered() {
    let (old, new) = (&crate::target::form::V2_5, &crate::target::form::V3_4);
    let bytes = b"(\x05\x00\x00\x00t\x01\x00\x00\x00as\x01\x00\x00\x00at\x01\x00\x00\x00bR\x01\x00\x00\x00R\x00\x00\x00\x00";
    let found = read(bytes, old).expect("right");
    let items = found.objects.items(found.root);
    assert_eq!((items[3], items[4]), (items[2], items[0]));
    assert_eq!(write(&found.objects, found.root), bytes);
    assert!(read(bytes, new).is_err() && read(b"R\x00\x00\x00\x00", old).is_err());
    // A byte above 127 is a type code of its own there, and none.
    assert!(read(b"\xce", old).is_err() && read(b"\xce", new).is_ok());
}

#[test]
fn numbers_of_old_forms() {
    let form = &crate::target::form::V1_5;
    for bytes in [
        b"f\x0512e-1".as_slice(),
        b"x\x031.5\x02-0",
        b"I\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"l\xfe\xff\xff\xff\x01\x00\x02\x00",
    ] {
        let found = read(bytes, form).expect("right");
        assert_eq!(write(&found.objects, found.root), bytes);
    }
    let found = read(b"I\xff\xff\xff\xff\xff\xff\xff\x7f", form).expect("right");
    assert_eq!(found.objects.get(found.root), Object::Int64(i64::MAX));
}

#[test]
fn headers_of_every_form() {
    let old = Header::parse(b"\x03\xf3\r\n\x01\x02\x03\x04c").expect("2.7");
    assert_eq!((old.len(), old.form), (8, HeaderForm::Time));
    assert_eq!(old.invalidation, Invalidation::Mtime { mtime: 0x0403_0201 });
    assert_eq!(old.to_bytes()[..8], *b"\x03\xf3\r\n\x01\x02\x03\x04");
    let sized = Header::parse(b"\x33\x0d\r\n\x01\x00\x00\x00\x02\x00\x00\x00").expect("3.6");
    assert_eq!((sized.len(), sized.invalidation), (12, Invalidation::Timestamp { mtime: 1, size: 2 }));
    assert_eq!(sized.to_bytes()[..12], *b"\x33\x0d\r\n\x01\x00\x00\x00\x02\x00\x00\x00");
    assert!(Header::parse(b"\x33\x0d\r\n\x01\x00\x00\x00\x02\x00\x00").is_err());
    let first = Header::parse(b"\x02\x99\x99\x00\x01\x00\x00\x00").expect("1.0");
    assert_eq!(first.series().map(|series| series.name), Some("1.0"));
}
