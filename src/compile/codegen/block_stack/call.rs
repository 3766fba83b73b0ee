//! Calls.

use super::Lowering;
use super::display::{TUPLE, is_starred};
use crate::compile::codegen::errors::Fallible;
use crate::compile::codegen::numbers::STACK_USE_GUIDELINE;
use crate::compile::recipe::block_stack::{ErrorWording, Unpackings};
use crate::syntax::ast::{Call, Expr, ExprContext, ExprKind, Keyword};
use crate::target::Op;

impl<'t, 'a> Lowering<'_, '_, 't, 'a> {
    pub(super) fn call(&mut self, call: &'t Call<'a>) -> Fallible {
        if self.method_call(call)? {
            return Ok(());
        }
        self.g.check_caller(call.func);
        self.expr(call.func)?;
        self.call_arguments(0, call.args, call.keywords)
    }

    /// A call of an attribute with plain arguments only; `false` where the call is none.
    fn method_call(&mut self, call: &'t Call<'a>) -> Fallible<bool> {
        let ExprKind::Attribute { value, attr, ctx: ExprContext::Load } = &call.func.kind else {
            return Ok(false);
        };
        let too_many = match self.recipe.unpackings {
            Unpackings::Joined | Unpackings::Extended => false,
            Unpackings::ExtendedIfLong => call.args.len() >= STACK_USE_GUIDELINE,
        };
        if !call.keywords.is_empty() || too_many || call.args.iter().any(is_starred) {
            return Ok(false);
        }
        self.expr(value)?;
        let loc = self.u.loc;
        if self.exact() {
            self.u.loc.line = call.func.loc.end_line;
        }
        self.op_name(Op::LoadMethod, *attr);
        self.exprs(call.args)?;
        self.op_count(Op::CallMethod, call.args.len());
        self.change_loc(loc);
        Ok(true)
    }

    fn validate_keywords(&self, keywords: &[Keyword<'a>]) -> Fallible {
        for (index, keyword) in keywords.iter().enumerate() {
            let Some(name) = keyword.arg else { continue };
            self.g.check_debug(name, ExprContext::Store, self.here())?;
            if let Some(other) = keywords[index + 1..].iter().find(|other| other.arg == Some(name)) {
                let name = self.g.names.get(name);
                let message = match self.recipe.error_wording {
                    ErrorWording::First => "keyword argument repeated".to_owned(),
                    ErrorWording::Later => format!("keyword argument repeated: {name}"),
                };
                return self.g.error(other.loc, message);
            }
        }
        Ok(())
    }

    fn keyword_values(&mut self, keywords: &'t [Keyword<'a>]) -> Fallible {
        for keyword in keywords {
            self.expr(keyword.value)?;
        }
        Ok(())
    }

