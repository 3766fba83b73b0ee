//! What a lister must know of each opcode of a version, ready to be indexed by the opcode's byte.

use std::sync::{LazyLock, OnceLock};

use super::row::PaddedName;
use super::style::Style;
use crate::target::{
    CodeField, Form, LineTable, Op, OpInfo, OpTable, Series, Target, UnicodeVersion, Version,
};

/// How an argument is explained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgKind {
    /// Not at all.
    Plain,
    /// An index of `co_consts`.
    Const,
    /// An index of `co_names`.
    Name,
    /// An index of `co_names` above bits of which the lowest says "and a NULL".
    Global,
    /// An index of `co_names` above bits of which the lowest says "a method".
    Attr,
    /// An index of `co_names` above two bits, which say "lazy" and "eager".
    Import,
    /// A jump's target.
    Jump,
    /// The place that control comes from (`END_ASYNC_FOR` from 3.14 on).
    ComesFrom,
    /// An index of `co_varnames` or, where there are such, `co_localsplusnames`.
    Local,
    /// An index of `co_cellvars` and, behind those, `co_freevars` (to 3.10).
    Cell,
    /// Two indexes of `co_localsplusnames`, four bits each.
    LocalPair,
    /// A comparison, above bits that say nothing to readers.
    Compare,
    /// A comparison above five bits, one of which asks for a `bool`.
    BoolCompare,
    /// A conversion of a formatted value, and a bit that says "with a format" (to 3.12).
    Format,
    /// A conversion of a formatted value.
    Convert,
    /// Attributes of a function, as bits.
    FunctionAttributes,
    /// A binary operator.
    BinaryOp,
    /// An intrinsic function of one argument.
    Intrinsic1,
    /// An intrinsic function of two arguments.
    Intrinsic2,
    /// A constant that has no place in `co_consts`.
    CommonConstant,
    /// A special method.
    SpecialMethod,
    /// `is` or `is not`.
    Is,
    /// `in` or `not in`.
    Contains,
}

/// Where a jump's argument counts from and to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jump {
    /// No jump.
    None,
    /// From behind the instruction and its caches towards higher offsets.
    Forward,
    /// From there towards lower offsets.
    Backward,
    /// From the start of the code.
    Absolute,
}

/// One opcode.
#[derive(Clone, Debug)]
pub struct Shape {
    /// CPython's name, or `<N>` where the byte has none.
    pub name: &'static str,
    /// The same, ready for a listing.
    pub padded: PaddedName,
    /// The operation, where the byte is one.
    pub op: Option<Op>,
    /// Inline cache entries, in code units.
    pub caches: u8,
    /// Does it take an argument?
    pub has_arg: bool,
    /// Is it `EXTENDED_ARG`?
    pub is_extended_arg: bool,
    /// How its argument is explained.
    pub arg: ArgKind,
    /// Whether and where it jumps.
    pub jump: Jump,
    /// How many bytes a unit of a jump's argument stands for.
    pub jump_unit: u8,
    /// How many low bits of the argument are below an index.
    pub shift: u8,
}

/// The opcodes of a version.
#[derive(Debug)]
pub struct Shapes {
    /// By opcode.
    pub by_byte: [Shape; 256],
    /// The version's opcode table.
    pub ops: &'static OpTable,
    /// How its `dis` prints.
    pub style: &'static Style,
    /// The form of its line tables.
    pub lines: LineTable,
    /// Does each instruction take a multiple of two bytes?
    pub words: bool,
    /// Which characters are printable.
    pub unicode: UnicodeVersion,
}

