//! Compiling any bytes for any target never panics, and what comes out can be read again. Seeds: the sources of
//! `fixtures/golden` behind one byte that chooses the target and the level.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyrsc::compile::{Options, STACK_BYTES, Session};
use pyrsc::marshal::read;
use pyrsc::target::{Target, Version};
use pyrsc::value::PyStr;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, source)) = bytes.split_first() else { return };
    let targets: Vec<Target> = Version::COMPILED.iter().map(|&version| Target::newest(version)).collect();
    let target = targets[usize::from(choice / 3) % targets.len()];
    let options = Options { optimize: choice % 3, ..Options::new(target) };
    std::thread::scope(|scope| {
        // The sanitizer's frames are several times as large.
        let thread = std::thread::Builder::new().stack_size(4 * STACK_BYTES);
        thread.spawn_scoped(scope, || compile(source, &options)).expect("a thread").join().expect("no panic");
    });
});

fn compile(source: &[u8], options: &Options) {
    let (mut out, mut warnings) = (Vec::new(), Vec::new());
    let compiled =
        Session::new().compile_into(source, PyStr::from("fuzz.py"), options, &mut out, &mut warnings);
    if compiled.is_ok() {
        read(&out, options.target.version).expect("what was compiled can be read");
    }
}
