//! Upper, lower and title case, and the questions about digits, as CPython's database of Unicode 16 answers them.

/// The lower case of one character where it stands alone: a capital sigma is no final one.
fn lower_one(ch: char, out: &mut String) {
    out.extend(ch.to_lowercase());
}

/// Letters that are a capital and a small one in one.
const fn is_title(ch: char) -> bool {
    matches!(ch, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | 'ᾈ'..='ᾏ' | 'ᾘ'..='ᾟ' | 'ᾨ'..='ᾯ' | 'ᾼ' | 'ῌ' | 'ῼ')
}

/// The title case of a character: that of its capital, but for the letters that have one of their own.
fn title_one(ch: char, out: &mut String) {
    let own = match ch {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        'ა'..='ჿ' => ch,
        'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ' => char::from_u32(u32::from(ch) + 8).unwrap_or(ch),
        'ᾳ' => 'ᾼ',
        'ῃ' => 'ῌ',
        'ῳ' => 'ῼ',
        _ if is_title(ch) => ch,
        _ => {
            // Marks of what is more than one character stay what they are, letters become small.
            let with_iota = matches!(ch, 'ᾲ' | 'ᾴ' | 'ᾷ' | 'ῂ' | 'ῄ' | 'ῇ' | 'ῲ' | 'ῴ' | 'ῷ');
            for (index, part) in ch.to_uppercase().enumerate() {
                match (index, part) {
                    (0, _) => out.push(part),
                    (_, 'Ι') if with_iota => out.push('\u{345}'),
                    _ if ch == 'ŉ' => out.push(part),
                    _ => lower_one(part, out),
                }
            }
            return;
        }
    };
    out.push(own);
}

fn is_cased(ch: char) -> bool {
    ch.is_lowercase() || ch.is_uppercase() || is_title(ch)
}

/// The lower case of the character at a place: a capital sigma at the end of a word is a final one.
fn lower_at(text: &[char], at: usize, out: &mut String) {
    if text[at] != 'Σ' {
        return lower_one(text[at], out);
    }
    // The text's own `to_lowercase` knows which characters are looked through.
    let around: String = text[at.saturating_sub(30)..(at + 31).min(text.len())].iter().collect();
    let before: usize = text[at.saturating_sub(30)..at].iter().map(|ch| ch.to_lowercase().count()).sum();
    out.push(around.to_lowercase().chars().nth(before).unwrap_or('σ'));
}

/// `str.lower()`
pub(super) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `str.upper()`
pub(super) fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `str.capitalize()`
pub(super) fn capitalize(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for at in 0..chars.len() {
        match at {
            0 => title_one(chars[0], &mut out),
            _ => lower_at(&chars, at, &mut out),
        }
    }
    out
}

/// `str.title()`
pub(super) fn title(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for at in 0..chars.len() {
        if inside {
            lower_at(&chars, at, &mut out);
        } else {
            title_one(chars[at], &mut out);
        }
        inside = is_cased(chars[at]);
    }
    out
}

/// `str.swapcase()`
pub(super) fn swapcase(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, ch) in chars.iter().enumerate() {
        if ch.is_uppercase() {
            lower_at(&chars, at, &mut out);
        } else if ch.is_lowercase() {
            out.extend(ch.to_uppercase());
        } else {
            out.push(*ch);
        }
    }
    out
}

/// `str.casefold()`: the small letters of the capital ones, but for Cherokee, whose capitals are what is compared.
pub(super) fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            'ı' => out.push(ch),
            'ẞ' => out.push_str("ss"),
            'Ꭰ'..='Ᏽ' | 'ᏸ'..='ᏽ' | 'ꭰ'..='ꮿ' => out.extend(ch.to_uppercase()),
            _ => ch.to_uppercase().for_each(|part| lower_one(part, &mut out)),
        }
    }
    out
}

/// `str.istitle()`
pub(super) fn istitle(text: &str) -> bool {
    let (mut any, mut inside) = (false, false);
    for ch in text.chars().filter(|&ch| !is_new(ch)) {
        let capital = ch.is_uppercase() || is_title(ch);
        if capital && inside || ch.is_lowercase() && !inside {
            return false;
        }
        inside = capital || ch.is_lowercase();
        any |= inside;
    }
    any
}

/// `str.isupper()`, or of the other case.
pub(super) fn all_cased(text: &str, upper: bool) -> bool {
    let mut any = false;
    for ch in text.chars().filter(|&ch| !is_new(ch)) {
        let (wanted, other) = if upper {
            (ch.is_uppercase(), ch.is_lowercase())
        } else {
            (ch.is_lowercase() || ch == '\u{295}', ch.is_uppercase())
        };
        if other || is_title(ch) {
            return false;
        }
        any |= wanted;
    }
    any
}

/// Is it a digit, of any kind? Dumped from CPython 3.14.10: what `isdigit` holds for and `isdecimal` does not.
pub(super) fn is_digit(ch: char) -> bool {
    super::make::decimal(ch).is_some()
        || matches!(u32::from(ch),
            0xB2..=0xB3 | 0xB9 | 0x1369..=0x1371 | 0x19DA | 0x2070 | 0x2074..=0x2079 | 0x2080..=0x2089
            | 0x2460..=0x2468 | 0x2474..=0x247C | 0x2488..=0x2490 | 0x24EA | 0x24F5..=0x24FD | 0x24FF
            | 0x2776..=0x277E | 0x2780..=0x2788 | 0x278A..=0x2792 | 0x10A40..=0x10A43 | 0x10E60..=0x10E68
            | 0x11052..=0x1105A | 0x1F100..=0x1F10A)
}

/// Has it a case in Rust's tables of Unicode 17 only?
const fn is_new(ch: char) -> bool {
    matches!(ch as u32, 0xA7CE..=0xA7CF | 0xA7D2 | 0xA7D4 | 0xA7F1 | 0x16EA0..=0x16EB8 | 0x16EBB..=0x16ED3)
}

/// Changes the characters of a string that may have lone surrogates. Those stay as they are: meanwhile they are
/// characters for private use of the last plane, which have no case either. So do those that have a case, or a partner of
/// the other one, in Unicode 17 only.
pub(super) fn mapped(points: &[u32], change: fn(&str) -> String) -> Vec<u32> {
    const AWAY: u32 = 0x10_F800 - 0xD800;
    const NEW: u32 = 0x10_F600 - 0x1_6EA0;
    const NEW_LATIN: u32 = 0x10_F700 - 0xA7CE;
    let move_away = |point: u32| match point {
        0xD800..=0xDFFF => point + AWAY,
        0xA7CE..=0xA7CF | 0xA7D2..=0xA7D5 => point + NEW_LATIN,
        0x1_6EA0..=0x1_6ED3 => point + NEW,
        _ => point,
    };
    if !points.iter().any(|&point| move_away(point) != point) {
        let text: String = points.iter().filter_map(|&point| char::from_u32(point)).collect();
        return change(&text).chars().map(u32::from).collect();
    }
    let text: String = points.iter().filter_map(|&point| char::from_u32(move_away(point))).collect();
    let back = |ch: char| match u32::from(ch) {
        point @ 0x10_F800..=0x10_FFFF => point - AWAY,
        point @ 0x10_F700..=0x10_F707 => point - NEW_LATIN,
        point @ 0x10_F600..=0x10_F633 => point - NEW,
        point => point,
    };
    change(&text).chars().map(back).collect()
}
