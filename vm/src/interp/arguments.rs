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
        if code.internal && !has_rest && keywords.is_none() && args.values.len() > wanted + kwonly {
            return Err(self.too_many_like_native(function, code, args));
        }
        for (name, value) in args.names.iter().zip(&args.values[positional..]) {
            self.bind_keyword(function, code, &mut locals, keywords.as_ref(), (name, value, args.names))?;
        }
        if positional > wanted && !has_rest {
            if code.internal {
                return Err(self.too_many_like_native(function, code, args));
            }
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
            if code.internal {
                return Err(self.lacks_like_native(function, code, taken, positional));
            }
            return Err(self.lacking_arguments(function, &missing, "positional"));
        }
        for index in required..wanted {
            if locals[index].is_unset() {
                // The last default is that of the last parameter, even where there are more of them.
                locals[index] = defaults[index + defaults.len() - wanted].clone();
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
        let called = || match code.internal {
            true => self.native_name(function).0,
            false => self.function_name(function),
        };
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
        if code.internal {
            // A native function says first what is missing.
            let given = |it: &Value| all.iter().any(|name| crate::object::str::same(it, name));
            let defaults = function.defaults.get();
            let defaults = defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(0, |it| it.items.len());
            let required = usize::from(code.argcount).saturating_sub(defaults);
            let lacks = |&index: &usize| locals[index].is_unset() && !given(&names[index]);
            if let Some(missing) = (0..required).find(lacks) {
                return Err(self.lacks_like_native(function, code, missing, missing));
            }
        }
        Err(self.unexpected_among(&called(), &text.to_str(), &names[posonly..named]))
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

    /// How a function of the machine's own that is written in Python is called in complaints, where CPython's is a
    /// native one; and how many of its parameters (`self`) are not counted.
    #[cold]
    fn native_name(&self, function: &Function) -> (String, usize) {
        let whole = self.function_name(function);
        match whole.rsplit_once('.') {
            Some((class, "__init__" | "__new__")) => (class.to_owned(), 1),
            Some((_, name)) => (name.to_owned(), 1),
            None => (whole.trim_start_matches('_').to_owned(), 0),
        }
    }

    /// The first argument that is missing, as a native function says it.
    #[cold]
    fn lacks_like_native(&self, function: &Function, code: &Code, taken: usize, given: usize) -> Raised {
        let (name, uncounted) = self.native_name(function);
        let given = given.saturating_sub(uncounted);
        let posonly = usize::from(code.posonly).saturating_sub(uncounted);
        let wanted = usize::from(code.argcount).saturating_sub(uncounted);
        let at = taken.saturating_sub(uncounted);
        if at >= posonly {
            let missing = self.local_name(code, taken);
            return self
                .type_error(format!("{name}() missing required argument '{missing}' (pos {})", at + 1));
        }
        let defaults = function.defaults.get();
        let defaults = defaults.as_ref().and_then(|it| it.get::<Tuple>()).map_or(0, |it| it.items.len());
        let least = wanted.saturating_sub(defaults);
        let plural = plural(least);
        self.type_error(if posonly < wanted {
            format!("{name}() takes at least {least} positional argument{plural} ({given} given)")
        } else if least == 1 && defaults == 0 {
            format!("{name}() takes exactly one argument ({given} given)")
        } else {
            let at_least = if defaults > 0 { "at least " } else { "" };
            format!("{name} expected {at_least}{least} argument{plural}, got {given}")
        })
    }

    #[cold]
    fn too_many_like_native(&self, function: &Function, code: &Code, args: Args<'_>) -> Raised {
        let (name, uncounted) = self.native_name(function);
        let all = args.values.len().saturating_sub(uncounted);
        let given = all.saturating_sub(args.names.len());
        let wanted = usize::from(code.argcount).saturating_sub(uncounted);
        let posonly = usize::from(code.posonly).saturating_sub(uncounted);
        let total = wanted + usize::from(code.kwonly);
        let defaults = function.defaults.get();
        let optional =
            defaults.as_ref().and_then(|it| it.get::<Tuple>()).is_some_and(|it| !it.items.is_empty());
        let many = if optional { "at most" } else { "exactly" };
        self.type_error(if wanted == 0 {
            format!("{name}() takes no arguments ({given} given)")
        } else if posonly == wanted && total == wanted {
            match (optional, wanted) {
                (false, 1) => format!("{name}() takes exactly one argument ({given} given)"),
                (true, _) => {
                    format!("{name} expected at most {wanted} argument{}, got {given}", plural(wanted))
                }
                _ => format!("{name} expected {wanted} argument{}, got {given}", plural(wanted)),
            }
        } else if all > total {
            format!("{name}() takes at most {total} argument{} ({all} given)", plural(total))
        } else {
            format!("{name}() takes {many} {wanted} positional argument{} ({given} given)", plural(wanted))
        })
    }
}
