//! Help and usage: what people read first, and what scripts trip over.

use crate::support::Tree;

#[test]
fn help_names_every_command_and_its_exit_codes() {
    let tree = Tree::new(&[]);
    let help = tree.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    let commands = ["compile", "dis", "diff", "info", "roundtrip", "tokens", "ast"];
    for word in commands.into_iter().chain(["Exit status", "--version"]) {
        assert!(help.out.contains(word), "{word} in {}", help.out);
    }
    assert!(tree.run(&["--version"]).out.starts_with("pyrsc "));
}

#[test]
fn compile_has_every_flag_of_compileall() {
    let help = Tree::new(&[]).run(&["compile", "--help"]).out;
    let flags = [
        "-l",
        "-r",
        "-f",
        "-q",
        "-b",
        "-d",
        "-s",
        "-p",
        "-x",
        "-i",
        "-j",
        "--workers",
        "-o",
        "-e",
        "--hardlink-dupes",
        "--invalidation-mode",
        "checked-hash",
        "unchecked-hash",
        "timestamp",
        "--target",
        "--python",
        "--out",
        "--check",
        "--dry-run",
        "--format",
        "--color",
        "--progress",
        "-W",
        "SOURCE_DATE_EPOCH",
        "Exit status",
    ];
    for flag in flags {
        assert!(help.contains(flag), "{flag} in {help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn wrong_usage_is_2_and_says_what() {
    let tree = Tree::new(&[("a.py", "")]);
    let cases: [(&[&str], &str); 14] = [
        (&[], "Usage"),
        (&["frobnicate"], "frobnicate"),
        (&["compile"], "--python"),
        (&["compile", "--frobnicate", "."], "--frobnicate"),
        (&["compile", "--target", "2.7", "."], "3.13"),
        (&["compile", "-o", "3", "."], "3"),
        (&["compile", "-d", "x", "-s", "y", "."], "-s"),
        (&["compile", "-d", "x", "-p", "y", "."], "-p"),
        (&["compile", "--hardlink-dupes", "-o", "1", "."], "more than one optimization level"),
        (&["compile", "--hardlink-dupes", "-o", "-1", "-o", "0", "."], "more than one optimization level"),
        (&["compile", "-x", "(", "."], "-x"),
        (&["compile", "-j", "-1", "."], "-1"),
        (&["compile", "--check", "--dry-run", "."], "--dry-run"),
        (&["compile", "--invalidation-mode", "never", "."], "never"),
    ];
    for (arguments, words) in cases {
        let ended = tree.run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    }
    assert_eq!(tree.files(), ["a.py"]);
}

#[test]
fn an_interpreter_that_is_none_is_2() {
    let tree = Tree::new(&[("a.py", "")]);
    let ended = tree.run(&["compile", "--python", "/no/such/python", "."]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("/no/such/python"), "{}", ended.err);
}
