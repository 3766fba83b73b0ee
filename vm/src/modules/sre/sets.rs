//! Sets of characters, and what the codes of patterns know of characters: categories, lower case.
//!
//! Whether a character below 256 is in a set is one bit, worked out when the pattern is made; for others the set's parts
//! are asked.

use rustpython_unicode::{case, classify};
use std::sync::OnceLock;

/// The codes of `re._constants` for the parts of a set.
mod code {
    pub const FAILURE: u32 = 0;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const LITERAL: u32 = 16;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

/// What a character is compared as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// As it is.
    None,
    /// ASCII letters as their small ones.
    Ascii,
    /// As its small letter.
    Unicode,
    /// Both as small and as capital letter, in the locale, which is C.
    Locale,
}

impl Fold {
    /// The character as references to groups compare it.
    pub(super) fn of(self, point: u32) -> u32 {
        match self {
            Fold::None => point,
            Fold::Ascii | Fold::Locale => lower_ascii(point),
            Fold::Unicode => lower_unicode(point),
        }
    }
}

pub(super) fn lower_ascii(point: u32) -> u32 {
    u8::try_from(point).map_or(point, |it| it.to_ascii_lowercase().into())
}

fn upper_ascii(point: u32) -> u32 {
    u8::try_from(point).map_or(point, |it| it.to_ascii_uppercase().into())
}

/// The one small letter of a character.
pub(super) fn lower_unicode(point: u32) -> u32 {
    if point < 0x80 {
        return lower_ascii(point);
    }
    char::from_u32(point).map_or(point, |it| case::simple_lowercase(it).into())
}

fn upper_unicode(point: u32) -> u32 {
    char::from_u32(point).map_or(point, |it| case::simple_uppercase(it).into())
}

fn is_ascii(point: u32, is: impl Fn(&u8) -> bool) -> bool {
    u8::try_from(point).is_ok_and(|it| is(&it))
}

fn is_unicode(point: u32, is: fn(char) -> bool) -> bool {
    char::from_u32(point).is_some_and(is)
}

/// Is it part of a word, of ASCII's or of any?
pub(super) fn is_word(point: u32, unicode: bool) -> bool {
    if point < 0x80 || !unicode {
        return point == 0x5F || is_ascii(point, u8::is_ascii_alphanumeric);
    }
    is_unicode(point, classify::is_alnum)
}

/// Is the character of this category? Even numbers ask, odd ones negate.
fn is_category(category: u32, point: u32) -> bool {
    let is = match category & !1 {
        0 => is_ascii(point, u8::is_ascii_digit),
        2 => matches!(point, 0x09..=0x0D | 0x20),
        4 | 8 => is_word(point, false),
        6 => point == 0x0A,
        10 if point < 0x80 => is_ascii(point, u8::is_ascii_digit),
        10 => is_unicode(point, classify::is_decimal),
        12 if point < 0x80 => matches!(point, 0x09..=0x0D | 0x1C..=0x20),
        12 => is_unicode(point, classify::is_space),
        14 => is_word(point, true),
        _ => matches!(point, 0x0A..=0x0D | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029),
    };
    is != (category & 1 == 1)
}

const CATEGORIES: u32 = 18;

/// A part of a set.
enum Part {
    Point(u32),
    Range(u32, u32),
    /// A range that holds characters whose capital letter is in it, too.
    Cased(u32, u32),
    Category(u32),
    /// Characters below 256, a bit for each.
    Low([u32; 8]),
    /// Characters below 65,536: which block belongs to the upper byte, and the blocks' bits.
    Blocks(Box<[u8]>, Box<[u32]>),
}

impl Part {
    fn has(&self, point: u32) -> bool {
        match self {
            Part::Point(own) => *own == point,
            Part::Range(low, high) => (*low..=*high).contains(&point),
            Part::Cased(low, high) => {
                let range = *low..=*high;
                range.contains(&point) || range.contains(&upper_unicode(point))
            }
            Part::Category(category) => is_category(*category, point),
            Part::Low(bits) => {
                bits.get(point as usize / 32).is_some_and(|bits| bits & (1 << (point % 32)) != 0)
            }
            Part::Blocks(index, blocks) => {
                let Some(&block) = index.get(point as usize / 256) else { return false };
                let word = usize::from(block) * 8 + point as usize % 256 / 32;
                blocks.get(word).is_some_and(|bits| bits & (1 << (point % 32)) != 0)
            }
        }
    }
}

