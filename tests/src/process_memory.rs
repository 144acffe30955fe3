//! What is in the environment, the arguments and the memory of a program and of all that it
//! has started.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// Returns the processes that `parent` has started, and those that they have started.
pub fn below(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut parents = vec![parent];
    while let Some(parent) = parents.pop() {
        for thread in fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace().filter_map(|id| id.parse::<u32>().ok());
            for child in children {
                found.push(child);
                parents.push(child);
            }
        }
    }
    found
}

/// Where a text was found in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Its environment when it was started.
    Environment,
    /// Its arguments.
    Arguments,
    /// Its memory.
    Memory,
}

/// Returns the places in which `text` is in a process. One that has ended has none.
///
/// # Errors
///
/// Fails if this process may not look into it.
pub fn find(process: u32, text: &str) -> io::Result<Vec<Place>> {
    let mut places = Vec::new();
    for (file, place) in [("environ", Place::Environment), ("cmdline", Place::Arguments)] {
        match fs::read(format!("/proc/{process}/{file}")) {
            Ok(bytes) if has(&bytes, text) => places.push(place),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
    }
    if is_in_memory(process, text)? {
        places.push(Place::Memory);
    }
    Ok(places)
}

fn has(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    // Most bytes are none that the text begins with.
    let first = |byte: &u8| Some(byte) == text.first();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(first) {
        rest = &rest[at..];
        if rest.starts_with(text) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// The bytes of a page.
const PAGE: u64 = 4096;
/// The bits of an entry of `pagemap` that say that there is a page.
const THERE: u64 = 0b11 << 62;

fn is_in_memory(process: u32, text: &str) -> io::Result<bool> {
    let maps = match fs::read_to_string(format!("/proc/{process}/maps")) {
        Ok(maps) => maps,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
        Err(_) => return Ok(false),
    };
    let open = |file: &str| File::open(format!("/proc/{process}/{file}"));
    let (Ok(memory), Ok(pages)) = (open("mem"), open("pagemap")) else { return Ok(false) };
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let Some((start, end)) = line.split(' ').next().and_then(|range| range.split_once('-'))
        else {
            continue;
        };
        let address = |text| u64::from_str_radix(text, 16).unwrap_or_default();
        let (start, end) = (address(start), address(end));
        // Engines of JavaScript reserve more than there is memory in the machine. Only what is
        // there is read.
        let mut entries = vec![0; ((end - start) / PAGE * 8) as usize];
        let Ok(read) = pages.read_at(&mut entries, start / PAGE * 8) else { continue };
        let mut run = Vec::new();
        for (number, entry) in entries[..read].chunks_exact(8).enumerate() {
            let entry = u64::from_le_bytes(entry.try_into().expect("it has eight bytes"));
            if entry & THERE == 0 {
                run.clear();
                continue;
            }
            let mut page = [0; PAGE as usize];
            if memory.read_exact_at(&mut page, start + number as u64 * PAGE).is_err() {
                run.clear();
                continue;
            }
            // A text may lie across the border of two pages.
            let kept = run.len().saturating_sub(text.len());
            run.drain(..kept);
            run.extend_from_slice(&page);
            if has(&run, text) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
