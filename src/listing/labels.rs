//! Jump labels of one code object: `L1`, `L2`, … in order of offset.

/// The offsets that jumps and exception table entries name, numbered in ascending order. Offsets outside
/// the code (of damaged code only) are labels too, as in CPython.
#[derive(Default, Debug)]
pub struct Labels {
    /// Ascending, without repetition.
    offsets: Vec<i64>,
    /// For each place where an instruction can start, its label's number, or 0. Only the entries of `offsets` are
    /// ever set.
    by_place: Vec<u32>,
    /// How often an offset is halved to be a place.
    shift: u32,
}

impl Labels {
    /// Forgets all labels, for code of `len` bytes, whose instructions stand at even offsets if `words`; memory is
    /// kept.
    pub fn reset(&mut self, len: usize, words: bool) {
        for &offset in &self.offsets {
            if let Some(slot) = place(offset, self.shift).and_then(|place| self.by_place.get_mut(place)) {
                *slot = 0;
            }
        }
        self.offsets.clear();
        self.shift = u32::from(words);
        let places = len >> self.shift;
        if self.by_place.len() < places + 1 {
            self.by_place.resize(places + 1, 0);
        }
    }

    /// Notes that `offset` needs a label.
    pub fn add(&mut self, offset: i64) {
        self.offsets.push(offset);
    }

    /// Numbers the labels; to be called once, after the last [`Labels::add`].
    pub fn number(&mut self) {
        self.offsets.sort_unstable();
        self.offsets.dedup();
        for (index, &offset) in self.offsets.iter().enumerate() {
            if let Some(slot) = place(offset, self.shift).and_then(|place| self.by_place.get_mut(place)) {
                *slot = index as u32 + 1;
            }
        }
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The number of the label at `offset`, from 1.
    pub fn at(&self, offset: i64) -> Option<u32> {
        if let Some(&number) = place(offset, self.shift).and_then(|place| self.by_place.get(place)) {
            return (number != 0).then_some(number);
        }
        self.offsets.binary_search(&offset).ok().map(|index| index as u32 + 1)
    }

    /// The number of the label at `offset`, 0 for none. `offset` is that of an instruction.
    #[inline]
    pub fn at_offset(&self, offset: u32) -> u32 {
        self.by_place.get((offset >> self.shift) as usize).copied().unwrap_or(0)
    }
}

/// The place of `offset` in a table by place.
fn place(offset: i64, shift: u32) -> Option<usize> {
    usize::try_from(offset >> shift).ok()
}
