//! `cargo xtask golden`: makes the committed reference bytes below `fixtures/golden/` from the reference
//! interpreters, so that the tests mean something where none is installed.
//!
//! `fixtures/golden/src/**.py` are the programs, `fixtures/golden/RELEASE-OLEVEL/**.pyc` what that release
//! writes for them. A program that a release refuses has no file there, and must be refused.

use crate::corpus::sources;
use crate::oracle::{Answer, Oracle};
use crate::references::{self, Reference};
use crate::{Result, root};
use std::path::Path;

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
        let mut oracle = Oracle::start(&reference, 0)?;
        for level in 0..3 {
            make(&golden, &reference, &mut oracle, level)?;
        }
    }
    Ok(complete)
}

fn make(golden: &Path, reference: &Reference, oracle: &mut Oracle, level: u8) -> Result<()> {
    let out = golden.join(format!("{}-O{level}", reference.release()));
    drop(std::fs::remove_dir_all(&out));
    let programs = golden.join("src");
    for path in sources(&programs) {
        let bytes = match oracle.ask(&programs.join(&path), &path, level)? {
            Answer::Compiled(bytes) => bytes,
            Answer::Refused => continue,
            Answer::Crashed => return Err(format!("{} crashed on {path}", reference.release())),
        };
        let file = out.join(format!("{path}c"));
        file.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&file, bytes))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}
