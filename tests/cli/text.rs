//! What is printed: errors, warnings, lists, JSON, colours.

use crate::support::Tree;

const BROKEN: &str = "x = 1\ny = (\n";

#[test]
fn errors_are_shown_as_cpython_shows_them() {
    let tree = Tree::new(&[("broken.py", BROKEN), ("good.py", "")]);
    let ended = tree.run(&["compile", "--target", "3.13", "-q", "."]);
    assert_eq!(ended.code, 1);
    let expected = "*** Error compiling './broken.py'...\n  File \"./broken.py\", line 2\n    y = (\n        ^\n\
                    SyntaxError: '(' was never closed\n\n";
    assert_eq!((ended.out.as_str(), ended.err.as_str()), (expected, ""));
    let silent = tree.run(&["compile", "--target", "3.13", "-qq", "."]);
    assert_eq!((silent.code, silent.out.as_str(), silent.err.as_str()), (1, "", ""));
}

#[test]
fn verbose_output_is_compilealls_default() {
    let tree = Tree::new(&[("d/a.py", ""), ("d/b.py", BROKEN), ("d/c/d.py", "")]);
    let ended = tree.run(&["compile", "--target", "3.13", "-v", "d", "missing"]);
    let expected = "Listing 'd'...\nCompiling 'd/a.py'...\nCompiling 'd/b.py'...\n***   File \"d/b.py\", line 2\n    \
                    y = (\n        ^\nSyntaxError: '(' was never closed\n\nListing 'd/c'...\nCompiling 'd/c/d.py'...\n\
                    Listing 'missing'...\nCan't list 'missing'\n";
    assert_eq!((ended.code, ended.out.as_str()), (1, expected));
    assert!(
        ended.err.starts_with("2 files compiled for Python 3.13 (--target), 1 failed in "),
        "{}",
        ended.err
    );
}

#[test]
fn colours_come_only_when_asked_for() {
    let tree = Tree::new(&[("broken.py", BROKEN)]);
    let run = |color: &str| tree.run(&["compile", "--target", "3.13", "--color", color, "."]);
    assert!(run("always").out.contains("\x1b["));
    assert!(!run("auto").out.contains('\x1b') && !run("never").out.contains('\x1b'));
}

#[test]
fn warnings_go_to_standard_error_with_their_line() {
    let tree = Tree::new(&[("w.py", "  \nif x is 1:\n    assert (x, 2)\n")]);
    let run = |options: &[&str]| {
        let arguments = ["compile", "--target", "3.13", "-q", "-f", "w.py"];
        tree.run(&[&arguments, options].concat())
    };
    let both = "w.py:2: SyntaxWarning: \"is\" with 'int' literal. Did you mean \"==\"?\n  if x is 1:\n\
                w.py:3: SyntaxWarning: assertion is always true, perhaps remove parentheses?\n  assert (x, 2)\n";
    let lines: Vec<&str> = both.split_inclusive('\n').collect();
    assert_eq!(run(&[]).err, both);
    assert_eq!(run(&["-W", "ignore"]).err, "");
    assert_eq!(run(&["-W", "ignore::::2"]).err, lines[2..].concat());
    assert_eq!(run(&["-W", "ignore:ASSERTION is:SyntaxWarning:w"]).err, lines[..2].concat());
    assert_eq!(run(&["-W", "error", "-W", "ignore::SyntaxWarning"]).err, "");
    assert!(
        run(&["-W", "bogus"]).err.starts_with("pyrsc: Invalid -W option ignored: invalid action: 'bogus'\n")
    );

    let error = run(&["-W", "error:assert"]);
    assert_eq!(error.code, 1);
    let shown = "  File \"w.py\", line 3\n    assert (x, 2)\n    ^^^^^^^^^^^^^\n\
                 SyntaxError: assertion is always true, perhaps remove parentheses?\n";
    assert!(error.out.contains(shown), "{}", error.out);
}

