//! An allocator that wipes what is freed.
//!
//! [`Secret`](crate::Secret) wipes our own copies of a key. An HTTP client has others: it
//! writes a request into buffers that grow, and frees them as they are. No type of ours
//! reaches those, but all of them come from the allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::{ptr, slice};

use zeroize::optimization_barrier;

/// The system's allocator, except that a block is wiped before it is freed, and before it
/// moves to grow. Installed in a program, it makes sure that no copy of a key outlives the
/// value that holds it, whichever library made the copy.
///
/// The command line installs it. Another program that embeds the runtime may do the same:
///
/// ```
/// use orchestration_support::WipingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: WipingAllocator = WipingAllocator;
/// ```
///
/// It doesn't reach the stack, nor what a library maps by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct WipingAllocator;

// The default `realloc` allocates, copies and frees, so it wipes the old block. That of the
// system may move a block and leave the old one as it was.
#[allow(unsafe_code, reason = "an allocator is unsafe by its trait")]
// SAFETY: every block comes from `System` and returns to it with the same layout.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps to the same rules as `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is `layout.size()` bytes long, and no one else uses it: its
        // owner has given it back. All of it is initialized once it is written.
        unsafe {
            ptr::write_bytes(block, 0, layout.size());
            // Otherwise a compiler may leave out writes to what is about to be freed.
            optimization_barrier(slice::from_raw_parts(block, layout.size()));
            System.dealloc(block, layout);
        }
    }
}
