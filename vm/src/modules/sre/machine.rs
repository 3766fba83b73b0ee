//! The machine that runs the programs of patterns: it goes one way, and keeps on a stack of its own where it may go on
//! when that fails, and what has to be as it was then. It never calls a program, and needs no native stack.

use super::program::{At, Manner, NOWHERE, One, Op, Program, Search, UNBOUNDED};
use super::sets::{Fold, is_word};

/// A mark that is not set, a place that there is not.
pub(super) const NONE: usize = usize::MAX;

/// A character of a text, as wide as the text's are.
pub(super) trait Unit: Copy + PartialEq {
    fn point(self) -> u32;

    /// Where a character is first.
    fn find(text: &[Self], point: u32) -> Option<usize> {
        text.iter().position(|unit| unit.point() == point)
    }

    /// The text's bytes, where it has one for each character.
    fn bytes(_text: &[Self]) -> Option<&[u8]> {
        None
    }
}

impl Unit for u8 {
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }

    fn find(text: &[u8], point: u32) -> Option<usize> {
        memchr::memchr(u8::try_from(point).ok()?, text)
    }

    fn bytes(text: &[u8]) -> Option<&[u8]> {
        Some(text)
    }
}

impl Unit for u16 {
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }
}

impl Unit for u32 {
    #[inline(always)]
    fn point(self) -> u32 {
        self
    }
}

/// What is on the stack.
#[derive(Clone, Copy)]
enum Entry {
    /// Go on at this instruction and place.
    Go { op: u32, at: usize },
    /// A character that was taken many times: one less each time, down to the least.
    Less { op: u32, least: usize, at: usize },
    /// One more each time, up to the most.
    More { op: u32, most: usize, at: usize },
    /// A mark was this, and this group the last one.
    Mark { mark: u32, at: usize, last: usize },
    /// A loop had come this far.
    Rounds { slot: u32, count: usize, place: usize },
    /// Nothing in front of this is left of a block.
    Wall,
}

/// Where matching starts, ends, and what is asked.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Must all of it match?
    pub all: bool,
    /// May the match not be empty at its start?
    pub advance: bool,
}

/// The memory of matching, which is used again, and the match that was found.
#[derive(Default)]
pub(crate) struct Machine {
    stack: Vec<Entry>,
    slots: Vec<usize>,
    /// Two for each group.
    pub(super) marks: Vec<usize>,
    /// The number of the group that matched last.
    pub(super) last: usize,
    /// Where the match starts.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    dirty: bool,
}

impl Machine {
    /// Makes it ready for a program.
    pub(super) fn prepare(&mut self, program: &Program) {
        self.marks.clear();
        self.marks.resize(program.groups * 2, NONE);
        self.slots.clear();
        self.slots.resize(program.slots, 0);
        self.last = 0;
        self.dirty = false;
    }

    /// One try at the start of the range, or a search in it.
    pub(super) fn find<C: Unit>(
        &mut self,
        program: &Program,
        text: &[C],
        range: Range,
        anywhere: bool,
    ) -> bool {
        let Some(text) = text.get(..range.end) else { return false };
        if !anywhere {
            return range.start <= range.end && self.attempt(program, text, range);
        }
        let Some(last) = range.end.checked_sub(program.least) else { return false };
        let mut at = range.start;
        while at <= last {
            let Some(next) = next_start(program, text, at) else { return false };
            if next > last {
                return false;
            }
            let advance = range.advance && next == range.start;
            if self.attempt(program, text, Range { start: next, advance, ..range }) {
                return true;
            }
            if matches!(program.search, Search::Anchored) {
                return false;
            }
            at = next + 1;
        }
        false
    }

    fn attempt<C: Unit>(&mut self, program: &Program, text: &[C], range: Range) -> bool {
        if self.dirty {
            self.marks.fill(NONE);
            self.last = 0;
            self.dirty = false;
        }
        self.stack.clear();
        match self.run(program, text, range) {
            Some(end) => {
                (self.start, self.end) = (range.start, end);
                self.dirty = true;
                true
            }
            None => false,
        }
    }

