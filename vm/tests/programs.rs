//! Programs with what CPython makes of them (`cargo xtask programs` writes the expectations): output, errors, exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/programs");
    fs::canonicalize(folder).unwrap()
}

/// What a run shows, in the form of the expectation files: the folder's name is left out.
fn shown(program: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pyrvm"))
        .arg(program.file_name().unwrap())
        .current_dir(folder())
        .env("PYTHONHASHSEED", "0")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&format!("{}/", folder().display()), "");
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    format!("exit {code}\n--- stdout\n{}--- stderr\n{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn programs_do_what_they_do_with_cpython() {
    let mut programs: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    programs.sort();
    assert!(programs.len() >= 10, "only {} programs", programs.len());
    let mut failed = Vec::new();
    for program in &programs {
        let expected = fs::read_to_string(program.with_extension("expected")).unwrap_or_default();
        let shown = shown(program);
        if shown != expected {
            let differs = shown.lines().zip(expected.lines()).find(|(a, b)| a != b);
            failed.push(format!("{}: {differs:?}", program.display()));
        }
    }
    assert!(failed.is_empty(), "{} of {} differ:\n{}", failed.len(), programs.len(), failed.join("\n"));
}
