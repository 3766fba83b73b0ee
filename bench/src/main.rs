//! Measures the compiler from inside: `pyrsc-bench parse DIR` compares lexer and parser with ruff's parser,
//! `pyrsc-bench stages DIR TARGET` tells how long each stage of compiling takes. Run by `cargo xtask bench`.

mod parse;
mod stages;

use pyrsc::target::Target;
use std::path::Path;
use std::process::ExitCode;

/// Every measurement is repeated this often after one warm-up.
const RUNS: usize = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["parse", folder, target] => target_of(target).and_then(|it| parse::run(Path::new(folder), it)),
        ["stages", folder, target] => target_of(target).and_then(|it| stages::run(Path::new(folder), it)),
        _ => Err("usage: pyrsc-bench parse|stages FOLDER TARGET".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn target_of(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| format!("{text}: no such target"))
}

/// The bytes of all `.py` files below a folder.
fn sources(folder: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|it| it == "py") {
            found.push(std::fs::read(entry.path()).map_err(|error| error.to_string())?);
        }
    }
    if found.is_empty() { Err(format!("{}: no .py files", folder.display())) } else { Ok(found) }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
