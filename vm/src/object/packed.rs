//! Bytes that never change: a few lie in place, more in a block of their own.

use std::fmt;
use std::ops::Deref;

/// How many lie in place: as many as make a string's object no larger.
const PLACE: usize = 22;

#[derive(Clone)]
enum Form {
    Short(u8, [u8; PLACE]),
    Long(Box<[u8]>),
}

/// Bytes that never change.
#[derive(Clone)]
pub struct Packed(Form);

impl Packed {
    /// One row behind the other.
    #[inline]
    pub fn joined(a: &[u8], b: &[u8]) -> Packed {
        let len = a.len() + b.len();
        if len > PLACE {
            let mut bytes = Vec::with_capacity(len);
            bytes.extend_from_slice(a);
            bytes.extend_from_slice(b);
            return Packed(Form::Long(bytes.into_boxed_slice()));
        }
        let mut place = [0; PLACE];
        place[..a.len()].copy_from_slice(a);
        place[a.len()..len].copy_from_slice(b);
        Packed(Form::Short(len as u8, place))
    }
}

impl Deref for Packed {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Form::Short(len, place) => place.get(..usize::from(*len)).unwrap_or_default(),
            Form::Long(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Packed {
    #[inline]
    fn from(bytes: &[u8]) -> Packed {
        Packed::joined(bytes, &[])
    }
}

impl From<Vec<u8>> for Packed {
    #[inline]
    fn from(bytes: Vec<u8>) -> Packed {
        if bytes.len() > PLACE { Packed(Form::Long(bytes.into_boxed_slice())) } else { bytes[..].into() }
    }
}

impl FromIterator<u8> for Packed {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Packed {
        let mut bytes = bytes.into_iter();
        let mut place = [0; PLACE];
        for at in 0..PLACE {
            match bytes.next() {
                Some(byte) => place[at] = byte,
                None => return Packed(Form::Short(at as u8, place)),
            }
        }
        let mut all = place.to_vec();
        all.extend(bytes);
        all.into()
    }
}

impl PartialEq for Packed {
    #[inline]
    fn eq(&self, other: &Packed) -> bool {
        **self == **other
    }
}

impl Eq for Packed {}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
