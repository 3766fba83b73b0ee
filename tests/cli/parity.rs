//! The same command line for `python -m compileall` and `pyrsc compile`: the same files, recorded paths,
//! exit code and output.
//!
//! Each file in `fixtures/compileall` is a case: lines with `#` say what it is about, `$` begins the command
//! line (before it: environment variables), and the rest is what CPython 3.13's compileall did with it on
//! the tree of [`tree`]. `PYRSC_BLESS=1` writes that part anew from the reference interpreter; with
//! `PYRSC_FULL=1` it is compared with the interpreter's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ended, Tree, full, reference};

/// The tree that every case starts with.
fn tree() -> Tree {
    let tree = Tree::new(&[
        ("pkg/__init__.py", "\"\"\"Doc.\"\"\"\n"),
        ("pkg/mod.py", "def f(x):\n    \"\"\"Doc.\"\"\"\n    assert x\n    return x\n"),
        ("pkg/same.py", "x = 1\n"),
        ("pkg/.hidden.py", "x = 1\n"),
        ("pkg/script", "print('no extension')\n"),
        ("pkg/data.txt", "no Python\n"),
        ("pkg/sub/__init__.py", ""),
        ("pkg/sub/deep/leaf.py", "x = 1\n"),
        ("pkg/tests/test_it.py", "x = 1\n"),
        ("bad/a.py", "x = 1\n"),
        ("bad/broken.py", "x = (\n"),
        ("bad/outside.py", "x = 1\nreturn x\n"),
        ("other/elsewhere.py", "x = 1\n"),
        ("list.txt", "pkg/same.py\n  bad/a.py \nother\n"),
    ]);
    symlink("same.py", tree.path("pkg/near.py")).unwrap();
    symlink("../other/elsewhere.py", tree.path("pkg/far.py")).unwrap();
    symlink("../other", tree.path("pkg/linked")).unwrap();
    let mode = |path: &str, mode| {
        fs::set_permissions(tree.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("pkg/mod.py", 0o755);
    mode("pkg/same.py", 0o444);
    tree
}

/// A case: its text up to the command line, and the command line taken apart.
struct Case {
    name: String,
    path: PathBuf,
    intro: String,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    expected: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compileall");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(case).collect()
}

fn case(path: PathBuf) -> Case {
    let text = fs::read_to_string(&path).unwrap();
    let start =
        text.lines().position(|line| line.contains('$')).unwrap_or_else(|| panic!("{path:?}: no command"));
    let mut lines = text.split_inclusive('\n');
    let intro: String = lines.by_ref().take(start + 1).collect();
    let (before, after) = intro.lines().last().unwrap().split_once('$').unwrap();
    let variable = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        environment: before.split_whitespace().filter_map(variable).collect(),
        arguments: after.split_whitespace().map(str::to_owned).collect(),
        expected: lines.collect(),
        intro,
        path,
    }
}

/// What a finished command left behind: exit code, output, and each `.pyc` with its permissions, its kind of
/// header, the path that it records, and which others it is a hard link of.
fn describe(tree: &Tree, ended: &Ended) -> String {
    use std::os::unix::fs::MetadataExt;
    let mut text = format!("exit {}\n", ended.code);
    for line in ended.out.lines() {
        text += &format!("| {line}\n");
    }
    let compiled = tree.compiled();
    let number = |file: &String| fs::symlink_metadata(tree.path(file)).unwrap().ino();
    for file in &compiled {
        let metadata = fs::symlink_metadata(tree.path(file)).unwrap();
        let bytes = fs::read(tree.path(file)).unwrap();
        let kind = ["timestamp", "unchecked-hash", "?", "checked-hash"][usize::from(bytes[4])];
        text += &format!("{file} {:o} {kind} {}", metadata.mode() & 0o777, recorded(&bytes));
        if let Some(first) =
            compiled.iter().find(|other| number(other) == number(file)).filter(|&first| first != file)
        {
            text += &format!(" = {first}");
        }
        text.push('\n');
    }
    text
}

/// `co_filename` of the module in a `.pyc`.
fn recorded(bytes: &[u8]) -> String {
    use pyrsc::code::Object;
    let version = pyrsc::marshal::Header::parse(bytes).unwrap().version().unwrap();
    let read = pyrsc::marshal::read(&bytes[pyrsc::marshal::Header::LEN..], version).unwrap();
    let code = read.objects.code(read.root).unwrap();
    match read.objects.get(code.filename) {
        Object::Str { text, .. } => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        other => panic!("{other:?}"),
    }
}

fn with_umask(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "umask 022; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

fn compileall(case: &Case, python: &Path) -> String {
    let tree = tree();
    let mut command = Command::new(python);
    command
        .args(["-m", "compileall"])
        .args(&case.arguments)
        .current_dir(&tree.root)
        .env_remove("SOURCE_DATE_EPOCH");
    command.envs(case.environment.iter().map(|(name, value)| (name, value)));
    let ended = Ended::of(with_umask(&command).output().unwrap());
    describe(&tree, &ended)
}

fn ours(case: &Case) -> String {
    let tree = tree();
    // What compileall prints without -q is what we print with -v.
    let quiet = case.arguments.iter().any(|argument| argument.starts_with("-q"));
    let verbosity: &[&str] = if quiet { &[] } else { &["-v"] };
    let mut command = tree.command(&[&["compile", "--target", "3.13"], verbosity].concat());
    command.args(&case.arguments);
    command.envs(case.environment.iter().map(|(name, value)| (name, value)));
    let ended = Ended::of(with_umask(&command).output().unwrap());
    describe(&tree, &ended)
}

#[test]
fn the_same_command_line_does_the_same() {
    let python = reference();
    let bless = std::env::var_os("PYRSC_BLESS").is_some();
    let mut wrong = Vec::new();
    for mut case in cases() {
        if bless || full() && python.is_some() {
            let python = python.as_ref().expect("a reference interpreter to bless with");
            let reference = compileall(&case, python);
            if bless {
                fs::write(&case.path, format!("{}{reference}", case.intro)).unwrap();
                case.expected = reference;
            } else if reference != case.expected {
                wrong.push(format!(
                    "{}: compileall itself\n{reference}expected\n{}",
                    case.name, case.expected
                ));
            }
        }
        let ours = ours(&case);
        if ours != case.expected {
            wrong.push(format!("{}\n{}ours\n{ours}compileall\n{}", case.name, case.intro, case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
