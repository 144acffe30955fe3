//! Keeps what few requests need out of the way of all others.

use std::pin::Pin;

/// Returns the same future in memory of its own.
///
/// A future has room for all that it may wait for, and its code is in one piece with the code
/// of all that. So a request that is passed on would move the room for looking up a credential
/// about, and the processor would read over the code for it: these cost more than the work
/// itself.
#[cold]
pub(crate) fn rarely<F: Future>(future: F) -> Pin<Box<F>> {
    Box::pin(future)
}
