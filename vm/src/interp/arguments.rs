//! Binding of arguments to parameters, with CPython's messages.

use crate::load::Code;
use crate::object::callable::Args;
use crate::object::{Dict, Function, Str, Tuple};
use crate::value::{UNSET, Value};
use crate::vm::{R, Raised, Vm};
use pyrsc::code::flags;

/// `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`.
fn list_names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [init @ .., last] => format!("{}, and {last}", init.join(", ")),
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl Vm {
    /// The values of all parameters. CPython: `initialize_locals`.
    pub(super) fn bind(&self, function: &Function, code: &Code, args: Args<'_>) -> R<Vec<Value>> {
        let positional = args.values.len() - args.names.len();
        let (wanted, kwonly) = (usize::from(code.argcount), usize::from(code.kwonly));
        let mut locals: Vec<Value> = (0..code.parameters).map(|_| UNSET).collect();
        let taken = positional.min(wanted);
        locals[..taken].clone_from_slice(&args.values[..taken]);
        let mut at = wanted + kwonly;
        let has_rest = code.flags & flags::VARARGS != 0;
        if has_rest {
            locals[at] = self.tuple(args.values[taken..positional].to_vec());
            at += 1;
        }
        let keywords = (code.flags & flags::VARKEYWORDS != 0).then(|| self.dict());
        if let Some(keywords) = &keywords {
            locals[at] = keywords.clone();
        }
        for (name, value) in args.names.iter().zip(&args.values[positional..]) {
            self.bind_keyword(function, code, &mut locals, keywords.as_ref(), (name, value, args.names))?;
        }
        if positional > wanted && !has_rest {
            return Err(self.too_many(function, code, positional, &locals));
        }
        let defaults = function.defaults.get();
        let defaults = defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(&[][..], |it| &it.items);
        let required = wanted.saturating_sub(defaults.len());
        let lacking = |range: std::ops::Range<usize>, locals: &[Value]| -> Vec<String> {
            range
                .filter(|&index| locals[index].is_unset())
                .map(|index| self.local_name(code, index))
                .collect()
        };
        let missing = lacking(taken..required.max(taken), &locals);
        if !missing.is_empty() {
            return Err(self.lacking_arguments(function, &missing, "positional"));
        }
        for index in required..wanted {
            if locals[index].is_unset() {
                locals[index] = defaults[index - required].clone();
            }
        }
        let kwdefaults = function.kwdefaults.get();
        if let Some(kwdefaults) = kwdefaults.as_ref().and_then(|it| it.get::<Dict>()) {
            for (local, name) in locals[wanted..wanted + kwonly].iter_mut().zip(&code.local_names[wanted..]) {
                if local.is_unset()
                    && let Some(value) = kwdefaults.get_name(self, name)
                {
                    *local = value;
                }
            }
        }
        let missing = lacking(wanted..wanted + kwonly, &locals);
        if !missing.is_empty() {
            return Err(self.lacking_arguments(function, &missing, "keyword-only"));
        }
        Ok(locals)
    }

    fn local_name(&self, code: &Code, index: usize) -> String {
        let name = code.local_names.get(index).and_then(|name| name.get::<Str>());
        name.map(|name| name.to_str().into_owned()).unwrap_or_default()
    }

    fn function_name(&self, function: &Function) -> String {
        let name = function.qualname.get();
        name.and_then(|name| name.get::<Str>().map(|it| it.to_str().into_owned())).unwrap_or_default()
    }

    fn bind_keyword(
        &self,
        function: &Function,
        code: &Code,
        locals: &mut [Value],
        keywords: Option<&Value>,
        (name, value, all): (&Value, &Value, &[Value]),
    ) -> R<()> {
        let called = || self.function_name(function);
        let Some(text) = name.get::<Str>() else {
            return Err(self.type_error(format!("{}() keywords must be strings", called())));
        };
        let named = usize::from(code.argcount + code.kwonly);
        let posonly = usize::from(code.posonly);
        let names = &code.local_names;
        let same = |other: &Value| {
            other.is(name)
                || crate::object::str::same(other, name)
                || other.get::<Str>().is_some_and(|other| other.equals(text))
        };
        if let Some(index) = (posonly..named).find(|&index| same(&names[index])) {
            if !locals[index].is_unset() {
                let message = format!("{}() got multiple values for argument '{}'", called(), text.to_str());
                return Err(self.type_error(message));
            }
            locals[index] = value.clone();
            return Ok(());
        }
        if let Some(keywords) = keywords.and_then(|it| it.get::<Dict>()) {
            return keywords.set(self, name.clone(), value.clone());
        }
        if (0..posonly).any(|index| same(&names[index])) {
            let given =
                |it: &&Value| all.iter().any(|name| it.is(name) || crate::object::str::same(it, name));
            let given: Vec<_> = names[..posonly].iter().filter(given).map(|it| self.text_of(it)).collect();
            let message = format!(
                "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                called(),
                given.join(", ")
            );
            return Err(self.type_error(message));
        }
        let message = format!("{}() got an unexpected keyword argument '{}'", called(), text.to_str());
        Err(self.type_error(message))
    }

    #[cold]
    fn lacking_arguments(&self, function: &Function, names: &[String], kind: &str) -> Raised {
        let count = names.len();
        self.type_error(format!(
            "{}() missing {count} required {kind} argument{}: {}",
            self.function_name(function),
            plural(count),
            list_names(names)
        ))
    }

    #[cold]
    fn too_many(&self, function: &Function, code: &Code, given: usize, locals: &[Value]) -> Raised {
        let wanted = usize::from(code.argcount);
        let defaults = function.defaults.get();
        let defaults = defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(0, |it| it.items.len());
        let keyword_only = locals[wanted..wanted + usize::from(code.kwonly)]
            .iter()
            .filter(|value| !value.is_unset())
            .count();
        let takes = if defaults > 0 {
            format!("from {} to {wanted} positional arguments", wanted - defaults.min(wanted))
        } else {
            format!("{wanted} positional argument{}", plural(wanted))
        };
        let gives = if keyword_only > 0 {
            format!(
                "{given} positional argument{} (and {keyword_only} keyword-only argument{}) were given",
                plural(given),
                plural(keyword_only)
            )
        } else {
            format!("{given} {} given", if given == 1 { "was" } else { "were" })
        };
        self.type_error(format!("{}() takes {takes} but {gives}", self.function_name(function)))
    }
}
