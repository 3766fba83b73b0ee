use super::{ErrorKind, Header, HeaderError, Invalidation, Reader, Writer, read, source_hash};
use crate::code::{Object, Objects};
use crate::target::Version;
use std::path::{Path, PathBuf};

/// The committed reference files: path and contents.
fn golden() -> Vec<(PathBuf, Vec<u8>)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("entry").path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "pyc") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(Path::new("fixtures/golden"), &mut paths);
    paths.into_iter().map(|path| (path.clone(), std::fs::read(&path).expect("readable"))).collect()
}

fn write_back(objects: &Objects<'_>, root: crate::code::ObjectId) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::new().write(objects, root, &mut out).expect("was read");
    out
}

#[test]
fn reference_files_round_trip() {
    let files = golden();
    assert!(files.len() > 100, "the fixtures are there");
    for (path, bytes) in files {
        let header = Header::parse(&bytes).expect("a header");
        assert_eq!(header.to_bytes(), bytes[..16]);
        let version = header.version().expect("a target's magic number");
        let read = read(&bytes[16..], version).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(read.len, bytes.len() - 16);
        assert!(write_back(&read.objects, read.root) == bytes[16..], "{}", path.display());
    }
}

#[test]
fn every_type_round_trips() {
    let samples: &[&[u8]] = &[
        b"N",
        b"F",
        b"T",
        b".",
        b"S",
        b"i\xff\xff\xff\xff",
        b"l\xfd\xff\xff\xff\x01\x00\x02\x00\x03\x00",
        b"g\x00\x00\x00\x00\x00\x00\xf8\x7f",
        b"y\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00\x00\x80",
        b"s\x02\x00\x00\x00ab",
        b"u\x02\x00\x00\x00\xc3\xa9",
        b"t\x03\x00\x00\x00\xed\xb2\x80",
        b"a\x01\x00\x00\x00a",
        b"A\x01\x00\x00\x00a",
        b"z\x01a",
        b"Z\x00",
        b")\x02\xe9\x01\x00\x00\x00r\x00\x00\x00\x00",
        b"(\x01\x00\x00\x00N",
        b"[\x01\x00\x00\x00N",
        b"{z\x01aNz\x01bT0",
        b"<\x01\x00\x00\x00N",
        b">\x00\x00\x00\x00",
        b":NNi\x02\x00\x00\x00",
    ];
    for sample in samples {
        let read =
            read(sample, Version::V3_14).unwrap_or_else(|error| panic!("{}: {error}", sample.escape_ascii()));
        assert_eq!(read.len, sample.len());
        assert_eq!(write_back(&read.objects, read.root), *sample);
    }
}

#[test]
fn bad_bytes_are_named() {
    let cases: &[(&[u8], ErrorKind, usize)] = &[
        (b"", ErrorKind::UnexpectedEnd, 0),
        (b"i\x01\x02", ErrorKind::UnexpectedEnd, 1),
        (b"?", ErrorKind::UnknownType(b'?'), 0),
        (b":NNN", ErrorKind::UnknownType(b':'), 0),
        (b"0", ErrorKind::Null, 0),
        (b")\x010", ErrorKind::Null, 2),
        (b"{N0", ErrorKind::Null, 2),
        (b"r\x00\x00\x00\x00", ErrorKind::InvalidReference(0), 0),
        (b"\xa9\x01r\x00\x00\x00\x00", ErrorKind::InvalidReference(0), 2),
        (b"r\xff\xff\xff\xff", ErrorKind::InvalidReference(-1), 0),
        (b"(\xff\xff\xff\x7f", ErrorKind::UnexpectedEnd, 1),
        (b"(\xff\xff\xff\xff", ErrorKind::Length(-1), 1),
        (b"s\xff\xff\xff\x7fabc", ErrorKind::UnexpectedEnd, 1),
        (b"z\x01\xe9", ErrorKind::NotAscii, 2),
        (b"u\x01\x00\x00\x00\xff", ErrorKind::NotUtf8, 5),
        (b"u\x03\x00\x00\x00\xed\xa0a", ErrorKind::NotUtf8, 5),
        (b"l\x01\x00\x00\x00\x00\x80", ErrorKind::Digit, 1),
        (b"l\x01\x00\x00\x00\x00\x00", ErrorKind::LeadingZero, 1),
        (b"f\x01x", ErrorKind::FloatText, 1),
    ];
    for (bytes, kind, offset) in cases {
        let error = read(bytes, Version::V3_13).expect_err("bad");
        assert_eq!((error.kind, error.offset), (*kind, *offset), "{}", bytes.escape_ascii());
    }
}

#[test]
fn nesting_has_cpythons_limit() {
    let nested = |depth: usize| {
        let mut bytes = b")\x01".repeat(depth - 1);
        bytes.push(b'N');
        bytes
    };
    let deepest = nested(2000);
    let read_back = read(&deepest, Version::V3_13).expect("CPython reads 2000 objects deep");
    assert_eq!(write_back(&read_back.objects, read_back.root), deepest);
    let error = read(&nested(2001), Version::V3_13).expect_err("and not 2001");
    assert_eq!(error.kind, ErrorKind::TooDeep);
}

