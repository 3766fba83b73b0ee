//! Small programs, one or more of each construct and of each error of the lexer, and what the references
//! make of them (`xtask/facts/trees.py`).

use super::dump::{DumpOptions, DumpStyle, dump};
use super::{Mode, ParseOptions, parse};
use crate::target::Target;
use crate::value::Interner;
use bumpalo::Bump;

fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Our line for a program, in the form of the fixtures, and the tree that it is about.
fn outcome(program: &str, options: &ParseOptions) -> (String, String) {
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    match parse(&arena, &mut names, program, options, &mut warnings) {
        Ok(tree) => {
            let style = DumpOptions {
                indent: None,
                annotate_fields: true,
                include_attributes: true,
                show_empty: false,
                style: DumpStyle::of(options.target),
                unicode: options.target.unicode(),
            };
            let mut text = String::new();
            dump(&tree, &names, &style, &mut text).unwrap();
            let mut line = format!("tree {:016x}", fnv(&text));
            for warning in &warnings {
                line.push_str(&format!(" | {}: {}", warning.lineno, warning.message));
            }
            (line, text)
        }
        Err(error) => {
            let kind = error.kind;
            let place = match (error.lineno, error.offset, error.end_lineno, error.end_offset) {
                (Some(line), Some(col), Some(end_line), Some(end_col)) => {
                    format!("{line}:{col}-{end_line}:{end_col}")
                }
                _ => "-".to_owned(),
            };
            (format!("error {kind:?} {place} {}", error.message), String::new())
        }
    }
}

