//! "Did you mean …?": which of some names is near enough to one that is not known, by what CPython counts as near.

use crate::value::Value;
use crate::vm::{Raised, Vm};

/// What a letter that is another one costs; one that is only larger or smaller costs half.
const MOVE: usize = 2;
const CASE: usize = 1;
/// Longer names and longer lists are not looked at.
const LONGEST: usize = 40;
const MOST: usize = 750;

fn exchange(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// How far apart two names are: letters put in, left out or exchanged. `None` where it is more than `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[common..], &b[common..]);
    let common = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - common], &b[..b.len() - common]);
    if a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) * MOVE > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).map(|count| count * MOVE).collect();
    for &letter in a {
        let mut diagonal = row[0];
        row[0] += MOVE;
        for (at, &other) in b.iter().enumerate() {
            let best = (diagonal + exchange(letter, other)).min(row[at] + MOVE).min(row[at + 1] + MOVE);
            diagonal = std::mem::replace(&mut row[at + 1], best);
        }
    }
    row.last().copied().filter(|&it| it <= most)
}

/// The nearest of some names, the first of those that are as near; `None` where none is near enough.
pub(crate) fn nearest<'a>(wrong: &str, names: impl ExactSizeIterator<Item = &'a str>) -> Option<&'a str> {
    if names.len() >= MOST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in names.filter(|it| *it != wrong) {
        let near = (wrong.len() + name.len() + 3) * MOVE / 6;
        let near = best.map_or(near, |(best, _)| near.min(best.saturating_sub(1)));
        if let Some(found) = distance(wrong.as_bytes(), name.as_bytes(), near)
            && best.is_none_or(|(best, _)| found < best)
        {
            best = Some((found, name));
        }
    }
    best.map(|(_, name)| name)
}

impl Vm {
    /// Raises what is said of an argument whose name no parameter has, out of those that may be given by name.
    #[cold]
    pub(crate) fn unexpected_keyword<'a>(
        &self,
        function: &str,
        wrong: &str,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Raised {
        let meant = match nearest(wrong, names) {
            Some(name) => format!(". Did you mean '{name}'?"),
            None => String::new(),
        };
        self.type_error(format!("{function}() got an unexpected keyword argument '{wrong}'{meant}"))
    }

    /// The same, where the names are values.
    #[cold]
    pub(crate) fn unexpected_among(&self, function: &str, wrong: &str, names: &[Value]) -> Raised {
        let names: Vec<String> = names.iter().map(|it| self.text_of(it)).collect();
        self.unexpected_keyword(function, wrong, names.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn letters_put_in_left_out_and_exchanged_are_counted() {
        assert_eq!(distance(b"abc", b"abc", 10), Some(0));
        assert_eq!(distance(b"abc", b"abd", 10), Some(2));
        assert_eq!(distance(b"abc", b"aBc", 10), Some(1));
        assert_eq!(distance(b"sepp", b"sep", 10), Some(2));
        assert_eq!(distance(b"kitten", b"sitting", 10), Some(6));
        assert_eq!(distance(b"kitten", b"sitting", 5), None);
    }

    #[test]
    fn only_what_is_near_enough_is_meant_and_the_first_of_equals() {
        assert_eq!(nearest("sepp", ["end", "sep", "file"].into_iter()), Some("sep"));
        assert_eq!(nearest("mood", ["file", "mode"].into_iter()), None);
        assert_eq!(nearest("abx", ["abz", "aby"].into_iter()), Some("abz"));
        assert_eq!(nearest("same", ["same"].into_iter()), None);
    }
}
