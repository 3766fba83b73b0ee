//! The standard library in the binary: what `build.rs` made of it, and code of it.
//!
//! To programs it lies in a file that is not there, `lib/python314.zip` of the machine's folder, where CPython looks for a
//! library in one file. Code is unpacked when a module is imported, sources when somebody asks for them.

use crate::load::load_named;
use crate::vm::{R, Vm};
use pyrsc::syntax::Mode;

/// A table of rows of eight words, sorted by name, and what they tell of behind it.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
/// Bytes before the first row: `PYRVMLIB`, how many rows there are.
const HEAD: usize = 12;
/// Bytes of a row.
const ROW: usize = 32;

/// The modules of the machine that are in Python.
pub(crate) const INTERNAL: &[&str] = include!(concat!(env!("OUT_DIR"), "/internal.rs"));

/// Modules that are CPython's own from its start, wherever the library is: no file of a program hides them.
const FROZEN: &[&str] = &[
    "__hello__",
    "__phello__",
    "__phello__.ham",
    "__phello__.ham.eggs",
    "__phello__.spam",
    "_collections_abc",
    "_sitebuiltins",
    "abc",
    "codecs",
    "genericpath",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "importlib.machinery",
    "importlib.util",
    "io",
    "ntpath",
    "os",
    "os.path",
    "posixpath",
    "runpy",
    "site",
    "stat",
    "zipimport",
];

/// A file of the library.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    row: [u32; 8],
}

fn bytes(start: u32, len: u32) -> &'static [u8] {
    let start = start as usize;
    LIBRARY.get(start..start + len as usize).unwrap_or_default()
}

impl Entry {
    fn at(index: usize) -> Option<Entry> {
        let start = HEAD + index * ROW;
        let row = LIBRARY.get(start..start + ROW)?.as_chunks::<4>().0;
        Some(Entry { row: std::array::from_fn(|at| row.get(at).map_or(0, |it| u32::from_le_bytes(*it))) })
    }

    /// Its path in the library, with `/`.
    pub(crate) fn name(&self) -> &'static str {
        std::str::from_utf8(bytes(self.row[0], self.row[1])).unwrap_or_default()
    }

    /// The marshalled code, where it is a module's.
    fn code(&self) -> Option<Vec<u8>> {
        let packed = bytes(self.row[2], self.row[3]);
        (!packed.is_empty()).then(|| lz4_flex::block::decompress(packed, self.row[4] as usize).ok())?
    }

    /// The source, or what a file holds that is no module.
    pub(crate) fn data(&self) -> Vec<u8> {
        let packed = bytes(self.row[5], self.row[6]);
        miniz_oxide::inflate::decompress_to_vec_with_limit(packed, self.row[7] as usize).unwrap_or_default()
    }
}

fn count() -> usize {
    let count = LIBRARY.get(8..HEAD).and_then(|it| it.first_chunk::<4>());
    count.map_or(0, |it| u32::from_le_bytes(*it) as usize)
}

/// Where in the table a name is, or would be.
fn place(name: &str) -> (usize, Option<Entry>) {
    let (mut low, mut high) = (0, count());
    while low < high {
        let middle = (low + high) / 2;
        let Some(entry) = Entry::at(middle) else { break };
        match entry.name().cmp(name) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return (middle, Some(entry)),
        }
    }
    (low, None)
}

/// The file of this path.
pub(crate) fn entry(path: &str) -> Option<Entry> {
    place(path).1
}

/// The file of a module, dots as `/`; and is it a package?
pub(crate) fn module(path: &str) -> Option<(Entry, bool)> {
    match entry(&format!("{path}.py")) {
        Some(found) => Some((found, false)),
        None => entry(&format!("{path}/__init__.py")).map(|it| (it, true)),
    }
}

/// All files whose paths begin so.
pub(crate) fn below(prefix: &str) -> impl Iterator<Item = Entry> {
    let start = place(prefix).0;
    (start..count()).map_while(Entry::at).take_while(move |it| it.name().starts_with(prefix))
}

/// A module that is the same wherever the library is; what it is called in the library, and is it a package?
pub(crate) fn frozen(name: &str) -> Option<(Entry, &'static str, bool)> {
    let known = FROZEN.iter().find(|it| **it == name)?;
    let known = if *known == "os.path" { "posixpath" } else { known };
    module(&known.replace('.', "/")).map(|(entry, package)| (entry, known, package))
}

/// The licence of the library.
pub(crate) fn license() -> String {
    entry("PSF-LICENSE").map(|it| String::from_utf8_lossy(&it.data()).into_owned()).unwrap_or_default()
}

impl Vm {
    /// Code of the library. `file` is what it says that it is of.
    pub(crate) fn library_code(&self, entry: Entry, file: Option<&str>, optimize: u8) -> R {
        let name = entry.name();
        let file = file.unwrap_or(name);
        if optimize > 0 && !name.starts_with('<') {
            // There is one code for each module; assertions and documentation are in it.
            return self.compile_text(&entry.data(), file, Mode::Exec, optimize);
        }
        let Some(code) = entry.code() else {
            return Err(self.raise(
                crate::builtins::exceptions::Exc::ImportError,
                format!("no code of {name} in the library"),
            ));
        };
        let loaded = load_named(self, code, self.intern(file));
        loaded.map_err(|error| {
            self.raise(crate::builtins::exceptions::Exc::SystemError, format!("{name}: {error}"))
        })
    }

    /// The text of a source that a code object names, where it can be had.
    pub(crate) fn source_text(&self, file: &str) -> Option<String> {
        let library = self.library.borrow();
        let inner = file.strip_prefix(library.as_str()).and_then(|it| it.strip_prefix('/'));
        match inner.and_then(entry) {
            Some(entry) => String::from_utf8(entry.data()).ok(),
            None => std::fs::read_to_string(file).ok().map(|it| match it.strip_prefix('\u{feff}') {
                Some(text) => text.to_owned(),
                None => it,
            }),
        }
    }
}
