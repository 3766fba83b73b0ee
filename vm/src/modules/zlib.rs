//! `zlib`, on crate flate2.

use super::binascii::{crc32, low_word};
use super::native::{Own, Spec, compressed_part, index, parse_most, read_only};
use crate::builtins::exceptions::Exc;
use crate::builtins::{method, positional};
use crate::object::callable::Args;
use crate::object::{Access, Data, NativeFn};
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::{Cell, RefCell};

/// How much output is made room for at once.
const CHUNK: usize = 1 << 14;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("compress", |vm, args| {
        let [data, level, window] = parse_most(vm, "compress", args, ["", "level", "wbits"], 1, 3)?;
        let none = NONE;
        let data = vm.buffer(data.unwrap_or(&none))?;
        let mut state = compressor(vm, number(vm, level, -1)?, number(vm, window, 15)?)?;
        Ok(vm.bytes(run(vm, &mut state, &data, FlushCompress::Finish)?))
    }),
    ("decompress", |vm, args| {
        let [data, window, _] = parse_most(vm, "decompress", args, ["", "wbits", "bufsize"], 1, 3)?;
        let none = NONE;
        let data = vm.buffer(data.unwrap_or(&none))?;
        let mut inflater = Inflater::new(vm, number(vm, window, 15)?, Vec::new())?;
        let (out, _) = inflater.run(vm, &data, None)?;
        if !inflater.over {
            return Err(error(vm, "Error -5 while decompressing data: incomplete or truncated stream"));
        }
        Ok(vm.bytes(out))
    }),
    ("compressobj", |vm, args| {
        let names = ["level", "method", "wbits", "memLevel", "strategy", "zdict"];
        let [level, _, window, _, _, dictionary] = parse_most(vm, "compressobj", args, names, 0, 6)?;
        let mut state = compressor(vm, number(vm, level, -1)?, number(vm, window, 15)?)?;
        if let Some(dictionary) = dictionary {
            let dictionary = vm.buffer(dictionary)?;
            if state.set_dictionary(&dictionary).is_err() {
                return Err(vm.value_error("Invalid dictionary"));
            }
        }
        Ok(vm.custom(&COMPRESS, Compressing { state: RefCell::new(state), over: Cell::new(false) }))
    }),
    ("decompressobj", |vm, args| {
        let [window, dictionary] = parse_most(vm, "decompressobj", args, ["wbits", "zdict"], 0, 2)?;
        let dictionary = dictionary.map_or(Ok(Vec::new()), |it| vm.buffer(it).map(|it| it.into_owned()))?;
        let inflater = Inflater::new(vm, number(vm, window, 15)?, dictionary)?;
        Ok(vm.custom(&DECOMPRESS, Decompressing::new(inflater)))
    }),
    ("crc32", |vm, args| {
        let values = positional(vm, "crc32", args, 1, 2)?;
        let start = values.get(1).map_or(Ok(0), |it| low_word(vm, it))?;
        Ok(vm.int(crc32(&vm.buffer(&values[0])?, start).into()))
    }),
    ("adler32", |vm, args| {
        let values = positional(vm, "adler32", args, 1, 2)?;
        let start = values.get(1).map_or(Ok(1), |it| low_word(vm, it))?;
        Ok(vm.int(adler32(&vm.buffer(&values[0])?, start).into()))
    }),
    ("crc32_combine", |vm, args| {
        let values = positional(vm, "crc32_combine", args, 3, 3)?;
        let (a, b) = (low_word(vm, &values[0])?, low_word(vm, &values[1])?);
        let mut left = index(vm, &values[2])?;
        if left < 0 {
            return Err(vm.value_error("len must be non-negative"));
        }
        // Zeros behind the first part: its sum, moved on.
        let zeros = [0; 1 << 12];
        let mut crc = !a;
        let mut blank = u32::MAX;
        while left > 0 {
            let count = left.min(1 << 12);
            crc = !crc32(&zeros[..count as usize], !crc);
            blank = !crc32(&zeros[..count as usize], !blank);
            left -= count;
        }
        Ok(vm.int((crc ^ blank ^ b).into()))
    }),
];

