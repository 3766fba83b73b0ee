//! `cargo xtask programs`: writes what CPython makes of the programs of `fixtures/programs`.

use crate::{Result, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `cargo xtask programs`.
#[derive(clap::Args)]
pub struct Args {
    /// The interpreter: CPython 3.14.
    #[arg(long, value_name = "PY")]
    python: PathBuf,
}

/// Writes an `.expected` file beside each program.
pub fn run(args: &Args) -> Result<bool> {
    let folder = root().join("fixtures/programs");
    let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut count = 0;
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "py") {
            write(&folder, entry.path(), &args.python)?;
            count += 1;
        }
    }
    println!("{count} programs");
    Ok(true)
}

fn write(folder: &Path, program: &Path, python: &Path) -> Result<()> {
    let output = Command::new(python)
        .arg("-B")
        .arg(program.file_name().unwrap_or_default())
        .current_dir(folder)
        .env("PYTHONHASHSEED", "0")
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&format!("{}/", folder.display()), "");
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    let shown =
        format!("exit {code}\n--- stdout\n{}--- stderr\n{}", text(&output.stdout), text(&output.stderr));
    let file = program.with_extension("expected");
    std::fs::write(&file, shown).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(())
}
