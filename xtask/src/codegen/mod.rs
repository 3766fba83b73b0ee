//! Generates tables of the library from the facts files in `xtask/data`.
//!
//! Each generator is a function from the text of a facts file to the text of a Rust file, so that checking
//! whether a committed table is up to date is comparing strings. What the generators write is already in
//! `rustfmt`'s form or marked to be skipped by it.

mod encodings;
mod jisx0213;
mod multibyte;
mod opcodes;
mod unicode;

use std::path::Path;

/// A generated file: its path below the repository's root, and its text.
pub struct Generated {
    /// Path below the root.
    pub path: &'static str,
    /// What the file must hold.
    pub text: String,
}

/// Everything that is generated from facts files below `root`.
pub fn values(root: &Path) -> std::io::Result<Vec<Generated>> {
    let data = |name: &str| std::fs::read_to_string(root.join("xtask/data").join(name));
    let op_source = std::fs::read_to_string(root.join("src/target/op.rs"))?;
    let opcodes = |path: &'static str, facts: &str| -> std::io::Result<Generated> {
        let text = opcodes::generate(&data(facts)?, &op_source, &format!("xtask/data/{facts}"));
        Ok(Generated { path, text })
    };
    let mut all_facts = Vec::new();
    for folder in ["xtask/data", "src/target/old_opcodes"] {
        for entry in std::fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if folder != "xtask/data" || name.starts_with("opcodes-") {
                all_facts.push(std::fs::read_to_string(path)?);
            }
        }
    }
    Ok(vec![
        Generated { path: "src/target/generated/names.rs", text: opcodes::names(&op_source, &all_facts) },
        opcodes("src/target/generated/v3_8.rs", "opcodes-3.8.txt")?,
        opcodes("src/target/generated/v3_9.rs", "opcodes-3.9.txt")?,
        opcodes("src/target/generated/v3_10.rs", "opcodes-3.10.txt")?,
        opcodes("src/target/generated/v3_11.rs", "opcodes-3.11.txt")?,
        opcodes("src/target/generated/v3_12.rs", "opcodes-3.12.txt")?,
        opcodes("src/target/generated/v3_13.rs", "opcodes-3.13.txt")?,
        opcodes("src/target/generated/v3_14.rs", "opcodes-3.14.txt")?,
        opcodes("src/target/generated/v3_15.rs", "opcodes-3.15.txt")?,
        Generated { path: "src/target/generated/magic.rs", text: opcodes::magic(&data("magic.txt")?) },
        Generated { path: "src/source/decode/tables.rs", text: encodings::generate(&data("encodings.txt")?) },
        Generated {
            path: "src/source/decode/multibyte_tables.rs",
            text: multibyte::generate(&data("multibyte.txt")?),
        },
        Generated {
            path: "src/source/decode/jisx0213_tables.rs",
            text: jisx0213::generate(&data("jisx0213.txt")?),
        },
        Generated { path: "src/value/unicode/tables.rs", text: unicode::generate(&data("unicode.txt")?) },
    ])
}
