//! `info` and `roundtrip`: what `.pyc` files say, and whether they come back as they were.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::{Ended, Tree};

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

fn compiled() -> Tree {
    let tree = Tree::new(&[("a.py", "x = 1\ndef f(): pass\n")]);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_400);
    fs::File::options().write(true).open(tree.path("a.py")).unwrap().set_modified(time).unwrap();
    tree
}

fn info(tree: &Tree, file: &str) -> Ended {
    tree.run(&["info", file])
}

#[test]
fn a_timestamp_file_is_accepted_until_its_source_changes() {
    let tree = compiled();
    tree.run(&["compile", "--target", "3.13", "a.py"]);
    let file = "__pycache__/a.cpython-313.pyc";
    let expected = "__pycache__/a.cpython-313.pyc\n  magic:       3571 (Python 3.13)\n  flags:       0 (timestamp)\n  \
                    mtime:       951782400 (2000-02-29 00:00:00 UTC)\n  source size: 20\n";
    let ended = info(&tree, file);
    assert_eq!(ended.code, 0);
    assert!(ended.out.starts_with(expected), "{}", ended.out);
    assert!(
        ended.out.ends_with("  filename:    a.py\n  source:      a.py\n  accepted:    yes\n"),
        "{}",
        ended.out
    );
    tree.write("a.py", "x = 2\n");
    let ended = info(&tree, file);
    assert_eq!(ended.code, 0);
    assert!(ended.out.contains("  accepted:    no: its source was changed at "), "{}", ended.out);
    fs::remove_file(tree.path("a.py")).unwrap();
    assert!(info(&tree, file).out.contains("  accepted:    no: its source a.py: "));
}

#[test]
fn hashes_are_checked_where_python_checks_them() {
    let tree = compiled();
    for mode in ["checked-hash", "unchecked-hash"] {
        tree.run(&["compile", "-f", "--target", "3.14", "--invalidation-mode", mode, "a.py"]);
        fs::rename(tree.path("__pycache__"), tree.path(mode)).unwrap();
    }
    tree.write("a.py", "x = 2\n");
    for (mode, answer) in [("checked-hash", "no: its source has the hash "), ("unchecked-hash", "yes\n")] {
        let _ = fs::remove_dir_all(tree.path("__pycache__"));
        fs::rename(tree.path(mode), tree.path("__pycache__")).unwrap();
        let ended = info(&tree, "__pycache__/a.cpython-314.pyc");
        assert!(ended.out.contains(&format!("  accepted:    {answer}")), "{}", ended.out);
    }
}

#[test]
fn names_and_neighbours_decide_too() {
    let tree = compiled();
    tree.run(&["compile", "--target", "3.13", "-b", "a.py"]);
    assert!(info(&tree, "a.pyc").out.contains("  accepted:    no: a.py is beside it and comes first\n"));
    fs::rename(tree.path("a.pyc"), tree.path("b.pyc")).unwrap();
    assert!(info(&tree, "b.pyc").out.contains("  accepted:    yes\n"));
    fs::create_dir(tree.path("__pycache__")).unwrap();
    fs::rename(tree.path("b.pyc"), tree.path("__pycache__/a.cpython-314.pyc")).unwrap();
    let ended = info(&tree, "__pycache__/a.cpython-314.pyc");
    assert!(
        ended.out.contains("no: its name says cpython-314, its magic number cpython-313\n"),
        "{}",
        ended.out
    );
}

#[test]
fn json_has_a_line_for_each_file() {
    let tree = compiled();
    tree.write("good.pyc", fixture("golden/3.14.10-O0/add_nums.pyc"));
    tree.write("bad.pyc", fixture("corrupt/truncated.pyc"));
    tree.write("none.pyc", "no");
    let ended = tree.run(&["info", "--format", "json", "good.pyc", "bad.pyc", "none.pyc", "missing.pyc"]);
    assert_eq!(ended.code, 1);
    let lines: Vec<serde_json::Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[0]["version"], &lines[0]["accepted"]), (&"3.14".into(), &true.into()));
    assert!(lines[0]["code"]["code_objects"].as_u64().is_some_and(|count| count > 0));
    assert_eq!(lines[1]["error"], "unexpected end of data at offset 115");
    assert_eq!(lines[1]["accepted"], false);
    assert_eq!(lines[2]["error"], "2 bytes are too few for a .pyc");
    assert!(lines[3]["error"].is_string());
}

