//! The grammar is read whole, and a program of each kind of report is diagnosed. The comparison with CPython
//! on many thousand programs is `cargo xtask errors`.

use super::grammar;
use crate::source::ExceptionKind;
use crate::syntax::{ParseOptions, parse};
use crate::target::Target;
use crate::value::Interner;

/// Class, message and place of the error of `text`.
fn diagnosis(release: &str, text: &str) -> (ExceptionKind, String, [i32; 4]) {
    let target = Target::parse(release).expect("a known release");
    let arena = bumpalo::Bump::new();
    let mut warnings = Vec::new();
    let text = format!("{text}\n");
    let parsed = parse(&arena, &mut Interner::new(), &text, &ParseOptions::exec(target), &mut warnings);
    let error = parsed.expect_err("an invalid program");
    let number = |field: Option<i32>| field.unwrap_or(i32::MIN);
    let place =
        [number(error.lineno), number(error.offset), number(error.end_lineno), number(error.end_offset)];
    (error.kind, error.message, place)
}

fn check(release: &str, text: &str, message: &str, place: [i32; 4]) {
    assert_eq!(diagnosis(release, text), (ExceptionKind::SyntaxError, message.to_owned(), place), "{text}");
}

#[test]
fn every_line_of_the_grammar_is_understood() {
    assert_eq!(grammar::problems(), Vec::<String>::new());
}

#[test]
fn messages_of_3_15() {
    for (text, message, place) in [
        ("from os lazy import path", "use 'lazy from ... ' instead of 'from ... lazy import'", [1, 9, 1, 13]),
        ("lazy import not allowed", "invalid syntax", [1, 13, 1, 16]),
        ("lazy from __future__ import a", "lazy from __future__ import is not allowed", [1, 1, 1, 5]),
        ("raise from x", "did you forget an expression between 'raise' and 'from'?", [1, 1, 1, 11]),
        ("assert a = 1", "cannot assign to name here. Maybe you meant '==' instead of '='?", [1, 8, 1, 13]),
        ("with a,: pass", "the last 'with' item has a trailing comma", [1, 7, 1, 8]),
        ("case 1: pass", "case statement must be inside match statement", [1, 1, 1, 8]),
        ("[**a for a in b]", "cannot use dict unpacking in list comprehension", [1, 2, 1, 5]),
        ("{*a: 3}", "cannot use a starred expression in a dictionary key", [1, 2, 1, 4]),
        ("x if y else *z", "cannot unpack only part of a conditional expression", [1, 13, 1, 14]),
        ("x = {1: 2, 3 4}", "invalid syntax. Perhaps you forgot a comma?", [1, 12, 1, 15]),
        ("foo(a[1,\n 2] c)", "invalid syntax. Perhaps you forgot a comma?", [2, 5, 2, 4]),
        ("def f(*): pass", "named parameters must follow bare *", [1, 7, 1, 8]),
        ("f'{a\n b'", "f-string: expecting '}' to close '{' on line 1", [2, 2, 2, 2]),
    ] {
        check("3.15", text, message, place);
    }
}

#[test]
fn messages_and_places_are_those_of_the_release() {
    check("3.13", "x = (a b)", "invalid syntax. Perhaps you forgot a comma?", [1, 6, 1, 9]);
    check(
        "3.13",
        "f() = 1",
        "cannot assign to function call here. Maybe you meant '==' instead of '='?",
        [1, 1, 1, 4],
    );
    check("3.13", "del f()", "cannot delete function call", [1, 5, 1, 8]);
    check(
        "3.13",
        "print 1",
        "Missing parentheses in call to 'print'. Did you mean print(...)?",
        [1, 1, 1, 8],
    );
    check("3.13", "x = {1: 2, 3 4}", "':' expected after dictionary key", [1, 12, 1, 0]);
    check("3.13", "f(a for a in b, c)", "Generator expression must be parenthesized", [1, 3, 1, 15]);
    check("3.13", "f'{a b}'", "invalid syntax. Perhaps you forgot a comma?", [1, 4, 1, 7]);
    check("3.13", "import a as b.c", "invalid syntax", [1, 14, 1, 15]);
    check("3.14", "import a as b.c", "cannot use attribute as import target", [1, 13, 1, 16]);
    check(
        "3.14",
        "x = a if b else pass",
        "expected expression after 'else', but statement is given",
        [1, 17, 1, 21],
    );
    check("3.14", "'a' b 'c'", "invalid syntax. Is this intended to be part of the string?", [1, 5, 1, 6]);
}

#[test]
fn indentation_has_its_own_exception() {
    let (kind, message, place) = diagnosis("3.13", "if x:\ny");
    assert_eq!(kind, ExceptionKind::IndentationError);
    assert_eq!(message, "expected an indented block after 'if' statement on line 1");
    assert_eq!(place, [2, 1, 2, 2]);
}

#[test]
fn errors_of_the_lexer_further_on_win_over_generic_ones() {
    check("3.13", "a b\n'x", "unterminated string literal (detected at line 2)", [2, 1, 2, 1]);
    check("3.13", "x = (\ny = 2 3", "'(' was never closed", [1, 5, 1, 0]);
}
