use super::*;

fn scratch(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("pyrsc-files-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_buffer_is_as_long_as_the_file_it_read_last() {
    let folder = scratch("buffer");
    let mut buffer = Buffer::default();
    for text in ["", "short", "a much longer text than before", "x", ""] {
        fs::write(folder.join("f"), text).unwrap();
        let stamp = buffer.read(&folder.join("f")).unwrap();
        assert_eq!((buffer.contents(), stamp.size), (text.as_bytes(), text.len() as u64));
    }
    assert!(buffer.read(&folder.join("missing")).is_err());
    assert!(buffer.read(&folder).is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_are_longer_than_they_say_are_read_whole() {
    // Files of /proc say that they are empty.
    let mut buffer = Buffer::default();
    buffer.read(Path::new("/proc/self/status")).unwrap();
    assert!(buffer.contents().starts_with(b"Name:") && buffer.contents().len() > 100);
}

#[test]
fn leftovers_of_a_killed_process_are_in_nobodys_way() {
    let folder = scratch("leftover");
    let target = folder.join("t.pyc");
    let leftover = folder.join(format!(".pyrsc-{}-7-0.tmp", std::process::id()));
    fs::write(&leftover, "half").unwrap();
    let mut temporary = Temporary::new(7);
    temporary.write(&target, b"whole", 0o644).unwrap();
    temporary.write(&target, b"again", 0o644).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"again");
    assert_eq!(fs::read(&leftover).unwrap(), b"half");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_leaves_the_old_file_and_no_other() {
    let folder = scratch("failed");
    let target = folder.join("t.pyc");
    fs::create_dir(&target).unwrap();
    // The rename fails: a folder is in the way.
    assert!(Temporary::new(0).write(&target, b"bytes", 0o644).is_err());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn times_round_as_pythons_float_does() {
    let folder = scratch("times");
    let path = folder.join("f");
    fs::write(&path, "").unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let stamp = |nanoseconds| {
        let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_700_000_000, nanoseconds);
        file.set_modified(time).unwrap();
        Stamp::of(&fs::metadata(&path).unwrap()).mtime
    };
    // int(os.stat(path).st_mtime) after os.utime(path, ns=(…, 1700000000999999999))
    assert_eq!(stamp(999_999_000), 1_700_000_000);
    assert_eq!(stamp(999_999_999), 1_700_000_001);
    fs::remove_dir_all(folder).unwrap();
}
