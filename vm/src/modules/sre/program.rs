//! Patterns as the machine runs them: made of the codes that the library's `re._compiler` writes.
//!
//! The codes are nested blocks that know how long they are; here they are one row of instructions with the places that
//! they go on at. What a block can start with is worked out once, so that an alternative that cannot match is not tried.
//! Whatever does not parse is refused; jumps lead to instructions of the same program.

use super::sets::{Bits, Fold, Set};

/// The codes of `re._constants`.
mod code {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
}

/// The version of the codes. CPython: `_sre.MAGIC`.
pub(super) const MAGIC: i64 = 20_230_612;
/// A number of repetitions without a bound.
pub(super) const UNBOUNDED: u32 = u32::MAX;
/// No instruction.
pub(super) const NOWHERE: u32 = u32::MAX;
/// How deep blocks may be nested.
const DEEPEST: u32 = 3000;
/// How many instructions are looked at to find out what something can start with.
const PATIENCE: u32 = 150;

/// One character.
#[derive(Clone, Copy)]
pub(super) enum One {
    /// Any but the end of a line.
    Any,
    All,
    Is(u32),
    Not(u32),
    In(u32),
}

/// What is asked of a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Start,
    LineStart,
    End,
    LineEnd,
    VeryEnd,
    /// Between a word and something else; whether words are Unicode's.
    Edge(bool),
    NoEdge(bool),
}

/// How often one character is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Greedy,
    Lazy,
    Possessive,
}

/// What something can start with; without a number nothing is known.
pub(super) type First = Option<std::num::NonZeroU32>;

#[derive(Clone, Copy)]
pub(super) enum Op {
    /// It matches.
    Accept,
    Fail,
    One(One),
    At(At),
    Mark(u32),
    Jump(u32),
    /// One way to go on, and the next one.
    Either {
        first: First,
        next: u32,
    },
    /// A character many times.
    Many {
        one: One,
        min: u32,
        max: u32,
        manner: Manner,
        first: First,
    },
    /// A block many times: its number among the loops.
    Loop(u32),
    /// The block of a lazy loop is tried after all.
    Again(u32),
    LoopEnd(u32),
    /// A block of which only the first way to match counts; where the height of the stack is kept.
    Atomic {
        slot: u32,
    },
    AtomicEnd {
        slot: u32,
    },
    /// What must follow, or stand so many characters before; there are two slots: the height and the place.
    Assert {
        slot: u32,
        back: u32,
        next: u32,
    },
    AssertEnd {
        slot: u32,
    },
    /// What must not, and where to go on.
    Deny {
        slot: u32,
        back: u32,
        next: u32,
    },
    DenyEnd {
        slot: u32,
    },
    /// The text of a group again.
    Same {
        group: u32,
        fold: Fold,
    },
    /// Goes elsewhere where the group took no part.
    Exists {
        group: u32,
        otherwise: u32,
    },
}

/// A block that is repeated.
pub(super) struct Loop {
    pub min: u32,
    pub max: u32,
    pub manner: Manner,
    pub body: u32,
    pub tail: u32,
    pub body_first: First,
    pub tail_first: First,
    /// The rounds, the place of the last one, and the height of the stack.
    pub slot: u32,
}

/// What can be the first character: those below 256, and whether it may be another one.
#[derive(Clone, Copy, Default)]
pub(super) struct Starts {
    pub low: Bits,
    pub wide: bool,
}

/// Where a search looks.
pub(super) enum Search {
    Everywhere,
    /// The text's start only.
    Anchored,
    /// Where this text is.
    Prefix(Box<memchr::memmem::Finder<'static>>),
    /// Where one of these is, and nothing wider is possible.
    Few(Vec<u8>),
    Starts(Starts),
}

/// A pattern.
pub(super) struct Program {
    pub ops: Vec<Op>,
    pub sets: Vec<Set>,
    pub loops: Vec<Loop>,
    pub starts: Vec<Starts>,
    pub slots: usize,
    pub groups: usize,
    /// The least number of characters that match.
    pub least: usize,
    pub search: Search,
}

struct Builder<'a> {
    codes: &'a [u32],
    made: Program,
    depth: u32,
}

