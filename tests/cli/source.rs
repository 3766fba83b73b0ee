//! `ast` and `tokens`: what they print, where, and how they end.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Ended, Tree};

/// Runs `pyrsc` with `input` on standard input.
fn piped(tree: &Tree, arguments: &[&str], input: &[u8]) -> Ended {
    let mut command = tree.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Ended::of(child.wait_with_output().unwrap())
}

#[test]
fn a_tree_goes_to_standard_output() {
    let tree = Tree::new(&[("a.py", "x = 1\n")]);
    let ended = tree.run(&["ast", "--target", "3.13", "a.py"]);
    let expected = "Module(\n   body=[\n      Assign(\n         targets=[\n            Name(id='x', ctx=Store())],\n         \
                    value=Constant(value=1))])\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, expected, ""));
    let ended = tree.run(&["ast", "--target", "3.13", "-i", "0", "-a", "--show-empty", "a.py"]);
    assert!(ended.out.ends_with("end_lineno=1,\nend_col_offset=5)],\ntype_ignores=[])\n"), "{}", ended.out);
    let ended = tree.run(&["ast", "--target", "3.13", "--no-fields", "-i", "1", "a.py"]);
    assert!(ended.out.ends_with("Name('x', Store())],\n   Constant(1))])\n"), "{}", ended.out);
}

#[test]
fn modes_and_standard_input() {
    let tree = Tree::new(&[]);
    let ended = piped(&tree, &["ast", "--target", "3.14", "-m", "eval"], b"1 + 2");
    let expected = "Expression(\n   body=BinOp(\n      left=Constant(value=1),\n      op=Add(),\n      \
                    right=Constant(value=2)))\n";
    assert_eq!((ended.code, ended.out.as_str()), (0, expected));
    let ended = piped(&tree, &["ast", "--target", "3.14", "-m", "func_type", "-"], b"(int) -> str");
    assert!(ended.out.starts_with("FunctionType(\n   argtypes=["), "{}", ended.out);
    let ended = piped(&tree, &["ast", "--target", "3.13", "-O", "1"], b"x = 6 * 7\n");
    assert!(ended.out.contains("value=Constant(value=42))"), "{}", ended.out);
}

#[test]
fn a_tree_that_cannot_be_had_is_an_error_on_standard_error() {
    let tree = Tree::new(&[("a.py", "x = = 1\n")]);
    tree.write("b.py", b"x = '\xE4'\n");
    let ended = tree.run(&["ast", "--target", "3.13", "a.py"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    let expected = "  File \"a.py\", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n";
    assert_eq!(ended.err, expected);
    for (target, message) in [
        (
            "3.13",
            "(unicode error) 'utf-8' codec can't decode byte 0xe4 in position 0: unexpected end of data",
        ),
        ("3.14", "Non-UTF-8 code starting with '\\xe4' on line 1, but no encoding declared; "),
    ] {
        let ended = tree.run(&["ast", "--target", target, "b.py"]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""));
        assert!(ended.err.contains(message), "{}", ended.err);
    }
    assert_eq!(tree.run(&["ast", "--target", "3.13", "none.py"]).code, 2);
    assert_eq!(tree.run(&["ast", "--target", "2.7", "a.py"]).code, 2);
}

#[test]
fn trees_come_with_the_compilers_warnings() {
    let tree = Tree::new(&[("a.py", "x = '\\d'\n")]);
    let ended = tree.run(&["ast", "--target", "3.13", "a.py"]);
    let expected = "a.py:1: SyntaxWarning: invalid escape sequence '\\d'\n  x = '\\d'\n";
    assert_eq!((ended.code, ended.err.as_str()), (0, expected));
}

#[test]
fn future_features_are_checked_by_3_14_only() {
    let tree = Tree::new(&[("a.py", "from __future__ import nothing\n")]);
    assert_eq!(tree.run(&["ast", "--target", "3.13", "a.py"]).code, 0);
    let ended = tree.run(&["ast", "--target", "3.14", "a.py"]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.ends_with("SyntaxError: future feature nothing is not defined\n"), "{}", ended.err);
}

#[test]
fn tokens_of_a_file() {
    let tree = Tree::new(&[("a.py", "x = (1)  # one\n")]);
    let expected = "\
0,0-0,0:            ENCODING       'utf-8'        \n\
1,0-1,1:            NAME           'x'            \n\
1,2-1,3:            EQUAL          '='            \n\
1,4-1,5:            LPAR           '('            \n\
1,5-1,6:            NUMBER         '1'            \n\
1,6-1,7:            RPAR           ')'            \n\
1,9-1,14:           COMMENT        '# one'        \n\
1,14-1,15:          NEWLINE        '\\n'           \n\
2,0-2,0:            ENDMARKER      ''             \n";
    let ended = tree.run(&["tokens", "--target", "3.14", "-e", "a.py"]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, expected, ""));
    let ended = tree.run(&["tokens", "--target", "3.14", "a.py"]);
    assert!(ended.out.contains("1,2-1,3:            OP             '='            \n"));
}

#[test]
fn broken_tokens() {
    let tree = Tree::new(&[("a.py", "if x:\n    y\n  z\n"), ("b.py", "# coding: nothing\n")]);
    let ended = tree.run(&["tokens", "--target", "3.13", "a.py"]);
    let expected = "a.py:3:4: error: unindent does not match any outer indentation level\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (1, "", expected));
    let ended = tree.run(&["tokens", "--target", "3.13", "b.py"]);
    assert_eq!(ended.err, "b.py: error: unknown encoding for 'b.py': nothing\n");
    // What stands before the error on standard input has been printed by then.
    let ended = piped(&tree, &["tokens", "--target", "3.13", "-"], b"x\n(\n");
    assert_eq!(ended.code, 1);
    assert!(ended.out.starts_with("1,0-1,1:            NAME           'x'            \n"), "{}", ended.out);
    assert!(ended.err.starts_with("<stdin>:2:"), "{}", ended.err);
    assert_eq!(tree.run(&["tokens", "--target", "3.13", "none.py"]).code, 2);
}
