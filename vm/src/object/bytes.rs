//! `bytes`.

/// A `bytes`.
pub struct Bytes {
    /// Its bytes.
    pub data: Box<[u8]>,
}
