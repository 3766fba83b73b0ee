//! Batches with a compiler that writes the source itself, on trees in the temporary folder.

use std::cell::Cell;
use std::fs;

#[cfg(unix)]
mod unix;

use super::*;
use crate::batch::{Action, Invalidation, Recorded, WarningFilters};
use crate::compile::Options;
use crate::source::{Location, SourceError, Warning, WarningCategory};
use crate::target::{Target, Version};
use crate::value::PyStr;

/// "Compiles" a source to its recorded path, its level if it has an `assert`, and its text.
#[derive(Default)]
struct Echo {
    used: Cell<bool>,
}

impl Compiler for Echo {
    fn compile_into(
        &mut self,
        source: &[u8],
        filename: PyStr<'_>,
        options: &Options,
        out: &mut Vec<u8>,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), SourceError> {
        let text = String::from_utf8_lossy(source);
        assert!(!text.contains("panic") || !self.used.replace(true), "as asked");
        assert!(!text.contains("panic"), "in a session of its own");
        let location = Location::new(1, 0, 1, 3);
        if text.contains("warn") {
            let message = "careful".into();
            warnings.push(Warning { category: WarningCategory::SyntaxWarning, message, lineno: 1, location });
        }
        if text.contains("bad") {
            return Err(SourceError::syntax("invalid syntax".into(), location));
        }
        out.extend_from_slice(filename.as_bytes());
        if text.contains("assert") {
            out.push(options.optimize);
        }
        out.extend_from_slice(source);
        Ok(())
    }
}

struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(name: &str, files: &[(&str, &str)]) -> Tree {
        let root = std::env::temp_dir().join(format!("pyrsc-batch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let tree = Tree { root };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn plan(&self) -> Plan {
        let roots = vec![Root { path: self.root.clone(), levels: None }];
        Plan { roots, workers: 2, ..Plan::new(Target::newest(Version::V3_13)) }
    }

    /// Paths of files and their outcomes, in order.
    fn run(&self, plan: &Plan) -> Vec<String> {
        let report = run_with::<Echo>(plan, &Silent).unwrap();
        let word = |file: &FileReport| match &file.outcome {
            Outcome::Fresh => "fresh".to_owned(),
            Outcome::Written => "written".to_owned(),
            Outcome::Stale => "stale".to_owned(),
            Outcome::Skipped => "skipped".to_owned(),
            Outcome::Failed(Failure::Source(failure)) => failure.error.message.clone(),
            Outcome::Failed(Failure::Io { error, .. }) => format!("{:?}", error.kind()),
            Outcome::Failed(Failure::TargetIsSymlink(_)) => "symlink".to_owned(),
            Outcome::Failed(Failure::TargetIsIrregular(_)) => "irregular".to_owned(),
            Outcome::Failed(Failure::TargetTaken { .. }) => "taken".to_owned(),
            Outcome::Failed(Failure::Internal(message)) => format!("internal: {message}"),
        };
        let name = |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        report.files().map(|file| format!("{} {}", name(&file.path), word(file))).collect()
    }

    /// What follows the header of a cache file, with the tree's own path taken out.
    fn body(&self, path: &str) -> String {
        let bytes = fs::read(self.path(path)).unwrap();
        String::from_utf8_lossy(&bytes[16..]).replace(&*self.root.to_string_lossy(), "ROOT")
    }

    /// Every file below the root, sorted.
    fn files(&self) -> Vec<String> {
        fn collect(folder: &Path, root: &Path, out: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    collect(&path, root, out);
                } else {
                    out.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut out = Vec::new();
        collect(&self.root, &self.root, &mut out);
        out.sort();
        out
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

#[test]
fn a_tree_is_reported_in_compilealls_order() {
    let tree = Tree::new(
        "order",
        &[
            ("b.py", ""),
            ("a.py", ""),
            ("ab/z.py", ""),
            ("a/y.py", ""),
            ("a/__pycache__/x.py", ""),
            ("c.txt", ""),
        ],
    );
    let expected = ["a/y.py written", "a.py written", "ab/z.py written", "b.py written"];
    assert_eq!(tree.run(&tree.plan()), expected);
    for workers in [1, 2] {
        let plan = Plan { workers, ..tree.plan() };
        assert_eq!(tree.run(&plan), expected.map(|line| line.replace("written", "fresh")));
        assert_eq!(tree.run(&Plan { force: true, ..plan }), expected);
    }
    assert_eq!(tree.body("a/__pycache__/y.cpython-313.pyc"), "ROOT/a/y.py");
}

#[test]
fn levels_of_recursion_are_counted_from_each_root() {
    let tree = Tree::new("levels", &[("a.py", ""), ("d/b.py", ""), ("d/e/c.py", "")]);
    let mut plan = tree.plan();
    plan.action = Action::List;
    plan.roots[0].levels = Some(0);
    assert_eq!(tree.run(&plan), ["a.py stale"]);
    plan.roots[0].levels = Some(1);
    assert_eq!(tree.run(&plan), ["a.py stale", "d/b.py stale"]);
    assert_eq!(tree.files(), ["a.py", "d/b.py", "d/e/c.py"]);
}

#[test]
fn one_files_trouble_is_its_own() {
    let tree = Tree::new(
        "trouble",
        &[("a.py", "ok"), ("b.py", "bad"), ("c.py", "panic"), ("d.py", "panic"), ("e.py", "")],
    );
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let lines = tree.run(&Plan { workers: 1, ..tree.plan() });
    std::panic::set_hook(hook);
    // A session that panicked is not used again: each panic is the first of its session.
    let expected = [
        "a.py written",
        "b.py invalid syntax",
        "c.py internal: as asked",
        "d.py internal: as asked",
        "e.py written",
    ];
    assert_eq!(lines, expected.map(|line| line.replace("as asked", "in a session of its own")));
    assert_eq!(
        tree.files(),
        [
            "__pycache__/a.cpython-313.pyc",
            "__pycache__/e.cpython-313.pyc",
            "a.py",
            "b.py",
            "c.py",
            "d.py",
            "e.py"
        ]
    );
}

#[test]
fn no_cache_folder_appears_for_sources_that_do_not_compile() {
    let tree = Tree::new("empty", &[("a.py", "bad")]);
    tree.run(&tree.plan());
    assert_eq!(tree.files(), ["a.py"]);
    assert!(!tree.path("__pycache__").exists());
}

#[test]
fn up_to_date_means_mode_time_size_and_hash() {
    let tree = Tree::new("fresh", &[("a.py", "x = 1")]);
    let with = |invalidation| Plan { invalidation, ..tree.plan() };
    let (written, fresh) = (["a.py written"], ["a.py fresh"]);
    assert_eq!(tree.run(&with(Invalidation::Timestamp)), written);
    assert_eq!(tree.run(&with(Invalidation::Timestamp)), fresh);
    // The same second, another size.
    let time = fs::metadata(tree.path("a.py")).unwrap().modified().unwrap();
    tree.write("a.py", "x = 12");
    fs::File::options().write(true).open(tree.path("a.py")).unwrap().set_modified(time).unwrap();
    assert_eq!(tree.run(&with(Invalidation::Timestamp)), written);
    assert_eq!(tree.run(&with(Invalidation::CheckedHash)), written);
    assert_eq!(tree.run(&with(Invalidation::CheckedHash)), fresh);
    assert_eq!(tree.run(&with(Invalidation::UncheckedHash)), written);
    assert_eq!(tree.run(&with(Invalidation::UncheckedHash)), fresh);
    tree.write("a.py", "x = 13");
    assert_eq!(tree.run(&with(Invalidation::UncheckedHash)), written);
    assert_eq!(tree.run(&with(Invalidation::Timestamp)), written);
    assert_eq!(tree.run(&Plan { force: true, ..with(Invalidation::Timestamp) }), written);
    // All levels count, and another version's files do not.
    assert_eq!(tree.run(&Plan { levels: vec![0, 2], ..tree.plan() }), written);
    assert_eq!(tree.run(&Plan { levels: vec![0, 2], ..tree.plan() }), fresh);
    assert_eq!(tree.run(&Plan { target: Target::newest(Version::V3_14), ..tree.plan() }), written);
    // A header without anything behind it is no .pyc.
    let path = tree.path("__pycache__/a.cpython-313.pyc");
    fs::write(&path, &fs::read(&path).unwrap()[..16]).unwrap();
    assert_eq!(tree.run(&with(Invalidation::Timestamp)), written);
}

#[test]
fn the_legacy_layout_keeps_the_highest_level() {
    let tree = Tree::new("legacy", &[("a.py", "assert")]);
    tree.run(&Plan { layout: Layout::Legacy, levels: vec![0, 1, 2], ..tree.plan() });
    assert_eq!(tree.files(), ["a.py", "a.pyc"]);
    assert_eq!(tree.body("a.pyc"), "ROOT/a.py\u{2}assert");
}

#[test]
fn out_mirrors_each_root() {
    let tree = Tree::new("out", &[("src/a.py", ""), ("src/pkg/b.py", ""), ("one.py", "")]);
    let roots = ["src", "one.py"].map(|path| Root { path: tree.path(path), levels: None }).to_vec();
    let plan = Plan { roots: roots.clone(), out: Some(tree.path("out/deep")), ..tree.plan() };
    tree.run(&plan);
    tree.run(&Plan { roots, layout: Layout::Legacy, out: Some(tree.path("flat")), ..tree.plan() });
    assert_eq!(
        tree.files(),
        [
            "flat/a.pyc",
            "flat/one.pyc",
            "flat/pkg/b.pyc",
            "one.py",
            "out/deep/__pycache__/a.cpython-313.pyc",
            "out/deep/__pycache__/one.cpython-313.pyc",
            "out/deep/pkg/__pycache__/b.cpython-313.pyc",
            "src/a.py",
            "src/pkg/b.py"
        ]
    );
    assert_eq!(tree.body("flat/pkg/b.pyc"), "ROOT/src/pkg/b.py");
}

#[test]
fn two_sources_cannot_share_an_output() {
    let tree = Tree::new("taken", &[("x/a.py", "1"), ("y/a.py", "2"), ("y/b.py", "")]);
    let roots = ["x", "y"].map(|path| Root { path: tree.path(path), levels: None }).to_vec();
    let plan = Plan { roots, out: Some(tree.path("out")), ..tree.plan() };
    assert_eq!(tree.run(&plan), ["x/a.py written", "y/a.py taken", "y/b.py written"]);
    assert_eq!(tree.body("out/__pycache__/a.cpython-313.pyc"), "ROOT/x/a.py1");
}

#[test]
fn a_file_that_two_roots_name_is_compiled_once() {
    let tree = Tree::new("twice", &[("d/a.py", "")]);
    let paths = [tree.path("d"), tree.path("d/../d"), tree.path("d/a.py")];
    let roots = paths.map(|path| Root { path, levels: None }).to_vec();
    assert_eq!(tree.run(&Plan { roots: roots.clone(), ..tree.plan() }), ["d/a.py written"]);
    let recorded = Recorded::Below(b"/x".to_vec());
    tree.run(&Plan { roots, force: true, recorded, ..tree.plan() });
    assert_eq!(tree.body("d/__pycache__/a.cpython-313.pyc"), "/x/a.py");
}

#[test]
fn warnings_are_kept_ignored_or_errors() {
    let tree = Tree::new("warnings", &[("a.py", "warn\n")]);
    let run = |option: &str| {
        let mut warnings = WarningFilters::default();
        warnings.add(option).unwrap();
        let plan = Plan { warnings, force: true, levels: vec![0, 1], ..tree.plan() };
        let mut report = run_with::<Echo>(&plan, &Silent).unwrap();
        let Some(Entry::File(file)) = report.entries.pop() else { panic!("a file") };
        file
    };
    let shown = run("default").warnings;
    assert_eq!(shown.len(), 1, "once for all levels");
    assert_eq!((shown[0].line.as_str(), shown[0].once), ("warn", false));
    assert!(run("ignore").warnings.is_empty());
    let Outcome::Failed(Failure::Source(failure)) = run("error").outcome else { panic!("an error") };
    assert_eq!(failure.error.message, "careful");
    assert_eq!(failure.error.text.as_deref(), Some(b"warn\n".as_slice()));
}

#[test]
fn an_observer_can_stop_a_batch() {
    struct Impatient(AtomicUsize);
    impl Observer for Impatient {
        fn finished(&self, _: &Path, _: u64) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn stop(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 1
        }
    }
    let tree = Tree::new("stop", &[("a.py", "1"), ("b.py", "22"), ("c.py", "333")]);
    let report =
        run_with::<Echo>(&Plan { workers: 1, ..tree.plan() }, &Impatient(AtomicUsize::new(0))).unwrap();
    assert!(report.interrupted);
    let outcomes: Vec<bool> = report.files().map(|file| matches!(file.outcome, Outcome::Written)).collect();
    // The largest was first.
    assert_eq!(outcomes, [false, false, true]);
}

#[test]
fn a_target_whose_name_fills_the_limit_can_be_written() {
    // 255 bytes with ".cpython-313.pyc", and no room for a longer temporary name.
    let name = "n".repeat(255 - ".cpython-313.pyc".len());
    let tree = Tree::new("long", &[(&format!("{name}.py"), "")]);
    assert_eq!(tree.run(&tree.plan()), [format!("{name}.py written")]);
}
