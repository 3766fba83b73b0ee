//! Reading a `.pyc` never panics, uses memory in proportion to the file, and what was read can be written and
//! read again as the same. Seeds: `fixtures/golden` and `fixtures/corrupt`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyrsc::marshal::{Header, Writer, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes) else { return };
    assert_eq!(header.to_bytes()[..header.len()], bytes[..header.len()]);
    let Some(form) = header.series().and_then(|series| series.form) else { return };
    let body = &bytes[header.len()..];
    let Ok(first) = read(body, form) else { return };
    // Kinds between a code object's fields have no type codes.
    assert!(first.objects.objects.len() <= 2 * body.len());
    assert!(first.objects.children.len() <= body.len());
    let mut written = Vec::new();
    Writer::new().write(&first.objects, first.root, &mut written).expect("what was read can be written");
    let second = read(&written, form).expect("what was written can be read");
    assert_eq!(first.objects.objects.len(), second.objects.objects.len());
});
