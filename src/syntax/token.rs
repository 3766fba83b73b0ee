//! Tokens.

use crate::source::Place;

/// What a token is. Hard keywords have kinds of their own; the soft ones (`match`, `case`, `type`, `_`)
/// are names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum TokenKind {
    /// End of the text (CPython's `ENDMARKER`).
    End,
    /// The lexer failed; it keeps the reason.
    Error,
    /// A `$`, `?` or `` ` ``, which the grammar has no use for.
    Unusable,
    /// End of a logical line.
    Newline,
    /// The following lines are indented deeper.
    Indent,
    /// The following lines are indented less by one level.
    Dedent,
    /// An identifier.
    Name,
    /// A number.
    Number,
    /// A `str` or `bytes` literal with its prefix and quotes.
    String,
    /// Prefix and opening quote of an f-string.
    FStringStart,
    /// Prefix and opening quote of a t-string.
    TStringStart,
    /// The text after `# type:`, where type comments are asked for.
    TypeComment,
    /// The text after `# type: ignore`, where type comments are asked for.
    TypeIgnore,

    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `[`
    LSquare,
    /// `]`
    RSquare,
    /// `{`
    LBrace,
    /// `}`
    RBrace,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `->`
    Arrow,
    /// `!` (in replacement fields only)
    Exclamation,
    /// `:=`
    ColonEqual,
    /// `=`
    Equal,

    /// `+=`
    PlusEqual,
    /// `-=`
    MinusEqual,
    /// `*=`
    StarEqual,
    /// `@=`
    AtEqual,
    /// `/=`
    SlashEqual,
    /// `%=`
    PercentEqual,
    /// `**=`
    DoubleStarEqual,
    /// `<<=`
    LeftShiftEqual,
    /// `>>=`
    RightShiftEqual,
    /// `|=`
    VBarEqual,
    /// `^=`
    CaretEqual,
    /// `&=`
    AmperEqual,
    /// `//=`
    DoubleSlashEqual,

    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `@`
    At,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `**`
    DoubleStar,
    /// `<<`
    LeftShift,
    /// `>>`
    RightShift,
    /// `|`
    VBar,
    /// `^`
    Caret,
    /// `&`
    Amper,
    /// `//`
    DoubleSlash,
    /// `~`
    Tilde,

    /// `==`
    EqEqual,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,

    /// `False`
    False,
    /// `None`
    None,
    /// `True`
    True,
    /// `and`
    And,
    /// `as`
    As,
    /// `assert`
    Assert,
    /// `async`
    Async,
    /// `await`
    Await,
    /// `break`
    Break,
    /// `class`
    Class,
    /// `continue`
    Continue,
    /// `def`
    Def,
    /// `del`
    Del,
    /// `elif`
    Elif,
    /// `else`
    Else,
    /// `except`
    Except,
    /// `finally`
    Finally,
    /// `for`
    For,
    /// `from`
    From,
    /// `global`
    Global,
    /// `if`
    If,
    /// `import`
    Import,
    /// `in`
    In,
    /// `is`
    Is,
    /// `lambda`
    Lambda,
    /// `nonlocal`
    Nonlocal,
    /// `not`
    Not,
    /// `or`
    Or,
    /// `pass`
    Pass,
    /// `raise`
    Raise,
    /// `return`
    Return,
    /// `try`
    Try,
    /// `while`
    While,
    /// `with`
    With,
    /// `yield`
    Yield,
}

/// What the lexer found out about a string literal, or a name, on its way.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct StringFlags(pub(super) u8);

impl StringFlags {
    /// There is a backslash in it.
    pub const ESCAPES: StringFlags = StringFlags(1);
    /// Three quotes at either end.
    pub const TRIPLE: StringFlags = StringFlags(2);
    /// `r` or `R` in the prefix.
    pub const RAW: StringFlags = StringFlags(4);
    /// `b` or `B` in the prefix.
    pub const BYTES: StringFlags = StringFlags(8);
    /// `f` or `F` in the prefix.
    pub const FORMAT: StringFlags = StringFlags(16);
    /// `t` or `T` in the prefix.
    pub const TEMPLATE: StringFlags = StringFlags(32);
    /// `u` or `U` in the prefix.
    pub const UNICODE: StringFlags = StringFlags(64);

    /// A name with characters beyond ASCII.
    pub const NON_ASCII: StringFlags = StringFlags(128);

