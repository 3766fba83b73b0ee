//! The `pyrvm` executable: the virtual machine is a program of its own, beside this one.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release that belongs to this one.
const VERSION: &str = concat!("pyrvm ", env!("CARGO_PKG_VERSION"));

/// Finds it: what `--vm` says, else beside `pyrsc`, else on PATH. It must be of this release.
///
/// # Errors
/// A sentence that says where it was looked for, or what is wrong with it.
pub fn find(named: Option<&Path>) -> Result<PathBuf, String> {
    let name = format!("pyrvm{}", env::consts::EXE_SUFFIX);
    let path = match named {
        Some(path) => path.to_owned(),
        None => {
            let own = env::current_exe().ok();
            let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(&name));
            let search = env::var_os("PATH").unwrap_or_default();
            let on_path = env::split_paths(&search).map(|folder| folder.join(&name));
            let found = beside.iter().cloned().chain(on_path).find(|it| it.is_file());
            found.ok_or_else(|| {
                let place = beside.map_or_else(String::new, |it| format!(" as {}", it.display()));
                format!("there is no {name}{place} or on PATH; name it with --vm PATH")
            })?
        }
    };
    let answer = Command::new(&path)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} does not start: {error}", path.display()))?;
    let said = String::from_utf8_lossy(&answer.stdout);
    match said.lines().next() {
        Some(line) if line == VERSION => Ok(path),
        Some(line) if line.starts_with("pyrvm ") => {
            Err(format!("{} is {line}, and this is pyrsc {}", path.display(), env!("CARGO_PKG_VERSION")))
        }
        _ => Err(format!("{} is no pyrvm", path.display())),
    }
}
