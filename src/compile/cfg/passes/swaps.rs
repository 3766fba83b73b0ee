//! `SWAP`s: the shortest run that permutes as a longer one does, and none where instructions can be
//! exchanged instead (CPython: `swaptimize`, `apply_static_swaps`).

use crate::compile::ir::Instr;
use crate::target::Op;

/// A place of the simulated stack that is done.
const VISITED: u32 = u32::MAX;

/// Optimises all `SWAP`s of a block.
pub(super) fn optimize_swaps(instrs: &mut [Instr], stack: &mut Vec<u32>) {
    let mut i = 0;
    while i < instrs.len() {
        if instrs[i].op == Op::Swap {
            i = swaptimize(instrs, i, stack);
            apply_static_swaps(instrs, i);
        }
        i += 1;
    }
}

/// Replaces the run of `SWAP`s and `NOP`s at `at` by the shortest with the same effect; says where it ends.
pub(super) fn swaptimize(instrs: &mut [Instr], at: usize, stack: &mut Vec<u32>) -> usize {
    let run = &instrs[at..];
    let len = run.iter().position(|i| !matches!(i.op, Op::Swap | Op::Nop)).unwrap_or(run.len());
    let swaps = || run[..len].iter().filter(|i| i.op == Op::Swap);
    if swaps().count() < 2 {
        return at;
    }
    let depth = swaps().map(|i| i.arg).max().unwrap_or(0);
    stack.clear();
    stack.extend(0..depth);
    for swap in swaps() {
        stack.swap(0, swap.arg as usize - 1);
    }
    // Each cycle of the permutation is undone by swaps with the top. They are written from the end of the
    // run backwards, so that they do the permutation rather than undo it.
    let run = &mut instrs[at..at + len];
    let mut free = len;
    for first in 0..depth {
        if stack[first as usize] == VISITED || stack[first as usize] == first {
            continue;
        }
        let mut item = first;
        loop {
            if item != 0 {
                free -= 1;
                run[free].set(Op::Swap, item + 1);
            }
            let next = std::mem::replace(&mut stack[item as usize], VISITED);
            if next == VISITED {
                break;
            }
            item = next;
        }
    }
    for unused in &mut run[..free] {
        unused.nop();
    }
    at + len - 1
}

/// Does `op` only take the top of the stack, without running code or raising?
fn is_swappable(op: Op) -> bool {
    matches!(op, Op::StoreFast | Op::StoreFastMaybeNull | Op::PopTop)
}

fn stores_to(instr: &Instr) -> Option<u32> {
    matches!(instr.op, Op::StoreFast | Op::StoreFastMaybeNull).then_some(instr.arg)
}

/// The next swappable instruction after `at`, on `line` if that is known: an exchange across lines would
/// show in a debugger.
fn next_swappable(instrs: &[Instr], at: usize, line: i32) -> Option<usize> {
    for (i, instr) in instrs.iter().enumerate().skip(at + 1) {
        if line >= 0 && instr.loc.line != line {
            return None;
        }
        if instr.op != Op::Nop {
            return is_swappable(instr.op).then_some(i);
        }
    }
    None
}

/// Exchanges the consumers of what a `SWAP` would exchange, going backwards from `at`.
pub(super) fn apply_static_swaps(instrs: &mut [Instr], at: usize) {
    for i in (0..=at).rev() {
        let swap = instrs[i];
        if swap.op != Op::Swap {
            if swap.op == Op::Nop || is_swappable(swap.op) {
                continue;
            }
            return;
        }
        let Some(j) = next_swappable(instrs, i, -1) else { return };
        let line = instrs[j].loc.line;
        let mut k = j;
        for _ in 1..swap.arg {
            let Some(next) = next_swappable(instrs, k, line) else { return };
            k = next;
        }
        let (store_j, store_k) = (stores_to(&instrs[j]), stores_to(&instrs[k]));
        if store_j.is_some() || store_k.is_some() {
            let clashes = |store: Option<u32>| store.is_some() && (store == store_j || store == store_k);
            if store_j == store_k || instrs[j + 1..k.max(j + 1)].iter().any(|i| clashes(stores_to(i))) {
                return;
            }
        }
        instrs[i].nop();
        instrs.swap(j, k);
    }
}