/// `zlib`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    const NUMBERS: &[(&str, i64)] = &[
        ("MAX_WBITS", 15),
        ("DEFLATED", 8),
        ("DEF_MEM_LEVEL", 8),
        ("DEF_BUF_SIZE", 16384),
        ("Z_NO_COMPRESSION", 0),
        ("Z_BEST_SPEED", 1),
        ("Z_BEST_COMPRESSION", 9),
        ("Z_DEFAULT_COMPRESSION", -1),
        ("Z_FILTERED", 1),
        ("Z_HUFFMAN_ONLY", 2),
        ("Z_RLE", 3),
        ("Z_FIXED", 4),
        ("Z_DEFAULT_STRATEGY", 0),
        ("Z_NO_FLUSH", 0),
        ("Z_PARTIAL_FLUSH", 1),
        ("Z_SYNC_FLUSH", 2),
        ("Z_FULL_FLUSH", 3),
        ("Z_FINISH", 4),
        ("Z_BLOCK", 5),
        ("Z_TREES", 6),
    ];
    for &(name, number) in NUMBERS {
        vm.put(module, name, vm.int(number));
    }
    for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
        vm.put(module, name, vm.str("1.3.1"));
    }
    vm.put(module, "__version__", vm.str("1.0"));
    vm.put(module, "error", vm.own_exception("zlib.error", Exc::Exception)?);
    vm.put_functions(module, FUNCTIONS);
    vm.put_type(module, &DECOMPRESSOR);
    Ok(())
}

fn number(vm: &Vm, value: Option<&Value>, default: i64) -> R<i64> {
    value.map_or(Ok(default), |it| index(vm, it))
}

fn error(vm: &Vm, message: &str) -> Raised {
    vm.raise_own("zlib.error", Exc::Exception, message)
}

/// CPython: `adler32`, by Mark Adler's definition: two sums modulo the largest prime below 2¹⁶.
fn adler32(data: &[u8], start: u32) -> u32 {
    const PRIME: u32 = 65_521;
    let (mut a, mut b) = ((start & 0xFFFF) % PRIME, (start >> 16) % PRIME);
    // So many bytes cannot overflow the sums.
    for part in data.chunks(5552) {
        for &byte in part {
            a += u32::from(byte);
            b += a;
        }
        (a, b) = (a % PRIME, b % PRIME);
    }
    b << 16 | a
}

fn compressor(vm: &Vm, level: i64, window: i64) -> R<Compress> {
    let level = match level {
        -1 => Compression::default(),
        0..=9 => Compression::new(level as u32),
        _ => return Err(error(vm, "Bad compression level")),
    };
    Ok(match window {
        8..=15 => Compress::new_with_window_bits(level, true, window.max(9) as u8),
        -15..=-8 => Compress::new_with_window_bits(level, false, (-window).max(9) as u8),
        24..=31 => Compress::new_gzip(level, (window - 16).max(9) as u8),
        _ => return Err(vm.value_error("Invalid initialization option")),
    })
}

/// Compresses all of `data`.
fn run(vm: &Vm, state: &mut Compress, data: &[u8], flush: FlushCompress) -> R<Vec<u8>> {
    let mut out = Vec::with_capacity(CHUNK);
    let mut at = 0;
    loop {
        out.reserve(CHUNK);
        let before = state.total_in();
        let status = state.compress_vec(&data[at..], &mut out, flush);
        at += (state.total_in() - before) as usize;
        match status {
            Ok(Status::StreamEnd) => return Ok(out),
            Ok(_)
                if at >= data.len()
                    && out.len() < out.capacity()
                    && !matches!(flush, FlushCompress::Finish) =>
            {
                return Ok(out);
            }
            Ok(_) => {}
            Err(_) => return Err(error(vm, "Error -2 while compressing data: inconsistent stream state")),
        }
    }
}

struct Compressing {
    state: RefCell<Compress>,
    over: Cell<bool>,
}

impl Data for Compressing {}

