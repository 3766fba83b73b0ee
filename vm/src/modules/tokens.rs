//! `_pyrvm_tokens`: the tokens of a source, for `_tokenize`.

use crate::builtins::positional;
use crate::object::NativeFn;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use pyrsc::syntax::tokenize;

const FUNCTIONS: &[(&str, NativeFn)] = &[("all", |vm, args| {
    // Rows of name, exact name, text and places, and what is wrong behind them: message, line, column.
    let text = vm.text_of(&positional(vm, "all", args, 1, 1)?[0]);
    let mut rows = Vec::new();
    let number = |it: u32| vm.int(it.into());
    let result = tokenize(&text, crate::language(), |token| {
        rows.push(vm.tuple(vec![
            vm.intern(token.kind),
            vm.intern(token.exact),
            vm.str(token.text),
            vm.tuple(vec![number(token.start.0), number(token.start.1)]),
            vm.tuple(vec![number(token.end.0), number(token.end.1)]),
        ]));
    });
    let error = match result {
        Ok(()) => NONE,
        Err(error) => {
            let (line, column) = error.place.unwrap_or((1, 0));
            vm.tuple(vec![vm.str(&error.message), number(line), number(column)])
        }
    };
    Ok(vm.tuple(vec![vm.list(rows), error]))
})];

pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    Ok(())
}
