//! The contract in `wit/`, and what is made of it.
//!
//! Promised here: the bindings for C and Go are what wit-bindgen makes of the contract; the
//! book shows all of it.

use std::fs;
use std::path::Path;

use wit_bindgen_core::{Files, WorldGenerator};
use wit_parser::Resolve;

use super::projects::contract;

/// The function that only draws in the object file with the type of the world, which
/// the project leaves to `wasm-tools`.
const DRAWS_IN_THE_OBJECT: &str = "\n// Ensure that the *_component_type.o object is linked in";

fn generated(mut generator: Box<dyn WorldGenerator>, world: &str) -> Files {
    let mut resolve = Resolve::new();
    let (package, _) =
        resolve.push_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).expect("it reads");
    let world = resolve.select_world(&[package], Some(world)).expect("there is one");
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files).expect("there are bindings");
    files
}

fn in_c(world: &str) -> Files {
    let rename_world = Some("contract".to_owned());
    let options = wit_bindgen_c::Opts { no_object_file: true, rename_world, ..Default::default() };
    generated(options.build(), world)
}

fn in_go(world: &str) -> Files {
    let options = wit_bindgen_go::Opts {
        format: wit_bindgen_go::Format::False,
        pkg_name: Some("strategy/bindings".to_owned()),
        export_pkg_name: Some("strategy".to_owned()),
        ..Default::default()
    };
    generated(options.build(), world)
}

/// What a file says, apart from what gofmt changes: spaces, semicolons, the order of imports.
/// The size of the area for results is left out, which the templates round up.
fn meant(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<String>());
    let lines = lines.map(|line| line.trim_end_matches(';').to_owned());
    let mut lines: Vec<_> =
        lines.filter(|line| !line.is_empty() && !line.contains("&staticPinner")).collect();
    lines.sort();
    lines
}

#[test]
fn the_go_templates_have_the_bindings_that_wit_bindgen_generates() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/templates/go");
    for (kind, world) in [("key", "auth-strategy"), ("session", "sign-in-strategy")] {
        for (name, made) in in_go(world).iter() {
            let made = str::from_utf8(made).expect("it is text");
            let places = [template.join("bindings"), template.join(kind).join("bindings")];
            let kept = places.iter().find_map(|place| fs::read_to_string(place.join(name)).ok());
            let kept = kept.unwrap_or_else(|| panic!("{name} for {world} is missing"));
            assert!(
                meant(&kept) == meant(made),
                "{name} for {world} is not what wit-bindgen makes of wit/: \
                 cli/templates/bindings/generate makes it again"
            );
        }
    }
}

#[test]
fn the_c_templates_have_the_bindings_that_wit_bindgen_generates() {
    for (kind, world) in [("key", "auth-strategy"), ("session", "sign-in-strategy")] {
        let bindings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/templates/bindings");
        for (name, made) in in_c(world).iter() {
            let made = str::from_utf8(made).expect("it is text");
            let made = made.split(DRAWS_IN_THE_OBJECT).next().unwrap_or_default();
            let kept = fs::read_to_string(bindings.join(kind).join(name)).expect("it is there");
            assert!(
                kept == made,
                "{name} for {world} is not what wit-bindgen makes of wit/: \
                 cli/templates/bindings/generate makes it again"
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
