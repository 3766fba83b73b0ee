//! Byte classes, and keywords found by one multiplication.

use crate::syntax::token::TokenKind;

/// Can the byte stand in an identifier (any byte of a non-ASCII character can)?
pub const CONTINUES_IDENTIFIER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte >= 0x80 || byte == b'_' as usize || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

const KEYWORDS: [(&[u8], TokenKind); 35] = [
    (b"False", TokenKind::False),
    (b"None", TokenKind::None),
    (b"True", TokenKind::True),
    (b"and", TokenKind::And),
    (b"as", TokenKind::As),
    (b"assert", TokenKind::Assert),
    (b"async", TokenKind::Async),
    (b"await", TokenKind::Await),
    (b"break", TokenKind::Break),
    (b"class", TokenKind::Class),
    (b"continue", TokenKind::Continue),
    (b"def", TokenKind::Def),
    (b"del", TokenKind::Del),
    (b"elif", TokenKind::Elif),
    (b"else", TokenKind::Else),
    (b"except", TokenKind::Except),
    (b"finally", TokenKind::Finally),
    (b"for", TokenKind::For),
    (b"from", TokenKind::From),
    (b"global", TokenKind::Global),
    (b"if", TokenKind::If),
    (b"import", TokenKind::Import),
    (b"in", TokenKind::In),
    (b"is", TokenKind::Is),
    (b"lambda", TokenKind::Lambda),
    (b"nonlocal", TokenKind::Nonlocal),
    (b"not", TokenKind::Not),
    (b"or", TokenKind::Or),
    (b"pass", TokenKind::Pass),
    (b"raise", TokenKind::Raise),
    (b"return", TokenKind::Return),
    (b"try", TokenKind::Try),
    (b"while", TokenKind::While),
    (b"with", TokenKind::With),
    (b"yield", TokenKind::Yield),
];

const SLOTS: usize = 128;
const SLOT_SHIFT: u32 = 57;

const fn pack(word: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let mut i = 0;
    while i < word.len() {
        bytes[i] = word[i];
        i += 1;
    }
    u64::from_le_bytes(bytes)
}

const fn slot(word: u64, multiplier: u64) -> usize {
    (word.wrapping_mul(multiplier) >> SLOT_SHIFT) as usize
}

/// A multiplier under which no two keywords share a slot, found while compiling.
const MULTIPLIER: u64 = {
    let mut candidate: u64 = 0x9e37_79b9_7f4a_7c15;
    loop {
        let mut taken = [false; SLOTS];
        let mut i = 0;
        let mut good = true;
        while i < KEYWORDS.len() {
            let slot = slot(pack(KEYWORDS[i].0), candidate);
            if taken[slot] {
                good = false;
                break;
            }
            taken[slot] = true;
            i += 1;
        }
        if good {
            break candidate;
        }
        candidate = candidate.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f) | 1;
    }
};

const TABLE: [(u64, TokenKind); SLOTS] = {
    let mut table = [(0, TokenKind::Name); SLOTS];
    let mut i = 0;
    while i < KEYWORDS.len() {
        let word = pack(KEYWORDS[i].0);
        table[slot(word, MULTIPLIER)] = (word, KEYWORDS[i].1);
        i += 1;
    }
    table
};

/// The kind of the word from `start` to `end`: a keyword's, or `Name`.
#[inline(always)]
pub fn keyword(src: &[u8], start: usize, end: usize) -> TokenKind {
    let length = end - start;
    if !(2..=8).contains(&length) {
        return TokenKind::Name;
    }
    let word = match src.get(start..start + 8) {
        Some(bytes) => {
            let wide = u64::from_le_bytes([
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
            ]);
            wide & (u64::MAX >> (64 - 8 * length as u32))
        }
        None => pack(&src[start..end]),
    };
    let (key, kind) = TABLE[slot(word, MULTIPLIER)];
    if key == word { kind } else { TokenKind::Name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_and_nothing_else() {
        for (word, kind) in KEYWORDS {
            assert_eq!(keyword(word, 0, word.len()), kind);
            let padded = [word, b"          "].concat();
            assert_eq!(keyword(&padded, 0, word.len()), kind);
            let longer = [word, b"x         "].concat();
            assert_eq!(keyword(&longer, 0, word.len() + 1), TokenKind::Name);
        }
        for word in ["match", "case", "type", "_", "print", "i", "nonlocals", "none", "true"] {
            assert_eq!(keyword(word.as_bytes(), 0, word.len()), TokenKind::Name);
        }
    }
}
