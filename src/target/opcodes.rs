//! The shape of a version's opcode table; the tables themselves are generated.

use super::form::{self, Form};
use super::{Op, Version, generated};

/// How an instruction changes the depth of the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// By `base + per_arg * arg`.
    PerArg {
        /// With the argument 0.
        base: i8,
        /// For each unit of the argument.
        per_arg: i8,
    },
    /// By `base`, and by `more` besides where the argument is odd.
    LowBit {
        /// With an even argument.
        base: i8,
        /// What an odd one adds.
        more: i8,
    },
    /// By `base`, and by `more` besides where the argument is 3 (BUILD_SLICE).
    IfThree {
        /// With another argument.
        base: i8,
        /// What 3 adds.
        more: i8,
    },
    /// By `base`, and by `per_bit` for each of the argument's lowest four bits that is set (MAKE_FUNCTION to 3.12).
    Bits {
        /// With none of them.
        base: i8,
        /// For each.
        per_bit: i8,
    },
    /// By `base`, and by `more` besides where the argument's bit of value 4 is set (FORMAT_VALUE).
    FourBit {
        /// Without it.
        base: i8,
        /// What it adds.
        more: i8,
    },
    /// By the argument's low byte plus the rest shifted down (UNPACK_EX).
    Unpack,
}

impl Effect {
    /// The change for the argument `arg`.
    pub const fn of(self, arg: u32) -> i32 {
        match self {
            Effect::PerArg { base, per_arg } => base as i32 + per_arg as i32 * arg as i32,
            Effect::LowBit { base, more } => base as i32 + if arg & 1 != 0 { more as i32 } else { 0 },
            Effect::IfThree { base, more } => base as i32 + if arg == 3 { more as i32 } else { 0 },
            Effect::Bits { base, per_bit } => base as i32 + per_bit as i32 * (arg & 15).count_ones() as i32,
            Effect::FourBit { base, more } => base as i32 + if arg & 4 != 0 { more as i32 } else { 0 },
            Effect::Unpack => (arg & 0xFF) as i32 + (arg >> 8) as i32,
        }
    }
}

/// What is known of an instruction, as CPython's `opcode` module has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpInfo {
    /// CPython's number; pseudo instructions have numbers above 255. `u16::MAX` where the version has none.
    pub number: u16,
    /// Cache entries after it, in code units of two bytes.
    pub caches: u8,
    /// How many low bits of the argument are below the index of a name or of a comparison.
    pub shift: u8,
    /// Sum of [`op_flags`].
    pub flags: u16,
    /// Effect on the stack where it does not jump.
    pub effect: Effect,
    /// Effect on the stack at the jump's target, for jumps and block pushes.
    pub jump_effect: Effect,
}

/// Bits of [`OpInfo::flags`].
pub mod op_flags {
    /// Has an argument.
    pub const ARG: u16 = 1;
    /// The argument is an index into the constants.
    pub const CONST: u16 = 2;
    /// The argument is an index into the names.
    pub const NAME: u16 = 4;
    /// Jumps.
    pub const JUMP: u16 = 8;
    /// Sets up an exception handler (a pseudo instruction).
    pub const EXC: u16 = 16;
    /// The argument is a cell or free variable.
    pub const FREE: u16 = 32;
    /// The argument is a local variable.
    pub const LOCAL: u16 = 64;
    /// The argument is a comparison.
    pub const COMPARE: u16 = 128;
    /// Jumps backwards by its argument.
    pub const BACK: u16 = 256;
    /// Jumps to the place that its argument is.
    pub const ABSOLUTE: u16 = 512;
}

impl OpInfo {
    /// That of an instruction which a version does not have.
    pub const ABSENT: OpInfo = OpInfo {
        number: u16::MAX,
        caches: 0,
        shift: 0,
        flags: 0,
        effect: Effect::PerArg { base: 0, per_arg: 0 },
        jump_effect: Effect::PerArg { base: 0, per_arg: 0 },
    };

    /// Has it an argument?
    pub const fn has_arg(&self) -> bool {
        self.flags & op_flags::ARG != 0
    }

