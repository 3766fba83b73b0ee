//! Project chores, run as `cargo xtask …`.

mod codegen;

fn main() -> std::io::Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in codegen::values(&root)? {
        std::fs::write(root.join(file.path), file.text)?;
    }
    Ok(())
}
