//! The same programs from the bytecode of each release: compiled here, run from a `.pyc`, and what they print and how
//! they end is what it is from the newest release's. (Carets of tracebacks are not compared: to 3.10 code has lines only.)

use pyrsc::compile::{Options, Session};
use pyrsc::marshal::{Header, Invalidation};
use pyrsc::target::{Target, Version};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that a release's grammar does not have. Others say it in their first line.
const NEWER: &[(&str, u8)] = &[
    ("control", 10),
    ("decorators", 9),
    ("star_expressions", 9),
    ("templates", 14),
    // Annotations are read by `singledispatch`: not right yet from older bytecode.
    ("functools_use", 14),
];

/// The releases that a program is compiled for: from this one on (`# needs 3.N` in its first line), or for one alone
/// (`# only 3.N: why`).
fn releases(program: &Path) -> (u8, bool) {
    let name = program.file_stem().unwrap().to_string_lossy().into_owned();
    let source = fs::read_to_string(program).unwrap();
    let line = source.lines().next().unwrap_or("");
    let number = |rest: &str| rest.split([':', ' ']).next().and_then(|it| it.parse().ok()).unwrap_or(0);
    if let Some(rest) = line.strip_prefix("# only 3.") {
        return (number(rest), true);
    }
    match line.strip_prefix("# needs 3.") {
        Some(rest) => (number(rest), false),
        None => (NEWER.iter().find(|(of, _)| *of == name).map_or(0, |(_, minor)| *minor), false),
    }
}

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/programs");
    let mut programs: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    programs.sort();
    programs
}

/// A `.pyc` of the program, if the version's grammar has what it uses.
fn compiled(session: &mut Session, program: &Path, version: Version) -> Option<Vec<u8>> {
    let source = fs::read(program).unwrap();
    let name = program.file_name().unwrap().to_string_lossy();
    let invalidation = Invalidation::Timestamp { mtime: 0, size: source.len() as u32 };
    let mut bytes = Header::new(version, invalidation).to_bytes().to_vec();
    let options = Options::new(Target::newest(version));
    session.compile_into(&source, name.as_ref().into(), &options, &mut bytes, &mut Vec::new()).ok()?;
    Some(bytes)
}

/// Exit code and output, in the form of the expectation files.
fn shown(compiled: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pyrvm"))
        .arg(compiled)
        .current_dir(compiled.parent().unwrap())
        .env("PYTHONHASHSEED", "0")
        .output()
        .unwrap();
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("").to_owned();
    format!("exit {code}\n--- stdout\n{}--- stderr\n{last}", String::from_utf8_lossy(&output.stdout))
}

/// Runs a program from the bytecode of each release; what differs, and how many runs there were.
fn check(session: &mut Session, program: &Path, work: &Path) -> (Vec<String>, usize) {
    let name = program.file_stem().unwrap().to_string_lossy().into_owned();
    let expected = fs::read_to_string(program.with_extension("expected")).unwrap();
    let (out, err) = expected.split_once("--- stderr\n").unwrap();
    let expected = format!("{out}--- stderr\n{}", err.lines().last().unwrap_or(""));
    let (needs, only) = releases(program);
    let (mut failed, mut count) = (Vec::new(), 0);
    for &version in Version::ALL {
        if only && version.minor() != needs || version.minor() < needs {
            continue;
        }
        let Some(bytes) = compiled(session, program, version) else {
            if version.minor() >= needs
                && !expected.contains("SyntaxError")
                && !expected.contains("IndentationError")
            {
                failed.push(format!("{name} does not compile for 3.{}", version.minor()));
            }
            continue;
        };
        let file = work.join(&name).with_extension("pyc");
        fs::write(&file, bytes).unwrap();
        count += 1;
        let shown = shown(&file);
        if shown != expected {
            let differs = shown.lines().zip(expected.lines()).find(|(a, b)| a != b);
            failed.push(format!("{name} from 3.{}: {differs:?}", version.minor()));
        }
    }
    (failed, count)
}

#[test]
fn programs_do_the_same_from_the_bytecode_of_each_release() {
    let work = std::env::temp_dir().join(format!("pyrvm-versions-{}", std::process::id()));
    fs::create_dir_all(&work).unwrap();
    let programs = programs();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let part = |first: usize| {
            let (programs, work) = (&programs, &work);
            move || {
                let mut session = Session::new();
                programs.iter().skip(first).step_by(threads).map(|it| check(&mut session, it, work)).collect()
            }
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(part(first))).collect();
        running.into_iter().flat_map(|it| -> Vec<_> { it.join().unwrap() }).collect()
    });
    fs::remove_dir_all(work).unwrap();
    let count: usize = parts.iter().map(|(_, count)| count).sum();
    let failed: Vec<String> = parts.into_iter().flat_map(|(failed, _)| failed).collect();
    assert!(count >= 80, "only {count} programs");
    assert!(failed.is_empty(), "{} of {count} differ:\n{}", failed.len(), failed.join("\n"));
}
