//! `pyrvm`: the standalone virtual machine's binary.

fn main() {}
