//! Measurements against the reference interpreters: two commands in turn, A B A B …, so that a drift of the
//! machine's speed touches both; medians and the ratio pair by pair.

use crate::references::{self, Reference};
use crate::{Result, bench_vm, root, target_folder};
use nix::sys::resource::{UsageWho, getrusage};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Args {
    /// What to measure.
    what: What,
    /// Counted runs of each command.
    #[arg(short = 'n', long, default_value_t = 5)]
    runs: usize,
    /// The tree to compile; default: the standard library of the oldest 3.13 that is found; of `targets`, the
    /// oldest interpreter's.
    #[arg(long)]
    source: Option<PathBuf>,
    /// How our side is built: as it is shipped, or with one of cargo's profiles.
    #[arg(long, default_value = "dist")]
    profile: String,
    /// Of `vm`, these benchmarks only.
    #[arg(long)]
    only: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// `pyrsc compile` against `python -m compileall`: fresh, replacing, up to date; with one and two jobs.
    Compile,
    /// `pyrsc compile` for each Python in turn, over one tree that all of them understand, beside 3.14.
    Targets,
    /// `pyrsc dis` of a tree of `.pyc` against `dis.dis` in one Python process.
    Dis,
    /// Lexer and parser against ruff's parser in one process (package `bench`, whose dependencies cargo
    /// fetches).
    Parse,
    /// Our stages one by one (the same package).
    Stages,
    /// `pyrvm` against CPython 3.14: pyperformance's benchmarks, the programs of `vm/benches`, and start-up.
    Vm,
}

/// One finished run.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Seconds.
    pub wall: f64,
    /// Seconds of processor time.
    pub cpu: f64,
    /// The largest process's resident set.
    pub peak_kib: u64,
}

/// Runs the measurement; true when every command ran well.
pub fn run(args: &Args) -> Result<bool> {
    let found = references::find();
    if args.what == What::Vm {
        let newest = found.values().rev().find(|it| it.version.1 == 14);
        let reference = newest.ok_or("no 3.14 was found (cargo xtask references)")?;
        return bench_vm::run(reference, &build("pyrvm", &args.profile)?, args.runs, &args.only);
    }
    let oldest = found.values().find(|it| args.what == What::Targets || it.version.1 == 13);
    let source = match &args.source {
        Some(source) => source.clone(),
        None => oldest.map(|it| it.stdlib.clone()).ok_or("no 3.13 was found (cargo xtask references)")?,
    };
    if args.what == What::Targets {
        return targets(&build("pyrsc", &args.profile)?, &copy(&source)?, args.runs);
    }
    if let What::Parse | What::Stages = args.what {
        let what = if args.what == What::Parse { "parse" } else { "stages" };
        return inside(what, &copy(&source)?);
    }
    let reference = found
        .values()
        .rev()
        .find(|it| it.version.1 == 13)
        .ok_or("no 3.13 was found (cargo xtask references)")?;
    let pyrsc = build("pyrsc", &args.profile)?;
    let tree = copy(&source)?;
    println!(
        "reference: CPython {}; tree: {} ({} .py files); {} counted runs after one warm-up",
        reference.release(),
        source.display(),
        crate::corpus::sources(&tree).len(),
        args.runs
    );
    let bench = Bench { reference, pyrsc: &pyrsc, tree: &tree, runs: args.runs };
    let outcome = match args.what {
        What::Compile => bench.compile(),
        What::Dis => bench.dis(),
        What::Parse | What::Stages | What::Targets | What::Vm => Ok(true),
    };
    drop(std::fs::remove_dir_all(target_folder().join("bench-aside")));
    outcome
}

