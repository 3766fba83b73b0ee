//! `cargo xtask conformance`: CPython's own tests of the language, the builtins and the modules, on `pyrvm` and on
//! CPython itself. `xtask/scripts/conformance.py` runs one module and writes what came of each test; when it dies or
//! says nothing for too long, the test that it was at is noted, and the rest is run again without those that are done.
//! What both made of each module is kept below `target/conformance`.

use crate::references::Reference;
use crate::{Result, root, target_folder};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The modules that are looked at.
const MODULES: &str = "test_grammar test_bool test_int test_long test_float test_complex test_str test_bytes test_list \
    test_tuple test_dict test_set test_range test_slice test_iter test_enumerate test_generators test_genexps \
    test_listcomps test_unpack test_unpack_ex test_with test_raise test_exceptions test_exception_group \
    test_except_star test_scope test_class test_descr test_super test_property test_decorators test_keywordonlyarg \
    test_positional_only_arg test_extcall test_patma test_named_expressions test_fstring test_tstring test_format \
    test_builtin test_compare test_operator test_functools test_itertools test_collections test_deque \
    test_defaultdict test_contextlib test_coroutines test_asyncgen test_types test_type_params test_typing test_abc \
    test_enum test_dataclasses test_copy test_weakref test_gc test_frame test_traceback test_re test_json test_struct \
    test_math test_random test_heapq test_bisect test_io test_os test_import test_zipimport test_runpy \
    test_threading test_argparse test_asyncio";

/// The share of what CPython passes that each module is to reach.
const WANTED: f64 = 0.95;

/// Arguments of `cargo xtask conformance`.
#[derive(clap::Args)]
pub struct Args {
    /// Modules of CPython's tests (`test_bool`); all that are looked at where none is named.
    modules: Vec<String>,
    /// The machine that is looked at.
    #[arg(long, value_name = "FILE", default_value = "target/release/pyrvm")]
    pyrvm: PathBuf,
    /// Run CPython again, too, although what it made of the module is known.
    #[arg(long)]
    fresh: bool,
    /// Only show what is known from former runs.
    #[arg(long)]
    known: bool,
    /// List the tests that CPython passes and `pyrvm` does not, with the ends of their tracebacks.
    #[arg(long)]
    failures: bool,
    /// Count the errors that these tests end with, over all modules.
    #[arg(long)]
    causes: bool,
    /// List the tests that are left out, and why.
    #[arg(long)]
    left_out: bool,
    /// Seconds without a word after which a test is taken to hang.
    #[arg(long, default_value_t = 60)]
    silence: u64,
    /// Seconds for a whole module.
    #[arg(long, default_value_t = 900)]
    limit: u64,
}

/// What came of a test, and what was said of it.
type Outcomes = BTreeMap<String, (String, String)>;

/// Runs what is asked for and prints the table; true when every module reaches what is wanted.
///
/// # Errors
/// No interpreter, no such module, or files that cannot be written.
pub fn run(args: &Args) -> Result<bool> {
    let reference = crate::references::wanted()
        .into_iter()
        .filter_map(|(_, found)| found)
        .find(|it| (it.version.0, it.version.1) == (3, 14))
        .ok_or("no CPython 3.14 (cargo xtask references)")?;
    let pyrvm = std::path::absolute(&args.pyrvm).map_err(|error| error.to_string())?;
    if !args.known && !pyrvm.is_file() {
        return Err(format!("{}: not there; cargo build --release -p pyrvm", pyrvm.display()));
    }
    let modules: Vec<String> = match args.modules.is_empty() {
        true => MODULES.split_whitespace().map(str::to_owned).collect(),
        false => args.modules.clone(),
    };
    let mut all = true;
    let mut causes = BTreeMap::<String, Vec<String>>::new();
    println!("{:<26} {:>8} {:>8} {:>7} {:>8} {:>8}", "", "CPython", "pyrvm", "failed", "skipped", "share");
    for module in &modules {
        let theirs = outcomes(args, &reference, None, module)?;
        let ours = outcomes(args, &reference, Some(&pyrvm), module)?;
        all &= row(module, &theirs, &ours);
        details(args, &theirs, &ours, &mut causes);
    }
    if args.causes {
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(_, tests)| std::cmp::Reverse(tests.len()));
        for (cause, tests) in causes {
            println!(
                "{:>5} {cause}\n      {}",
                tests.len(),
                tests.iter().take(3).cloned().collect::<Vec<_>>().join(" ")
            );
        }
    }
    Ok(all)
}

/// Prints a module's row; true when it reaches what is wanted.
fn row(module: &str, theirs: &Outcomes, ours: &Outcomes) -> bool {
    let passes =
        |outcomes: &Outcomes, test: &str| outcomes.get(test).is_some_and(|(event, _)| event == "pass");
    let wanted: Vec<_> = theirs.keys().filter(|test| passes(theirs, test)).collect();
    let passed = wanted.iter().filter(|test| passes(ours, test)).count();
    let skipped = wanted
        .iter()
        .filter(|test| ours.get(**test).is_some_and(|(event, _)| event == "skip" || event == "out"));
    let skipped = skipped.count();
    let share = if wanted.is_empty() { 0.0 } else { passed as f64 / wanted.len() as f64 };
    let note = match ours.get("") {
        Some((_, text)) => last_line(text),
        None if share < WANTED => "below what is wanted".to_owned(),
        None => String::new(),
    };
    println!(
        "{module:<26} {:>8} {passed:>8} {:>7} {skipped:>8} {:>7.1}% {note}",
        wanted.len(),
        wanted.len() - passed - skipped,
        share * 100.0
    );
    share >= WANTED
}

