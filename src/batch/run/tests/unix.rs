//! Links, FIFOs, permissions and names of bytes.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::*;

/// macOS has no `mknodat`, but every Unix has the command.
fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn irregular_sources_are_left_out_and_links_are_followed() {
    let tree = Tree::new("irregular", &[("a.py", ""), ("elsewhere/b.py", ""), ("d.py/inner.py", "")]);
    symlink("a.py", tree.path("link.py")).unwrap();
    symlink("loop.py", tree.path("loop.py")).unwrap();
    symlink("nowhere", tree.path("dangling.py")).unwrap();
    symlink("elsewhere", tree.path("folder.py")).unwrap();
    symlink(".", tree.path("circle")).unwrap();
    make_fifo(&tree.path("fifo.py"));
    let expected = ["a.py written", "d.py/inner.py written", "elsewhere/b.py written", "link.py written"];
    assert_eq!(tree.run(&tree.plan()), expected);
}

#[test]
fn links_that_leave_the_limit_are_left_out() {
    let tree = Tree::new("limit", &[("in/a.py", ""), ("out.py", "")]);
    symlink("../out.py", tree.path("in/far.py")).unwrap();
    symlink("a.py", tree.path("in/near.py")).unwrap();
    let plan = Plan { limit_links: Some(tree.path("in")), action: Action::List, ..tree.plan() };
    assert_eq!(tree.run(&plan), ["in/a.py stale", "in/near.py stale", "out.py stale"]);
}

#[test]
fn irregular_targets_are_refused() {
    let tree = Tree::new("targets", &[("a.py", ""), ("b.py", ""), ("c.py", ""), ("victim", "precious")]);
    fs::create_dir(tree.path("__pycache__")).unwrap();
    symlink("../victim", tree.path("__pycache__/a.cpython-313.pyc")).unwrap();
    fs::create_dir(tree.path("__pycache__/b.cpython-313.pyc")).unwrap();
    assert_eq!(tree.run(&tree.plan()), ["a.py symlink", "b.py irregular", "c.py written"]);
    assert_eq!(fs::read(tree.path("victim")).unwrap(), b"precious");
}

#[test]
fn a_fifo_in_a_targets_place_makes_nobody_wait() {
    let tree = Tree::new("fifo", &[("a.py", "")]);
    fs::create_dir(tree.path("__pycache__")).unwrap();
    let fifo = tree.path("__pycache__/a.cpython-313.pyc");
    make_fifo(&fifo);
    assert_eq!(tree.run(&tree.plan()), ["a.py irregular"]);
}

#[test]
fn permissions_are_the_sources_without_execution() {
    let tree = Tree::new("modes", &[("a.py", ""), ("b.py", "")]);
    fs::set_permissions(tree.path("a.py"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(tree.path("b.py"), fs::Permissions::from_mode(0o400)).unwrap();
    tree.run(&tree.plan());
    let mode = |path: &str| fs::metadata(tree.path(path)).unwrap().mode() & 0o777;
    let umask = {
        tree.write("probe", "");
        0o666 & !mode("probe")
    };
    assert_eq!(mode("__pycache__/a.cpython-313.pyc"), 0o644 & !umask);
    assert_eq!(mode("__pycache__/b.cpython-313.pyc"), 0o600 & !umask);
}

#[test]
fn equal_files_of_levels_become_hard_links() {
    let tree = Tree::new("links", &[("same.py", ""), ("differs.py", "assert")]);
    let plan = Plan { levels: vec![0, 1, 2], hardlink_dupes: true, force: true, ..tree.plan() };
    for _ in 0..2 {
        tree.run(&plan);
        let number = |name: &str| fs::metadata(tree.path(&format!("__pycache__/{name}.pyc"))).unwrap().ino();
        assert_eq!(number("same.cpython-313"), number("same.cpython-313.opt-1"));
        assert_eq!(number("same.cpython-313"), number("same.cpython-313.opt-2"));
        assert_ne!(number("differs.cpython-313"), number("differs.cpython-313.opt-1"));
        assert_eq!(tree.files().len(), 8, "no temporary file is left: {:?}", tree.files());
    }
}

// Apple's file systems refuse such names.
#[cfg(not(target_vendor = "apple"))]
#[test]
fn names_that_are_no_text_are_compiled_and_recorded_as_python_does() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new("names", &[("d/x", "")]);
    let name = std::ffi::OsStr::from_bytes(b"n\xff.py");
    fs::write(tree.path("d").join(name), "").unwrap();
    let plan = Plan { recorded: Recorded::Below(b"".to_vec()), ..tree.plan() };
    run_with::<Echo>(&plan, &Silent).unwrap();
    let cached = tree.path("d/__pycache__").join(std::ffi::OsStr::from_bytes(b"n\xff.cpython-313.pyc"));
    assert_eq!(&fs::read(cached).unwrap()[16..], b"d/n\xed\xb3\xbf.py");
}
