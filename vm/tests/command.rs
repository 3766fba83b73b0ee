//! The command line and importing, as CPython 3.14.10 does it: what is expected here is what it prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn pyrvm(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyrvm"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for name in
        ["PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYRVM_STDLIB", "PYTHONHASHSEED"]
    {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn said(arguments: &[&str], folder: &Path) -> String {
    let (code, out, err) = text(&pyrvm(arguments, folder).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}: {out}");
    out
}

fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = std::env::temp_dir().join(format!("pyrvm-command-{name}-{}", std::process::id()));
    fs::create_dir_all(&root).unwrap();
    let root = root.canonicalize().unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

#[test]
fn the_library_needs_nothing_beside_the_binary() {
    let root = tree("library", &[]);
    let program = "import json, re, argparse, dataclasses, os, sys\n\
                   print(json.loads('[1, {\"a\": null}]'), re.sub('b+', '-', 'abbc'), os.path.join('a', 'b'))\n\
                   print(json.__file__ == sys._stdlib_dir + '/json/__init__.py', os.__spec__.origin)\n\
                   print(json.__loader__.get_source('json')[:10])";
    let expected = "[1, {'a': None}] a-c a/b\nTrue frozen\nr\"\"\"JSON (\n";
    assert_eq!(said(&["-c", program], &root), expected);
    let (code, _, err) = text(&pyrvm(&["-c", "import json; json.loads('{')"], &root).output().unwrap());
    assert_eq!(code, 1);
    assert!(
        err.contains("/json/decoder.py\", line ") && err.contains("    obj, end = self.raw_decode("),
        "{err}"
    );
    let (_, _, err) = text(&pyrvm(&["-c", "import _tkinter"], &root).output().unwrap());
    let expected = "ModuleNotFoundError: No module named '_tkinter': pyrvm lacks this module of CPython's\n";
    assert!(err.ends_with(expected), "{err}");
    assert!(said(&["--license"], &root).contains("PYTHON SOFTWARE FOUNDATION LICENSE"));
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn modules_are_cached_with_the_bytes_of_cpython() {
    let root = tree(
        "cache",
        &[("pack/__init__.py", "from . import inner\n"), ("pack/inner.py", "x = 'ü', 1.5, (1, 2)\n")],
    );
    assert_eq!(said(&["-c", "import pack; print(pack.inner.x)"], &root), "('ü', 1.5, (1, 2))\n");
    for name in ["__init__", "inner"] {
        let source = root.join(format!("pack/{name}.py"));
        let written = fs::read(root.join(format!("pack/__pycache__/{name}.cpython-314.pyc"))).unwrap();
        let mut session = pyrsc::compile::Session::new();
        let options = pyrsc::compile::Options::new(pyrvm::language());
        let mut expected = Vec::new();
        let path = source.to_string_lossy().into_owned();
        session
            .compile_into(
                &fs::read(&source).unwrap(),
                path.as_str().into(),
                &options,
                &mut expected,
                &mut Vec::new(),
            )
            .unwrap();
        assert_eq!(written[16..], expected, "{name}");
        let size = u32::from_le_bytes(written[12..16].try_into().unwrap());
        assert_eq!(u64::from(size), fs::metadata(&source).unwrap().len());
    }
    // What is cached is what runs: the source is newer only when its time says so.
    fs::remove_dir_all(root.join("pack/__pycache__")).unwrap();
    for (arguments, variable) in [
        (&["-B", "-c", "import pack"][..], None),
        (&["-c", "import pack"], Some(("PYTHONDONTWRITEBYTECODE", "1"))),
    ] {
        let mut command = pyrvm(arguments, &root);
        command.envs(variable);
        assert!(command.status().unwrap().success());
        assert!(!root.join("pack/__pycache__").exists());
    }
    let prefix = root.join("elsewhere");
    let option = format!("pycache_prefix={}", prefix.display());
    said(&["-X", &option, "-c", "import pack"], &root);
    let place = prefix.join(root.strip_prefix("/").unwrap()).join("pack/inner.cpython-314.pyc");
    assert!(place.is_file(), "{}", place.display());
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn programs_come_as_files_folders_modules_and_from_standard_input() {
    let shows = "import sys\nprint(__name__, sys.argv, sys.path[0], globals().get('__file__'), sep='|')\n";
    let root = tree(
        "programs",
        &[
            ("file.py", shows),
            ("dir/__main__.py", shows),
            ("pack/__init__.py", ""),
            ("pack/__main__.py", shows),
        ],
    );
    let at = root.display();
    assert_eq!(said(&["file.py", "-x"], &root), format!("__main__|['file.py', '-x']|{at}|{at}/file.py\n"));
    assert_eq!(said(&["dir"], &root), format!("__main__|['dir']|{at}/dir|{at}/dir/__main__.py\n"));
    let expected = format!("__main__|['{at}/pack/__main__.py', 'a']|{at}|{at}/pack/__main__.py\n");
    assert_eq!(said(&["-m", "pack", "a"], &root), expected);
    assert_eq!(said(&["-c", shows, "-c"], &root), "__main__|['-c', '-c']||None\n");
    let mut child = pyrvm(&["-", "b"], &root).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), shows.as_bytes()).unwrap();
    let (_, out, _) = text(&child.wait_with_output().unwrap());
    assert_eq!(out, "__main__|['-', 'b']||<stdin>\n");
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn options_show_in_sys() {
    let root = tree("flags", &[]);
    let flags = "import sys; f = sys.flags; print(f.optimize, f.isolated, f.no_site, f.safe_path, f.dev_mode, f.bytes_warning, \
                 f.no_user_site, f.ignore_environment, sys.warnoptions, sys._xoptions, sys.dont_write_bytecode)";
    assert_eq!(said(&["-c", flags], &root), "0 0 0 False False 0 0 0 [] {} False\n");
    let expected =
        "2 1 1 True True 2 1 1 ['default', 'once', 'error::BytesWarning'] {'dev': True, 'a': 'b'} True\n";
    assert_eq!(said(&["-OObbBIS", "-Wonce", "-Xdev", "-X", "a=b", "-c", flags], &root), expected);
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn exit_codes_are_those_of_cpython() {
    let root = tree("exit", &[("bad.py", "x = (\n")]);
    for (program, code, err) in [
        ("raise SystemExit", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit('no')", 1, "no\n"),
        ("raise SystemExit(True)", 1, ""),
        ("exit(4)", 4, ""),
        ("import atexit; atexit.register(print, 'bye'); 1 / 0", 1, "ZeroDivisionError: division by zero\n"),
    ] {
        let (got, _, said) = text(&pyrvm(&["-c", program], &root).output().unwrap());
        assert!(got == code && said.ends_with(err), "{program}: {got} {said}");
    }
    let (code, out, _) =
        text(&pyrvm(&["-c", "import atexit; atexit.register(print, 'bye')"], &root).output().unwrap());
    assert_eq!((code, out.as_str()), (0, "bye\n"));
    let (code, _, err) = text(&pyrvm(&["bad.py"], &root).output().unwrap());
    assert!(code == 1 && err.ends_with("SyntaxError: '(' was never closed\n"), "{err}");
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn warnings_of_the_compiler_are_shown_and_obeyed() {
    let root = tree("warnings", &[("w.py", "x = '\\d'\n")]);
    let (code, _, err) = text(&pyrvm(&["w.py"], &root).output().unwrap());
    let expected = "w.py:1: SyntaxWarning: \"\\d\" is an invalid escape sequence. Such sequences will not work in the future. \
                    Did you mean \"\\\\d\"? A raw string is also an option.\n  x = '\\d'\n";
    assert!(code == 0 && err.ends_with(expected), "{err}");
    let (code, _, err) = text(&pyrvm(&["-Wignore", "w.py"], &root).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn packages_without_a_file_and_relative_imports() {
    let root = tree(
        "names",
        &[
            ("one/space/a.py", "x = 1\n"),
            ("two/space/b.py", "from .a import x\nfrom . import a\ny = x + a.x\n"),
        ],
    );
    let mut command =
        pyrvm(&["-c", "import space.b; print(space.b.y, len(space.__path__), space.__file__)"], &root);
    command.env("PYTHONPATH", std::env::join_paths([root.join("one"), root.join("two")]).unwrap());
    assert_eq!(text(&command.output().unwrap()), (0, "2 2 None\n".into(), String::new()));
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn times_of_imports_are_listed() {
    let root = tree("times", &[("a.py", "import b\n"), ("b.py", "")]);
    let (code, _, err) = text(&pyrvm(&["-X", "importtime", "-c", "import a"], &root).output().unwrap());
    let rows: Vec<&str> = err.lines().map(|it| it.rsplit('|').next().unwrap_or_default()).collect();
    assert_eq!((code, rows.as_slice()), (0, &[" imported package", "   b", " a"][..]), "{err}");
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn statistics_are_shown_at_the_end() {
    let root = tree("stats", &[]);
    let source = "import gc\nfor i in range(5000): pass\ngc.collect()\nprint('done')";
    let (code, out, err) = text(&pyrvm(&["--stats", "-c", source], &root).output().unwrap());
    assert_eq!((code, out.as_str()), (0, "done\n"));
    let rows: Vec<(&str, &str)> = err.lines().filter_map(|it| it.split_once(": ")).collect();
    let of = |start: &str| rows.iter().find(|it| it.0.starts_with(start)).map_or("", |it| it.1);
    let steps: u64 = of("steps").parse().unwrap();
    assert!((5000..50_000).contains(&steps), "{err}");
    assert!(
        of("collections").rsplit(", ").next().is_some_and(|full| !full.is_empty() && full != "0"),
        "{err}"
    );
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_command_may_be_indented() {
    let root = tree("indented", &[]);
    let source = "\n    if True:\n        print(1)\n\n    print(2)\n  ";
    assert_eq!(text(&pyrvm(&["-c", source], &root).output().unwrap()), (0, "1\n2\n".into(), String::new()));
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn an_environment_has_packages_of_its_own() {
    let root = tree(
        "venv",
        &[("env/pyvenv.cfg", "home = /nowhere\n"), ("env/lib/python3.14/site-packages/own.py", "x = 1\n")],
    );
    let program = root.join("env/bin/python");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pyrvm"), &program).unwrap();
    let show = "import own, sys; print(own.x, sys.prefix, sys.prefix == sys.base_prefix, sys.executable)";
    let output = Command::new(&program).args(["-B", "-c", show]).stdin(Stdio::null()).output().unwrap();
    let expected = format!("1 {0}/env False {0}/env/bin/python\n", root.display());
    assert_eq!(text(&output), (0, expected, String::new()));
    fs::write(root.join("env/lib/python3.14/site-packages/more.pth"), "import sys; sys.more = 2\n").unwrap();
    let output = Command::new(&program).args(["-c", "import sys; print(sys.more)"]).output().unwrap();
    assert_eq!(text(&output).1, "2\n");
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_bundle_for_another_release_runs_too() {
    use pyrsc::bundle::{Main, Plan, Roots, collect};
    let root = tree(
        "bundle",
        &[
            ("main.py", "import inner, sys\nprint(inner.x, __name__, sys.argv)\nsys.exit(5)\n"),
            ("inner.py", "x = 1\n"),
        ],
    );
    for &version in pyrsc::target::Version::COMPILED {
        let plan = Plan {
            target: pyrsc::target::Target::newest(version),
            optimize: 0,
            main: Main::File(root.join("main.py")),
            roots: Roots(vec![root.clone()]),
            include: Vec::new(),
            exclude: Vec::new(),
            data: std::collections::BTreeMap::new(),
            package_data: true,
            sources: false,
        };
        fs::write(root.join("app.pyz"), collect(&plan).unwrap().write(b"#!/usr/bin/env pyrvm\n").unwrap())
            .unwrap();
        let output = pyrvm(&["app.pyz", "x"], &root).output().unwrap();
        let expected = (5, "1 __main__ ['app.pyz', 'x']\n".to_owned(), String::new());
        assert_eq!(text(&output), expected, "{version:?}");
    }
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn instructions_are_shown_with_the_registers_before_and_after() {
    let program = "def add(a, b):\n    total = a + b\n    return total\n\nprint(add(2, 3))\n";
    let root = tree("trace", &[("add.py", program)]);
    let (code, out, err) = text(&pyrvm(&["--trace-ops", "add.py"], &root).output().unwrap());
    let expected = "  <module> (line 1 of add.py)
     1  t0 = <code add>                       -  => t0=<code add>
     1  t0 = function of t0                   t0=<code add>  => t0=<function add>
     1  name add = t0                         t0=<function add>  => -t0
     5  t0 = name print                       -  => t0=<builtin print>
     5  t2 = name add                         t0=<builtin print>  => t2=<function add>
     5  t4 = 2                                t0=<builtin print> t2=<function add>  => t4=2
     5  t5 = 3                                t0=<builtin print> t2=<function add> t4=2  => t5=3
     5  t2 = call t2(t3; t4, t5)              t0=<builtin print> t2=<function add> t4=2 t5=3
    add (line 1 of add.py)
       2  total = a + b                         a=2 b=3  => total=5
       3  return total                          a=2 b=3 total=5
    back in <module>  => t2=5 -t4 -t5
     5  t0 = call t0(t1; t2)                  t0=<builtin print> t2=5  => t0=None -t2
     5  drop t0                               t0=None  => -t0
     5  t0 = None                             -  => t0=None
     5  return t0                             t0=None
";
    let err = err.replace(&format!("{}/", root.display()), "");
    assert_eq!((code, out.as_str(), err.as_str()), (0, "5\n", expected));
    let (_, _, err) = text(&pyrvm(&["--stats", "-c", "for i in range(1000): pass"], &root).output().unwrap());
    assert!(err.starts_with("instructions: 3008 (most often ForIter 1001, "), "{err}");
    assert!(err.contains("\nobjects made: ") && err.contains("\ninstructions with caches: "), "{err}");
    fs::remove_dir_all(root).unwrap();
}