/// The program of a pattern; `None` where the codes are none.
pub(super) fn build(codes: &[u32], groups: usize) -> Option<Program> {
    let made = Program {
        ops: Vec::with_capacity(codes.len() / 2),
        sets: Vec::new(),
        loops: Vec::new(),
        starts: vec![Starts::default()],
        slots: 0,
        groups,
        least: 0,
        search: Search::Everywhere,
    };
    let mut builder = Builder { codes, made, depth: 0 };
    let end = codes.len().checked_sub(1)?;
    if codes[end] != code::SUCCESS || builder.block(0, end)? != end {
        return None;
    }
    builder.made.ops.push(Op::Accept);
    let mut made = builder.made;
    made.learn();
    made.search = made.strategy();
    Some(made)
}

impl Builder<'_> {
    fn code(&self, at: usize) -> Option<u32> {
        self.codes.get(at).copied()
    }

    /// Where a block ends whose length stands at `at`.
    fn skip(&self, at: usize, end: usize) -> Option<usize> {
        at.checked_add(self.code(at)? as usize).filter(|it| *it <= end)
    }

    fn here(&self) -> u32 {
        self.made.ops.len() as u32
    }

    fn slots(&mut self, count: usize) -> u32 {
        self.made.slots += count;
        (self.made.slots - count) as u32
    }

    fn set(&mut self, set: Set) -> One {
        self.made.sets.push(set);
        One::In(self.made.sets.len() as u32 - 1)
    }

    /// One character, and what comes behind its codes.
    fn one(&mut self, at: usize) -> Option<(One, usize)> {
        let op = self.code(at)?;
        let fold = match op {
            code::IN_IGNORE | code::LITERAL_IGNORE | code::NOT_LITERAL_IGNORE => Fold::Ascii,
            code::IN_UNI_IGNORE | code::LITERAL_UNI_IGNORE | code::NOT_LITERAL_UNI_IGNORE => Fold::Unicode,
            code::IN_LOC_IGNORE | code::LITERAL_LOC_IGNORE | code::NOT_LITERAL_LOC_IGNORE => Fold::Locale,
            _ => Fold::None,
        };
        let one = match op {
            code::FAILURE => return Some((self.set(Set::empty()), at + 1)),
            code::ANY => return Some((One::Any, at + 1)),
            code::ANY_ALL => return Some((One::All, at + 1)),
            code::LITERAL => One::Is(self.code(at + 1)?),
            code::NOT_LITERAL => One::Not(self.code(at + 1)?),
            code::CATEGORY => {
                let set = Set::category(self.code(at + 1)?)?;
                self.set(set)
            }
            code::LITERAL_IGNORE | code::LITERAL_UNI_IGNORE | code::LITERAL_LOC_IGNORE => {
                let set = Set::folded(self.code(at + 1)?, fold, false);
                self.set(set)
            }
            code::NOT_LITERAL_IGNORE | code::NOT_LITERAL_UNI_IGNORE | code::NOT_LITERAL_LOC_IGNORE => {
                let set = Set::folded(self.code(at + 1)?, fold, true);
                self.set(set)
            }
            code::IN | code::IN_IGNORE | code::IN_UNI_IGNORE | code::IN_LOC_IGNORE => {
                let end = self.skip(at + 1, self.codes.len())?;
                let set = Set::parse(self.codes.get(at + 2..end)?, fold)?;
                return Some((self.set(set), end));
            }
            _ => return None,
        };
        Some((one, at + 2))
    }

    /// The codes from `at` to `end`. Gives `end`, or where a jump to it stands at the very end.
    fn block(&mut self, mut at: usize, end: usize) -> Option<usize> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        while at < end {
            let op = self.code(at)?;
            at = match op {
                code::FAILURE => {
                    self.made.ops.push(Op::Fail);
                    at + 1
                }
                code::JUMP if at + 2 == end => break,
                code::INFO => {
                    if self.made.ops.is_empty() {
                        self.made.least = self.code(at + 3)? as usize;
                    }
                    self.skip(at + 1, end)?
                }
                code::MARK => {
                    let mark = self.code(at + 1)?;
                    if mark as usize >= self.made.groups * 2 {
                        return None;
                    }
                    self.made.ops.push(Op::Mark(mark));
                    at + 2
                }
                code::AT => {
                    let place = place(self.code(at + 1)?)?;
                    self.made.ops.push(Op::At(place));
                    at + 2
                }
                code::BRANCH => self.branch(at + 1, end)?,
                code::REPEAT_ONE | code::MIN_REPEAT_ONE | code::POSSESSIVE_REPEAT_ONE => {
                    let manner = match op {
                        code::REPEAT_ONE => Manner::Greedy,
                        code::MIN_REPEAT_ONE => Manner::Lazy,
                        _ => Manner::Possessive,
                    };
                    let next = self.skip(at + 1, end)?;
                    let (min, max) = (self.code(at + 2)?, self.code(at + 3)?);
                    let (one, behind) = self.one(at + 4)?;
                    if behind + 1 != next || self.code(behind)? != code::SUCCESS || min > max {
                        return None;
                    }
                    self.made.ops.push(Op::Many { one, min, max, manner, first: None });
                    next
                }
                code::REPEAT | code::POSSESSIVE_REPEAT => self.repeat(op, at, end)?,
                code::ATOMIC_GROUP => {
                    let next = self.skip(at + 1, end)?;
                    let slot = self.slots(1);
                    self.made.ops.push(Op::Atomic { slot });
                    self.closed(at + 2, next)?;
                    self.made.ops.push(Op::AtomicEnd { slot });
                    next
                }
                code::ASSERT | code::ASSERT_NOT => self.assertion(op, at, end)?,
                code::GROUPREF
                | code::GROUPREF_IGNORE
                | code::GROUPREF_UNI_IGNORE
                | code::GROUPREF_LOC_IGNORE => {
                    let fold = match op {
                        code::GROUPREF => Fold::None,
                        code::GROUPREF_UNI_IGNORE => Fold::Unicode,
                        _ => Fold::Ascii,
                    };
                    let group = self.group(at + 1)?;
                    self.made.ops.push(Op::Same { group, fold });
                    at + 2
                }
                code::GROUPREF_EXISTS => self.conditional(at, end)?,
                _ => {
                    let (one, next) = self.one(at)?;
                    self.made.ops.push(Op::One(one));
                    next
                }
            };
        }
        self.depth -= 1;
        (at <= end).then_some(at)
    }

    /// A block that ends with the code for success in front of `next`.
    fn closed(&mut self, at: usize, next: usize) -> Option<()> {
        let end = next.checked_sub(1).filter(|end| *end >= at)?;
        (self.code(end)? == code::SUCCESS && self.block(at, end)? == end).then_some(())
    }

    fn group(&self, at: usize) -> Option<u32> {
        self.code(at).filter(|group| (*group as usize) < self.made.groups)
    }

    fn branch(&mut self, mut at: usize, end: usize) -> Option<usize> {
        let (mut jumps, mut before) = (Vec::new(), None);
        while self.code(at)? != 0 {
            let next = self.skip(at, end)?;
            let here = self.here();
            self.link(before, here);
            before = Some(here);
            self.made.ops.push(Op::Either { first: None, next: NOWHERE });
            let stop = self.block(at + 1, next)?;
            if stop + 2 != next {
                return None;
            }
            jumps.push(self.here());
            self.made.ops.push(Op::Jump(NOWHERE));
            at = next;
        }
        if before.is_none() {
            self.made.ops.push(Op::Fail);
        }
        let tail = self.here();
        for jump in jumps {
            self.made.ops[jump as usize] = Op::Jump(tail);
        }
        Some(at + 1)
    }

    fn link(&mut self, before: Option<u32>, to: u32) {
        if let Some(before) = before
            && let Op::Either { next, .. } = &mut self.made.ops[before as usize]
        {
            *next = to;
        }
    }

    fn repeat(&mut self, op: u32, at: usize, end: usize) -> Option<usize> {
        let stop = self.skip(at + 1, end)?;
        let (min, max) = (self.code(at + 2)?, self.code(at + 3)?);
        let manner = match (op, self.code(stop)?) {
            (code::REPEAT, code::MAX_UNTIL) => Manner::Greedy,
            (code::REPEAT, code::MIN_UNTIL) => Manner::Lazy,
            (code::POSSESSIVE_REPEAT, code::SUCCESS) => Manner::Possessive,
            _ => return None,
        };
        if min > max || at + 4 > stop {
            return None;
        }
        let (number, slot) = (self.made.loops.len(), self.slots(3));
        self.made.ops.push(Op::Loop(number as u32));
        if manner == Manner::Lazy {
            self.made.ops.push(Op::Again(number as u32));
        }
        let body = self.here();
        let made = Loop { min, max, manner, body, tail: 0, body_first: None, tail_first: None, slot };
        self.made.loops.push(made);
        if self.block(at + 4, stop)? != stop {
            return None;
        }
        self.made.ops.push(Op::LoopEnd(number as u32));
        self.made.loops[number].tail = self.here();
        Some(stop + 1)
    }

    fn assertion(&mut self, op: u32, at: usize, end: usize) -> Option<usize> {
        let next = self.skip(at + 1, end)?;
        let back = self.code(at + 2)?;
        let (slot, start) = (self.slots(2), self.made.ops.len());
        self.made.ops.push(Op::Fail);
        self.closed(at + 3, next)?;
        self.made.ops.push(if op == code::ASSERT { Op::AssertEnd { slot } } else { Op::DenyEnd { slot } });
        let behind = self.here();
        self.made.ops[start] = match op {
            code::ASSERT => Op::Assert { slot, back, next: behind },
            _ => Op::Deny { slot, back, next: behind },
        };
        Some(next)
    }

    fn conditional(&mut self, at: usize, end: usize) -> Option<usize> {
        let group = self.group(at + 1)?;
        let no = self.skip(at + 2, end + 1)?.checked_sub(1).filter(|no| *no >= at + 3)?;
        let start = self.made.ops.len();
        self.made.ops.push(Op::Fail);
        let stop = self.block(at + 3, no)?;
        if stop == no {
            self.made.ops[start] = Op::Exists { group, otherwise: self.here() };
            return Some(no);
        }
        let jump = self.made.ops.len();
        self.made.ops.push(Op::Fail);
        self.made.ops[start] = Op::Exists { group, otherwise: self.here() };
        let last = self.skip(no - 1, end)?;
        if last < no || self.block(no, last)? != last {
            return None;
        }
        self.made.ops[jump] = Op::Jump(self.here());
        Some(last)
    }
}

