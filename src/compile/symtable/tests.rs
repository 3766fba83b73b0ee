//! Compares symbol tables and errors with what CPython makes of the programs in `fixtures/symtable`.

use super::SymbolTable;
use crate::compile::future::Future;
use crate::compile::recipe::{Recipe, Wording};
use crate::source::SourceError;
use crate::syntax::{ParseOptions, parse};
use crate::target::{Target, Version};
use crate::value::Interner;
use bumpalo::Bump;

fn dump(program: &str, target: Target) -> Result<String, SourceError> {
    let (arena, mut names) = (Bump::new(), Interner::new());
    let mut module = parse(&arena, &mut names, program, &ParseOptions::exec(target), &mut Vec::new())?;
    let future = Future::of(&module, &names, Wording::of(target).future_errors)?;
    let mut table = SymbolTable::new();
    table.build(&mut module, &mut names, &Recipe::of(target).symtable, &future)?;
    Ok(table.dump(&names))
}

fn compare(programs: &str, expected: &str, version: Version) {
    let expected = expected.strip_suffix('\n').unwrap_or(expected);
    let (programs, expected): (Vec<_>, Vec<_>) =
        (programs.split("# ---\n").collect(), expected.split("\n# ---\n").collect());
    assert_eq!(programs.len(), expected.len());
    for (program, expected) in programs.iter().zip(expected) {
        let found = dump(program, Target::newest(version)).unwrap_or_else(|error| {
            let SourceError { message, lineno, offset, end_lineno, end_offset, .. } = error;
            let [a, b, c, d] = [lineno, offset, end_lineno, end_offset].map(Option::unwrap_or_default);
            format!("SyntaxError: {message} ({a}, {b}, {c}, {d})")
        });
        assert_eq!(found.trim_end_matches('\n'), expected, "{version:?}\n{program}");
    }
}

macro_rules! fixture {
    ($name:literal, $version:literal) => {
        (
            include_str!(concat!("../../../fixtures/symtable/", $name, ".py")),
            include_str!(concat!("../../../fixtures/symtable/", $name, ".", $version, ".txt")),
        )
    };
}

#[test]
fn blocks_are_those_of_cpython() {
    let (programs, expected) = fixture!("blocks", "3.13");
    compare(programs, expected, Version::V3_13);
    let (programs, expected) = fixture!("blocks", "3.14");
    compare(programs, expected, Version::V3_14);
    let (programs, expected) = fixture!("templates", "3.14");
    compare(programs, expected, Version::V3_14);
}

#[test]
fn errors_are_those_of_cpython() {
    let (programs, expected) = fixture!("errors", "3.13");
    compare(programs, expected, Version::V3_13);
    let (programs, expected) = fixture!("errors", "3.14");
    compare(programs, expected, Version::V3_14);
}

#[test]
fn a_table_is_used_again() {
    let (arena, mut names, mut table) = (Bump::new(), Interner::new(), SymbolTable::new());
    let target = Target::newest(Version::V3_14);
    let mut dumps = Vec::new();
    for program in ["def f(x): return lambda: x\n", "y = [z for z in y]\n", "def f(x): return lambda: x\n"] {
        let mut module =
            parse(&arena, &mut names, program, &ParseOptions::exec(target), &mut Vec::new()).expect(program);
        let recipe = Recipe::of(target).symtable;
        table.build(&mut module, &mut names, &recipe, &Future::default()).expect(program);
        dumps.push(table.dump(&names));
    }
    assert_eq!(dumps[0], dumps[2]);
    assert_ne!(dumps[0], dumps[1]);
}

#[test]
fn classes_provide_cells_to_inlined_comprehensions() {
    let program = "class C:\n    x = [lambda: __class__ for a in b]\n";
    let compile = |version| {
        let options = crate::compile::Options::new(Target::newest(version));
        crate::compile::Session::new().compile(program.as_bytes(), "x".into(), &options).map(drop)
    };
    assert_eq!(compile(Version::V3_14), Ok(()));
    // What 3.13.18 says of it, too.
    let error = compile(Version::V3_13).expect_err("3.13 fails");
    assert_eq!(error.kind, crate::source::ExceptionKind::SystemError);
    let message = "compiler_lookup_arg(name='__class__') with reftype=5 failed in C; freevars of code <lambda>: \
                   ('__class__',)";
    assert_eq!(error.message, message);
}