impl Part {
    /// Adds its characters below 256.
    fn show_low(&self, low: &mut Bits) {
        /// Those of the categories, which every pattern names again.
        static CATEGORIZED: [OnceLock<Bits>; CATEGORIES as usize] =
            [const { OnceLock::new() }; CATEGORIES as usize];
        let all = || {
            let mut bits = Bits::default();
            (0..=255).filter(|&point: &u8| self.has(point.into())).for_each(|point| bits.add(point));
            bits
        };
        match self {
            Part::Point(point) => {
                if let Ok(point) = u8::try_from(*point) {
                    low.add(point);
                }
            }
            Part::Range(from, to) => (*from..=(*to).min(255)).for_each(|point| low.add(point as u8)),
            Part::Low(bits) => {
                for (word, pair) in low.0.iter_mut().zip(bits.as_chunks::<2>().0) {
                    *word |= u64::from(pair[0]) | u64::from(pair[1]) << 32;
                }
            }
            Part::Category(category) => match CATEGORIZED.get(*category as usize) {
                Some(known) => low.join(known.get_or_init(all)),
                None => low.join(&all()),
            },
            Part::Cased(..) | Part::Blocks(..) => low.join(&all()),
        }
    }
}

/// Which characters below 256.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bits(pub [u64; 4]);

impl Bits {
    #[inline(always)]
    pub(super) fn has(&self, point: u8) -> bool {
        self.0[usize::from(point >> 6)] & (1 << (point & 63)) != 0
    }

    pub(super) fn add(&mut self, point: u8) {
        self.0[usize::from(point >> 6)] |= 1 << (point & 63);
    }

    pub(super) fn join(&mut self, other: &Bits) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    /// The characters, where there are at most three.
    pub(super) fn few(&self) -> Option<Vec<u8>> {
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        (count <= 3).then(|| (0..=255).filter(|&point| self.has(point)).collect())
    }
}

/// A set of characters.
pub(super) struct Set {
    pub low: Bits,
    parts: Box<[Part]>,
    negated: bool,
    fold: Fold,
}

impl Set {
    /// The set whose codes these are, with the code that ends it.
    pub(super) fn parse(codes: &[u32], fold: Fold) -> Option<Set> {
        let (mut at, mut parts, mut negated) = (0, Vec::new(), false);
        let number = |at: usize| codes.get(at).copied();
        loop {
            let op = number(at)?;
            at += 1;
            match op {
                code::FAILURE => break,
                code::NEGATE if parts.is_empty() && !negated => negated = true,
                code::LITERAL => {
                    parts.push(Part::Point(number(at)?));
                    at += 1;
                }
                code::RANGE | code::RANGE_UNI_IGNORE => {
                    let (low, high) = (number(at)?, number(at + 1)?);
                    at += 2;
                    parts.push(if op == code::RANGE {
                        Part::Range(low, high)
                    } else {
                        Part::Cased(low, high)
                    });
                }
                code::CATEGORY => {
                    parts.push(Part::Category(number(at).filter(|it| *it < CATEGORIES)?));
                    at += 1;
                }
                code::CHARSET => {
                    parts.push(Part::Low(codes.get(at..at + 8)?.try_into().ok()?));
                    at += 8;
                }
                code::BIGCHARSET => {
                    let count = number(at)? as usize;
                    let index =
                        codes.get(at + 1..at + 65)?.iter().flat_map(|word| word.to_le_bytes()).collect();
                    let end = at.checked_add(65)?.checked_add(count.checked_mul(8)?)?;
                    parts.push(Part::Blocks(index, codes.get(at + 65..end)?.into()));
                    at = end;
                }
                _ => return None,
            }
        }
        Some(Set::made(parts, negated, fold)).filter(|_| at == codes.len())
    }

    /// All characters of a category.
    pub(super) fn category(category: u32) -> Option<Set> {
        (category < CATEGORIES).then(|| Set::made(vec![Part::Category(category)], false, Fold::None))
    }

    /// The characters that are folded to this one, or all others.
    pub(super) fn folded(point: u32, fold: Fold, negated: bool) -> Set {
        Set::made(vec![Part::Point(point)], negated, fold)
    }

    /// No character.
    pub(super) fn empty() -> Set {
        Set::made(Vec::new(), false, Fold::None)
    }

    fn made(parts: Vec<Part>, negated: bool, fold: Fold) -> Set {
        let mut set = Set { low: Bits::default(), parts: parts.into(), negated, fold };
        if matches!(fold, Fold::None) {
            set.parts.iter().for_each(|part| part.show_low(&mut set.low));
            if negated {
                set.low.0.iter_mut().for_each(|word| *word = !*word);
            }
            return set;
        }
        for point in 0..=255 {
            if set.ask(point.into()) {
                set.low.add(point);
            }
        }
        set
    }

    #[inline(always)]
    pub(super) fn has(&self, point: u32) -> bool {
        match u8::try_from(point) {
            Ok(point) => self.low.has(point),
            Err(_) => self.ask(point),
        }
    }

    #[inline(never)]
    fn ask(&self, point: u32) -> bool {
        let has = |point: u32| self.parts.iter().any(|part| part.has(point));
        let has = match self.fold {
            Fold::None => has(point),
            Fold::Ascii => has(lower_ascii(point)),
            Fold::Unicode => has(lower_unicode(point)),
            Fold::Locale => has(lower_ascii(point)) || has(upper_ascii(point)),
        };
        has != self.negated
    }
}
