//! `bytes`.

/// A `bytes`.
pub struct Bytes {
    /// Its bytes.
    pub data: super::Packed,
}

impl Bytearray {
    /// One of these bytes.
    pub const fn new(data: Vec<u8>) -> Bytearray {
        Bytearray { data: std::cell::RefCell::new(data), exports: std::cell::Cell::new(0) }
    }
}

/// A `bytearray`.
#[derive(Default)]
pub struct Bytearray {
    /// Its bytes. Nothing that can run a program happens while they are borrowed.
    pub data: std::cell::RefCell<Vec<u8>>,
    /// How many look at its bytes, so that there may neither come nor go any.
    pub(crate) exports: std::cell::Cell<u32>,
}
