//! `--verbose`: what the runtime notes on the way, on stderr.

use tracing_subscriber::filter::LevelFilter;

/// Shows every note of the runtime from now on. Notes are made of names and
/// reasons; no value of a variable is ever put into one.
pub(crate) fn show_notes() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
}
