//! A tree with everything that can be wrong in one: every good file is compiled, each bad one named.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::{Ended, Tree};

/// Files that root may read all the same do not test anything.
fn is_root(tree: &Tree) -> bool {
    tree.write("probe", "");
    fs::set_permissions(tree.path("probe"), fs::Permissions::from_mode(0o000)).unwrap();
    let readable = fs::read(tree.path("probe")).is_ok();
    fs::remove_file(tree.path("probe")).unwrap();
    readable
}

#[test]
fn every_good_file_is_compiled_and_each_bad_one_named() {
    let tree = Tree::new(&[
        ("t/good.py", "x = 1\n"),
        ("t/pkg/good.py", "def f(): return 1\n"),
        ("t/empty.py", ""),
        ("t/broken.py", "def f(:\n"),
        ("t/indent.py", " x = 1\n"),
        ("t/null.py", "x = 1\0\n"),
        ("t/codec.py", "# coding: no-such-codec\n"),
        ("t/outside.py", "return 1\n"),
        ("t/taken.py", ""),
        ("t/__pycache__/linked.cpython-313.pyc.target", "precious"),
        ("t/linked.py", ""),
        ("t/file_for_cache/a.py", ""),
        ("t/file_for_cache/__pycache__", "a file"),
        ("t/folder.py/inner.py", ""),
        ("t/notes.txt", "not Python\n"),
    ]);
    tree.write("t/latin.py", b"x = '\xff'\n");
    fs::create_dir(tree.path("t/__pycache__/taken.cpython-313.pyc")).unwrap();
    symlink("linked.cpython-313.pyc.target", tree.path("t/__pycache__/linked.cpython-313.pyc")).unwrap();
    symlink("loop.py", tree.path("t/loop.py")).unwrap();
    symlink("..", tree.path("t/pkg/up")).unwrap();
    symlink("nowhere.py", tree.path("t/dangling.py")).unwrap();
    symlink("good.py", tree.path("t/alias.py")).unwrap();
    assert!(Command::new("mkfifo").arg(tree.path("t/fifo.py")).status().unwrap().success());
    let _socket = UnixListener::bind(tree.path("t/socket.py")).unwrap();
    fs::write(tree.path("t").join(OsStr::from_bytes(b"bytes\xff.py")), "x = 1\n").unwrap();
    fs::write(tree.path("t").join(OsStr::from_bytes(b"bad\xff.py")), "x = (\n").unwrap();
    let mut bad =
        vec!["broken", "indent", "null", "codec", "outside", "latin", "taken", "linked", "file_for_cache/a"];
    if !is_root(&tree) {
        tree.write("t/secret.py", "");
        fs::set_permissions(tree.path("t/secret.py"), fs::Permissions::from_mode(0o000)).unwrap();
        bad.push("secret");
    }

    for jobs in ["1", "0"] {
        let ended = tree.run(&["compile", "--target", "3.13", "-f", "-j", jobs, "t"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        for name in &bad {
            let line = format!("*** Error compiling 't/{name}.py'...\n");
            assert!(ended.out.contains(&line), "{name} in {}", ended.out);
        }
        assert!(ended.out.contains("*** Error compiling 't/bad\\udcff.py'...\n"), "{}", ended.out);
        assert_eq!(ended.out.matches("*** Error").count(), bad.len() + 1, "{}", ended.out);
        assert!(ended.out.contains("is a symlink and will be changed into a regular file"), "{}", ended.out);
        assert!(ended.out.contains("is a non-regular file and will be changed"), "{}", ended.out);
        let summary = format!("6 files compiled for Python 3.13 (--target), {} failed", bad.len() + 1);
        assert!(ended.err.starts_with(&summary), "{}", ended.err);
        let mut files = tree.compiled();
        files.retain(|file| file != "t/__pycache__/linked.cpython-313.pyc");
        assert_eq!(
            files,
            [
                "t/__pycache__/alias.cpython-313.pyc",
                "t/__pycache__/bytes\u{fffd}.cpython-313.pyc",
                "t/__pycache__/empty.cpython-313.pyc",
                "t/__pycache__/good.cpython-313.pyc",
                "t/folder.py/__pycache__/inner.cpython-313.pyc",
                "t/pkg/__pycache__/good.cpython-313.pyc"
            ]
        );
    }
    assert_eq!(fs::read(tree.path("t/__pycache__/linked.cpython-313.pyc.target")).unwrap(), b"precious");
}

#[test]
fn a_folder_that_cannot_be_listed_is_named_and_the_rest_goes_on() {
    let tree = Tree::new(&[("t/a.py", ""), ("t/locked/b.py", "")]);
    if is_root(&tree) {
        return;
    }
    fs::set_permissions(tree.path("t/locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let ended = tree.run(&["compile", "--target", "3.13", "t"]);
    fs::set_permissions(tree.path("t/locked"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("Can't list 't/locked': PermissionError"), "{}", ended.out);
    assert_eq!(tree.compiled(), ["t/__pycache__/a.cpython-313.pyc"]);
}

#[test]
fn a_tree_may_be_deeper_than_a_process_may_have_open_files() {
    let folder = "d/".repeat(60);
    let tree = Tree::new(&[("d/first.py", ""), (&format!("{folder}last.py"), "")]);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -n 24; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_pyrsc")]);
    shell.args(["compile", "--target", "3.13", "-j", "2", "d"]).current_dir(&tree.root);
    let ended = Ended::of(shell.output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(tree.compiled().len(), 2);
}

/// A file system of 64 KiB, if this machine lets us have one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(tree: &Tree) -> Option<SmallDisk> {
        let path = tree.path("disk");
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "pyrsc-test"]).arg(&path);
        mount.output().is_ok_and(|output| output.status.success()).then_some(SmallDisk(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_fails_files_one_by_one_and_leaves_nothing_half_written() {
    let tree = Tree::new(&[]);
    let Some(disk) = SmallDisk::mount(&tree) else { return };
    let big = format!("x = {:?}\n", "long ".repeat(6000));
    let small = "y = 1\n";
    for number in 0..6 {
        tree.write(&format!("src/big{number}.py"), &big);
    }
    tree.write("src/small.py", small);
    let ended = tree.run(&["compile", "--target", "3.13", "-j", "1", "--out", "disk", "src"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.out.contains("OSError: [Errno 28] No space left on device: 'disk/__pycache__/big"),
        "{}",
        ended.out
    );
    let compiled = tree.compiled();
    assert!(!compiled.is_empty() && compiled.len() < 7, "{compiled:?}");
    for file in fs::read_dir(disk.0.join("__pycache__")).unwrap() {
        let file = file.unwrap();
        assert!(file.file_name().to_string_lossy().ends_with(".pyc"), "{file:?}");
        assert!(crate::kill::is_whole(&fs::read(file.path()).unwrap()), "{file:?}");
    }
}
