//! The stages in order, for one source at a time, with memory that is reused from source to source.

use super::assemble::Assembler;
use super::codegen::{Input, Scratch, generate};
use super::consts::{ConstMemory, ConstPool};
use super::fold::{FoldOptions, Purpose, preprocess};
use super::future::Future;
use super::recipe::Recipe;
use super::symtable::SymbolTable;
use crate::code::{ObjectId, Objects};
use crate::marshal::{WriteError, Writer};
use crate::source::{Decoded, ExceptionKind, SourceError, Warning, decode};
use crate::syntax::ast::Mod;
use crate::syntax::{Mode, ParseOptions, as_raised, parse, undecodable};
use crate::target::Target;
use crate::value::{Interner, PyStr};
use bumpalo::Bump;

/// What a compilation depends on besides the source and its recorded path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The release whose bytes are wanted.
    pub target: Target,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// Errors of the stages behind the parser show the line of the source. CPython reads that line from the file that
    /// the source is said to be, so whoever compiles what is no file does without it.
    pub shown_lines: bool,
    /// Annotations are texts, as behind `from __future__ import annotations`: a flag of CPython's `compile()`, which
    /// code that is compiled by code with the statement inherits.
    pub future_annotations: bool,
}

impl Options {
    /// No optimisation.
    pub const fn new(target: Target) -> Self {
        Options { target, optimize: 0, shown_lines: true, future_annotations: false }
    }
}

/// A worker's compiler: create one per thread, compile many sources with it.
#[derive(Default)]
pub struct Session {
    arena: Bump,
    names: Interner,
    symbols: SymbolTable,
    consts: ConstMemory,
    scratch: Scratch,
    assembler: Option<(Target, Assembler)>,
    writer: Writer,
}

/// A compiled module; borrows the session's memory.
pub struct Compiled<'s> {
    /// The graph of code objects and constants, with FLAG_REF decided.
    pub objects: Objects<'s>,
    /// The module's code object.
    pub root: ObjectId,
    /// What the compiler warns of, in CPython's order.
    pub warnings: Vec<Warning>,
}

impl Session {
    /// A session without any memory yet.
    pub fn new() -> Self {
        Session::default()
    }

    /// Compiles the bytes of a source file. `filename` is what `co_filename` records.
    ///
    /// # Errors
    /// The exception that CPython raises for this source.
    pub fn compile<'s>(
        &'s mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
    ) -> Result<Compiled<'s>, SourceError> {
        self.compile_as(source, filename, options, Mode::Exec)
    }

    /// The same for another start of the grammar: what `eval` and the interactive prompt take.
    ///
    /// # Errors
    /// The exception that CPython raises for this source.
    pub fn compile_as<'s>(
        &'s mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        mode: Mode,
    ) -> Result<Compiled<'s>, SourceError> {
        let mut warnings = Vec::new();
        let decoded = decode(source, options.target)?;
        let mut stages = self.stages();
        stages.mode = mode;
        // What is returned borrows from the text.
        let text: &'s str = stages.arena.alloc_str(&decoded.text);
        let (mut pool, root) = stages.run(text, &decoded, filename, options, &mut warnings)?;
        pool.finish(root).map_err(unmarshallable)?;
        Ok(Compiled { objects: pool.into_objects(), root, warnings })
    }

    /// Compiles a tree that `make` puts into the session's memory: one that no parser made. It must be whole: whatever the
    /// grammar says of numbers of children and of contexts holds, and [`Stmt::folds`](crate::syntax::ast::Stmt::folds) is set.
    ///
    /// # Errors
    /// What `make` gives, or the exception that CPython raises for the tree.
    pub fn compile_tree<'s, E>(
        &'s mut self,
        make: impl FnOnce(&'s Bump, &mut Interner) -> Result<Mod<'s>, E>,
        filename: PyStr<'_>,
        options: &Options,
    ) -> Result<Result<Compiled<'s>, SourceError>, E> {
        let stages = self.stages();
        let tree = make(stages.arena, stages.names)?;
        let mut warnings = Vec::new();
        let compiled = stages.tree(tree, filename, options, &mut warnings).and_then(|(mut pool, root)| {
            pool.finish(root).map_err(unmarshallable)?;
            Ok(Compiled { objects: pool.into_objects(), root, warnings })
        });
        Ok(compiled.map_err(|error| as_raised(error, options.target)))
    }

    /// Compiles the bytes of a source file and appends the marshalled code object (what follows the header
    /// of a `.pyc`) to `out`. This is the batch driver's call: it allocates nothing in the steady state.
    ///
    /// # Errors
    /// The exception that CPython raises for this source; `out` is as before then.
    pub fn compile_into(
        &mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        out: &mut Vec<u8>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), SourceError> {
        let decoded = decode(source, options.target)?;
        let mut writer = std::mem::take(&mut self.writer);
        let start = out.len();
        let result = self.stages().run(&decoded.text, &decoded, filename, options, warnings).and_then(
            |(mut pool, root)| {
                let written = pool.write(root, &mut writer, out);
                let memory = pool.recycle();
                written.map(|()| memory).map_err(unmarshallable)
            },
        );
        self.writer = writer;
        match result {
            Ok(memory) => {
                self.consts = memory;
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                Err(error)
            }
        }
    }

    /// Empties the memory and lends it to one compilation.
    fn stages(&mut self) -> Stages<'_> {
        self.arena.reset();
        self.names.reset();
        Stages {
            arena: &self.arena,
            names: &mut self.names,
            symbols: &mut self.symbols,
            consts: std::mem::take(&mut self.consts),
            scratch: &mut self.scratch,
            assembler: &mut self.assembler,
            mode: Mode::Exec,
        }
    }
}

