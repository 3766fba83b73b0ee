//! Comparison of code of two releases: what it does, not how that is encoded.
//!
//! Instructions of both sides are put into common terms ([`steps`]): operations that only changed their name or their
//! form are one; those that do nothing for the program are left out. So `BINARY_ADD` of 3.10 equals 3.11's
//! `BINARY_OP` of `+`, a pair of loads equals two loads, and a jump goes to a line, however far that is.

use super::{
    CodeDifference, Finding, Kind, Side, code_name, difference, first_difference, pairs, shown, viewed,
};
use crate::code::ObjectId;
use crate::listing::compare::equal::Comparison;
use crate::listing::constant::{Form, push_text, write_repr};
use crate::listing::error::{ErrorKind, ListingError};
use crate::listing::explain::choice;
use crate::listing::instruction::{Instruction, Instructions};
use crate::listing::shape::{ArgKind, Shapes};
use crate::listing::style::CONVERSIONS;
use crate::listing::text::{Lister, Options, title};
use crate::listing::view::{CodeView, kind};
use crate::target::Op;

/// Two code objects of different releases, or one without a partner.
#[derive(Clone, Debug)]
pub struct Across {
    /// Which, and what differs; there may be nothing.
    pub difference: CodeDifference,
    /// What each side does, an instruction in common terms each.
    pub steps: [Vec<String>; 2],
    /// How many instructions each side has, without `EXTENDED_ARG` and inline caches.
    pub counts: [usize; 2],
}

