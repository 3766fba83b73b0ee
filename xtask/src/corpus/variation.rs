//! Does a reference write the same for a file under all conditions that may be?
//!
//! Python's documentation promises neither the order of a set nor which equal objects are one: they may follow
//! addresses and what the process did before. (They follow the hash seed too, but that one can set: it is 0 in all
//! comparisons.) So a file that differs from ours is asked for again: in other processes, each with addresses of its
//! own, after other files, and by `py_compile` in a process that does nothing else. Where all answers are one, the
//! difference is ours. Where they are several, and ours is one of them, or has the contents of all and everything
//! else that they have in common, the file *varies*.

use super::Comparison;
use crate::Result;
use crate::oracle::{Answer, Oracle, alone};
use crate::plain::{Manner, plain};
use std::path::{Path, PathBuf};

/// Files of the same folder that are compiled before, at most.
const NEIGHBOURS: usize = 12;

/// Other processes under the usual seed: enough for the address of `None` to have moved to another place of a small
/// set.
const PROCESSES: usize = 4;

/// An answer, and the condition under which it came.
struct Run {
    code: Vec<u8>,
    condition: String,
}

/// In what way the reference's own answers for `path` differ and hold ours; `None` if they do not.
pub fn found(comparison: &Comparison<'_>, path: &str, ours: &[u8], theirs: &[u8]) -> Result<Option<String>> {
    let mut runs = vec![Run { code: code_of(theirs), condition: "the first run".into() }];
    let found = more_runs(comparison, path, &mut |run| {
        let is_ours = run.code == ours;
        runs.push(run);
        is_ours
    })?;
    let mut forms: Vec<&[u8]> = runs.iter().map(|run| &run.code[..]).collect();
    forms.sort_unstable();
    forms.dedup();
    let count = format!("{} forms in {} runs", forms.len(), runs.len());
    if found {
        let condition = runs.last().map_or("", |run| &run.condition);
        return Ok(Some(format!("{count}; ours is that of {condition}")));
    }
    if forms.len() == 1 {
        return Ok(None);
    }
    let version = comparison.target.version;
    let contents = plain(ours, version);
    let manners: Option<Vec<Manner>> = forms.iter().map(|code| Manner::of(code, version)).collect();
    let agrees = runs.iter().all(|run| plain(&run.code, version) == contents)
        && Manner::of(ours, version)
            .zip(manners)
            .is_some_and(|(ours, theirs)| ours.agrees_where_these_do(&theirs));
    Ok(agrees.then(|| format!("{count}; ours has all that they have in common")))
}

/// Hands run after run to `is_ours`, until that says that this is the one: then true.
fn more_runs(comparison: &Comparison<'_>, path: &str, is_ours: &mut dyn FnMut(Run) -> bool) -> Result<bool> {
    let source = comparison.source.join(path);
    let mut ends = |answer: Answer, condition: String| match answer {
        Answer::Compiled(bytes) => is_ours(Run { code: code_of(&bytes), condition }),
        _ => false,
    };
    for number in 0..PROCESSES {
        let answer = alone(comparison.reference, &source, path, comparison.level)?;
        if ends(answer, format!("py_compile alone, process {number}")) {
            return Ok(true);
        }
        let mut oracle = Oracle::start(comparison.reference, 0)?;
        if ends(oracle.ask(&source, path, comparison.level)?, format!("process {number} more")) {
            return Ok(true);
        }
    }
    let mut before = neighbours(&source);
    for order in ["first", "last"] {
        let mut oracle = Oracle::start(comparison.reference, 0)?;
        let answer = oracle.ask_after(&source, path, comparison.level, &before)?;
        if ends(answer, format!("a process that compiled its folder's {order} files before")) {
            return Ok(true);
        }
        before.reverse();
    }
    Ok(false)
}

/// What follows the header.
fn code_of(pyc: &[u8]) -> Vec<u8> {
    pyc.get(16..).unwrap_or_default().to_vec()
}

/// Other sources beside `source`.
fn neighbours(source: &Path) -> Vec<PathBuf> {
    let Some(folder) = source.parent() else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path != source && path.extension().is_some_and(|it| it == "py"))
        .collect();
    paths.sort();
    paths.truncate(NEIGHBOURS);
    paths
}
