//! `_pyrvm_library`: the library in the binary, for the finder of its modules (`stdlib/_pyrvm_import.py`).

use crate::builtins::positional;
use crate::library;
use crate::object::NativeFn;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::collections::BTreeSet;

const FUNCTIONS: &[(&str, NativeFn)] = &[
    // find(path of a module, dots as '/'): (path of its file, is it a package?), or None
    ("find", |vm, args| {
        let path = vm.text_of(&positional(vm, "find", args, 1, 1)?[0]);
        Ok(library::module(&path)
            .map_or(NONE, |(entry, package)| vm.tuple(vec![vm.str(entry.name()), Value::bool(package)])))
    }),
    // code(path of its file)
    ("code", |vm, args| {
        let path = vm.text_of(&positional(vm, "code", args, 1, 1)?[0]);
        let Some(entry) = library::entry(&path) else { return Ok(NONE) };
        let file = format!("{}/{path}", vm.library.borrow());
        vm.library_code(entry, Some(&file), vm.optimize.get())
    }),
    // load(a .pyc): the code of any release, or None
    ("load", |vm, args| {
        let data = vm.bytes_of(&positional(vm, "load", args, 1, 1)?[0])?;
        Ok(crate::load_pyc(vm, &data).unwrap_or(NONE))
    }),
    // data(path): bytes, or None
    ("data", |vm, args| {
        let path = vm.text_of(&positional(vm, "data", args, 1, 1)?[0]);
        Ok(library::entry(&path).map_or(NONE, |entry| vm.bytes(entry.data())))
    }),
    // names(folder, with '/' behind it, or ''): what is in it, folders with '/' behind them
    ("names", |vm, args| {
        let folder = vm.text_of(&positional(vm, "names", args, 1, 1)?[0]);
        let name = |entry: library::Entry| {
            let rest = &entry.name()[folder.len()..];
            rest.split_once('/').map_or_else(|| rest.to_owned(), |(first, _)| format!("{first}/"))
        };
        let shown = library::below(&folder).filter(|it| !it.name().starts_with('<'));
        let names: BTreeSet<String> = shown.map(name).collect();
        Ok(vm.list(names.iter().map(|it| vm.str(it)).collect()))
    }),
];

/// `_pyrvm_library`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    vm.put(module, "root", vm.str(&vm.library.borrow()));
    Ok(())
}
