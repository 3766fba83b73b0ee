//! Files from strangers: what the fuzzers of `fuzz/` once tripped over (`fixtures/hostile`), and damage done on
//! purpose to files of every release. All of it is read or refused, with a place, and within bounds.

use pyrsc::code::Objects;
use pyrsc::compile::{Options as CompileOptions, STACK_BYTES, Session};
use pyrsc::listing::compare::{Side, compare};
use pyrsc::listing::{JsonLister, Lister, Options, Shapes};
use pyrsc::marshal::{ErrorKind, Header, Reader, Writer, read};
use pyrsc::target::{Form, References, Series, Target, Version};
use pyrsc::value::PyStr;
use std::path::PathBuf;

/// The most output of a listing, about.
const LIMIT: usize = 1 << 20;

/// Reads, lists in every way, compares and writes a `.pyc`, as far as it lets itself.
fn use_pyc(bytes: &[u8]) {
    let Ok(header) = Header::parse(bytes) else { return };
    let Some(series) = header.series() else { return };
    let Some(form) = series.form else { return };
    let Ok(found) = read(&bytes[header.len()..], form) else { return };
    let mut out = Vec::new();
    Writer::new().write(&found.objects, found.root, &mut out).expect("what was read can be written");
    let Some(shapes) = Shapes::of_series(series) else { return };
    for all in [false, true] {
        let mut lister = Lister::with(shapes, Options { caches: all, offsets: all, positions: all });
        lister.set_limit(LIMIT);
        out.clear();
        let _ = lister.dis(&found.objects, found.root, &mut (), &mut out);
        assert!(out.len() <= LIMIT + 64 * bytes.len() + 4096);
    }
    out.clear();
    let _ = JsonLister::with(shapes, LIMIT).write(&found.objects, found.root, &mut out);
    assert!(out.len() <= LIMIT + 64 * bytes.len() + 4096);
    let side = Side { objects: &found.objects, root: found.root };
    if let Ok(differences) = compare(side, side) {
        assert!(differences.is_empty());
    }
}

/// Compiles a source for every target and level, as far as it lets itself.
fn compile(source: &[u8]) {
    let mut session = Session::new();
    let (mut out, mut warnings) = (Vec::new(), Vec::new());
    for &version in Version::COMPILED {
        for optimize in 0..3 {
            let options = CompileOptions { optimize, ..CompileOptions::new(Target::newest(version)) };
            out.clear();
            warnings.clear();
            let filename = PyStr::from("hostile.py");
            if session.compile_into(source, filename, &options, &mut out, &mut warnings).is_ok() {
                read(&out, version).expect("what was compiled can be read");
            }
        }
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect(folder);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect(folder).path()).collect();
    files.sort();
    files
}

#[test]
fn findings_stay_mended() {
    let work = || {
        for file in files("fixtures/hostile") {
            let bytes = std::fs::read(&file).expect("readable");
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("pyc") => use_pyc(&bytes),
                _ => compile(&bytes),
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    thread.expect("a thread").join().expect("no panic");
}

/// The files of `fixtures/releases`, one of each release there is one of.
fn of_each_release() -> Vec<(&'static Form, usize, Vec<u8>)> {
    let load = |file: &PathBuf| {
        let bytes = std::fs::read(file).expect("readable");
        let header = Header::parse(&bytes).expect("a header");
        let form = header.series().and_then(|series| series.form).expect("a release that can be read");
        (form, header.len(), bytes)
    };
    let files = files("fixtures/releases");
    files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "pyc"))
        .map(load)
        .collect()
}

#[test]
fn every_prefix_is_refused_with_a_place() {
    for (form, header, bytes) in of_each_release() {
        for len in 0..header {
            assert!(Header::parse(&bytes[..len]).is_err());
        }
        for len in header..bytes.len() {
            let error = read(&bytes[header..len], form).map(|_| ()).expect_err("no whole object");
            assert!(error.offset <= len - header, "{error} of {len}");
        }
    }
}