fn place(code: u32) -> Option<At> {
    Some(match code {
        0 | 2 => At::Start,
        1 => At::LineStart,
        3 | 8 => At::Edge(false),
        4 | 9 => At::NoEdge(false),
        5 => At::End,
        6 => At::LineEnd,
        7 => At::VeryEnd,
        10 => At::Edge(true),
        11 => At::NoEdge(true),
        _ => return None,
    })
}

impl Program {
    #[inline(always)]
    pub(super) fn is(&self, one: One, point: u32) -> bool {
        match one {
            One::Any => point != 10,
            One::All => true,
            One::Is(own) => own == point,
            One::Not(own) => own != point,
            One::In(set) => self.sets[set as usize].has(point),
        }
    }

    /// Can what is asked for start with this character?
    #[inline(always)]
    pub(super) fn can_start(&self, first: First, point: Option<u32>) -> bool {
        let Some(first) = first else { return true };
        let Some(starts) = self.starts.get(first.get() as usize) else { return true };
        match point {
            Some(point) => match u8::try_from(point) {
                Ok(point) => starts.low.has(point),
                Err(_) => starts.wide,
            },
            None => false,
        }
    }

    fn add(&self, one: One, starts: &mut Starts) {
        let all = Bits([u64::MAX; 4]);
        match one {
            One::Is(point) => match u8::try_from(point) {
                Ok(point) => starts.low.add(point),
                Err(_) => starts.wide = true,
            },
            One::In(set) => {
                starts.low.join(&self.sets[set as usize].low);
                starts.wide = true;
            }
            One::Any => {
                starts.low.join(&Bits([!(1 << 10), u64::MAX, u64::MAX, u64::MAX]));
                starts.wide = true;
            }
            One::All | One::Not(_) => {
                starts.low.join(&all);
                starts.wide = true;
            }
        }
    }

