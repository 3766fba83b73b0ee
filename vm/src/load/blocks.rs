//! Code of the releases that kept handlers on a stack of blocks (to 3.10).
//!
//! Every path is followed with the blocks that are open on it, and code is written once for each set of open blocks
//! that it is reached with: then it is known which handler an instruction has and what a `finally` goes on with,
//! which to 3.8 is found on the stack. What a handler finds there are six entries, see [`Normal::enter_handler`].

use super::normal::{Goal, Normal};
use super::verify::{Broken, Ins, Region, effect};
use pyrsc::target::Op;
use std::collections::HashMap;

/// No code is written more often than makes this many instructions.
const MOST: usize = 1 << 20;

/// An open block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Block {
    /// Exceptions go to the instruction.
    Guarded(u32),
    /// An exception is being handled.
    Handling,
    /// A `finally` that was reached without an exception.
    Finally,
    /// A `finally` that returns to the instruction.
    Called(u32),
}

/// The open blocks, the innermost first: a chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Context {
    block: Block,
    /// How many entries of the stack are not the block's.
    depth: u32,
    outer: u32,
}

/// No open block.
const NONE: u32 = 0;

#[derive(Default)]
struct Contexts {
    all: Vec<Context>,
    numbers: HashMap<Context, u32>,
}

impl Contexts {
    fn number(&mut self, context: Context) -> u32 {
        let next = self.all.len() as u32 + 1;
        *self.numbers.entry(context).or_insert_with(|| {
            self.all.push(context);
            next
        })
    }

    fn get(&self, number: u32) -> Option<Context> {
        self.all.get((number as usize).checked_sub(1)?).copied()
    }

    /// The innermost block that has to do with exceptions.
    fn handler(&self, mut number: u32) -> Option<(u32, Context)> {
        loop {
            let context = self.get(number)?;
            match context.block {
                Block::Guarded(_) | Block::Handling => return Some((number, context)),
                Block::Finally | Block::Called(_) => number = context.outer,
            }
        }
    }
}

/// What comes behind an instruction.
enum Next {
    /// The next one, with these blocks.
    Here(u32),
    /// Another one, with these blocks.
    At(u32, u32),
    /// Nothing.
    End,
    /// Nothing, and what it jumps to is work already.
    Followed,
}

struct Walk<'n, 'd, 'c> {
    normal: &'n mut Normal<'d>,
    code: &'c [Ins],
    contexts: Contexts,
    /// Where the code of an instruction is, by its number and blocks.
    places: HashMap<(u32, u32), u32>,
    /// What is still to be written: instruction, blocks, depth of the stack.
    work: Vec<(u32, u32, u32)>,
    /// The blocks of each instruction that was written.
    of: Vec<u32>,
}

/// Writes all code that is reached; its handlers.
pub(super) fn unfold(normal: &mut Normal<'_>, code: &[Ins], start: u32) -> Result<Vec<Region>, Broken> {
    let mut walk = Walk {
        of: vec![NONE; normal.out.len()],
        normal,
        code,
        contexts: Contexts::default(),
        places: HashMap::new(),
        work: vec![(0, NONE, start)],
    };
    let mut stubs: HashMap<u32, u32> = HashMap::new();
    let mut done = 0;
    loop {
        while let Some((at, context, depth)) = walk.work.pop() {
            if !walk.places.contains_key(&(at, context)) {
                walk.chain(at, context, depth)?;
            }
        }
        // Handlers of what was written since; writing them may make more.
        let Some(&context) = walk.of.get(done) else { break };
        done += 1;
        if let Some((number, context)) = walk.contexts.handler(context)
            && !stubs.contains_key(&number)
        {
            stubs.insert(number, walk.normal.out.len() as u32);
            walk.stub(number, context);
        }
    }
    walk.normal.finish_tails();
    walk.of.resize(walk.normal.out.len(), NONE);
    for index in 0..walk.normal.goals.len() {
        if let (at, Goal::Raw(raw, context)) = walk.normal.goals[index] {
            let Some(&place) = walk.places.get(&(raw, context)) else {
                return Err((walk.normal.out[at].offset, "a jump to where no code is"));
            };
            walk.normal.goals[index].1 = Goal::Out(place);
        }
    }
    Ok(walk.regions(&stubs))
}

