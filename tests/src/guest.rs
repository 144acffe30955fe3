//! Strategies of every bad kind, made of text.
//!
//! No toolchain is at hand where the tests run, and none would make what is
//! wanted here: components that break every rule that a compiler keeps. So a
//! [`Guest`] is a core module in the text format, a well-behaved strategy of
//! which a test replaces the one part that it is about; `wit-component` makes a
//! component of it. What no core module can say is written as component text
//! and made with [`component`].
//!
//! # How the parts are written
//!
//! A body is the inside of a function of the canonical ABI. `describe` has no
//! parameter; the others have one, the address of the request. All but
//! `is-valid` return the address of their answer; [`Guest::place_answer`] and its
//! siblings put such answers into the module's data. The bodies may use
//!
//! | name | what |
//! | --- | --- |
//! | `$get` | `environment.get`: name, length, address of the answer |
//! | `$memory` | the memory; the data is in its first 64 KiB |
//! | `$heap` | a global: where `cabi_realloc` allocates next |
//! | `$scratch` | a global: 4096 free bytes |

use std::fmt::Write;
use std::path::Path;

use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Credentials, Environment, ProviderError, ProvidersToml,
    Registry, Scope, resolve_auth_strategy,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// The interface that the contract imports.
pub const ENVIRONMENT: &str = "orchestration:auth/environment@0.1.0";

/// The interface that the contract exports.
pub const STRATEGY: &str = "orchestration:auth/strategy@0.1.0";

/// The secret of a guest that a test does not give another one.
pub const SECRET: &str = "sk-guest-0123456789abcdef";

/// Where a guest's data begins, and the scratch bytes before it.
const SCRATCH: u32 = 1024;
const DATA: u32 = SCRATCH + 4096;

/// The exports of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// `describe`
    Describe,
    /// `get-credentials`
    GetCredentials,
    /// `refresh-if-needed`
    RefreshIfNeeded,
    /// `is-valid`
    IsValid,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Describe, Self::GetCredentials, Self::RefreshIfNeeded, Self::IsValid];

    /// Its name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::GetCredentials => "get-credentials",
            Self::RefreshIfNeeded => "refresh-if-needed",
            Self::IsValid => "is-valid",
        }
    }
}

/// Where a guest says that a credential comes from.
#[derive(Debug, Clone)]
pub enum Origin<'a> {
    /// The key that the caller gave.
    Explicit,
    /// The variable of this name.
    Environment(&'a [u8]),
    /// Nothing is needed.
    NotNeeded,
    /// In words.
    Other(&'a [u8]),
    /// A case that the contract does not have.
    NoSuchCase,
}

/// What a guest answers as its credential. Texts are bytes: some are no text.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Names and secrets.
    pub values: Vec<(&'a [u8], &'a [u8])>,
    /// Where they come from.
    pub source: Origin<'a>,
    /// When they end.
    pub expires_at: Option<u64>,
}

impl Default for Answer<'_> {
    fn default() -> Self {
        let values = vec![(&b"api_key"[..], SECRET.as_bytes())];
        Self { values, source: Origin::Other(b"a guest"), expires_at: None }
    }
}

/// A strategy in the making. Starts out well-behaved.
#[derive(Debug, Clone)]
pub struct Guest {
    bodies: [Option<String>; 4],
    realloc: String,
    post_return: String,
    memory: String,
    imports: String,
    fields: String,
    wit: String,
    world: String,
    data: Vec<u8>,
}

impl Default for Guest {
    fn default() -> Self {
        Self::new()
    }
}

impl Guest {
    /// A strategy that has a credential of its own and does nothing wrong.
    pub fn new() -> Self {
        Self {
            bodies: [const { None }; 4],
            realloc: BUMP.to_owned(),
            post_return: String::new(),
            memory: "2".to_owned(),
            imports: String::new(),
            fields: String::new(),
            wit: String::new(),
            world: String::new(),
            data: Vec::new(),
        }
    }

    /// Replaces the body of one export.
    pub fn body(mut self, export: Export, text: impl Into<String>) -> Self {
        self.bodies[export as usize] = Some(text.into());
        self
    }

    /// Replaces the body of `get-credentials`.
    pub fn get(self, text: impl Into<String>) -> Self {
        self.body(Export::GetCredentials, text)
    }

    /// Replaces the body of `cabi_realloc`: four parameters, one result.
    pub fn realloc(mut self, text: impl Into<String>) -> Self {
        self.realloc = text.into();
        self
    }

    /// Replaces the body of what the host calls when it has read an answer.
    pub fn post_return(mut self, text: impl Into<String>) -> Self {
        self.post_return = text.into();
        self
    }

    /// Replaces the limits of the memory, in pages.
    pub fn memory(mut self, limits: impl Into<String>) -> Self {
        self.memory = limits.into();
        self
    }