    /// No flag.
    pub const fn none() -> Self {
        StringFlags(0)
    }

    /// Is one of the flags `other` set?
    pub const fn has(self, other: StringFlags) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: StringFlags) -> Self {
        StringFlags(self.0 | other.0)
    }
}

/// A token: its kind and where it starts and ends in the text, in bytes. Where it ends, in lines and columns, the
/// lexer knows that made it.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// For names, string literals and the starts of f- and t-strings.
    pub flags: StringFlags,
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
    /// Where that first byte is.
    pub place: Place,
}

impl TokenKind {
    /// The operator or hard keyword that is written like this.
    pub fn of_text(text: &str) -> Option<TokenKind> {
        Some(match text {
            "(" => TokenKind::LParen,
            ")" => TokenKind::RParen,
            "[" => TokenKind::LSquare,
            "]" => TokenKind::RSquare,
            "{" => TokenKind::LBrace,
            "}" => TokenKind::RBrace,
            "," => TokenKind::Comma,
            ":" => TokenKind::Colon,
            ";" => TokenKind::Semicolon,
            "." => TokenKind::Dot,
            "..." => TokenKind::Ellipsis,
            "->" => TokenKind::Arrow,
            "!" => TokenKind::Exclamation,
            ":=" => TokenKind::ColonEqual,
            "=" => TokenKind::Equal,
            "+=" => TokenKind::PlusEqual,
            "-=" => TokenKind::MinusEqual,
            "*=" => TokenKind::StarEqual,
            "@=" => TokenKind::AtEqual,
            "/=" => TokenKind::SlashEqual,
            "%=" => TokenKind::PercentEqual,
            "**=" => TokenKind::DoubleStarEqual,
            "<<=" => TokenKind::LeftShiftEqual,
            ">>=" => TokenKind::RightShiftEqual,
            "|=" => TokenKind::VBarEqual,
            "^=" => TokenKind::CaretEqual,
            "&=" => TokenKind::AmperEqual,
            "//=" => TokenKind::DoubleSlashEqual,
            "+" => TokenKind::Plus,
            "-" => TokenKind::Minus,
            "*" => TokenKind::Star,
            "@" => TokenKind::At,
            "/" => TokenKind::Slash,
            "%" => TokenKind::Percent,
            "**" => TokenKind::DoubleStar,
            "<<" => TokenKind::LeftShift,
            ">>" => TokenKind::RightShift,
            "|" => TokenKind::VBar,
            "^" => TokenKind::Caret,
            "&" => TokenKind::Amper,
            "//" => TokenKind::DoubleSlash,
            "~" => TokenKind::Tilde,
            "==" => TokenKind::EqEqual,
            "!=" => TokenKind::NotEqual,
            "<" => TokenKind::Less,
            "<=" => TokenKind::LessEqual,
            ">" => TokenKind::Greater,
            ">=" => TokenKind::GreaterEqual,
            "False" => TokenKind::False,
            "None" => TokenKind::None,
            "True" => TokenKind::True,
            "and" => TokenKind::And,
            "as" => TokenKind::As,
            "assert" => TokenKind::Assert,
            "async" => TokenKind::Async,
            "await" => TokenKind::Await,
            "break" => TokenKind::Break,
            "class" => TokenKind::Class,
            "continue" => TokenKind::Continue,
            "def" => TokenKind::Def,
            "del" => TokenKind::Del,
            "elif" => TokenKind::Elif,
            "else" => TokenKind::Else,
            "except" => TokenKind::Except,
            "finally" => TokenKind::Finally,
            "for" => TokenKind::For,
            "from" => TokenKind::From,
            "global" => TokenKind::Global,
            "if" => TokenKind::If,
            "import" => TokenKind::Import,
            "in" => TokenKind::In,
            "is" => TokenKind::Is,
            "lambda" => TokenKind::Lambda,
            "nonlocal" => TokenKind::Nonlocal,
            "not" => TokenKind::Not,
            "or" => TokenKind::Or,
            "pass" => TokenKind::Pass,
            "raise" => TokenKind::Raise,
            "return" => TokenKind::Return,
            "try" => TokenKind::Try,
            "while" => TokenKind::While,
            "with" => TokenKind::With,
            "yield" => TokenKind::Yield,
            _ => return None,
        })
    }
}