/// Compares two modules of different releases. Gives all pairs of code objects, in the order of the left side, outer
/// ones first, and those without a partner.
///
/// # Errors
/// When a code object is damaged.
pub fn across(
    left: (Side<'_, '_>, &'static Shapes),
    right: (Side<'_, '_>, &'static Shapes),
) -> Result<Vec<Across>, ListingError> {
    let ((left, left_shapes), (right, right_shapes)) = (left, right);
    let mut listers = [left_shapes, right_shapes]
        .map(|shapes| Lister::with(shapes, Options { positions: true, ..Options::default() }));
    let mut comparison = Comparison::new(left.objects, right.objects);
    let mut found = Vec::new();
    pairs(left, right, |a, b| {
        let mut told = [Told::default(), Told::default()];
        for (index, (side, id)) in [(left, a), (right, b)].into_iter().enumerate() {
            let Some(id) = id else { continue };
            let told_of = steps(&viewed(side, id)?, &mut listers[index]);
            told[index] = told_of.map_err(|kind| ListingError { code: title(side.objects, id), kind })?;
        }
        let [x, y] = told;
        let (objects, id, findings) = match (a, b) {
            (Some(a), Some(b)) => {
                (left.objects, a, findings(&mut comparison, (left, a, &x), (right, b, &y))?)
            }
            (Some(a), None) => (left.objects, a, vec![alone("only on the left")]),
            (None, Some(b)) => (right.objects, b, vec![alone("only on the right")]),
            (None, None) => return Ok(()),
        };
        found.push(Across {
            difference: difference(objects, id, a, b, findings),
            counts: [x.count, y.count],
            steps: [x.steps, y.steps],
        });
        Ok(())
    })?;
    Ok(found)
}

fn alone(detail: &str) -> Finding {
    Finding { kind: Kind::Structure, detail: detail.into() }
}

/// What differs between two code objects.
fn findings(
    comparison: &mut Comparison<'_, '_>,
    (left, a, x): (Side<'_, '_>, ObjectId, &Told),
    (right, b, y): (Side<'_, '_>, ObjectId, &Told),
) -> Result<Vec<Finding>, ListingError> {
    let (a, b) = (viewed(left, a)?, viewed(right, b)?);
    let mut found = Vec::new();
    let mut add = |kind, detail| found.push(Finding { kind, detail });
    for (field, left, right) in [("co_name", a.name, b.name), ("co_filename", a.filename, b.filename)] {
        if left != right {
            add(Kind::Names, format!("{field}: {} | {}", shown(left), shown(right)));
        }
    }
    let names = |view: &CodeView<'_, '_>, mask| view.locals_of(mask).collect::<Vec<_>>();
    for (field, mask) in [("co_freevars", kind::FREE), ("co_cellvars", kind::CELL)] {
        if let Some(detail) = first_difference(comparison, &a, &b, &names(&a, mask), &names(&b, mask)) {
            add(Kind::Names, format!("{field}{detail}"));
        }
    }
    for (field, left, right) in [
        ("co_argcount", a.code.argcount, b.code.argcount),
        ("co_posonlyargcount", a.code.posonlyargcount, b.code.posonlyargcount),
        ("co_kwonlyargcount", a.code.kwonlyargcount, b.code.kwonlyargcount),
    ] {
        if left != right {
            add(Kind::Code, format!("{field}: {left} | {right}"));
        }
    }
    if x.steps != y.steps {
        let (less, more) = changed(&x.steps, &y.steps);
        let (left, right) = (x.count, y.count);
        add(Kind::Code, format!("{left} | {right} instructions; in common terms, {less} go and {more} come"));
    } else if let Some(at) = x.lines.iter().zip(&y.lines).position(|(a, b)| a != b) {
        let (left, right) = (x.lines[at], y.lines[at]);
        add(Kind::LineTable, format!("{} comes from line {left} | {right}", x.steps[at]));
    }
    Ok(found)
}

/// How many lines only the left and only the right side has.
fn changed(left: &[String], right: &[String]) -> (usize, usize) {
    let (mut less, mut more) = (0, 0);
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, left, right) {
        if op.tag() != similar::DiffTag::Equal {
            less += op.old_range().len();
            more += op.new_range().len();
        }
    }
    (less, more)
}

/// What a code object does.
#[derive(Clone, Default, Debug)]
struct Told {
    steps: Vec<String>,
    /// The line of each step, −1 for none.
    lines: Vec<i32>,
    count: usize,
}

/// The instructions of `view` in common terms.
fn steps(view: &CodeView<'_, '_>, lister: &mut Lister) -> Result<Told, ErrorKind> {
    let form = lister.form();
    let prepared = lister.prepare(view)?;
    let mut told = Told::default();
    let mut lines = prepared.lines.clone();
    let mut text = Vec::new();
    let mut keywords = false;
    for instruction in Instructions::new(prepared.shapes, view.bytes) {
        if instruction.shape.is_extended_arg {
            continue;
        }
        told.count += 1;
        let line = lines.position_at(instruction.offset).line;
        let target = instruction.jump_target().and_then(|target| u32::try_from(target).ok());
        let to = target.map(|target| prepared.lines.clone().position_at(target).line);
        let words = Words { view, shapes: prepared.shapes, form, to, keywords };
        match instruction.shape.op {
            Some(Op::KwNames) => keywords = true,
            Some(Op::Call) => keywords = false,
            _ => {}
        }
        text.clear();
        words.tell(&instruction, &mut text)?;
        for step in String::from_utf8_lossy(&text).lines() {
            told.steps.push(step.to_string());
            told.lines.push(line);
        }
    }
    Ok(told)
}

/// Puts instructions of a code object into common terms.
struct Words<'w, 'o, 'a> {
    view: &'w CodeView<'o, 'a>,
    shapes: &'static Shapes,
    form: Form,
    /// The line that is jumped to.
    to: Option<i32>,
    /// Have keywords been named that the next call is to take (3.11 and 3.12)?
    keywords: bool,
}

