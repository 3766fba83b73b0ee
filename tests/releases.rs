//! One program as each release's own compiler wrote it (`fixtures/releases`, made with `py_compile`).

use pyrsc::code::{Object, Objects};
use pyrsc::listing::{Lister, Options, Shapes};
use pyrsc::marshal::{Header, Reader, Writer};

/// Releases whose files there are.
const RELEASES: [&str; 11] = [
    "2.7.18", "3.6.15", "3.7.16", "3.8.18", "3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0", "3.14.10",
    "3.15.2",
];

#[test]
fn files_of_every_release_come_back_and_are_listed() {
    let (mut reader, mut writer) = (Reader::new(), Writer::new());
    for release in RELEASES {
        let bytes = std::fs::read(format!("fixtures/releases/old-{release}.pyc")).expect(release);
        let header = Header::parse(&bytes).expect(release);
        let series = header.series().expect(release);
        assert!(release.starts_with(series.name), "{release} is {}", series.title());
        let form = series.form.expect(release);
        let mut objects = Objects::default();
        let (root, len) = reader.read(&bytes[header.len()..], form, &mut objects).expect(release);
        assert_eq!(header.len() + len, bytes.len(), "{release}");
        let mut written = header.to_bytes()[..header.len()].to_vec();
        writer.write(&objects, root, &mut written).expect(release);
        assert_eq!(written, bytes, "{release}");

        // What the program is, whatever the release. (3.12 inlines its comprehension.)
        let names: Vec<&[u8]> = objects.codes.iter().map(|code| objects.text(code.name)).collect();
        for name in [b"<module>".as_slice(), b"outer", b"inner", b"Thing", b"__init__", b"each", b"<lambda>"]
        {
            assert!(names.contains(&name), "{release} has {}", name.escape_ascii());
        }
        let outer = objects.codes.iter().find(|code| objects.text(code.name) == b"outer").expect(release);
        assert_eq!((outer.argcount, outer.firstlineno), (2, 13), "{release}");
        assert!(
            objects.objects.iter().any(|entry| match entry.object {
                Object::Long { negative, digits } => !negative && digits == [1, 0, 0, 0, 0, 4],
                // To 3.3, where the machine's `long` had 64 bits.
                Object::Int64(value) => value == (1 << 40) + 1,
                _ => false,
            }),
            "{release}"
        );

        let mut lister = Lister::with(Shapes::of_series(series).expect(release), Options::default());
        let mut text = Vec::new();
        lister.dis(&objects, root, &mut (), &mut text).expect(release);
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("STORE_NAME") && text.contains("(LIMIT)"), "{release}");
        assert!(!text.contains(" <1") && !text.contains(" <2"), "{release}: {text}");
    }
}
