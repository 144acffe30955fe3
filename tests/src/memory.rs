//! Searches the memory of a process, and an allocator for such a search.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroizing_alloc::ZeroAlloc;

/// How much is read at once, and how much of it again with the next piece.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 4096;

/// Returns the addresses in the writable memory of `process`, a number or `self`, at which
/// `begins` returns true for the bytes from there on. It sees some 4 KiB of them.
///
/// # Errors
///
/// Fails if this process may not read the memory of the other one.
pub fn search(process: &str, begins: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u64>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut found = Vec::new();
    let mut bytes = vec![0; PIECE];
    for line in maps.lines().filter(|line| line.split(' ').nth(1) == Some("rw-p")) {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let (from, to) = range.expect("a mapping has a range");
        let address = |text| u64::from_str_radix(text, 16).expect("an address is hexadecimal");
        let (mut at, end) = (address(from), address(to));
        while at < end {
            let length = (end - at).min(PIECE as u64) as usize;
            // What was unmapped meanwhile holds nothing.
            let Ok(read) = memory.read_at(&mut bytes[..length], at) else { break };
            // What begins in the overlap is found with the next piece.
            let last = at + read as u64 >= end || read <= OVERLAP;
            let starts = if last { read } else { read - OVERLAP };
            let hits = (0..starts).filter(|start| begins(&bytes[*start..read]));
            found.extend(hits.map(|start| at + start as u64));
            at += starts as u64;
            // A copy in this buffer would be found later, if it is the memory of `self`.
            bytes.fill(0);
        }
    }
    Ok(found)
}

/// The addresses behind a guest's memory that nothing may access, at the least. Nothing else
/// in a process has so many.
const INACCESSIBLE: u64 = 3 << 30;

/// Returns the contents of the memories of all guests of this process.
///
/// # Panics
///
/// Panics if this process can't read its memory.
pub fn of_guests() -> Vec<Vec<u8>> {
    let maps = fs::read_to_string("/proc/self/maps").expect("the mappings can be read");
    let memory = File::open("/proc/self/mem").expect("a process can read its memory");
    let mut guests = Vec::new();
    // What can be written and has no gap.
    let mut written: Option<(u64, u64)> = None;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let range = fields.next().and_then(|range| range.split_once('-'));
        let (from, to) = range.expect("a mapping has a range");
        let address = |text| u64::from_str_radix(text, 16).expect("an address is hexadecimal");
        let (from, to) = (address(from), address(to));
        match (fields.next(), written) {
            (Some("rw-p"), Some((start, end))) if end == from => written = Some((start, to)),
            (Some("rw-p"), _) => written = Some((from, to)),
            (Some("---p"), Some((start, end))) if end == from && to - from >= INACCESSIBLE => {
                let mut content = vec![0; (end - start) as usize];
                memory.read_exact_at(&mut content, start).expect("it is mapped");
                guests.push(content);
                written = None;
            }
            _ => written = None,
        }
    }
    guests
}

/// The allocator of the product, once it is turned on, and that of the system until then:
/// most tests of what is left in memory are about programs that don't install it.
#[derive(Debug)]
pub struct Allocator {
    wipes: AtomicBool,
}

impl Allocator {
    /// The system's allocator, for now.
    pub const fn new() -> Self {
        Self { wipes: AtomicBool::new(false) }
    }

    /// Wipes from now on what is freed in this process.
    pub fn wipe(&self) {
        self.wipes.store(true, Ordering::Relaxed);
    }
}

impl Default for Allocator {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait")]
// SAFETY: `ZeroAlloc` takes its blocks from `System`, so either may free them.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps to the same rules.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe {
            match self.wipes.load(Ordering::Relaxed) {
                true => ZeroAlloc(System).dealloc(block, layout),
                false => System.dealloc(block, layout),
            }
        }
    }
}
