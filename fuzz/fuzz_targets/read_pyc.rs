//! Reading a `.pyc` never panics, uses memory in proportion to the file, and what was read can be written and
//! read again as the same. Seeds: `fixtures/golden` and `fixtures/corrupt`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyrsc::marshal::{Header, Writer, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes) else { return };
    assert_eq!(header.to_bytes(), bytes[..Header::LEN]);
    let Some(version) = header.version() else { return };
    let body = &bytes[Header::LEN..];
    let Ok(first) = read(body, version) else { return };
    assert!(first.objects.objects.len() <= body.len());
    assert!(first.objects.children.len() <= body.len());
    let mut written = Vec::new();
    Writer::new().write(&first.objects, first.root, &mut written).expect("what was read can be written");
    let second = read(&written, version).expect("what was written can be read");
    assert_eq!(first.objects.objects.len(), second.objects.objects.len());
});
