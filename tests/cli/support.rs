//! A tree of files for one test, and `pyrsc` run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of its own below the temporary folder, removed with the value.
pub struct Tree {
    pub root: PathBuf,
}

static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Tree {
    /// A tree with these files.
    pub fn new(files: &[(&str, &str)]) -> Tree {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("pyrsc-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let tree = Tree { root };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// `pyrsc`, to be run in the tree, in an environment that says nothing of Python or colours.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pyrsc"));
        command.args(arguments).current_dir(&self.root).env("PATH", "/nowhere");
        for name in ["SOURCE_DATE_EPOCH", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONPATH"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `pyrsc` in the tree.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Every file and link below the root, sorted.
    pub fn files(&self) -> Vec<String> {
        fn collect(folder: &Path, root: &Path, out: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    collect(&entry.path(), root, out);
                } else {
                    out.push(entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut out = Vec::new();
        collect(&self.root, &self.root, &mut out);
        out.sort();
        out
    }

    /// The `.pyc` files below the root, sorted.
    pub fn compiled(&self) -> Vec<String> {
        let mut files = self.files();
        files.retain(|file| file.ends_with(".pyc"));
        files
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// Are the long tests wanted?
#[cfg(unix)]
pub fn full() -> bool {
    std::env::var_os("PYRSC_FULL").is_some_and(|value| !value.is_empty())
}

/// The newest reference interpreter of 3.13, if it is there.
#[cfg(unix)]
pub fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("PYRSC_REFERENCE_DIR").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/pyrsc-reference"));
    let folder = folder.or_else(home)?;
    let candidates = [folder.join("bin/python3.13"), folder.join("python3.13")];
    candidates.into_iter().find(|file| file.exists())
}
