//! Makes strategies of core modules.
//!
//! Random bytes are hardly ever a component, and a random component is hardly
//! ever a strategy: it would be refused before it is compiled, and nothing
//! behind that door would be looked at. So here a core module, written by hand
//! or made up by `wasm-smith`, is wrapped into a component that fits the
//! contract whatever its code does.

use std::sync::LazyLock;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// The contract, and the parts of WASI that are of interest: output that is
/// logged, and ways to sleep and to ask for much.
const WIT: [(&str, &str); 2] = [
    ("auth.wit", include_str!("../../../wit/auth.wit")),
    ("fuzz.wit", include_str!("../fuzz.wit")),
];

static WORLD: LazyLock<(Resolve, WorldId)> = LazyLock::new(|| {
    let mut resolve = Resolve::default();
    let packages = WIT.map(|(name, text)| resolve.push_str(name, text).expect("the WIT is good"));
    let world = resolve.select_world(&packages[1..], Some("fuzzed")).expect("there is a world");
    (resolve, world)
});

/// The functions of the contract, by the names that a core module gives them,
/// and what it may import: once without WASI, once with it.
pub static SHAPES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let wasi = include_str!("../seeds/wasi.wat");
    ["", wasi].map(|wasi| {
        let module = format!("(module {} {wasi} {})", IMPORTS, include_str!("../seeds/shape.wat"));
        wat::parse_str(module).expect("the shape is good")
    })
});

/// What every strategy imports.
pub const IMPORTS: &str =
    r#"(import "orchestration:auth/environment@0.1.0" "get" (func $get (param i32 i32 i32)))"#;

/// The component that `module` is the code of; none where it does not have the
/// shape.
pub fn strategy(mut module: Vec<u8>) -> Option<Vec<u8>> {
    let (resolve, world) = &*WORLD;
    embed_component_metadata(&mut module, resolve, *world, StringEncoding::UTF8).ok()?;
    // Whether it is valid is for the product to find out.
    ComponentEncoder::default().validate(false).module(&module).ok()?.encode().ok()
}
