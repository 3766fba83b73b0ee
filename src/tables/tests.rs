use super::*;
use crate::source::Location;

fn lines(table: &[u8], first: i32) -> Result<Vec<LineEntry>, TableError> {
    LineTable::new(table, first).collect()
}

#[test]
fn each_form_of_a_location_entry() {
    // What CPython 3.13 writes for "RESUME" of a module, a short entry, a one-line entry with a line delta,
    // a long entry, an entry without columns and one without location.
    let table = [
        0xf0, 0x03, 0x01, 0x01, 0x01, // long: line -1, end +1, columns 0 and 0
        0xd8, 0x04, 0x05, // one line, +1: 4–5, 1 unit
        0x80, 0x15, // short: column 1, width 5
        0xea, 0x04, // no columns, line +2, 3 units
        0xff, // none, 8 units
    ];
    let got = lines(&table, 1).unwrap();
    let expected = [
        (0, 1, Location::new(0, 0, 1, 0)),
        (1, 1, Location::new(1, 4, 1, 5)),
        (2, 1, Location::new(1, 1, 1, 6)),
        (3, 3, Location::new(3, -1, 3, -1)),
        (6, 8, Location::NONE),
    ];
    assert_eq!(got, expected.map(|(start, units, location)| LineEntry { start, units, location }));
}

#[test]
fn long_numbers_of_a_location_entry() {
    // Line delta 100 000 = 200 000 zigzag = 0b110000_110101_000000 in three six-bit groups, low first.
    let table = [0xf0, 0x40, 0x75, 0x30, 0x00, 0x41, 0x01, 0x42, 0x01];
    let got = lines(&table, 5).unwrap();
    assert_eq!(got[0].location, Location::new(100_005, 64, 100_005, 65));
}

#[test]
fn bad_location_tables_are_errors() {
    assert_eq!(lines(&[0x00], 1), Err(TableError::BadEntry { offset: 0, byte: 0 }));
    assert_eq!(lines(&[0x80], 1), Err(TableError::Truncated { offset: 1 }));
    assert_eq!(lines(&[0xf0, 0x40], 1), Err(TableError::Truncated { offset: 2 }));
    assert_eq!(
        lines(&[0xe8, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f], 1),
        Err(TableError::TooLarge { offset: 1 })
    );
    // A line that leaves 32 bits wraps as in C, it does not panic.
    assert!(lines(&[0xe8, 0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 0x03], i32::MAX).is_ok());
}

#[test]
fn exception_table_entries() {
    // 3.13's table of a `with` statement: two entries, the second with lasti.
    let table = [0x8c, 0x02, 0x10, 0x03, 0x81, 0x40 | 2, 0x05, 0x41, 0x02, 0x02];
    let got: Result<Vec<_>, _> = ExceptionTable::new(&table).collect();
    assert_eq!(
        got.unwrap(),
        [
            Handler { start: 24, end: 28, target: 32, depth: 1, lasti: true },
            Handler { start: 2, end: 2 + (2 * 64 + 5) * 2, target: (64 + 2) * 2, depth: 1, lasti: false },
        ]
    );
}

#[test]
fn bad_exception_tables_are_errors() {
    let read = |table: &[u8]| ExceptionTable::new(table).collect::<Result<Vec<_>, _>>();
    assert_eq!(read(&[0x81, 1, 1]), Err(TableError::Truncated { offset: 3 }));
    assert_eq!(read(&[0xff, 0x7f]), Err(TableError::Truncated { offset: 2 }));
    assert_eq!(
        read(&[0xff, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 1]),
        Err(TableError::TooLarge { offset: 0 })
    );
    let all: Vec<u8> = (0..=255).collect();
    for start in 0..all.len() {
        let _ = read(&all[start..]);
        let _ = lines(&all[start..], 1);
    }
}

#[test]
fn what_is_written_reads_back() {
    let written = [
        (Location::new(0, 0, 1, 0), 1),
        (Location::new(1, 4, 1, 9), 2),
        (Location::new(1, 79, 1, 94), 8),
        (Location::new(1, 80, 1, 81), 9),
        (Location::new(3, 127, 3, 127), 1),
        (Location::new(3, 9, 3, 4), 1),
        (Location::new(2, 0, 2, 1), 1),
        (Location::new(2, 0, 2, 300), 20),
        (Location::new(5, 1, 5, 2), 17),
        (Location::new(5, 12, 5, 20), 16),
        (Location::new(6, 2, 7, 61), 9),
        (Location::new(7, 63, 70, 62), 3),
        (Location::new(2, -1, 2, -1), 1),
        (Location::new(70_000, -1, 70_001, -1), 1),
        (Location::NONE, 17),
    ];
    let units = written.iter().map(|&(_, units)| units).sum();
    let mut out = vec![0; LineWriter::room(written.len(), units)];
    let mut writer = LineWriter::new(&mut out, 1);
    for (location, units) in written {
        writer.push(location, units);
    }
    let len = writer.len();
    let mut read: Vec<(Location, u32)> = Vec::new();
    for entry in lines(&out[..len], 1).unwrap() {
        assert!(entry.units <= 8);
        match read.last_mut() {
            Some((location, units)) if *location == entry.location => *units += entry.units,
            _ => read.push((entry.location, entry.units)),
        }
    }
    assert_eq!(read, written);
}

