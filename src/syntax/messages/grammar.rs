//! Reads `grammar.txt`, once per grammar version.

use super::nodes::Kind;
use super::report::Report;
use super::stream::Terminal;
use crate::syntax::gate::Rules;
use crate::syntax::token::TokenKind;
use crate::target::Target;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// Number of a rule.
pub type RuleId = u16;
/// Number of an item.
pub type ItemId = u16;

/// Part of an alternative.
#[derive(Clone, Debug)]
pub enum Item {
    /// A token.
    Terminal(Terminal),
    /// A name with this text.
    Soft(&'static str),
    /// Any soft keyword.
    AnySoft,
    /// A rule, or a group in parentheses.
    Rule(RuleId),
    /// `x?`
    Optional(ItemId),
    /// `x*`, or `x+` with true.
    Repeat(ItemId, bool),
    /// `x % y`
    Gather(ItemId, ItemId),
    /// `&x`, or `!x` with false.
    Look(ItemId, bool),
    /// `^x`: the token and how the message calls it.
    Required(Terminal, &'static str),
    /// `~`
    Commit,
}

/// What an alternative that matches is worth.
#[derive(Clone, Debug)]
pub enum Action {
    /// The value of its only item, or a node for several.
    Pass,
    /// A node of this kind.
    Node(Kind),
    /// The value of the first item.
    First,
    /// The value of the item named `a`.
    A,
    /// The number `a` must be real (true) or imaginary (false).
    Number(bool),
    /// The conversion `b` after `a` must be adjacent.
    Conversion,
    /// The conversion `b` must be one of three.
    Field,
    /// Literals in a row: all bytes or none.
    Strings,
    /// An error.
    Report(Report),
}

/// An alternative.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Its items, each with its name (`a` or `b`) if it has one.
    pub items: Vec<(Option<u8>, ItemId)>,
    /// What it is worth.
    pub action: Action,
    /// It is a rule for invalid programs.
    pub invalid: bool,
}

/// A rule or group.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Results are remembered per position.
    pub memo: bool,
    /// It begins with itself.
    pub left_recursive: bool,
    /// Rules for invalid programs do not count inside it.
    pub silent: bool,
    /// It is for invalid programs.
    invalid: bool,
    /// Its alternatives, in order.
    pub alternatives: Vec<Alternative>,
}

/// A grammar.
pub struct Grammar {
    /// Rules and groups.
    pub rules: Vec<Rule>,
    /// Items.
    pub items: Vec<Item>,
    /// The names that are keywords in some places.
    pub soft_keywords: &'static [&'static str],
    names: FxHashMap<&'static str, RuleId>,
}

/// `lazy`, which is none before 3.15, is the first, and `type`, which is none before 3.12, the last.
const SOFT_KEYWORDS: [&str; 5] = ["lazy", "_", "case", "match", "type"];

/// Minor and micro numbers of the first releases with each grammar that there is. Where one of a series changed between
/// the releases seen, the number is a guess between them.
const GRAMMARS: [Release; 10] =
    [(8, 0), (9, 0), (10, 0), (11, 0), (11, 8), (12, 0), (12, 8), (13, 0), (14, 0), (15, 0)];

/// Minor and micro number.
type Release = (u8, u8);

static TEXT: &str = include_str!("grammar.txt");

impl Grammar {
    /// The grammar of `target`.
    pub fn of(target: Target) -> &'static Grammar {
        static READ: [OnceLock<Grammar>; GRAMMARS.len()] = [const { OnceLock::new() }; GRAMMARS.len()];
        let wanted = Rules::of(target).grammar;
        let of_series = |&first: &Release| first.0 == wanted.0 && first <= wanted;
        let place = GRAMMARS.iter().rposition(of_series).unwrap_or(GRAMMARS.len() - 1);
        READ[place].get_or_init(|| Reader::read(GRAMMARS[place]))
    }

    /// The rule with this name.
    pub fn rule(&self, name: &str) -> RuleId {
        self.names.get(name).copied().unwrap_or_default()
    }
}

/// Is the release among those of a bound: `14` is from 3.14 on, `-14` up to 3.14, `11-13` from 3.11 to 3.13, `12.8` from
/// 3.12.8 on.
fn belongs(bound: &str, release: Release) -> bool {
    let (from, to) = bound.split_once('-').unwrap_or((bound, ""));
    let parse = |text: &str, minor: u8, micro: u8| {
        let (series, within) = text.split_once('.').unwrap_or((text, ""));
        (series.parse().unwrap_or(minor), within.parse().unwrap_or(micro))
    };
    parse(from, 0, 0) <= release && release <= parse(to, u8::MAX, u8::MAX)
}