/// The newest release of each series, in turn over the same tree with one job: what each costs beside 3.14.
fn targets(pyrsc: &Path, tree: &Path, runs: usize) -> Result<bool> {
    let series: Vec<String> = (8..=15).map(|minor| format!("3.{minor}")).collect();
    let base = series.iter().position(|it| it == "3.14").ok_or("3.14 is not among the targets")?;
    let command = |series: &String| -> Vec<String> {
        let words = ["compile", "-f", "-qq", "-j", "1", "--target", series];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        words.insert(0, pyrsc.to_string_lossy().into_owned());
        words.push(tree.to_string_lossy().into_owned());
        words
    };
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); series.len()];
    for run in 0..=runs {
        for (series, costs) in series.iter().zip(&mut costs) {
            remove_caches(tree);
            // 1: a newer Python refuses some files of an old library.
            let cost = measure(&command(series), &[0, 1])?;
            if run > 0 {
                costs.push(cost);
            }
        }
    }
    for (series, costs_here) in series.iter().zip(&costs) {
        let ratios = costs_here.iter().zip(&costs[base]).map(|(here, base)| here.cpu / base.cpu);
        println!(
            "{series:<6} {:7.1} ms  cpu {:7.1} ms, {:.2} of 3.14's",
            median(costs_here.iter().map(|it| it.wall)) * 1e3,
            median(costs_here.iter().map(|it| it.cpu)) * 1e3,
            median(ratios),
        );
    }
    drop(std::fs::remove_dir_all(target_folder().join("bench-aside")));
    Ok(true)
}

struct Bench<'a> {
    reference: &'a Reference,
    pyrsc: &'a Path,
    tree: &'a Path,
    runs: usize,
}

impl Bench<'_> {
    fn compile(&self) -> Result<bool> {
        let tree = self.tree.to_string_lossy().into_owned();
        let target = self.reference.release();
        for jobs in ["1", "2"] {
            let theirs = self.python(&["-m", "compileall", "-f", "-q", "-j", jobs, &tree]);
            let ours = self.own(&["compile", "-f", "-q", "-j", jobs, "--target", &target, &tree]);
            self.pair(&format!("fresh, -j {jobs}"), &theirs, &ours, true)?;
            self.pair(&format!("replacing, -j {jobs}"), &theirs, &ours, false)?;
        }
        let theirs = self.python(&["-m", "compileall", "-q", "-j", "1", &tree]);
        let ours = self.own(&["compile", "-q", "-j", "1", "--target", &target, &tree]);
        self.pair("up to date, -j 1", &theirs, &ours, false)?;
        let ours = self.own(&["compile", "-q", "--target", &target, &tree]);
        self.pair("up to date, ours with all cores", &theirs, &ours, false)?;
        Ok(true)
    }

    fn dis(&self) -> Result<bool> {
        let tree = self.tree.to_string_lossy().into_owned();
        let compile = self.own(&["compile", "-q", "--target", &self.reference.release(), &tree]);
        self.measure(&compile)?;
        let script = root().join("xtask/scripts/dis_tree.py").to_string_lossy().into_owned();
        let theirs = self.python(&[&script, &tree]);
        let ours = self.own(&["dis", &tree]);
        self.pair("dis of the tree's .pyc", &theirs, &ours, false)?;
        Ok(true)
    }

    fn python(&self, arguments: &[&str]) -> Vec<String> {
        let (exe, mut words) = self.reference.direct();
        words.insert(0, exe.to_string_lossy().into_owned());
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        words
    }

    fn own(&self, arguments: &[&str]) -> Vec<String> {
        let mut words = vec![self.pyrsc.to_string_lossy().into_owned()];
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        words
    }

    fn pair(&self, name: &str, theirs: &[String], ours: &[String], fresh: bool) -> Result<()> {
        let mut costs = [Vec::new(), Vec::new()];
        for run in 0..=self.runs {
            for (command, costs) in [theirs, ours].into_iter().zip(&mut costs) {
                if fresh {
                    remove_caches(self.tree);
                }
                let cost = self.measure(command)?;
                if run > 0 {
                    costs.push(cost);
                }
            }
        }
        let [theirs, ours] = costs;
        let ratio: Vec<f64> = theirs.iter().zip(&ours).map(|(a, b)| a.wall / b.wall).collect();
        println!(
            "{name:<32} CPython {:7.1} ms  pyrsc {:7.1} ms (cpu {:.1} ms, peak {} MiB)  ratio {:.1} ({:.1} to {:.1})",
            median(theirs.iter().map(|it| it.wall)) * 1e3,
            median(ours.iter().map(|it| it.wall)) * 1e3,
            median(ours.iter().map(|it| it.cpu)) * 1e3,
            ours.iter().map(|it| it.peak_kib).max().unwrap_or(0) / 1024,
            median(ratio.iter().copied()),
            ratio.iter().copied().fold(f64::INFINITY, f64::min),
            ratio.iter().copied().fold(0.0, f64::max),
        );
        Ok(())
    }

    fn measure(&self, command: &[String]) -> Result<Cost> {
        measure(command, &[0, 1])
    }
}

