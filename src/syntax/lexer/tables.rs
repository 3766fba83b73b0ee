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

/// The kind of a word of at most eight bytes, given as [`packed`] gives it: a keyword's, or `Name`.
#[inline(always)]
pub fn keyword(word: u64) -> TokenKind {
    let (key, kind) = TABLE[slot(word, MULTIPLIER)];
    if key == word { kind } else { TokenKind::Name }
}

/// A word of at most eight bytes as one number, the first byte lowest.
pub const fn packed(word: &[u8]) -> u64 {
    pack(word)
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Every byte of a word is this one.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// How many of eight bytes, from the first one on, can stand in an identifier.
#[inline(always)]
pub const fn identifier_length(wide: u64) -> usize {
    (!identifier_bytes(wide) & HIGH).trailing_zeros() as usize / 8
}

/// Marks, in their highest bits, those of eight bytes that can stand in an identifier.
#[inline(always)]
const fn identifier_bytes(wide: u64) -> u64 {
    // Sums of seven-bit bytes stay within their byte: the highest bit says whether one is at least `from`.
    let low = wide & !HIGH;
    const fn at_least(low: u64, from: u8) -> u64 {
        low + every(0x80 - from)
    }
    let folded = low | every(0x20);
    let letters = at_least(folded, b'a') & !at_least(folded, b'z' + 1);
    let digits = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let underscores = every(0x80) - (low ^ every(b'_'));
    (letters | digits | underscores | wide) & HIGH
}

/// An operator of one byte, unless what follows it makes another one.
#[derive(Clone, Copy)]
pub struct Operator {
    pub kind: TokenKind,
    /// The [`FOLLOWERS`] with which the byte is something else.
    pub conflicts: u8,
}

/// What bytes mean behind another one, as bits; the highest is always set.
pub const FOLLOWERS: [u8; 256] = {
    let mut table = [128; 256];
    let bytes = b"=*/<>.";
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] |= 1 << i;
        i += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        table[digit as usize] |= 64;
        digit += 1;
    }
    table
};

/// The operators by their first byte. What starts none conflicts with everything.
pub static OPERATORS: [Operator; 256] = {
    use TokenKind::*;
    const EQUAL: u8 = 1;
    let mut table = [Operator { kind: Error, conflicts: 128 }; 256];
    let operators = [
        (b',', Comma, 0),
        (b'.', Dot, 32 | 64),
        (b'=', TokenKind::Equal, EQUAL),
        (b':', Colon, EQUAL),
        (b';', Semicolon, 0),
        (b'~', Tilde, 0),
        (b'+', Plus, EQUAL),
        (b'-', Minus, EQUAL | 16),
        (b'*', Star, EQUAL | 2),
        (b'/', Slash, EQUAL | 4),
        (b'%', Percent, EQUAL),
        (b'@', At, EQUAL),
        (b'|', VBar, EQUAL),
        (b'&', Amper, EQUAL),
        (b'^', Caret, EQUAL),
        (b'<', Less, EQUAL | 8 | 16),
        (b'>', Greater, EQUAL | 16),
        (b'!', Exclamation, EQUAL),
    ];
    let mut i = 0;
    while i < operators.len() {
        let (byte, kind, conflicts) = operators[i];
        table[byte as usize] = Operator { kind, conflicts };
        i += 1;
    }
    table
};

/// How many bytes are looked at together where they are many.
pub const BLOCK: usize = 16;

/// How many of the bytes, from the first one on, are spaces.
#[inline(always)]
pub const fn leading_spaces(bytes: &[u8; BLOCK]) -> usize {
    ((u128::from_le_bytes(*bytes) ^ u128::from_le_bytes([b' '; BLOCK])).trailing_zeros() / 8) as usize
}

/// How many bytes come before the first that is `quote`, a backslash or a newline. Asked of an array and answered with
/// one number, this becomes vector instructions.
#[inline(always)]
pub fn before_end(bytes: &[u8; BLOCK], quote: u8) -> usize {
    let ends = |byte: u8| (byte == quote) | (byte == b'\\') | (byte == b'\n');
    let marks = u128::from_le_bytes(bytes.map(|byte| if ends(byte) { u8::MAX } else { 0 }));
    marks.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_and_nothing_else() {
        for (word, kind) in KEYWORDS {
            assert_eq!(keyword(packed(word)), kind);
            if word.len() < 8 {
                assert_eq!(keyword(packed(&[word, b"x"].concat())), TokenKind::Name);
            }
        }
        for word in ["match", "case", "type", "_", "print", "i", "nonlocal1", "none", "true"] {
            let word = &word.as_bytes()[..word.len().min(8)];
            assert_eq!(keyword(packed(word)) == TokenKind::Name, word != b"nonlocal");
        }
    }

    #[test]
    fn bytes_at_once_are_classified_as_one_by_one() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                for around in [b'a', b' ', 0xff, 0] {
                    let mut bytes = [around; 8];
                    bytes[place] = byte;
                    let expected = bytes.map(|b| if CONTINUES_IDENTIFIER[b as usize] { 0x80 } else { 0 });
                    assert_eq!(identifier_bytes(u64::from_le_bytes(bytes)).to_le_bytes(), expected);
                    let length = expected.iter().take_while(|&&found| found != 0).count();
                    assert_eq!(identifier_length(u64::from_le_bytes(bytes)), length);
                }
            }
        }
        for place in 0..BLOCK {
            for end in [b'"', b'\\', b'\n', b'x', 0xff, 0] {
                let mut bytes = [b' '; BLOCK];
                bytes[place] = end;
                assert_eq!(leading_spaces(&bytes), place);
                let found = if matches!(end, b'"' | b'\\' | b'\n') { place } else { BLOCK };
                assert_eq!(before_end(&bytes, b'"'), found);
            }
        }
        assert_eq!(leading_spaces(&[b' '; BLOCK]), BLOCK);
    }

    #[test]
    fn operators_of_one_byte_end_where_no_longer_one_does() {
        for byte in 0..128_u8 {
            for next in 0..128_u8 {
                let operator = OPERATORS[byte as usize];
                if operator.conflicts & FOLLOWERS[next as usize] == 0 {
                    let one = (byte as char).to_string();
                    assert_eq!(TokenKind::of_text(&one), Some(operator.kind));
                    let two = format!("{one}{}", next as char);
                    assert_eq!(TokenKind::of_text(&two), None, "{two}");
                }
            }
        }
    }
}