    /// Adds imports to the module.
    pub fn imports(mut self, text: &str) -> Self {
        self.imports.push_str(text);
        self
    }

    /// Adds functions, tables, memories and the like to the module.
    pub fn fields(mut self, text: impl AsRef<str>) -> Self {
        self.fields.push_str(text.as_ref());
        self
    }

    /// Adds packages that the contract does not know, and lines to the world.
    pub fn wit(mut self, packages: &str, world: &str) -> Self {
        self.wit.push_str(packages);
        self.world.push_str(world);
        self
    }

    /// Adds imports out of [`WASI`].
    pub fn wasi(self, interfaces: &[&str], imports: &str) -> Self {
        let world: String =
            interfaces.iter().map(|name| format!("import wasi:{name}@0.2.0;\n")).collect();
        self.wit(WASI, &world).imports(imports)
    }

    /// Writes these bytes to stdout before it does what it did before.
    pub fn says(mut self, bytes: &[u8]) -> Self {
        let (address, length) = self.place(bytes);
        self.wasi(
            &["cli/stdout", "io/streams"],
            "(import \"wasi:cli/stdout@0.2.0\" \"get-stdout\" (func $stdout (result i32)))
             (import \"wasi:io/streams@0.2.0\" \"[method]output-stream.blocking-write-and-flush\"
               (func $write (param i32 i32 i32 i32)))",
        )
        .before(&format!(
            "(call $write (call $stdout) (i32.const {address}) (i32.const {length})
               (global.get $scratch))
             (if (i32.load8_u (global.get $scratch)) (then unreachable))"
        ))
    }

    /// Puts something in front of the body of `get-credentials`.
    pub fn before(mut self, text: &str) -> Self {
        let body = match self.bodies[Export::GetCredentials as usize].take() {
            Some(body) => body,
            None => format!("i32.const {}", self.place_answer(&Answer::default())),
        };
        self.get(format!("{text} {body}"))
    }

    /// `get-credentials` answers this.
    pub fn answers(mut self, answer: &Answer<'_>) -> Self {
        let address = self.place_answer(answer);
        self.get(format!("i32.const {address}"))
    }

    /// `get-credentials` fails: the number of the kind, message, hint.
    pub fn fails(mut self, kind: u8, message: &[u8], hint: Option<&[u8]>) -> Self {
        let address = self.place_failure(kind, message, hint);
        self.get(format!("i32.const {address}"))
    }

    /// `describe` answers this: auth type, version, summary, variables.
    pub fn describes(mut self, texts: [&[u8]; 3], environment: &[&[u8]]) -> Self {
        let address = self.place_description(texts, environment);
        self.body(Export::Describe, format!("i32.const {address}"))
    }

    /// `get-credentials` asks for the variable and answers what it holds, or
    /// the kind `missing` where it is not set, or `denied`.
    pub fn reads(self, variable: &str) -> Self {
        self.asks(variable.as_bytes())
    }

    /// The same with a name that need not be one.
    pub fn asks(mut self, name: &[u8]) -> Self {
        let source = std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let source = source
            .map_or(Origin::Other(b"an odd variable"), |name| Origin::Environment(name.as_bytes()));
        let answer = self.place_answer(&Answer {
            values: vec![(b"api_key", b"")],
            source,
            expires_at: None,
        });
        let missing = self.place_failure(0, b"it is not set", None);
        let denied = self.place_failure(3, b"it is not granted", None);
        let unreadable = self.place_failure(2, b"it is not Unicode", None);
        let (address, length) = self.place(name);
        self.get(format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             (if (i32.load8_u (global.get $scratch))
               (then (return (select (i32.const {unreadable}) (i32.const {denied})
                 (i32.load8_u offset=4 (global.get $scratch))))))
             (if (i32.eqz (i32.load8_u offset=4 (global.get $scratch)))
               (then (return (i32.const {missing}))))
             ;; The only entry: its secret becomes what was read.
             (i32.store offset=8 (i32.load offset=8 (i32.const {answer}))
               (i32.load offset=8 (global.get $scratch)))
             (i32.store offset=12 (i32.load offset=8 (i32.const {answer}))
               (i32.load offset=12 (global.get $scratch)))
             i32.const {answer}"
        ))
    }

    /// Puts bytes into the data, and says where they are and how many.
    pub fn place(&mut self, bytes: &[u8]) -> (u32, u32) {
        // Everything is aligned as the strictest answer has to be.
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let address = DATA + self.data.len() as u32;
        self.data.extend(bytes);
        assert!(self.data.len() < 60_000, "a guest's data is to stay in its first page");
        (address, bytes.len() as u32)
    }

    fn place_words(&mut self, words: &[u32]) -> u32 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.place(&bytes).0
    }

    /// Puts the answer of `get-credentials` into the data.
    pub fn place_answer(&mut self, answer: &Answer<'_>) -> u32 {
        let entries: Vec<u32> = answer
            .values
            .iter()
            .flat_map(|(name, secret)| {
                let (name, secret) = (self.place(name), self.place(secret));
                [name.0, name.1, secret.0, secret.1]
            })
            .collect();
        let list = self.place_words(&entries);
        let (case, words) = match answer.source {
            Origin::Explicit => (0, &b""[..]),
            Origin::Environment(name) => (1, name),
            Origin::NotNeeded => (2, &b""[..]),
            Origin::Other(words) => (3, words),
            Origin::NoSuchCase => (200, &b""[..]),
        };
        let words = self.place(words);
        let ends = answer.expires_at.unwrap_or_default();
        let has_end = answer.expires_at.is_some().into();
        let count = answer.values.len() as u32;
        let halves = [ends as u32, (ends >> 32) as u32];
        self.place_words(&[
            0, 0, list, count, case, words.0, words.1, 0, has_end, 0, halves[0], halves[1],
        ])
    }

    /// Puts a failure of `get-credentials` into the data.
    pub fn place_failure(&mut self, kind: u8, message: &[u8], hint: Option<&[u8]>) -> u32 {
        let (message, text) = (self.place(message), self.place(hint.unwrap_or_default()));
        let hinted = hint.is_some().into();
        self.place_words(&[1, 0, kind.into(), message.0, message.1, hinted, text.0, text.1])
    }

    /// Puts the answer of `describe` into the data.
    pub fn place_description(&mut self, texts: [&[u8]; 3], environment: &[&[u8]]) -> u32 {
        let mut words: Vec<u32> = Vec::new();
        for text in texts {
            let (address, length) = self.place(text);
            words.extend([address, length]);
        }
        let names: Vec<u32> = environment
            .iter()
            .flat_map(|name| {
                let (address, length) = self.place(name);
                [address, length]
            })
            .collect();
        words.push(self.place_words(&names));
        words.push(environment.len() as u32);
        self.place_words(&words)
    }

    /// The core module, as text.
    pub fn text(mut self) -> String {
        for export in Export::ALL {
            if self.bodies[export as usize].is_some() {
                continue;
            }
            let body = match export {
                Export::Describe => self.place_description([b"guest", b"1.0.0", b"a guest"], &[]),
                Export::GetCredentials => self.place_answer(&Answer::default()),
                Export::RefreshIfNeeded => self.place_words(&[0, 0, 0, 0, 0, 0, 0]),
                Export::IsValid => 1,
            };
            self.bodies[export as usize] = Some(format!("i32.const {body}"));
        }
        let mut functions = String::new();
        for export in Export::ALL {
            let name = export.name();
            let request = if export == Export::Describe { "" } else { "(param $request i32)" };
            let body = self.bodies[export as usize].as_deref().unwrap_or_default();
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

    /// The core module, as bytes.
    pub fn module(self) -> Vec<u8> {
        let text = self.text();
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The component.
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
             world guest {{ import {ENVIRONMENT}; export {STRATEGY}; {} }}",
            self.world
        );
        let package = resolve.push_str("world.wit", &world).expect("the world can be read");
        let world = resolve.select_world(&[package], Some("guest")).expect("there is a world");
        let mut module = self.module();
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("a module takes a section more");
        ComponentEncoder::default()
            .module(&module)
            .and_then(|mut encoder| encoder.encode())
            .unwrap_or_else(|error| panic!("the guest makes no component: {error:#}"))
    }
}

