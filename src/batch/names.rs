//! Names: of cache files, and of sources as code objects record them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::plan::{Layout, Plan, Recorded};

/// The name below `__pycache__` for a source's name, as `importlib.util.cache_from_source` makes it: what
/// stands before the last dot, the cache tag (`cpython-313`), and `opt-N` for the levels above 0.
pub fn cache_name(source: &OsStr, tag: &str, level: u8) -> OsString {
    let path = Path::new(source);
    let mut name = match (path.extension(), path.file_stem()) {
        (Some(_), Some(stem)) => stem.to_os_string(),
        // A name whose only dot is its first character has no stem for Python, but its extension.
        _ => match source.to_str().and_then(|name| name.strip_prefix('.')) {
            Some(extension) => extension.into(),
            None => source.to_os_string(),
        },
    };
    if source.as_encoded_bytes().contains(&b'.') {
        name.push(".");
    }
    name.push(tag);
    match level {
        0 => {}
        1 => name.push(".opt-1"),
        _ => name.push(".opt-2"),
    }
    name.push(".pyc");
    name
}

/// The folder of cache files.
pub(super) const CACHE: &str = "__pycache__";

/// Names of the `.pyc` files of a source, each with its optimisation level. In the legacy layout all levels
/// share one name, and `compileall` writes the highest level last.
pub(super) fn output_names(plan: &Plan, source: &OsStr) -> Vec<(OsString, u8)> {
    match plan.layout {
        Layout::Legacy => {
            let mut name = source.to_os_string();
            name.push("c");
            plan.levels.last().map(|&level| (name, level)).into_iter().collect()
        }
        Layout::Cache => {
            let tag = plan.target.version.cache_tag();
            plan.levels.iter().map(|&level| (cache_name(source, tag, level), level)).collect()
        }
    }
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
