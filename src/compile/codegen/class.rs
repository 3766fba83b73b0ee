//! Classes.

use super::Codegen;
use super::errors::Fallible;
use super::numbers::intrinsic_1;
use super::unit::{ParameterCounts, UnitKind};
use crate::compile::recipe::{ClassOrigins, GenericPrivates, Qualnames};
use crate::source::Location;
use crate::syntax::ast::ClassDef;
use crate::target::Op;
use crate::value::{Name, known};

impl<'t, 'a> Codegen<'_, 't, 'a> {
    pub(super) fn class_def(&mut self, def: &'t ClassDef<'a>, loc: Location) -> Fallible {
        self.exprs(def.decorator_list)?;
        let line = def.decorator_list.first().map_or(loc.line, |first| first.loc.line);
        if def.type_params.is_empty() {
            self.class_body(def, line, loc)?;
            self.call_arguments(2, def.bases, None, def.keywords, loc)?;
        } else {
            self.generic_class(def, line, loc)?;
        }
        self.apply_decorators(def.decorator_list);
        self.store_name(def.name, loc)
    }

    /// A class with type parameters: made by a function of its own.
    fn generic_class(&mut self, def: &'t ClassDef<'a>, line: i32, loc: Location) -> Fallible {
        self.null_beneath(loc);
        match self.recipe.generic_privates {
            GenericPrivates::Leaking => self.set_private(def.name),
            GenericPrivates::Kept => {}
        }
        let name = self.type_params_name(def.name);
        let none = ParameterCounts::default();
        self.enter_unit(name, UnitKind::Annotations, def.type_params_scope, line, none);
        self.u.private = Some(def.name);
        self.type_params(def.type_params)?;
        self.store_name(known::DOT_TYPE_PARAMS, loc)?;
        self.class_body(def, line, loc)?;
        self.load_name(known::DOT_TYPE_PARAMS, loc)?;
        self.op_arg(Op::CallIntrinsic1, intrinsic_1::SUBSCRIPT_GENERIC, loc);
        self.store_name(known::DOT_GENERIC_BASE, loc)?;
        self.call_arguments(2, def.bases, Some(known::DOT_GENERIC_BASE), def.keywords, loc)?;
        let code = self.leave_unit(false)?;
        self.make_closure(code, 0, loc)?;
        self.null_above(loc);
        self.op_arg(Op::Call, 0, loc);
        Ok(())
    }

    /// The body as a code object, and the first arguments of `__build_class__`: it and the name.
    fn class_body(&mut self, def: &'t ClassDef<'a>, line: i32, class_loc: Location) -> Fallible {
        self.enter_unit(def.name, UnitKind::Class, def.scope, line, ParameterCounts::default());
        self.u.private = Some(def.name);
        let loc = Location::new(line, 0, line, 0);
        self.class_head(def, line, loc)?;
        self.body(def.body, loc, false)?;
        self.class_tail()?;
        let code = self.leave_unit(true)?;
        // On the class's line, not on a decorator's.
        self.null_beneath(class_loc);
        self.op(Op::LoadBuildClass, class_loc);
        self.null_above(class_loc);
        self.make_closure(code, 0, class_loc)?;
        self.load_name_const(def.name, class_loc);
        Ok(())
    }

    /// What a class's namespace begins with.
    fn class_head(&mut self, def: &ClassDef<'a>, line: i32, loc: Location) -> Fallible {
        self.load_name(known::DUNDER_NAME, loc)?;
        self.store_name(known::DUNDER_MODULE, loc)?;
        let qualname = self.u.meta.qualname;
        let qualname = match self.qualnames {
            Qualnames::AsMade if qualname != self.u.meta.name => {
                let (constant, own) = self.consts.plain_qualname(qualname, self.names);
                self.u.meta.qualname_object = Some(own);
                constant
            }
            Qualnames::AsMade | Qualnames::Interned => self.consts.qualname(qualname, self.names),
        };
        self.load_const(qualname, loc);
        self.store_name(known::DUNDER_QUALNAME, loc)?;
        match self.recipe.class_origins {
            ClassOrigins::Unknown => {}
            ClassOrigins::Kept => {
                self.load_int(i64::from(line), loc);
                self.store_name(known::DUNDER_FIRSTLINENO, loc)?;
            }
        }
        if !def.type_params.is_empty() {
            self.load_name(known::DOT_TYPE_PARAMS, loc)?;
            self.store_name(known::DUNDER_TYPE_PARAMS, loc)?;
        }
        let scope = *self.symbols.scope(self.u.scope);
        if scope.needs_classdict {
            self.op(Op::LoadLocals, loc);
            let arg = self.cell_index(known::DUNDER_CLASSDICT);
            self.op_arg(Op::StoreDeref, arg, loc);
        }
        if scope.has_conditional_annotations {
            self.op_arg(Op::BuildSet, 0, loc);
            let arg = self.cell_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
            self.op_arg(Op::StoreDeref, arg, loc);
        }
        Ok(())
    }

    /// What a class's namespace ends with.
    fn class_tail(&mut self) -> Fallible {
        let none = Location::NONE;
        match self.recipe.class_origins {
            ClassOrigins::Unknown => {}
            ClassOrigins::Kept => {
                let attributes = self.sorted_static_attributes();
                self.load_names_const(attributes.iter().copied(), none);
                self.u.static_attributes = attributes;
                self.store_name(known::DUNDER_STATIC_ATTRIBUTES, none)?;
            }
        }
        let scope = *self.symbols.scope(self.u.scope);
        if scope.needs_classdict {
            let arg = self.cell_index(known::DUNDER_CLASSDICT);
            self.op_arg(Op::LoadClosure, arg, none);
            self.store_name(known::DUNDER_CLASSDICTCELL, none)?;
        }
        if scope.needs_class_closure {
            let arg = self.cell_index(known::DUNDER_CLASS);
            self.op_arg(Op::LoadClosure, arg, none);
            self.op_arg(Op::Copy, 1, none);
            self.store_name(known::DUNDER_CLASSCELL, none)?;
        } else {
            self.load_none(none);
        }
        self.op(Op::ReturnValue, none);
        Ok(())
    }

    fn sorted_static_attributes(&mut self) -> Vec<Name> {
        let mut attributes = std::mem::take(&mut self.u.static_attributes);
        attributes.sort_unstable();
        attributes.dedup();
        // Bytes of UTF-8 sort as code points do.
        attributes.sort_unstable_by(|a, b| self.names.bytes(*a).cmp(self.names.bytes(*b)));
        attributes
    }

    /// `self.name = …` in a method: an attribute of the class around it.
    pub(super) fn note_static_attribute(&mut self, name: Name) {
        if let Some(class) = self.outer.iter_mut().rev().find(|unit| unit.kind == UnitKind::Class) {
            class.static_attributes.push(name);
        }
    }
}
