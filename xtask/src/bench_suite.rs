//! The pure-Python benchmarks of pyperformance, for `cargo xtask bench vm`: fetched by version and hash, run with our
//! stand-in for pyperf (`xtask/scripts/pyperf`). Time is what the benchmark itself measures, for one of its loops.

use crate::bench::{measure_in, median};
use crate::packages::{list, newest_python_with_pip, succeed};
use crate::references::Reference;
use crate::{Result, root, target_folder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The benchmarks, with their arguments where those are part of the name.
const BENCHMARKS: [(&str, &str, &[&str]); 33] = [
    ("chaos", "chaos", &[]),
    ("deltablue", "deltablue", &[]),
    ("fannkuch", "fannkuch", &[]),
    ("float", "float", &[]),
    ("go", "go", &[]),
    ("hexiom", "hexiom", &[]),
    ("nbody", "nbody", &[]),
    ("nqueens", "nqueens", &[]),
    ("pidigits", "pidigits", &[]),
    ("pyflate", "pyflate", &[]),
    ("raytrace", "raytrace", &[]),
    ("richards", "richards", &[]),
    ("spectral_norm", "spectral_norm", &[]),
    ("unpack_sequence", "unpack_sequence", &[]),
    ("generators", "generators", &[]),
    ("comprehensions", "comprehensions", &[]),
    ("deepcopy", "deepcopy", &[]),
    ("json_dumps", "json_dumps", &[]),
    ("json_loads", "json_loads", &[]),
    ("regex_compile", "regex_compile", &[]),
    ("regex_v8", "regex_v8", &[]),
    ("logging", "logging", &[]),
    ("crypto_pyaes", "crypto_pyaes", &[]),
    ("mdp", "mdp", &[]),
    ("scimark", "scimark", &[]),
    ("barnes_hut", "barnes_hut", &[]),
    ("coroutines", "coroutines", &[]),
    ("async_generators", "async_generators", &[]),
    ("pickle_pure_python", "pickle", &["--pure-python", "pickle"]),
    ("unpickle_pure_python", "pickle", &["--pure-python", "unpickle"]),
    ("telco", "telco", &[]),
    ("gc_traversal", "gc_traversal", &[]),
    ("tomli_loads", "tomli_loads", &[]),
];

/// How long a benchmark may take, in seconds.
const PATIENCE: &str = "120";

/// One side: how its interpreter is started.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The executable and its options.
    pub words: &'a [String],
    /// Which library it uses, where that has to be said.
    pub stdlib: Option<&'a Path>,
}

/// What one run said: seconds for one loop by name of the benchmark, and the process's peak in KiB.
struct Run {
    seconds: BTreeMap<String, f64>,
    peak_kib: u64,
    failure: Option<String>,
}

struct Suite {
    packages: PathBuf,
    work: PathBuf,
}

/// Runs all of them and prints a row for each; the natural logarithms of the speeds.
///
/// # Errors
/// Something cannot be fetched, or CPython fails.
pub fn run(theirs: Side<'_>, ours: Side<'_>, runs: usize, only: &[String]) -> Result<Vec<f64>> {
    let suite = Suite { packages: fetch()?, work: target_folder().join("bench-vm") };
    let library = suite.work.join("pyperf");
    std::fs::create_dir_all(&library).map_err(|error| error.to_string())?;
    // A copy, so that no `.pyc` is written into the repository.
    std::fs::copy(root().join("xtask/scripts/pyperf/pyperf.py"), library.join("pyperf.py"))
        .map_err(|error| error.to_string())?;
    let mut logarithms = Vec::new();
    for (name, folder, arguments) in BENCHMARKS {
        if only.is_empty() || only.iter().any(|it| it == name) {
            suite.benchmark(name, folder, arguments, [theirs, ours], runs, &mut logarithms)?;
        }
    }
    Ok(logarithms)
}