/// What a command costs, which is started by a small process ([`launch`]): the kernel counts the peak of the one
/// that starts it in.
///
/// # Errors
/// It cannot be started, or ends with a status that is none of `statuses`.
pub fn measure(command: &[String], statuses: &[i32]) -> Result<Cost> {
    measure_in(command, statuses, &[])
}

/// The same, with variables of the environment.
///
/// # Errors
/// As of [`measure`].
pub fn measure_in(command: &[String], statuses: &[i32], environment: &[(&str, String)]) -> Result<Cost> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(own)
        .arg(LAUNCH)
        .args(command)
        .env_remove("SOURCE_DATE_EPOCH")
        .envs(environment.iter().cloned())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [wall, cpu, peak, status] =
        <[f64; 4]>::try_from(numbers).map_err(|_| format!("{command:?} could not be measured"))?;
    // Five files of the standard library's tests are not valid Python: both sides report them.
    if !statuses.contains(&(status as i32)) {
        return Err(format!("{command:?} ended with status {status}"));
    }
    Ok(Cost { wall, cpu, peak_kib: peak as u64 })
}

/// The word that makes this program a launcher.
pub const LAUNCH: &str = "--launch";

/// Runs a command and prints what it cost: seconds of wall time, seconds of processor time, peak KiB, exit status.
/// The command's own output is thrown away.
pub fn launch(command: &[OsString]) -> Result<bool> {
    let (exe, arguments) = command.split_first().ok_or("no command")?;
    let start = Instant::now();
    let status = Command::new(exe)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| error.to_string())?;
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    println!("{wall:.6} {cpu:.6} {} {}", usage.max_rss(), status.code().unwrap_or(-1));
    Ok(true)
}

/// Runs the package that measures from inside.
fn inside(what: &str, source: &Path) -> Result<bool> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--release", "--quiet", "--locked", "--manifest-path"])
        .arg(root().join("bench/Cargo.toml"))
        .arg("--target-dir")
        .arg(target_folder().join("bench"))
        .args(["--", what])
        .arg(source)
        .arg("3.13")
        .status()
        .map_err(|error| error.to_string())?;
    Ok(status.success())
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One of our programs as it is shipped (profile "dist"; a release build where that cannot be made) or built with
/// one of cargo's profiles.
fn build(package: &'static str, profile: &str) -> Result<PathBuf> {
    let profile = match profile {
        "dist" => {
            if let Some(shipped) = crate::dist::binary(package)? {
                println!("{package}: optimised with a profile of itself (cargo xtask dist)");
                return Ok(shipped);
            }
            println!("{package}: a plain release build; rustup component add llvm-tools allows a better one");
            "release"
        }
        other => other,
    };
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--profile", profile, "--package", package, "--bin", package, "--quiet"])
        .current_dir(root())
        .status()
        .map_err(|error| error.to_string())?;
    let folder = target_folder().join(profile);
    if status.success() { Ok(folder.join(package)) } else { Err("the build failed".into()) }
}

/// A copy of the tree's sources, so that nothing is written into an interpreter's own folder.
fn copy(source: &Path) -> Result<PathBuf> {
    let tree = target_folder().join("bench-tree");
    drop(std::fs::remove_dir_all(&tree));
    for path in crate::corpus::sources(source) {
        let to = tree.join(&path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        }
        std::fs::copy(source.join(&path), &to).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(tree)
}

/// Takes the targets away. They are moved aside, not deleted: after many deletions ext4 is slow to create files
/// for minutes, which would be measured instead of the commands.
fn remove_caches(tree: &Path) {
    static MOVED: AtomicUsize = AtomicUsize::new(0);
    let aside = target_folder().join("bench-aside");
    drop(std::fs::create_dir_all(&aside));
    let caches: Vec<PathBuf> = walkdir::WalkDir::new(tree)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_dir() && entry.file_name() == "__pycache__")
        .map(walkdir::DirEntry::into_path)
        .collect();
    for cache in caches {
        let number = MOVED.fetch_add(1, Ordering::Relaxed);
        drop(std::fs::rename(cache, aside.join(format!("{}-{number}", std::process::id()))));
    }
}
