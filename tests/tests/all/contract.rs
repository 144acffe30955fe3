//! The contract in `wit/`, and what is made of it.
//!
//! Promised here: the bindings for C are what wit-bindgen makes of the contract; the book
//! shows all of it.

use std::fs;
use std::path::Path;

use wit_bindgen_core::Files;
use wit_parser::Resolve;

use super::projects::contract;

/// The function that only draws in the object file with the type of the world, which
/// the project leaves to `wasm-tools`.
const DRAWS_IN_THE_OBJECT: &str = "\n// Ensure that the *_component_type.o object is linked in";

fn generated(world: &str) -> Files {
    let mut resolve = Resolve::new();
    let (package, _) =
        resolve.push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).expect("it reads");
    let world = resolve.select_world(&[package], Some(world)).expect("there is one");
    let mut files = Files::default();
    let rename_world = Some("contract".to_owned());
    let options = wit_bindgen_c::Opts { no_object_file: true, rename_world, ..Default::default() };
    options.build().generate(&mut resolve, world, &mut files).expect("there are bindings");
    files
}

#[test]
fn the_c_templates_have_the_bindings_that_wit_bindgen_generates() {
    for (kind, world) in [("key", "auth-strategy"), ("session", "sign-in-strategy")] {
        let bindings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/templates/bindings");
        for (name, made) in generated(world).iter() {
            let made = str::from_utf8(made).expect("it is text");
            let made = made.split(DRAWS_IN_THE_OBJECT).next().unwrap_or_default();
            let kept = fs::read_to_string(bindings.join(kind).join(name)).expect("it is there");
            assert!(
                kept == made,
                "{name} for {world} is not what wit-bindgen makes of wit/: CONTRIBUTING.md says \
                 how to make it again"
            );
        }
    }
}

#[test]
fn the_book_shows_the_whole_contract() {
    let page = include_str!("../../../docs/src/contract.md");
    for name in contract().keys() {
        assert!(page.contains(&format!("{{{{#include ../../wit/{name}}}}}")), "{name}");
    }
}
