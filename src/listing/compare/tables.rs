//! Where instructions and the tables beside them first differ, in terms of what they mean.

use crate::listing::view::CodeView;
use crate::source::Location;
use crate::tables::{ExceptionTable, Handler, LineEntry, LineTable};

/// Where two `co_code` first differ, with the source line there on both sides.
pub fn code(a: &CodeView<'_, '_>, b: &CodeView<'_, '_>) -> String {
    let at = first_difference(a.bytes, b.bytes) & !1;
    let line = |view| location_at(view, at / 2).map_or_else(|| "no line".into(), |at| line_text(at.line));
    let (left, right) = (line(a), line(b));
    let lines = if left == right { left } else { format!("{left} | {right}") };
    let sizes = match a.bytes.len() == b.bytes.len() {
        true => String::new(),
        false => format!("; {} | {} bytes", a.bytes.len(), b.bytes.len()),
    };
    format!("differs at offset {at} ({lines}){sizes}")
}

/// Where two `co_linetable` first differ.
pub fn lines(a: &CodeView<'_, '_>, b: &CodeView<'_, '_>) -> String {
    let (mut left, mut right) = (units(a), units(b));
    let mut unit = 0;
    loop {
        let (x, y) = (left.next(), right.next());
        if x.is_none() && y.is_none() {
            return "the same locations, encoded differently".into();
        }
        if x != y {
            let show = |at: Option<Location>| at.map_or_else(|| "(nothing)".into(), location_text);
            return format!("at offset {}: {} | {}", 2 * unit, show(x), show(y));
        }
        unit += 1;
    }
}

/// Where two `co_exceptiontable` first differ.
pub fn handlers(a: &CodeView<'_, '_>, b: &CodeView<'_, '_>) -> String {
    let mut left = ExceptionTable::new(a.exceptiontable).map_while(Result::ok);
    let mut right = ExceptionTable::new(b.exceptiontable).map_while(Result::ok);
    let mut index = 0;
    loop {
        let (x, y) = (left.next(), right.next());
        if x.is_none() && y.is_none() {
            return "the same entries, encoded differently".into();
        }
        if x != y {
            return format!("entry {index}: {} | {}", handler_text(x), handler_text(y));
        }
        index += 1;
    }
}

fn first_difference(left: &[u8], right: &[u8]) -> usize {
    left.iter().zip(right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()))
}

fn entries(view: &CodeView<'_, '_>) -> impl Iterator<Item = LineEntry> {
    LineTable::new(view.linetable, view.code.firstlineno).map_while(Result::ok)
}

fn location_at(view: &CodeView<'_, '_>, unit: usize) -> Option<Location> {
    entries(view).find(|entry| unit < (entry.start + entry.units) as usize).map(|entry| entry.location)
}

/// The location of each code unit.
fn units(view: &CodeView<'_, '_>) -> impl Iterator<Item = Location> {
    entries(view).flat_map(|entry| std::iter::repeat_n(entry.location, entry.units as usize))
}

fn line_text(line: i32) -> String {
    if line == -1 { "no line".into() } else { format!("line {line}") }
}

/// As `dis -P` shows it.
fn location_text(at: Location) -> String {
    if at == Location::NONE {
        return "none".into();
    }
    let part = |value: i32| if value == -1 { "?".to_string() } else { value.to_string() };
    format!("{}:{}-{}:{}", part(at.line), part(at.col), part(at.end_line), part(at.end_col))
}

fn handler_text(handler: Option<Handler>) -> String {
    let Some(Handler { start, end, target, depth, lasti }) = handler else { return "(nothing)".into() };
    format!("{start} to {end} -> {target} [{depth}]{}", if lasti { " lasti" } else { "" })
}
