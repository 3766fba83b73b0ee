//! Is a code object safe to lower? Instructions, jumps, handlers, and the depth of the stack on every path.
//!
//! What values are on the stack is not proven here: internal instructions look at what they get, and an empty
//! register is a value like any other to them.

use super::flow::{Prologue, normalise};
use super::normal::Dialect;
use pyrsc::listing::{Instructions, Jump, Shapes};
use pyrsc::tables::{ExceptionTable, Handler};
use pyrsc::target::Op;

/// A decoded instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ins {
    pub(super) op: Op,
    pub(super) arg: u32,
    /// Where it is, in bytes, behind any EXTENDED_ARG.
    pub(super) offset: u32,
    /// Number of the instruction that it jumps to.
    pub(super) target: Option<u32>,
    /// Of some instructions how many places of the stack they mean, see [`super::normal`]; when read, its own number.
    pub(super) extra: u32,
}

/// A handler, in numbers of instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) target: u32,
    pub(super) depth: u32,
    pub(super) lasti: bool,
}

/// A verified code object.
#[derive(Default)]
pub(super) struct Verified {
    pub(super) code: Vec<Ins>,
    pub(super) regions: Vec<Region>,
    /// Depth of the stack before each instruction; `None` for those that are never reached.
    pub(super) depths: Vec<Option<u32>>,
    /// Can control come from elsewhere than the instruction before?
    pub(super) leaders: Vec<bool>,
}

/// Which rule is broken, and where.
pub(super) type Broken = (u32, &'static str);

/// What indexes may not exceed.
pub(super) struct Sizes {
    pub(super) consts: usize,
    pub(super) names: usize,
    pub(super) locals: usize,
    pub(super) stack: u32,
}

pub(super) fn ends(op: Op) -> bool {
    op.is_scope_exit() || op.is_unconditional_jump() || op == Op::InterpreterExit
}

/// A code object as it was read.
pub(super) struct Source<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) bytes: &'a [u8],
    /// `co_exceptiontable`
    pub(super) table: &'a [u8],
    pub(super) flags: u32,
    pub(super) prologue: &'a Prologue,
    /// How many of the first locals are parameters.
    pub(super) parameters: u32,
}

pub(super) fn verify(source: &Source<'_>, sizes: &Sizes) -> Result<Verified, Broken> {
    let Source { dialect, bytes, table, .. } = *source;
    if !bytes.len().is_multiple_of(2) || bytes.len() > 1 << 28 {
        return Err((bytes.len() as u32, "co_code has an impossible length"));
    }
    let mut it = Verified::default();
    let index_at = decode(dialect.shapes, bytes, &mut it)?;
    regions(table, &index_at, &mut it)?;
    // Parameters are bound unless they are deleted.
    let mut bound = vec![true; source.parameters as usize];
    for ins in it.code.iter().filter(|ins| ins.op == Op::DeleteFast) {
        if let Some(bound) = bound.get_mut(ins.arg as usize) {
            *bound = false;
        }
    }
    let regions = std::mem::take(&mut it.regions);
    (it.code, it.regions) = normalise(dialect, &mut it.code, &regions, source.prologue, source.flags, bound)?;
    for ins in &it.code {
        check_operands(dialect.own, ins, sizes)?;
    }
    depths(dialect.own, sizes, &mut it)?;
    Ok(it)
}

/// Decodes all instructions; says which instruction begins at each code unit.
fn decode(shapes: &'static Shapes, bytes: &[u8], it: &mut Verified) -> Result<Vec<Option<u32>>, Broken> {
    let mut index_at = vec![None; bytes.len() / 2 + 1];
    let mut jumps = Vec::new();
    let mut end = 0;
    for raw in Instructions::new(shapes, bytes) {
        end = raw.end;
        if raw.shape.is_extended_arg {
            continue;
        }
        let op = raw.shape.op.ok_or((raw.offset, "no instruction has this number"))?;
        let unit = i64::from(raw.shape.jump_unit);
        let arg = i64::from(raw.arg as u32);
        let target = match raw.shape.jump {
            Jump::None => None,
            _ if op == Op::EndAsyncFor => None,
            Jump::Forward => Some(i64::from(raw.end) + arg * unit),
            Jump::Backward => Some(i64::from(raw.end) - arg * unit),
            Jump::Absolute => Some(arg * unit),
        };
        let number = it.code.len() as u32;
        for offset in [raw.start, raw.offset] {
            index_at[offset as usize / 2] = Some(number);
        }
        jumps.push(target);
        it.code.push(Ins { op, arg: raw.arg as u32, offset: raw.offset, target: None, extra: number });
    }
    if end as usize > bytes.len() {
        return Err((end, "the last instruction's caches are cut off"));
    }
    index_at[bytes.len() / 2] = Some(it.code.len() as u32);
    for (ins, target) in it.code.iter_mut().zip(jumps) {
        if let Some(target) = target {
            let at = usize::try_from(target).ok().filter(|at| at % 2 == 0 && *at < bytes.len());
            let number = at.and_then(|at| index_at[at / 2]);
            ins.target = Some(number.ok_or((ins.offset, "jumps to where no instruction begins"))?);
        }
    }
    Ok(index_at)
}

