//! The command line: argument parsing, colours, progress and exit codes. Nobody imports it but `main`.
