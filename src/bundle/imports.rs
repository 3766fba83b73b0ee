//! What a module imports, as its bytecode says.

use crate::code::{Object, ObjectId, Objects};
use crate::listing::Instructions;
use crate::listing::Shapes;
use crate::target::{Op, Version};

/// An import statement.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Import {
    /// The module's name as it is written, without the dots before it.
    pub module: String,
    /// How many dots are before it.
    pub level: u32,
    /// What is imported from it; empty where the module itself is.
    pub names: Vec<String>,
}

/// The import statements of all code objects, each once, sorted.
pub fn imports(objects: &Objects<'_>, version: Version) -> Vec<Import> {
    let shapes = Shapes::of(version);
    let mut found = Vec::new();
    for code in &objects.codes {
        let Object::Bytes(bytes) = objects.get(code.code) else { continue };
        let (consts, names) = (objects.items(code.consts), objects.items(code.names));
        // The level and the names are the constants right before the instruction.
        let mut last = [Constant::None, Constant::None];
        for ins in Instructions::new(shapes, bytes) {
            if ins.shape.is_extended_arg {
                continue;
            }
            let arg = usize::try_from(ins.arg).unwrap_or(usize::MAX);
            let constant = match ins.shape.op {
                Some(Op::LoadConst) => consts.get(arg).map_or(Constant::None, |&id| Constant::Object(id)),
                Some(Op::LoadSmallInt) => Constant::Int(ins.arg.unsigned_abs()),
                Some(Op::ImportName) => {
                    if let Some(&name) = names.get(arg >> ins.shape.shift) {
                        found.push(Import {
                            module: String::from_utf8_lossy(objects.text(name)).into_owned(),
                            level: last[0].number(objects),
                            names: last[1].names(objects),
                        });
                    }
                    Constant::None
                }
                _ => Constant::None,
            };
            let [_, before] = last;
            last = [before, constant];
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What an instruction left on the stack, as far as it matters.
#[derive(Clone, Copy)]
enum Constant {
    None,
    Int(u32),
    Object(ObjectId),
}

impl Constant {
    fn number(self, objects: &Objects<'_>) -> u32 {
        match self {
            Constant::Int(number) => number,
            Constant::Object(id) => match objects.get(id) {
                Object::Int(number) => number.unsigned_abs(),
                _ => 0,
            },
            Constant::None => 0,
        }
    }

    fn names(self, objects: &Objects<'_>) -> Vec<String> {
        match self {
            Constant::Object(id) => {
                let text = |&id: &ObjectId| String::from_utf8_lossy(objects.text(id)).into_owned();
                objects.items(id).iter().map(text).collect()
            }
            _ => Vec::new(),
        }
    }
}