impl Words<'_, '_, '_> {
    /// Appends the lines for an instruction: none, one or two.
    fn tell(&self, instruction: &Instruction<'_>, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
        let arg = instruction.arg;
        let Some(op) = instruction.shape.op else {
            out.extend_from_slice(format!("{} {arg}", instruction.shape.name).as_bytes());
            return Ok(());
        };
        if is_silent(op) {
            return Ok(());
        }
        let pair = match op {
            Op::LoadFastLoadFast | Op::LoadFastBorrowLoadFastBorrow => Some(["LOAD_FAST", "LOAD_FAST"]),
            Op::StoreFastLoadFast => Some(["STORE_FAST", "LOAD_FAST"]),
            Op::StoreFastStoreFast => Some(["STORE_FAST", "STORE_FAST"]),
            _ => None,
        };
        if let Some([first, second]) = pair {
            self.named(first, self.view.locals, arg >> 4, out);
            out.push(b'\n');
            self.named(second, self.view.locals, arg & 15, out);
            return Ok(());
        }
        if let Some(sign) = operator(op) {
            out.extend_from_slice(format!("BINARY_OP {sign}").as_bytes());
            return Ok(());
        }
        let name = match op {
            Op::Call if self.keywords => "CALL_KW",
            _ => common_name(op, instruction.shape.name),
        };
        out.extend_from_slice(name.as_bytes());
        if instruction.shape.has_arg && !has_silent_argument(op) {
            let name = out.len();
            out.push(b' ');
            self.argument(instruction, out)?;
            if out.len() == name + 1 {
                out.truncate(name);
            }
        }
        if op == Op::ReturnConst {
            out.extend_from_slice(b"\nRETURN_VALUE");
        }
        Ok(())
    }

    fn named(&self, operation: &str, names: &[ObjectId], index: i32, out: &mut Vec<u8>) {
        out.extend_from_slice(operation.as_bytes());
        out.push(b' ');
        self.name(names, index, out);
    }

    fn name(&self, names: &[ObjectId], index: i32, out: &mut Vec<u8>) {
        let id = usize::try_from(index).ok().and_then(|index| names.get(index));
        match id.and_then(|&id| self.view.text(id)) {
            Some(text) => push_text(text, out),
            None => out.extend_from_slice(b"<invalid>"),
        }
    }

    /// What the argument means, in the words of the newest release.
    fn argument(&self, instruction: &Instruction<'_>, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
        let (arg, ops) = (instruction.arg, self.shapes.ops);
        let index = arg >> instruction.shape.shift;
        match instruction.shape.arg {
            _ if instruction.shape.op == Some(Op::KwNames) => self.constant(arg, out)?,
            ArgKind::Const => self.constant(arg, out)?,
            ArgKind::Name | ArgKind::Global | ArgKind::Attr => self.name(self.view.names, index, out),
            ArgKind::Import => {
                self.name(self.view.names, index, out);
                if arg & 1 != 0 {
                    out.extend_from_slice(b" (lazy)");
                }
            }
            ArgKind::Local => self.name(self.view.locals, arg, out),
            ArgKind::Cell => {
                let cells = self.view.cells.len() as i32;
                match arg < cells {
                    true => self.name(self.view.cells, arg, out),
                    false => self.name(self.view.frees, arg - cells, out),
                }
            }
            ArgKind::LocalPair => {}
            ArgKind::Compare | ArgKind::BoolCompare => choice(ops.comparisons, index, out),
            ArgKind::Format | ArgKind::Convert => choice(&CONVERSIONS, arg & 3, out),
            ArgKind::BinaryOp => {
                match usize::try_from(arg).ok().and_then(|index| ops.binary_ops.get(index)) {
                    Some((_, operator)) => out.extend_from_slice(operator.as_bytes()),
                    None => out.extend_from_slice(b"<invalid>"),
                }
            }
            ArgKind::Intrinsic1 => choice(ops.intrinsics_1, arg, out),
            ArgKind::Intrinsic2 => choice(ops.intrinsics_2, arg, out),
            ArgKind::CommonConstant => choice(ops.common_constants, arg, out),
            ArgKind::SpecialMethod => choice(ops.special_methods, arg, out),
            ArgKind::Is => out.extend_from_slice(if arg == 0 { b"is" } else { b"is not" }),
            ArgKind::Contains => out.extend_from_slice(if arg == 0 { b"in" } else { b"not in" }),
            ArgKind::Jump | ArgKind::ComesFrom | ArgKind::FunctionAttributes | ArgKind::Plain => {
                match self.to {
                    Some(line) => out.extend_from_slice(format!("to line {line}").as_bytes()),
                    None => self.plain(instruction, out),
                }
            }
        }
        Ok(())
    }

    fn constant(&self, arg: i32, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
        match usize::try_from(arg).ok().and_then(|index| self.view.consts.get(index)) {
            Some(&id) if self.view.objects.code(id).is_some() => {
                out.extend_from_slice(b"<code object ");
                out.extend_from_slice(&code_name(self.view.objects, id));
                out.push(b'>');
            }
            Some(&id) => write_repr(self.view.objects, id, self.form, out)?,
            None => out.extend_from_slice(b"<invalid>"),
        }
        Ok(())
    }

    /// Arguments that some releases explain and others do not.
    fn plain(&self, instruction: &Instruction<'_>, out: &mut Vec<u8>) {
        let arg = instruction.arg;
        let text = match (instruction.shape.op, arg) {
            (Some(Op::IsOp), 0) => "is".into(),
            (Some(Op::IsOp), _) => "is not".into(),
            (Some(Op::ContainsOp), 0) => "in".into(),
            (Some(Op::ContainsOp), _) => "not in".into(),
            _ => arg.to_string(),
        };
        out.extend_from_slice(text.as_bytes());
    }
}