    fn run<C: Unit>(&mut self, program: &Program, text: &[C], range: Range) -> Option<usize> {
        let (mut op, mut at) = (0, range.start);
        loop {
            let next = match program.ops[op as usize] {
                Op::One(one) => match text.get(at) {
                    Some(unit) if program.is(one, unit.point()) => {
                        at += 1;
                        Some(op + 1)
                    }
                    _ => None,
                },
                Op::Either { first, next } => {
                    if !program.can_start(first, text.get(at).map(|unit| unit.point())) {
                        if next == NOWHERE { None } else { Some(next) }
                    } else {
                        if next != NOWHERE {
                            self.stack.push(Entry::Go { op: next, at });
                        }
                        Some(op + 1)
                    }
                }
                Op::Many { one, min, max, manner, .. } => {
                    match self.many(program, text, at, op, (one, min, max, manner)) {
                        Some(next) => {
                            at = next;
                            Some(op + 1)
                        }
                        None => None,
                    }
                }
                Op::Mark(mark) => {
                    self.mark(mark, at);
                    Some(op + 1)
                }
                Op::Jump(to) => Some(to),
                Op::At(place) => is_at(place, text, at).then_some(op + 1),
                Op::Accept => {
                    if !(range.all && at != text.len() || range.advance && at == range.start) {
                        return Some(at);
                    }
                    None
                }
                Op::Fail => None,
                other => self
                    .block(program, text, other, &mut at)
                    .map(|next| if next == NOWHERE { op + 1 } else { next }),
            };
            match next {
                Some(next) => op = next,
                None => (op, at) = self.back(program, text)?,
            }
        }
    }

    /// A character many times: where it goes on.
    #[inline]
    fn many<C: Unit>(
        &mut self,
        program: &Program,
        text: &[C],
        at: usize,
        op: u32,
        (one, min, max, manner): (One, u32, u32, Manner),
    ) -> Option<usize> {
        let (min, most) = (min as usize, if max == UNBOUNDED { NONE } else { max as usize });
        let wanted = if manner == Manner::Lazy { min } else { most };
        let end = at + count(program, one, text, at, wanted);
        if end - at < min {
            return None;
        }
        match manner {
            Manner::Greedy if end > at + min => {
                // The entry gives the first place as well, so that places where nothing can follow are passed over.
                self.stack.push(Entry::Less { op, least: at + min, at: end + 1 });
                None
            }
            Manner::Lazy if most > min => {
                let most = at.saturating_add(most).min(text.len());
                self.stack.push(Entry::More { op, most, at: end });
                Some(end)
            }
            _ => Some(end),
        }
    }

    fn mark(&mut self, mark: u32, at: usize) {
        let Some(place) = self.marks.get_mut(mark as usize) else { return };
        if !self.stack.is_empty() {
            self.stack.push(Entry::Mark { mark, at: *place, last: self.last });
        } else {
            self.dirty = true;
        }
        *place = at;
        if mark & 1 == 1 {
            self.last = mark as usize / 2 + 1;
        }
    }

