//! What a `SyntaxError` of 3.8 and 3.9 makes of its message when its line looks like a `print` or `exec` of
//! Python 2.

use crate::source::{ExceptionKind, SourceError};

/// Changes the message of an error in a line that starts so, or goes on so behind its first colon.
#[cold]
pub fn hint(error: &mut SourceError) {
    if error.kind != ExceptionKind::SyntaxError {
        return;
    }
    let Some(line) = error.text.as_deref().map(String::from_utf8_lossy) else { return };
    // A line with a parenthesis keeps its message.
    if line.contains('(') {
        return;
    }
    let behind_colon = || line.split_once(':').and_then(|(_, rest)| statement(rest));
    if let Some(message) = statement(&line).or_else(behind_colon) {
        error.message = message;
    }
}

fn statement(text: &str) -> Option<String> {
    let text = text.trim_start();
    if text.starts_with("exec ") {
        return Some("Missing parentheses in call to 'exec'".to_owned());
    }
    let printed = text.strip_prefix("print ")?.split(';').next()?;
    let printed = printed.trim_matches([' ', '\t', '\r', '\n']);
    let end = if printed.ends_with(',') { " end=\" \"" } else { "" };
    Some(format!("Missing parentheses in call to 'print'. Did you mean print({printed}{end})?"))
}
