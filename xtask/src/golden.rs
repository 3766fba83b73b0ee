//! `cargo xtask golden`: makes the committed reference bytes below `fixtures/golden/` from the reference
//! interpreters, so that the tests mean something where none is installed.
//!
//! `fixtures/golden/src/**.py` are the programs, `fixtures/golden/RELEASE-OLEVEL/**.pyc` what that release
//! writes for them. A program that a release refuses has no file there, and must be refused.

use crate::references;
use crate::{Result, root};
use std::process::Command;

/// Makes the files again from every interpreter that is found; true if none is missing.
pub fn run() -> Result<bool> {
    let golden = root().join("fixtures/golden");
    let mut complete = true;
    for (wanted, reference) in references::wanted() {
        let Some(reference) = reference else {
            println!("skipped: {wanted} (no such interpreter)");
            complete = false;
            continue;
        };
        for level in ["0", "1", "2"] {
            let out = golden.join(format!("{}-O{level}", reference.release()));
            drop(std::fs::remove_dir_all(&out));
            let status = Command::new(&reference.exe)
                .arg(root().join("xtask/scripts/compile_tree.py"))
                .arg(golden.join("src"))
                .arg(&out)
                .args(["-O", level])
                .status()
                .map_err(|error| error.to_string())?;
            if !status.success() {
                return Err(format!("{} crashed", reference.release()));
            }
        }
    }
    Ok(complete)
}
