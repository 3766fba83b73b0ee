//! `pyrsc dis` prints what the reference's own `dis` printed (`fixtures/listings`, made by
//! `xtask/scripts/golden_listings.py`), and never fails badly on damaged files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pyrsc::code::Objects;
use pyrsc::listing::compare::{Side, compare};
use pyrsc::listing::{JsonLister, Lister, Options};
use pyrsc::marshal::{Header, Reader, read};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn golden(release: &str, name: &str) -> PathBuf {
    fixtures().join(format!("golden/{release}-O0/{name}.pyc"))
}

fn dis(arguments: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pyrsc"))
        .arg("dis")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

/// The listing of a golden file, which must succeed.
fn listed(file: &Path, flags: &[&str]) -> String {
    let mut arguments: Vec<&OsStr> = flags.iter().map(OsStr::new).collect();
    arguments.push(file.as_os_str());
    let output = dis(&arguments);
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("listings are UTF-8")
}

#[test]
fn listings_equal_the_references() {
    let mut compared = 0;
    let releases = ["2.7.18", "3.6.15", "3.7.16", "3.8.18", "3.9.18", "3.10.13", "3.11.17", "3.12.15"];
    for release in releases.into_iter().chain(["3.13.0", "3.13.18", "3.14.10", "3.15.2"]) {
        let folder = fixtures().join("listings").join(release);
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.extension() == Some(OsStr::new("pyc")) {
                continue;
            }
            let name = path.file_name().and_then(OsStr::to_str).expect("ASCII names");
            let mut parts = name.split('.');
            let (source, kind) = (parts.next().expect("a name"), parts.next().expect("a kind"));
            // Beside their listings, or those of the compiler's tests.
            let beside = folder.join(format!("{source}.pyc"));
            let file = [beside, golden(release, source)].into_iter().find(|file| file.exists());
            let file = file.unwrap_or_else(|| golden(release, &format!("only-3.14/{source}")));
            let flags: Vec<&str> = match kind {
                "plain" => vec![],
                "info" => vec!["--code-info"],
                letters => [("C", "-C"), ("O", "-O"), ("P", "-P")]
                    .into_iter()
                    .filter(|(letter, _)| letters.contains(letter))
                    .map(|(_, flag)| flag)
                    .collect(),
            };
            let expected = std::fs::read_to_string(&path).expect("readable");
            let ours = listed(&file, &flags);
            if let Some((line, (a, b))) =
                expected.lines().zip(ours.lines()).enumerate().find(|(_, (a, b))| a != b)
            {
                panic!("{release}/{name}:{}:\n  - {a}\n  + {b}", line + 1);
            }
            assert_eq!(expected, ours, "{release}/{name}");
            compared += 1;
        }
    }
    assert!(compared > 50, "only {compared} listings");
}

#[test]
fn sources_are_compiled_and_named_as_given() {
    let output = Command::new(env!("CARGO_BIN_EXE_pyrsc"))
        .args(["dis", "--target", "3.14", "empty_module.py"])
        .current_dir(fixtures().join("golden/src"))
        .output()
        .expect("the binary starts");
    assert!(output.status.success());
    let expected =
        std::fs::read(fixtures().join("listings/3.14.10/empty_module.plain.txt")).expect("readable");
    assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&expected));
}

#[test]
fn standard_input_may_be_source_or_bytecode() {
    for file in [golden("3.13.18", "empty_module"), fixtures().join("golden/src/empty_module.py")] {
        let output = Command::new(env!("CARGO_BIN_EXE_pyrsc"))
            .args(["dis", "--target", "3.13", "-"])
            .stdin(std::fs::File::open(&file).expect("readable"))
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{}", file.display());
        assert_eq!(output.stdout, listed(&golden("3.13.18", "empty_module"), &[]).into_bytes());
    }
}

#[test]
fn a_folder_is_listed_in_sorted_order_with_headlines() {
    let text = listed(&fixtures().join("golden/3.14.10-O0/only-3.14"), &[]);
    let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("# ")).collect();
    assert!(heads.len() >= 4 && heads.is_sorted(), "{heads:?}");
    assert!(heads[0].ends_with("annotations_deferred.pyc"));
}

#[test]
fn json_has_what_its_schema_says() {
    let text = listed(&golden("3.14.10", "exceptions_nested"), &["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(text.trim_end()).expect("JSON");
    assert_eq!(value["version"], "3.14");
    let code = &value["code"];
    assert_eq!(code["schema"], 1);
    assert_eq!(code["qualname"], "<module>");
    let first = &code["instructions"][0];
    assert_eq!(first["opname"], "RESUME");
    assert_eq!(first["positions"], serde_json::json!([0, 1, 0, 0]));
    assert_eq!(first["starts_line"], true);
    let nested = code["nested"].as_array().expect("functions");
    let handlers = nested.iter().map(|code| code["exception_table"].as_array().expect("a table").len());
    assert!(handlers.sum::<usize>() > 3);
}

/// Text between an escape and its final `m` is colour, the rest is the listing.
#[test]
fn colours_do_not_change_the_text() {
    let file = golden("3.14.10", "with_statements");
    let colored = listed(&file, &["-O", "--color", "always"]);
    let mut plain = String::new();
    for part in colored.split('\x1b') {
        match part.strip_prefix('[') {
            Some(part) => plain.push_str(part.split_once('m').expect("an escape ends").1),
            None => plain.push_str(part),
        }
    }
    assert!(colored.len() > plain.len());
    assert_eq!(plain, listed(&file, &["-O"]));
}

#[test]
fn what_cannot_be_listed_is_named_and_the_rest_goes_on() {
    let good = golden("3.14.10", "empty_module");
    let output = dis(&[OsStr::new("/nowhere/x.pyc"), good.as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/x.pyc"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("RESUME"));
    assert_eq!(dis(&[OsStr::new("--no-such-flag")]).status.code(), Some(2));
}

/// Lists the bytes in every way and compares them with `good`; what comes of it does not matter, that it
/// comes does.
fn list(bytes: &[u8], good: &[u8]) {
    let Ok(header) = Header::parse(bytes) else { return };
    let Some(version) = header.version() else { return };
    let mut objects = Objects::default();
    let Ok((root, _)) = Reader::new().read(&bytes[Header::LEN..], version, &mut objects) else { return };
    let mut text = Vec::new();
    let mut lister = Lister::new(version, Options { caches: true, offsets: true, positions: true });
    lister.set_limit(1 << 20);
    let _ = lister.dis(&objects, root, &mut (), &mut text);
    let _ = JsonLister::new(version, 1 << 20).write(&objects, root, &mut text);
    let good = read(&good[Header::LEN..], version).expect("a good file");
    let (left, right) = (Side { objects: &objects, root }, Side { objects: &good.objects, root: good.root });
    let _ = compare(left, right);
}

#[test]
fn damaged_files_do_not_panic() {
    for release in ["3.13.18", "3.14.10"] {
        let good = std::fs::read(golden(release, "exceptions_star")).expect("readable");
        for at in Header::LEN..good.len() {
            list(&good[..at], &good);
            let mut bad = good.clone();
            for value in [0x00, 0x7f, 0xff, good[at] ^ 0x80, good[at].wrapping_add(1)] {
                bad[at] = value;
                list(&bad, &good);
            }
        }
    }
}