/// What the tests use of WASI 0.2. A component that imports less of an interface
/// than there is imports that interface all the same.
pub const WASI: &str = "
package wasi:io@0.2.0 {
    interface error { resource error { to-debug-string: func() -> string; } }
    interface poll {
        resource pollable { ready: func() -> bool; block: func(); }
        poll: func(in: list<borrow<pollable>>) -> list<u32>;
    }
    interface streams {
        use error.{error};
        variant stream-error { last-operation-failed(error), closed }
        resource input-stream { read: func(len: u64) -> result<list<u8>, stream-error>; }
        resource output-stream {
            write-zeroes: func(len: u64) -> result<_, stream-error>;
            blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
        }
    }
}
package wasi:cli@0.2.0 {
    interface environment {
        get-environment: func() -> list<tuple<string, string>>;
        get-arguments: func() -> list<string>;
        initial-cwd: func() -> option<string>;
    }
    interface exit { exit: func(status: result); }
    interface stdin {
        use wasi:io/streams@0.2.0.{input-stream};
        get-stdin: func() -> input-stream;
    }
    interface stdout {
        use wasi:io/streams@0.2.0.{output-stream};
        get-stdout: func() -> output-stream;
    }
    interface stderr {
        use wasi:io/streams@0.2.0.{output-stream};
        get-stderr: func() -> output-stream;
    }
    interface terminal-input { resource terminal-input; }
    interface terminal-output { resource terminal-output; }
    interface terminal-stdin {
        use terminal-input.{terminal-input};
        get-terminal-stdin: func() -> option<terminal-input>;
    }
    interface terminal-stdout {
        use terminal-output.{terminal-output};
        get-terminal-stdout: func() -> option<terminal-output>;
    }
    interface terminal-stderr {
        use terminal-output.{terminal-output};
        get-terminal-stderr: func() -> option<terminal-output>;
    }
}
package wasi:clocks@0.2.0 {
    interface wall-clock {
        record datetime { seconds: u64, nanoseconds: u32 }
        now: func() -> datetime;
    }
    interface monotonic-clock {
        use wasi:io/poll@0.2.0.{pollable};
        now: func() -> u64;
        subscribe-duration: func(when: u64) -> pollable;
    }
}
package wasi:filesystem@0.2.0 {
    interface types { resource descriptor; }
    interface preopens {
        use types.{descriptor};
        get-directories: func() -> list<tuple<descriptor, string>>;
    }
}
package wasi:random@0.2.0 {
    interface random {
        get-random-bytes: func(len: u64) -> list<u8>;
        get-random-u64: func() -> u64;
    }
    interface insecure { get-insecure-random-u64: func() -> u64; }
    interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }
}";

