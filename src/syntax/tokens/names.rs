//! Names of tokens (`Lib/token.py`).

use super::Kind;

/// The name of a kind.
pub(super) fn of(kind: Kind) -> &'static str {
    match kind {
        Kind::Encoding => "ENCODING",
        Kind::EndMarker => "ENDMARKER",
        Kind::Name => "NAME",
        Kind::Number => "NUMBER",
        Kind::String => "STRING",
        Kind::Newline => "NEWLINE",
        Kind::Indent => "INDENT",
        Kind::Dedent => "DEDENT",
        Kind::Op => "OP",
        Kind::FStringStart => "FSTRING_START",
        Kind::FStringMiddle => "FSTRING_MIDDLE",
        Kind::FStringEnd => "FSTRING_END",
        Kind::TStringStart => "TSTRING_START",
        Kind::TStringMiddle => "TSTRING_MIDDLE",
        Kind::TStringEnd => "TSTRING_END",
        Kind::Comment => "COMMENT",
        Kind::Nl => "NL",
    }
}

/// The exact name of an operator (`EXACT_TOKEN_TYPES`); `OP` for what is none.
pub(super) fn exact(operator: &str) -> &'static str {
    match operator {
        "(" => "LPAR",
        ")" => "RPAR",
        "[" => "LSQB",
        "]" => "RSQB",
        "{" => "LBRACE",
        "}" => "RBRACE",
        ":" => "COLON",
        "," => "COMMA",
        ";" => "SEMI",
        "+" => "PLUS",
        "-" => "MINUS",
        "*" => "STAR",
        "/" => "SLASH",
        "|" => "VBAR",
        "&" => "AMPER",
        "<" => "LESS",
        ">" => "GREATER",
        "=" => "EQUAL",
        "." => "DOT",
        "%" => "PERCENT",
        "==" => "EQEQUAL",
        "!=" => "NOTEQUAL",
        "<=" => "LESSEQUAL",
        ">=" => "GREATEREQUAL",
        "~" => "TILDE",
        "^" => "CIRCUMFLEX",
        "<<" => "LEFTSHIFT",
        ">>" => "RIGHTSHIFT",
        "**" => "DOUBLESTAR",
        "+=" => "PLUSEQUAL",
        "-=" => "MINEQUAL",
        "*=" => "STAREQUAL",
        "/=" => "SLASHEQUAL",
        "%=" => "PERCENTEQUAL",
        "&=" => "AMPEREQUAL",
        "|=" => "VBAREQUAL",
        "^=" => "CIRCUMFLEXEQUAL",
        "<<=" => "LEFTSHIFTEQUAL",
        ">>=" => "RIGHTSHIFTEQUAL",
        "**=" => "DOUBLESTAREQUAL",
        "//" => "DOUBLESLASH",
        "//=" => "DOUBLESLASHEQUAL",
        "@" => "AT",
        "@=" => "ATEQUAL",
        "->" => "RARROW",
        "..." => "ELLIPSIS",
        ":=" => "COLONEQUAL",
        "!" => "EXCLAMATION",
        _ => "OP",
    }
}

/// Is it an operator of two characters?
pub(super) fn is_pair(first: u8, second: u8, diamond: bool) -> bool {
    match (first, second) {
        (b'<', b'>') => diamond,
        (b'!' | b'%' | b'&' | b'+' | b'/' | b':' | b'<' | b'=' | b'>' | b'@' | b'^' | b'|' | b'*', b'=') => {
            true
        }
        (b'-', b'=' | b'>') | (b'*', b'*') | (b'/', b'/') | (b'<', b'<') | (b'>', b'>') => true,
        _ => false,
    }
}

/// Is it an operator of three characters?
pub(super) fn is_triple(first: u8, second: u8, third: u8) -> bool {
    matches!(
        (first, second, third),
        (b'*', b'*', b'=')
            | (b'/', b'/', b'=')
            | (b'<', b'<', b'=')
            | (b'>', b'>', b'=')
            | (b'.', b'.', b'.')
    )
}