    /// Is its argument an index into the constants?
    pub const fn has_const(&self) -> bool {
        self.flags & op_flags::CONST != 0
    }

    /// Is its argument an index into the names?
    pub const fn has_name(&self) -> bool {
        self.flags & op_flags::NAME != 0
    }

    /// Does it jump?
    pub const fn has_jump(&self) -> bool {
        self.flags & op_flags::JUMP != 0
    }

    /// Does it jump backwards by its argument?
    pub const fn jumps_back(&self) -> bool {
        self.flags & op_flags::BACK != 0
    }

    /// Does it jump to the place that its argument is?
    pub const fn jumps_to_absolute(&self) -> bool {
        self.flags & op_flags::ABSOLUTE != 0
    }

    /// Does it set up an exception handler?
    pub const fn has_exc(&self) -> bool {
        self.flags & op_flags::EXC != 0
    }

    /// Is its argument a cell or free variable?
    pub const fn has_free(&self) -> bool {
        self.flags & op_flags::FREE != 0
    }

    /// Is its argument a local variable?
    pub const fn has_local(&self) -> bool {
        self.flags & op_flags::LOCAL != 0
    }

    /// Does the version have it?
    pub const fn exists(&self) -> bool {
        self.number != u16::MAX
    }

    /// Is it one that only the compiler knows?
    pub const fn is_pseudo(&self) -> bool {
        self.number > 255 && self.number != u16::MAX
    }
}

/// A version's instructions and the names of their arguments.
#[derive(Debug)]
pub struct OpTable {
    /// By `Op as usize`.
    pub info: [OpInfo; Op::COUNT],
    /// By number; `None` for numbers without a meaning in a `.pyc`.
    pub by_number: [Option<Op>; 256],
    /// `opcode.opname` for real instructions, instrumented ones among them; `<7>` where there is none.
    pub names: [&'static str; 256],
    /// Cache entries by number, instrumented instructions among them.
    pub caches: [u8; 256],
    /// Arguments of BINARY_OP: CPython's name and how `dis` shows it.
    pub binary_ops: &'static [(&'static str, &'static str)],
    /// Arguments of CALL_INTRINSIC_1.
    pub intrinsics_1: &'static [&'static str],
    /// Arguments of CALL_INTRINSIC_2.
    pub intrinsics_2: &'static [&'static str],
    /// Arguments of LOAD_SPECIAL.
    pub special_methods: &'static [&'static str],
    /// Arguments of LOAD_COMMON_CONSTANT.
    pub common_constants: &'static [&'static str],
    /// Comparisons, as COMPARE_OP numbers them (to 3.8 `in`, `is` and `exception match` are among them).
    pub comparisons: &'static [&'static str],
    /// Bytes that one unit of a jump's argument stands for: 1 to 3.9, 2 from 3.10 on.
    pub jump_unit: u8,
    /// Do instructions have two bytes (from 3.6 on)? Else one, or three where they have an argument.
    pub words: bool,
    /// The first number with an argument, where that is how one knows (to 3.11); else 255.
    pub have_argument: u8,
    /// Instructions that are no [`Op`] of ours, by number: those of a release that we do not know.
    pub unlisted: &'static [(u8, OpInfo)],
}

impl OpTable {
    /// What is known of `op`.
    pub const fn info(&self, op: Op) -> &OpInfo {
        &self.info[op as usize]
    }

    /// CPython's number of `op`; `u16::MAX` where the version has none.
    pub const fn number(&self, op: Op) -> u16 {
        self.info[op as usize].number
    }

    /// The instruction with CPython's number `number`.
    pub const fn op(&self, number: u8) -> Option<Op> {
        self.by_number[number as usize]
    }

    /// What is known of the instruction with CPython's number `number`.
    pub fn info_of(&self, number: u8) -> Option<&OpInfo> {
        match self.by_number[number as usize] {
            Some(op) => Some(self.info(op)),
            None => self.unlisted.iter().find(|(of, _)| *of == number).map(|(_, info)| info),
        }
    }

    /// Has the instruction with the number `number` an argument? (Numbers without a meaning may have one.)
    pub fn takes_argument(&self, number: u8) -> bool {
        number >= self.have_argument || self.info_of(number).is_some_and(OpInfo::has_arg)
    }