impl Shapes {
    /// Those of `version`.
    pub fn of(version: Version) -> &'static Shapes {
        /// In the order of [`Version::ALL`], which is that of the enum.
        static SHAPES: LazyLock<Vec<Shapes>> = LazyLock::new(|| {
            let build = |&version: &Version| {
                let unicode = Target::newest(version).unicode();
                Shapes::build(version.ops(), Style::of(version), version.form(), unicode)
            };
            Version::ALL.iter().map(build).collect()
        });
        &SHAPES[version as usize]
    }

    /// Those of the releases that write a magic number; `None` where their opcodes are not known.
    pub fn of_series(series: &Series) -> Option<&'static Shapes> {
        /// In the order of [`Series::all`].
        static SHAPES: LazyLock<Vec<OnceLock<Option<Shapes>>>> =
            LazyLock::new(|| Series::all().iter().map(|_| OnceLock::new()).collect());
        if let Some(version) = series.version() {
            return Some(Shapes::of(version));
        }
        let index = Series::all().iter().position(|it| it.magic == series.magic)?;
        let build = || Some(Shapes::of_facts(series.ops()?, series.form?, series.name));
        SHAPES[index].get_or_init(build).as_ref()
    }

    /// Those of a release that is called `name` (`2.7`, `3.16`), whose `dis` is taken to print as that of the nearest
    /// release that is known.
    pub fn of_facts(ops: &'static OpTable, form: &Form, name: &str) -> Shapes {
        Shapes::build(ops, Style::of_name(name), form, Style::unicode_of(name))
    }

    fn build(ops: &'static OpTable, style: &'static Style, form: &Form, unicode: UnicodeVersion) -> Shapes {
        let localsplus = form.has(CodeField::LocalsPlusNames);
        let by_byte = std::array::from_fn(|byte| {
            let number = byte as u8;
            let op = ops.by_number[byte];
            let info = ops.info_of(number).filter(|info| info.has_arg());
            Shape {
                name: ops.names[byte],
                padded: PaddedName::new(ops.names[byte]),
                op,
                caches: ops.caches[byte],
                has_arg: ops.takes_argument(number),
                is_extended_arg: op == Some(Op::ExtendedArg),
                arg: info.map_or(ArgKind::Plain, |info| arg_kind(op, info, style, localsplus)),
                jump: info.map_or(Jump::None, jump),
                jump_unit: ops.jump_unit,
                shift: info.map_or(0, |info| info.shift),
            }
        });
        Shapes { by_byte, ops, style, lines: form.lines, words: ops.words, unicode }
    }
}

/// How `op`'s argument is explained in the release whose style is `style`.
fn arg_kind(op: Option<Op>, info: &OpInfo, style: &Style, localsplus: bool) -> ArgKind {
    let says = &style.arguments;
    if let Some(kind) = op.and_then(|op| own_kind(op, info, style)) {
        return kind;
    }
    match () {
        _ if info.has_const() => ArgKind::Const,
        _ if info.has_name() => ArgKind::Name,
        _ if info.jumps_to_absolute() && !says.absolute_jumps => ArgKind::Plain,
        _ if info.has_jump() => ArgKind::Jump,
        _ if info.has_local() => ArgKind::Local,
        _ if info.has_free() && localsplus => ArgKind::Local,
        _ if info.has_free() => ArgKind::Cell,
        _ => ArgKind::Plain,
    }
}

/// How the argument of an operation is explained that stands alone in this.
fn own_kind(op: Op, info: &OpInfo, style: &Style) -> Option<ArgKind> {
    let says = &style.arguments;
    Some(match op {
        Op::LoadGlobal if info.shift > 0 => ArgKind::Global,
        Op::LoadAttr | Op::LoadSuperAttr if info.shift > 0 => ArgKind::Attr,
        Op::ImportName if info.shift > 0 => ArgKind::Import,
        Op::LoadFastBorrowLoadFastBorrow
        | Op::LoadFastLoadFast
        | Op::StoreFastLoadFast
        | Op::StoreFastStoreFast => ArgKind::LocalPair,
        Op::EndAsyncFor => ArgKind::ComesFrom,
        Op::CompareOp if says.bool_comparisons => ArgKind::BoolCompare,
        Op::CompareOp => ArgKind::Compare,
        Op::ConvertValue => ArgKind::Convert,
        Op::FormatValue if says.formats => ArgKind::Format,
        Op::SetFunctionAttribute => ArgKind::FunctionAttributes,
        Op::MakeFunctionFlags if says.function_flags => ArgKind::FunctionAttributes,
        Op::BinaryOp => ArgKind::BinaryOp,
        Op::CallIntrinsic1 => ArgKind::Intrinsic1,
        Op::CallIntrinsic2 => ArgKind::Intrinsic2,
        Op::LoadCommonConstant => ArgKind::CommonConstant,
        Op::LoadSpecial => ArgKind::SpecialMethod,
        Op::IsOp if says.is_and_in => ArgKind::Is,
        Op::ContainsOp if says.is_and_in => ArgKind::Contains,
        Op::KwNames if !says.keyword_names => ArgKind::Plain,
        _ => return None,
    })
}

/// Where an operation that takes an argument jumps to.
fn jump(info: &OpInfo) -> Jump {
    match (info.has_jump(), info.jumps_to_absolute(), info.jumps_back()) {
        (false, ..) => Jump::None,
        (_, true, _) => Jump::Absolute,
        (_, _, true) => Jump::Backward,
        _ => Jump::Forward,
    }
}
