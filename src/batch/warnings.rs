//! Which of the compiler's warnings are shown, and which are errors: Python's `-W`.
//!
//! Facts from `Lib/warnings.py` (`_setoption`) and `Python/_warnings.c` of 3.13: the option given last is
//! asked first, the message is a prefix in any case of letters, the module is the recorded path without
//! `.py`, and the compiler passes no registry, so that "default" and "module" show each occurrence.

use crate::source::{Warning, WarningCategory};

/// What happens to a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningAction {
    /// It is shown.
    Show,
    /// It is shown when no other of this category and text was.
    ShowOnce,
    /// It is not shown.
    Ignore,
    /// The source does not compile.
    Error,
}

/// The `-W` options, and below them Python's defaults.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct WarningFilters {
    rules: Vec<Rule>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Rule {
    action: WarningAction,
    message: String,
    category: Category,
    module: String,
    lineno: i32,
}

/// The classes that a rule can name, as far as the compiler's warnings can be instances of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Category {
    Any,
    Exactly(WarningCategory),
    /// A class whose instances the compiler never issues.
    Foreign,
}

/// Classes of the `builtins` module that are warnings, besides those that [`WarningCategory`] has.
const FOREIGN: [&str; 9] = [
    "UserWarning",
    "RuntimeWarning",
    "FutureWarning",
    "PendingDeprecationWarning",
    "ImportWarning",
    "UnicodeWarning",
    "BytesWarning",
    "ResourceWarning",
    "EncodingWarning",
];

impl WarningFilters {
    /// Adds one option, `action:message:category:module:lineno` with parts left out from the end or empty.
    /// It takes precedence over those added before.
    ///
    /// # Errors
    /// What Python says after `Invalid -W option ignored: `; the option is not added then.
    pub fn add(&mut self, option: &str) -> Result<(), String> {
        let parts: Vec<&str> = option.split(':').map(str::trim).collect();
        if parts.len() > 5 {
            return Err(format!("too many fields (max 5): '{option}'"));
        }
        let part = |index: usize| parts.get(index).copied().unwrap_or_default();
        let lineno = match part(4) {
            "" => 0,
            text => match text.parse::<i32>() {
                Ok(lineno) if lineno >= 0 => lineno,
                _ => return Err(format!("invalid lineno '{text}'")),
            },
        };
        self.rules.push(Rule {
            action: action(part(0))?,
            message: part(1).to_lowercase(),
            category: category(part(2))?,
            module: part(3).to_owned(),
            lineno,
        });
        Ok(())
    }

    /// What happens to `warning` of the source that is recorded as `filename` (generalised UTF-8).
    pub fn action(&self, warning: &Warning, filename: &[u8]) -> WarningAction {
        let module = filename.strip_suffix(b".py").unwrap_or(filename);
        let rule = self.rules.iter().rev().find(|rule| rule.matches(warning, module));
        match (rule, warning.category) {
            (Some(rule), _) => rule.action,
            (None, WarningCategory::SyntaxWarning) => WarningAction::Show,
            (None, WarningCategory::DeprecationWarning) => WarningAction::Ignore,
        }
    }
}

impl Rule {
    fn matches(&self, warning: &Warning, module: &[u8]) -> bool {
        let category = match self.category {
            Category::Any => true,
            Category::Exactly(category) => category == warning.category,
            Category::Foreign => false,
        };
        category
            && (self.lineno == 0 || self.lineno == warning.lineno)
            && (self.module.is_empty() || self.module.as_bytes() == module)
            && (self.message.is_empty() || warning.message.to_lowercase().starts_with(&self.message))
    }
}

fn action(text: &str) -> Result<WarningAction, String> {
    let actions = [
        ("default", WarningAction::Show),
        ("always", WarningAction::Show),
        ("ignore", WarningAction::Ignore),
        ("module", WarningAction::Show),
        ("once", WarningAction::ShowOnce),
        ("error", WarningAction::Error),
    ];
    if text == "all" {
        return Ok(WarningAction::Show);
    }
    // Any beginning will do, and none at all means the first.
    let found = actions.into_iter().find(|(name, _)| name.starts_with(text));
    found.map(|(_, action)| action).ok_or_else(|| format!("invalid action: '{text}'"))
}

fn category(text: &str) -> Result<Category, String> {
    match text.strip_prefix("builtins.").unwrap_or(text) {
        "" | "Warning" => Ok(Category::Any),
        "SyntaxWarning" => Ok(Category::Exactly(WarningCategory::SyntaxWarning)),
        "DeprecationWarning" => Ok(Category::Exactly(WarningCategory::DeprecationWarning)),
        // A class of some module: nothing that the compiler could issue.
        name if FOREIGN.contains(&name) || name.contains('.') => Ok(Category::Foreign),
        name => Err(format!("unknown warning category: '{name}'")),
    }
}

#[cfg(test)]
mod tests;
