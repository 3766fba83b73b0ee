//! A byte buffer for small writes of known greatest length.

/// Bytes that are written piece by piece. A piece is copied at a fixed length of which only a part may count,
/// which is cheaper than growing a `Vec` by a few bytes.
#[derive(Default, Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Forgets everything; memory is kept for reuse.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// What was written.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// What was written, to change.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// How many bytes were written.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Was nothing written?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Room for at least `bytes` from the start on, to be written to and then counted by [`Buffer::set_len`].
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        self.len = 0;
        if self.bytes.len() < bytes {
            self.grow(bytes);
        }
        &mut self.bytes
    }

    /// Says that the first `len` bytes of the room are written.
    pub fn set_len(&mut self, len: usize) {
        self.len = len.min(self.bytes.len());
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        self.bytes.resize((self.len + more).next_power_of_two().max(256), 0);
    }

    /// Writes the first `count` bytes of `piece`.
    #[inline]
    pub fn write<const N: usize>(&mut self, piece: [u8; N], count: usize) {
        loop {
            if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
                *place = piece;
                self.len += count.min(N);
                return;
            }
            self.grow(N);
        }
    }
}
