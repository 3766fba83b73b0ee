//! CPython's marshal format and the `.pyc` header: reader and writer.
