//! Private names.

use crate::value::{Interner, Name};

/// `name` as it is spelled in the namespace of class `class` (`_Py_Mangle`): names that begin with two
/// underscores, do not end with two and have no dot get `_` and the class's name, without its leading
/// underscores, in front. No class, no change.
#[inline]
pub fn mangle(names: &mut Interner, class: Option<Name>, name: Name) -> Name {
    match class {
        Some(class) if is_private(names.bytes(name)) => mangle_private(names, class, name),
        _ => name,
    }
}

/// Is a name mangled in a class (if the class's name is not all underscores)?
#[inline]
pub fn is_private(text: &[u8]) -> bool {
    matches!(text, [b'_', b'_', ..]) && !matches!(text, [.., b'_', b'_']) && !text.contains(&b'.')
}

/// The same for a private name.
#[inline(never)]
fn mangle_private(names: &mut Interner, class: Name, name: Name) -> Name {
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