#[test]
fn text_floats_are_read() {
    let read = read(b"f\x031.5", Version::V3_13).expect("a float");
    assert_eq!(read.objects.get(read.root), Object::Float(1.5f64.to_bits()));
}

#[test]
fn headers() {
    let bytes = *b"\xf3\x0d\r\n\x00\x00\x00\x00FS\x01k\x12\x00\x00\x00";
    let header = Header::parse(&bytes).expect("a header");
    assert_eq!(header.invalidation, Invalidation::Timestamp { mtime: 0x6B01_5346, size: 18 });
    assert_eq!(header.version(), Some(Version::V3_13));
    assert_eq!(header.to_bytes(), bytes);
    let hash = source_hash(Version::V3_13, b"x=1\ndef f(): pass\n");
    let header = Header::new(Version::V3_13, Invalidation::CheckedHash(hash));
    assert_eq!(header.to_bytes(), *b"\xf3\x0d\r\n\x03\x00\x00\x00\xba\xe9\xd3|\x89\xacP\x08");
    let hash = source_hash(Version::V3_14, b"x=1\ndef f(): pass\n");
    let header = Header::new(Version::V3_14, Invalidation::UncheckedHash(hash));
    assert_eq!(header.to_bytes(), *b"+\x0e\r\n\x01\x00\x00\x00s\xe0\xd7\xd8\xbb\xf3P\xed");
    assert_eq!(Header::parse(b"\xf3\x0d\r\n"), Err(HeaderError::TooShort { len: 4 }));
    assert!(matches!(Header::parse(&[0; 16]), Err(HeaderError::NotPyc { .. })));
    assert_eq!(
        Header::parse(b"\xf3\x0d\r\n\x02\x00\x00\x00FS\x01k\x12\x00\x00\x00"),
        Err(HeaderError::Flags { flags: 2 })
    );
}

#[test]
fn damaged_files_are_refused_as_expected() {
    let expected = std::fs::read_to_string("fixtures/corrupt/expected.txt").expect("the fixtures are there");
    let mut checked = 0;
    for line in expected.lines() {
        let (name, message) = line.split_once(": ").expect("name and message");
        let bytes = std::fs::read(format!("fixtures/corrupt/{name}.pyc")).expect("readable");
        let answer = match Header::parse(&bytes) {
            Err(error) => error.to_string(),
            Ok(header) => match header.version() {
                None => "not a target".into(),
                Some(version) => match read(&bytes[Header::LEN..], version) {
                    Err(error) => error.in_file(&header).to_string(),
                    Ok(_) => "readable".into(),
                },
            },
        };
        assert_eq!(answer, message, "{name}");
        checked += 1;
    }
    let files = std::fs::read_dir("fixtures/corrupt").expect("a folder").count() - 1;
    assert_eq!(checked, files, "a line for each file");
}

/// A small generator (xorshift), so that the mutants are the same each time.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

pub(super) fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => bytes[at] = random.next() as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at.max(1)),
            3 => {
                let codes = b"0NFTS.iIfgxylstr([{cu<>:aA)zZ\xa9\xe3\xfa\xda";
                bytes[at] = codes[random.below(codes.len())];
            }
            4 => {
                let number = [0u32, 1, 255, 256, 0x7FFF_FFFF, 0x8000_0000, u32::MAX][random.below(7)];
                for (place, byte) in bytes[at..].iter_mut().zip(number.to_le_bytes()) {
                    *place = byte;
                }
            }
            5 => {
                let piece = bytes[at..(at + random.below(40)).min(bytes.len())].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let end = (at + random.below(20)).min(bytes.len());
                bytes.drain(at..end);
                if bytes.is_empty() {
                    bytes.push(b'c');
                }
            }
        }
    }
}

#[test]
fn mutants_are_read_or_refused_within_bounds() {
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    let files: Vec<Vec<u8>> =
        golden().into_iter().map(|(_, bytes)| bytes).filter(|bytes| bytes.len() < 8000).collect();
    let (mut reader, mut writer, mut out) = (Reader::new(), Writer::new(), Vec::new());
    let mut accepted = 0;
    for round in 0..40_000 {
        let file = &files[random.below(files.len())];
        let version = Header::parse(file).ok().and_then(|header| header.version()).expect("a target");
        let mut input = file[16..].to_vec();
        mutate(&mut input, &mut random);
        let mut graph = Objects::default();
        let Ok((root, len)) = reader.read(&input, version, &mut graph) else { continue };
        accepted += 1;
        assert!(graph.objects.len() <= input.len() && graph.children.len() <= input.len(), "round {round}");
        // What was read can be written, and reads as the same again. Text floats become longer.
        out.clear();
        writer.write(&graph, root, &mut out).expect("was read");
        assert!(out.len() <= 4 * len, "round {round}");
        let again = read(&out, version).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(again.objects.objects.len(), graph.objects.len(), "round {round}");
    }
    assert!(accepted > 1000, "some mutants are still whole: {accepted}");
}