impl Suite {
    fn benchmark(
        &self,
        name: &str,
        folder: &str,
        arguments: &[&str],
        sides: [Side<'_>; 2],
        runs: usize,
        logarithms: &mut Vec<f64>,
    ) -> Result<()> {
        let loops = self.work.join("loops");
        drop(std::fs::remove_file(&loops));
        let first = self.once(folder, arguments, sides[0], &loops, None)?;
        if let Some(failure) = first.failure {
            return Err(format!("{name} fails on CPython: {failure}"));
        }
        let out = self.work.join("seconds");
        let mut found: [Vec<Run>; 2] = [Vec::new(), Vec::new()];
        for _ in 0..runs.max(1) {
            for (side, found) in sides.into_iter().zip(&mut found) {
                found.push(self.once(folder, arguments, side, &out, Some(&loops))?);
            }
        }
        let [theirs, ours] = &found;
        let peak = |runs: &[Run]| median(runs.iter().map(|it| it.peak_kib as f64)) / 1024.0;
        for row in first.seconds.keys() {
            let pairs: Vec<(f64, f64)> = theirs
                .iter()
                .zip(ours)
                .filter_map(|(a, b)| Some((*a.seconds.get(row)?, *b.seconds.get(row)?)))
                .collect();
            if pairs.is_empty() {
                let why = ours.iter().find_map(|it| it.failure.as_deref()).unwrap_or("no result");
                println!("{row:<24} does not run: {why}");
                continue;
            }
            let speed = median(pairs.iter().map(|(a, b)| a / b));
            logarithms.push(speed.ln());
            println!(
                "{row:<24} {:>9.3} ms {:>9.3} ms {speed:>8.2} {:>12.1} MiB {:>12.1} MiB",
                median(pairs.iter().map(|it| it.0)) * 1e3,
                median(pairs.iter().map(|it| it.1)) * 1e3,
                peak(theirs),
                peak(ours)
            );
        }
        Ok(())
    }

    /// Runs a benchmark once, calibrating it where `loops` is not given.
    fn once(
        &self,
        folder: &str,
        arguments: &[&str],
        side: Side<'_>,
        out: &Path,
        loops: Option<&Path>,
    ) -> Result<Run> {
        drop(std::fs::remove_file(out));
        let script =
            self.packages.join(format!("pyperformance/data-files/benchmarks/bm_{folder}/run_benchmark.py"));
        let mut words = vec!["timeout".to_owned(), PATIENCE.to_owned()];
        words.extend(side.words.iter().cloned());
        words.push(script.to_string_lossy().into_owned());
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        let path = format!("{}:{}", self.work.join("pyperf").display(), self.packages.display());
        let mut environment = vec![("PYTHONPATH", path), ("PYPERF_OUT", out.to_string_lossy().into_owned())];
        if let Some(loops) = loops {
            environment.push(("PYPERF_LOOPS", loops.to_string_lossy().into_owned()));
        }
        if let Some(stdlib) = side.stdlib {
            environment.push(("PYRVM_STDLIB", stdlib.to_string_lossy().into_owned()));
        }
        let (cost, failure) = match measure_in(&words, &[0], &environment) {
            Ok(cost) => (Some(cost), None),
            Err(_) => (None, Some(reason(&words, &environment))),
        };
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let seconds = text.lines().filter_map(|line| {
            let mut parts = line.split_whitespace();
            let (name, _loops) = (parts.next()?, parts.next()?);
            Some((name.to_owned(), median(parts.filter_map(|it| it.parse().ok()))))
        });
        Ok(Run { seconds: seconds.collect(), peak_kib: cost.map_or(0, |it| it.peak_kib), failure })
    }
}

/// The last line that a command that failed writes to standard error, when it is run again.
fn reason(words: &[String], environment: &[(&str, String)]) -> String {
    let Some((exe, arguments)) = words.split_first() else { return String::new() };
    let output = Command::new(exe).args(arguments).envs(environment.iter().cloned()).output();
    match output {
        Ok(output) if output.status.code() == Some(124) => format!("no end within {PATIENCE} s"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            text.lines().last().map_or_else(|| output.status.to_string(), str::to_owned)
        }
        Err(error) => error.to_string(),
    }
}

/// The folder that holds the packages of `fixtures/bench.lock`; they are fetched when they are not there yet.
fn fetch() -> Result<PathBuf> {
    let folder = target_folder().join("bench-packages");
    let lock = root().join("fixtures/bench.lock");
    let stamp = folder.join(".lock");
    let unpacked = folder.join("unpacked");
    let wanted = std::fs::read_to_string(&lock).map_err(|error| error.to_string())?;
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(unpacked);
    }
    drop(std::fs::remove_dir_all(&folder));
    let python = newest_python_with_pip()?;
    let archives = folder.join("archives");
    let mut download = Command::new(&python.exe);
    download
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--require-hashes", "--dest"])
        .arg(&archives)
        .arg("--requirement")
        .arg(&lock);
    succeed(&mut download, "fetching the benchmarks")?;
    let mut unpack = Command::new(&python.exe);
    unpack.arg(root().join("xtask/scripts/unpack_benchmarks.py")).arg(&unpacked).args(list(&archives)?);
    succeed(&mut unpack, "unpacking the benchmarks")?;
    std::fs::write(stamp, wanted).map_err(|error| error.to_string())?;
    Ok(unpacked)
}

/// How the reference's own binary is started.
pub fn direct(reference: &Reference) -> Vec<String> {
    let (exe, mut words) = reference.direct();
    words.insert(0, exe.to_string_lossy().into_owned());
    words
}
