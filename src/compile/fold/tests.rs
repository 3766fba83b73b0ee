//! Compares preprocessed trees with what CPython makes of the programs in `fixtures/fold`.

use super::{FoldOptions, Purpose, preprocess};
use crate::compile::future::Future;
use crate::compile::recipe::{FoldRecipe, Wording};
use crate::source::{ExceptionKind, SourceError, Warning};
use crate::syntax::dump::{DumpOptions, DumpStyle, dump};
use crate::syntax::{ParseOptions, parse};
use crate::target::{Target, Version};
use crate::value::Interner;
use bumpalo::Bump;

fn folded(
    program: &str,
    version: Version,
    optimize: u8,
    include_attributes: bool,
) -> Result<(String, Vec<Warning>), SourceError> {
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    let target = Target::newest(version);
    let mut module = parse(&arena, &mut names, program, &ParseOptions::exec(target), &mut Vec::new())?;
    let future = Future::of(&module, &names, Wording::of(target).future_errors)?;
    let options = FoldOptions {
        recipe: &FoldRecipe::of(target),
        optimize,
        purpose: Purpose::Optimized,
        future: &future,
    };
    preprocess(&arena, &mut module, &options, &mut warnings)?;
    let options = DumpOptions {
        indent: None,
        annotate_fields: true,
        include_attributes,
        show_empty: false,
        style: DumpStyle::of(target),
        unicode: target.unicode(),
    };
    let mut text = String::new();
    dump(&module, &names, &options, &mut text).expect("no huge numbers");
    Ok((text, warnings))
}

fn compare(programs: &str, expected: &str, version: Version, optimize: u8) {
    let programs: Vec<_> = programs.split("# ---\n").collect();
    let expected: Vec<_> = expected.lines().collect();
    assert_eq!(programs.len(), expected.len());
    for (program, expected) in programs.iter().zip(expected) {
        let attributes = program.contains("not a in b") || program.contains("%s");
        let (found, _) = folded(program, version, optimize, attributes).expect(program);
        for (found, expected) in found.split("Expr(").zip(expected.split("Expr(")) {
            assert_eq!(found, expected, "{version:?} -O{optimize}\n{program}");
        }
    }
}

#[test]
fn trees_are_those_of_cpython() {
    let programs = include_str!("../../../fixtures/fold/constants.py");
    let expected = include_str!("../../../fixtures/fold/constants.3.13.O1.txt");
    compare(programs, expected, Version::V3_13, 1);
    let expected = include_str!("../../../fixtures/fold/constants.3.13.O2.txt");
    compare(programs, expected, Version::V3_13, 2);
    let expected = include_str!("../../../fixtures/fold/constants.3.14.O1.txt");
    compare(programs, expected, Version::V3_14, 1);
    let expected = include_str!("../../../fixtures/fold/constants.3.14.O2.txt");
    compare(programs, expected, Version::V3_14, 2);
}

#[test]
fn debug_depends_on_the_level() {
    let debug = |optimize| folded("__debug__\n", Version::V3_13, optimize, false).expect("valid").0;
    assert!(debug(0).contains("True"));
    assert!(debug(1).contains("False"));
}

#[test]
fn exits_from_finally_are_warned_of() {
    let program = "def f():\n for q in r:\n  try: pass\n  finally:\n   BODY\n";
    let warned = |body, version| {
        let (_, warnings) = folded(&program.replace("BODY", body), version, 0, false).expect(body);
        warnings
            .into_iter()
            .map(|warning| format!("{}: {}", warning.lineno, warning.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(warned("return", Version::V3_14), ["5: 'return' in a 'finally' block"]);
    assert_eq!(warned("if a: break", Version::V3_14), ["5: 'break' in a 'finally' block"]);
    assert_eq!(warned("continue", Version::V3_14), ["5: 'continue' in a 'finally' block"]);
    // CPython is silent about loops within, whatever they leave.
    assert!(warned("while a: return", Version::V3_14).is_empty());
    assert!(warned("def g(): return", Version::V3_14).is_empty());
    assert!(warned("return", Version::V3_13).is_empty());
}

#[test]
fn nesting_ends_where_cpython_ends_it() {
    // A statement without anything to fold is passed by.
    let chain = |length: usize| format!("__debug__{}\n", ".x".repeat(length));
    let run = |length: usize| {
        std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn(move || folded(&chain(length), Version::V3_13, 0, false).map(drop))
            .expect("a thread")
            .join()
            .expect("no panic")
    };
    assert_eq!(run(9996), Ok(()));
    let error = run(9997).expect_err("too deep");
    assert_eq!(error.kind, ExceptionKind::RecursionError);
    assert_eq!(error.message, "maximum recursion depth exceeded during compilation");
}