    /// Blocks and groups; gives the next instruction, or `NOWHERE` for the one behind.
    fn block<C: Unit>(&mut self, program: &Program, text: &[C], op: Op, at: &mut usize) -> Option<u32> {
        match op {
            Op::Loop(number) => {
                let slot = program.loops[number as usize].slot;
                self.rounds(slot, 0, NONE);
                self.decide(program, text, number, *at)
            }
            Op::LoopEnd(number) => {
                let it = &program.loops[number as usize];
                let slot = it.slot as usize;
                let (count, place) = (self.slots[slot] + 1, self.slots[slot + 1]);
                if it.manner == Manner::Possessive {
                    self.cut(self.slots[slot + 2]);
                    self.slots[slot] = count;
                } else {
                    self.rounds(it.slot, count, place);
                }
                self.decide(program, text, number, *at)
            }
            Op::Again(number) => {
                let it = &program.loops[number as usize];
                self.rounds(it.slot, self.slots[it.slot as usize], *at);
                Some(it.body)
            }
            Op::Atomic { slot } => {
                self.slots[slot as usize] = self.stack.len();
                self.stack.push(Entry::Wall);
                Some(NOWHERE)
            }
            Op::AtomicEnd { slot } => {
                self.cut(self.slots[slot as usize]);
                Some(NOWHERE)
            }
            Op::Assert { slot, back, .. } => {
                let slot = slot as usize;
                (self.slots[slot], self.slots[slot + 1]) = (self.stack.len(), *at);
                *at = at.checked_sub(back as usize)?;
                self.stack.push(Entry::Wall);
                Some(NOWHERE)
            }
            Op::AssertEnd { slot } => {
                let slot = slot as usize;
                self.cut(self.slots[slot]);
                *at = self.slots[slot + 1];
                Some(NOWHERE)
            }
            Op::Deny { slot, back, next } => {
                let Some(before) = at.checked_sub(back as usize) else { return Some(next) };
                self.slots[slot as usize] = self.stack.len();
                self.stack.push(Entry::Go { op: next, at: *at });
                *at = before;
                Some(NOWHERE)
            }
            Op::DenyEnd { slot } => {
                let height = self.slots[slot as usize];
                while self.stack.len() > height {
                    self.undo();
                }
                None
            }
            Op::Same { group, fold } => {
                let (start, end) = self.group(group)?;
                let (own, other) = (text.get(start..end)?, text.get(*at..)?.get(..end - start)?);
                let same = match fold {
                    Fold::None => own == other,
                    _ => own.iter().zip(other).all(|(a, b)| fold.of(a.point()) == fold.of(b.point())),
                };
                *at += own.len();
                same.then_some(NOWHERE)
            }
            Op::Exists { group, otherwise } => {
                Some(if self.group(group).is_some() { NOWHERE } else { otherwise })
            }
            _ => None,
        }
    }

    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let group = group as usize * 2;
        let (start, end) = (*self.marks.get(group)?, *self.marks.get(group + 1)?);
        (start != NONE && end != NONE && start <= end).then_some((start, end))
    }

    fn rounds(&mut self, slot: u32, count: usize, place: usize) {
        let own = slot as usize;
        if !self.stack.is_empty() {
            self.stack.push(Entry::Rounds { slot, count: self.slots[own], place: self.slots[own + 1] });
        }
        (self.slots[own], self.slots[own + 1]) = (count, place);
    }

    /// A loop has made its rounds so far: its block again, or what is behind it.
    fn decide<C: Unit>(&mut self, program: &Program, text: &[C], number: u32, at: usize) -> Option<u32> {
        let it = &program.loops[number as usize];
        let slot = it.slot as usize;
        let (count, place) = (self.slots[slot], self.slots[slot + 1]);
        if count < it.min as usize {
            if it.manner == Manner::Possessive {
                self.slots[slot + 2] = self.stack.len();
                self.stack.push(Entry::Wall);
            }
            return Some(it.body);
        }
        let unit = text.get(at).map(|unit| unit.point());
        let more = (it.max == UNBOUNDED || count < it.max as usize)
            && place != at
            && program.can_start(it.body_first, unit);
        if !more {
            return Some(it.tail);
        }
        match it.manner {
            Manner::Lazy => {
                if !program.can_start(it.tail_first, unit) {
                    return Some(it.body - 1);
                }
                self.stack.push(Entry::Go { op: it.body - 1, at });
                Some(it.tail)
            }
            Manner::Greedy => {
                self.rounds(it.slot, count, at);
                if program.can_start(it.tail_first, unit) {
                    self.stack.push(Entry::Go { op: it.tail, at });
                }
                Some(it.body)
            }
            Manner::Possessive => {
                self.slots[slot + 1] = at;
                self.slots[slot + 2] = self.stack.len();
                self.stack.push(Entry::Go { op: it.tail, at });
                Some(it.body)
            }
        }
    }

    /// Ways to go on above this height are given up; what has to be as it was stays.
    fn cut(&mut self, height: usize) {
        let mut keep = height;
        for index in height..self.stack.len() {
            if matches!(self.stack[index], Entry::Mark { .. } | Entry::Rounds { .. }) {
                self.stack[keep] = self.stack[index];
                keep += 1;
            }
        }
        self.stack.truncate(keep);
    }

    /// Takes the last entry away, and makes things what it says they were.
    fn undo(&mut self) {
        match self.stack.pop() {
            Some(Entry::Mark { mark, at, last }) => {
                if let Some(place) = self.marks.get_mut(mark as usize) {
                    *place = at;
                }
                self.last = last;
            }
            Some(Entry::Rounds { slot, count, place }) => {
                let slot = slot as usize;
                (self.slots[slot], self.slots[slot + 1]) = (count, place);
            }
            _ => {}
        }
    }

    /// Where to go on after a failure.
    fn back<C: Unit>(&mut self, program: &Program, text: &[C]) -> Option<(u32, usize)> {
        loop {
            match self.stack.last_mut()? {
                Entry::Go { op, at } => {
                    let place = (*op, *at);
                    self.stack.pop();
                    return Some(place);
                }
                Entry::Less { op, least, at } => {
                    let (op, least) = (*op, *least);
                    let Some(Op::Many { first, .. }) = program.ops.get(op as usize) else { return None };
                    let mut place = *at - 1;
                    while place > least
                        && !program.can_start(*first, text.get(place).map(|unit| unit.point()))
                    {
                        place -= 1;
                    }
                    *at = place;
                    if place == least {
                        self.stack.pop();
                    }
                    return Some((op + 1, place));
                }
                Entry::More { op, most, at } => {
                    let (op, most) = (*op, *most);
                    let Some(Op::Many { one, first, .. }) = program.ops.get(op as usize) else { return None };
                    let mut place = *at;
                    loop {
                        if place >= most || !program.is(*one, text[place].point()) {
                            self.stack.pop();
                            break;
                        }
                        place += 1;
                        if program.can_start(*first, text.get(place).map(|unit| unit.point())) {
                            *at = place;
                            return Some((op + 1, place));
                        }
                    }
                }
                _ => self.undo(),
            }
        }
    }
}

