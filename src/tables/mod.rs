//! The packed tables of code objects (line tables, exception tables): encoding and decoding.
