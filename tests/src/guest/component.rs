//! Builds the component of a guest from its parts.

use std::fmt::Write;
use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::builder::Made;
use super::data::{DATA, SCRATCH};
use super::{Answer, ENVIRONMENT, Export, Guest, SECRETS, STRATEGY};

impl Guest {
    /// Returns the core module as text.
    pub fn text(mut self) -> String {
        for export in Export::ALL {
            if self.bodies[export as usize].is_some() {
                continue;
            }
            let body = match export {
                Export::Describe => self.place_description([b"guest", b"1.0.0", b"a guest"], &[]),
                Export::GetCredentials => self.place_answer(&Answer::default()),
                Export::RefreshIfNeeded => self.place_refreshed(),
                Export::IsValid => 1,
            };
            self.bodies[export as usize] = Some(format!("i32.const {body}"));
        }
        let mut functions = String::new();
        for export in Export::ALL {
            let name = export.name();
            let request = if export == Export::Describe { "" } else { "(param $request i32)" };
            let mut body = self.bodies[export as usize].clone().unwrap_or_default();
            if export == Export::GetCredentials {
                let _ = writeln!(
                    functions,
                    "(func $answer (param $request i32) (result i32) (local $i i32) {body})"
                );
                body = "(local.set $i (call $answer (local.get $request)))".to_owned();
                for Made { parts, name: (address, length) } in &self.made {
                    let _ = writeln!(
                        body,
                        "(call $concat (i32.const {parts}) (i32.const 1)
                           (i32.const {address}) (i32.const {length}) (global.get $scratch))"
                    );
                }
                body.push_str("(local.get $i)");
            }
            let _ = writeln!(
                functions,
                "(func (export \"{STRATEGY}#{name}\") {request} (result i32) (local $i i32) {body})"
            );
            if export != Export::IsValid {
                let _ = writeln!(
                    functions,
                    "(func (export \"cabi_post_{STRATEGY}#{name}\") (param i32) {})",
                    self.post_return
                );
            }
        }
        let Self { realloc, memory, imports, fields, data, .. } = &self;
        let mut bytes = String::with_capacity(data.len() * 3);
        for byte in data {
            let _ = write!(bytes, "\\{byte:02x}");
        }
        format!(
            "(module
               (import \"{ENVIRONMENT}\" \"get\" (func $get (param i32 i32 i32)))
               (import \"{ENVIRONMENT}\" \"take\" (func $take (param i32 i32 i32 i32 i32)))
               (import \"{SECRETS}\" \"concat\" (func $concat (param i32 i32 i32 i32 i32)))
               {imports}
               (memory $memory (export \"memory\") {memory})
               (global $heap (mut i32) (i32.const 65536))
               (global $scratch i32 (i32.const {SCRATCH}))
               (func $realloc (export \"cabi_realloc\")
                 (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
                 (result i32) (local $address i32) {realloc})
               {functions}
               {fields}
               (data (memory $memory) (i32.const {DATA}) \"{bytes}\"))"
        )
    }

    /// Returns the core module as bytes.
    pub fn module(self) -> Vec<u8> {
        let text = self.text();
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// Returns the component.
    pub fn build(self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        resolve.push_dir(contract).expect("wit/ can be read");
        if !self.wit.is_empty() {
            let packages = format!("package test:others;\n{}", self.wit);
            resolve.push_str("others.wit", &packages).expect("the packages can be read");
        }
        let world = format!(
            "package test:guest;
             world guest {{ import {ENVIRONMENT}; import {SECRETS}; export {STRATEGY}; {} }}",
            self.world
        );
        let package = resolve.push_str("world.wit", &world).expect("the world can be read");
        let world = resolve.select_world(&[package], Some("guest")).expect("the world exists");
        let mut module = self.module();
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("a section can be added");
        ComponentEncoder::default()
            .module(&module)
            .and_then(|mut encoder| encoder.encode())
            .unwrap_or_else(|error| panic!("the guest cannot be made into a component: {error:#}"))
    }
}

/// Returns the bytes of a component or module in the text format.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text:.4000}"))
}
