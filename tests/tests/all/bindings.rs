//! The C bindings that `strategy new --lang c` writes, beside the contract.
//!
//! Promised here: they are what wit-bindgen makes of `wit/`, so that a project of
//! today speaks the contract of today.

use std::path::Path;

use wit_bindgen_core::Files;
use wit_parser::Resolve;

/// The function that only draws in the object file with the type of the world, which
/// the project leaves to `wasm-tools`.
const DRAWS_IN_THE_OBJECT: &str = "\n// Ensure that the *_component_type.o object is linked in";

fn generated() -> Files {
    let mut resolve = Resolve::new();
    let (package, _) =
        resolve.push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).expect("it reads");
    let world = resolve.select_world(&[package], Some("auth-strategy")).expect("there is one");
    let mut files = Files::default();
    let options = wit_bindgen_c::Opts { no_object_file: true, ..Default::default() };
    options.build().generate(&mut resolve, world, &mut files).expect("there are bindings");
    files
}

#[test]
fn the_c_template_has_the_bindings_that_wit_bindgen_generates() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/templates/c/bindings");
    for (name, made) in generated().iter() {
        let made = str::from_utf8(made).expect("it is text");
        let made = made.split(DRAWS_IN_THE_OBJECT).next().unwrap_or_default();
        let kept = std::fs::read_to_string(directory.join(name)).expect("the template has it");
        assert!(
            kept == made,
            "{name} is not what wit-bindgen makes of wit/: CONTRIBUTING.md says how to make it again"
        );
    }
}
