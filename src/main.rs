//! `pyrsc`: the command-line binary; everything is in the library's `cli` module.

use std::process::ExitCode;

/// Compiling allocates few, large blocks; what is left (names, paths, output lines from many threads)
/// is where mimalloc beats the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pyrsc::cli::main()
}