#[test]
fn extreme_numbers_anywhere_are_bounded() {
    let mut reader = Reader::new();
    let mut turn = 0;
    for (form, header, bytes) in of_each_release() {
        for at in header..bytes.len() - 4 {
            for number in [0, 0x7FFF_FFFF, 0x8000_0000, u32::MAX] {
                let mut input = bytes.clone();
                input[at..at + 4].copy_from_slice(&number.to_le_bytes());
                let mut objects = Objects::default();
                let found = reader.read(&input[header..], form, &mut objects);
                if let Err(error) = found {
                    assert!(error.offset <= input.len() - header);
                }
                // What is reserved is no more than the bytes can hold, with the room that vectors grow by.
                let bound = 4 * input.len() + 64;
                assert!(objects.objects.capacity() <= bound && objects.children.capacity() <= bound);
                turn += 1;
                if found.is_ok() && turn % 23 == 0 {
                    use_pyc(&input);
                }
            }
        }
    }
}

#[test]
fn nesting_is_bounded_in_every_form() {
    for form in Series::forms() {
        for open in
            [b"(\x01\0\0\0".as_slice(), b"[\x01\0\0\0", b"{N", b"<\x01\0\0\0", b">\x01\0\0\0", b")\x01"]
        {
            let mut bytes = open.repeat(100_000);
            let error = read(&bytes, form).map(|_| ()).expect_err("too deep, or no such type");
            assert!(
                matches!(error.kind, ErrorKind::TooDeep | ErrorKind::UnknownType(_)),
                "{error} of {form:?}"
            );
            assert!(error.offset <= 2001 * open.len(), "{error}");
            // So much is possible.
            bytes = open.repeat(1000);
            bytes.extend(b"N".repeat(1001));
            let _ = read(&bytes, form);
        }
    }
}

#[test]
fn nothing_contains_itself() {
    for form in Series::forms().into_iter().filter(|form| form.references == References::Flagged) {
        for open in [b"\xa8\x01\0\0\0".as_slice(), b"\xdb\x01\0\0\0", b"\xa9\x01", b"\xfb"] {
            let bytes = [open, b"r\0\0\0\0NNN0"].concat();
            let error = read(&bytes, form).map(|_| ()).expect_err("a reference to what is not complete");
            let expected = ErrorKind::InvalidReference(0);
            assert!(error.kind == expected || matches!(error.kind, ErrorKind::UnknownType(_)), "{error}");
        }
    }
}

/// A module of 3.13 whose constants are a tuple of twice the same tuple, and so on: a few bytes for each level,
/// and 2**LEVELS elements if every one is looked at.
#[test]
fn shared_constants_do_not_multiply() {
    const LEVELS: u32 = 60;
    let mut constants = b"N".to_vec();
    for level in 1..=LEVELS {
        let mut outer = b"\xa9\x02".to_vec();
        outer.extend_from_slice(&constants);
        if level == 1 {
            outer.push(b'N');
        } else {
            // Numbers are given from outside in.
            outer.push(b'r');
            outer.extend_from_slice(&(LEVELS - level + 1).to_le_bytes());
        }
        constants = outer;
    }
    let mut bytes =
        Header::new(Version::V3_13, pyrsc::marshal::Invalidation::CheckedHash([0; 8])).to_bytes().to_vec();
    bytes.push(b'c');
    bytes.extend_from_slice(&[0; 20]);
    // RESUME, LOAD_CONST 0, RETURN_VALUE
    bytes.extend_from_slice(b"s\x06\0\0\0\x95\0\x53\0\x24\0");
    bytes.extend_from_slice(&constants);
    bytes.extend_from_slice(b")\0)\0s\0\0\0\0z\x01az\x01mz\x01m\x01\0\0\0s\0\0\0\0s\0\0\0\0");
    let header = Header::parse(&bytes).expect("a header");
    read(&bytes[header.len()..], Version::V3_13).expect("right");
    use_pyc(&bytes);
}
