//! The walls of the house: which crate may know which, and which file.
//!
//! Promised here: CONTRIBUTING.md, "Layers", has every dependency between the crates
//! of the product and no other; and within a crate no files use each other in a
//! circle, so that each can be read, tested and changed before the next.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use orchestration_tests::metadata::{Package, packages};
use tempfile::TempDir;

const CONTRIBUTING: &str = include_str!("../../../../CONTRIBUTING.md");

/// Its name in the graph; none if it is no layer of the product.
fn layer(package: &str) -> Option<&str> {
    match package {
        "orchestration-tests" => None,
        package => package.strip_prefix("orchestration-"),
    }
}

fn layers() -> BTreeMap<String, Package> {
    let layers = packages("Cargo.toml").into_iter();
    layers.filter_map(|package| Some((layer(&package.name)?.to_owned(), package))).collect()
}

/// The arrows of the graph, lines such as `auth -> sandbox, support`.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let (_, section) = CONTRIBUTING.split_once("\n## Layers\n").expect("there is a section");
    let (_, graph) = section.split_once("```text\n").expect("it has a graph");
    let (graph, _) = graph.split_once("```").expect("a block has an end");
    let lines = graph.lines().filter(|line| !line.trim().is_empty());
    let layers = lines.map(|line| {
        let (layer, known) = line.split_once("->").unwrap_or((line, ""));
        let known = known.split(',').map(str::trim).filter(|known| !known.is_empty());
        (layer.trim().to_owned(), known.map(str::to_owned).collect())
    });
    layers.collect()
}

#[test]
fn the_graph_in_contributing_has_every_dependency_between_crates_and_no_other() {
    let actual: BTreeMap<String, BTreeSet<String>> = layers()
        .into_iter()
        .map(|(layer_name, package)| {
            let normal = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
            let known = normal.filter_map(|dependency| layer(&dependency.name));
            (layer_name, known.map(str::to_owned).collect())
        })
        .collect();
    assert_eq!(actual, allowed(), "the crates, and the graph in CONTRIBUTING.md, \"Layers\"");
}

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    let mut found = String::new();
    for (layer, package) in layers() {
        for root in package.roots {
            for circle in modules::circles(&root) {
                found += &format!("{layer} has {circle}");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// The circles in a crate of these files, of which the first is the root.
fn circles_in(files: &[(&str, &str)]) -> Vec<String> {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let path = |name: &str| directory.path().join(name);
    for (name, text) in files {
        fs::create_dir_all(path(name).parent().unwrap_or(Path::new(""))).expect("it can be made");
        fs::write(path(name), text).expect("a file can be written");
    }
    modules::circles(&path(files[0].0))
}

mod a_circle {
    use super::*;

    #[test]
    fn is_found_through_the_facade_that_hands_its_items_on() {
        let circles = circles_in(&[
            ("lib.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;"),
            ("a.rs", "use crate::B;\npub struct A(B);"),
            ("b/mod.rs", "mod deep;\npub use deep::B;"),
            ("b/deep.rs", "pub struct B(Box<crate::A>);"),
        ]);
        let said = "a circle of 2 files:\n  a.rs -> b/deep.rs (crate::B)\n  \
                    b/deep.rs -> a.rs (crate::A)\n";
        assert_eq!(circles, [said]);
    }

    #[test]
    fn is_found_in_any_way_of_naming_an_item() {
        for user in [
            "use super::{x::{self, X}, y as z};\nfn f() -> X { z::Y }",
            "fn f() -> super::X { crate::y::Y }",
            "use crate::x;\nfn f() -> x::X { loop {} }",
            "use crate::x::*;\nfn f() -> X { loop {} }",
            "fn f() { println!(\"{}\", crate::x::g(1)) }",
            "fn f() { use crate::x::g; g(1) }",
            "use crate::x::Kind::*;\nfn f() {}",
            "#[serde(with = \"crate::x::X\")]\nstruct S;",
        ] {
            let circles = circles_in(&[
                ("main.rs", "mod x;\nmod y;\nmod user;\nuse x::X;"),
                ("x.rs", "pub struct X;\npub enum Kind { A }\npub fn g(_: crate::user::U) {}"),
                ("y.rs", "pub struct Y;"),
                ("user.rs", &format!("{user}\npub struct U;")),
            ]);
            assert_eq!(circles.len(), 1, "{user}");
            assert!(circles[0].contains("user.rs -> x.rs"), "{user}: {circles:?}");
        }
    }

    #[test]
    fn is_found_between_a_module_and_its_child() {
        let circles = circles_in(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod child;\npub struct A;\nfn f() { child::g() }"),
            ("a/child.rs", "pub fn g() -> super::A { loop {} }"),
        ]);
        assert_eq!(circles.len(), 1, "{circles:?}");
    }
}

mod no_circle {
    use super::*;

    #[test]
    fn is_made_by_declaring_modules_and_handing_their_items_on() {
        let circles = circles_in(&[
            ("lib.rs", "mod a;\nmod b;\npub(crate) use a::A;\npub use b::*;\npub const N: u8 = 1;"),
            ("a/mod.rs", "mod child;\npub(super) use child::C as A;"),
            ("a/child.rs", "use crate::b;\npub struct C([u8; crate::N as usize], b::B);"),
            ("b.rs", "pub struct B; mod inner { use super::B; fn f(_: B) {} }"),
        ]);
        assert_eq!(circles, [""; 0]);
    }

    #[test]
    fn is_made_by_tests_or_by_files_from_elsewhere() {
        let circles = circles_in(&[
            ("lib.rs", "mod a;\nmod b;\n#[path = \"../shared.rs\"]\nmod shared;"),
            ("a.rs", "use crate::b::B;\npub struct A(B);\n#[cfg(test)]\nmod tests;"),
            (
                "b.rs",
                "pub struct B;\n#[cfg(test)]\nuse crate::a::A;\n\
                 #[cfg(test)]\nmod tests { use crate::a::A; }",
            ),
        ]);
        assert_eq!(circles, [""; 0]);
    }

    #[test]
    fn is_made_by_a_local_variable_of_the_same_name() {
        let circles = circles_in(&[
            ("lib.rs", "mod a;\npub use a::text;\npub struct L;\nfn f(text: u8) -> u8 { text }"),
            ("a.rs", "pub fn text(_: crate::L) {}"),
        ]);
        assert_eq!(circles, [""; 0]);
    }
}