    /// Adds what can come first from an instruction on; false where it may be nothing, or is not known.
    fn gather(&self, mut at: u32, starts: &mut Starts, patience: &mut u32) -> bool {
        loop {
            let Some(left) = patience.checked_sub(1) else { return false };
            *patience = left;
            at = match self.ops[at as usize] {
                Op::Fail => return true,
                Op::One(one) => {
                    self.add(one, starts);
                    return true;
                }
                Op::At(_) | Op::Mark(_) | Op::Atomic { .. } | Op::Again(_) => at + 1,
                Op::Jump(to) => to,
                Op::Either { next, .. } => {
                    if !self.gather(at + 1, starts, patience) {
                        return false;
                    }
                    if next == NOWHERE {
                        return true;
                    }
                    next
                }
                Op::Many { one, min, .. } => {
                    self.add(one, starts);
                    if min > 0 {
                        return true;
                    }
                    at + 1
                }
                Op::Loop(number) | Op::LoopEnd(number) => {
                    let it = &self.loops[number as usize];
                    if it.manner == Manner::Possessive {
                        return false;
                    }
                    if it.max > 0 && !self.gather(it.body, starts, patience) {
                        return false;
                    }
                    if it.min > 0 && matches!(self.ops[at as usize], Op::Loop(_)) {
                        return true;
                    }
                    it.tail
                }
                Op::Assert { next, .. } | Op::Deny { next, .. } => next,
                Op::Exists { otherwise, .. } => {
                    if !self.gather(at + 1, starts, patience) {
                        return false;
                    }
                    otherwise
                }
                // What comes behind a block does not tell which of its ways counts.
                Op::Accept
                | Op::AtomicEnd { .. }
                | Op::AssertEnd { .. }
                | Op::DenyEnd { .. }
                | Op::Same { .. } => return false,
            };
        }
    }