/// Prints what was asked for beside the row.
fn details(args: &Args, theirs: &Outcomes, ours: &Outcomes, causes: &mut BTreeMap<String, Vec<String>>) {
    for (test, (event, text)) in theirs {
        if event == "out" && args.left_out {
            println!("    left out: {test}: {text}");
        }
        if event != "pass" {
            continue;
        }
        let (event, text) = match ours.get(test) {
            Some((event, _)) if event == "pass" => continue,
            Some((event, text)) => (event.as_str(), text.as_str()),
            None => ("not run", ours.get("").map_or("", |(_, text)| text)),
        };
        if args.failures {
            println!("--- {event} {test}\n{}", text.trim_end());
        }
        causes.entry(format!("{event}: {}", last_line(text))).or_default().push(test.clone());
    }
}

/// The last line of a traceback that is no note: the error.
fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("");
    line.chars().take(150).collect()
}

/// What an interpreter makes of a module: run now, or known from a former run.
fn outcomes(args: &Args, reference: &Reference, pyrvm: Option<&Path>, module: &str) -> Result<Outcomes> {
    let folder =
        target_folder().join("conformance").join(if pyrvm.is_some() { "pyrvm" } else { "reference" });
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let results = folder.join(module).with_extension("jsonl");
    let keep = if pyrvm.is_some() { args.known } else { !args.fresh };
    if keep && (results.is_file() || args.known) {
        return Ok(read(&results).0);
    }
    // A run that is broken off must not leave what looks like a whole one.
    let working = folder.join(format!("{module}.{}", std::process::id()));
    let _ = std::fs::remove_file(&working);
    let limit = Instant::now() + Duration::from_secs(args.limit);
    let done = working.with_extension("done");
    loop {
        let (known, ended, at) = read(&working);
        if ended || known.contains_key("") {
            break;
        }
        if Instant::now() > limit {
            note(&working, "fail", at.as_deref().unwrap_or(""), "the module takes too long")?;
            break;
        }
        let names: BTreeSet<&str> = known.keys().map(String::as_str).collect();
        let names: String = names.iter().map(|name| format!("{name}\n")).collect();
        std::fs::write(&done, names).map_err(|error| error.to_string())?;
        let how = once(args, reference, pyrvm, module, &working, &done, limit)?;
        let (after, ended, at) = read(&working);
        if ended {
            break;
        }
        match at {
            Some(test) if !after.contains_key(&test) => note(&working, "fail", &test, &how)?,
            // It died outside of any test: there is nothing to leave out.
            _ if after.len() == known.len() => note(&working, "load", "", &how)?,
            _ => {}
        }
    }
    let _ = std::fs::remove_file(&done);
    std::fs::rename(&working, &results).map_err(|error| format!("{}: {error}", results.display()))?;
    Ok(read(&results).0)
}

/// Address space of a run: a test that loops must not take the machine's memory.
const MEMORY_KIB: u32 = 4 << 20;

/// Runs what is left of a module; how it ended.
fn once(
    args: &Args,
    reference: &Reference,
    pyrvm: Option<&Path>,
    module: &str,
    results: &Path,
    done: &Path,
    limit: Instant,
) -> Result<String> {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec \"$@\""), "sh"]);
    match pyrvm {
        Some(pyrvm) => {
            command.arg(pyrvm).arg("--stdlib").arg(&reference.stdlib).env("PYRVM_STDLIB", &reference.stdlib);
        }
        None => _ = command.arg(&reference.exe),
    }
    let errors = results.with_extension("stderr");
    let stderr = std::fs::File::create(&errors).map_err(|error| error.to_string())?;
    let mut child = command
        .arg(root().join("xtask/scripts/conformance.py"))
        .args([Path::new(module), results, done])
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .process_group(0)
        .spawn()
        .map_err(|error| error.to_string())?;
    let group = Pid::from_raw(child.id().cast_signed());
    let size = || std::fs::metadata(results).map_or(0, |it| it.len());
    let (mut seen, mut since) = (size(), Instant::now());
    let how = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            let said = std::fs::read_to_string(&errors).unwrap_or_default();
            break format!("the interpreter ended: {status}: {}", last_line(&said));
        }
        if size() != seen {
            (seen, since) = (size(), Instant::now());
        }
        if since.elapsed() > Duration::from_secs(args.silence) || Instant::now() > limit {
            child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
            break format!("no word for {} s", since.elapsed().as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    // What its tests have started and left behind; most leave nothing, which is no error.
    let _ = killpg(group, Signal::SIGKILL);
    let _ = std::fs::remove_file(&errors);
    Ok(how)
}

/// Adds a line to the results of a run.
fn note(results: &Path, event: &str, test: &str, text: &str) -> Result<()> {
    use std::io::Write;
    let line = serde_json::json!([event, test, text]);
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(results)
        .map_err(|error| format!("{}: {error}", results.display()))?;
    writeln!(file, "{line}").map_err(|error| error.to_string())
}

/// What a run wrote: what came of each test (under the empty name: why the module could not be run), whether it came to
/// the end, and the test that was started last.
fn read(results: &Path) -> (Outcomes, bool, Option<String>) {
    let text = std::fs::read_to_string(results).unwrap_or_default();
    let (mut outcomes, mut ended, mut at) = (Outcomes::new(), false, None);
    for line in text.lines() {
        let Ok([event, test, text]) = serde_json::from_str::<[String; 3]>(line) else { continue };
        match event.as_str() {
            "end" => ended = true,
            "start" => at = Some(test),
            "load" => _ = outcomes.insert(String::new(), (event, text)),
            _ => _ = outcomes.insert(test, (event, text)),
        }
    }
    (outcomes, ended, at)
}