#[test]
fn handlers_that_are_written_read_back() {
    let written = [(0, 1, 2, 0, false), (63, 64, 4_095, 3, true), (4_096, 300_000, 20_000_000, 31, false)];
    let mut out = Vec::new();
    for (start, units, target, depth, lasti) in written {
        push_handler(&mut out, start, units, target, depth, lasti);
    }
    let read: Vec<_> = ExceptionTable::new(&out).map(|handler| handler.unwrap()).collect();
    let expected = written.map(|(start, units, target, depth, lasti)| Handler {
        start: 2 * start,
        end: 2 * (start + units),
        target: 2 * target,
        depth,
        lasti,
    });
    assert_eq!(read, expected);
}

/// Runs as (start, end, line).
fn runs(table: &[u8], format: RunFormat, first: i32) -> Vec<(u32, u32, i32)> {
    LineRuns::new(table, format, first).map(|run| (run.start, run.end, run.line)).collect()
}

#[test]
fn pairs_of_increments_add_up() {
    // Two lines at offset 6, one of them without code; a step too large for a byte; a last odd byte.
    let table = [6, 1, 0, 2, 255, 0, 45, 200, 9];
    let expected = [(0, 6, 1), (6, 261, 4), (261, 306, 4), (306, u32::MAX, 204)];
    assert_eq!(runs(&table, RunFormat::Unsigned, 1), expected);
    let expected = [(0, 6, 1), (6, 261, 4), (261, 306, 4), (306, u32::MAX, -52)];
    assert_eq!(runs(&table, RunFormat::Signed, 1), expected);
    assert_eq!(runs(&[], RunFormat::Signed, 7), [(0, u32::MAX, 7)]);
}

#[test]
fn ranges_with_and_without_a_line() {
    let table = [4, 1, 0, 127, 2, 3, 254, 0x80, 6, 0x80, 2, 0xff];
    let expected = [(0, 4, 2), (4, 6, 132), (6, 260, -1), (260, 266, -1), (266, 268, 131)];
    assert_eq!(runs(&table, RunFormat::Ranges, 1), expected);
    assert_eq!(runs(&[], RunFormat::Ranges, 1), []);
}

#[test]
fn increments_are_written_as_cpython_writes_them() {
    // Seen in 3.8 and 3.9: (offset, line) of the second statement, and the table.
    for (offset, line, expected) in [
        (4, 127, &[4u8, 126][..]),
        (4, 255, &[4, 127, 0, 127, 0, 0]),
        (4, 382, &[4, 127, 0, 127, 0, 127, 0, 0]),
        (336, 2, &[255, 0, 81, 1]),
        (510, 2, &[255, 0, 255, 0, 0, 1]),
        (512, 2, &[255, 0, 255, 0, 2, 1]),
        (2, -256, &[2, 128, 0, 128, 0, 255]),
    ] {
        let mut out = Buffer::default();
        let mut writer = LnotabWriter::new(&mut out, 1);
        writer.push(0, 1);
        writer.push(offset, line);
        assert_eq!(out.as_slice(), expected, "{offset} {line}");
        let last = LineRuns::new(out.as_slice(), RunFormat::Signed, 1).last();
        assert_eq!(last, Some(LineRun { start: offset, end: u32::MAX, line }));
    }
}

#[test]
fn ranges_are_written_as_cpython_writes_them() {
    let mut out = Buffer::default();
    let mut writer = RangeWriter::new(&mut out, 1);
    for (line, length) in [(1, 4), (255, 8), (256, 520), (-1, 508), (2, 2), (3, 0)] {
        writer.push(line, length);
    }
    let expected = [
        &[4u8, 0][..],
        &[0, 127, 8, 127],
        &[254, 1, 254, 0, 12, 0],
        &[254, 128, 254, 128],
        &[0, 129, 2, 129],
    ];
    assert_eq!(out.as_slice(), expected.concat());
    let read = runs(out.as_slice(), RunFormat::Ranges, 1);
    assert_eq!(read.first(), Some(&(0, 4, 1)));
    assert_eq!(read.last(), Some(&(1040, 1042, 2)));
}
