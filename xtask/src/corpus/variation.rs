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
    let first = Run { code: code_of(theirs), condition: "the first run".into() };
    let runs = runs(comparison, path, first)?;
    if runs.iter().all(|run| run.code == runs[0].code) {
        return Ok(None);
    }
    let mut forms: Vec<&[u8]> = runs.iter().map(|run| &run.code[..]).collect();
    forms.sort_unstable();
    forms.dedup();
    if let Some(run) = runs.iter().find(|run| run.code == ours) {
        return Ok(Some(format!(
            "{} forms in {} runs; ours is that of {}",
            forms.len(),
            runs.len(),
            run.condition
        )));
    }
    let version = comparison.target.version;
    let contents = plain(ours, version);
    let manners: Option<Vec<Manner>> = forms.iter().map(|code| Manner::of(code, version)).collect();
    let agrees = runs.iter().all(|run| plain(&run.code, version) == contents)
        && Manner::of(ours, version)
            .zip(manners)
            .is_some_and(|(ours, theirs)| ours.agrees_where_these_do(&theirs));
    Ok(agrees.then(|| {
        format!("{} forms in {} runs; ours has all that they have in common", forms.len(), runs.len())
    }))
}

fn runs(comparison: &Comparison<'_>, path: &str, first: Run) -> Result<Vec<Run>> {
    let source = comparison.source.join(path);
    let mut runs = vec![first];
    let mut add = |answer: Answer, condition: String| {
        if let Answer::Compiled(bytes) = answer {
            runs.push(Run { code: code_of(&bytes), condition });
        }
    };
    for number in 0..PROCESSES {
        let mut oracle = Oracle::start(comparison.reference, 0)?;
        add(oracle.ask(&source, path, comparison.level)?, format!("process {number} more"));
        let answer = alone(comparison.reference, &source, path, comparison.level)?;
        add(answer, format!("py_compile alone, process {number}"));
    }
    let mut before = neighbours(&source);
    for order in ["first", "last"] {
        let mut oracle = Oracle::start(comparison.reference, 0)?;
        let answer = oracle.ask_after(&source, path, comparison.level, &before)?;
        add(answer, format!("a process that compiled its folder's {order} files before"));
        before.reverse();
    }
    Ok(runs)
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
