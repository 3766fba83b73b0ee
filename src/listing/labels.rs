//! Jump labels of one code object: `L1`, `L2`, … in order of offset.

/// The offsets that jumps and exception table entries name, numbered in ascending order. Offsets outside
/// the code (of damaged code only) are labels too, as in CPython.
#[derive(Default, Debug)]
pub struct Labels {
    /// Ascending, without repetition.
    offsets: Vec<i64>,
    /// For each code unit, its label's number, or 0. Only the entries of `offsets` are ever set.
    by_unit: Vec<u32>,
}

impl Labels {
    /// Forgets all labels, for code of `units` code units; memory is kept.
    pub fn reset(&mut self, units: usize) {
        for &offset in &self.offsets {
            if let Some(slot) = slot(offset).and_then(|unit| self.by_unit.get_mut(unit)) {
                *slot = 0;
            }
        }
        self.offsets.clear();
        if self.by_unit.len() < units + 1 {
            self.by_unit.resize(units + 1, 0);
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
            if let Some(slot) = slot(offset).and_then(|unit| self.by_unit.get_mut(unit)) {
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
        if let Some(&number) = slot(offset).and_then(|unit| self.by_unit.get(unit)) {
            return (number != 0).then_some(number);
        }
        self.offsets.binary_search(&offset).ok().map(|index| index as u32 + 1)
    }

    /// The number of the label at code unit `unit`, 0 for none. `unit` is one of the code.
    pub fn at_unit(&self, unit: usize) -> u32 {
        self.by_unit.get(unit).copied().unwrap_or(0)
    }
}

/// The place of `offset` in a table by code unit. Offsets are even.
fn slot(offset: i64) -> Option<usize> {
    usize::try_from(offset >> 1).ok()
}
