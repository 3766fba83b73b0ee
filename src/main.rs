//! `pyrsc`: the command-line binary; everything is in the library's `cli` module.

fn main() {}
