//! Comprehensions and generator expressions: functions, all of them.

use super::Lowering;
use super::unwind::BlockKind;
use crate::compile::codegen::comprehension::{Kind, Parts, only_element};
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::unit::{ParameterCounts, UnitKind};
use crate::syntax::ast::{Comprehension, Expr};
use crate::target::Op;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn comprehension(&mut self, expr: &'t Expr<'a>) -> Fallible {
        let Some(parts) = Parts::of(expr) else { return Ok(()) };
        let Some(outermost) = parts.generators.first() else { return Ok(()) };
        let in_coroutine = self.g.u.coroutine;
        let parameters = ParameterCounts { positional: 1, ..ParameterCounts::default() };
        let line = expr.loc.line;
        self.enter_unit(parts.name(), UnitKind::Comprehension, parts.scope, line, parameters);
        if self.exact() {
            self.set_loc(expr.loc);
        }
        let is_async = self.g.u.coroutine && parts.kind != Kind::Generator;
        if is_async && !in_coroutine {
            let message = "asynchronous comprehension outside of an asynchronous function";
            return self.error(message);
        }
        match parts.kind {
            Kind::Generator => {}
            Kind::List => self.op_arg(Op::BuildList, 0),
            Kind::Set => self.op_arg(Op::BuildSet, 0),
            Kind::Dict => self.op_arg(Op::BuildMap, 0),
        }
        self.generator(parts, 0, 0)?;
        if parts.kind != Kind::Generator {
            self.op(Op::ReturnValue);
        }
        let qualname = self.g.u.meta.qualname;
        let code = self.finish_unit(true)?;
        self.make_closure(code, 0, qualname);
        self.expr(outermost.iter)?;
        self.op(if outermost.is_async { Op::GetAiter } else { Op::GetIter });
        self.op_arg(Op::CallFunction, 1);
        if is_async {
            self.await_top();
        }
        Ok(())
    }

    /// One `for` with its `if`s, and all that is within it.
    fn generator(&mut self, parts: Parts<'t, 'a>, index: usize, depth: u32) -> Fallible {
        let generator = &parts.generators[index];
        if generator.is_async {
            self.async_generator(parts, generator, index, depth)
        } else {
            self.sync_generator(parts, generator, index, depth)
        }
    }

    fn sync_generator(
        &mut self,
        parts: Parts<'t, 'a>,
        generator: &'t Comprehension<'a>,
        index: usize,
        depth: u32,
    ) -> Fallible {
        let start = self.new_label();
        let skip = self.new_label();
        let if_cleanup = self.new_label();
        let anchor = self.new_label();
        let mut loops = true;
        if index == 0 {
            self.op_arg(Op::LoadFast, 0);
        } else if let Some(only) = self.assigned_element(generator) {
            // `for y in [f(x)]` is an assignment.
            self.expr(only)?;
            loops = false;
        } else {
            self.expr(generator.iter)?;
            self.op(Op::GetIter);
        }
        let mut depth = depth;
        if loops {
            depth += 1;
            self.use_label(start);
            self.jump(Op::ForIter, anchor);
            self.next_block();
        }
        self.expr(generator.target)?;
        self.conditions(generator, if_cleanup)?;
        if index + 1 < parts.generators.len() {
            self.generator(parts, index + 1, depth)?;
        } else {
            self.element(parts, depth)?;
            self.use_label(skip);
        }
        self.use_label(if_cleanup);
        if loops {
            self.jump(Op::JumpAbsolute, start);
            self.use_label(anchor);
        }
        Ok(())
    }

    /// What a display of one element assigns, where the release knows the idiom (3.9).
    fn assigned_element(&self, generator: &'t Comprehension<'a>) -> Option<&'t Expr<'a>> {
        use crate::compile::recipe::block_stack::Comparisons;
        match self.recipe.comparisons {
            Comparisons::OneOp => None,
            Comparisons::OwnOps => only_element(generator.iter),
        }
    }

    fn conditions(
        &mut self,
        generator: &'t Comprehension<'a>,
        if_cleanup: crate::compile::ir::Label,
    ) -> Fallible {
        for test in generator.ifs.iter() {
            self.jump_if(test, if_cleanup, false)?;
            self.next_block();
        }
        Ok(())
    }

    fn async_generator(
        &mut self,
        parts: Parts<'t, 'a>,
        generator: &'t Comprehension<'a>,
        index: usize,
        depth: u32,
    ) -> Fallible {
        let start = self.new_label();
        let except = self.new_label();
        let if_cleanup = self.new_label();
        if index == 0 {
            self.op_arg(Op::LoadFast, 0);
        } else {
            self.expr(generator.iter)?;
            self.op(Op::GetAiter);
        }
        self.use_label(start);
        let counted = self.exact();
        if counted {
            self.push_block(BlockKind::AsyncComprehension, Some(start), None)?;
        }
        self.jump(Op::SetupFinally, except);
        self.op(Op::GetAnext);
        self.yield_from();
        self.op(Op::PopBlock);
        self.expr(generator.target)?;
        self.conditions(generator, if_cleanup)?;
        if index + 1 < parts.generators.len() {
            self.generator(parts, index + 1, depth + 1)?;
        } else {
            self.element(parts, depth + 1)?;
        }
        self.use_label(if_cleanup);
        self.jump(Op::JumpAbsolute, start);
        if counted {
            self.pop_block();
        }
        self.use_label(except);
        self.op(Op::EndAsyncFor);
        Ok(())
    }

    fn element(&mut self, parts: Parts<'t, 'a>, depth: u32) -> Fallible {
        self.expr(parts.elt)?;
        if let Some(value) = parts.value {
            self.expr(value)?;
        }
        match parts.kind {
            Kind::Generator => {
                self.op(Op::YieldValue);
                self.op(Op::PopTop);
            }
            Kind::List => self.op_arg(Op::ListAppend, depth + 1),
            Kind::Set => self.op_arg(Op::SetAdd, depth + 1),
            Kind::Dict => self.op_arg(Op::MapAdd, depth + 1),
        }
        Ok(())
    }
}
