//! Where the machine is, and what follows from that: `sys.prefix`, virtual environments, folders of packages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The places that `sys` tells of. CPython: `Modules/getpath.py`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paths {
    /// `sys.executable`
    pub executable: PathBuf,
    /// `sys._base_executable`
    pub base_executable: PathBuf,
    /// `sys.prefix`: the folder of a virtual environment, or the machine's.
    pub prefix: PathBuf,
    /// `sys.base_prefix`
    pub base_prefix: PathBuf,
    /// Are the machine's own packages seen in a virtual environment too?
    pub base_packages: bool,
}

impl Paths {
    /// What follows from how the program was called.
    pub fn find(called: &OsStr) -> Paths {
        let executable = executable(called);
        let real = executable.canonicalize().unwrap_or_else(|_| executable.clone());
        let base_prefix = above(&real);
        let Some((environment, text)) = environment(&executable) else {
            return Paths {
                base_executable: executable.clone(),
                executable,
                prefix: base_prefix.clone(),
                base_prefix,
                base_packages: true,
            };
        };
        let base_packages =
            value(&text, "include-system-site-packages").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let base_executable = match value(&text, "home") {
            Some(home) => real.file_name().map_or_else(|| real.clone(), |name| Path::new(home).join(name)),
            None => real.clone(),
        };
        Paths { executable, base_executable, prefix: environment, base_prefix, base_packages }
    }

    /// Where the library in the binary lies to programs: where CPython looks for a library in one file.
    pub fn library(&self) -> PathBuf {
        self.base_prefix.join("lib/python314.zip")
    }

    /// Folders of installed packages, which may be missing.
    pub fn packages(&self) -> Vec<PathBuf> {
        let mut all = vec![self.prefix.join("lib/python3.14/site-packages")];
        if self.base_packages && self.base_prefix != self.prefix {
            all.push(self.base_prefix.join("lib/python3.14/site-packages"));
        }
        all
    }
}

/// The file that was started, links not followed: that is how an environment's own link is known.
fn executable(called: &OsStr) -> PathBuf {
    let path = Path::new(called);
    if path.components().count() > 1 {
        if let Ok(path) = std::path::absolute(path) {
            return path;
        }
    } else if let Some(folders) = std::env::var_os("PATH")
        && let Some(found) = std::env::split_paths(&folders)
            .map(|it| it.join(path))
            .find(|it| !called.is_empty() && it.is_file())
    {
        return found;
    }
    std::env::current_exe().unwrap_or_default()
}

/// The folder that `bin` is in, or that the file is in.
fn above(executable: &Path) -> PathBuf {
    let folder = executable.parent().unwrap_or_else(|| Path::new("/"));
    match folder.parent() {
        Some(up) if folder.file_name() == Some(OsStr::new("bin")) => up.to_owned(),
        _ => folder.to_owned(),
    }
}

/// The folder with `pyvenv.cfg`, and what is in that.
fn environment(executable: &Path) -> Option<(PathBuf, String)> {
    let folder = executable.parent()?;
    [Some(folder), folder.parent()].into_iter().flatten().find_map(|it| {
        let text = std::fs::read_to_string(it.join("pyvenv.cfg")).ok()?;
        Some((it.to_owned(), text))
    })
}

/// A value of `pyvenv.cfg`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find_map(|(name, value)| name.trim().eq_ignore_ascii_case(key).then(|| value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_known_by_its_file() {
        let folder = std::env::temp_dir().join(format!("pyrvm-paths-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        std::fs::write(folder.join("pyvenv.cfg"), "home = /opt/vm/bin\nversion = 3.14.10\n").unwrap();
        let program = folder.join("bin/python");
        std::fs::write(&program, "").unwrap();
        let paths = Paths::find(program.as_os_str());
        assert_eq!(paths.executable, program);
        assert_eq!(paths.prefix, folder);
        assert_eq!(paths.base_executable, Path::new("/opt/vm/bin/python"));
        assert!(!paths.base_packages);
        assert_eq!(paths.packages(), [folder.join("lib/python3.14/site-packages")]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
