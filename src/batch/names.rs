//! Names: of cache files, and of sources as code objects record them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::plan::{Layout, Plan, Recorded};
use super::report::Output;

/// The name below `__pycache__` for a source's name, as `importlib.util.cache_from_source` makes it: what
/// stands before the last dot, the cache tag (`cpython-313`), and `opt-N` for the levels above 0.
pub fn cache_name(source: &OsStr, tag: &str, level: u8) -> OsString {
    let mut name = OsString::with_capacity(source.len() + tag.len() + ".opt-1.pyc".len());
    push_cache_name(&mut name, source, tag, level);
    name
}

/// Appends [`cache_name`].
fn push_cache_name(name: &mut OsString, source: &OsStr, tag: &str, level: u8) {
    let (stem, dot) = stem(source);
    name.push(stem);
    if dot {
        name.push(".");
    }
    name.push(tag);
    name.push(match level {
        0 => ".pyc",
        1 => ".opt-1.pyc",
        _ => ".opt-2.pyc",
    });
}

/// What stands before the last dot (behind it, if that is the first character), and whether there is a dot.
#[cfg(unix)]
fn stem(source: &OsStr) -> (&OsStr, bool) {
    use std::os::unix::ffi::OsStrExt;
    let bytes = source.as_bytes();
    match memchr::memrchr(b'.', bytes) {
        None => (source, false),
        Some(0) => (OsStr::from_bytes(&bytes[1..]), true),
        Some(dot) => (OsStr::from_bytes(&bytes[..dot]), true),
    }
}

#[cfg(not(unix))]
fn stem(source: &OsStr) -> (&OsStr, bool) {
    let path = Path::new(source);
    let stem = match (path.extension(), path.file_stem()) {
        (Some(_), Some(stem)) => stem,
        // A name whose only dot is its first character has no stem for Rust either.
        _ => source.to_str().and_then(|name| name.strip_prefix('.')).map_or(source, OsStr::new),
    };
    (stem, source.as_encoded_bytes().contains(&b'.'))
}

/// The folder of cache files.
pub(super) const CACHE: &str = "__pycache__";

/// The levels of which a source has a `.pyc`. In the legacy layout all of them share one name, and `compileall`
/// writes the highest one last.
pub(super) fn output_levels(plan: &Plan) -> &[u8] {
    match plan.layout {
        Layout::Legacy => &plan.levels[plan.levels.len().saturating_sub(1)..],
        Layout::Cache => &plan.levels,
    }
}

/// Appends the name of the `.pyc` of a source for one of these levels.
pub(super) fn push_output_name(name: &mut OsString, plan: &Plan, source: &OsStr, level: u8) {
    match plan.layout {
        Layout::Legacy => {
            name.push(source);
            name.push("c");
        }
        Layout::Cache => push_cache_name(name, source, plan.target.version.cache_tag(), level),
    }
}

/// The `.pyc` files of a source in the folder that they go to.
pub(super) fn outputs(plan: &Plan, source: &Path, destination: &Path) -> Vec<Output> {
    let source = source.file_name().unwrap_or(OsStr::new(""));
    let output = |&level: &u8| {
        let mut name = OsString::new();
        push_output_name(&mut name, plan, source, level);
        Output { path: destination.join(name), level }
    };
    output_levels(plan).iter().map(output).collect()
}

/// The path that code objects of the source `path` record, and whether a part that was to be stripped was
/// not there; `root` is the root it was found from, `None` when it is the root itself. The rules are those
/// of `compileall.compile_dir` and `compile_file`, trailing and double slashes included.
pub(super) fn recorded_path(rules: &Recorded, path: &[u8], root: Option<&[u8]>) -> (Option<Vec<u8>>, bool) {
    match (rules, root) {
        (Recorded::Source, _) => (None, false),
        (Recorded::Below(folder), None) => {
            let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
            (Some(join(folder, name)), false)
        }
        (Recorded::Below(folder), Some(root)) => moved(Some(root), Some(folder), path),
        (Recorded::Moved { strip, prepend }, _) => moved(strip.as_deref(), prepend.as_deref(), path),
    }
}

fn moved(strip: Option<&[u8]>, prepend: Option<&[u8]>, path: &[u8]) -> (Option<Vec<u8>>, bool) {
    let stripped = strip.and_then(|strip| strip_parts(path, strip));
    let ignored = strip.is_some() && stripped.is_none();
    let recorded = match prepend {
        Some(prepend) => Some(join(prepend, stripped.as_deref().unwrap_or(path))),
        None => stripped,
    };
    (recorded, ignored)
}

/// `path` without its leading parts, if they are those of `prefix`; what is left is put together from its
/// parts anew, so that double slashes in it become single ones.
fn strip_parts(path: &[u8], prefix: &[u8]) -> Option<Vec<u8>> {
    let rest = path.strip_prefix(prefix)?.strip_prefix(b"/")?;
    let parts = rest.split(|&byte| byte == b'/').filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join(&b'/'))
}

/// `os.path.join` of POSIX.
fn join(folder: &[u8], path: &[u8]) -> Vec<u8> {
    if path.starts_with(b"/") {
        return path.to_vec();
    }
    let mut joined = folder.to_vec();
    if !folder.is_empty() && !folder.ends_with(b"/") {
        joined.push(b'/');
    }
    joined.extend_from_slice(path);
    joined
}

/// What `os.fsdecode` makes of a file name on a system with UTF-8 names, in the generalised UTF-8 of
/// [`crate::value::PyStr`]: each byte that is no UTF-8 becomes the lone surrogate U+DC00 + byte. `None` when the
/// bytes are UTF-8 and stand for themselves.
pub fn surrogate_escaped(name: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(name).err()?;
    let mut out = Vec::with_capacity(name.len() + 16);
    for chunk in name.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for &byte in chunk.invalid() {
            out.extend_from_slice(&[0xED, 0xB0 | (byte >> 6), 0x80 | (byte & 0x3F)]);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests;
