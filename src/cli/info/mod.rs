//! `pyrsc info`: what a `.pyc` says of itself, and whether Python would take it.
//!
//! With `--format json`, one object a line for each file. A file that has no header of a `.pyc` gives `path` and
//! `error`. Any other: `path`; `magic` (number), `version` (`"3.13"`, null where the number is unknown),
//! `implementation` (`"CPython"`, `"PyPy"`, …), `since` (the first release with the number: `"3.13b1"`) and `opcodes`
//! (`"final"`: those of the version's releases; `"same"`: of a development version, which has the same; `"other"`: of
//! one that had some others, so that listings may be wrong; `"own"`: another implementation's); `flags`
//! (number; 0 to 3.6, which had none) and what they mean, `invalidation`: `"timestamp"` with `mtime` (seconds since
//! 1970) and `source_size` (null to 3.2), or `"checked-hash"` or `"unchecked-hash"` with `hash` (hexadecimal, in file
//! order); `size` of the file; `code`, null where it cannot be read or is damaged (`error` says how), else
//! `code_objects`, `objects`, `code_bytes`, `line_table_bytes` (numbers), `filename` and `trailing_bytes`;
//! `source`, where Python looks for it; `accepted` (would Python use the file?) and `reason` where it would not.

mod verdict;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{ExitStatus, load, output};
use crate::code::{Object, Objects};
use crate::marshal::{Header, Invalidation, Reader};
use crate::target::{HeaderForm, Series};
use verdict::Verdict;

/// Show the header of .pyc files, their sizes, and whether Python would use them.
///
/// A .pyc is used when its magic number is that of the interpreter and its source has the time and size, or
/// the hash, that it was compiled from; the source is looked for where Python does, beside the file or beside
/// the __pycache__ folder that it is in.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// .pyc files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The source to compare with, instead of the one that Python would look for
    #[arg(long, value_name = "PATH")]
    source: Option<PathBuf>,
    /// Facts about a release that is not known, as xtask/facts/opcodes.py prints them
    #[arg(long, value_name = "FILE", value_parser = load::describe)]
    target_facts: Option<&'static load::Described>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Format {
    /// For people
    Text,
    /// A JSON object for each file, one a line
    Json,
}

/// Everything that is known of a file.
struct Info {
    size: usize,
    header: Header,
    magic: u16,
    series: Option<&'static Series>,
    contents: Contents,
    verdict: Verdict,
}

/// What follows the header.
enum Contents {
    /// Code that can be read.
    Code(Counts),
    /// Of a release that cannot be read, and why.
    OtherRelease(String),
    /// Not a code object.
    Bad(String),
}

#[derive(Default)]
struct Counts {
    code_objects: usize,
    objects: usize,
    code_bytes: usize,
    line_bytes: usize,
    filename: String,
    trailing: usize,
}

/// Runs the command.
pub fn run(args: Args) -> ExitStatus {
    output::stdout(|out| {
        let mut status = ExitStatus::Success;
        let mut bytes = Vec::new();
        for path in &args.files {
            let info = load::bytes(path, &mut bytes)
                .map_err(|error| error.to_string())
                .and_then(|()| examine(path, &bytes, &args));
            let bad = match &info {
                Err(_) => true,
                Ok(info) => matches!(info.contents, Contents::Bad(_)),
            };
            if bad {
                status = ExitStatus::Failure;
            }
            match args.format {
                Format::Text => text(out, path, &info)?,
                Format::Json => writeln!(out, "{}", json(path, &info))?,
            }
        }
        Ok(status)
    })
}

fn examine(path: &Path, bytes: &[u8], args: &Args) -> Result<Info, String> {
    let header = Header::parse(bytes).map_err(|error| error.to_string())?;
    let magic = header.number();
    let series = load::series_of(&header, args.target_facts);
    let contents = contents(&bytes[header.len()..], &header, args.target_facts);
    let readable = !matches!(contents, Contents::Bad(_));
    let verdict = verdict::judge(path, &header, series, args.source.as_deref(), readable);
    Ok(Info { size: bytes.len(), header, magic, series, contents, verdict })
}

