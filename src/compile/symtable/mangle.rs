//! Private names.

use crate::value::{Interner, Name};

/// `name` as it is spelled in the namespace of class `class` (`_Py_Mangle`): names that begin with two
/// underscores, do not end with two and have no dot get `_` and the class's name, without its leading
/// underscores, in front. No class, no change.
#[inline]
pub fn mangle(names: &mut Interner, class: Option<Name>, name: Name) -> Name {
    match class {
        Some(class) if matches!(names.bytes(name), [b'_', b'_', ..]) => mangle_dunder(names, class, name),
        _ => name,
    }
}

/// The same for a name that begins with two underscores.
#[inline(never)]
fn mangle_dunder(names: &mut Interner, class: Name, name: Name) -> Name {
    let text = names.bytes(name);
    if text.ends_with(b"__") || text.contains(&b'.') {
        return name;
    }
    let class = names.get(class).trim_start_matches('_');
    if class.is_empty() {
        return name;
    }
    let mangled = ["_", class, names.get(name)].concat();
    names.intern(&mangled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mangled(class: &str, name: &str) -> String {
        let mut names = Interner::new();
        let (class, name) = (names.intern(class), names.intern(name));
        let result = mangle(&mut names, Some(class), name);
        names.get(result).to_owned()
    }

    #[test]
    fn only_private_names_change() {
        assert_eq!(mangled("C", "__x"), "_C__x");
        assert_eq!(mangled("__C_", "__x_"), "_C___x_");
        assert_eq!(mangled("C", "_x"), "_x");
        assert_eq!(mangled("C", "__x__"), "__x__");
        assert_eq!(mangled("C", "__x.y"), "__x.y");
        assert_eq!(mangled("___", "__x"), "__x");
        assert_eq!(mangled("C", "__"), "__");
    }
}
