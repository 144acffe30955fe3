//! Windows limits what a process uses only by the job that it is in, and says so in words.

use crate::limited_resource::LimitedResource;

/// A file that can always be opened.
pub(crate) const OPENABLE: &str = "NUL";

/// A limit, and the most that the user can raise it to.
pub(crate) type LimitAndMost = (u64, Option<u64>);

/// Returns the limit on `resource`: there is none.
pub(crate) fn limit_on(_: LimitedResource) -> Option<LimitAndMost> {
    None
}

/// Returns the resources that may have run out if a call of the system fails with the error
/// of this number.
pub(crate) fn run_out(_: i32) -> &'static [LimitedResource] {
    &[]
}

/// Raises the limit on open files, of which there is none.
pub(crate) fn raise_open_files() {}
