//! Windows writes no memory of a program that crashes to a file, unless an administrator has
//! set that up for all programs (`LocalDumps`), or the user sends a report. Excluding a
//! program takes a call that only unsafe code can make.

/// Turns core dumps off for this process: there are none.
pub(crate) fn turn_off() {}

/// Restores the limit for a program that is about to be run: there is none.
pub(crate) fn restore_limit() {}
