//! Changes to the bytes of a component.

/// Returns `component` with `count` instances of an empty module added.
pub fn with_instances(mut component: Vec<u8>, count: u32) -> Vec<u8> {
    let modules = sections(&component).filter(|id| *id == 1).count() as u8;
    let empty = b"\0asm\x01\0\0\0";
    section(&mut component, 1, empty);
    let mut instances = leb(count);
    (0..count).for_each(|_| instances.extend([0, modules, 0]));
    section(&mut component, 2, &instances);
    component
}

/// Returns `component` with a custom section of `bytes` bytes added.
pub fn padded(mut component: Vec<u8>, bytes: usize) -> Vec<u8> {
    section(&mut component, 0, &vec![0; bytes]);
    component
}

/// Appends a section to a component.
pub fn section(component: &mut Vec<u8>, id: u8, content: &[u8]) {
    component.push(id);
    component.extend(leb(content.len() as u32));
    component.extend(content);
}

/// Returns the ids of the outermost sections.
fn sections(component: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 8;
    std::iter::from_fn(move || {
        let id = *component.get(at)?;
        at += 1;
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            let byte = component[at];
            at += 1;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += size;
        Some(id)
    })
}

/// Encodes a number as WebAssembly does (LEB128).
pub fn leb(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}