    fn load_keyword_names(&mut self, keywords: &[Keyword<'a>]) {
        self.load_names_const(keywords.iter().filter_map(|keyword| keyword.arg));
    }

    /// The arguments after the `pushed` ones on the stack, and the call (`compiler_call_helper`).
    pub(super) fn call_arguments(
        &mut self,
        pushed: u32,
        args: &'t [Expr<'a>],
        keywords: &'t [Keyword<'a>],
    ) -> Fallible {
        self.validate_keywords(keywords)?;
        let too_many = match self.recipe.unpackings {
            Unpackings::Joined | Unpackings::Extended => false,
            Unpackings::ExtendedIfLong => args.len() + keywords.len() * 2 > STACK_USE_GUIDELINE,
        };
        let unpacks = args.iter().any(is_starred) || keywords.iter().any(|keyword| keyword.arg.is_none());
        if too_many || unpacks {
            return match self.recipe.unpackings {
                Unpackings::Joined => self.joined_call(pushed, args, keywords),
                Unpackings::Extended | Unpackings::ExtendedIfLong => {
                    self.extended_call(pushed, args, keywords)
                }
            };
        }
        self.exprs(args)?;
        let count = pushed as usize + args.len();
        if keywords.is_empty() {
            self.op_count(Op::CallFunction, count);
        } else {
            self.keyword_values(keywords)?;
            self.load_keyword_names(keywords);
            self.op_count(Op::CallFunctionKw, count + keywords.len());
        }
        Ok(())
    }

    /// 3.8: parts of the arguments and of the keywords are joined by the instruction before the call.
    fn joined_call(&mut self, pushed: u32, args: &'t [Expr<'a>], keywords: &'t [Keyword<'a>]) -> Fallible {
        let (mut parts, mut waiting) = (0, pushed as usize);
        for arg in args {
            let ExprKind::Starred { value, .. } = &arg.kind else {
                self.expr(arg)?;
                waiting += 1;
                continue;
            };
            if waiting > 0 {
                self.op_count(Op::BuildTuple, waiting);
                waiting = 0;
                parts += 1;
            }
            self.expr(value)?;
            parts += 1;
        }
        if waiting > 0 {
            self.op_count(Op::BuildTuple, waiting);
            parts += 1;
        }
        match parts {
            0 => self.op_arg(Op::BuildTuple, 0),
            1 => {}
            parts => self.op_count(Op::BuildTupleUnpackWithCall, parts),
        }
        if !keywords.is_empty() {
            self.joined_keywords(keywords)?;
        }
        self.op_arg(Op::CallFunctionEx, u32::from(!keywords.is_empty()));
        Ok(())
    }

    fn joined_keywords(&mut self, keywords: &'t [Keyword<'a>]) -> Fallible {
        let (mut parts, mut waiting) = (0, 0);
        for (index, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                waiting += 1;
                continue;
            }
            if waiting > 0 {
                self.named_keywords(&keywords[index - waiting..index], false)?;
                waiting = 0;
                parts += 1;
            }
            self.expr(keyword.value)?;
            parts += 1;
        }
        if waiting > 0 {
            self.named_keywords(&keywords[keywords.len() - waiting..], false)?;
            parts += 1;
        }
        if parts > 1 {
            self.op_count(Op::BuildMapUnpackWithCall, parts);
        }
        Ok(())
    }

    fn extended_call(&mut self, pushed: u32, args: &'t [Expr<'a>], keywords: &'t [Keyword<'a>]) -> Fallible {
        match args {
            [Expr { kind: ExprKind::Starred { value, .. }, .. }] if pushed == 0 => self.expr(value)?,
            _ => self.display(args, pushed, TUPLE)?,
        }
        if !keywords.is_empty() {
            self.extended_keywords(keywords)?;
        }
        self.op_arg(Op::CallFunctionEx, u32::from(!keywords.is_empty()));
        Ok(())
    }

    fn extended_keywords(&mut self, keywords: &'t [Keyword<'a>]) -> Fallible {
        let may_be_long = self.recipe.unpackings == Unpackings::ExtendedIfLong;
        let mut have_dict = false;
        // How many keywords before `index` wait for being put into a dict.
        let mut waiting = 0;
        for (index, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                waiting += 1;
                continue;
            }
            if waiting > 0 {
                self.named_keywords(&keywords[index - waiting..index], may_be_long)?;
                if have_dict {
                    self.op_arg(Op::DictMerge, 1);
                }
                have_dict = true;
                waiting = 0;
            }
            if !have_dict {
                self.op_arg(Op::BuildMap, 0);
                have_dict = true;
            }
            self.expr(keyword.value)?;
            self.op_arg(Op::DictMerge, 1);
        }
        if waiting > 0 {
            self.named_keywords(&keywords[keywords.len() - waiting..], may_be_long)?;
            if have_dict {
                self.op_arg(Op::DictMerge, 1);
            }
        }
        Ok(())
    }

    /// A dict of keywords that all have names (`compiler_subkwargs`).
    fn named_keywords(&mut self, keywords: &'t [Keyword<'a>], may_be_long: bool) -> Fallible {
        let long = may_be_long && keywords.len() * 2 > STACK_USE_GUIDELINE;
        if keywords.len() > 1 && !long {
            self.keyword_values(keywords)?;
            self.load_keyword_names(keywords);
            self.op_count(Op::BuildConstKeyMap, keywords.len());
            return Ok(());
        }
        if long {
            self.without_line(|this| this.op_arg(Op::BuildMap, 0));
        }
        for keyword in keywords {
            if let Some(name) = keyword.arg {
                self.load_name_const(name);
            }
            self.expr(keyword.value)?;
            if long {
                self.without_line(|this| this.op_arg(Op::MapAdd, 1));
            }
        }
        if !long {
            self.op_count(Op::BuildMap, keywords.len());
        }
        Ok(())
    }
}