fn check_operands(shapes: &'static Shapes, ins: &Ins, sizes: &Sizes) -> Result<(), Broken> {
    let info = shapes.ops.info(ins.op);
    let broken = |rule| Err((ins.offset, rule));
    let index = (ins.arg >> info.shift) as usize;
    if info.has_const() && index >= sizes.consts {
        return broken("the constant does not exist");
    }
    if info.has_name() && index >= sizes.names {
        return broken("the name does not exist");
    }
    if info.has_local() || info.has_free() {
        let pair = matches!(
            ins.op,
            Op::LoadFastLoadFast
                | Op::LoadFastBorrowLoadFastBorrow
                | Op::StoreFastLoadFast
                | Op::StoreFastStoreFast
        );
        let (first, second) = if pair { (ins.arg >> 4, ins.arg & 15) } else { (ins.arg, ins.arg) };
        if first as usize >= sizes.locals || second as usize >= sizes.locals {
            return broken("the local does not exist");
        }
    }
    let few = match ins.op {
        Op::Call
        | Op::CallKw
        | Op::BuildConstKeyMap
        | Op::BuildList
        | Op::BuildTuple
        | Op::BuildMap
        | Op::BuildSet => 30_000,
        Op::BuildString | Op::UnpackSequence | Op::Copy | Op::Swap => 60_000,
        Op::BuildSlice => 3,
        Op::RaiseVarargs | Op::Reraise => 2,
        Op::BinaryOp => shapes.ops.binary_ops.len() as u32 - 1,
        Op::CompareOp => {
            if index >= shapes.ops.comparisons.len() {
                return broken("the comparison does not exist");
            }
            u32::MAX
        }
        _ => u32::MAX,
    };
    let from_one = matches!(
        ins.op,
        Op::Copy
            | Op::Swap
            | Op::ListAppend
            | Op::SetAdd
            | Op::MapAdd
            | Op::ListExtend
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge
    );
    if ins.arg > few || (from_one && ins.arg == 0) {
        return broken("the argument is out of range");
    }
    Ok(())
}

fn regions(table: &[u8], index_at: &[Option<u32>], it: &mut Verified) -> Result<(), Broken> {
    for entry in ExceptionTable::new(table) {
        let Handler { start, end, target, depth, lasti } =
            entry.map_err(|_| (0, "co_exceptiontable cannot be read"))?;
        // A range may begin or end within caches: it covers the instructions that begin in it.
        let at = |offset: u32| {
            let unit = offset as usize / 2;
            index_at.get(unit..)?.iter().find_map(|number| *number)
        };
        let exact = |offset: u32| index_at.get(offset as usize / 2).copied().flatten();
        let (Some(start), Some(end), Some(target)) = (at(start), at(end), exact(target)) else {
            return Err((start, "a handler's range or target is outside of the code"));
        };
        if target as usize >= it.code.len() || start > end {
            return Err((it.code.last().map_or(0, |ins| ins.offset), "a handler is outside of the code"));
        }
        it.regions.push(Region { start, end, target, depth, lasti });
    }
    Ok(())
}

/// Follows every path.
fn depths(shapes: &'static Shapes, sizes: &Sizes, it: &mut Verified) -> Result<(), Broken> {
    let count = it.code.len();
    it.depths = vec![None; count];
    it.leaders = vec![false; count];
    let mut work = vec![(0, 0)];
    if count == 0 {
        return Err((0, "there is no instruction"));
    }
    for region in &it.regions {
        // The handler's depth is believed only as far as its range is reached with at least that depth.
        it.leaders[region.target as usize] = true;
        if (region.start as usize) < count {
            it.leaders[region.start as usize] = true;
        }
    }
    while let Some((start, depth)) = work.pop() {
        let (mut at, mut depth): (usize, u32) = (start, depth);
        loop {
            let Some(ins) = it.code.get(at).copied() else {
                return Err((it.code[count - 1].offset, "control runs past the end of the code"));
            };
            match it.depths[at] {
                Some(known) if known == depth => break,
                Some(_) => return Err((ins.offset, "the stack has different depths on different paths")),
                None => it.depths[at] = Some(depth),
            }
            for region in &it.regions {
                if (region.start..region.end).contains(&(at as u32)) {
                    // With fewer entries than it keeps, as behind a generator's loop, it finds empty ones.
                    if region.depth > sizes.stack {
                        return Err((ins.offset, "a handler keeps more of the stack than there is"));
                    }
                    work.push((region.target as usize, region.depth + u32::from(region.lasti) + 1));
                    break;
                }
            }
            let next = effect(shapes, &ins, depth, false).ok_or((ins.offset, "the stack is too small"))?;
            if next > sizes.stack {
                return Err((ins.offset, "the stack grows over co_stacksize"));
            }
            if let Some(target) = ins.target {
                let there =
                    effect(shapes, &ins, depth, true).ok_or((ins.offset, "the stack is too small"))?;
                if there > sizes.stack {
                    return Err((ins.offset, "the stack grows over co_stacksize"));
                }
                it.leaders[target as usize] = true;
                work.push((target as usize, there));
            }
            if ends(ins.op) {
                break;
            }
            depth = next;
            at += 1;
        }
    }
    Ok(())
}