#[test]
fn development_versions_with_other_opcodes_are_named() {
    let tree = Tree::new(&[]);
    let mut file = fixture("golden/3.13.18-O0/add_nums.pyc");
    file[..2].copy_from_slice(&3561u16.to_le_bytes());
    tree.write("alpha.pyc", &file);
    let doubt = "opcodes are those of Python 3.13's releases; some of 3.13a1's were others";
    let ended = info(&tree, "alpha.pyc");
    assert!(ended.out.contains(&format!("  listed as:   {doubt}\n")), "{}", ended.out);
    let ended = tree.run(&["info", "--format", "json", "alpha.pyc"]);
    assert!(ended.out.contains("\"opcodes\":\"other\""), "{}", ended.out);
    let ended = tree.run(&["dis", "alpha.pyc"]);
    assert_eq!((ended.code, ended.err.contains(doubt)), (0, true), "{}", ended.err);
}

#[test]
fn files_that_come_back_and_files_that_do_not() {
    let tree = Tree::new(&[]);
    let good = fixture("golden/3.13.18-O0/add_nums.pyc");
    tree.write("d/good.pyc", &good);
    let ended = tree.run(&["roundtrip", "d"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "d/good.pyc: same\n1 of 1 files the same\n"));

    let mut longer = good.clone();
    longer.extend_from_slice(b"abc");
    tree.write("d/longer.pyc", longer);
    // A flag at a constant of which there is only one, which CPython reads and does not write.
    let mut text = good[..16].to_vec();
    text.extend_from_slice(b")\x02N)\x01\xd4");
    tree.write("d/text.pyc", text);
    tree.write("d/bad.pyc", fixture("corrupt/deep.pyc"));
    let ended = tree.run(&["roundtrip", "-q", "d"]);
    let expected = "d/bad.pyc: cannot be read: nested deeper than 2000 objects at offset 4016\n\
                    d/longer.pyc: 3 bytes after the code object\n\
                    d/text.pyc: differs at offset 21: <object>[1][0]\n1 of 4 files the same\n";
    assert_eq!((ended.code, ended.out.as_str()), (1, expected));
}

#[test]
fn facts_about_a_new_release() {
    let tree = Tree::new(&[]);
    let mut new = fixture("golden/3.14.10-O0/add_nums.pyc");
    new[..2].copy_from_slice(&3702u16.to_le_bytes());
    tree.write("new.pyc", &new);
    let ended = tree.run(&["roundtrip", "new.pyc"]);
    assert_eq!(ended.code, 1);
    let near = "new.pyc: unknown magic number 3702; near it is 3666 (Python 3.15)";
    assert!(ended.out.starts_with(near), "{}", ended.out);

    let known = std::fs::read_to_string("xtask/data/opcodes-3.14.txt").unwrap();
    let facts: String = known
        .lines()
        .map(|line| match line.split(' ').next() {
            Some("magic") => "magic 3702\n".into(),
            Some("series") => "series 3.16\n".into(),
            _ => line.replace("op STORE_NAME ", "op NEW_NAME ") + "\n",
        })
        .collect();
    tree.write("facts.txt", &facts);
    let with = |command: &str| tree.run(&[command, "--target-facts", "facts.txt", "new.pyc"]);
    let ended = with("roundtrip");
    assert_eq!((ended.code, ended.out.as_str()), (0, "new.pyc: same\n1 of 1 files the same\n"));
    let ended = with("info");
    assert!(ended.out.contains("magic:       3702 (Python 3.16)"), "{}", ended.out);
    let ended = with("dis");
    assert_eq!(ended.code, 0);
    assert!(ended.out.contains("NEW_NAME") && ended.out.contains("RESUME"), "{}", ended.out);

    tree.write("wrong.txt", "magic 3702\nop X\n");
    let ended = tree.run(&["dis", "--target-facts", "wrong.txt", "new.pyc"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("line 2: a word is missing"), "{}", ended.err);
}
