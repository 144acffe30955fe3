//! Where the strategy's texts are kept: first in a part of its own memory that
//! is there from the start.
//!
//! The allocator of the standard library asks for another page of memory before
//! it hands out its first byte. The host has to provide that page for every
//! call, and take it back: a system call and sixteen page faults, which is more
//! than the whole of a resolution. A resolution needs a few hundred bytes, and
//! what it leaves behind is gone with its instance, so nothing is freed. Only
//! what does not fit, a key of many KiB, goes the usual way.

use std::alloc::{GlobalAlloc, Layout, System};

use static_alloc::Bump;

/// As much as fits, with the stack and the constants, into the one page that
/// the strategy has.
const OWN_BYTES: usize = 16 * 1024;

#[global_allocator]
static HEAP: Heap = Heap { own: Bump::uninit() };

struct Heap {
    own: Bump<[u8; OWN_BYTES]>,
}

impl Heap {
    fn holds(&self, pointer: *mut u8) -> bool {
        let start = self.own.data_ptr().as_ptr();
        (start..start.wrapping_add(OWN_BYTES)).contains(&pointer)
    }
}

// SAFETY: `Bump` hands out every byte at most once, and none is taken back. What
// it does not hand out comes from `System`, and what is not its own goes there.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.own.alloc(layout) {
            Some(pointer) => pointer.as_ptr(),
            // SAFETY: the caller answers for `layout`.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if !self.holds(pointer) {
            // SAFETY: it is not from `Bump`, so it is from `System`.
            unsafe { System.dealloc(pointer, layout) }
        }
    }
}