/// Does it nothing for the program? Such are marks for the interpreter and parts of how a call is laid out.
fn is_silent(op: Op) -> bool {
    matches!(
        op,
        Op::Cache
            | Op::CopyFreeVars
            | Op::GenStart
            | Op::MakeCell
            | Op::Nop
            | Op::NotTaken
            | Op::Precall
            | Op::PushNull
            | Op::Resume
    )
}

/// Does its argument say only how something is laid out?
fn has_silent_argument(op: Op) -> bool {
    matches!(op, Op::GetAwaitable | Op::YieldValue | Op::Reraise)
}

/// The operator of an operation that had one of its own to 3.10.
fn operator(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::BinaryAdd => "+",
        Op::BinaryAnd => "&",
        Op::BinaryFloorDivide => "//",
        Op::BinaryLshift => "<<",
        Op::BinaryMatrixMultiply => "@",
        Op::BinaryModulo => "%",
        Op::BinaryMultiply => "*",
        Op::BinaryOr => "|",
        Op::BinaryPower => "**",
        Op::BinaryRshift => ">>",
        Op::BinarySubscr => "[]",
        Op::BinarySubtract => "-",
        Op::BinaryTrueDivide => "/",
        Op::BinaryXor => "^",
        Op::InplaceAdd => "+=",
        Op::InplaceAnd => "&=",
        Op::InplaceFloorDivide => "//=",
        Op::InplaceLshift => "<<=",
        Op::InplaceMatrixMultiply => "@=",
        Op::InplaceModulo => "%=",
        Op::InplaceMultiply => "*=",
        Op::InplaceOr => "|=",
        Op::InplacePower => "**=",
        Op::InplaceRshift => ">>=",
        Op::InplaceSubtract => "-=",
        Op::InplaceTrueDivide => "/=",
        Op::InplaceXor => "^=",
        _ => return None,
    })
}

/// The name that stands for all forms of an operation.
fn common_name(op: Op, own: &'static str) -> &'static str {
    match op {
        Op::Call | Op::CallFunction | Op::CallMethod => "CALL",
        Op::CallFunctionKw | Op::CallKw => "CALL_KW",
        Op::CompareOp | Op::ContainsOp | Op::IsOp => "COMPARE_OP",
        Op::JumpAbsolute | Op::JumpBackward | Op::JumpBackwardNoInterrupt | Op::JumpForward => "JUMP",
        Op::KwNames | Op::LoadConst | Op::LoadSmallInt | Op::ReturnConst => "LOAD_CONST",
        Op::LoadFast | Op::LoadFastBorrow | Op::LoadFastCheck => "LOAD_FAST",
        Op::LoadAttr | Op::LoadMethod => "LOAD_ATTR",
        Op::PopJumpBackwardIfFalse | Op::PopJumpForwardIfFalse | Op::PopJumpIfFalse => "POP_JUMP_IF_FALSE",
        Op::PopJumpBackwardIfNone | Op::PopJumpForwardIfNone | Op::PopJumpIfNone => "POP_JUMP_IF_NONE",
        Op::PopJumpBackwardIfNotNone | Op::PopJumpForwardIfNotNone | Op::PopJumpIfNotNone => {
            "POP_JUMP_IF_NOT_NONE"
        }
        Op::PopJumpBackwardIfTrue | Op::PopJumpForwardIfTrue | Op::PopJumpIfTrue => "POP_JUMP_IF_TRUE",
        _ => own,
    }
}
