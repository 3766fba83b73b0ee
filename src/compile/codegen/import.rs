//! `import` and `from … import`.

use super::Codegen;
use super::errors::Fallible;
use super::numbers::{import, intrinsic_1};
use super::unit::UnitKind;
use crate::compile::recipe::{ContextChecks, ImportModes};
use crate::source::Location;
use crate::syntax::ast::{Alias, ImportFrom};
use crate::target::Op;
use crate::value::{Name, known};
use memchr::memchr;

/// When a module is imported (PEP 810).
#[derive(Clone, Copy)]
enum ImportMode {
    /// At once, unless the program makes plain imports lazy.
    Plain,
    /// At the first use.
    Lazy,
    /// At once.
    Eager,
}

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn import(&mut self, names: &'t [Alias], is_lazy: bool, loc: Location) -> Fallible {
        let mode = if is_lazy { ImportMode::Lazy } else { ImportMode::Plain };
        for alias in names {
            self.load_int(0, loc);
            self.load_none(loc);
            self.import_name(alias.name, mode, loc);
            let dot = memchr(b'.', self.names.bytes(alias.name));
            match (alias.asname, dot) {
                (Some(asname), Some(dot)) => self.import_as(alias.name, dot, asname, loc)?,
                (Some(asname), None) => self.store_name(asname, loc)?,
                (None, Some(dot)) => {
                    let first = self.part(alias.name, 0, dot);
                    self.store_name(first, loc)?;
                }
                (None, None) => self.store_name(alias.name, loc)?,
            }
        }
        Ok(())
    }

    fn import_name(&mut self, name: Name, mode: ImportMode, loc: Location) {
        match self.recipe.import_modes {
            ImportModes::None => self.op_name(Op::ImportName, name, loc),
            ImportModes::LazyAndEager => {
                let bits = match mode {
                    ImportMode::Lazy => import::LAZY,
                    ImportMode::Eager => import::EAGER,
                    ImportMode::Plain if self.u.kind != UnitKind::Module || self.in_exception_handler() => {
                        import::EAGER
                    }
                    ImportMode::Plain => 0,
                };
                let arg = self.mangled_name_index(name);
                self.op_arg(Op::ImportName, arg << import::BITS | bits, loc);
            }
        }
    }

    /// `import a.b.c as d`: walks from the package to the module.
    fn import_as(&mut self, name: Name, mut dot: usize, asname: Name, loc: Location) -> Fallible {
        loop {
            let start = dot + 1;
            let text = self.names.bytes(name);
            let next = memchr(b'.', &text[start..]).map(|at| start + at);
            let end = next.unwrap_or(text.len());
            let part = self.part(name, start, end);
            let arg = self.name_index(part);
            self.op_arg(Op::ImportFrom, arg, loc);
            match next {
                Some(next) => dot = next,
                None => break,
            }
            self.op_arg(Op::Swap, 2, loc);
            self.op(Op::PopTop, loc);
        }
        self.store_name(asname, loc)?;
        self.op(Op::PopTop, loc);
        Ok(())
    }

    /// The name that bytes `start..end` of `name` spell.
    pub(super) fn part(&mut self, name: Name, start: usize, end: usize) -> Name {
        let text = &mut self.scratch.text;
        text.clear();
        text.extend_from_slice(&self.names.bytes(name)[start..end]);
        self.names.intern_utf8(text)
    }

    pub(super) fn import_from(&mut self, import: &'t ImportFrom<'a>, loc: Location) -> Fallible {
        self.load_int(i64::from(import.level), loc);
        match self.recipe.context_checks {
            ContextChecks::CodeGenerator
                if import.level == 0
                    && import.module == Some(known::DUNDER_FUTURE)
                    && is_after(loc, self.future.location) =>
            {
                let message = "from __future__ imports must occur at the beginning of the file";
                return self.error(loc, message);
            }
            ContextChecks::CodeGenerator | ContextChecks::SymbolTable => {}
        }
        self.load_names_const(import.names.iter().map(|alias| alias.name), loc);
        let all = matches!(import.names, [Alias { name: known::STAR, .. }, ..]);
        let mode = match (import.is_lazy, all) {
            (true, _) => ImportMode::Lazy,
            (false, true) => ImportMode::Eager,
            (false, false) => ImportMode::Plain,
        };
        self.import_name(import.module.unwrap_or(known::EMPTY), mode, loc);
        if all {
            self.intrinsic_1(intrinsic_1::IMPORT_STAR, loc);
            self.drop_intrinsic_result();
            return Ok(());
        }
        for alias in import.names.iter() {
            self.op_name(Op::ImportFrom, alias.name, loc);
            self.store_name(alias.asname.unwrap_or(alias.name), loc)?;
        }
        self.op(Op::PopTop, loc);
        Ok(())
    }
}

/// Does `loc` begin after `other` ends?
pub(super) fn is_after(loc: Location, other: Location) -> bool {
    loc.line > other.end_line || (loc.line == other.end_line && loc.col > other.end_col)
}
