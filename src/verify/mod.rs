//! Is this code object safe to run?
