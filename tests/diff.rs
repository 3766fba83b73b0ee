//! `pyrsc diff` says what differs, of what kind, and with which exit status.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn golden(rest: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden").join(rest)
}

fn diff<A: AsRef<OsStr>>(arguments: &[A]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pyrsc")).arg("diff").args(arguments).output().expect("the binary starts")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// A changed copy of a golden file, which is removed in the end.
struct Changed(PathBuf);

impl Changed {
    fn new(name: &str, original: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Changed {
        let mut bytes = std::fs::read(original).expect("readable");
        change(&mut bytes);
        let path = std::env::temp_dir().join(format!("pyrsc-diff-{}-{name}.pyc", std::process::id()));
        std::fs::write(&path, bytes).expect("writable");
        Changed(path)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        // A leftover in the temporary folder is no reason to fail.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn equal_files_are_silent() {
    let file = golden("3.14.10-O0/fstrings.pyc");
    let output = diff(&[&file, &file]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output), "");
}

#[test]
fn another_level_differs_in_constants_and_code() {
    let output = diff(&[golden("3.13.18-O0/docstrings.pyc"), golden("3.13.18-O2/docstrings.pyc")]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(text.contains("constants: co_consts[0]: "), "{text}");
    assert!(text.contains("\n@@ -"), "{text}");
    assert!(text.contains("\n-"), "{text}");
}

#[test]
fn a_release_that_adds_an_instruction_shows_as_one_added_line() {
    let output = diff(&[golden("3.13.0-O0/comprehensions.pyc"), golden("3.13.18-O0/comprehensions.pyc")]);
    let text = text(&output);
    let changed = |sign: &str| {
        let lines = text.lines().filter(move |line| line.starts_with(sign));
        lines.map(|line| line[1..].trim_start().to_string()).collect::<Vec<_>>()
    };
    assert!(changed("+").iter().any(|line| line.ends_with("GET_ITER")), "{text}");
    assert!(!changed("-").iter().any(|line| line.trim_end() == "GET_ITER"), "{text}");
}

#[test]
fn the_header_is_a_kind_of_its_own() {
    let file = golden("3.14.10-O0/fstrings.pyc");
    let other = Changed::new("header", &file, |bytes| bytes[12] ^= 1);
    let output = diff(&[file.as_os_str(), other.0.as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("  header: unchecked hash "), "{}", text(&output));
    let ignoring = [file.as_os_str(), other.0.as_os_str(), OsStr::new("--ignore"), OsStr::new("header")];
    assert_eq!(diff(&ignoring).status.code(), Some(0));
}

#[test]
fn a_line_table_that_differs_alone_shows_positions() {
    let file = golden("3.14.10-O0/empty_module.pyc");
    let other = Changed::new("lines", &file, |bytes| {
        // The long entry of RESUME: a byte with the code 14, then delta, end delta and columns.
        let at = bytes.windows(3).position(|w| w == [0xf2, 0x03, 0x01]).expect("the entry of RESUME");
        bytes[at + 3] = 5;
    });
    let output = diff(&[&file, &other.0]);
    let text = text(&output);
    assert!(text.contains(": linetable 1\n"), "{text}");
    assert!(text.contains("\n+0:4-1:0 "), "{text}");
}

#[test]
fn flags_of_sharing_are_the_last_kind() {
    let file = golden("3.14.10-O0/empty_module.pyc");
    // The module's code object is the first object: it is written with FLAG_REF.
    let other = Changed::new("references", &file, |bytes| bytes[16] ^= 0x80);
    let output = diff(&[&file, &other.0]);
    // Without it, later references are off by one: not all such files can be read at all.
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn trees_are_summed_up() {
    let trees = [golden("3.13.0-O0"), golden("3.13.18-O0")];
    let output = diff(&[trees[0].as_os_str(), trees[1].as_os_str(), OsStr::new("--stat")]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(text.contains("comprehensions.pyc: code "), "{text}");
    let last = text.lines().last().expect("a sum");
    assert!(
        last.contains(" files compared, ") && last.contains(" different: ") && last.contains("code "),
        "{last}"
    );
}

#[test]
fn json_names_kinds_and_places() {
    let trees = [golden("3.13.0-O0"), golden("3.13.18-O0")];
    let output = diff(&[trees[0].as_os_str(), trees[1].as_os_str(), OsStr::new("--format=json")]);
    let value: serde_json::Value = serde_json::from_str(&text(&output)).expect("JSON");
    let files = value["files"].as_array().expect("files");
    assert_eq!(value["different"], files.len());
    let code = &files[0]["codes"][0];
    assert!(code["path"].is_string() && code["line"].is_number());
    assert_eq!(code["findings"][0]["kind"], "code");
}

#[test]
fn side_by_side_has_both_columns() {
    let files = [golden("3.13.0-O0/comprehensions.pyc"), golden("3.13.18-O0/comprehensions.pyc")];
    let output = Command::new(env!("CARGO_BIN_EXE_pyrsc"))
        .args(["diff", "-y"])
        .args(&files)
        .env("COLUMNS", "120")
        .output()
        .expect("the binary starts");
    let text = text(&output);
    assert!(text.lines().any(|line| line.contains(" > ") && line.ends_with("GET_ITER")), "{text}");
    assert!(text.lines().filter(|line| line.contains('|')).all(|line| line.chars().count() <= 120));
}

#[test]
fn what_cannot_be_compared_is_trouble() {
    let file = golden("3.14.10-O0/fstrings.pyc");
    assert_eq!(diff(&[&file, &golden("no/such/file.pyc")]).status.code(), Some(2));
    assert_eq!(diff(&[&file, &golden("src")]).status.code(), Some(2));
    assert_eq!(diff(&[&file]).status.code(), Some(2));
    let text = Changed::new("truncated", &file, |bytes| bytes.truncate(40));
    assert_eq!(diff(&[&file, &text.0]).status.code(), Some(2));
}

#[test]
fn sources_are_compared_with_a_reference_tree() {
    let output = diff(&[
        golden("src/empty_module.py").as_os_str(),
        OsStr::new("--reference"),
        golden("3.14.10-O0/empty_module.pyc").as_os_str(),
        OsStr::new("--ignore"),
        OsStr::new("names"),
    ]);
    // Only co_filename differs: the reference recorded another path.
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

/// A file of the listings' programs, as a release compiled it.
fn program(release: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/listings");
    folder.join(release).join(format!("{name}.pyc"))
}

/// Lines that only one side has, by sign.
fn changed(text: &str, sign: char) -> Vec<&str> {
    let has_sign =
        |line: &&str| line.starts_with(sign) && !line.starts_with("---") && !line.starts_with("+++");
    text.lines().filter(has_sign).map(|line| &line[1..]).collect()
}

#[test]
fn releases_are_compared_by_what_their_code_does() {
    // 3.9 has INPLACE_ADD, CALL_METHOD, absolute jumps; 3.11 BINARY_OP, PRECALL and CALL, relative jumps.
    let output = diff(&[program("3.9.18", "classic"), program("3.11.17", "classic")]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    for same in
        ["BINARY_OP", "INPLACE", "CALL_METHOD", "KW_NAMES", "RESUME", "PRECALL", "LOAD_ATTR", "magic number"]
    {
        let differs = |line: &&str| line.contains(same);
        assert!(!changed(&text, '+').iter().any(differs), "{same}: {text}");
    }
    assert!(changed(&text, '-').iter().any(|line| line.starts_with("SETUP_FINALLY")), "{text}");
}

#[test]
fn releases_that_differ_in_names_of_operations_only_are_the_same() {
    for name in ["fstrings", "factorial", "functions_star", "imports", "locals_many"] {
        let file = |release| golden(&format!("{release}-O0/{name}.pyc"));
        let output = diff(&[file("3.13.18"), file("3.14.10")]);
        assert_eq!(text(&output), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn instructions_are_counted_by_function() {
    let files = [program("2.7.18", "classic"), program("3.12.15", "classic")];
    let output = diff(&[files[0].as_os_str(), files[1].as_os_str(), OsStr::new("--stat")]);
    let text = text(&output);
    assert!(text.contains("      2.7    3.12  change  instructions of\n"), "{text}");
    let row = |name: &str| text.lines().find(|line| line.contains(name)).unwrap_or_default().to_string();
    assert!(row("guarded (line 20)").split_whitespace().count() == 6, "{text}");
    assert!(row("Holder").contains(" Holder (line "), "{text}");
    let json =
        diff(&[files[0].as_os_str(), files[1].as_os_str(), OsStr::new("--format"), OsStr::new("json")]);
    assert!(String::from_utf8_lossy(&json.stdout).contains(r#""releases":["2.7","3.12"]"#));
}