impl Walk<'_, '_, '_> {
    /// Writes instructions from `at` on until control does not go on behind one.
    fn chain(&mut self, mut at: u32, mut context: u32, mut depth: u32) -> Result<(), Broken> {
        loop {
            if let Some(&place) = self.places.get(&(at, context)) {
                self.normal.jump(Op::JumpBackwardNoInterrupt, Goal::Out(place));
                self.of.push(context);
                return Ok(());
            }
            let Some(ins) = self.code.get(at as usize).copied() else {
                return Err((self.normal.offset, "control runs past the end of the code"));
            };
            if self.normal.out.len() > MOST {
                return Err((ins.offset, "blocks that are too intricate"));
            }
            self.places.insert((at, context), self.normal.out.len() as u32);
            let (from, goals, tails) =
                (self.normal.out.len(), self.normal.goals.len(), self.normal.tails.len());
            let next = self.one(&ins, at, context, depth)?;
            if self.normal.out.len() == from && matches!(next, Next::Here(_)) {
                // So that each place has an instruction of its own.
                self.normal.emit(Op::Nop, 0);
            }
            let leaves = matches!(ins.op, Op::PopExcept | Op::PopFinally);
            let innermost = match next {
                Next::Here(inner) if leaves => inner,
                _ => context,
            };
            self.of.resize(self.normal.out.len(), innermost);
            if matches!(next, Next::Followed) {
                return Ok(());
            }
            depth = self.follow(from, goals, tails, depth)?;
            match next {
                Next::Here(inner) => (at, context) = (at + 1, inner),
                Next::At(to, inner) => {
                    let goal = Goal::Raw(to, inner);
                    self.normal.jump(Op::JumpBackwardNoInterrupt, goal);
                    self.of.push(context);
                    self.work.push((to, inner, depth));
                    return Ok(());
                }
                Next::End | Next::Followed => return Ok(()),
            }
        }
    }

    /// The depth behind the instructions written from `from` on; where they jump to is work.
    fn follow(&mut self, from: usize, goals: usize, tails: usize, mut depth: u32) -> Result<u32, Broken> {
        for at in from..self.normal.out.len() {
            let ins = self.normal.out[at];
            let after = effect(self.normal.dialect.own, &ins, depth, false)
                .ok_or((ins.offset, "the stack is too small"))?;
            for index in goals..self.normal.goals.len() {
                if let (of, Goal::Raw(raw, context)) = self.normal.goals[index]
                    && of == at
                {
                    let there = effect(self.normal.dialect.own, &ins, depth, true)
                        .ok_or((ins.offset, "the stack is too small"))?;
                    self.work.push((raw, context, there));
                }
            }
            for index in tails..self.normal.tails.len() {
                let (of, _, goal) = self.normal.tails[index];
                if let (true, Goal::Raw(raw, context)) = (of == at, goal) {
                    // The iterator is gone.
                    let there = depth.checked_sub(1).ok_or((ins.offset, "the stack is too small"))?;
                    self.work.push((raw, context, there));
                }
            }
            depth = after;
        }
        Ok(depth)
    }

    fn one(&mut self, ins: &Ins, at: u32, context: u32, depth: u32) -> Result<Next, Broken> {
        let broken = |rule| Err((ins.offset, rule));
        let normal = &mut *self.normal;
        (normal.offset, normal.context) = (ins.offset, context);
        let block = self.contexts.get(context);
        let outer = block.map_or(NONE, |it| it.outer);
        let mut inside = |block, depth| self.contexts.number(Context { block, depth, outer: context });
        match (ins.op, block.map(|it| it.block)) {
            (Op::SetupFinally, _) => {
                let Some(handler) = ins.target else { return broken("a handler without a place") };
                return Ok(Next::Here(inside(Block::Guarded(handler), depth)));
            }
            (Op::SetupWith, _) => {
                let Some(handler) = ins.target else { return broken("a handler without a place") };
                normal.enter(0);
                return Ok(Next::Here(inside(Block::Guarded(handler), depth)));
            }
            (Op::SetupAsyncWith, _) => {
                let Some(handler) = ins.target else { return broken("a handler without a place") };
                let Some(depth) = depth.checked_sub(1) else { return broken("the stack is too small") };
                return Ok(Next::Here(inside(Block::Guarded(handler), depth)));
            }
            (Op::PopBlock, Some(Block::Guarded(_))) => return Ok(Next::Here(outer)),
            (Op::PopExcept, Some(Block::Handling)) => {
                normal.all(&[(Op::PopExcept, 0), (Op::PopTop, 0), (Op::PopTop, 0)]);
                return Ok(Next::Here(outer));
            }
            (Op::Reraise, Some(Block::Handling)) | (Op::EndFinally, Some(Block::Handling)) => {
                normal.emit(Op::Reraise, 0);
                return Ok(Next::End);
            }
            (Op::BeginFinally, _) => {
                normal.emit(Op::PushNull, 0);
                return Ok(Next::Here(inside(Block::Finally, depth)));
            }
            (Op::CallFinally, _) => {
                let Some(to) = ins.target else { return broken("a call of nothing") };
                normal.emit(Op::PushNull, 0);
                return Ok(Next::At(to, inside(Block::Called(at + 1), depth)));
            }
            (Op::EndFinally, Some(Block::Finally)) => {
                normal.emit(Op::PopTop, 0);
                return Ok(Next::Here(outer));
            }
            (Op::EndFinally, Some(Block::Called(back))) => {
                normal.emit(Op::PopTop, 0);
                return Ok(Next::At(back, outer));
            }
            (Op::PopFinally, Some(block)) => {
                pop_finally(normal, block, ins.arg != 0);
                return Ok(Next::Here(outer));
            }
            (Op::WithCleanupStart, Some(Block::Handling)) => {
                let at = normal.emit(Op::WithExceptStart, 0);
                normal.out[at].extra = 7;
            }
            (Op::WithCleanupStart, Some(Block::Finally | Block::Called(_))) => {
                let none = (Op::LoadCommonConstant, super::normal::COMMON_NONE);
                normal.all(&[(Op::Swap, 2), none, none, none, (Op::Call, 2)]);
            }
            (Op::WithCleanupFinish, Some(Block::Handling)) => return Ok(self.swallow(at, context, depth)),
            (Op::WithCleanupFinish, Some(Block::Finally | Block::Called(_))) => {
                normal.emit(Op::PopTop, 0);
            }
            (
                Op::PopBlock
                | Op::PopExcept
                | Op::Reraise
                | Op::EndFinally
                | Op::EndAsyncFor
                | Op::PopFinally
                | Op::WithCleanupStart
                | Op::WithCleanupFinish,
                _,
            ) => return broken("an instruction that ends a block that is not open"),
            _ => {
                if !normal.translate(ins) {
                    return broken("an instruction that this machine does not know");
                }
            }
        }
        Ok(if matches!(ins.op, Op::ReturnValue | Op::RaiseVarargs | Op::JumpForward | Op::JumpAbsolute) {
            Next::End
        } else {
            Next::Here(context)
        })
    }

    /// To 3.8: the exit method's result is on top of the six entries; true ends the exception.
    fn swallow(&mut self, at: u32, context: u32, depth: u32) -> Next {
        let outer = self.contexts.get(context).map_or(NONE, |it| it.outer);
        let normal = &mut *self.normal;
        let test = normal.emit(Op::PopJumpIfFalse, 0);
        self.of.resize(normal.out.len(), context);
        normal.all(&[(Op::PopTop, 0); 3]);
        normal.emit(Op::PopExcept, 0);
        normal.all(&[(Op::PopTop, 0); 3]);
        normal.emit(Op::PushNull, 0);
        let inner = Context { block: Block::Finally, depth: depth.saturating_sub(8), outer };
        let inner = self.contexts.number(inner);
        normal.jump(Op::JumpBackwardNoInterrupt, Goal::Raw(at + 1, inner));
        normal.goals.push((test, Goal::Out(normal.out.len() as u32)));
        normal.jump(Op::JumpBackwardNoInterrupt, Goal::Raw(at + 1, context));
        self.of.resize(normal.out.len(), outer);
        // Here are exit method, six entries and the result.
        self.work.push((at + 1, inner, depth.saturating_sub(7)));
        self.work.push((at + 1, context, depth.saturating_sub(1)));
        Next::Followed
    }

    /// Writes what is done before a handler's own code, or, where an exception leaves a handler, before the next one.
    fn stub(&mut self, number: u32, context: Context) {
        let normal = &mut *self.normal;
        match context.block {
            // The end of `async for` finds the iterator and the exception, which nobody handles.
            Block::Guarded(handler) if ends_async_for(self.code, handler) && context.depth > 0 => {
                normal.emit(Op::EndAsyncFor, 0);
                normal.jump(Op::JumpBackwardNoInterrupt, Goal::Raw(handler + 1, context.outer));
                self.work.push((handler + 1, context.outer, context.depth - 1));
            }
            Block::Guarded(handler) => {
                normal.enter_handler();
                let inner = Context { block: Block::Handling, depth: context.depth, outer: context.outer };
                let inner = self.contexts.number(inner);
                normal.jump(Op::JumpBackwardNoInterrupt, Goal::Raw(handler, inner));
                self.work.push((handler, inner, context.depth + 6));
            }
            _ => normal.all(&[(Op::Swap, 2), (Op::PopExcept, 0), (Op::Reraise, 0)]),
        }
        let outer = self.contexts.get(number).map_or(NONE, |it| it.outer);
        self.of.resize(self.normal.out.len(), outer);
    }

    fn regions(&self, stubs: &HashMap<u32, u32>) -> Vec<Region> {
        let mut regions: Vec<Region> = Vec::new();
        for (at, &context) in self.of.iter().enumerate() {
            let Some((number, context)) = self.contexts.handler(context) else { continue };
            let Some(&target) = stubs.get(&number) else { continue };
            let depth = context.depth + if context.block == Block::Handling { 3 } else { 0 };
            let at = at as u32;
            match regions.last_mut() {
                Some(last) if last.end == at && last.target == target && last.depth == depth => {
                    last.end = at + 1;
                }
                _ => regions.push(Region { start: at, end: at + 1, target, depth, lasti: false }),
            }
        }
        regions
    }
}

fn ends_async_for(code: &[Ins], at: u32) -> bool {
    code.get(at as usize).is_some_and(|ins| ins.op == Op::EndAsyncFor)
}

/// To 3.8: a `finally` is left by `return`, `break` or `continue`; with a value on top of the stack or without.
fn pop_finally(normal: &mut Normal<'_>, block: Block, keeps_top: bool) {
    if block != Block::Handling {
        if keeps_top {
            normal.emit(Op::Swap, 2);
        }
        normal.emit(Op::PopTop, 0);
        return;
    }
    if keeps_top {
        normal.all(&[(Op::Swap, 7), (Op::PopTop, 0)]);
    }
    normal.all(&[(Op::PopTop, 0); 3]);
    normal.all(&[(Op::PopExcept, 0), (Op::PopTop, 0)]);
    if !keeps_top {
        normal.emit(Op::PopTop, 0);
    }
}
