use bumpalo::Bump;
use pyrsc::code::ObjectId;
use pyrsc::compile::assemble::Assembler;
use pyrsc::compile::consts::{ConstMemory, ConstPool};
use pyrsc::compile::ir::{InstrSeq, UnitMeta};
use pyrsc::source::Location;
use pyrsc::target::{Op, Target};
use pyrsc::value::{Interner, PyStr, known};
use std::collections::HashMap;
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
fn parse_const(pool: &mut ConstPool, text: &str) -> ObjectId {
    if let Some(items) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        let ids: Vec<ObjectId> =
            items.split(',').map(str::trim).filter(|i| !i.is_empty()).map(|i| parse_const(pool, i)).collect();
        return pool.tuple(&ids);
    }
    if let Some(t) = text.strip_prefix("b'") {
        return pool.bytes(t[..t.len() - 1].as_bytes());
    }
    if let Some(t) = text.strip_prefix('\'') {
        return pool.str_copied(PyStr::from(&t[..t.len() - 1]));
    }
    match text {
        "None" => ConstPool::NONE,
        "True" => ConstPool::TRUE,
        "False" => ConstPool::FALSE,
        "..." => ConstPool::ELLIPSIS,
        t => match t.parse::<i64>() {
            Ok(v) => pool.int(v),
            Err(_) => pool.float(t.parse().unwrap()),
        },
    }
}
fn main() {
    let version = std::env::args().nth(1).unwrap();
    let rounds: u32 = std::env::args().nth(2).map_or(5, |a| a.parse().unwrap());
    let target = Target::parse(&version).unwrap();
    let text = std::fs::read_to_string(format!("/tmp/cfg/all/{version}/all.txt")).unwrap();
    let table = target.version.ops();
    let ops: HashMap<String, Op> =
        table.by_number.iter().flatten().chain(PSEUDO).map(|&op| (name_of(op), op)).collect();
    let arena = Bump::new();
    let names = Interner::new();
    let mut pool = ConstPool::new(&arena, target.version, &names, PyStr::from("f"), ConstMemory::default());
    let mut units = Vec::new();
    let mut total = 0;
    for case in text.split("\n\n").filter(|c| !c.trim().is_empty()) {
        let (_, rest) = case.split_once('\n').unwrap();
        let (before, _) = rest.split_once("\nbecomes\n").unwrap();
        let (mut seq, mut meta) = (InstrSeq::default(), UnitMeta::default());
        for line in before.lines() {
            let (word, rest) = line.split_once(' ').unwrap();
            match word {
                "locals" => meta.varnames.resize(rest.parse().unwrap(), known::UNDERSCORE),
                "const" => {
                    let id = parse_const(&mut pool, rest);
                    meta.consts.push(id);
                }
                op => {
                    let n: Vec<i32> = rest.split(' ').map(|n| n.parse().unwrap()).collect();
                    seq.push(
                        ops[op],
                        n[0] as u32,
                        Location { line: n[1], end_line: n[2], col: n[3], end_col: n[4] },
                    );
                }
            }
        }
        seq.labels.extend(0..seq.instrs.len() as u32);
        total += seq.instrs.len();
        meta.firstlineno = 1;
        units.push((seq, meta));
    }
    let mut assembler = Assembler::new(target);
    for _ in 0..rounds {
        let mut metas: Vec<(Vec<ObjectId>, usize)> = Vec::new();
        for (_, meta) in &units {
            metas.push((meta.consts.clone(), 0));
        }
        let t = std::time::Instant::now();
        let mut sum = 0usize;
        for (seq, meta) in &mut units {
            assembler.bench(seq, meta, &mut pool, &names);
            sum += meta.consts.len();
        }
        let e = t.elapsed();
        println!(
            "{total} instrs {} units {:?} {:.1} ns/instr {sum}",
            units.len(),
            e,
            e.as_nanos() as f64 / total as f64
        );
        for ((_, meta), (consts, _)) in units.iter_mut().zip(metas) {
            meta.consts = consts;
        }
    }
}