/// What one compilation works with.
struct Stages<'s> {
    arena: &'s Bump,
    names: &'s mut Interner,
    symbols: &'s mut SymbolTable,
    consts: ConstMemory,
    scratch: &'s mut Scratch,
    assembler: &'s mut Option<(Target, Assembler)>,
    /// Where the grammar starts.
    mode: Mode,
}

impl<'s> Stages<'s> {
    /// Compiles `text`, which is that of `decoded`; the tree and its constants borrow from it.
    fn run(
        self,
        text: &'s str,
        decoded: &Decoded<'_>,
        filename: PyStr<'_>,
        options: &Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(ConstPool<'s>, ObjectId), SourceError> {
        let result = self.module(text, filename, options, warnings);
        if let Some(error) = undecodable(decoded, options.target, result.as_ref().err()) {
            return Err(error);
        }
        result.map_err(|error| {
            let error = if options.shown_lines { with_text(error, text) } else { error };
            as_raised(error, options.target)
        })
    }

    fn module(
        self,
        text: &'s str,
        filename: PyStr<'_>,
        options: &Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(ConstPool<'s>, ObjectId), SourceError> {
        let parsed = ParseOptions { mode: self.mode, ..ParseOptions::exec(options.target) };
        let module = parse(self.arena, self.names, text, &parsed, warnings)?;
        self.tree(module, filename, options, warnings)
    }

    fn tree(
        self,
        mut module: Mod<'s>,
        filename: PyStr<'_>,
        options: &Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<(ConstPool<'s>, ObjectId), SourceError> {
        let Stages { arena, names, symbols, consts, scratch, assembler, mode: _ } = self;
        let recipe = Recipe::of(options.target);
        let target = options.target;
        let mut pool = ConstPool::new(arena, target, names, filename, consts);
        let mut future = Future::of(&module, names, recipe.codegen.wording.future_errors)?;
        future.annotations |= options.future_annotations;
        let optimize = options.optimize;
        let purpose = Purpose::Optimized;
        let fold = FoldOptions { recipe: &recipe.fold, optimize, purpose, future: &future };
        preprocess(arena, &mut module, &fold, warnings)?;
        symbols.build(&mut module, names, &recipe.symtable, &future)?;
        let assembler = match assembler {
            Some((made_for, assembler)) if *made_for == target => assembler,
            other => &mut other.insert((target, Assembler::new(target))).1,
        };
        let input = Input {
            arena,
            names,
            symbols,
            consts: &mut pool,
            recipe: &recipe,
            unicode: target.unicode(),
            optimize,
            future,
            warnings,
            finish: assembler,
            scratch,
        };
        let root = generate(&module, input)?;
        Ok((pool, root))
    }
}

/// CPython compiles such a module and raises when it writes the file.
fn unmarshallable(error: WriteError) -> SourceError {
    SourceError::without_location(ExceptionKind::ValueError, error.to_string())
}

/// Adds the source line that the error names, where the stage did not.
fn with_text(mut error: SourceError, text: &str) -> SourceError {
    if let (None, Some(line)) = (&error.text, error.lineno)
        && let Some(index) = usize::try_from(line).ok().and_then(|line| line.checked_sub(1))
    {
        error.text = text.split_inclusive('\n').nth(index).map(|line| line.as_bytes().to_vec());
    }
    error
}
