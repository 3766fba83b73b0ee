//! How differences are shown: unified, side by side, as statistics, as JSON.

use std::io::{self, Write};

use serde_json::json;
use similar::{ChangeTag, TextDiff};

use super::pair::{CodeReport, Counts, FileReport};
use super::{Args, Format};
use crate::cli::color::Palette;
use crate::listing::compare::Kind;

/// Shows differences as they are found, and the sum at the end.
pub struct Renderer<'a> {
    args: &'a Args,
    palette: Palette,
    /// Is the sum shown?
    many: bool,
    compared: usize,
    different: usize,
    /// Files by kind, in the order of [`Kind::ALL`].
    by_kind: [usize; Kind::ALL.len()],
    json: Vec<serde_json::Value>,
}

/// Width of each side of a side-by-side diff, where the environment does not say how wide a line is.
const DEFAULT_COLUMNS: usize = 160;

impl<'a> Renderer<'a> {
    /// A renderer with these colours; with `many` it shows a sum.
    pub fn new(args: &'a Args, palette: Palette, many: bool) -> Self {
        Renderer {
            args,
            palette,
            many,
            compared: 0,
            different: 0,
            by_kind: [0; Kind::ALL.len()],
            json: Vec::new(),
        }
    }

    /// A pair without differences.
    pub fn same(&mut self) {
        self.compared += 1;
    }

    /// How many files differ until now.
    pub fn differing(&self) -> usize {
        self.different
    }

    /// A pair with differences.
    ///
    /// # Errors
    /// Those of writing.
    pub fn different(&mut self, file: FileReport, out: &mut dyn Write) -> io::Result<()> {
        self.compared += 1;
        self.different += 1;
        for (kind, _) in file.counts() {
            self.by_kind[kind as usize] += 1;
        }
        if self.args.format == Format::Json {
            self.json.push(self.file_json(&file));
            return Ok(());
        }
        let p = self.palette;
        let counts: Vec<String> =
            file.counts().iter().map(|(kind, count)| format!("{} {count}", kind.name())).collect();
        let place = p.place;
        writeln!(out, "{place}{}{place:#}: {}", file.path, counts.join(", "))?;
        if self.args.stat {
            return file.counts.as_ref().map_or(Ok(()), |counts| counts_table(counts, out));
        }
        for finding in &file.findings {
            writeln!(out, "  {}: {}", finding.kind.name(), finding.detail)?;
        }
        for code in &file.codes {
            self.code(&file.path, code, out)?;
        }
        Ok(())
    }

