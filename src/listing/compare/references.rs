//! Where two graphs of equal objects are written differently: FLAG_REF bits, back-references, interning,
//! type codes.
//!
//! Both graphs are walked in the order in which marshal writes them. Objects meet their partners when both
//! are new; afterwards they must meet the same partners again.

use rustc_hash::FxHashMap;

use super::{CodeDifference, Finding, Kind, Side, shown_constant};
use crate::code::{Object, ObjectId, Objects};
use crate::listing::text::title;

/// How many differences of one code object are spelled out.
const SPELLED_OUT: usize = 20;

/// The differences, by code object. The graphs must be equal otherwise; where they are not, only the common
/// part is walked.
pub fn compare(left: Side<'_, '_>, right: Side<'_, '_>) -> Vec<CodeDifference> {
    let mut walk = Walk {
        left: left.objects,
        right: right.objects,
        partners: FxHashMap::default(),
        reverse: FxHashMap::default(),
        found: Vec::new(),
        pending: vec![Step {
            a: left.root,
            b: right.root,
            owner: (left.root, right.root),
            place: Place::Root,
        }],
    };
    walk.run();
    walk.found
}

/// Where an object stands in the code object that owns it.
#[derive(Clone, Copy)]
enum Place {
    /// It is the module.
    Root,
    /// A field.
    Field(&'static str),
    /// An element of a field.
    Element(&'static str, u32),
    /// Somewhere inside an element of a field.
    Inside(&'static str, u32),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Root => write!(f, "the module"),
            Place::Field(field) => write!(f, "{field}"),
            Place::Element(field, index) => write!(f, "{field}[{index}]"),
            Place::Inside(field, index) => write!(f, "in {field}[{index}]"),
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    a: ObjectId,
    b: ObjectId,
    owner: (ObjectId, ObjectId),
    place: Place,
}

struct Walk<'o, 'a> {
    left: &'o Objects<'a>,
    right: &'o Objects<'a>,
    partners: FxHashMap<ObjectId, ObjectId>,
    reverse: FxHashMap<ObjectId, ObjectId>,
    found: Vec<CodeDifference>,
    /// The last is next.
    pending: Vec<Step>,
}

impl Walk<'_, '_> {
    fn run(&mut self) {
        while let Some(step) = self.pending.pop() {
            let (a, b) = (step.a, step.b);
            match (self.partners.get(&a).copied(), self.reverse.get(&b).copied()) {
                (None, None) => {
                    self.partners.insert(a, b);
                    self.reverse.insert(b, a);
                    self.meet(step);
                }
                (Some(partner), Some(_)) if partner == b => {}
                (Some(_), Some(_)) => self.report(step, "back-references to different objects"),
                (Some(_), None) => self.report(step, "back-reference | written in full"),
                (None, Some(_)) => self.report(step, "written in full | back-reference"),
            }
        }
    }

    /// Two objects meet for the first time.
    fn meet(&mut self, step: Step) {
        let (a, b) = (step.a, step.b);
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        let (x, y) = (self.left.entry(a).flag_ref, self.right.entry(b).flag_ref);
        if x != y {
            self.report(step, &format!("FLAG_REF: {} | {}", yes_no(x), yes_no(y)));
        }
        let (x, y) = (self.left.entry(a).type_code, self.right.entry(b).type_code);
        // 0 leaves the choice to the writer.
        if x != y && x != 0 && y != 0 {
            self.report(step, &format!("type code: {:?} | {:?}", char::from(x), char::from(y)));
        }
        match (self.left.get(a), self.right.get(b)) {
            (Object::Str { interned: x, .. }, Object::Str { interned: y, .. }) if x != y => {
                self.report(step, &format!("interned: {} | {}", yes_no(x), yes_no(y)));
            }
            (Object::Code(_), Object::Code(_)) => self.fields(a, b),
            (Object::Tuple(x), Object::Tuple(y))
            | (Object::List(x), Object::List(y))
            | (Object::Dict(x), Object::Dict(y))
            | (Object::Set(x), Object::Set(y))
            | (Object::FrozenSet(x), Object::FrozenSet(y)) => {
                let pairs = self.left.children(x).iter().zip(self.right.children(y)).enumerate();
                for (index, (&a, &b)) in pairs.rev() {
                    let place = match step.place {
                        Place::Field(field) => Place::Element(field, index as u32),
                        Place::Element(field, index) | Place::Inside(field, index) => {
                            Place::Inside(field, index)
                        }
                        Place::Root => Place::Root,
                    };
                    self.pending.push(Step { a, b, owner: step.owner, place });
                }
            }
            (Object::Slice(x), Object::Slice(y)) => {
                for (a, b) in x.into_iter().zip(y).rev() {
                    self.pending.push(Step { a, b, ..step });
                }
            }
            _ => {}
        }
    }

    /// Pushes the fields of two code objects, in marshal's order.
    fn fields(&mut self, a: ObjectId, b: ObjectId) {
        let (Some(x), Some(y)) = (self.left.code(a), self.right.code(b)) else { return };
        for &field in self.left.form.fields.iter().rev().filter(|field| !field.is_number()) {
            let (left, right) = (x.object(field), y.object(field));
            if left != ObjectId::ABSENT && right != ObjectId::ABSENT {
                let place = Place::Field(field.name());
                self.pending.push(Step { a: left, b: right, owner: (a, b), place });
            }
        }
    }

    fn report(&mut self, step: Step, what: &str) {
        let (a, b) = step.owner;
        if self.found.last().is_none_or(|last| last.left != Some(a)) {
            let line = self.left.code(a).map_or(0, |code| code.firstlineno);
            self.found.push(CodeDifference {
                path: title(self.left, a),
                line,
                left: Some(a),
                right: Some(b),
                findings: Vec::new(),
            });
        }
        let Some(last) = self.found.last_mut() else { return };
        if last.findings.len() < SPELLED_OUT {
            let object = match self.left.get(step.a) {
                Object::Bytes(bytes) => format!("{} bytes", bytes.len()),
                _ => shown_constant(self.left, step.a),
            };
            let detail = format!("{} ({object}): {what}", step.place);
            last.findings.push(Finding { kind: Kind::References, detail });
        } else if last.findings.len() == SPELLED_OUT {
            last.findings.push(Finding { kind: Kind::References, detail: "and more".into() });
        }
    }
}
