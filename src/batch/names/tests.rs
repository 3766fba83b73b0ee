use super::*;

fn cache(name: &str, level: u8) -> String {
    cache_name(OsStr::new(name), "cpython-313", level).into_string().unwrap()
}

#[test]
fn cache_names_follow_importlib() {
    assert_eq!(cache("mod.py", 0), "mod.cpython-313.pyc");
    assert_eq!(cache("mod.py", 1), "mod.cpython-313.opt-1.pyc");
    assert_eq!(cache("a.b.py", 2), "a.b.cpython-313.opt-2.pyc");
    // importlib.util.cache_from_source("x/.py") and ("x/script")
    assert_eq!(cache(".py", 0), "py.cpython-313.pyc");
    assert_eq!(cache("script", 0), "scriptcpython-313.pyc");
}

fn recorded(rules: &Recorded, path: &str, root: Option<&str>) -> (Option<String>, bool) {
    let (name, ignored) = recorded_path(rules, path.as_bytes(), root.map(str::as_bytes));
    (name.map(|name| String::from_utf8(name).unwrap()), ignored)
}

fn moves(strip: Option<&str>, prepend: Option<&str>) -> Recorded {
    Recorded::Moved { strip: strip.map(Into::into), prepend: prepend.map(Into::into) }
}

#[test]
fn destination_folder_replaces_the_root() {
    let below = Recorded::Below(b"/usr/lib".to_vec());
    assert_eq!(recorded(&below, "pkg/sub/a.py", Some("pkg")), (Some("/usr/lib/sub/a.py".into()), false));
    assert_eq!(recorded(&below, "pkg/sub/a.py", None), (Some("/usr/lib/a.py".into()), false));
    // compileall's own words: "The stripdir path 'pkg/' is not a valid prefix …; ignoring"
    assert_eq!(recorded(&below, "pkg/a.py", Some("pkg/")), (Some("/usr/lib/pkg/a.py".into()), true));
}

#[test]
fn stripping_goes_by_whole_parts() {
    assert_eq!(recorded(&moves(Some("/build"), None), "/build/a/b.py", None), (Some("a/b.py".into()), false));
    assert_eq!(recorded(&moves(Some("/buil"), None), "/build/a/b.py", None), (None, true));
    assert_eq!(recorded(&moves(Some(""), None), "/build/b.py", None), (Some("build/b.py".into()), false));
    assert_eq!(recorded(&moves(Some("x"), None), "x//a//b.py", None), (Some("a/b.py".into()), false));
}

#[test]
fn prepending_keeps_absolute_paths() {
    assert_eq!(recorded(&moves(None, Some("/p")), "a.py", None), (Some("/p/a.py".into()), false));
    assert_eq!(recorded(&moves(None, Some("/p")), "/a.py", None), (Some("/a.py".into()), false));
    assert_eq!(
        recorded(&moves(Some("/build"), Some("/")), "/build/a.py", None),
        (Some("/a.py".into()), false)
    );
    assert_eq!(recorded(&moves(Some("/z"), Some("p")), "b/a.py", None), (Some("p/b/a.py".into()), true));
}

#[test]
fn bytes_that_are_no_text_become_lone_surrogates() {
    assert_eq!(surrogate_escaped("naïve".as_bytes()), None);
    assert_eq!(surrogate_escaped(b"a\xff\x80b").unwrap(), b"a\xed\xb3\xbf\xed\xb2\x80b");
}