    /// The sum.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        if self.args.format == Format::Json {
            let kinds: serde_json::Map<_, _> =
                self.kinds().map(|(kind, count)| (kind.name().to_string(), json!(count))).collect();
            let sum = json!({
                "compared": self.compared,
                "different": self.different,
                "kinds": kinds,
                "files": self.json,
            });
            return writeln!(out, "{sum}");
        }
        if !self.many {
            return Ok(());
        }
        let files = if self.compared == 1 { "file" } else { "files" };
        write!(out, "{} {files} compared, {} different", self.compared, self.different)?;
        for (index, (kind, count)) in self.kinds().enumerate() {
            write!(out, "{}{} {count}", if index == 0 { ": " } else { ", " }, kind.name())?;
        }
        writeln!(out)
    }

    /// Files by kind, those without left out.
    fn kinds(&self) -> impl Iterator<Item = (Kind, usize)> {
        Kind::ALL.into_iter().zip(self.by_kind).filter(|&(_, count)| count > 0)
    }

    fn code(&self, path: &str, code: &CodeReport, out: &mut dyn Write) -> io::Result<()> {
        let strong = self.palette.strong;
        let difference = &code.difference;
        writeln!(out, "{strong}{} (line {}){strong:#}", difference.path, difference.line)?;
        for finding in &difference.findings {
            writeln!(out, "  {}: {}", finding.kind.name(), finding.detail)?;
        }
        let Some([left, right]) = &code.listings else { return Ok(()) };
        if left == right {
            return Ok(());
        }
        if self.args.side_by_side {
            return self.side_by_side(left, right, out);
        }
        let place = format!("{path}: {}, line {}", difference.path, difference.line);
        let (old, new) = (self.palette.error, self.palette.good);
        writeln!(out, "{old}--- A {place}{old:#}\n{new}+++ B {place}{new:#}")?;
        self.unified(left, right, out)
    }

    fn unified(&self, left: &str, right: &str, out: &mut dyn Write) -> io::Result<()> {
        let diff = TextDiff::from_lines(left, right);
        for hunk in diff.unified_diff().context_radius(self.args.unified).iter_hunks() {
            let place = self.palette.place;
            writeln!(out, "{place}{}{place:#}", hunk.header())?;
            for change in hunk.iter_changes() {
                let line = change.value().trim_end_matches('\n');
                let style = match change.tag() {
                    ChangeTag::Delete => self.palette.error,
                    ChangeTag::Insert => self.palette.good,
                    ChangeTag::Equal => self.palette.dim,
                };
                writeln!(out, "{style}{}{line}{style:#}", change.tag())?;
            }
        }
        Ok(())
    }

    fn side_by_side(&self, left: &str, right: &str, out: &mut dyn Write) -> io::Result<()> {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = (columns.unwrap_or(DEFAULT_COLUMNS).max(23) - 3) / 2;
        let diff = TextDiff::from_lines(left, right);
        let lines = |text: &'_ str| -> Vec<String> { text.lines().map(str::to_string).collect() };
        let (left, right) = (lines(left), lines(right));
        for (index, group) in diff.grouped_ops(self.args.unified).iter().enumerate() {
            if index > 0 {
                let place = self.palette.place;
                writeln!(out, "{place}{}{place:#}", "~".repeat(2 * width + 3))?;
            }
            for op in group {
                let (old, new) = (&left[op.old_range()], &right[op.new_range()]);
                let equal = op.tag() == similar::DiffTag::Equal;
                for row in 0..old.len().max(new.len()) {
                    let (a, b) = (old.get(row), new.get(row));
                    let mark = match (a, b) {
                        _ if equal => ' ',
                        (Some(_), Some(_)) => '|',
                        (Some(_), None) => '<',
                        _ => '>',
                    };
                    let styles = match equal {
                        true => [self.palette.dim; 2],
                        false => [self.palette.error, self.palette.good],
                    };
                    let [x, y] = styles;
                    let (a, b) = (fitted(a, width), fitted(b, width));
                    writeln!(out, "{x}{a:width$}{x:#} {mark} {y}{}{y:#}", b.trim_end())?;
                }
            }
        }
        Ok(())
    }

    fn file_json(&self, file: &FileReport) -> serde_json::Value {
        let findings = |findings: &[crate::listing::compare::Finding]| -> Vec<serde_json::Value> {
            findings
                .iter()
                .map(|finding| json!({ "kind": finding.kind.name(), "detail": finding.detail }))
                .collect()
        };
        let codes: Vec<_> = file
            .codes
            .iter()
            .map(|code| {
                let mut diff = Vec::new();
                if let Some([left, right]) = &code.listings {
                    // Writing to memory does not fail.
                    let _ = self.unified(left, right, &mut diff);
                }
                json!({
                    "path": code.difference.path,
                    "line": code.difference.line,
                    "findings": findings(&code.difference.findings),
                    "diff": String::from_utf8_lossy(&diff),
                })
            })
            .collect();
        let mut object = json!({ "path": file.path, "findings": findings(&file.findings), "codes": codes });
        if let Some(counts) = &file.counts {
            let instructions = |(path, line, [left, right]): &(String, i32, [Option<usize>; 2])| json!({ "path": path, "line": line, "left": left, "right": right });
            object["releases"] = json!(counts.releases);
            object["instructions"] = counts.codes.iter().map(instructions).collect();
        }
        object
    }
}

/// How many instructions each code object has in two releases, and how many more in the second.
fn counts_table(counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
    let [left, right] = counts.releases;
    writeln!(out, "  {left:>7} {right:>7}  change  instructions of")?;
    let sum = |side: usize| counts.codes.iter().filter_map(|(_, _, numbers)| numbers[side]).sum();
    let total = ("(all)".to_string(), 0, [Some(sum(0)), Some(sum(1))]);
    for (name, line, numbers) in counts.codes.iter().chain([&total]) {
        let [a, b] =
            numbers.map(|number| number.map_or_else(|| "-".into(), |number: usize| number.to_string()));
        let change = match numbers {
            [Some(a), Some(b)] if a != b => format!("{:+}", *b as i64 - *a as i64),
            _ => String::new(),
        };
        let place = if *line > 0 { format!(" (line {line})") } else { String::new() };
        writeln!(out, "  {a:>7} {b:>7} {change:>7}  {name}{place}")?;
    }
    Ok(())
}

/// `line`, cut to `width` characters.
fn fitted(line: Option<&String>, width: usize) -> String {
    let line = line.map_or("", String::as_str);
    match line.char_indices().nth(width) {
        Some(_) => line.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        None => line.to_string(),
    }
}
