//! Bundles of small trees.

use super::*;
use crate::target::{Target, Version};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = std::env::temp_dir().join(format!("pyrsc-bundle-{name}-{}", std::process::id()));
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

fn plan(root: &Path, main: Main) -> Plan {
    Plan {
        target: Target::newest(Version::NEWEST),
        optimize: 0,
        main,
        roots: Roots(vec![root.to_owned()]),
        include: Vec::new(),
        exclude: Vec::new(),
        data: BTreeMap::new(),
        package_data: true,
        sources: false,
    }
}

const FILES: &[(&str, &str)] = &[
    ("app/__init__.py", "from . import one\nfrom .two import three, name\n"),
    ("app/__main__.py", "from app import one\nimport json, lost, gone.away\n"),
    ("app/one.py", "def f():\n    import other.deep\n"),
    ("app/two/__init__.py", "name = 1\n"),
    ("app/two/three.py", ""),
    ("app/two/four.py", ""),
    ("app/text.txt", "data"),
    ("app/more/data.bin", "data"),
    ("other/deep.py", ""),
    ("unused.py", ""),
];

#[test]
fn imports_are_followed_in_every_version() {
    let root = tree("follow", FILES);
    for &version in Version::COMPILED {
        let target = Target::newest(version);
        let bundle = collect(&Plan { target, ..plan(&root, Main::Module("app".into())) }).unwrap();
        let names: Vec<&str> = bundle.files.keys().map(String::as_str).collect();
        let expected = [
            "__main__.pyc",
            "app/__init__.pyc",
            "app/__main__.pyc",
            "app/more/data.bin",
            "app/one.pyc",
            "app/text.txt",
            "app/two/__init__.pyc",
            "app/two/three.pyc",
            "other/deep.pyc",
        ];
        assert_eq!(names, expected, "{target}");
        let lacking: Vec<_> =
            bundle.lacking.iter().map(|it| (it.module.as_str(), it.importer.as_str())).collect();
        assert_eq!(lacking, [("gone", "app.__main__"), ("lost", "app.__main__")], "{target}");
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn what_is_included_and_excluded_is_said() {
    let root = tree("include", FILES);
    let plan = Plan {
        include: vec!["app.two.*".into(), "unused".into()],
        exclude: vec!["app.one".into(), "lost".into()],
        ..plan(&root, Main::Call { module: "app.two".into(), function: "three.main".into() })
    };
    let bundle = collect(&plan).unwrap();
    assert!(bundle.files.contains_key("unused.pyc") && bundle.files.contains_key("app/two/four.pyc"));
    assert!(!bundle.files.contains_key("app/one.pyc") && bundle.lacking.is_empty());
    // Written twice, the bytes are the same.
    assert_eq!(bundle.write(b"").unwrap(), collect(&plan).unwrap().write(b"").unwrap());
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn the_standard_library_is_known_by_version() {
    assert!(is_standard("asyncio.events", Version::NEWEST));
    assert!(!is_standard("distutils", Version::NEWEST) && is_standard("distutils", Version::ALL[0]));
    assert!(!is_standard("numpy", Version::NEWEST));
}
