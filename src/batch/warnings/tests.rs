use super::*;
use crate::source::Location;

fn filters(options: &[&str]) -> WarningFilters {
    let mut filters = WarningFilters::default();
    for option in options {
        filters.add(option).unwrap();
    }
    filters
}

fn act(options: &[&str], category: WarningCategory) -> WarningAction {
    let message = "invalid escape sequence '\\d'".to_owned();
    let warning = Warning { category, message, lineno: 3, location: Location::new(3, 0, 3, 2) };
    filters(options).action(&warning, b"pkg/mod.py")
}

#[test]
fn defaults_are_pythons() {
    assert_eq!(act(&[], WarningCategory::SyntaxWarning), WarningAction::Show);
    assert_eq!(act(&[], WarningCategory::DeprecationWarning), WarningAction::Ignore);
}

#[test]
fn options_match_by_each_part() {
    let syntax = |options: &[&str]| act(options, WarningCategory::SyntaxWarning);
    assert_eq!(syntax(&["error"]), WarningAction::Error);
    assert_eq!(syntax(&["e"]), WarningAction::Error);
    assert_eq!(syntax(&["error", "ignore"]), WarningAction::Ignore);
    assert_eq!(syntax(&["ignore", "error"]), WarningAction::Error);
    assert_eq!(syntax(&["error:INVALID esc"]), WarningAction::Error);
    assert_eq!(syntax(&["error:escape"]), WarningAction::Show);
    assert_eq!(syntax(&["error::SyntaxWarning"]), WarningAction::Error);
    assert_eq!(syntax(&["error::DeprecationWarning"]), WarningAction::Show);
    assert_eq!(syntax(&["error::UserWarning"]), WarningAction::Show);
    assert_eq!(syntax(&["error:::pkg/mod"]), WarningAction::Error);
    assert_eq!(syntax(&["error:::mod"]), WarningAction::Show);
    assert_eq!(syntax(&["error::::3"]), WarningAction::Error);
    assert_eq!(syntax(&["error::::4"]), WarningAction::Show);
    assert_eq!(syntax(&["once"]), WarningAction::ShowOnce);
    assert_eq!(act(&["::DeprecationWarning"], WarningCategory::DeprecationWarning), WarningAction::Show);
}

#[test]
fn bad_options_get_pythons_words() {
    let error = |option: &str| WarningFilters::default().add(option).unwrap_err();
    assert_eq!(error("bogus"), "invalid action: 'bogus'");
    assert_eq!(error("ignore::Foo"), "unknown warning category: 'Foo'");
    assert_eq!(error("ignore::::x"), "invalid lineno 'x'");
    assert_eq!(error("a:b:c:d:1:f"), "too many fields (max 5): 'a:b:c:d:1:f'");
}
