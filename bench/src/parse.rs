//! Lexer and parser against ruff's: the same texts, in turn, in one process.

use super::{RUNS, median, sources};
use bumpalo::Bump;
use pyrsc::source::decode;
use pyrsc::syntax::{ParseOptions, parse};
use pyrsc::target::Target;
use pyrsc::value::Interner;
use std::path::Path;
use std::time::{Duration, Instant};

pub fn run(folder: &Path, target: Target) -> Result<(), String> {
    let files = sources(folder)?;
    let options = ParseOptions::exec(target);
    let mut ours = Ours { arena: Bump::new(), names: Interner::new(), options };
    // What both accept.
    let texts: Vec<String> = files
        .iter()
        .filter_map(|file| Some(decode(file, target).ok()?.text.into_owned()))
        .filter(|text| ours.parse(text).1 && ruff(text).1)
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let (mut a, mut b, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let own: Duration = texts.iter().map(|text| ours.parse(text).0).sum();
        let their: Duration = texts.iter().map(|text| ruff(text).0).sum();
        if run > 0 {
            a.push(speed(bytes, own));
            b.push(speed(bytes, their));
            ratios.push(their.as_secs_f64() / own.as_secs_f64());
        }
    }
    println!(
        "{} of {} files, {:.1} MB: pyrsc {:.0} MB/s, ruff {:.0} MB/s, ratio {:.2} ({:.2} to {:.2})",
        texts.len(),
        files.len(),
        bytes as f64 / 1e6,
        median(&a),
        median(&b),
        median(&ratios),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
    );
    Ok(())
}

fn speed(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// Our parser with the memory that a batch reuses.
struct Ours {
    arena: Bump,
    names: Interner,
    options: ParseOptions,
}

impl Ours {
    /// How long it takes to parse, and whether that succeeds.
    fn parse(&mut self, text: &str) -> (Duration, bool) {
        let start = Instant::now();
        self.arena.reset();
        self.names.reset();
        let mut warnings = Vec::new();
        let parsed = parse(&self.arena, &mut self.names, text, &self.options, &mut warnings);
        (start.elapsed(), parsed.is_ok())
    }
}

/// The same for ruff's. What it takes to free the tree is not counted.
fn ruff(text: &str) -> (Duration, bool) {
    let start = Instant::now();
    let parsed = ruff_python_parser::parse_module(text);
    (start.elapsed(), parsed.is_ok())
}
