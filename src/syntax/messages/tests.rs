//! The grammar is read whole, and a few programs of each kind are diagnosed.

use super::grammar;
use crate::source::ExceptionKind;
use crate::syntax::{Mode, ParseOptions, parse};
use crate::target::{Target, Version};
use crate::value::Interner;

#[test]
fn every_line_of_the_grammar_is_understood() {
    assert_eq!(grammar::problems(), Vec::<String>::new());
}
