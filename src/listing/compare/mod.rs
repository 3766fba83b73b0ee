//! What differs between two graphs of code objects: by kind, by place, with what stands on each side.
//!
//! Code objects are matched from the outside in, by name in the order of the constants; those without a
//! partner are differences of structure. A code object whose instructions differ is not blamed for its line
//! table as well, and the graphs' sharing of objects ([`Kind::References`]) is looked at only where nothing
//! else differs: so each kind means "this, and not what it follows from".

mod equal;
mod meaning;
mod references;
mod tables;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashSet;

use super::constant::{Form, push_text, write_repr};
use super::error::ListingError;
use super::style::Constants;
use super::text::title;
use super::view::CodeView;
use crate::code::{ObjectId, Objects};
use crate::target::UnicodeVersion;
use crate::value::PyStr;
use equal::{Comparison, is_code};
pub use meaning::{Across, across};

/// What kind of difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The sixteen bytes before the code object.
    Header,
    /// Equal objects, but shared, interned or marked for sharing (FLAG_REF) in different places.
    References,
    /// Same instructions, other lines or columns.
    LineTable,
    /// Names of variables, attributes, functions, files.
    Names,
    /// Constants other than code objects.
    Constants,
    /// Instructions, handlers, stack size, flags or argument counts.
    Code,
    /// A code object or a file that one side lacks.
    Structure,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Kind; 7] = [
        Kind::Header,
        Kind::References,
        Kind::LineTable,
        Kind::Names,
        Kind::Constants,
        Kind::Code,
        Kind::Structure,
    ];

    /// The name that users type and read.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Header => "header",
            Kind::References => "references",
            Kind::LineTable => "linetable",
            Kind::Names => "names",
            Kind::Constants => "constants",
            Kind::Code => "code",
            Kind::Structure => "structure",
        }
    }
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Side<'o, 'a> {
    /// The graph.
    pub objects: &'o Objects<'a>,
    /// Its module.
    pub root: ObjectId,
}

/// One thing that differs in a code object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Of what kind it is.
    pub kind: Kind,
    /// What it is, in words, with both values where they are short.
    pub detail: String,
}

/// A code object that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeDifference {
    /// `co_qualname`, of the left side where there is one.
    pub path: String,
    /// Its first line, of the same side.
    pub line: i32,
    /// The code object of the left side.
    pub left: Option<ObjectId>,
    /// The code object of the right side.
    pub right: Option<ObjectId>,
    /// What differs, in the order in which fields are compared; never empty.
    pub findings: Vec<Finding>,
}

/// The differences of two modules, in the order of the left one, outer code objects first.
///
/// # Errors
/// When a code object is damaged: no instruction is decoded, but the fields must have their types.
pub fn compare(left: Side<'_, '_>, right: Side<'_, '_>) -> Result<Vec<CodeDifference>, ListingError> {
    let mut comparison = Comparison::new(left.objects, right.objects);
    let mut found = Vec::new();
    pairs(left, right, |a, b| {
        let alone = |side| vec![Finding { kind: Kind::Structure, detail: format!("only on the {side}") }];
        match (a, b) {
            (Some(a), Some(b)) => {
                let (x, y) = (viewed(left, a)?, viewed(right, b)?);
                let findings = pair_findings(&mut comparison, &x, &y);
                if !findings.is_empty() {
                    found.push(difference(left.objects, a, Some(a), Some(b), findings));
                }
            }
            (Some(a), None) => found.push(difference(left.objects, a, Some(a), None, alone("left"))),
            (None, Some(b)) => found.push(difference(right.objects, b, None, Some(b), alone("right"))),
            (None, None) => {}
        }
        Ok(())
    })?;
    if found.is_empty() {
        found.extend(references::compare(left, right));
    }
    Ok(found)
}

fn viewed<'o, 'a>(side: Side<'o, 'a>, id: ObjectId) -> Result<CodeView<'o, 'a>, ListingError> {
    CodeView::new(side.objects, id).map_err(|kind| ListingError { code: title(side.objects, id), kind })
}

/// Tells `visit` the pairs of code objects of two modules, each once, in the order of the left one, outer ones first,
/// and those without a partner.
fn pairs(
    left: Side<'_, '_>,
    right: Side<'_, '_>,
    mut visit: impl FnMut(Option<ObjectId>, Option<ObjectId>) -> Result<(), ListingError>,
) -> Result<(), ListingError> {
    let mut visited = FxHashSet::default();
    // Pairs still to do; the last is next, so nested ones are pushed in reverse.
    let mut pending = vec![(Some(left.root), Some(right.root))];
    while let Some((a, b)) = pending.pop() {
        if !visited.insert((a, b)) {
            continue;
        }
        visit(a, b)?;
        if let (Some(a), Some(b)) = (a, b) {
            let mut nested = match_nested(&viewed(left, a)?, &viewed(right, b)?);
            nested.reverse();
            pending.append(&mut nested);
        }
    }
    Ok(())
}

fn difference(
    objects: &Objects<'_>,
    id: ObjectId,
    left: Option<ObjectId>,
    right: Option<ObjectId>,
    findings: Vec<Finding>,
) -> CodeDifference {
    let line = objects.code(id).map_or(0, |code| code.firstlineno);
    CodeDifference { path: title(objects, id), line, left, right, findings }
}

