//! Zip files, written: stored entries, no times. APPNOTE 6.3.10 is the format's description.

use std::collections::BTreeMap;

/// More than a zip file without its 64-bit extensions holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

/// What a version of the format can do: 2.0.
const VERSION: u16 = 20;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// The first of January 1980, which is the least that can be said.
const DATE: u16 = 1 << 5 | 1;
/// Made on Unix; a regular file that all may read.
const MADE_BY: u16 = 3 << 8 | VERSION;
const MODE: u32 = 0o100_644 << 16;

/// A zip file behind `prefix`, which may be a program or a line for the shell. `first` comes first, the others by name.
///
/// # Errors
/// When it gets too large.
pub fn write(prefix: &[u8], first: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, TooLarge> {
    let number = |it: usize| u32::try_from(it).map_err(|_| TooLarge);
    let short = |it: usize| u16::try_from(it).map_err(|_| TooLarge);
    let mut out = prefix.to_vec();
    let mut directory = Vec::new();
    let order = files.get_key_value(first).into_iter().chain(files.iter().filter(|(name, _)| *name != first));
    for (name, data) in order {
        let start = number(out.len())?;
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        let (crc, size) = (crc32(data), number(data.len())?);
        // What both headers have: flags, method, time, date, sums, sizes, length of the name, no extra field.
        let mut common = Vec::new();
        for word in [VERSION, flags, 0, 0, DATE] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        for word in [crc, size, size] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&short(name.len())?.to_le_bytes());
        common.extend_from_slice(&0u16.to_le_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(data);
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&MADE_BY.to_le_bytes());
        directory.extend_from_slice(&common);
        // No comment, the first disk, nothing said about the contents.
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&MODE.to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, count) = (number(out.len())?, short(files.len())?);
    let size = number(directory.len())?;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for word in [count, count] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    for word in [size, start] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&[0; 2]);
    number(out.len())?;
    Ok(out)
}

/// The check sum of zip files.
fn crc32(data: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut value = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        table
    };
    !data.iter().fold(!0, |sum, &byte| sum >> 8 ^ TABLE[usize::from(sum as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn what_comes_first_is_said() {
        let files = [("a.pyc".to_owned(), vec![1]), ("b.pyc".to_owned(), vec![2, 3])].into();
        let written = write(b"#!x\n", "b.pyc", &files).unwrap();
        assert!(written.starts_with(b"#!x\nPK\x03\x04"));
        assert_eq!(&written[4 + 30..4 + 35], b"b.pyc");
        // The end names the directory by its place in the whole file.
        let end = written.len() - 22;
        let at = u32::from_le_bytes(written[end + 16..end + 20].try_into().unwrap()) as usize;
        assert!(written[at..].starts_with(b"PK\x01\x02"));
    }
}
