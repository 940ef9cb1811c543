//! Tide tables in the `.brk` format.
//!
//! All times are local time of the station, with summer time already applied.
//! Heights are given in metres above chart datum.

mod cache;
mod parse;
mod sums;

/// Longest station name, in bytes.
pub const MAX_NAME: usize = 32;

/// One row of a table.
pub struct Tide {
    /// Seconds since the epoch of the file.
    pub at: u64,
    /// Height in metres.
    pub height: f32,
}

/// A whole table.
///
/// A `Table` is not `Sync`: wrap it in a `Mutex` before two threads use it.
pub struct Table {
    rows: Vec<Tide>,
    pos: core::cell::Cell<usize>,
}

impl Table {
    /// Opens a file and checks its CRC-32.
    ///
    /// Returns `Error::Checksum` if the sum does not match.
    pub fn open(path: &str) -> Result<Table, Error> {
        parse::from_file(path)
    }

    /// The number of rows, which is 0 for an empty table.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// What can go wrong.
#[derive(Debug)]
pub enum Error {
    Io,
    Checksum,
    /// A row had no height.
    MissingHeight { row: usize },
}
