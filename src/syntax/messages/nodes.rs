//! What the matcher builds: just enough of a tree to name and place what is wrong.

/// Number of a node.
pub type NodeId = u32;

macro_rules! kinds {
    ($($kind:ident)*) => {
        /// What a node is. Messages tell expressions apart by it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind {
            /// An optional item that is not there.
            Nothing,
            /// A token (a name, if the token is one).
            Token,
            /// Several items in a row.
            Other,
            $($kind,)*
        }

        impl Kind {
            /// The kind that `grammar.txt` calls `name`.
            pub fn parse(name: &str) -> Option<Kind> {
                match name {
                    "Other" => Some(Kind::Other),
                    $(stringify!($kind) => Some(Kind::$kind),)*
                    _ => Option::None,
                }
            }
        }
    };
}

kinds! {
    Arguments Attribute Await Call Clause Compare Dict DictComp DoubleStarred
    EllipsisLiteral False GeneratorExp IfExp JoinedStr Keyword Lambda List ListComp
    Literal NamedExpr None Operation Set SetComp Starred Statement Strings
    Subscript TemplateStr True Tuple Yield
}

/// A node: the tokens that it spans and what it consists of.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its first token.
    pub first: u32,
    /// Its last token; before `first` if it is empty.
    pub last: u32,
    /// Its parts.
    pub kids: Vec<NodeId>,
}
