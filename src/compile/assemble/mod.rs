//! From a unit's instruction sequence to its code object (CPython: `Python/assemble.c`; the optimiser before
//! it is [`cfg`](super::cfg)).
//!
//! The caller has wrapped the body of a generator with the handler for `StopIteration`, added the `return` at
//! the end, and placed every label before an instruction. Afterwards `seq` has no instructions, and
//! `meta.consts` has lost what is not used.

mod block_stack;
mod emit;
mod layout;

use super::cfg::Optimizer;
use super::consts::{CodeParts, ConstPool};
use super::ir::{Instr, InstrSeq, UnitMeta};
use super::recipe::BlockStackRecipe;
use super::recipe::cfg::{CfgRecipe, LocalKinds, LocationEntries};
use crate::code::{ObjectId, flags};
use crate::target::{Op, OpTable, Target};
use crate::value::{Interner, Name};
use block_stack::BlockStackAssembler;
use emit::Bytes;
use layout::Layout;

/// Turns units into code objects. One per worker and target; memory is reused from unit to unit.
pub struct Assembler {
    optimizer: Optimizer,
    kinds: LocalKinds,
    layout: Layout,
    encoding: Encoding,
    bytes: Bytes,
    localsplusnames: Vec<Name>,
    localspluskinds: Vec<u8>,
    /// Takes the units of releases with a block stack.
    block_stack: Option<Box<BlockStackAssembler>>,
}

/// Opcode number and length in code units, caches and all, by [`Op`].
pub(super) struct Encoding {
    /// The number in the lower byte, the length in the upper one.
    by_op: [u16; Op::COUNT],
    extended_arg: u8,
    entries: LocationEntries,
}

impl Encoding {
    fn new(table: &OpTable, entries: LocationEntries) -> Self {
        let mut by_op = [0; Op::COUNT];
        for (encoding, info) in by_op.iter_mut().zip(&table.info) {
            // Pseudo-operations have larger numbers and are gone by the time anything is written.
            *encoding = u16::from_le_bytes([info.number as u8, 1 + info.caches]);
        }
        let [extended_arg, _] = by_op[Op::ExtendedArg as usize].to_le_bytes();
        Encoding { by_op, extended_arg, entries }
    }
}

/// How many `EXTENDED_ARG`s an argument needs.
#[inline]
fn extended_args(arg: u32) -> u32 {
    u32::from(arg > 0xff) + u32::from(arg > 0xffff) + u32::from(arg > 0xff_ffff)
}

impl Assembler {
    /// An assembler for `target`.
    pub fn new(target: Target) -> Self {
        let recipe = CfgRecipe::of(target);
        let table = target.version.ops();
        Assembler {
            optimizer: Optimizer::new(target, recipe),
            kinds: recipe.local_kinds,
            layout: Layout::new(table, &recipe),
            encoding: Encoding::new(table, recipe.location_entries),
            bytes: Bytes::default(),
            localsplusnames: Vec::new(),
            localspluskinds: Vec::new(),
            block_stack: BlockStackRecipe::of(target)
                .map(|recipe| Box::new(BlockStackAssembler::new(recipe, table))),
        }
    }

    /// Optimises and assembles a unit. The code object is added to `pool` as a constant, where an equal one
    /// that was there before takes its place.
    pub fn unit(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        names: &Interner,
        pool: &mut ConstPool,
    ) -> ObjectId {
        if let Some(assembler) = &mut self.block_stack {
            return assembler.unit(seq, meta, names, pool);
        }
        let stacksize = self.optimizer.optimize(seq, meta, pool);
        self.bytes.write(&self.optimizer, &mut self.layout, &self.encoding, meta.firstlineno);
        self.compute_localsplus_info(meta);
        let parts = CodeParts {
            argcount: meta.posonlyargcount + meta.argcount,
            posonlyargcount: meta.posonlyargcount,
            kwonlyargcount: meta.kwonlyargcount,
            stacksize,
            flags: meta.flags,
            firstlineno: meta.firstlineno,
            code: self.bytes.code.as_bytes(),
            consts: &meta.consts,
            names: &meta.names,
            localsplusnames: &self.localsplusnames,
            localspluskinds: &self.localspluskinds,
            name: meta.name,
            qualname: meta.qualname,
            qualname_object: meta.qualname_object,
            linetable: self.bytes.linetable.as_slice(),
            exceptiontable: &self.bytes.exceptiontable,
            split: None,
            renames_format: meta.renames_format,
        };
        pool.code(&parts, names)
    }

    /// Runs what CPython's `_testinternalcapi.optimize_cfg` runs: every pass but the last ones, which need to
    /// know of cells and free variables. Arguments of jumps are numbers of instructions in the result.
    pub fn optimize_only(
        &mut self,
        seq: &mut InstrSeq,
        meta: &mut UnitMeta,
        pool: &mut ConstPool,
    ) -> Vec<Instr> {
        self.optimizer.optimize_only(seq, meta, pool)
    }

    /// Names and kinds of locals, cells and free variables (CPython: `compute_localsplus_info`).
    fn compute_localsplus_info(&mut self, meta: &UnitMeta) {
        let (names, kinds) = (&mut self.localsplusnames, &mut self.localspluskinds);
        names.clear();
        kinds.clear();
        names.extend_from_slice(&meta.varnames);
        kinds.extend((0..meta.varnames.len()).map(|i| {
            let hidden = meta.fast_hidden.get(i).copied().unwrap_or(false);
            kind::LOCAL | if hidden { kind::HIDDEN } else { 0 }
        }));
        match self.kinds {
            LocalKinds::Plain => {}
            LocalKinds::Arguments => mark_arguments(kinds, meta),
        }
        for &cell in &meta.cellvars {
            match meta.varnames.iter().position(|&name| name == cell) {
                Some(local) => kinds[local] |= kind::CELL,
                None => {
                    names.push(cell);
                    kinds.push(kind::CELL);
                }
            }
        }
        names.extend_from_slice(&meta.freevars);
        kinds.resize(names.len(), kind::FREE);
    }
}

/// Bits of `co_localspluskinds` (`Include/internal/pycore_code.h`).
mod kind {
    pub const ARG_POS: u8 = 0x02;
    pub const ARG_KW: u8 = 0x04;
    pub const ARG_VAR: u8 = 0x08;
    pub const HIDDEN: u8 = 0x10;
    pub const LOCAL: u8 = 0x20;
    pub const CELL: u8 = 0x40;
    pub const FREE: u8 = 0x80;
}

fn mark_arguments(kinds: &mut [u8], meta: &UnitMeta) {
    let runs = [
        (meta.posonlyargcount, kind::ARG_POS),
        (meta.argcount, kind::ARG_POS | kind::ARG_KW),
        (meta.kwonlyargcount, kind::ARG_KW),
        (u32::from(meta.flags & flags::VARARGS != 0), kind::ARG_VAR | kind::ARG_POS),
        (u32::from(meta.flags & flags::VARKEYWORDS != 0), kind::ARG_VAR | kind::ARG_KW),
    ];
    let arguments = runs.iter().flat_map(|&(count, bits)| (0..count).map(move |_| bits));
    for (kind, bits) in kinds.iter_mut().zip(arguments) {
        *kind |= bits;
    }
}
