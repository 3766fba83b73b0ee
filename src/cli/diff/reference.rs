//! Pairs of "what we make of a source" and "what a reference makes of it".

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Pair;
use super::pair::Content;
use crate::cli::{load, python};
use crate::target::Target;

/// Compiles sources in the interpreter, each in a child of its own.
const SCRIPT: &str = include_str!("reference.py");

/// A source, and what it is called: in messages and as `co_filename`.
struct Source {
    file: PathBuf,
    name: String,
}

/// The sources at `path`, a file or a folder.
fn sources(path: &Path) -> Result<Vec<Source>, String> {
    if !path.is_dir() {
        return Ok(vec![Source { file: path.to_path_buf(), name: path.to_string_lossy().into_owned() }]);
    }
    let mut trouble = None;
    let files = load::tree(path, "py", |message| trouble = Some(message));
    match trouble {
        Some(message) => Err(message),
        None => Ok(files
            .into_iter()
            .map(|file| Source { name: file.to_string_lossy().into_owned(), file: path.join(file) })
            .collect()),
    }
}

/// Pairs with the `.pyc` files below `dir`: that of `a/b.py` is `a/b.pyc` (or `dir` itself, if it is a file).
/// Sources without one are left out, unless there is none at all.
///
/// # Errors
/// When the sources cannot be found.
pub fn from_tree(path: &Path, dir: &Path, target: Option<Target>) -> Result<Vec<Pair>, String> {
    let refused = refusals(dir);
    let mut pairs = Vec::new();
    for source in sources(path)? {
        let compiled = if dir.is_dir() { dir.join(format!("{}c", source.name)) } else { dir.to_path_buf() };
        let right = match refused.iter().find(|(name, _)| *name == source.name) {
            Some((_, error)) => Content::Reference(Err(error.clone())),
            None if compiled.is_file() => Content::File(compiled),
            None => continue,
        };
        pairs.push(pair(source, right, target));
    }
    match pairs.is_empty() {
        true => Err(format!("{} has no .pyc for any source of {}", dir.display(), path.display())),
        false => Ok(pairs),
    }
}

/// What the reference refused, where a file `errors.txt` in its tree says so: tab-separated path, class of
/// the exception, its message as a Python string literal.
fn refusals(dir: &Path) -> Vec<(String, String)> {
    let Ok(text) = std::fs::read_to_string(dir.join("errors.txt")) else { return Vec::new() };
    let line = |line: &str| {
        let mut fields = line.split('\t');
        let (path, class, message) = (fields.next()?, fields.next()?, fields.next()?);
        let quote = message.chars().next()?;
        let message = message.trim_matches(quote).replace("\\'", "'").replace("\\\\", "\\");
        Some((path.to_string(), format!("{class}: {message}")))
    };
    text.lines().filter_map(line).collect()
}

/// Pairs with what the interpreter `executable` makes of each source.
///
/// # Errors
/// When it cannot be started, is none of the supported releases, or fails.
pub fn from_interpreter(
    path: &Path,
    executable: &Path,
    target: Option<Target>,
    optimize: u8,
) -> Result<Vec<Pair>, String> {
    let interpreter = python::Interpreter::ask(executable.as_os_str())?;
    let target = target.or(interpreter.target).ok_or_else(|| {
        format!("{} is {}, which is not supported", executable.display(), interpreter.release)
    })?;
    let sources = sources(path)?;
    let answer =
        ask(executable, &sources, optimize).map_err(|error| format!("{}: {error}", executable.display()))?;
    let mut rest = &answer[..];
    let mut pairs = Vec::with_capacity(sources.len());
    for source in sources {
        let right = record(&mut rest).ok_or_else(|| format!("{} stopped early", executable.display()))?;
        pairs.push(pair(source, Content::Reference(right), Some(target)));
    }
    Ok(pairs)
}

fn pair(source: Source, right: Content, target: Option<Target>) -> Pair {
    let recorded = source.name.clone();
    Pair { path: source.name, left: Content::Source { file: source.file, recorded, target }, right }
}

/// Has the interpreter compile all sources, and gives what it wrote.
fn ask(executable: &Path, sources: &[Source], optimize: u8) -> std::io::Result<Vec<u8>> {
    let mut child = Command::new(executable)
        .args(["-I", "-S", "-c", SCRIPT, &optimize.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut question = Vec::new();
    for source in sources {
        question.extend_from_slice(source.file.as_os_str().as_encoded_bytes());
        question.push(0);
        question.extend_from_slice(source.name.as_bytes());
        question.push(0);
    }
    // The script reads all of its input before it writes anything.
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&question)?;
    }
    let output = child.wait_with_output()?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(std::io::Error::other(output.status.to_string())),
    }
}

/// Takes one answer from the front: `+` or `-`, the length in four bytes, then a `.pyc` or an exception.
fn record(rest: &mut &[u8]) -> Option<Result<Vec<u8>, String>> {
    let (&mark, tail) = rest.split_first()?;
    let (length, tail) = tail.split_first_chunk::<4>()?;
    let (content, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(match mark {
        b'+' => Ok(content.to_vec()),
        _ => Err(String::from_utf8_lossy(content).into_owned()),
    })
}
