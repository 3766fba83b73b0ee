//! Would the Python that a `.pyc` is for use it? The rules of `importlib._bootstrap_external`: `SourceFileLoader.get_code` for a
//! file in `__pycache__`, `SourcelessFileLoader` for one that stands where its source would.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::marshal::{Header, Invalidation, keyed_hash};
use crate::target::{Series, unknown_magic};

/// The answer.
pub struct Verdict {
    /// The source that was looked at, or would be.
    pub source: Option<PathBuf>,
    /// Why Python would not use the file.
    pub rejected: Option<String>,
}

/// Judges the file at `path`. `source` overrides where the source is looked for; `readable`: what follows the
/// header is a code object.
pub fn judge(
    path: &Path,
    header: &Header,
    series: Option<&Series>,
    source: Option<&Path>,
    readable: bool,
) -> Verdict {
    let place = place(path);
    let source = source.map(Path::to_path_buf).or(match &place {
        Place::Cache { source, .. } => Some(source.clone()),
        Place::Beside { source } => source.is_file().then(|| source.clone()),
        Place::Elsewhere => None,
    });
    let rejected = reject(&place, header, series, source.as_deref(), readable).err();
    Verdict { source, rejected }
}

/// Where a `.pyc` is.
enum Place {
    /// `__pycache__/NAME.TAG.pyc`, or with an optimisation level.
    Cache { source: PathBuf, tag: String },
    /// `NAME.pyc` in any other folder: for use without a source.
    Beside { source: PathBuf },
    /// A name that Python does not look for.
    Elsewhere,
}

fn place(path: &Path) -> Place {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let Some(stem) = name.strip_suffix(".pyc") else { return Place::Elsewhere };
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder.file_name() != Some(OsStr::new("__pycache__")) {
        return Place::Beside { source: folder.join(format!("{stem}.py")) };
    }
    let mut parts = stem.split('.');
    let (module, tag, level) = (parts.next(), parts.next(), parts.next());
    let level_is_right =
        level.is_none_or(|level| level.strip_prefix("opt-").is_some_and(|rest| !rest.is_empty()));
    match (module, tag, parts.next()) {
        (Some(module), Some(tag), None) if level_is_right => Place::Cache {
            source: folder.parent().unwrap_or(Path::new("")).join(format!("{module}.py")),
            tag: tag.to_owned(),
        },
        _ => Place::Elsewhere,
    }
}

fn reject(
    place: &Place,
    header: &Header,
    series: Option<&Series>,
    source: Option<&Path>,
    readable: bool,
) -> Result<(), String> {
    let Some(series) = series else {
        return Err(unknown_magic(header.number()));
    };
    if let Place::Cache { tag, .. } = place
        && *tag != series.cache_tag()
    {
        return Err(format!("its name says {tag}, its magic number {}", series.cache_tag()));
    }
    if matches!(place, Place::Elsewhere) && source.is_none() {
        return Err("Python does not look for a file of this name".into());
    }
    if matches!(place, Place::Cache { .. }) && !series.has_cache_folder() {
        return Err(format!("Python {} does not look into __pycache__", series.name));
    }
    if let (Place::Beside { source }, Some(found)) = (place, source)
        && source == found
        && series.has_cache_folder()
    {
        return Err(format!("{} is beside it and comes first", source.display()));
    }
    if let Some(source) = source {
        compare(header, series, source)?;
    }
    if readable { Ok(()) } else { Err("its code object is damaged".into()) }
}

/// Is it the file of this source?
fn compare(header: &Header, series: &Series, source: &Path) -> Result<(), String> {
    let about = |error: std::io::Error| format!("its source {}: {error}", source.display());
    let metadata = std::fs::metadata(source).map_err(about)?;
    match header.invalidation {
        Invalidation::UncheckedHash(_) => Ok(()),
        Invalidation::Mtime { mtime } => same_time(&metadata, mtime),
        Invalidation::CheckedHash(hash) => {
            let bytes = std::fs::read(source).map_err(about)?;
            let now = keyed_hash(header.magic, series.siphash, &bytes);
            if now == hash { Ok(()) } else { Err(format!("its source has the hash {}", super::hex(&now))) }
        }
        Invalidation::Timestamp { mtime, size } => {
            same_time(&metadata, mtime)?;
            // Python compares the low 32 bits of both.
            let now = metadata.len() as u32;
            if now == size { Ok(()) } else { Err(format!("its source has {now} bytes")) }
        }
    }
}

fn same_time(metadata: &std::fs::Metadata, mtime: u32) -> Result<(), String> {
    let now = seconds(metadata);
    if now == mtime { Ok(()) } else { Err(format!("its source was changed at {now} ({})", super::utc(now))) }
}

/// The time of the last change as a header has it: whole seconds, low 32 bits.
fn seconds(metadata: &std::fs::Metadata) -> u32 {
    let Ok(modified) = metadata.modified() else { return 0 };
    match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() as u32,
        Err(before) => {
            let before = before.duration();
            // `int()` truncates towards zero.
            (before.as_secs() as u32).wrapping_neg()
        }
    }
}
