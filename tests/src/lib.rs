//! Runs the product as a process, in an environment made for one test.