/// What differs between two code objects themselves.
fn pair_findings(
    comparison: &mut Comparison<'_, '_>,
    a: &CodeView<'_, '_>,
    b: &CodeView<'_, '_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |kind, detail| found.push(Finding { kind, detail });
    for (field, left, right) in [
        ("co_name", a.name, b.name),
        ("co_qualname", a.qualname, b.qualname),
        ("co_filename", a.filename, b.filename),
    ] {
        if left != right {
            add(Kind::Names, format!("{field}: {} | {}", shown(left), shown(right)));
        }
    }
    for (field, left, right) in [
        ("co_names", a.names, b.names),
        ("co_localsplusnames", a.locals, b.locals),
        ("co_cellvars", a.cells, b.cells),
        ("co_freevars", a.frees, b.frees),
    ] {
        if let Some(detail) = first_difference(comparison, a, b, left, right) {
            add(Kind::Names, format!("{field}{detail}"));
        }
    }
    if a.kinds != b.kinds {
        add(Kind::Names, format!("co_localspluskinds: {:02x?} | {:02x?}", a.kinds, b.kinds));
    }
    let (left, right) = comparable_constants(a, b);
    if let Some(detail) = first_difference(comparison, a, b, &left, &right) {
        add(Kind::Constants, format!("co_consts{detail}"));
    }
    for (field, left, right) in [
        ("co_argcount", a.code.argcount, b.code.argcount),
        ("co_posonlyargcount", a.code.posonlyargcount, b.code.posonlyargcount),
        ("co_kwonlyargcount", a.code.kwonlyargcount, b.code.kwonlyargcount),
        ("co_nlocals", a.code.nlocals, b.code.nlocals),
        ("co_stacksize", a.code.stacksize, b.code.stacksize),
    ] {
        if left != right {
            add(Kind::Code, format!("{field}: {left} | {right}"));
        }
    }
    if a.code.flags != b.code.flags {
        add(Kind::Code, format!("co_flags: {:#x} | {:#x}", a.code.flags, b.code.flags));
    }
    if a.bytes != b.bytes {
        add(Kind::Code, format!("co_code: {}", tables::code(a, b)));
    }
    if a.exceptiontable != b.exceptiontable {
        add(Kind::Code, format!("co_exceptiontable: {}", tables::handlers(a, b)));
    }
    if a.code.firstlineno != b.code.firstlineno {
        let (left, right) = (a.code.firstlineno, b.code.firstlineno);
        add(Kind::LineTable, format!("co_firstlineno: {left} | {right}"));
    } else if a.bytes == b.bytes && a.linetable != b.linetable {
        add(Kind::LineTable, format!("co_linetable: {}", tables::lines(a, b)));
    }
    found
}

/// The constants to compare one by one: all of them, unless one side has more code objects than the other.
/// Those are differences of structure, and what remains should not be out of step because of them.
fn comparable_constants(a: &CodeView<'_, '_>, b: &CodeView<'_, '_>) -> (Vec<ObjectId>, Vec<ObjectId>) {
    let all = a.nested().count() == b.nested().count();
    let kept = |view: &CodeView<'_, '_>| {
        let ids = view.consts.iter().copied();
        ids.filter(|&id| all || !is_code(view.objects, id)).collect()
    };
    (kept(a), kept(b))
}

/// Where two tuples first differ, as `[index]: left | right`, code objects left out: they are compared as
/// such. A tuple that ends early shows its end as nothing.
fn first_difference(
    comparison: &mut Comparison<'_, '_>,
    a: &CodeView<'_, '_>,
    b: &CodeView<'_, '_>,
    left: &[ObjectId],
    right: &[ObjectId],
) -> Option<String> {
    for index in 0..left.len().max(right.len()) {
        let pair = (left.get(index).copied(), right.get(index).copied());
        if let (Some(x), Some(y)) = pair
            && (is_code(a.objects, x) && is_code(b.objects, y) || comparison.equal(x, y))
        {
            continue;
        }
        let show = |view: &CodeView<'_, '_>, id: Option<ObjectId>| match id {
            Some(id) => shown_constant(view.objects, id),
            None => "(nothing)".into(),
        };
        return Some(format!("[{index}]: {} | {}", show(a, pair.0), show(b, pair.1)));
    }
    None
}

/// How much of a constant is shown in a finding, in characters.
const SHOWN: usize = 60;

fn shown_constant(objects: &Objects<'_>, id: ObjectId) -> String {
    let mut text = Vec::new();
    // The limit only cuts what would be cut below.
    let form = Form { unicode: UnicodeVersion::V15_1, limit: 1 << 16, constants: Constants::NEW };
    let _ = write_repr(objects, id, form, &mut text);
    shorten(&text)
}

fn shown(text: PyStr<'_>) -> String {
    let mut out = Vec::new();
    push_text(text, &mut out);
    shorten(&out)
}

fn shorten(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// A pair of code objects, or one without a partner.
type Pair = (Option<ObjectId>, Option<ObjectId>);

/// Pairs up the code objects in the constants of two code objects.
fn match_nested(a: &CodeView<'_, '_>, b: &CodeView<'_, '_>) -> Vec<Pair> {
    let (left, right): (Vec<_>, Vec<_>) = (a.nested().collect(), b.nested().collect());
    let names = |objects: &Objects<'_>, ids: &[ObjectId]| -> Vec<Vec<u8>> {
        ids.iter().map(|&id| code_name(objects, id)).collect()
    };
    let (left_names, right_names) = (names(a.objects, &left), names(b.objects, &right));
    let mut pairs = Vec::with_capacity(left.len());
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &left_names, &right_names) {
        let (tag, old, new) = op.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            pairs.extend(old.zip(new).map(|(i, j)| (Some(left[i]), Some(right[j]))));
        } else {
            pairs.extend(old.map(|i| (Some(left[i]), None)));
            pairs.extend(new.map(|j| (None, Some(right[j]))));
        }
    }
    pairs
}

fn code_name(objects: &Objects<'_>, id: ObjectId) -> Vec<u8> {
    objects.code(id).map_or_else(Vec::new, |code| objects.text(code.name).to_vec())
}
