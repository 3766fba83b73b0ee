//! Normal forms: Unicode's annex 15.

use super::Database;

/// A normal form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Form {
    compatible: bool,
    composed: bool,
}

impl Form {
    pub(super) fn named(name: &str) -> Option<Form> {
        let (compatible, composed) = match name {
            "NFC" => (false, true),
            "NFD" => (false, false),
            "NFKC" => (true, true),
            "NFKD" => (true, false),
            _ => return None,
        };
        Some(Form { compatible, composed })
    }
}

/// Where the syllables of Hangul start, and the letters that they are of.
const SYLLABLES: u32 = 0xAC00;
const LEADING: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
const TRAILING: u32 = 0x11A7;

fn decompose(db: &Database, point: u32, compatible: bool, out: &mut Vec<u32>) {
    if (SYLLABLES..SYLLABLES + 11_172).contains(&point) {
        let rest = point - SYLLABLES;
        out.push(LEADING + rest / 588);
        out.push(VOWELS + rest % 588 / 28);
        if !rest.is_multiple_of(28) {
            out.push(TRAILING + rest % 28);
        }
        return;
    }
    match db.decomposition(point) {
        Some((tag, points)) if tag == 0 || compatible => {
            points.iter().for_each(|&part| decompose(db, part, compatible, out));
        }
        _ => out.push(point),
    }
}

fn pair(db: &Database, first: u32, second: u32) -> Option<u32> {
    if (LEADING..LEADING + 19).contains(&first) && (VOWELS..VOWELS + 21).contains(&second) {
        return Some(SYLLABLES + (first - LEADING) * 588 + (second - VOWELS) * 28);
    }
    if (SYLLABLES..SYLLABLES + 11_172).contains(&first)
        && (first - SYLLABLES).is_multiple_of(28)
        && (TRAILING + 1..TRAILING + 28).contains(&second)
    {
        return Some(first + second - TRAILING);
    }
    db.composed(first, second)
}

/// The normal form of a text.
pub(super) fn normalize(db: &Database, form: Form, points: &[u32]) -> Vec<u32> {
    if points.iter().all(|&point| point < 0x80) {
        return points.to_vec();
    }
    let mut all = Vec::with_capacity(points.len());
    for &point in points {
        decompose(db, point, form.compatible, &mut all);
    }
    // Marks are put in the order of their classes; those of one class stay in order.
    let mut at = 0;
    while at < all.len() {
        let end = at + all[at..].iter().take_while(|&&point| db.combining(point) != 0).count();
        all[at..end].sort_by_key(|&point| db.combining(point));
        at = end + 1;
    }
    if !form.composed {
        return all;
    }
    let mut out: Vec<u32> = Vec::with_capacity(all.len());
    // Where the last starter is, and the class of the last mark behind it that stayed.
    let (mut starter, mut last): (Option<usize>, u8) = (None, 0);
    for point in all {
        let class = db.combining(point);
        if let Some(place) = starter {
            let adjacent = place + 1 == out.len();
            // A starter joins the one before it only where they touch; a mark, unless one of its class or above stayed.
            let free = adjacent || class != 0 && last < class && last != 0;
            if free && let Some(joined) = pair(db, out[place], point) {
                out[place] = joined;
                continue;
            }
        }
        if class == 0 {
            starter = Some(out.len());
            last = 0;
        } else {
            last = class;
        }
        out.push(point);
    }
    out
}