    fn first_of(&mut self, at: u32) -> First {
        let mut starts = Starts::default();
        let mut patience = PATIENCE;
        if !self.gather(at, &mut starts, &mut patience) || starts.wide && starts.low == Bits([u64::MAX; 4]) {
            return None;
        }
        self.starts.push(starts);
        std::num::NonZeroU32::new(self.starts.len() as u32 - 1)
    }

    /// Works out what alternatives, loops and what follows repetitions can start with.
    fn learn(&mut self) {
        for at in 0..self.ops.len() {
            let behind = at as u32 + 1;
            if !matches!(self.ops[at], Op::Either { .. } | Op::Many { .. }) {
                continue;
            }
            let known = self.first_of(behind);
            match &mut self.ops[at] {
                Op::Either { first, .. } | Op::Many { first, .. } => *first = known,
                _ => {}
            }
        }
        for number in 0..self.loops.len() {
            let (body, tail) = (self.loops[number].body, self.loops[number].tail);
            let (body, tail) = (self.first_of(body), self.first_of(tail));
            self.loops[number].body_first = body;
            self.loops[number].tail_first = tail;
        }
    }

    /// How the first place is found that the pattern can match at.
    fn strategy(&mut self) -> Search {
        let mut prefix = Vec::new();
        for op in &self.ops {
            match op {
                Op::Mark(_) => {}
                Op::At(At::Start) if prefix.is_empty() => return Search::Anchored,
                Op::One(One::Is(point)) => match u8::try_from(*point) {
                    Ok(point) => prefix.push(point),
                    Err(_) => break,
                },
                _ => break,
            }
        }
        if prefix.len() > 1 {
            return Search::Prefix(Box::new(memchr::memmem::Finder::new(&prefix).into_owned()));
        }
        let Some(first) = self.first_of(0) else { return Search::Everywhere };
        let starts = self.starts[first.get() as usize];
        match starts.low.few().filter(|it| !starts.wide && !it.is_empty()) {
            Some(few) => Search::Few(few),
            None => Search::Starts(starts),
        }
    }
}
