//! Which release is compiled for, and that the summary says why.

use crate::support::Tree;

#[test]
fn a_given_target_is_taken_and_named() {
    let tree = Tree::new(&[("a.py", "x = 1\n")]);
    let ended = tree.run(&["compile", "--target", "3.13", "."]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert!(ended.err.starts_with("1 file compiled for Python 3.13 (--target)"), "{}", ended.err);
    assert_eq!(tree.compiled(), ["__pycache__/a.cpython-313.pyc"]);
}

#[test]
fn the_environment_above_the_tree_comes_next() {
    let tree = Tree::new(&[("env/pyvenv.cfg", "home = /x\nversion = 3.13.2\n"), ("env/lib/a.py", "")]);
    let ended = tree.run(&["compile", "env/lib"]);
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("Python 3.13.2 (") && ended.err.contains("env/pyvenv.cfg"), "{}", ended.err);

    let tree = Tree::new(&[("env/pyvenv.cfg", "version = 3.7.2\n"), ("env/a.py", "")]);
    let ended = tree.run(&["compile", "env"]);
    assert_eq!((ended.code, tree.compiled().len()), (2, 0));
    assert!(ended.err.contains("3.7.2") && ended.err.contains("--target"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn the_name_of_python3_on_path_comes_next() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tree = Tree::new(&[("a.py", ""), ("bin/python3.13", "#!/bin/sh\nexit 1\n")]);
    std::fs::set_permissions(tree.path("bin/python3.13"), std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink("python3.13", tree.path("bin/python3")).unwrap();
    let mut command = tree.command(&["compile", "a.py"]);
    let ended = crate::support::Ended::of(command.env("PATH", tree.path("bin")).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.err.contains("Python 3.13 (") && ended.err.contains("bin/python3"), "{}", ended.err);
}

#[test]
fn the_newest_comes_last() {
    let tree = Tree::new(&[("a.py", "")]);
    let ended = tree.run(&["compile", "a.py"]);
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("Python 3.15 (the newest supported)"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn an_interpreter_gives_its_release_and_its_path() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new(&[("one/a.py", ""), ("one/pkg/b.py", ""), ("two/c.py", ""), ("zip.zip", "")]);
    let root = tree.root.display();
    tree.write(
        "python",
        format!(
            "#!/bin/sh\nprintf 'cpython\\0\\0003.13.1\\0\\0{root}/one\\0{root}/zip.zip\\0{root}/two\\0'\n"
        ),
    );
    std::fs::set_permissions(tree.path("python"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ended = tree.run(&["compile", "--python", "./python"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let summary = "2 files compiled for Python 3.13.1 (./python, an unverified release)";
    assert!(ended.err.contains(summary), "{}", ended.err);
    assert_eq!(ended.out, "");
    // As with -l: packages are not entered.
    assert_eq!(tree.compiled(), ["one/__pycache__/a.cpython-313.pyc", "two/__pycache__/c.cpython-313.pyc"]);
}
