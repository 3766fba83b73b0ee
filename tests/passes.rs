//! The passes of the control-flow graph against what CPython's `optimize_cfg` made of the same instructions:
//! `fixtures/passes/RELEASE/*.txt`, written by `xtask/scripts/optimized_cfg.py`. With `PYRSC_BLESS=1` the
//! expected halves are replaced by ours; `PYRSC_PASSES=FOLDER` runs the cases of another folder of that form.

use bumpalo::Bump;
use pyrsc::code::{Object, ObjectId};
use pyrsc::compile::assemble::Assembler;
use pyrsc::compile::consts::{ConstMemory, ConstPool};
use pyrsc::compile::ir::{Instr, InstrSeq, UnitMeta};
use pyrsc::source::Location;
use pyrsc::target::{Op, OpTable, Target};
use pyrsc::value::{Interner, PyStr, known};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const PSEUDO: &[Op] = &[
    Op::AnnotationsPlaceholder,
    Op::Jump,
    Op::JumpIfFalse,
    Op::JumpIfTrue,
    Op::JumpNoInterrupt,
    Op::LoadClosure,
    Op::PopBlock,
    Op::SetupCleanup,
    Op::SetupFinally,
    Op::SetupWith,
    Op::StoreFastMaybeNull,
];

/// CPython's name of an operation.
fn name_of(op: Op) -> String {
    let mut name = String::new();
    for (i, c) in format!("{op:?}").chars().enumerate() {
        if i > 0 && (c.is_ascii_uppercase() || c.is_ascii_digit()) {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

fn ops_by_name(table: &OpTable) -> HashMap<String, Op> {
    let real = table.by_number.iter().flatten();
    real.chain(PSEUDO).map(|&op| (name_of(op), op)).collect()
}

/// Reads a constant in Python's notation, as far as the cases need it.
fn parse_const(pool: &mut ConstPool, text: &str) -> ObjectId {
    if let Some(items) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        let items = items.split(',').map(str::trim).filter(|item| !item.is_empty());
        let ids: Vec<ObjectId> = items.map(|item| parse_const(pool, item)).collect();
        return pool.tuple(&ids);
    }
    if let Some(text) = text.strip_prefix("b'").and_then(|text| text.strip_suffix('\'')) {
        return pool.bytes(text.as_bytes());
    }
    if let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return pool.str_copied(PyStr::from(text));
    }
    match text {
        "None" => ConstPool::NONE,
        "True" => ConstPool::TRUE,
        "False" => ConstPool::FALSE,
        "..." => ConstPool::ELLIPSIS,
        text => match text.parse::<i64>() {
            Ok(value) => pool.int(value),
            Err(_) => pool.float(text.parse().expect("a number")),
        },
    }
}

fn show(pool: &ConstPool, id: ObjectId) -> String {
    let items = |range| pool.objects().children(range).iter().map(|&item| show(pool, item));
    match pool.get(id) {
        Object::None => "None".into(),
        Object::True => "True".into(),
        Object::False => "False".into(),
        Object::Ellipsis => "...".into(),
        Object::Int(value) => value.to_string(),
        Object::Float(bits) => format!("{:?}", f64::from_bits(bits)),
        Object::Str { text, .. } => format!("'{}'", text.to_str().unwrap_or("?")),
        Object::Bytes(bytes) => format!("b'{}'", String::from_utf8_lossy(bytes)),
        Object::Tuple(range) if range.len == 1 => format!("({},)", items(range).collect::<String>()),
        Object::Tuple(range) => format!("({})", items(range).collect::<Vec<_>>().join(", ")),
        Object::FrozenSet(range) => {
            let mut items: Vec<String> = items(range).collect();
            items.sort();
            format!("frozenset({{{}}})", items.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn write_unit(out: &mut String, pool: &ConstPool, meta: &UnitMeta, instrs: &[Instr]) {
    writeln!(out, "locals {}", meta.varnames.len()).expect("no I/O");
    for &id in &meta.consts {
        writeln!(out, "const {}", show(pool, id)).expect("no I/O");
    }
    for Instr { op, arg, loc, .. } in instrs {
        let Location { line, end_line, col, end_col } = loc;
        writeln!(out, "{} {arg} {line} {end_line} {col} {end_col}", name_of(*op)).expect("no I/O");
    }
}

/// Optimises the unit that `text` describes.
fn run(assembler: &mut Assembler, target: Target, ops: &HashMap<String, Op>, text: &str) -> String {
    let arena = Bump::new();
    let names = Interner::new();
    let mut pool = ConstPool::new(&arena, target, &names, PyStr::from("f"), ConstMemory::default());
    let (mut seq, mut meta) = (InstrSeq::default(), UnitMeta::default());
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').expect("a word and more");
        match word {
            "locals" => meta.varnames.resize(rest.parse().expect("a count"), known::UNDERSCORE),
            "const" => {
                let id = parse_const(&mut pool, rest);
                meta.consts.push(id);
            }
            op => {
                let numbers: Vec<i32> = rest.split(' ').map(|n| n.parse().expect("a number")).collect();
                let [arg, line, end_line, col, end_col] = numbers[..] else { panic!("bad line {rest}") };
                let op = *ops.get(op).unwrap_or_else(|| panic!("unknown operation {op}"));
                seq.push(op, arg as u32, Location { line, end_line, col, end_col });
            }
        }
    }
    seq.labels.extend(0..seq.instrs.len() as u32);
    let instrs = assembler.optimize_only(&mut seq, &mut meta, &mut pool);
    let mut out = String::new();
    write_unit(&mut out, &pool, &meta, &instrs);
    out
}

/// Runs the cases of a file; tells of those that come out otherwise and returns the file with our results.
fn run_file(path: &Path, target: Target, failures: &mut Vec<String>) -> String {
    let text = std::fs::read_to_string(path).expect("readable");
    let ops = ops_by_name(target.version.ops());
    let mut assembler = Assembler::new(target);
    let mut blessed = String::new();
    for case in text.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (before, expected) = rest.split_once("\nbecomes\n").expect("two halves");
        let ours = run(&mut assembler, target, &ops, before);
        if ours.trim_end() != expected.trim_end() {
            let first = ours.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
            failures.push(format!("{}: {title}: {first:?}", path.display()));
        }
        blessed.push_str(&format!("{title}\n{before}\nbecomes\n{ours}\n"));
    }
    blessed
}

#[test]
fn passes_do_what_cpythons_do() {
    let folder = std::env::var_os("PYRSC_PASSES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/passes"), PathBuf::from);
    let bless = std::env::var_os("PYRSC_BLESS").is_some();
    let (mut failures, mut files) = (Vec::new(), 0);
    for release in std::fs::read_dir(&folder).expect("the fixtures are there") {
        let release = release.expect("readable").path();
        if !release.is_dir() {
            continue;
        }
        let name = release.file_name().and_then(|name| name.to_str()).expect("a release");
        let target = Target::parse(name).expect("a release");
        for file in std::fs::read_dir(&release).expect("a folder") {
            let path = file.expect("readable").path();
            let blessed = run_file(&path, target, &mut failures);
            if bless {
                std::fs::write(&path, blessed).expect("writable");
            }
            files += 1;
        }
    }
    assert!(files >= 3, "only {files} files of cases in {}", folder.display());
    let shown = failures.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} cases differ:\n{shown}", failures.len());
}
