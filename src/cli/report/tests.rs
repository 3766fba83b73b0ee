use super::*;

/// Source line, line, [offset, last line, end offset], and what CPython 3.13.18 and 3.14.10 both show:
/// `traceback.format_exception_only(SyntaxError("m", ("f.py", line, offset, text, end_line, end_offset)))`.
type Case = (Option<&'static str>, Option<i32>, [Option<i32>; 3], &'static str);

#[test]
fn carets_stand_where_cpython_puts_them() {
    let cases: [Case; 16] = [
        (
            Some("x = (\n"),
            Some(1),
            [Some(5), Some(1), Some(5)],
            "  File \"f.py\", line 1\n    x = (\n        ^\nSyntaxError: m\n",
        ),
        (
            Some("    return 1\n"),
            Some(3),
            [Some(5), Some(3), Some(13)],
            "  File \"f.py\", line 3\n    return 1\n    ^^^^^^^^\nSyntaxError: m\n",
        ),
        (
            Some("\tx = = 2\n"),
            Some(1),
            [Some(6), Some(1), Some(7)],
            "  File \"f.py\", line 1\n    \tx = = 2\n    \t    ^\nSyntaxError: m\n",
        ),
        (
            Some("  \x0cfoo bar\n"),
            Some(1),
            [Some(8), Some(1), Some(11)],
            "  File \"f.py\", line 1\n    foo bar\n        ^^^\nSyntaxError: m\n",
        ),
        (
            Some("a = 'é' ñ b\n"),
            Some(1),
            [Some(5), Some(1), Some(12)],
            "  File \"f.py\", line 1\n    a = 'é' ñ b\n        ^^^^^^^\nSyntaxError: m\n",
        ),
        (
            Some("if x:\n"),
            Some(2),
            [Some(1), Some(4), Some(3)],
            "  File \"f.py\", line 2\n    if x:\n    ^^^^^\nSyntaxError: m\n",
        ),
        (
            Some("x\n"),
            Some(1),
            [Some(9), Some(1), Some(12)],
            "  File \"f.py\", line 1\n    x\n     ^\nSyntaxError: m\n",
        ),
        (
            Some("x\n"),
            Some(1),
            [Some(0), Some(1), Some(0)],
            "  File \"f.py\", line 1\n    x\nSyntaxError: m\n",
        ),
        (
            Some("x = 1"),
            Some(1),
            [Some(-1), None, None],
            "  File \"f.py\", line 1\n    x = 1\nSyntaxError: m\n",
        ),
        (
            Some("abc def\n"),
            Some(1),
            [Some(5), Some(1), Some(2)],
            "  File \"f.py\", line 1\n    abc def\n        ^\nSyntaxError: m\n",
        ),
        (
            Some("abc def\n"),
            Some(1),
            [Some(5), Some(1), Some(-1)],
            "  File \"f.py\", line 1\n    abc def\n        ^\nSyntaxError: m\n",
        ),
        (
            Some("abc def\n"),
            Some(1),
            [None, None, None],
            "  File \"f.py\", line 1\n    abc def\nSyntaxError: m\n",
        ),
        (
            Some("abc def\n"),
            Some(1),
            [Some(5), None, None],
            "  File \"f.py\", line 1\n    abc def\n        ^^^\nSyntaxError: m\n",
        ),
        (
            Some(""),
            Some(1),
            [Some(1), Some(1), Some(1)],
            "  File \"f.py\", line 1\n    \n    ^\nSyntaxError: m\n",
        ),
        (None, Some(1), [Some(1), Some(1), Some(1)], "  File \"f.py\", line 1\nSyntaxError: m\n"),
        (
            Some("  abc\n"),
            Some(1),
            [Some(1), Some(1), Some(2)],
            "  File \"f.py\", line 1\n    abc\nSyntaxError: m\n",
        ),
    ];
    for (text, lineno, [offset, end_lineno, end_offset], expected) in cases {
        let error = SourceError {
            kind: ExceptionKind::SyntaxError,
            message: "m".into(),
            lineno,
            offset,
            end_lineno,
            end_offset,
            text: text.map(|text| text.as_bytes().to_vec()),
        };
        let mut out = Vec::new();
        source_error(&mut out, b"f.py", &error, &Palette::PLAIN).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn exceptions_without_a_place_are_one_line() {
    let error = SourceError::without_location(ExceptionKind::OverflowError, "too big".into());
    let mut out = Vec::new();
    source_error(&mut out, b"f.py", &error, &Palette::PLAIN).unwrap();
    assert_eq!(out, b"OverflowError: too big\n");
}

#[test]
fn paths_are_quoted_as_repr_does() {
    // repr(os.fsdecode(path))
    assert_eq!(python_repr(b"a b"), "'a b'");
    assert_eq!(python_repr(b"it's"), "\"it's\"");
    assert_eq!(python_repr(b"'\""), "'\\'\"'");
    assert_eq!(python_repr("né\\\n\t\x01\x7f".as_bytes()), "'né\\\\\\n\\t\\x01\\x7f'");
    assert_eq!(python_repr(b"x\xff"), "'x\\udcff'");
}

#[test]
fn failed_calls_have_the_words_of_oserror() {
    let words = |number| os_error(&io::Error::from_raw_os_error(number));
    assert_eq!(words(2), "FileNotFoundError: [Errno 2] No such file or directory");
    assert_eq!(words(13), "PermissionError: [Errno 13] Permission denied");
    assert_eq!(words(17), "FileExistsError: [Errno 17] File exists");
    assert_eq!(words(28), "OSError: [Errno 28] No space left on device");
}
