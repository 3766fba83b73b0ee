//! Which modules come with Python itself.

use crate::target::Version;

/// Name, first and last minor version: what the references' `sys.stdlib_module_names` say; of 3.8 and 3.9, which have
/// none, the modules that are there.
const MODULES: &str = include_str!("stdlib_modules.txt");

/// Is a module, or the package that it is in, part of this version's standard library?
pub fn is_standard(module: &str, version: Version) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    if matches!(top, "__main__" | "__future__") {
        return true;
    }
    MODULES.lines().any(|line| {
        let mut words = line.split(' ');
        let number = |word: Option<&str>| word.and_then(|it| it.parse::<u8>().ok());
        words.next() == Some(top)
            && number(words.next()).is_some_and(|first| first <= version.minor())
            && number(words.next()).is_some_and(|last| version.minor() <= last)
    })
}
