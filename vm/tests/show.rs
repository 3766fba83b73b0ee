//! The program of README's show: compiled into a bundle, run without any Python, compared with what CPython made of it.

use pyrsc::bundle::{Main, Plan, Roots, collect};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/show")
}

/// Runs a program as `ledger.expected` has it: command, output, exit code, then errors behind `! `.
fn shown(program: &Path, arguments: &[&Path], line: &str) -> String {
    let words = line.strip_prefix("$ ledger ").unwrap().split_whitespace();
    let output = Command::new(program)
        .args(arguments)
        .args(words)
        .current_dir(folder())
        .env("PATH", "")
        .env_remove("PYRVM_STDLIB")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors: String = errors.lines().map(|it| format!("! {it}\n")).collect();
    let code = output.status.code().unwrap_or(-1);
    format!("{line}\n{}exit {code}\n{errors}", String::from_utf8_lossy(&output.stdout))
}

#[test]
fn a_bundle_runs_without_a_python() {
    let plan = Plan {
        target: pyrvm::language(),
        optimize: 0,
        main: Main::File(folder().join("ledger.py")),
        roots: Roots(vec![folder()]),
        include: Vec::new(),
        exclude: Vec::new(),
        data: BTreeMap::new(),
        package_data: true,
        sources: false,
    };
    let bundle = collect(&plan).unwrap();
    assert!(bundle.lacking.is_empty(), "{:?}", bundle.lacking);
    let place = std::env::temp_dir().join(format!("pyrvm-show-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let machine = Path::new(env!("CARGO_BIN_EXE_pyrvm"));
    let (application, program) = (place.join("ledger.pyz"), place.join("ledger"));
    std::fs::write(&application, bundle.write(b"").unwrap()).unwrap();
    // With the machine in front it is a program of its own.
    std::fs::copy(machine, &program).unwrap();
    std::fs::write(&program, bundle.write(&std::fs::read(machine).unwrap()).unwrap()).unwrap();
    let expected = std::fs::read_to_string(folder().join("ledger.expected")).unwrap();
    let commands: Vec<&str> = expected.lines().filter(|it| it.starts_with("$ ")).collect();
    assert!(commands.len() >= 5);
    let run = |program: &Path, arguments: &[&Path]| -> String {
        commands.iter().map(|line| shown(program, arguments, line)).collect()
    };
    assert_eq!(run(machine, &[&application]), expected);
    assert_eq!(run(&program, &[]), expected);
    std::fs::remove_dir_all(place).unwrap();
}
