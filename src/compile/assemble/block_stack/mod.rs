//! From the instructions of the block-stack lowering to a code object (3.8 to 3.10; `assemble` in
//! `Python/compile.c`).
//!
//! 3.8 and 3.9 assemble the blocks as they are and then optimise the bytes ([`peephole`]); 3.10 optimises the
//! graph of blocks ([`graph`]) and then assembles.

mod blocks;
mod emit;
mod graph;
mod peephole;

use crate::code::{ObjectId, flags};
use crate::compile::consts::{CodeParts, ConstPool, SplitNames};
use crate::compile::ir::{InstrSeq, UnitMeta};
use crate::compile::recipe::block_stack::{BlockStackRecipe, ModuleStart, Optimizer};
use crate::tables::Buffer;
use crate::target::OpTable;
use crate::value::Interner;
use blocks::Blocks;

/// Assembles units; memory is reused from unit to unit.
pub(super) struct BlockStackAssembler {
    recipe: BlockStackRecipe,
    table: &'static OpTable,
    blocks: Blocks,
    code: Vec<u8>,
    lines: Buffer,
    peephole: peephole::Peephole,
}

impl BlockStackAssembler {
    pub fn new(recipe: BlockStackRecipe, table: &'static OpTable) -> Self {
        BlockStackAssembler {
            recipe,
            table,
            blocks: Blocks::default(),
            code: Vec::new(),
            lines: Buffer::default(),
            peephole: peephole::Peephole::new(table),
        }
    }

    /// See [`Assembler::unit`](super::Assembler::unit).
    pub fn unit(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        names: &Interner,
        pool: &mut ConstPool,
    ) -> ObjectId {
        self.blocks.build(seq, self.table);
        let generator = meta.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) != 0;
        if meta.firstlineno == 0 {
            meta.firstlineno = match self.recipe.module_start {
                ModuleStart::FirstInstruction => self.blocks.first_line(),
                ModuleStart::One => 1,
            };
        }
        let stacksize = match self.recipe.optimizer {
            Optimizer::Peephole => {
                let stacksize = self.blocks.stackdepth(0);
                self.emit(meta.firstlineno);
                self.peephole.optimize(&mut self.code, &mut self.lines, &mut meta.consts, pool);
                stacksize
            }
            Optimizer::Graph => {
                graph::optimize(&mut self.blocks, meta, pool, generator);
                let stacksize = self.blocks.stackdepth(i32::from(generator));
                self.emit(meta.firstlineno);
                stacksize
            }
        };
        let closed = !meta.cellvars.is_empty() || !meta.freevars.is_empty();
        let parts = CodeParts {
            argcount: meta.posonlyargcount + meta.argcount,
            posonlyargcount: meta.posonlyargcount,
            kwonlyargcount: meta.kwonlyargcount,
            stacksize,
            flags: meta.flags | if closed { 0 } else { flags::NOFREE },
            firstlineno: meta.firstlineno,
            code: &self.code,
            consts: &meta.consts,
            names: &meta.names,
            localsplusnames: &meta.varnames,
            localspluskinds: &[],
            name: meta.name,
            qualname: meta.name,
            qualname_object: None,
            linetable: self.lines.as_slice(),
            exceptiontable: &[],
            split: Some(SplitNames { cellvars: &meta.cellvars, freevars: &meta.freevars }),
            renames_format: false,
        };
        pool.code(&parts, names)
    }

    fn emit(&mut self, first_line: i32) {
        let out = emit::Output { code: &mut self.code, lines: &mut self.lines };
        emit::emit(&mut self.blocks, &self.recipe, self.table, first_line, out);
    }
}
