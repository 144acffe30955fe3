//! The files in `deploy/kubernetes`.
//!
//! Promised here: each object is one that Kubernetes' own schemas accept, without a field that
//! they don't know; every container runs as little as it can; and every command line is one
//! that the product understands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use orchestration_tests::deployed;
use serde_json::Value;

/// What is of kinds that Kubernetes itself does not have.
const FOREIGN: &str = "external-secrets.io";

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kubernetes");
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(files.len() >= 3, "{files:?}");
    files
}

/// The objects of all files, each with the name of its file.
fn objects(python: &Path) -> Vec<(String, Value)> {
    const READ: &str = "import json, sys, yaml\n\
                        print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let read = |path: PathBuf| {
        let output = Command::new(python).args(["-c", READ]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let objects: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        objects.into_iter().map(move |object| (name.clone(), object))
    };
    files().into_iter().flat_map(read).collect()
}

/// The containers of an object's pods, those that start first as well.
fn containers(object: &Value) -> Vec<&Value> {
    let lists = ["initContainers", "containers"].into_iter();
    let pods = lists.filter_map(|list| object.pointer(&format!("/spec/template/spec/{list}")));
    pods.filter_map(Value::as_array).flatten().collect()
}

#[test]
fn every_object_is_one_that_kubernetes_knows() {
    let Some(validate) = deployed("kubernetes-validate") else { return };
    for path in files() {
        if fs::read_to_string(&path).unwrap().contains(FOREIGN) {
            continue;
        }
        let output = Command::new(&validate).arg("--strict").arg(&path).output().unwrap();
        assert!(output.status.success(), "{}: {output:?}", path.display());
    }
}

#[test]
fn every_container_is_restricted() {
    let Some(python) = deployed("python") else { return };
    let objects = objects(&python);
    let pods = objects.iter().filter(|(_, object)| !containers(object).is_empty());
    let mut seen = 0;
    for (file, object) in pods {
        let pod = object.pointer("/spec/template/spec").unwrap();
        let at = |pointer: &str| pod.pointer(pointer);
        assert_eq!(at("/securityContext/runAsNonRoot"), Some(&true.into()), "{file}");
        let profile = at("/securityContext/seccompProfile/type");
        assert_eq!(profile, Some(&"RuntimeDefault".into()), "{file}");
        assert_eq!(at("/automountServiceAccountToken"), Some(&false.into()), "{file}");
        for container in containers(object) {
            let context = &container["securityContext"];
            let name = &container["name"];
            assert_eq!(context["allowPrivilegeEscalation"], false, "{file}: {name}");
            assert_eq!(context["readOnlyRootFilesystem"], true, "{file}: {name}");
            assert_eq!(
                context["capabilities"]["drop"],
                serde_json::json!(["ALL"]),
                "{file}: {name}"
            );
            assert!(container.pointer("/resources/limits/memory").is_some(), "{file}: {name}");
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen} containers");
}

#[test]
fn every_command_line_is_one_that_the_product_understands() {
    let Some(python) = deployed("python") else { return };
    let mut seen = 0;
    for (file, object) in objects(&python) {
        for container in containers(&object) {
            let words = container["command"].as_array().into_iter().flatten();
            let words: Vec<&str> = words.filter_map(Value::as_str).collect();
            if words.first() != Some(&"orchestration") {
                continue;
            }
            let parsed = orchestration::command().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{file}: {words:?}: {}", parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen} command lines");
}
