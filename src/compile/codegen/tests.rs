//! Compares instruction sequences, errors and warnings with what CPython makes of the programs in
//! `fixtures/codegen`; `generate.py` there made the expected files.

use super::{Finish, Input, Scratch, generate};
use crate::code::ObjectId;
use crate::compile::assemble::Assembler;
use crate::compile::consts::{ConstMemory, ConstPool};
use crate::compile::fold::{FoldOptions, Purpose, preprocess};
use crate::compile::future::Future;
use crate::compile::ir::{InstrSeq, UnitMeta};
use crate::compile::recipe::{AsyncForEnd, Recipe, Wording};
use crate::compile::symtable::SymbolTable;
use crate::compile::{Options, Session};
use crate::source::{ExceptionKind, Location, SourceError, WarningCategory};
use crate::syntax::{ParseOptions, parse};
use crate::target::{Op, Target, op_flags};
use crate::value::{Interner, PyStr};
use bumpalo::Bump;
use std::fmt::Write;

/// Writes down each unit before it assembles it.
struct Recorder {
    target: Target,
    assembler: Assembler,
    text: String,
}

impl Recorder {
    fn record(&mut self, seq: &InstrSeq) {
        let table = self.target.version.ops();
        let names_send = Recipe::of(self.target).codegen.async_for_end == AsyncForEnd::NamesSend;
        self.text.push_str("unit\n");
        for instr in &seq.instrs {
            let info = &table.info[instr.op as usize];
            let jumps = info.flags & (op_flags::JUMP | op_flags::EXC) != 0
                || (instr.op == Op::EndAsyncFor && names_send);
            let arg = if jumps { seq.labels[instr.arg as usize] } else { instr.arg };
            let Location { line, end_line, col, end_col } = instr.loc;
            let place = match instr.loc {
                Location::NONE => "-".to_owned(),
                Location::NEXT => "next".to_owned(),
                _ => format!("{line}:{col}-{end_line}:{end_col}"),
            };
            let _ = writeln!(self.text, "  {} {arg} {place}", name(instr.op));
        }
    }
}

/// CPython's name of an operation: `LoadFast` is `LOAD_FAST`.
fn name(op: Op) -> String {
    let mut name = String::new();
    for c in format!("{op:?}").chars() {
        if !name.is_empty() && !c.is_ascii_lowercase() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

impl<'a> Finish<'a> for Recorder {
    fn finish(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        consts: &mut ConstPool<'a>,
        names: &Interner,
    ) -> Result<ObjectId, SourceError> {
        self.record(seq);
        self.assembler.finish(seq, meta, consts, names)
    }
}

fn sequences(program: &str, target: Target) -> Result<String, SourceError> {
    let (arena, mut names, mut warnings) = (Bump::new(), Interner::new(), Vec::new());
    let mut module = parse(&arena, &mut names, program, &ParseOptions::exec(target), &mut warnings)?;
    let mut consts = ConstPool::new(&arena, target, &names, PyStr::from("<program>"), ConstMemory::default());
    let recipe = Recipe::of(target);
    let future = Future::of(&module, &names, Wording::of(target).future_errors)?;
    let fold =
        FoldOptions { recipe: &recipe.fold, optimize: 0, purpose: Purpose::Optimized, future: &future };
    preprocess(&arena, &mut module, &fold, &mut warnings)?;
    let mut symbols = SymbolTable::new();
    symbols.build(&mut module, &mut names, &recipe.symtable, &future)?;
    let mut recorder = Recorder { target, assembler: Assembler::new(target), text: String::new() };
    let input = Input {
        arena: &arena,
        names: &mut names,
        symbols: &symbols,
        consts: &mut consts,
        recipe: &recipe,
        unicode: target.unicode(),
        optimize: 0,
        future,
        warnings: &mut warnings,
        finish: &mut recorder,
        scratch: &mut Scratch::default(),
    };
    generate(&module, input)?;
    Ok(recorder.text)
}

fn messages(program: &str, target: Target) -> String {
    let (mut out, mut warnings) = (Vec::new(), Vec::new());
    let result = Session::new().compile_into(
        program.as_bytes(),
        PyStr::from("<program>"),
        &Options::new(target),
        &mut out,
        &mut warnings,
    );
    let mut text = String::new();
    for warning in warnings {
        let category = match warning.category {
            WarningCategory::SyntaxWarning => "SyntaxWarning",
            WarningCategory::DeprecationWarning => "DeprecationWarning",
        };
        let _ = writeln!(text, "{category}: {} ({})", warning.message, warning.lineno);
    }
    if let Err(SourceError { kind, message, lineno, offset, end_lineno, end_offset, .. }) = result {
        let [a, b, c, d] = [lineno, offset, end_lineno, end_offset].map(Option::unwrap_or_default);
        let _ = match kind {
            ExceptionKind::ValueError => writeln!(text, "ValueError: {message}"),
            _ => writeln!(text, "SyntaxError: {message} ({a}, {b}, {c}, {d})"),
        };
    }
    text
}

fn compare(
    programs: &str,
    expected: &str,
    release: &str,
    make: impl Fn(&str, Target) -> Result<String, SourceError>,
) {
    let target = Target::parse(release).expect("a known release");
    let expected = expected.strip_suffix('\n').unwrap_or(expected);
    let (programs, expected): (Vec<_>, Vec<_>) =
        (programs.split("# ---\n").collect(), expected.split("\n# ---\n").collect());
    assert_eq!(programs.len(), expected.len());
    let mut wrong = String::new();
    for (program, expected) in programs.iter().zip(expected) {
        let found = make(program, target).unwrap_or_else(|error| format!("refused: {}", error.message));
        let found = found.trim_end_matches('\n');
        if found != expected {
            let at = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
            let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
            let _ = writeln!(
                wrong,
                "{release}: line {at} is\n{}\nand should be\n{}\nin\n{program}",
                line(found),
                line(expected)
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! fixture {
    ($name:literal, $release:literal) => {
        (
            include_str!(concat!("../../../fixtures/codegen/", $name, ".py")),
            include_str!(concat!("../../../fixtures/codegen/", $name, ".", $release, ".txt")),
        )
    };
}

#[test]
fn sequences_are_those_of_cpython() {
    for (release, (programs, expected)) in [
        ("3.13.0", fixture!("sequences", "3.13.0")),
        ("3.13", fixture!("sequences", "3.13")),
        ("3.14", fixture!("sequences", "3.14")),
        ("3.15", fixture!("sequences", "3.15")),
        ("3.13.0", fixture!("sequences_annotations", "3.13.0")),
        ("3.13", fixture!("sequences_annotations", "3.13")),
        ("3.14", fixture!("sequences_annotations", "3.14")),
        ("3.15", fixture!("sequences_annotations", "3.15")),
    ] {
        compare(programs, expected, release, sequences);
    }
}

#[test]
fn messages_are_those_of_cpython() {
    for (release, (programs, expected)) in [
        ("3.13.0", fixture!("messages", "3.13.0")),
        ("3.13", fixture!("messages", "3.13")),
        ("3.14", fixture!("messages", "3.14")),
        ("3.15", fixture!("messages", "3.15")),
    ] {
        compare(programs, expected, release, |program, target| Ok(messages(program, target)));
    }
}
