//! A whole code object's instructions, in the form that the lowering knows.

use super::blocks;
use super::normal::{Dialect, Goal, Normal};
use super::verify::{Broken, Ins, Region};
use pyrsc::code::flags;
use pyrsc::target::{Handlers, Op};

/// What a code object of the releases before 3.11 does not do itself.
#[derive(Default, Debug)]
pub(super) struct Prologue {
    /// Locals that become cells.
    pub(super) cells: Vec<u32>,
    /// How many variables come from the function.
    pub(super) free: u32,
    /// The local of each cell or free variable, by the number that instructions have.
    pub(super) places: Vec<u32>,
}

const GENERATORS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
/// The most instructions that an argument may stand for.
const MOST_OF_ONE: u32 = 1 << 10;

/// The instructions and handlers of code in another release's form.
pub(super) fn normalise(
    dialect: &Dialect,
    code: &mut [Ins],
    regions: &[Region],
    prologue: &Prologue,
    co_flags: u32,
    bound: Vec<bool>,
) -> Result<(Vec<Ins>, Vec<Region>), Broken> {
    for ins in &mut *code {
        let repeated = matches!(
            ins.op,
            Op::RotN
                | Op::BuildListUnpack
                | Op::BuildTupleUnpack
                | Op::BuildSetUnpack
                | Op::BuildMapUnpack
                | Op::BuildTupleUnpackWithCall
                | Op::BuildMapUnpackWithCall
        );
        if repeated && ins.arg > MOST_OF_ONE {
            return Err((ins.offset, "the argument is out of range"));
        }
        if dialect.handlers == Handlers::Blocks && dialect.shapes.ops.info(ins.op).has_free() {
            let place = prologue.places.get(ins.arg as usize);
            ins.arg = *place.ok_or((ins.offset, "the cell does not exist"))?;
        }
    }
    let mut normal = Normal::new(dialect, bound);
    normal.marks = dialect.marks_values && co_flags & pyrsc::code::flags::ASYNC_GENERATOR != 0;
    let generator = co_flags & GENERATORS != 0;
    if prologue.free > 0 {
        normal.emit(Op::CopyFreeVars, prologue.free);
    }
    for &cell in &prologue.cells {
        normal.emit(Op::MakeCell, cell);
    }
    let starts_with_value = code.first().is_some_and(|ins| ins.op == Op::GenStart);
    let mut depth = 0;
    if generator && !dialect.makes_generators {
        normal.emit(Op::ReturnGenerator, 0);
        if starts_with_value {
            depth = 1;
        } else {
            normal.emit(Op::PopTop, 0);
        }
    }
    let mut regions = match dialect.handlers {
        Handlers::Blocks => blocks::unfold(&mut normal, code, depth)?,
        Handlers::Table => straight(&mut normal, code, regions)?,
    };
    if generator && dialect.guards_generators {
        let made = normal.out.iter().position(|ins| ins.op == Op::ReturnGenerator);
        let start = made.map_or(0, |at| at as u32 + 1);
        let target = normal.guard();
        regions.push(Region { start, end: target, target, depth: 0, lasti: true });
    }
    for &(at, goal) in &normal.goals {
        if let Goal::Out(place) = goal {
            normal.out[at].target = Some(place);
        }
    }
    Ok((normal.out, regions))
}

/// Code whose handlers are in a table.
fn straight(normal: &mut Normal<'_>, code: &[Ins], regions: &[Region]) -> Result<Vec<Region>, Broken> {
    let mut starts = Vec::with_capacity(code.len() + 1);
    for ins in code {
        starts.push(normal.out.len() as u32);
        if !normal.translate(ins) {
            return Err((ins.offset, "an instruction that this machine does not know"));
        }
    }
    starts.push(normal.out.len() as u32);
    normal.finish_tails();
    for (_, goal) in &mut normal.goals {
        if let Goal::Raw(raw, _) = *goal {
            *goal = Goal::Out(starts[raw as usize]);
        }
    }
    let place = |raw: u32| starts[raw as usize];
    Ok(regions
        .iter()
        .map(|it| Region { start: place(it.start), end: place(it.end), target: place(it.target), ..*it })
        .collect())
}
