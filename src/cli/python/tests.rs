use super::*;

/// A folder of its own for one test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("pyrsc-python-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(fs::canonicalize(path).unwrap())
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    #[cfg(unix)]
    fn program(&self, path: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.file(path, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn pyvenv_cfg_of_each_maker_is_read() {
    let venv = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13.2\n";
    assert_eq!(release_in(venv).as_deref(), Some("3.13.2"));
    let virtualenv = "implementation = CPython\nversion_info = 3.14.1.final.0\nvirtualenv = 20.1\n";
    assert_eq!(release_in(virtualenv).as_deref(), Some("3.14.1"));
    assert_eq!(release_in("version_info=3.13\n").as_deref(), Some("3.13"));
    assert_eq!(release_in("version = 3.15.0b1\n").as_deref(), Some("3.15"));
    assert_eq!(release_in("home = /usr/bin\n"), None);
}

#[test]
fn the_environment_above_a_tree_decides() {
    let scratch = Scratch::new("venv");
    let config = scratch.file("env/pyvenv.cfg", "version = 3.13.2\n");
    scratch.file("env/lib/pkg/a.py", "");
    let choice = guess([scratch.0.join("env/lib/pkg").as_path()].into_iter()).unwrap();
    assert_eq!((choice.target.to_string(), choice.origin), ("3.13.2".into(), config.display().to_string()));

    scratch.file("old/pyvenv.cfg", "version = 3.7.1\n");
    let error = guess([scratch.0.join("old").as_path()].into_iter()).unwrap_err();
    assert!(error.contains("Python 3.7.1") && error.contains("--target"), "{error}");

    let both = [scratch.0.join("env"), scratch.0.join("old")];
    let error = guess(both.iter().map(PathBuf::as_path)).unwrap_err();
    assert!(error.contains("3.13.2") && error.contains("3.7.1"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_python_on_path_tells_by_its_names() {
    // None of these could be started: an answer shows that none was.
    let scratch = Scratch::new("path");
    scratch.program("named/python3.13", "");
    std::os::unix::fs::symlink("python3.13", scratch.0.join("named/python3")).unwrap();
    assert_eq!(guess_from_path(scratch.0.join("named").as_os_str()).target.to_string(), "3.13");

    let beside = scratch.program("beside/python3", "");
    scratch.program("beside/python3.14", "");
    scratch.program("beside/python3.14-config", "");
    let choice = guess_from_path(scratch.0.join("beside").as_os_str());
    assert_eq!((choice.target.to_string(), choice.origin), ("3.14".into(), beside.display().to_string()));

    scratch.program("prefix/bin/python3", "");
    scratch.file("prefix/lib/python3.13/os.py", "");
    assert_eq!(guess_from_path(scratch.0.join("prefix/bin").as_os_str()).target.to_string(), "3.13");
}

#[cfg(unix)]
#[test]
fn a_python_that_does_not_tell_is_started() {
    let scratch = Scratch::new("start");
    scratch.program("bin/python3", "#!/bin/sh\nprintf 'cpython\\0\\0003.13.4\\0\\0/lib\\0'\n");
    assert_eq!(guess_from_path(scratch.0.join("bin").as_os_str()).target.to_string(), "3.13.4");

    let threads = scratch.program("threads", "#!/bin/sh\nprintf 'cpython\\0t\\0003.13.4\\0\\0'\n");
    assert!(Interpreter::ask(threads.as_os_str()).unwrap_err().contains("free-threaded"));
    let other = scratch.program("other", "#!/bin/sh\nprintf 'pypy\\0\\0003.13.4\\0\\0'\n");
    assert!(Interpreter::ask(other.as_os_str()).unwrap_err().contains("pypy"));
    let broken = scratch.program("broken", "#!/bin/sh\necho no such option >&2; exit 3\n");
    assert!(Interpreter::ask(broken.as_os_str()).unwrap_err().contains("no such option"));
}

#[cfg(unix)]
#[test]
fn without_a_usable_python_the_newest_target_is_taken() {
    let scratch = Scratch::new("none");
    let choice = guess_from_path(scratch.0.as_os_str());
    assert_eq!((choice.target, choice.origin.as_str()), (newest(), "the newest supported"));

    scratch.program("old/python3.6", "");
    std::os::unix::fs::symlink("python3.6", scratch.0.join("old/python3")).unwrap();
    let choice = guess_from_path(scratch.0.join("old").as_os_str());
    assert_eq!(choice.target, newest());
    assert!(choice.origin.ends_with("is 3.6"), "{}", choice.origin);
}
