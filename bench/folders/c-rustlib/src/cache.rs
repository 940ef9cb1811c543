//! Cache of recently opened stations.

/// How many stations are kept. Raised from 16 in 0.6.0.
pub const CAPACITY: usize = 64;

/// Names of stations in the order in which they were used.
///
/// The oldest one is thrown out when the cache is full.
pub(crate) struct Names {
    list: [Option<[u8; crate::MAX_NAME]>; CAPACITY],
}

impl Names {
    /// Looks a station up by name. `None` if it is not in the cache.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        self.list.iter().position(|n| n.map_or(false, |n| n.starts_with(name)))
    }
}

/// True when the last four bytes are the checksum of the rest.
pub(crate) fn sum_ok(bytes: &[u8]) -> bool {
    crate::sums::crc32_ok(bytes) || crate::sums::adler32_ok(bytes)
}
