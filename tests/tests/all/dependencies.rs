//! The table of dependencies in CONTRIBUTING.md, beside the manifests.
//!
//! Promised here: each crate that the product, its tests or its strategies depend on
//! has a row that says what it is for, and each row is about such a crate.

use std::collections::BTreeSet;

use orchestration_tests::metadata::packages;

const CONTRIBUTING: &str = include_str!("../../../CONTRIBUTING.md");

/// The crates of the rows; `(tests)` and the like behind a name say who needs it.
fn documented() -> BTreeSet<String> {
    let (_, section) = CONTRIBUTING.split_once("\n## Dependencies\n").expect("there is a section");
    let rows = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let cells = rows.map_while(|row| row.strip_prefix("| ")?.split_once(" |"));
    let names = cells.flat_map(|(crates, _)| crates.split(", "));
    names.filter_map(|name| name.split_whitespace().next()).map(str::to_owned).collect()
}

/// The crates from a registry that a workspace names. What cargo-hakari lists to align
/// features is needed by other crates, and by none of ours.
fn named(manifest: &str) -> BTreeSet<String> {
    let ours = packages(manifest).into_iter().filter(|package| package.name != "workspace-hack");
    let dependencies = ours.flat_map(|package| package.dependencies);
    dependencies.filter(|dependency| dependency.path.is_none()).map(|found| found.name).collect()
}

#[test]
fn each_has_a_row_in_contributing_and_each_row_is_a_dependency() {
    let manifests: BTreeSet<String> =
        ["Cargo.toml", "strategies/Cargo.toml"].into_iter().flat_map(named).collect();
    assert!(!manifests.is_empty());
    let documented = documented();
    let undocumented: Vec<&String> = manifests.difference(&documented).collect();
    let unused: Vec<&String> = documented.difference(&manifests).collect();
    assert!(
        undocumented.is_empty() && unused.is_empty(),
        "CONTRIBUTING.md, \"Dependencies\": no row for {undocumented:?}, no dependency {unused:?}"
    );
}
