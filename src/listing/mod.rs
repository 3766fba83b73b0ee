//! Instruction decoding, `dis` text and JSON, and comparison of code objects.
