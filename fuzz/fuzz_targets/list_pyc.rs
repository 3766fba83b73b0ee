//! Listing and comparing what was read from a `.pyc` never panics, and takes no more output than allowed.
//! Seeds: `fixtures/golden` and `fixtures/corrupt`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyrsc::listing::compare::{Side, compare};
use pyrsc::listing::{JsonLister, Lister, Options, Shapes};
use pyrsc::marshal::{Header, read};

/// The most output; the check comes after each line or constant, so a little more is possible.
const LIMIT: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes) else { return };
    let known = header.series().and_then(|series| Some((series.form?, Shapes::of_series(series)?)));
    let Some((form, shapes)) = known else { return };
    let Ok(read) = read(&bytes[header.len()..], form) else { return };
    let mut text = Vec::new();
    for all in [false, true] {
        let mut lister = Lister::with(shapes, Options { caches: all, offsets: all, positions: all });
        lister.set_limit(LIMIT);
        text.clear();
        let _ = lister.dis(&read.objects, read.root, &mut (), &mut text);
        assert!(text.len() <= LIMIT + 64 * bytes.len() + 4096);
    }
    text.clear();
    let _ = JsonLister::with(shapes, LIMIT).write(&read.objects, read.root, &mut text);
    let side = Side { objects: &read.objects, root: read.root };
    if let Ok(found) = compare(side, side) {
        assert!(found.is_empty());
    }
});