fn compare(release: &str, expected: &str) {
    let target = Target::parse(release).unwrap();
    let options = ParseOptions { target, mode: Mode::Exec, type_comments: true };
    let cases = include_str!("../../fixtures/syntax/trees-cases.txt");
    let programs = cases.strip_suffix('\n').unwrap_or(cases).split("\n---\n");
    let mut wrong = Vec::new();
    let mut count = 0;
    for (program, expected) in programs.zip(expected.lines()) {
        count += 1;
        let (line, tree) = outcome(&format!("{program}\n"), &options);
        if line != expected {
            wrong.push(format!("{program}\n  expected {expected}\n  got      {line}\n  {tree}"));
        }
    }
    assert_eq!(count, expected.lines().count());
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn as_cpython_3_13_0() {
    compare("3.13.0", include_str!("../../fixtures/syntax/trees-3.13.0.txt"));
}

#[test]
fn as_cpython_3_13() {
    compare("3.13", include_str!("../../fixtures/syntax/trees-3.13.txt"));
}

#[test]
fn as_cpython_3_14() {
    compare("3.14", include_str!("../../fixtures/syntax/trees-3.14.txt"));
}

fn accepts(program: &str) -> bool {
    let text = format!("{program}\n");
    let options = ParseOptions::exec(Target::parse("3.13").unwrap());
    let work = move || {
        let (arena, mut names) = (Bump::new(), Interner::new());
        parse(&arena, &mut names, &text, &options, &mut Vec::new()).is_ok()
    };
    // As deep as CPython's limits needs a large stack, as the threads that compile have it.
    std::thread::Builder::new().stack_size(1 << 28).spawn(work).unwrap().join().unwrap()
}

/// The deepest nesting of each kind that CPython 3.13 accepts.
#[test]
fn depth_is_limited_as_in_cpython() {
    let nested = |open: &str, inner: &str, close: &str, count: usize| {
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    for (open, inner, close, limit) in [
        ("-", "x", "", 5969),
        ("not ", "x", "", 5969),
        ("x**", "x", "", 2984),
        ("a if b else ", "x", "", 5969),
        ("lambda:", "x", "", 2984),
        ("lambda a=", "x", ":x", 746),
        ("(", "x", ")", 200),
        ("[", "x", "]", 200),
        ("(", "x", ",)", 200),
        ("{1:", "x", "}", 200),
        ("f(", "x", ")", 200),
        ("f(a=", "x", ")", 200),
        ("f[", "x", "]", 200),
        ("[", "x", " for y in z]", 200),
        ("(-", "x", ")", 200),
        ("(1 and ", "x", ")", 199),
        ("(1<", "x", ")", 193),
    ] {
        assert!(accepts(&nested(open, inner, close, limit)), "{open} {limit}");
        assert!(!accepts(&nested(open, inner, close, limit + 1)), "{open} {}", limit + 1);
    }
    let branches = |count: usize| format!("if x: pass\n{}", "elif x: pass\n".repeat(count));
    assert!(accepts(&branches(5965)));
    assert!(!accepts(&branches(5966)));
    let blocks = |count: usize| {
        let lines: Vec<String> = (0..count).map(|i| format!("{}if x:", " ".repeat(i))).collect();
        format!("{}\n{}x", lines.join("\n"), " ".repeat(count))
    };
    assert!(accepts(&blocks(99)));
    assert!(!accepts(&blocks(100)));
}

/// Every prefix of a program ends in a tree or an error, not in a panic.
#[test]
fn prefixes_do_not_panic() {
    let cases = include_str!("../../fixtures/syntax/trees-cases.txt");
    let options =
        ParseOptions { target: Target::parse("3.14").unwrap(), mode: Mode::Exec, type_comments: true };
    for program in cases.split("\n---\n").filter(|program| program.len() < 200) {
        for (end, _) in program.char_indices() {
            for mode in [Mode::Exec, Mode::Single] {
                outcome(&program[..end], &ParseOptions { mode, ..options });
            }
        }
    }
}

/// Neither do programs with a few bytes gone wrong.
#[test]
fn mutations_do_not_panic() {
    let cases = include_str!("../../fixtures/syntax/trees-cases.txt");
    let programs: Vec<&str> = cases.split("\n---\n").collect();
    let pieces = [
        "(", ")", "[", "{", "}", "'", "\"", "f'", "\"\"\"", "\\", "\n", "\n ", ":", "=", "#", "é", "\0", "",
        "",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    for round in 0..6000 {
        let mut text: Vec<char> = programs[random(programs.len())].chars().collect();
        for _ in 0..=random(3) {
            let at = random(text.len() + 1);
            let gone = (at + random(3)).min(text.len());
            text.splice(at..gone, pieces[random(pieces.len())].chars());
        }
        let text: String = text.into_iter().collect();
        let release = ["3.13.0", "3.13", "3.14"][round % 3];
        let mode = [Mode::Exec, Mode::Exec, Mode::Eval, Mode::Single, Mode::FuncType][round % 5];
        let options =
            ParseOptions { target: Target::parse(release).unwrap(), mode, type_comments: round % 2 == 0 };
        outcome(&text, &options);
    }
}

/// Forms, the minor number of the first 3.x that has them, and where the releases before point.
#[test]
fn forms_are_refused_before_the_release_that_brought_them() {
    const FORMS: [(&str, u8, &str); 13] = [
        ("{1, b := 0}", 9, "1:7"),
        ("@a.b[0]\ndef f(): pass", 9, "1:5"),
        ("@(a)\ndef f(): pass", 9, "1:2"),
        ("for x in *a, b: pass", 9, "1:10"),
        ("with (a as b): pass", 9, "1:9"),
        ("x += *a, b", 9, "1:6"),
        ("a[b:=0]", 10, "1:4"),
        ("match x:\n case 1: pass", 10, "1:7"),
        ("try: pass\nexcept* A: pass", 11, "2:7"),
        ("def f(*a: *b): pass", 11, "1:11"),
        ("a[1:2, *b]", 11, "1:8"),
        ("type X = int", 12, "1:6"),
        ("class A[T]: pass", 12, "1:8"),
    ];
    for (program, since, place) in FORMS {
        for minor in 8..16 {
            let target = Target::parse(&format!("3.{minor}")).unwrap();
            let options = ParseOptions { target, mode: Mode::Exec, type_comments: false };
            let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
            let error = parse(&arena, &mut names, &format!("{program}\n"), &options, &mut warnings).err();
            assert_eq!(error.is_some(), minor < since, "{program} of 3.{minor}");
            let Some(error) = error.filter(|_| minor == 8) else { continue };
            let found = format!("{}:{}", error.lineno.unwrap_or(-1), error.offset.unwrap_or(-1));
            assert_eq!((found.as_str(), error.message.as_str()), (place, "invalid syntax"), "{program}");
        }
    }
}