static COMPRESS: Spec = Spec {
    methods: &[
        ("compress", |vm, args| {
            let (it, values) = method(vm, "compress", args, 1, 1)?;
            let data = vm.buffer(&values[0])?;
            let own: &Compressing = vm.own_data("compress", it, &COMPRESS)?;
            Ok(vm.bytes(run(vm, &mut own.state.borrow_mut(), &data, FlushCompress::None)?))
        }),
        ("flush", |vm, args| {
            let (it, values) = method(vm, "flush", args, 0, 1)?;
            let own: &Compressing = vm.own_data("flush", it, &COMPRESS)?;
            let flush = match number(vm, values.first(), 4)? {
                0 => return Ok(vm.bytes(Vec::new())),
                1 => FlushCompress::Partial,
                2 | 5 => FlushCompress::Sync,
                3 => FlushCompress::Full,
                _ => FlushCompress::Finish,
            };
            if own.over.get() {
                return Err(error(vm, "Error -2 while finishing compression: inconsistent stream state"));
            }
            own.over.set(matches!(flush, FlushCompress::Finish));
            Ok(vm.bytes(run(vm, &mut own.state.borrow_mut(), &[], flush)?))
        }),
    ],
    ..Spec::new(Own::Compressor, "zlib.Compress")
};

/// What is inflated; of the containers that may be meant, which one it is shows at the first byte.
struct Inflater {
    state: Option<Decompress>,
    dictionary: Vec<u8>,
    raw: bool,
    over: bool,
}

impl Inflater {
    fn new(vm: &Vm, window: i64, dictionary: Vec<u8>) -> R<Inflater> {
        let state = match window {
            0 | 8..=15 => Some(Decompress::new(true)),
            -15..=-8 => Some(Decompress::new(false)),
            24..=31 => Some(Decompress::new_gzip(15)),
            32 | 40..=47 => None,
            _ => return Err(vm.value_error("Invalid initialization option")),
        };
        let mut made = Inflater { state, dictionary, raw: window < 0, over: false };
        if made.raw && !made.dictionary.is_empty() {
            made.use_dictionary(vm)?;
        }
        Ok(made)
    }

    fn use_dictionary(&mut self, vm: &Vm) -> R<()> {
        let done = self.state.as_mut().map(|state| state.set_dictionary(&self.dictionary));
        match done {
            Some(Err(_)) => Err(error(vm, "Error -3 while setting zdict: incorrect data check")),
            _ => Ok(()),
        }
    }

    /// Inflates at most `most` bytes; what came out, and how much was read.
    fn run(&mut self, vm: &Vm, data: &[u8], most: Option<usize>) -> R<(Vec<u8>, usize)> {
        let mut out = Vec::new();
        let mut at = 0;
        if self.state.is_none() {
            match data.first() {
                None => return Ok((out, 0)),
                Some(0x1F) => self.state = Some(Decompress::new_gzip(15)),
                Some(_) => self.state = Some(Decompress::new(true)),
            }
        }
        loop {
            let room = most.map_or(CHUNK, |most| (most - out.len()).min(CHUNK));
            if room == 0 || self.over {
                return Ok((out, at));
            }
            let Some(state) = self.state.as_mut() else { return Ok((out, at)) };
            let mut chunk = [0; CHUNK];
            let (read, written) = (state.total_in(), state.total_out());
            let status = state.decompress(&data[at..], &mut chunk[..room], FlushDecompress::None);
            let (read, written) =
                ((state.total_in() - read) as usize, (state.total_out() - written) as usize);
            at += read;
            out.extend_from_slice(&chunk[..written]);
            match status {
                Ok(Status::StreamEnd) => {
                    self.over = true;
                    return Ok((out, at));
                }
                Ok(_) if read == 0 && written == 0 => return Ok((out, at)),
                Ok(_) => {}
                Err(it) if it.needs_dictionary().is_some() => {
                    if self.dictionary.is_empty() {
                        return Err(error(vm, "Error 2 while decompressing data"));
                    }
                    self.use_dictionary(vm)?;
                }
                Err(it) => {
                    let why = it.message().unwrap_or(if at == 0 {
                        "incorrect header check"
                    } else {
                        "invalid stored block lengths"
                    });
                    return Err(error(vm, &format!("Error -3 while decompressing data: {why}")));
                }
            }
        }
    }
}

struct Decompressing {
    inflater: RefCell<Inflater>,
    /// What came behind the end of the stream.
    unused: RefCell<Vec<u8>>,
    /// What was not looked at yet, as there was too much output.
    tail: RefCell<Vec<u8>>,
    /// Of `_ZlibDecompressor`: does it want more input?
    hungry: Cell<bool>,
}

impl Data for Decompressing {}

impl Decompressing {
    fn new(inflater: Inflater) -> Decompressing {
        Decompressing {
            inflater: RefCell::new(inflater),
            unused: RefCell::default(),
            tail: RefCell::default(),
            hungry: Cell::new(true),
        }
    }

