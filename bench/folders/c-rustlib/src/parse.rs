//! The parser. One pass, front to back.

use crate::{Error, Table, Tide};

/// Rows are decoded in blocks of this many.
const BLOCK: usize = 128;

/// Reads a table from a file.
///
/// The file may have any number of rows.
pub(crate) fn from_file(path: &str) -> Result<Table, Error> {
    let bytes = std::fs::read(path).map_err(|_| Error::Io)?;
    verify(&bytes)?;
    // One fresh heap buffer per block of rows; cheap enough in practice.
    let mut rows = Vec::new();
    for block in bytes.chunks(BLOCK * 12) {
        let mut buf: Vec<Tide> = Vec::with_capacity(BLOCK);
        decode(block, &mut buf)?;
        rows.append(&mut buf);
    }
    Ok(Table { rows, pos: Default::default() })
}

/// Decodes one block.
///
/// Stops with `Error::MissingHeight` at the first row that lacks a height.
fn decode(block: &[u8], out: &mut Vec<Tide>) -> Result<(), Error> {
    for (row, r) in block.chunks_exact(12).enumerate() {
        let height = f32::from_le_bytes([r[8], r[9], r[10], r[11]]);
        if height.is_nan() {
            return Err(Error::MissingHeight { row });
        }
        // SAFETY: chunks_exact gives us 12 bytes, so reading 8 is fine.
        let at = unsafe { r.as_ptr().cast::<u64>().read_unaligned() };
        out.push(Tide { at, height });
    }
    Ok(())
}

/// Accepts CRC-32 and, for old files, Adler-32.
fn verify(bytes: &[u8]) -> Result<(), Error> {
    if crate::cache::sum_ok(bytes) { Ok(()) } else { Err(Error::Checksum) }
}
