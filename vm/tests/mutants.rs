//! Mutants of real code objects: each is refused with a reason, or runs under limits. None crashes, hangs or overflows
//! the native stack. The mutants are the same each time; a number in `PYRVM_MUTANTS` says how many, one in
//! `PYRVM_FIRST_MUTANT` where to begin.

use pyrsc::marshal::{Header, Invalidation};
use pyrsc::target::{Target, Version};
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

const MUTANTS: u64 = 10_000;
/// The same in a full run.
const FULL_MUTANTS: u64 = 1_000_000;
/// After one in so many mutants the heap is looked at.
const HEAP_CHECKS: u64 = 50;
/// How many steps a mutant may make.
const STEPS: u64 = 2_000;
/// How many bytes its objects may take.
const MEMORY: usize = 64 << 20;
/// After how long without a finished mutant something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is mutated: programs that end soon, without anything that takes memory by a number.
const PROGRAMS: [&str; 3] = [
    "def f(a, *b, c=1, **d):\n    x = [i * a for i in b if i]\n    try:\n        with C() as e:\n            \
     return e.g(*b, **d), x, c\n    except (ValueError, TypeError) as e:\n        return e\n    finally:\n        \
     x.append(a)\nclass C:\n    def __enter__(self): self.n = 0; return self\n    def __exit__(self, *e): return False\n    \
     def g(self, *a, **k): self.n += 1; return {**k}, (*a, self.n), f'{a!r:>9}'\n\
     for k in range(3): f(k, 1, 2, c=3, d=k)\nf('a', None)\n",
    "def gen(n):\n    for i in range(n):\n        got = yield i\n        if got: return got\ndef outer(n):\n    \
     r = yield from gen(n)\n    yield r\nasync def co(x):\n    return x\nasync def main():\n    return await co(5)\n\
     g = outer(3)\nnext(g); g.send(7)\nprint(list(outer(2)))\ntry:\n    main().send(None)\nexcept StopIteration as e:\n    \
     e.value\ndef make():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    \
     return inc\nm = make(); m(); m()\n",
    "d = {}\nfor w in 'a b c a'.split():\n    d[w] = d.get(w, 0) + 1\na, *b = sorted(d.items())\nx = [1, 2, 3]\n\
     x[1:2] = [5, 6]\ndel x[0]\ns = {1, 2} | {3}\nwhile x and len(x) < 9:\n    x += [len(x)]\nclass P:\n    \
     __slots__ = ('q',)\n    def __init__(self, q): self.q = q\n    @property\n    def r(self): return self.q\n    \
     def __eq__(self, o): return self.q == o.q\nassert P(1) == P(1) and P(2).r == 2\ntry:\n    try:\n        1 / 0\n    \
     finally:\n        del d\nexcept ZeroDivisionError as e:\n    e = str(e)\nfor i in x:\n    if i == 5: continue\n    \
     if i > 6: break\nelse:\n    pass\n",
];

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }
}

/// `.pyc` files of all versions, and for CPython's own bytes what it wrote of one program.
fn originals() -> Vec<Vec<u8>> {
    let mut session = pyrsc::compile::Session::new();
    let mut all = Vec::new();
    for &version in Version::ALL {
        for program in PROGRAMS {
            let invalidation = Invalidation::Timestamp { mtime: 0, size: 0 };
            let mut bytes = Header::new(version, invalidation).to_bytes().to_vec();
            let options = pyrsc::compile::Options::new(Target::newest(version));
            session
                .compile_into(program.as_bytes(), "m.py".into(), &options, &mut bytes, &mut Vec::new())
                .unwrap();
            all.push(bytes);
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/golden/3.14.10-O0/factorial.pyc");
    all.push(fs::read(golden).unwrap());
    all
}

fn mutant(originals: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..4 {
        random.next(2);
    }
    let mut bytes = originals[random.next(originals.len())].clone();
    for _ in 0..=random.next(3) {
        let at = Header::LEN + random.next(bytes.len() - Header::LEN);
        bytes[at] = match random.next(4) {
            0 => random.next(256) as u8,
            1 => bytes[at] ^ 1 << random.next(8),
            2 => bytes[at].wrapping_add(1),
            _ => bytes[Header::LEN + random.next(bytes.len() - Header::LEN)],
        };
    }
    bytes
}

/// Loads a mutant and runs it, if it can be loaded; may look at the heap afterwards.
fn run(bytes: &[u8], check: bool) -> bool {
    let vm = pyrvm::Vm::new();
    vm.native_limit.set(100);
    vm.max_steps.set(Some(STEPS));
    vm.max_memory.set(Some(MEMORY));
    vm.silence();
    let loaded = pyrvm::load_pyc(&vm, bytes);
    if let Ok(code) = &loaded {
        vm.run_main(code, None);
    }
    if check {
        assert_eq!(vm.check_heap(), Ok(()));
    }
    loaded.is_ok()
}

#[test]
fn mutants_are_refused_or_run_under_limits() {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(default)
    };
    let usual = if std::env::var_os("PYRSC_FULL").is_some() { FULL_MUTANTS } else { MUTANTS };
    let (first, count) = (number("PYRVM_FIRST_MUTANT", 0), number("PYRVM_MUTANTS", usual));
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let originals = originals();
        assert!(originals.iter().all(|it| run(it, true)), "an original does not load");
        for number in first..first + count {
            let _ = sender.send((number, None));
            let loaded = run(&mutant(&originals, number), number % HEAP_CHECKS == 0);
            let _ = sender.send((number, Some(loaded)));
        }
    };
    let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap();
    let (mut ran, mut last) = (0, first);
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok((number, None)) => last = number,
            Ok((_, Some(loaded))) => ran += u64::from(loaded),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("mutant {last} hangs"),
        }
    }
    assert!(worker.join().is_ok(), "mutant {last} crashes");
    assert!(ran > count / 20, "only {ran} of {count} could be loaded");
}