/// Reads one version of the grammar. The text is ours and covered by tests: what it cannot read, it
/// passes over, and the tests see to it that there is nothing of the kind.
struct Reader {
    grammar: Grammar,
    /// Is an alternative with any rule for invalid programs one itself? (3.15)
    any_invalid: bool,
    /// Are there tokens whose absence is an error of its own? (3.10)
    requires: bool,
    /// What could not be read.
    pub problems: Vec<String>,
}

impl Reader {
    fn read(grammar: Release) -> Grammar {
        Reader::read_checked(grammar).0
    }

    /// The grammar and what could not be read.
    fn read_checked(grammar: Release) -> (Grammar, Vec<String>) {
        let mut reader = Reader {
            grammar: Grammar {
                rules: Vec::new(),
                items: Vec::new(),
                soft_keywords: match grammar.0 {
                    15.. => &SOFT_KEYWORDS,
                    12.. => &SOFT_KEYWORDS[1..],
                    _ => &SOFT_KEYWORDS[1..4],
                },
                names: FxHashMap::default(),
            },
            any_invalid: grammar.0 >= 15,
            requires: grammar.0 >= 10,
            problems: Vec::new(),
        };
        let lines = || TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines().filter(|line| !line.starts_with('|')) {
            let mut words = line.trim_end_matches(':').split(' ');
            let name = words.next().unwrap_or_default();
            let (mut memo, mut silent) = (false, false);
            for word in words {
                memo |= word == "memo";
                silent |= word == "silent";
            }
            let id = reader.grammar.rules.len() as RuleId;
            let invalid = name.starts_with("invalid_");
            reader.grammar.rules.push(Rule { memo, silent, invalid, ..Rule::default() });
            reader.grammar.names.insert(name, id);
        }
        let mut rule = 0;
        for line in lines() {
            let Some(rest) = line.strip_prefix('|') else {
                rule = reader.grammar.rule(line.trim_end_matches(':').split(' ').next().unwrap_or_default());
                continue;
            };
            let (bound, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            if belongs(bound, grammar) {
                reader.alternative(rule, rest);
            }
        }
        (reader.grammar, reader.problems)
    }

    fn alternative(&mut self, rule: RuleId, text: &'static str) {
        let (items, action) = if let Some((items, report)) = split_once(text, b" !! ") {
            match Report::parse(report) {
                Some(report) => (items, Action::Report(report)),
                None => return self.problems.push(report.to_owned()),
            }
        } else if let Some((items, node)) = split_once(text, b" => ") {
            let action = match node {
                "First" => Action::First,
                "A" => Action::A,
                "Real" => Action::Number(true),
                "Imaginary" => Action::Number(false),
                "Conversion" => Action::Conversion,
                "Field" => Action::Field,
                "Strings" => Action::Strings,
                _ => match Kind::parse(node) {
                    Some(kind) => Action::Node(kind),
                    None => return self.problems.push(node.to_owned()),
                },
            };
            (items, action)
        } else {
            (text, Action::Pass)
        };
        let words = words(items);
        let mut position = 0;
        let items = self.sequence(&words, &mut position);
        if position != words.len() {
            self.problems.push(text.to_owned());
        }
        let left = items.first().is_some_and(|&(_, item)| {
            matches!(self.grammar.items[item as usize], Item::Rule(first) if first == rule
                || (first == self.grammar.rule("name_or_attr") && rule == self.grammar.rule("attr")))
        });
        let is_invalid = |&(_, item): &(Option<u8>, ItemId)| matches!(self.grammar.items[item as usize], Item::Rule(rule) if self.grammar.rules[rule as usize].invalid);
        // To 3.14, what has a token before the rule counts in the first pass, too.
        let invalid = if self.any_invalid {
            items.iter().any(is_invalid)
        } else {
            items.len() == 1 && is_invalid(&items[0])
        };
        let rule = &mut self.grammar.rules[rule as usize];
        rule.left_recursive |= left;
        rule.alternatives.push(Alternative { items, action, invalid });
    }

    fn sequence(&mut self, words: &[&'static str], position: &mut usize) -> Vec<(Option<u8>, ItemId)> {
        let mut items = Vec::new();
        while let Some(&word) = words.get(*position) {
            match word {
                ")" | "|" => break,
                "a:" | "b:" => {
                    *position += 1;
                    let item = self.item(words, position);
                    items.push((Some(word.as_bytes()[0]), item));
                }
                _ => {
                    let item = self.item(words, position);
                    items.push((None, item));
                }
            }
        }
        items
    }

    /// An item with what follows it: `?`, `*`, `+`, `%`.
    fn item(&mut self, words: &[&'static str], position: &mut usize) -> ItemId {
        let mut item = self.prefixed(words, position);
        loop {
            let new = match words.get(*position) {
                Some(&"?") => Item::Optional(item),
                Some(&"*") => Item::Repeat(item, false),
                Some(&"+") => Item::Repeat(item, true),
                Some(&"%") => {
                    *position += 1;
                    let separator = self.prefixed(words, position);
                    item = self.push(Item::Gather(item, separator));
                    continue;
                }
                _ => return item,
            };
            *position += 1;
            item = self.push(new);
        }
    }

    fn prefixed(&mut self, words: &[&'static str], position: &mut usize) -> ItemId {
        let Some(&word) = words.get(*position) else {
            self.problems.push("an item is missing".into());
            return self.push(Item::Commit);
        };
        *position += 1;
        let item = match word {
            "&" => Item::Look(self.prefixed(words, position), true),
            "!" => Item::Look(self.prefixed(words, position), false),
            "^" => {
                let text = words.get(*position).copied().unwrap_or_default();
                *position += 1;
                let terminal = self.literal(text);
                if self.requires {
                    Item::Required(terminal, text.trim_matches('\''))
                } else {
                    Item::Terminal(terminal)
                }
            }
            "~" => Item::Commit,
            "(" => {
                let id = self.grammar.rules.len() as RuleId;
                self.grammar.rules.push(Rule::default());
                loop {
                    let items = self.sequence(words, position);
                    let alternatives = &mut self.grammar.rules[id as usize].alternatives;
                    alternatives.push(Alternative { items, action: Action::Pass, invalid: false });
                    let more = words.get(*position) == Some(&"|");
                    *position += 1;
                    if !more {
                        break;
                    }
                }
                Item::Rule(id)
            }
            _ => self.simple(word),
        };
        self.push(item)
    }

    fn simple(&mut self, word: &'static str) -> Item {
        match word {
            "SOFT_KEYWORD" => Item::AnySoft,
            "NAME" => Item::Terminal(Terminal::Lexical(TokenKind::Name)),
            "NUMBER" => Item::Terminal(Terminal::Lexical(TokenKind::Number)),
            "STRING" => Item::Terminal(Terminal::Lexical(TokenKind::String)),
            "NEWLINE" => Item::Terminal(Terminal::Lexical(TokenKind::Newline)),
            "INDENT" => Item::Terminal(Terminal::Lexical(TokenKind::Indent)),
            "DEDENT" => Item::Terminal(Terminal::Lexical(TokenKind::Dedent)),
            "END" => Item::Terminal(Terminal::Lexical(TokenKind::End)),
            "TYPE_COMMENT" => Item::Terminal(Terminal::Lexical(TokenKind::TypeComment)),
            "FSTRING_START" => Item::Terminal(Terminal::Lexical(TokenKind::FStringStart)),
            "TSTRING_START" => Item::Terminal(Terminal::Lexical(TokenKind::TStringStart)),
            "FSTRING_MIDDLE" => Item::Terminal(Terminal::FStringMiddle),
            "FSTRING_END" => Item::Terminal(Terminal::FStringEnd),
            "TSTRING_MIDDLE" => Item::Terminal(Terminal::TStringMiddle),
            "TSTRING_END" => Item::Terminal(Terminal::TStringEnd),
            _ if word.starts_with('"') => Item::Soft(word.trim_matches('"')),
            _ if word.starts_with('\'') => Item::Terminal(self.literal(word)),
            _ => match self.grammar.names.get(word) {
                Some(&rule) => Item::Rule(rule),
                None => {
                    self.problems.push(word.to_owned());
                    Item::Commit
                }
            },
        }
    }

    fn literal(&mut self, word: &str) -> Terminal {
        let text = word.trim_matches('\'');
        match TokenKind::of_text(text) {
            Some(kind) => Terminal::Lexical(kind),
            None => {
                self.problems.push(word.to_owned());
                Terminal::Lexical(TokenKind::Error)
            }
        }
    }

    fn push(&mut self, item: Item) -> ItemId {
        self.grammar.items.push(item);
        (self.grammar.items.len() - 1) as ItemId
    }
}

/// As [`str::split_once`], which takes longer to prepare than to search in texts that are as short as ours.
fn split_once(text: &'static str, mark: &[u8; 4]) -> Option<(&'static str, &'static str)> {
    let at = text.as_bytes().windows(mark.len()).position(|window| window == mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

/// The words of an alternative.
fn words(text: &'static str) -> Vec<&'static str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            'a' | 'b' if rest[1..].starts_with(':') => 2,
            _ if first.is_ascii_alphanumeric() || first == '_' => {
                let ends = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_';
                rest.bytes().position(ends).unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start_matches(' ');
    }
    words
}

#[cfg(test)]
pub(super) fn problems() -> Vec<String> {
    GRAMMARS.into_iter().flat_map(|grammar| Reader::read_checked(grammar).1).collect()
}
