//! The binary from outside: what it says and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn pyrvm(arguments: &[&Path]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_pyrvm")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Runs `pyrvm` on a file with these bytes.
fn on_bytes(name: &str, bytes: &[u8]) -> (i32, String, String) {
    let path = std::env::temp_dir().join(format!("pyrvm-{name}-{}.pyc", std::process::id()));
    fs::write(&path, bytes).unwrap();
    let result = pyrvm(&[&path]);
    fs::remove_file(path).unwrap();
    result
}

/// A `.pyc` that CPython wrote.
fn golden() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/golden/3.14.10-O0");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pyc"));
    files.sort();
    files.swap_remove(0)
}

#[test]
fn a_pyc_runs() {
    // One that CPython wrote.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/golden/3.14.10-O0");
    let (code, out, err) = pyrvm(&[&folder.join("factorial.pyc")]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
}

#[test]
fn what_is_no_program_is_refused_with_the_reason() {
    let whole = fs::read(golden()).unwrap();
    let expect = |name: &str, bytes: &[u8], words: &str| {
        let (code, out, err) = on_bytes(name, bytes);
        assert_eq!((code, out.as_str()), (4, ""), "{name}: {err}");
        assert!(err.contains(words), "{name}: {err}");
    };
    expect("short", &whole[..9], "9 bytes are too few");
    expect("text", b"print('hello, world')\n", "not a .pyc");
    expect("cut", &whole[..whole.len() - 1], "corrupt");
    expect("old", &[b"\x42\x0d\r\n".as_slice(), &whole[4..]].concat(), "Python 3.7");
    expect("unknown", &[b"\x01\x00\r\n".as_slice(), &whole[4..]].concat(), "unknown magic number 1");
    expect("none", &[&whole[..16], b"N"].concat(), "no code object");
}

#[test]
fn a_file_that_is_not_there_is_another_matter() {
    let (code, out, err) = pyrvm(&[Path::new("no such file.pyc")]);
    assert_eq!((code, out.as_str()), (2, ""));
    let expected = "/no such file.pyc': [Errno 2] No such file or directory\n";
    assert!(err.starts_with("pyrvm: can't open file '") && err.ends_with(expected), "{err}");
}

#[test]
fn usage_help_and_version() {
    assert_eq!(pyrvm(&[Path::new("--frobnicate")]).0, 2);
    let (code, out, _) = pyrvm(&[Path::new("--help")]);
    assert!(
        code == 0 && out.contains("Usage: pyrvm [OPTION...] FILE") && out.contains("Exit status"),
        "{out}"
    );
    let (code, out, _) = pyrvm(&[Path::new("--version")]);
    assert_eq!((code, out.trim_end()), (0, concat!("pyrvm ", env!("CARGO_PKG_VERSION"))));
}
