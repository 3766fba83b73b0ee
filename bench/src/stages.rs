//! How long each stage of compiling a tree takes, on one core.

use super::{RUNS, median, sources};
use bumpalo::Bump;
use pyrsc::code::ObjectId;
use pyrsc::compile::assemble::Assembler;
use pyrsc::compile::codegen::{Finish, Input, Scratch, generate};
use pyrsc::compile::consts::{ConstMemory, ConstPool};
use pyrsc::compile::fold::{FoldOptions, Purpose, preprocess};
use pyrsc::compile::future::Future;
use pyrsc::compile::ir::{InstrSeq, UnitMeta};
use pyrsc::compile::recipe::Recipe;
use pyrsc::compile::symtable::SymbolTable;
use pyrsc::marshal::Writer;
use pyrsc::source::{SourceError, decode};
use pyrsc::syntax::{ParseOptions, parse};
use pyrsc::target::Target;
use pyrsc::value::{Interner, PyStr};
use std::path::Path;
use std::time::{Duration, Instant};

const NAMES: [&str; 7] = [
    "decode",
    "parse",
    "fold",
    "symbol table",
    "code generation",
    "graph, assembly",
    "marshal",
];

type Times = [Duration; NAMES.len()];

pub fn run(folder: &Path, target: Target) -> Result<(), String> {
    let files = sources(folder)?;
    let bytes: usize = files.iter().map(Vec::len).sum();
    let mut memory = Memory::new(target);
    let mut runs: Vec<Times> = Vec::new();
    let mut refused = 0;
    for run in 0..=RUNS {
        let mut times = Times::default();
        refused = files.iter().filter(|file| memory.compile(file, &mut times).is_err()).count();
        if run > 0 {
            runs.push(times);
        }
    }
    println!(
        "{} files, {:.1} MB; {refused} refused; medians of {RUNS} runs",
        files.len(),
        bytes as f64 / 1e6
    );
    let medians = (0..NAMES.len())
        .map(|stage| median(&runs.iter().map(|times| times[stage].as_secs_f64() * 1e3).collect::<Vec<_>>()));
    let medians: Vec<f64> = medians.collect();
    let total: f64 = medians.iter().sum();
    for (name, time) in NAMES.iter().zip(&medians) {
        println!("{name:<18}{time:8.1} ms {:6.1} %", time / total * 100.0);
    }
    println!("{:<18}{total:8.1} ms", "all");
    Ok(())
}

/// What a worker reuses from file to file.
struct Memory {
    target: Target,
    recipe: Recipe,
    arena: Bump,
    names: Interner,
    symbols: SymbolTable,
    consts: ConstMemory,
    scratch: Scratch,
    assembler: Timed,
    writer: Writer,
    out: Vec<u8>,
}

/// The later stages, timed: code generation calls them for each code object.
struct Timed {
    assembler: Assembler,
    time: Duration,
}

impl<'a> Finish<'a> for Timed {
    fn finish(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        consts: &mut ConstPool<'a>,
        names: &Interner,
    ) -> Result<ObjectId, SourceError> {
        let start = Instant::now();
        let result = self.assembler.finish(seq, meta, consts, names);
        self.time += start.elapsed();
        result
    }
}

impl Memory {
    fn new(target: Target) -> Self {
        Memory {
            target,
            recipe: Recipe::of(target),
            arena: Bump::new(),
            names: Interner::new(),
            symbols: SymbolTable::default(),
            consts: ConstMemory::default(),
            scratch: Scratch::default(),
            assembler: Timed { assembler: Assembler::new(target), time: Duration::ZERO },
            writer: Writer::default(),
            out: Vec::new(),
        }
    }

    /// Compiles a file as `compile::Session` does, and adds what each stage took.
    fn compile(&mut self, source: &[u8], times: &mut Times) -> Result<(), SourceError> {
        let Memory { target, recipe, arena, names, symbols, consts, scratch, assembler, writer, out } = self;
        arena.reset();
        names.reset();
        out.clear();
        let mut warnings = Vec::new();
        let mut clock = Instant::now();
        let mut stage = |times: &mut Times, stage: usize| {
            let now = Instant::now();
            times[stage] += now - std::mem::replace(&mut clock, now);
        };
        let decoded = decode(source, *target)?;
        stage(times, 0);
        let arena = &*arena;
        let mut module = parse(arena, names, &decoded.text, &ParseOptions::exec(*target), &mut warnings)?;
        stage(times, 1);
        let path = PyStr::from_bytes(b"module.py");
        let mut pool = ConstPool::new(arena, *target, names, path, std::mem::take(consts));
        let future = Future::of(&module, names, recipe.codegen.wording.future_errors)?;
        let fold =
            FoldOptions { recipe: &recipe.fold, optimize: 0, purpose: Purpose::Optimized, future: &future };
        preprocess(arena, &mut module, &fold, &mut warnings)?;
        stage(times, 2);
        symbols.build(&mut module, names, &recipe.symtable, &future)?;
        stage(times, 3);
        assembler.time = Duration::ZERO;
        let input = Input {
            arena,
            names,
            symbols,
            consts: &mut pool,
            recipe,
            unicode: target.unicode(),
            optimize: 0,
            future,
            warnings: &mut warnings,
            finish: assembler,
            scratch,
        };
        let root = generate(&module, input)?;
        stage(times, 4);
        times[4] -= assembler.time;
        times[5] += assembler.time;
        // What cannot be marshalled is compiled nevertheless.
        pool.write(root, writer, out).unwrap_or_default();
        *consts = pool.recycle();
        stage(times, 6);
        Ok(())
    }
}
