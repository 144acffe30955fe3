//! Ports for servers that can't be told to take any that is free.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// How many ports this process has given away.
static GIVEN: AtomicU16 = AtomicU16::new(0);

/// Returns a port that is free and that no other test of this process is given.
///
/// It is below those that the system hands out, so that no client or server of another test
/// has it before the program that it is for.
///
/// # Panics
///
/// Panics if none is free.
pub fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    // Another process most likely begins elsewhere.
    let start = (process::id() % u32::from(COUNT)) as u16;
    let next = || {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        FIRST + start.wrapping_add(given) % COUNT
    };
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (0..COUNT).map(|_| next()).find(free).expect("a port is free")
}