/// How many characters of this kind there are from a place on, at most so many.
#[inline]
fn count<C: Unit>(program: &Program, one: One, text: &[C], at: usize, most: usize) -> usize {
    let part = text.get(at..).unwrap_or_default();
    let part = &part[..part.len().min(most)];
    match one {
        One::All => part.len(),
        One::Any => C::find(part, 10).unwrap_or(part.len()),
        One::Not(point) => C::find(part, point).unwrap_or(part.len()),
        One::Is(point) => part.iter().position(|unit| unit.point() != point).unwrap_or(part.len()),
        One::In(set) => {
            let set = &program.sets[set as usize];
            part.iter().position(|unit| !set.has(unit.point())).unwrap_or(part.len())
        }
    }
}

fn is_at<C: Unit>(place: At, text: &[C], at: usize) -> bool {
    let unit = |at: usize| text.get(at).map(|unit| unit.point());
    let before = || at.checked_sub(1).and_then(unit);
    let edge = |unicode| {
        let is = |point: Option<u32>| point.is_some_and(|point| is_word(point, unicode));
        is(before()) != is(unit(at))
    };
    match place {
        At::Start => at == 0,
        At::LineStart => at == 0 || before() == Some(10),
        At::End => at == text.len() || at + 1 == text.len() && unit(at) == Some(10),
        At::LineEnd => at == text.len() || unit(at) == Some(10),
        At::VeryEnd => at == text.len(),
        At::Edge(unicode) => edge(unicode),
        At::NoEdge(unicode) => !edge(unicode),
    }
}

/// The first place from `at` on that the pattern can match at.
fn next_start<C: Unit>(program: &Program, text: &[C], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let found = match &program.search {
        Search::Everywhere => Some(0),
        Search::Anchored => (at == 0).then_some(0),
        Search::Prefix(finder) => match C::bytes(rest) {
            Some(bytes) => finder.find(bytes),
            None => finder.needle().first().and_then(|&point| C::find(rest, point.into())),
        },
        Search::Few(few) => match (C::bytes(rest), &few[..]) {
            (Some(bytes), &[a]) => memchr::memchr(a, bytes),
            (Some(bytes), &[a, b]) => memchr::memchr2(a, b, bytes),
            (Some(bytes), &[a, b, c]) => memchr::memchr3(a, b, c, bytes),
            _ => rest.iter().position(|unit| u8::try_from(unit.point()).is_ok_and(|it| few.contains(&it))),
        },
        Search::Starts(starts) => rest.iter().position(|unit| match u8::try_from(unit.point()) {
            Ok(point) => starts.low.has(point),
            Err(_) => starts.wide,
        }),
    };
    found.map(|found| at + found)
}
