//! `pyrsc bundle` and `pyrsc run` from outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn pyrsc(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_pyrsc")).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = std::env::temp_dir().join(format!("pyrsc-cli-bundle-{name}-{}", std::process::id()));
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

const FILES: &[(&str, &str)] = &[
    ("src/app/__init__.py", ""),
    ("src/app/cli.py", "import lost\nfrom . import tool\ndef main(): return 0\n"),
    ("src/app/tool.py", ""),
    ("bad.py", "x = (\n"),
];

#[test]
fn the_same_sources_give_the_same_bytes() {
    let root = tree("same", FILES);
    for name in ["one.pyz", "two.pyz"] {
        let arguments = ["bundle", "src", "-m", "app.cli:main", "--target", "3.12", "-o", name];
        let (code, out, err) = pyrsc(&arguments, &root);
        assert_eq!((code, out.as_str()), (0, ""));
        assert_eq!(err, "pyrsc: lost was not found (imported by app.cli)\n");
    }
    let bytes = fs::read(root.join("one.pyz")).unwrap();
    assert_eq!(bytes, fs::read(root.join("two.pyz")).unwrap());
    assert_eq!(&bytes[30..42], b"__main__.pyc");
    let (code, _, _) =
        pyrsc(&["bundle", "--target=3.14", "src", "-m", "app.cli", "--strict", "-o", "three.pyz"], &root);
    assert!(code == 1 && !root.join("three.pyz").exists());
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn what_is_wrong_is_said() {
    let root = tree("wrong", FILES);
    let said = |arguments: &[&str], expected: i32, words: &str| {
        let (code, _, err) = pyrsc(arguments, &root);
        assert!(code == expected && err.contains(words), "{arguments:?}: {code} {err}");
    };
    said(&["bundle", "--target=3.14", "bad.py", "-o", "x.pyz"], 1, "SyntaxError: '(' was never closed");
    said(&["bundle", "--target=3.14", "src", "-o", "x.pyz"], 2, "nothing says what runs");
    said(&["bundle", "--target=3.14", "src", "-m", "gone", "-o", "x.pyz"], 2, "no module named gone");
    said(
        &["bundle", "--target=3.14", "nowhere", "-m", "gone", "-o", "x.pyz"],
        2,
        "nowhere: no such file or folder",
    );
    said(&["run", "--vm", "/no/pyrvm", "bad.py"], 2, "/no/pyrvm does not start");
    said(&["run", "--vm", "/bin/true", "bad.py"], 2, "/bin/true is no pyrvm");
    assert!(!root.join("x.pyz").exists());
    fs::remove_dir_all(root).unwrap();
}
