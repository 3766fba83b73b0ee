//! What a reference interpreter writes for a file: asked from a running interpreter, and remembered as digests.
//!
//! A reference takes some milliseconds a file, we take a tenth of one. So a comparison remembers the digest of
//! each answer below Cargo's target folder, by release, level, path and the digest of the source; the
//! interpreter is asked again only for files that are new, changed, or differ from ours.

use crate::references::Reference;
use crate::{Result, root, target_folder};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::HashMap;
use std::hash::Hasher;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What the reference makes of one file.
pub enum Answer {
    /// The whole `.pyc`, header included.
    Compiled(Vec<u8>),
    /// It raises an error.
    Refused,
    /// It dies.
    Crashed,
}

/// A running interpreter that compiles on request, each file in a process of its own.
pub struct Oracle {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    scratch: PathBuf,
}

impl Oracle {
    /// Starts `reference`; `number` sets the servers of one comparison apart. To 3.10 the order of a frozenset
    /// follows the hashes of strings: those without a seed are the ones we have.
    pub fn start(reference: &Reference, number: usize) -> Result<Oracle> {
        Oracle::start_with(reference, number, "0")
    }

    /// The same with strings that hash as PYTHONHASHSEED says. What this machine's installation imports at start-up
    /// (`.pth` files, `sitecustomize`) is left out.
    pub fn start_with(reference: &Reference, number: usize, hash_seed: &str) -> Result<Oracle> {
        let name = format!("pyrsc-{}-{number}.pyc", std::process::id());
        let scratch = std::env::temp_dir().join(name);
        let mut child = clean(reference, hash_seed)
            .args(["-s", "-S"])
            .arg(root().join("xtask/scripts/compile_server.py"))
            .arg(&scratch)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", reference.exe.display()))?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().ok_or("no pipe from the reference")?;
        Ok(Oracle { child, requests, answers: BufReader::new(answers), scratch })
    }

    /// What it writes for `source` under the name `recorded`.
    pub fn ask(&mut self, source: &Path, recorded: &str, level: u8) -> Result<Answer> {
        self.ask_after(source, recorded, level, &[])
    }

    /// The same when the process has compiled the files `before` for itself.
    pub fn ask_after(
        &mut self,
        source: &Path,
        recorded: &str,
        level: u8,
        before: &[PathBuf],
    ) -> Result<Answer> {
        let source = source.to_str().ok_or_else(|| format!("{}: not UTF-8", source.display()))?;
        let requests = self.requests.as_mut().ok_or("the reference's server has ended")?;
        let mut line = format!("{level}\t{source}\t{recorded}");
        for path in before.iter().filter_map(|path| path.to_str()) {
            line.push('\t');
            line.push_str(path);
        }
        line.push('\n');
        requests.write_all(line.as_bytes()).map_err(|error| error.to_string())?;
        let mut head = [0; 11];
        self.answers
            .read_exact(&mut head)
            .map_err(|error| format!("the reference's server on {source}: {error}"))?;
        let length: usize = std::str::from_utf8(&head[1..])
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or("the reference's server does not keep to its protocol")?;
        match head[0] {
            b'=' => {
                let mut bytes = vec![0; length];
                self.answers.read_exact(&mut bytes).map_err(|error| error.to_string())?;
                Ok(Answer::Compiled(bytes))
            }
            b'-' => Ok(Answer::Refused),
            _ => Ok(Answer::Crashed),
        }
    }
}

/// What py_compile writes for `source` under the name `recorded` in a process of its own that has started as this
/// machine starts it.
pub fn alone(reference: &Reference, source: &Path, recorded: &str, level: u8) -> Result<Answer> {
    let scratch = std::env::temp_dir().join(format!("pyrsc-{}-alone.pyc", std::process::id()));
    drop(std::fs::remove_file(&scratch));
    let status = clean(reference, "0")
        .arg(root().join("xtask/scripts/compile_alone.py"))
        .arg(level.to_string())
        .arg(source)
        .arg(recorded)
        .arg(&scratch)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| error.to_string())?;
    let bytes = std::fs::read(&scratch);
    drop(std::fs::remove_file(&scratch));
    Ok(match (status.success(), bytes) {
        (true, Ok(bytes)) => Answer::Compiled(bytes),
        (false, _) => Answer::Refused,
        (true, Err(_)) => Answer::Crashed,
    })
}

/// The interpreter without what the environment of this process says to it.
fn clean(reference: &Reference, hash_seed: &str) -> Command {
    let mut command = Command::new(&reference.exe);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PYTHON")) {
            command.env_remove(name);
        }
    }
    command.env("PYTHONHASHSEED", hash_seed);
    command
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // The end of its input ends the server.
        self.requests = None;
        drop(self.child.wait());
        drop(std::fs::remove_file(&self.scratch));
    }
}

/// 128 bits that tell contents apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(u128);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut hasher = SipHasher13::new();
        hasher.write(bytes);
        Digest(hasher.finish128().as_u128())
    }

    /// Its remainder when it is divided by `n`.
    pub fn modulo(self, n: u8) -> u8 {
        (self.0 % u128::from(n)) as u8
    }
}

/// A file name for a tree's path.
pub fn file_name(tree: &Path) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' };
    tree.to_string_lossy().chars().map(plain).collect()
}

/// What is remembered of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The digest of what follows the `.pyc`'s header.
    Compiled(Digest),
    /// It raises an error.
    Refused,
}

/// The remembered answers of one release, level and tree.
pub struct Memory {
    file: PathBuf,
    known: HashMap<String, (Digest, Known)>,
}

impl Memory {
    /// Loads what is remembered, or starts afresh.
    pub fn open(reference: &Reference, level: u8, tree: &Path, fresh: bool) -> Memory {
        let file = target_folder()
            .join("corpus")
            .join(format!("{}-O{level}", reference.release()))
            .join(format!("{}.bytes.digests", file_name(tree)));
        if fresh {
            drop(std::fs::remove_file(&file));
        }
        let mut known = HashMap::new();
        for line in std::fs::read_to_string(&file).unwrap_or_default().lines() {
            let mut words = line.splitn(3, ' ');
            let (Some(source), Some(answer), Some(path)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let Ok(source) = u128::from_str_radix(source, 16) else { continue };
            let answer = match (answer, u128::from_str_radix(answer, 16)) {
                ("-", _) => Known::Refused,
                (_, Ok(digest)) => Known::Compiled(Digest(digest)),
                _ => continue,
            };
            known.insert(path.to_owned(), (Digest(source), answer));
        }
        Memory { file, known }
    }

    /// What the reference made of the file `path` with these contents.
    pub fn get(&self, path: &str, source: Digest) -> Option<Known> {
        self.known.get(path).filter(|(of, _)| *of == source).map(|(_, known)| *known)
    }

    /// Adds answers, in memory and on disk.
    pub fn add(&mut self, answers: Vec<(String, Digest, Known)>) -> Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for (path, source, known) in answers {
            let answer = match known {
                Known::Compiled(digest) => format!("{:032x}", digest.0),
                Known::Refused => "-".to_owned(),
            };
            text.push_str(&format!("{:032x} {answer} {path}\n", source.0));
            self.known.insert(path, (source, known));
        }
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| format!("{}: {error}", self.file.display()))
    }
}
