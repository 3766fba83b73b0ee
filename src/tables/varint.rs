//! The variable-length integers of the location and exception tables: six bits a byte, bit 6 set when
//! more follow. Location tables store the low bits first, exception tables the high bits first.

use super::TableError;

/// Bits of payload in a byte.
const BITS: u32 = 6;
/// The payload of a byte.
const PAYLOAD: u8 = 0x3f;
/// Set when another byte follows.
const MORE: u8 = 0x40;

/// Reads a number of a location table at `*pos` and moves `*pos` behind it.
///
/// # Errors
/// When the table ends inside the number, or the number needs more than 32 bits.
pub fn varint(table: &[u8], pos: &mut usize) -> Result<u32, TableError> {
    let start = *pos;
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let byte = *table.get(*pos).ok_or(TableError::Truncated { offset: *pos })?;
        *pos += 1;
        value |= u64::from(byte & PAYLOAD) << shift;
        if byte & MORE == 0 {
            break;
        }
        shift += BITS;
        if shift > 30 {
            return Err(TableError::TooLarge { offset: start });
        }
    }
    u32::try_from(value).map_err(|_| TableError::TooLarge { offset: start })
}

/// Reads a signed number of a location table: the sign is the lowest bit.
///
/// # Errors
/// As [`varint`].
pub fn signed_varint(table: &[u8], pos: &mut usize) -> Result<i32, TableError> {
    let value = varint(table, pos)?;
    let magnitude = (value >> 1) as i32;
    Ok(if value & 1 == 1 { -magnitude } else { magnitude })
}

/// Reads a number of an exception table at `*pos` and moves `*pos` behind it. Bit 7, which marks the first
/// byte of an entry, is the caller's to check.
///
/// # Errors
/// As [`varint`].
pub fn big_endian_varint(table: &[u8], pos: &mut usize) -> Result<u32, TableError> {
    let start = *pos;
    let mut value = 0u64;
    loop {
        let byte = *table.get(*pos).ok_or(TableError::Truncated { offset: *pos })?;
        *pos += 1;
        value |= u64::from(byte & PAYLOAD);
        if byte & MORE == 0 {
            break;
        }
        value <<= BITS;
        if value > u64::from(u32::MAX) {
            return Err(TableError::TooLarge { offset: start });
        }
    }
    u32::try_from(value).map_err(|_| TableError::TooLarge { offset: start })
}
