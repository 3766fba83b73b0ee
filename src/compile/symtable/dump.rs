//! A symbol table as text, for comparing with CPython's (`fixtures/symtable/generate.py` writes the same).

use super::table::{BlockKind, SymbolFlags, SymbolTable, VarScope};
use crate::syntax::ast::ScopeId;
use crate::value::Interner;

const FLAGS: [(SymbolFlags, &str); 11] = [
    (SymbolFlags::GLOBAL, "global"),
    (SymbolFlags::LOCAL, "local"),
    (SymbolFlags::PARAM, "param"),
    (SymbolFlags::NONLOCAL, "nonlocal"),
    (SymbolFlags::USE, "use"),
    (SymbolFlags::FREE_CLASS, "free-class"),
    (SymbolFlags::IMPORT, "import"),
    (SymbolFlags::ANNOT, "annot"),
    (SymbolFlags::COMP_ITER, "comp-iter"),
    (SymbolFlags::TYPE_PARAM, "type-param"),
    (SymbolFlags::COMP_CELL, "comp-cell"),
];

impl SymbolTable {
    /// All blocks with their parameters and symbols, one per line, nested by indentation. Free variables that
    /// only pass through a block come last, sorted.
    pub fn dump(&self, names: &Interner) -> String {
        let mut out = String::new();
        self.dump_block(Self::ROOT, 0, names, &mut out);
        out
    }

    fn dump_block(&self, id: ScopeId, depth: usize, names: &Interner, out: &mut String) {
        let scope = self.scope(id);
        let kind = match scope.kind {
            BlockKind::Function => "function",
            BlockKind::Class => "class",
            BlockKind::Module => "module",
            BlockKind::Annotation => "annotation",
            BlockKind::TypeVariable => "type_variable",
            BlockKind::TypeAlias => "type_alias",
            BlockKind::TypeParameters => "type_parameters",
        };
        let indent = "  ".repeat(depth);
        let nested = if scope.nested { " nested" } else { "" };
        out.push_str(&format!("{indent}{kind} {} line {}{nested}\n", names.get(scope.name), scope.loc.line));
        if !self.params(id).is_empty() {
            let params: Vec<_> = self.params(id).iter().map(|&name| names.get(name)).collect();
            out.push_str(&format!("{indent}| params {}\n", params.join(" ")));
        }
        let mut passing = Vec::new();
        for symbol in self.symbols(id) {
            let symbol = self.symbol(symbol);
            if symbol.flags == SymbolFlags::NONE && symbol.scope == VarScope::Free {
                passing.push(names.get(symbol.name));
                continue;
            }
            let scope = match symbol.scope {
                VarScope::Unknown => "",
                VarScope::Local => "local",
                VarScope::GlobalExplicit => "global-explicit",
                VarScope::GlobalImplicit => "global-implicit",
                VarScope::Free => "free",
                VarScope::Cell => "cell",
            };
            out.push_str(&format!("{indent}| {}: {scope}", names.get(symbol.name)));
            for (_, text) in FLAGS.iter().filter(|(flag, _)| symbol.flags.has(*flag)) {
                out.push(' ');
                out.push_str(text);
            }
            out.push('\n');
        }
        passing.sort_unstable();
        for name in passing {
            out.push_str(&format!("{indent}| {name}: free\n"));
        }
        for child in self.children(id) {
            self.dump_block(child, depth + 1, names, out);
        }
    }
}
