//! `_opcode`: what is known of the instructions of the language's own release; from the compiler's tables.

use super::native::index;
use crate::builtins::{keywords, positional};
use crate::object::NativeFn;
use crate::value::{NONE, Value};
use crate::vm::{R, Raised, Vm};
use pyrsc::target::facts::op_called;
use pyrsc::target::{Op, OpInfo, OpTable, op_flags};

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("stack_effect", |vm, args| {
        let (values, [jump]) = keywords(vm, "stack_effect", args, ["jump"])?;
        let (Some(code), 1..=2) = (values.first(), values.len()) else {
            let given = values.len();
            let message = format!("stack_effect expected at least 1 argument, got {given}");
            return Err(vm.type_error(message));
        };
        let number = index(vm, code)?;
        let arg = values.get(1).filter(|it| !it.is_none()).map(|it| index(vm, it)).transpose()?;
        let jumps = match jump.filter(|it| !it.is_none()) {
            None => None,
            Some(jump) => match jump.as_bool() {
                Some(jumps) => Some(jumps),
                None => return Err(vm.value_error("stack_effect: jump must be False, True or None")),
            },
        };
        let info = info(number).ok_or_else(|| vm.value_error("invalid opcode or oparg"))?;
        let arg = arg.unwrap_or(0) as u32;
        let (plain, jump) = (info.effect.of(arg), info.jump_effect.of(arg));
        let effect = match jumps {
            Some(true) => jump,
            Some(false) => plain,
            None => plain.max(jump),
        };
        Ok(vm.int(effect.into()))
    }),
    ("is_valid", |vm, args| Ok(Value::bool(info(number(vm, "is_valid", args)?).is_some()))),
    ("has_arg", |vm, args| has(vm, "has_arg", args, OpInfo::has_arg)),
    ("has_const", |vm, args| has(vm, "has_const", args, OpInfo::has_const)),
    ("has_name", |vm, args| has(vm, "has_name", args, OpInfo::has_name)),
    ("has_jump", |vm, args| has(vm, "has_jump", args, OpInfo::has_jump)),
    ("has_free", |vm, args| has(vm, "has_free", args, OpInfo::has_free)),
    ("has_local", |vm, args| has(vm, "has_local", args, OpInfo::has_local)),
    ("has_exc", |vm, args| has(vm, "has_exc", args, OpInfo::has_exc)),
    ("get_specialization_stats", |vm, args| {
        positional(vm, "get_specialization_stats", args, 0, 0).map(|_| NONE)
    }),
];

/// `_pyrvm_opcode`: what `_opcode` is made of, but for its rows of names.
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    Ok(())
}

fn table() -> &'static OpTable {
    crate::language().version.ops()
}

/// What is known of the instruction with this number. Those that stand where something watches are as what they stand for.
fn info(number: i64) -> Option<OpInfo> {
    let number = u16::try_from(number).ok()?;
    let found = table().info.iter().find(|info| info.exists() && info.number == number);
    if let Some(info) = found {
        return Some(*info);
    }
    let watched = table().names.get(usize::from(number))?.strip_prefix("INSTRUMENTED_")?;
    Some(match op_called(watched) {
        // CPython's tables say of few of them that they jump.
        Some(op) if table().info(op).exists() => {
            let jumps = matches!(op, Op::ForIter | Op::EndAsyncFor);
            let info = *table().info(op);
            OpInfo { flags: if jumps { info.flags } else { info.flags & !op_flags::JUMP }, ..info }
        }
        _ => OpInfo { number, ..OpInfo::ABSENT },
    })
}

fn number(vm: &Vm, name: &str, args: crate::object::callable::Args<'_>) -> Result<i64, Raised> {
    let (values, [named]) = keywords(vm, name, args, ["opcode"])?;
    match values.first().or(named) {
        Some(value) => index(vm, value),
        None => Err(vm.type_error(format!("{name}() missing required argument 'opcode' (pos 1)"))),
    }
}

fn has(vm: &Vm, name: &str, args: crate::object::callable::Args<'_>, what: fn(&OpInfo) -> bool) -> R {
    Ok(Value::bool(info(number(vm, name, args)?).is_some_and(|info| what(&info))))
}