/// The largest argument of which effects are computed.
const MOST_ARGUMENT: u32 = 1 << 28;

/// How many entries an instruction looks at without counting what it pushes.
fn needs(ins: &Ins) -> u32 {
    match ins.op {
        Op::Copy | Op::Swap => ins.arg,
        Op::ListAppend | Op::SetAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate => ins.arg + 1,
        Op::MapAdd => ins.arg + 2,
        Op::DictMerge => (ins.arg + 4).saturating_sub(ins.extra.min(1)),
        Op::WithExceptStart => ins.extra,
        Op::BuildConstKeyMap => ins.arg.saturating_add(1),
        Op::CopyDictWithoutKeys => 2,
        Op::Reraise => ins.arg + 1,
        Op::BuildList | Op::BuildTuple | Op::BuildSet | Op::BuildString | Op::BuildSlice => ins.arg,
        Op::BuildMap => ins.arg.saturating_mul(2),
        Op::Call => ins.arg + 2,
        Op::CallKw => ins.arg + 3,
        Op::CallFunctionEx => 4,
        Op::RaiseVarargs => ins.arg,
        Op::CleanupThrow | Op::MatchClass | Op::StoreSubscr | Op::BinarySlice | Op::LoadSuperAttr => 3,
        Op::StoreSlice => 4,
        Op::BinaryOp
        | Op::CompareOp
        | Op::ContainsOp
        | Op::IsOp
        | Op::DeleteSubscr
        | Op::StoreAttr
        | Op::Send
        | Op::EndAsyncFor
        | Op::CheckExcMatch
        | Op::CheckEgMatch
        | Op::FormatWithSpec
        | Op::MatchKeys
        | Op::ImportName
        | Op::CallIntrinsic2
        | Op::SetFunctionAttribute
        | Op::EndFor
        | Op::BuildTemplate
        | Op::StoreFastStoreFast => 2,
        Op::BuildInterpolation => 2 + (ins.arg & 1),
        Op::PopIter => ins.extra,
        Op::EndSend => ins.extra + 1,
        Op::ForIter => ins.extra,
        Op::PopTop
        | Op::GetIter
        | Op::LoadAttr
        | Op::UnpackSequence
        | Op::UnpackEx
        | Op::ReturnValue
        | Op::YieldValue
        | Op::ToBool
        | Op::UnaryInvert
        | Op::UnaryNegative
        | Op::UnaryNot
        | Op::PushExcInfo
        | Op::PopExcept
        | Op::LoadSpecial
        | Op::ImportFrom
        | Op::ConvertValue
        | Op::FormatSimple
        | Op::MakeFunction
        | Op::CallIntrinsic1
        | Op::GetLen
        | Op::MatchMapping
        | Op::MatchSequence
        | Op::GetAiter
        | Op::GetAnext
        | Op::GetAwaitable
        | Op::GetYieldFromIter
        | Op::DeleteAttr
        | Op::StoreFastLoadFast
        | Op::LoadFromDictOrDeref
        | Op::LoadFromDictOrGlobals => 1,
        _ => 0,
    }
}

/// The depth behind an instruction, or where it jumps to; `None` where the stack does not hold what it needs.
pub(super) fn effect(shapes: &'static Shapes, ins: &Ins, depth: u32, jump: bool) -> Option<u32> {
    // No argument that counts entries is that large.
    if ins.arg > MOST_ARGUMENT || needs(ins) > depth {
        return None;
    }
    match ins.op {
        Op::PopIter | Op::EndSend => return Some(depth - ins.extra),
        Op::BuildConstKeyMap => return Some(depth - ins.arg),
        Op::GetYieldFromIter | Op::CopyDictWithoutKeys => return Some(depth),
        _ => {}
    }
    depth.checked_add_signed(shapes.ops.effect(ins.op, ins.arg, jump))
}
