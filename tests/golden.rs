//! Every program of `fixtures/golden/src` compiles to the committed bytes of each release and level.

use pyrsc::compile::{Options, Session};
use pyrsc::target::{Handlers, Target};
use pyrsc::value::PyStr;
use std::path::{Path, PathBuf};

fn programs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the fixtures are readable").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    found.sort();
    found
}

fn compare(golden: &Path, release: &str, level: u8) -> Vec<String> {
    let options =
        Options { optimize: level, ..Options::new(Target::parse(release).expect("a known release")) };
    let sources = golden.join("src");
    let expected_folder = golden.join(format!("{release}-O{level}"));
    let mut session = Session::new();
    let mut differences = Vec::new();
    for path in programs(&sources) {
        let name = path.strip_prefix(&sources).expect("below it").to_str().expect("ASCII names");
        let source = std::fs::read(&path).expect("readable");
        let expected = std::fs::read(expected_folder.join(format!("{name}c"))).ok();
        let (mut ours, mut warnings) = (Vec::new(), Vec::new());
        let result = session.compile_into(&source, PyStr::from(name), &options, &mut ours, &mut warnings);
        match (result, expected) {
            (Ok(()), Some(expected)) if expected[16..] == ours => {}
            (Err(_), None) => {}
            // The programs use newer grammar; what older releases refuse of it is tested with their messages.
            (Ok(()), None) if options.target.version.file_facts().handlers == Handlers::Blocks => {}
            (Ok(()), Some(_)) => differences.push(format!("{release} -O{level} {name}: other bytes")),
            (Ok(()), None) => differences.push(format!("{release} -O{level} {name}: must be refused")),
            (Err(error), Some(_)) => {
                differences.push(format!("{release} -O{level} {name}: {}", error.message))
            }
        }
    }
    differences
}

#[test]
fn golden_programs_compile_to_the_committed_bytes() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    let mut differences = Vec::new();
    let mut compared = 0;
    for entry in std::fs::read_dir(&golden).expect("the fixtures are there") {
        let name = entry.expect("readable").file_name().into_string().expect("ASCII names");
        if let Some((release, level)) = name.split_once("-O") {
            differences.extend(compare(&golden, release, level.parse().expect("a level")));
            compared += 1;
        }
    }
    assert!(compared >= 9, "only {compared} sets of reference bytes");
    differences.sort();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
