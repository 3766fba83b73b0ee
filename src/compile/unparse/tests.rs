//! Compares the texts of annotations with those that CPython stores for the expressions in
//! `fixtures/unparse`; `generate.py` there made the expected files.

use crate::code::Object;
use crate::compile::{Options, Session};
use crate::target::Target;
use crate::value::{PyStr, repr};

/// `ascii()` of the text that `expression` becomes as an annotation, or the error.
fn text(expression: &str, target: Target) -> String {
    let source = format!("from __future__ import annotations\ndef f(x: {expression}): pass\n");
    let mut session = Session::new();
    let compiled = match session.compile(source.as_bytes(), PyStr::from("<program>"), &Options::new(target)) {
        Ok(compiled) => compiled,
        Err(error) => return format!("{:?}: {}", error.kind, error.message),
    };
    let text = annotation(&compiled);
    let (mut shown, mut ascii) = (String::new(), String::new());
    repr::push_str(text, target.unicode(), &mut shown);
    repr::push_ascii_only(&shown, &mut ascii);
    ascii
}

/// The constant that follows the parameter's name: in the module's tuple or in `__annotate__`'s constants.
fn annotation<'s>(compiled: &crate::compile::Compiled<'s>) -> PyStr<'s> {
    let objects = &compiled.objects;
    for code in &objects.codes {
        let Object::Tuple(range) = objects.get(code.consts) else { continue };
        for &id in objects.children(range) {
            let Object::Tuple(pair) = objects.get(id) else { continue };
            if let &[name, value] = objects.children(pair)
                && let Object::Str { text: name, .. } = objects.get(name)
                && name.as_bytes() == b"x"
                && let Object::Str { text, .. } = objects.get(value)
            {
                return text;
            }
        }
    }
    let annotate = objects.codes.iter().find(|code| {
        matches!(objects.get(code.name), Object::Str { text, .. } if text.as_bytes() == b"__annotate__")
    });
    let Some(Object::Tuple(range)) = annotate.map(|code| objects.get(code.consts)) else {
        return PyStr::from("(no annotation)");
    };
    let texts = objects.children(range).iter().filter_map(|&id| match objects.get(id) {
        Object::Str { text, .. } => Some(text),
        _ => None,
    });
    let mut after_name = texts.skip_while(|text| text.as_bytes() != b"x").skip(1);
    // The annotation `x` itself is the same constant.
    after_name.next().unwrap_or(PyStr::from("x"))
}

fn compare(expressions: &str, expected: &str, release: &str) {
    let target = Target::parse(release).expect("a known release");
    assert_eq!(expressions.lines().count(), expected.lines().count());
    let mut wrong = Vec::new();
    for (expression, expected) in expressions.lines().zip(expected.lines()) {
        let found = text(expression, target);
        if found != expected {
            wrong.push(format!("{release}: {expression} is {found}, should be {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/unparse/", $name))
    };
}

#[test]
fn texts_are_those_of_cpython() {
    compare(fixture!("expressions.py"), fixture!("expressions.3.13.txt"), "3.13");
    compare(fixture!("expressions.py"), fixture!("expressions.3.14.txt"), "3.14");
    compare(fixture!("templates.py"), fixture!("templates.3.14.txt"), "3.14");
}
