//! The carets under a line of a traceback. CPython: `_extract_caret_anchors_from_line_segment`.

use pyrsc::source::Location;

/// Writes the line of carets for a place of a source line, where CPython writes one.
pub(super) fn push(line: &str, place: &Location, text: &mut String) {
    if place.col < 0 || place.end_col < 0 || place.end_line != place.line {
        return;
    }
    let (start, end) = (place.col as usize, place.end_col as usize);
    let Some(segment) = line.get(start..end.min(line.len())) else { return };
    let indent = line.len() - line.trim_start().len();
    // A place that is the whole line says nothing.
    let whole = line.trim();
    let (before, width) = (line.get(indent..start).unwrap_or("").chars().count(), segment.chars().count());
    let anchors = anchors(segment);
    if segment == whole && anchors.is_none() || is_plain_call(line, start, end, anchors) {
        return;
    }
    text.push_str("    ");
    text.extend(std::iter::repeat_n(' ', before));
    match anchors {
        Some((left, right)) => {
            let column = |at: usize| segment.get(..at).map_or(0, |it| it.chars().count());
            let (left, right) = (column(left), column(right));
            text.extend(std::iter::repeat_n('~', left));
            text.extend(std::iter::repeat_n('^', right - left));
            text.extend(std::iter::repeat_n('~', width - right));
        }
        None => text.extend(std::iter::repeat_n('^', width)),
    }
    text.push('\n');
}

/// Is the place a call that is all that a statement returns or assigns? Nothing is shown under that.
/// CPython: `_should_show_carets`.
fn is_plain_call(line: &str, start: usize, end: usize, anchors: Option<(usize, usize)>) -> bool {
    let (Some(before), Some(after)) = (line.get(..start), line.get(end..)) else { return false };
    let called = line.get(start..end).unwrap_or("");
    let Some((open, _)) = anchors.filter(|&(open, _)| called[open..].starts_with('(')) else { return false };
    let before = before.trim();
    let by_name = called[..open].chars().all(|ch| ch.is_alphanumeric() || ch == '_');
    let assigns = before.ends_with('=');
    let augmented =
        before.strip_suffix('=').is_some_and(|it| it.ends_with(|ch: char| "+-*/%@&|^<>=!:".contains(ch)));
    after.trim().is_empty() && (before == "return" && by_name || assigns && !augmented)
}

/// The part of an expression that its operator, subscript or call is.
fn anchors(segment: &str) -> Option<(usize, usize)> {
    let top = top_level(segment)?;
    Some(top)
}

/// Finds the outermost operator, call or subscript of a segment by its brackets: the last call or subscript that
/// ends the segment, or the one binary operator outside of brackets.
fn top_level(segment: &str) -> Option<(usize, usize)> {
    let bytes = segment.as_bytes();
    let (mut depth, mut quote) = (0i32, None);
    let mut operators = Vec::new();
    let mut last_open = None;
    let mut opens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if let Some(end) = quote {
            match byte {
                b'\\' => at += 1,
                byte if byte == end => quote = None,
                _ => {}
            }
            at += 1;
            continue;
        }
        match byte {
            b'"' | b'\'' => quote = Some(byte),
            b'(' | b'[' | b'{' => {
                opens.push(at);
                depth += 1;
            }
            b')' | b']' | b'}' => {
                depth -= 1;
                let open = opens.pop()?;
                if depth == 0 {
                    last_open = Some((open, at));
                }
            }
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<' | b'>' if depth == 0 => {
                let double = bytes.get(at + 1) == Some(&byte) && b"*/<>".contains(&byte);
                let length = 1 + usize::from(double);
                let binary = segment[..at]
                    .trim_end()
                    .ends_with(|ch: char| ch.is_alphanumeric() || "_)]}\"'".contains(ch));
                if bytes.get(at + length) == Some(&b'=') || (!double && b"<>".contains(&byte)) {
                    return None;
                }
                if binary {
                    operators.push((at, at + length));
                }
                at += length;
                continue;
            }
            b',' | b'=' | b':' | b'!' if depth == 0 => return None,
            _ => {}
        }
        at += 1;
    }
    if segment.split_whitespace().any(|word| {
        matches!(
            word,
            "and"
                | "or"
                | "not"
                | "in"
                | "is"
                | "if"
                | "else"
                | "lambda"
                | "await"
                | "yield"
                | "raise"
                | "for"
        )
    }) {
        return None;
    }
    match operators.as_slice() {
        [one] => return Some(*one),
        // The outermost of several is the last of the loosest ones; where all bind alike that is the last.
        [.., last] if operators.iter().all(|it| same_level(bytes[it.0], bytes[last.0])) => {
            return Some(*last);
        }
        [_, ..] => {
            let loosest = operators.iter().rev().find(|it| b"+-".contains(&bytes[it.0]))?;
            return Some(*loosest);
        }
        [] => {}
    }
    let (open, close) = last_open?;
    if close + 1 != bytes.len() || open == 0 || bytes[open] == b'{' {
        return None;
    }
    let before = segment[..open].trim_end();
    let callable = before.ends_with(|ch: char| ch.is_alphanumeric() || "_)]}\"'".contains(ch));
    callable.then_some((open, close + 1))
}

const fn same_level(a: u8, b: u8) -> bool {
    const fn level(byte: u8) -> u8 {
        match byte {
            b'+' | b'-' => 1,
            b'*' | b'/' | b'%' | b'@' => 2,
            other => other,
        }
    }
    level(a) == level(b)
}
