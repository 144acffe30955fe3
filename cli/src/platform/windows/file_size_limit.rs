//! Windows has no limit on the size of a file.

/// Makes a write beyond the limit fail with an error, as all others do.
pub(crate) fn outlive_file_size_limit() {}
