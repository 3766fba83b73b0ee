//! From a unit's instruction sequence to its code object (CPython: `Python/assemble.c`; the optimiser before
//! it is [`cfg`](super::cfg)).
//!
//! The caller has wrapped the body of a generator with the handler for `StopIteration`, added the `return` at
//! the end, and placed every label before an instruction. Afterwards `seq` and `meta` may be cleared and
//! reused; `meta.consts` has lost what is not used.

mod layout;

use super::cfg::Optimizer;
use super::consts::{CodeParts, ConstPool};
use super::ir::{Instr, InstrSeq, UnitMeta};
use super::recipe::cfg::{CfgRecipe, LocalKinds};
use crate::code::{ObjectId, flags};
use crate::source::Location;
use crate::tables::{LineWriter, push_handler};
use crate::target::{Op, OpTable, Target};
use crate::value::{Interner, Name};
use layout::Layout;

/// Turns units into code objects. One per worker and target; memory is reused from unit to unit.
pub struct Assembler {
    optimizer: Optimizer,
    kinds: LocalKinds,
    layout: Layout,
    encoding: Encoding,
    code: Vec<u8>,
    linetable: Vec<u8>,
    exceptiontable: Vec<u8>,
    localsplusnames: Vec<Name>,
    localspluskinds: Vec<u8>,
}

/// Opcode number and count of cache units, by [`Op`].
pub(super) struct Encoding {
    by_op: [(u8, u8); Op::COUNT],
    extended_arg: u8,
}

impl Encoding {
    fn new(table: &OpTable) -> Self {
        let mut by_op = [(0, 0); Op::COUNT];
        for (encoding, info) in by_op.iter_mut().zip(&table.info) {
            // Pseudo-operations have larger numbers and are gone by the time anything is written.
            *encoding = (info.number as u8, info.caches);
        }
        let extended_arg = by_op[Op::ExtendedArg as usize].0;
        Encoding { by_op, extended_arg }
    }

    /// Size of an instruction without `EXTENDED_ARG`s, in code units.
    #[inline]
    fn plain_size(&self, op: Op) -> u32 {
        1 + u32::from(self.by_op[op as usize].1)
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
            layout: Layout::default(),
            encoding: Encoding::new(table),
            code: Vec::new(),
            linetable: Vec::new(),
            exceptiontable: Vec::new(),
            localsplusnames: Vec::new(),
            localspluskinds: Vec::new(),
        }
    }

    /// Optimises and assembles a unit. The code object is added to `pool` as a constant, where an equal one
    /// that was there before takes its place.
    pub fn unit(
        &mut self,
        seq: &InstrSeq,
        meta: &mut UnitMeta,
        names: &Interner,
        pool: &mut ConstPool,
    ) -> ObjectId {
        let stacksize = self.optimizer.optimize(seq, meta, pool);
        self.layout.place(&self.optimizer, &self.encoding);
        self.emit(meta.firstlineno);
        self.compute_localsplus_info(meta);
        let parts = CodeParts {
            argcount: meta.posonlyargcount + meta.argcount,
            posonlyargcount: meta.posonlyargcount,
            kwonlyargcount: meta.kwonlyargcount,
            stacksize,
            flags: meta.flags,
            firstlineno: meta.firstlineno,
            code: &self.code,
            consts: &meta.consts,
            names: &meta.names,
            localsplusnames: &self.localsplusnames,
            localspluskinds: &self.localspluskinds,
            name: meta.name,
            qualname: meta.qualname,
            linetable: &self.linetable,
            exceptiontable: &self.exceptiontable,
            renames_format: meta.renames_format,
        };
        pool.code(&parts, names)
    }

    /// Runs what CPython's `_testinternalcapi.optimize_cfg` runs: every pass but the last ones, which need to
    /// know of cells and free variables. Arguments of jumps are numbers of instructions in the result.
    pub fn optimize_only(&mut self, seq: &InstrSeq, meta: &mut UnitMeta, pool: &mut ConstPool) -> Vec<Instr> {
        self.optimizer.optimize_only(seq, meta, pool)
    }

    /// Writes the bytecode and its tables.
    fn emit(&mut self, first_line: i32) {
        self.code.clear();
        self.linetable.clear();
        self.exceptiontable.clear();
        let mut lines = LineWriter::new(&mut self.linetable, first_line);
        let (mut loc, mut loc_start) = (Location::NONE, 0);
        let mut guard = Guard { handler: u32::MAX, start: 0 };
        let mut offset = 0;
        for (order, block) in self.optimizer.layout().enumerate() {
            let jump = self.layout.jump(order);
            for (i, instr) in block.instrs.iter().enumerate() {
                if instr.loc != loc {
                    lines.push(loc, offset - loc_start);
                    (loc, loc_start) = (instr.loc, offset);
                }
                if instr.except != guard.handler {
                    guard.close(&self.optimizer, &self.layout, &mut self.exceptiontable, offset);
                    guard = Guard { handler: instr.except, start: offset };
                }
                let (op, arg) = match jump {
                    Some(jump) if jump.index == i as u32 => (jump.op, jump.arg),
                    _ => (instr.op, instr.arg),
                };
                offset += write_instr(&mut self.code, &self.encoding, op, arg);
            }
        }
        lines.push(loc, offset - loc_start);
        guard.close(&self.optimizer, &self.layout, &mut self.exceptiontable, offset);
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

/// A run of instructions with one handler.
struct Guard {
    handler: u32,
    start: u32,
}

impl Guard {
    fn close(&self, optimizer: &Optimizer, layout: &Layout, out: &mut Vec<u8>, end: u32) {
        if self.handler == u32::MAX || end == self.start {
            return;
        }
        let (depth, lasti) = optimizer.handler(self.handler);
        // What is on top of the stack in the handler is not what is left of the guarded code's stack: the
        // exception, and the offset.
        let depth = depth.saturating_sub(1 + u32::from(lasti));
        push_handler(out, self.start, end - self.start, layout.offset_of(self.handler), depth, lasti);
    }
}

/// Writes an instruction with its `EXTENDED_ARG`s and empty caches; says how many code units that were.
#[inline]
fn write_instr(code: &mut Vec<u8>, encoding: &Encoding, op: Op, arg: u32) -> u32 {
    let (number, caches) = encoding.by_op[op as usize];
    let extended = extended_args(arg);
    for i in (1..=extended).rev() {
        code.extend_from_slice(&[encoding.extended_arg, (arg >> (8 * i)) as u8]);
    }
    code.extend_from_slice(&[number, arg as u8]);
    code.resize(code.len() + 2 * caches as usize, 0);
    extended + 1 + u32::from(caches)
}
