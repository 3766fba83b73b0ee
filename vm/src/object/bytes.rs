//! `bytes`.

/// A `bytes`.
pub struct Bytes {
    /// Its bytes.
    pub data: Box<[u8]>,
}

/// A `bytearray`.
#[derive(Default)]
pub struct Bytearray {
    /// Its bytes. Nothing that can run a program happens while they are borrowed.
    pub data: std::cell::RefCell<Vec<u8>>,
}