#[test]
fn check_and_dry_run_tell_and_write_nothing() {
    let tree = Tree::new(&[("d/a.py", ""), ("d/b.py", "x = 1\n")]);
    let run = |options: &[&str]| tree.run(&[&["compile", "--target", "3.13", "d"], options].concat());
    let check = run(&["--check"]);
    assert_eq!((check.code, check.out.as_str()), (1, "Not up to date: 'd/a.py'\nNot up to date: 'd/b.py'\n"));
    let dry = run(&["--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (0, "Would compile 'd/a.py'\nWould compile 'd/b.py'\n"));
    assert!(tree.compiled().is_empty());
    assert_eq!(run(&[]).code, 0);
    assert_eq!((run(&["--check"]).code, run(&["--check"]).out), (0, String::new()));
    // Another mode of invalidation is another file.
    assert_eq!(run(&["--check", "--invalidation-mode", "checked-hash"]).code, 1);
    tree.write("d/b.py", "x = 12\n");
    assert_eq!(run(&["--check"]).out, "Not up to date: 'd/b.py'\n");
    assert_eq!(run(&["--check", "-q"]).code, 1);
}

#[test]
fn source_date_epoch_asks_for_hashes() {
    let tree = Tree::new(&[("a.py", "")]);
    let flags = || std::fs::read(tree.path("__pycache__/a.cpython-313.pyc")).unwrap()[4];
    let run = |epoch: &str, options: &[&str]| {
        let mut command = tree.command(&[&["compile", "--target", "3.13", "a.py"], options].concat());
        assert!(command.env("SOURCE_DATE_EPOCH", epoch).status().unwrap().success());
        flags()
    };
    assert_eq!(run("0", &[]), 3);
    assert_eq!(run("0", &["--invalidation-mode", "timestamp"]), 0);
    assert_eq!(run("0", &["--invalidation-mode", "unchecked-hash"]), 1);
    assert_eq!(run("", &[]), 0);
}

#[test]
fn json_says_it_all() {
    let tree = Tree::new(&[("a.py", ""), ("b.py", BROKEN), ("w.py", "x is 1\n")]);
    let ended = tree.run(&["compile", "--target", "3.13.2", "--format", "json", "-o", "0", "-o", "2", "."]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&json["schema"], &json["purpose"]), (&1.into(), &"compile".into()));
    assert_eq!((&json["target"]["version"], &json["target"]["verified"]), (&"3.13.2".into(), &false.into()));
    let [a, b, w] = [&json["files"][0], &json["files"][1], &json["files"][2]];
    assert_eq!((&a["path"], &a["status"]), (&"./a.py".into(), &"compiled".into()));
    assert_eq!(a["outputs"][1]["path"], "./__pycache__/a.cpython-313.opt-2.pyc");
    assert_eq!(a["outputs"][1]["optimization"], 2);
    assert_eq!((&b["status"], &b["error"]["type"]), (&"failed".into(), &"SyntaxError".into()));
    assert_eq!((&b["error"]["line"], &b["error"]["offset"]), (&2.into(), &5.into()));
    assert_eq!(w["warnings"][0]["category"], "SyntaxWarning");
    assert_eq!(json["summary"]["failed"], 1);
    assert_eq!(json["summary"]["compiled"], 2);
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let files: Vec<(String, &str)> = (0..300).map(|number| (format!("d/b{number}.py"), BROKEN)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let tree = Tree::new(&files);
    let mut command = tree.command(&["compile", "--target", "3.13", "d"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ended = crate::support::Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 1, "the files failed all the same");
    assert!(!ended.err.contains("panick") && !ended.err.contains("ipe"), "{}", ended.err);
}

#[test]
fn the_list_of_files_can_come_from_standard_input() {
    use std::io::Write;
    let tree = Tree::new(&[("a.py", ""), ("d/b.py", ""), ("c.py", "")]);
    let run = |list: &str| {
        let mut command = tree.command(&["compile", "--target", "3.13", "-i", "-"]);
        command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
        crate::support::Ended::of(child.wait_with_output().unwrap())
    };
    assert_eq!(run("  a.py\n\nd\n").code, 0);
    assert_eq!(tree.compiled(), ["__pycache__/a.cpython-313.pyc", "d/__pycache__/b.cpython-313.pyc"]);
    let nothing = run("");
    assert_eq!(nothing.code, 0);
    assert!(nothing.err.starts_with("0 files compiled"), "{}", nothing.err);
}

#[test]
fn the_last_of_repeated_flags_counts_and_progress_can_be_had_anywhere() {
    let tree = Tree::new(&[("a.py", "")]);
    let arguments =
        ["compile", "--target", "3.14", "--target", "3.13", "-d", "/x", "-d", "/y", "--progress", "always"];
    let ended =
        tree.run(&[&arguments[..], &["-q", "--format", "json", "-o", "1", "-o", "0", "a.py"]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        (&json["target"]["version"], &json["files"][0]["recorded"]),
        (&"3.13".into(), &"/y/a.py".into())
    );
    assert_eq!(json["files"][0]["outputs"].as_array().unwrap().len(), 2);
    assert!(ended.err.contains("1/1 files"), "{}", ended.err);
}
