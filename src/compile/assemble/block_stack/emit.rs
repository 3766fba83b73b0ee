//! Writing bytecode and line table of blocks (`assemble_jump_offsets`, `assemble_emit`).

use super::blocks::{Blocks, NONE};
use crate::compile::assemble::extended_args;
use crate::compile::recipe::block_stack::{BlockStackRecipe, JumpUnits, Lines};
use crate::tables::{Buffer, LnotabWriter, RangeWriter};
use crate::target::{Op, OpTable};

/// Where code and lines go; what is there is replaced.
pub(super) struct Output<'o> {
    pub code: &'o mut Vec<u8>,
    pub lines: &'o mut Buffer,
}

/// Code units that an instruction with argument `arg` takes.
pub(super) fn size(arg: u32) -> u32 {
    1 + extended_args(arg)
}

/// Writes an instruction in `units` code units.
pub(super) fn write(code: &mut Vec<u8>, extended: u8, number: u8, arg: u32, units: u32) {
    for at in (1..units).rev() {
        code.extend_from_slice(&[extended, (arg >> (8 * at)) as u8]);
    }
    code.extend_from_slice(&[number, arg as u8]);
}

pub(super) fn emit(
    blocks: &mut Blocks,
    recipe: &BlockStackRecipe,
    table: &OpTable,
    first_line: i32,
    out: Output<'_>,
) {
    let mut chain = Vec::new();
    blocks.chain(&mut chain);
    let unit = match recipe.jump_units {
        JumpUnits::Bytes => 2,
        JumpUnits::Instructions => 1,
    };
    resolve_jumps(blocks, table, &chain, unit);
    out.code.clear();
    out.lines.clear();
    let extended = table.number(Op::ExtendedArg) as u8;
    let code = out.code;
    match recipe.lines {
        Lines::Marks | Lines::Each => {
            let mut lines = LnotabWriter::new(out.lines, first_line);
            let mut line = first_line;
            for &number in &chain {
                for ins in &blocks.get(number).instrs {
                    // 3.8 writes each mark, 3.9 each change.
                    let noted = ins.line > 0 && (recipe.lines == Lines::Marks || ins.line != line);
                    if noted {
                        lines.push(code.len() as u32, ins.line);
                        line = ins.line;
                    }
                    write(code, extended, table.number(ins.op) as u8, ins.arg, size(ins.arg));
                }
            }
        }
        Lines::Exact => {
            let mut lines = RangeWriter::new(out.lines, first_line);
            let (mut line, mut start) = (first_line, 0);
            for &number in &chain {
                for ins in &blocks.get(number).instrs {
                    // 0 is "as before".
                    if ins.line != line && ins.line != 0 {
                        lines.push(line, (code.len() - start) as u32);
                        (line, start) = (ins.line, code.len());
                    }
                    write(code, extended, table.number(ins.op) as u8, ins.arg, size(ins.arg));
                }
            }
            lines.push(line, (code.len() - start) as u32);
        }
    }
}

/// Finds the arguments of jumps: their sizes decide offsets, which decide their arguments.
fn resolve_jumps(blocks: &mut Blocks, table: &OpTable, chain: &[u32], unit: u32) {
    loop {
        let mut offset = 0;
        for &number in chain {
            let block = blocks.get_mut(number);
            block.offset = offset;
            offset += block.instrs.iter().map(|ins| size(ins.arg)).sum::<u32>();
        }
        let mut settled = true;
        for &number in chain {
            let mut end = blocks.get(number).offset;
            for at in 0..blocks.get(number).instrs.len() {
                let ins = blocks.get(number).instrs[at];
                let before = size(ins.arg);
                end += before;
                if ins.target == NONE {
                    continue;
                }
                let target = blocks.get(ins.target).offset;
                let absolute = table.info(ins.op).jumps_to_absolute();
                let distance = if absolute { target } else { target.wrapping_sub(end) };
                let arg = distance.wrapping_mul(unit);
                settled &= size(arg) == before;
                blocks.get_mut(number).instrs[at].arg = arg;
            }
        }
        if settled {
            return;
        }
    }
}