fn contents(body: &[u8], header: &Header, facts: Option<&'static load::Described>) -> Contents {
    let form = match load::form_of(header, facts) {
        Ok(form) => form,
        Err(error) => return Contents::OtherRelease(error),
    };
    let mut objects = Objects::default();
    let (root, len) = match Reader::new().read(body, form, &mut objects) {
        Ok(read) => read,
        Err(error) => return Contents::Bad(error.in_file(header).to_string()),
    };
    let Some(code) = objects.code(root) else {
        return Contents::Bad("it holds no code object".into());
    };
    let filename = String::from_utf8_lossy(objects.text(code.filename)).into_owned();
    let length = |id| match objects.get(id) {
        Object::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    Contents::Code(Counts {
        code_objects: objects.codes.len(),
        objects: objects.objects.len(),
        code_bytes: objects.codes.iter().map(|code| length(code.code)).sum(),
        line_bytes: objects.codes.iter().map(|code| length(code.linetable)).sum(),
        filename,
        trailing: body.len() - len,
    })
}

fn text(out: &mut dyn Write, path: &Path, info: &Result<Info, String>) -> io::Result<()> {
    writeln!(out, "{}", path.display())?;
    let info = match info {
        Ok(info) => info,
        Err(error) => return writeln!(out, "  error:       {error}"),
    };
    match info.series {
        Some(series) => writeln!(out, "  magic:       {} ({})", info.magic, series.title())?,
        None => writeln!(out, "  magic:       {} (unknown)", info.magic)?,
    }
    if let Some(doubt) = info.series.and_then(Series::doubt) {
        writeln!(out, "  listed as:   {doubt}")?;
    }
    let flags = info.header.flags();
    match info.header.invalidation {
        Invalidation::Mtime { mtime } => {
            writeln!(out, "  mtime:       {mtime} ({})", utc(mtime))?;
        }
        Invalidation::Timestamp { mtime, size } if info.header.form != HeaderForm::Flags => {
            writeln!(out, "  mtime:       {mtime} ({})", utc(mtime))?;
            writeln!(out, "  source size: {size}")?;
        }
        Invalidation::Timestamp { mtime, size } => {
            writeln!(out, "  flags:       {flags} (timestamp)")?;
            writeln!(out, "  mtime:       {mtime} ({})", utc(mtime))?;
            writeln!(out, "  source size: {size}")?;
        }
        Invalidation::CheckedHash(hash) => {
            writeln!(out, "  flags:       {flags} (hash, source is checked)")?;
            writeln!(out, "  hash:        {}", hex(&hash))?;
        }
        Invalidation::UncheckedHash(hash) => {
            writeln!(out, "  flags:       {flags} (hash, source is not checked)")?;
            writeln!(out, "  hash:        {}", hex(&hash))?;
        }
    }
    writeln!(out, "  size:        {}", info.size)?;
    match &info.contents {
        Contents::Code(counts) => {
            writeln!(
                out,
                "  contents:    {} code objects, {} objects; {} bytes of code, {} of line tables",
                counts.code_objects, counts.objects, counts.code_bytes, counts.line_bytes
            )?;
            writeln!(out, "  filename:    {}", counts.filename)?;
            if counts.trailing > 0 {
                writeln!(out, "  after it:    {} bytes that Python ignores", counts.trailing)?;
            }
        }
        Contents::OtherRelease(why) => writeln!(out, "  contents:    not read: {why}")?,
        Contents::Bad(error) => writeln!(out, "  contents:    {error}")?,
    }
    if let Some(source) = &info.verdict.source {
        writeln!(out, "  source:      {}", source.display())?;
    }
    match &info.verdict.rejected {
        None => writeln!(out, "  accepted:    yes"),
        Some(reason) => writeln!(out, "  accepted:    no: {reason}"),
    }
}

fn json(path: &Path, info: &Result<Info, String>) -> Value {
    let path = path.to_string_lossy();
    let info = match info {
        Ok(info) => info,
        Err(error) => return json!({ "path": path, "error": error }),
    };
    let series = info.series;
    let (mode, mtime, source_size, hash) = match info.header.invalidation {
        Invalidation::Mtime { mtime } => ("timestamp", Some(mtime), None, None),
        Invalidation::Timestamp { mtime, size } => ("timestamp", Some(mtime), Some(size), None),
        Invalidation::CheckedHash(hash) => ("checked-hash", None, None, Some(hex(&hash))),
        Invalidation::UncheckedHash(hash) => ("unchecked-hash", None, None, Some(hex(&hash))),
    };
    let (code, error) = match &info.contents {
        Contents::Code(counts) => (
            json!({
                "code_objects": counts.code_objects,
                "objects": counts.objects,
                "code_bytes": counts.code_bytes,
                "line_table_bytes": counts.line_bytes,
                "filename": counts.filename,
                "trailing_bytes": counts.trailing,
            }),
            None,
        ),
        Contents::OtherRelease(_) => (Value::Null, None),
        Contents::Bad(error) => (Value::Null, Some(error)),
    };
    json!({
        "path": path,
        "magic": info.magic,
        "version": series.map(|series| series.name),
        "implementation": series.map(|series| series.implementation),
        "since": series.map(|series| series.since),
        "opcodes": series.map(|series| series.opcodes.word()),
        "flags": info.header.flags(),
        "invalidation": mode,
        "mtime": mtime,
        "source_size": source_size,
        "hash": hash,
        "size": info.size,
        "code": code,
        "error": error,
        "source": info.verdict.source.as_ref().map(|source| source.to_string_lossy()),
        "accepted": info.verdict.rejected.is_none(),
        "reason": info.verdict.rejected,
    })
}

fn hex(hash: &[u8; 8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `2026-11-21 08:00:00 UTC` for seconds since 1970 (days to civil date after H. Hinnant's algorithm).
fn utc(seconds: u32) -> String {
    let (days, second) = (i64::from(seconds / 86_400), seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_795_248_000), "2026-11-21 08:00:00 UTC");
        assert_eq!(utc(u32::MAX), "2106-02-07 06:28:15 UTC");
    }
}
