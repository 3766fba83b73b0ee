//! The patterns of `match` in trees that programs made.

use super::Reader;
use crate::value::Value;
use crate::vm::R;
use pyrsc::syntax::ast::*;

impl<'a> Reader<'a, '_> {
    fn patterns(&mut self, node: &Value, class: &str, field: &str, stars: bool) -> R<Seq<'a, Pattern<'a>>> {
        let items = self.items(node, class, field)?;
        self.each(&items, |it, value| it.pattern(value, stars))
    }

    pub(super) fn pattern(&mut self, node: &Value, stars: bool) -> R<Pattern<'a>> {
        self.deeper(|it| it.plain_pattern(node, stars))
    }

    fn plain_pattern(&mut self, node: &Value, stars: bool) -> R<Pattern<'a>> {
        let class = self.class(node)?;
        let class = class.as_str();
        let loc = self.place(node, "pattern")?;
        let kind = match class {
            "MatchValue" => PatternKind::MatchValue { value: self.field(node, class, "value")? },
            "MatchSingleton" => {
                let value = self.vm.get_attribute(node, &self.vm.intern("value"))?;
                if !value.is_none() && value.as_bool().is_none() {
                    return self.wrong("MatchSingleton can only contain True, False and None");
                }
                PatternKind::MatchSingleton { value: self.constant(&value)? }
            }
            "MatchSequence" => {
                PatternKind::MatchSequence { patterns: self.patterns(node, class, "patterns", true)? }
            }
            "MatchMapping" => {
                let keys = self.fields(node, class, "keys")?;
                let patterns = self.patterns(node, class, "patterns", false)?;
                if keys.len() != patterns.len() {
                    return self.wrong("MatchMapping doesn't have the same number of keys as patterns");
                }
                let rest = self.opt_name(node, "rest")?;
                PatternKind::MatchMapping(self.arena.alloc(MatchMapping { keys, patterns, rest }))
            }
            "MatchClass" => {
                let made = MatchClass {
                    cls: self.field(node, class, "cls")?,
                    patterns: self.patterns(node, class, "patterns", false)?,
                    kwd_attrs: self.names_of(node, class, "kwd_attrs")?,
                    kwd_patterns: self.patterns(node, class, "kwd_patterns", false)?,
                };
                if made.kwd_attrs.len() != made.kwd_patterns.len() {
                    return self
                        .wrong("MatchClass doesn't have the same number of keyword attributes as patterns");
                }
                PatternKind::MatchClass(self.arena.alloc(made))
            }
            "MatchStar" if stars => PatternKind::MatchStar { name: self.opt_name(node, "name")? },
            "MatchStar" => return self.wrong("can't use MatchStar here"),
            "MatchAs" => {
                let name = self.opt_name(node, "name")?;
                let pattern = match self.opt(node, "pattern")? {
                    Some(_) if name.is_none() => {
                        return self.wrong("MatchAs must specify a target name if a pattern is given");
                    }
                    Some(value) => {
                        let read = self.pattern(&value, false)?;
                        Some(&mut *self.arena.alloc(read))
                    }
                    None => None,
                };
                PatternKind::MatchAs { pattern, name }
            }
            "MatchOr" => {
                let patterns = self.patterns(node, class, "patterns", false)?;
                if patterns.len() < 2 {
                    return self.wrong("MatchOr requires at least 2 patterns");
                }
                PatternKind::MatchOr { patterns }
            }
            _ => return self.unexpected("pattern", node),
        };
        Ok(Pattern { loc, kind })
    }
}