    /// The change of the stack's depth; with `jump`, at the jump's target.
    pub const fn effect(&self, op: Op, arg: u32, jump: bool) -> i32 {
        let info = &self.info[op as usize];
        let effect = if jump { info.jump_effect } else { info.effect };
        effect.of(arg)
    }
}

/// The form of a code object's line table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineTable {
    /// None; SET_LINENO instructions say the lines (to 1.4).
    None,
    /// `co_lnotab`: pairs of increments of offset and line (1.5 to 3.9; to 2.2 besides SET_LINENO).
    Lnotab,
    /// `co_linetable` of 3.10: pairs too, where each line has a range and there may be none.
    Ranges,
    /// `co_linetable` of 3.11 on: lines and columns.
    Locations,
}

/// How exception handlers are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handlers {
    /// By a stack of blocks that instructions push and pop (to 3.10).
    Blocks,
    /// By `co_exceptiontable` (from 3.11 on).
    Table,
}

/// A version's facts about `.pyc` files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileFacts {
    /// The first two bytes of a `.pyc`, little-endian.
    pub magic: u16,
    /// `marshal.version`
    pub marshal: u8,
    /// Rounds of SipHash for the hash of sources: per block, at the end.
    pub siphash: (u8, u8),
    /// The form of line tables.
    pub lines: LineTable,
    /// How handlers are found.
    pub handlers: Handlers,
}

impl Version {
    /// The version's instructions.
    pub const fn ops(self) -> &'static OpTable {
        match self {
            Version::V3_8 => &generated::v3_8::OPS,
            Version::V3_9 => &generated::v3_9::OPS,
            Version::V3_10 => &generated::v3_10::OPS,
            Version::V3_11 => &generated::v3_11::OPS,
            Version::V3_12 => &generated::v3_12::OPS,
            Version::V3_13 => &generated::v3_13::OPS,
            Version::V3_14 => &generated::v3_14::OPS,
            Version::V3_15 => &generated::v3_15::OPS,
        }
    }

    /// The form of the version's `.pyc` files.
    pub const fn form(self) -> &'static Form {
        match self {
            Version::V3_8 | Version::V3_9 => &form::V3_8,
            Version::V3_10 => &form::V3_10,
            Version::V3_11 | Version::V3_12 | Version::V3_13 => &form::V3_11,
            Version::V3_14 => &form::V3_14,
            Version::V3_15 => &form::V3_15,
        }
    }

    /// The version's facts about `.pyc` files.
    pub const fn file_facts(self) -> FileFacts {
        match self {
            Version::V3_8 => generated::v3_8::FILE,
            Version::V3_9 => generated::v3_9::FILE,
            Version::V3_10 => generated::v3_10::FILE,
            Version::V3_11 => generated::v3_11::FILE,
            Version::V3_12 => generated::v3_12::FILE,
            Version::V3_13 => generated::v3_13::FILE,
            Version::V3_14 => generated::v3_14::FILE,
            Version::V3_15 => generated::v3_15::FILE,
        }
    }

    /// The magic number with the `\r\n` that follows it.
    pub const fn magic(self) -> [u8; 4] {
        let [a, b] = self.file_facts().magic.to_le_bytes();
        [a, b, b'\r', b'\n']
    }

    /// `sys.implementation.cache_tag`, the part of a `.pyc`'s name in `__pycache__`.
    pub const fn cache_tag(self) -> &'static str {
        match self {
            Version::V3_8 => "cpython-38",
            Version::V3_9 => "cpython-39",
            Version::V3_10 => "cpython-310",
            Version::V3_11 => "cpython-311",
            Version::V3_12 => "cpython-312",
            Version::V3_13 => "cpython-313",
            Version::V3_14 => "cpython-314",
            Version::V3_15 => "cpython-315",
        }
    }

    /// The version whose `.pyc` files begin with `magic`.
    pub fn from_magic(magic: [u8; 4]) -> Option<Version> {
        Version::ALL.iter().copied().find(|version| version.magic() == magic)
    }
}
