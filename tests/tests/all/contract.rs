//! The contract in `wit/`, and what is made of it.
//!
//! Promised here: a project of `strategy new` has all of the contract and speaks it; the
//! book shows all of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use orchestration_tests::Cli;
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
        let kept = fs::read_to_string(directory.join(name)).expect("the template has it");
        assert!(
            kept == made,
            "{name} is not what wit-bindgen makes of wit/: CONTRIBUTING.md says how to make it again"
        );
    }
}

/// The files of a directory and their texts.
fn files_in(directory: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(directory).expect("the directory is there").flatten();
    let file = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).expect("it is text");
        (entry.file_name().into_string().expect("the name is Unicode"), text)
    };
    entries.map(file).collect()
}

fn contract() -> BTreeMap<String, String> {
    files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit"))
}

#[test]
fn a_new_project_has_the_whole_contract() {
    let cli = Cli::new();
    for language in ["rust", "c", "python", "javascript"] {
        cli.run(&["strategy", "new", language, "--lang", language]).exits_with(0);
        assert_eq!(files_in(&cli.home().join(language).join("wit")), contract(), "{language}");
    }
}

#[test]
fn the_book_shows_the_whole_contract() {
    let page = include_str!("../../../docs/src/contract.md");
    for name in contract().keys() {
        assert!(page.contains(&format!("{{{{#include ../../wit/{name}}}}}")), "{name}");
    }
}
