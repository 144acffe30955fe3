//! Small components that expand to large ones.

use orchestration_tests::guest::{self, Guest, STRATEGY, leb, section};

/// `component` with another nested in it, and one in that, and so on.
pub(super) fn nested_components(depth: usize, mut component: Vec<u8>) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut sizes = vec![HEADER.len() as u32];
    for level in 1..depth {
        let inner = sizes[level - 1];
        sizes.push(HEADER.len() as u32 + 1 + leb(inner).len() as u32 + inner);
    }
    for size in sizes.into_iter().rev() {
        component.push(4);
        component.extend(leb(size));
        component.extend(HEADER);
    }
    component
}

/// A component that instantiates two of another, which instantiates two of
/// another, and so on: a few hundred bytes, and twice as many parts with every
/// level.
pub(super) fn doubling_components(levels: u32) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut inner = HEADER.to_vec();
    section(&mut inner, 1, b"\0asm\x01\0\0\0");
    section(&mut inner, 2, &[1, 0, 0, 0]);
    for _ in 0..levels {
        let mut outer = HEADER.to_vec();
        section(&mut outer, 4, &inner);
        section(&mut outer, 5, &[2, 0, 0, 0, 0, 0, 0]);
        inner = outer;
    }
    let text = format!("(component (instance $i) (export \"{STRATEGY}\" (instance $i)))");
    let mut component = guest::component(&text);
    // In front, where its index is 0; the strategy is the first instance still.
    section(&mut component, 4, &inner);
    section(&mut component, 5, &[1, 0, 0, 0]);
    component
}

/// That many types, none of which refers to another.
pub(super) fn types(count: u32) -> Vec<u8> {
    let mut types = leb(count);
    // (list u8)
    (0..count).for_each(|_| types.extend([0x70, 0x7d]));
    with_types(&types)
}

/// A list of a list of a list.
pub(super) fn nested_types(depth: u32) -> Vec<u8> {
    let mut types = leb(depth);
    types.extend([0x70, 0x7d]);
    for level in 1..depth {
        types.push(0x70);
        types.extend(leb(level - 1));
    }
    with_types(&types)
}

/// A pair of a pair of a pair, each of the same type twice.
pub(super) fn doubling_types(depth: u32) -> Vec<u8> {
    let mut types = leb(depth);
    types.extend([0x6f, 2, 0x7d, 0x7d]);
    for level in 1..depth {
        types.extend([0x6f, 2]);
        types.extend(leb(level - 1));
        types.extend(leb(level - 1));
    }
    with_types(&types)
}

fn with_types(types: &[u8]) -> Vec<u8> {
    let mut component = Guest::new().build();
    section(&mut component, 7, types);
    component
}
