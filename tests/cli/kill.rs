//! A batch that is killed leaves old files or new ones, and no file that is cut off.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Tree, full};

/// Does the file hold one complete module and nothing else?
pub fn is_whole(bytes: &[u8]) -> bool {
    let Ok(header) = pyrsc::marshal::Header::parse(bytes) else { return false };
    let Some(version) = header.version() else { return false };
    let body = &bytes[pyrsc::marshal::Header::LEN..];
    pyrsc::marshal::read(body, version).is_ok_and(|read| read.len == body.len())
}

/// Sources that take the compiler a while.
fn sources() -> Tree {
    let tree = Tree::new(&[]);
    for number in 0..60 {
        let mut text = String::new();
        for function in 0..120 {
            text += &format!(
                "def f{function}(a, b=({number}, 'x')):\n    return [a + b for c in a if c] or {{b: a}}\n"
            );
        }
        tree.write(&format!("t/{}/m{number}.py", number % 5), text);
    }
    tree
}

#[test]
fn a_killed_batch_never_leaves_a_truncated_file() {
    let tree = sources();
    let arguments = ["compile", "--target", "3.13", "-q", "-f", "-j", "2", "t"];
    let began = Instant::now();
    assert!(tree.command(&arguments).status().unwrap().success());
    let whole_run = began.elapsed();
    assert_eq!(tree.compiled().len(), 60);

    let rounds = if full() { 50 } else { 10 };
    let mut interrupted = 0;
    for round in 0..rounds {
        if round % 2 == 0 {
            // Every other round starts without any file, so that new files are watched as well as replaced ones.
            for file in tree.compiled() {
                fs::remove_file(tree.path(&file)).unwrap();
            }
        }
        let mut child = tree.command(&arguments).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(
            whole_run.mul_f64(f64::from(round + 1) / f64::from(rounds + 1)).max(Duration::from_millis(1)),
        );
        // This is SIGKILL.
        child.kill().unwrap();
        interrupted += i32::from(!child.wait().unwrap().success());
        for file in tree.compiled() {
            assert!(is_whole(&fs::read(tree.path(&file)).unwrap()), "{file} in round {round}");
        }
    }
    assert!(interrupted > 0, "no batch was killed before its end");
    assert!(tree.command(&arguments).status().unwrap().success());
    assert_eq!(tree.compiled().len(), 60);
}

#[test]
fn ctrl_c_ends_a_batch_in_order() {
    let tree = sources();
    let mut command = tree.command(&["compile", "--target", "3.13", "-f", "-j", "1", "t"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(8));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    // It may have been too late, or so early that nobody was listening yet.
    if output.status.code() == Some(1) {
        assert!(String::from_utf8_lossy(&output.stdout).ends_with("[interrupted]\n"), "{output:?}");
    }
    let leftovers: Vec<String> = tree.files().into_iter().filter(|file| file.ends_with(".tmp")).collect();
    if output.status.code().is_some() {
        assert!(leftovers.is_empty(), "{leftovers:?}");
    }
    for file in tree.compiled() {
        assert!(is_whole(&fs::read(tree.path(&file)).unwrap()), "{file}");
    }
}