    /// Inflates, and sorts what is left into what comes behind the end and what is to be inflated.
    fn feed(&self, vm: &Vm, data: &[u8], most: Option<usize>) -> R {
        let mut inflater = self.inflater.borrow_mut();
        if inflater.over {
            self.unused.borrow_mut().extend_from_slice(data);
            return Ok(vm.bytes(Vec::new()));
        }
        let (out, read) = inflater.run(vm, data, most)?;
        let rest = data[read..].to_vec();
        if inflater.over {
            self.unused.borrow_mut().extend_from_slice(&rest);
            self.tail.borrow_mut().clear();
        } else {
            *self.tail.borrow_mut() = rest;
        }
        Ok(vm.bytes(out))
    }
}

fn decompressing<'a>(vm: &Vm, it: &'a Value) -> R<&'a Decompressing> {
    it.data().ok_or_else(|| vm.type_error("descriptor requires a decompressor"))
}

const UNUSED: (&str, Access) =
    ("unused_data", read_only(|vm, it| Ok(vm.bytes(decompressing(vm, it)?.unused.borrow().clone()))));
const END: (&str, Access) =
    ("eof", read_only(|vm, it| Ok(Value::bool(decompressing(vm, it)?.inflater.borrow().over))));

static DECOMPRESS: Spec = Spec {
    methods: &[
        ("decompress", |vm, args| {
            let Some((it, values)) = args.values.split_first() else {
                return Err(vm.type_error("unbound method decompress() needs an argument"));
            };
            let args = Args { values, names: args.names };
            let [data, most] = parse_most(vm, "decompress", args, ["", "max_length"], 1, 2)?;
            let none = NONE;
            let data = vm.buffer(data.unwrap_or(&none))?;
            let most = match number(vm, most, 0)? {
                0 => None,
                most => match usize::try_from(most) {
                    Ok(most) => Some(most),
                    Err(_) => return Err(vm.value_error("max_length must be non-negative")),
                },
            };
            decompressing(vm, it)?.feed(vm, &data, most)
        }),
        ("flush", |vm, args| {
            let (it, values) = method(vm, "flush", args, 0, 1)?;
            if number(vm, values.first(), 1)? <= 0 {
                return Err(vm.value_error("length must be greater than zero"));
            }
            let own = decompressing(vm, it)?;
            let tail = own.tail.take();
            own.feed(vm, &tail, None)
        }),
    ],
    attributes: &[
        UNUSED,
        END,
        ("unconsumed_tail", read_only(|vm, it| Ok(vm.bytes(decompressing(vm, it)?.tail.borrow().clone())))),
    ],
    ..Spec::new(Own::Decompressor, "zlib.Decompress")
};

static DECOMPRESSOR: Spec = Spec {
    methods: &[
        ("__new__", |vm, args| {
            let (class, args) = super::native::split_class(vm, args)?;
            let [window, dictionary] = parse_most(vm, "_ZlibDecompressor", args, ["wbits", "zdict"], 0, 2)?;
            let dictionary =
                dictionary.map_or(Ok(Vec::new()), |it| vm.buffer(it).map(|it| it.into_owned()))?;
            let inflater = Inflater::new(vm, number(vm, window, 15)?, dictionary)?;
            Ok(vm.custom_of(class, Decompressing::new(inflater)))
        }),
        ("decompress", |vm, args| {
            let (it, data, most) = compressed_part(vm, args)?;
            let own = decompressing(vm, it)?;
            if own.inflater.borrow().over {
                return Err(vm.raise(Exc::EOFError, "End of stream already reached"));
            }
            let most = usize::try_from(number(vm, most, -1)?).ok();
            let mut all = own.tail.take();
            all.extend_from_slice(&data);
            let out = own.feed(vm, &all, most)?;
            let full = most.is_some_and(|most| vm.len(&out).is_ok_and(|len| len as usize >= most));
            own.hungry.set(!own.inflater.borrow().over && !full && own.tail.borrow().is_empty());
            Ok(out)
        }),
    ],
    attributes: &[
        UNUSED,
        END,
        ("needs_input", read_only(|vm, it| Ok(Value::bool(decompressing(vm, it)?.hungry.get())))),
    ],
    ..Spec::new(Own::ZlibDecompressor, "zlib._ZlibDecompressor")
};