/// Allocates and never frees: an instance serves one call.
const BUMP: &str = "
    (local.set $address
      (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $address) (local.get $size)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size $memory) (i32.const 65536)))
      (then (drop (memory.grow $memory
        (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))))
    local.get $address";

/// The bytes of what is written as text, most of all components.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text:.4000}"))
}

/// The SHA-256 of `bytes`, as providers.toml wants it.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of providers.toml for a strategy in the file `NAME.wasm` beside it,
/// with a profile of the same name. `more` goes into the strategy, `profile`
/// into the profile.
pub fn lines(name: &str, component: &[u8], more: &str, profile: &str) -> String {
    let sha256 = digest(component);
    format!(
        "[strategies.{name}]\ncomponent = \"{name}.wasm\"\nsha256 = \"{sha256}\"\n{more}\n\n\
         [profiles.{name}]\nauth_type = \"{name}\"\n{profile}\n\n"
    )
}

/// `component` and as many instances of an empty module.
pub fn with_instances(mut component: Vec<u8>, count: u32) -> Vec<u8> {
    let modules = sections(&component).filter(|id| *id == 1).count() as u8;
    let empty = b"\0asm\x01\0\0\0";
    section(&mut component, 1, empty);
    let mut instances = leb(count);
    (0..count).for_each(|_| instances.extend([0, modules, 0]));
    section(&mut component, 2, &instances);
    component
}

/// `component` with a custom section of `bytes` bytes.
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

/// The kinds of the outermost sections.
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

/// A number as WebAssembly writes it.
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

/// Strategies in this process, with their variables.
pub struct Host {
    providers: ProvidersToml,
    registry: Registry,
    _folder: TempDir,
}

impl Host {
    /// A host with this providers.toml, these components beside it, and these
    /// variables.
    pub fn new(toml: &str, components: &[(&str, &[u8])], variables: &[(&str, &str)]) -> Self {
        Self::allocating(Allocation::OnDemand, toml, components, variables)
    }

    /// The same, with instances that are allocated this way.
    pub fn allocating(
        allocation: Allocation,
        toml: &str,
        components: &[(&str, &[u8])],
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let write = |name: &str, content: &[u8]| {
            std::fs::write(folder.path().join(name), content).expect("a file can be written");
        };
        for (name, component) in components {
            write(&format!("{name}.wasm"), component);
        }
        write("providers.toml", toml.as_bytes());
        let providers = ProvidersToml::load(&folder.path().join("providers.toml"))
            .unwrap_or_else(|error| panic!("{error:?}\n{toml}"));
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
        let environment = Environment::Fixed(variables.collect());
        let registry = Registry::new(&providers, environment, None, allocation)
            .expect("the sandbox can be set up");
        Self { providers, registry, _folder: folder }
    }

    /// The strategy of a profile, as a check asks it.
    pub fn strategy(&self, profile: &str, config: &AgentConfig) -> Box<dyn AuthStrategy> {
        let profile = self.providers.profile(profile).expect("there is such a profile");
        resolve_auth_strategy(&self.registry, config, Some(profile), Scope::OwnCredential)
            .expect("there is such a strategy")
    }

    /// Asks for the credential of a profile.
    pub fn ask(&self, profile: &str) -> Result<Credentials, ProviderError> {
        let strategy = self.strategy(profile, &AgentConfig::default());
        runtime().block_on(strategy.get_credentials())
    }
}

/// One thread, with a clock.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be made")
}
