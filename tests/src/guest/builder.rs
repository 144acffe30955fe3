//! A builder of guests, whose parts a test can replace.

use super::wasi::WASI;
use super::{Answer, Export, FILES, Origin, REVEAL};

/// A builder of strategies. It starts with one that behaves well.
#[derive(Debug, Clone)]
pub struct Guest {
    pub(super) bodies: [Option<String>; 4],
    pub(super) realloc: String,
    pub(super) post_return: String,
    pub(super) memory: String,
    pub(super) imports: String,
    pub(super) fields: String,
    pub(super) wit: String,
    pub(super) world: String,
    pub(super) data: Vec<u8>,
    pub(super) made: Vec<Made>,
    reveals: bool,
    takes_files: bool,
    pub(super) sends: bool,
    pub(super) request: u32,
}

/// A secret that a guest makes of a text: the address of the text as a list of parts, and
/// the address and the length of the name.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) parts: u32,
    pub(super) name: (u32, u32),
}

impl Default for Guest {
    fn default() -> Self {
        Self::new()
    }
}

impl Guest {
    /// Returns a strategy that returns a fixed credential and does nothing wrong.
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
            made: Vec::new(),
            reveals: false,
            takes_files: false,
            sends: false,
            request: 0,
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

    /// Replaces the body of the function that the host calls after reading a result.
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

    /// Adds WIT packages, and lines to the world.
    pub fn wit(mut self, packages: &str, world: &str) -> Self {
        self.wit.push_str(packages);
        self.world.push_str(world);
        self
    }

    /// Adds imports of interfaces from [`WASI`].
    pub fn wasi(self, interfaces: &[&str], imports: &str) -> Self {
        let world: String =
            interfaces.iter().map(|name| format!("import wasi:{name}@0.2.0;\n")).collect();
        self.wit(WASI, &world).imports(imports)
    }

    /// Makes `get-credentials` write these bytes to stdout first.
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

    /// Prepends code to the body of `get-credentials`.
    pub fn before(mut self, text: &str) -> Self {
        let body = match self.bodies[Export::GetCredentials as usize].take() {
            Some(body) => body,
            None => format!("i32.const {}", self.place_answer(&Answer::default())),
        };
        self.get(format!("{text} {body}"))
    }

    /// Makes `get-credentials` return this credential.
    pub fn answers(mut self, answer: &Answer<'_>) -> Self {
        let address = self.place_answer(answer);
        self.get(format!("i32.const {address}"))
    }

    /// Makes `get-credentials` return another key each time. All begin with `sk-fresh`.
    pub fn answers_anew(mut self) -> Self {
        let values = vec![(&b"api_key"[..], &b"sk-fresh--------"[..])];
        let answer = self.place_answer(&Answer { values, ..Answer::default() });
        let key = self.last_address();
        // Sixteen letters from a to p in place of the dashes.
        self.wasi(
            &["random/random"],
            "(import \"wasi:random/random@0.2.0\" \"get-random-u64\"
               (func $random (result i64)))",
        )
        .get(format!(
            "(i64.store offset=8 align=1 {key}
               (i64.add (i64.const 0x6161616161616161)
                 (i64.and (i64.const 0x0f0f0f0f0f0f0f0f) (call $random))))
             i32.const {answer}"
        ))
    }

    /// Makes `get-credentials` return this key, which is nowhere in the component: it is
    /// put together when it is asked for.
    pub fn answers_with_hidden(mut self, key: &str) -> Self {
        let mask = |byte: &u8| byte ^ 1;
        let masked: Vec<u8> = key.as_bytes().iter().map(mask).collect();
        let values = vec![(&b"api_key"[..], &masked[..])];
        let answer = self.place_answer(&Answer { values, ..Answer::default() });
        let (start, length) = (self.last_address(), key.len());
        self.get(format!(
            "(loop $next
               (i32.store8 (i32.add {start} (local.get $i))
                 (i32.xor (i32.const 1) (i32.load8_u (i32.add {start} (local.get $i)))))
               (local.set $i (i32.add (local.get $i) (i32.const 1)))
               (br_if $next (i32.lt_u (local.get $i) (i32.const {length}))))
             i32.const {answer}"
        ))
    }

    /// Makes `get-credentials` fail with this kind, by number, message and hint.
    pub fn fails(mut self, kind: u8, message: &[u8], hint: Option<&[u8]>) -> Self {
        let address = self.place_failure(kind, message, hint);
        self.get(format!("i32.const {address}"))
    }

    /// Makes `describe` return these texts (auth type, version, summary) and variables.
    pub fn describes(mut self, texts: [&[u8]; 3], environment: &[&[u8]]) -> Self {
        let address = self.place_description(texts, environment);
        self.body(Export::Describe, format!("i32.const {address}"))
    }

    /// Imports `reveal`.
    pub fn reveals(mut self) -> Self {
        if std::mem::replace(&mut self.reveals, true) {
            return self;
        }
        self.wit("", &format!("import {REVEAL};\n"))
            .imports(&format!("(import \"{REVEAL}\" \"text\" (func $text (param i32 i32 i32)))"))
    }

    /// Returns where the address and the length of the text of the last secret are, from
    /// which it is made after `get-credentials`.
    pub fn last_text(&self) -> u32 {
        self.made.last().map(|made| made.parts + 4).unwrap_or_default()
    }

    /// Returns the address of that text, as an expression.
    pub fn last_address(&self) -> String {
        format!("(i32.load (i32.const {}))", self.last_text())
    }

    /// Returns code that takes the variable as the secret `taken`. The result is in
    /// `$scratch`: whether it failed, then the presence or the error, a byte each.
    pub fn take(&mut self, variable: &[u8]) -> String {
        let (variable, name) = (self.place(variable), self.place(b"taken"));
        format!(
            "(call $take (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {})
               (global.get $scratch))",
            variable.0, variable.1, name.0, name.1
        )
    }

    /// Imports `files`, and returns code that takes the file as the secret `taken`. The
    /// result is in `$scratch`, as that of [`take`](Self::take).
    pub fn file(&mut self, path: &[u8]) -> String {
        self.import_files();
        let (path, name) = (self.place(path), self.place(b"taken"));
        format!(
            "(call $file (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {})
               (global.get $scratch))",
            path.0, path.1, name.0, name.1
        )
    }

    /// Imports `files`.
    pub(super) fn import_files(&mut self) {
        if !std::mem::replace(&mut self.takes_files, true) {
            *self = std::mem::take(self).wit("", &format!("import {FILES};\n")).imports(&format!(
                "(import \"{FILES}\" \"take\" (func $file (param i32 i32 i32 i32 i32)))"
            ));
        }
    }

    /// Makes `get-credentials` take the file and return it, or fail with the kind
    /// `missing` if it is absent or blank, `denied` or `invalid`.
    pub fn takes_file(mut self, path: &[u8]) -> Self {
        let take = self.file(path);
        self.returns_taken(&take, Origin::File(path))
    }

    /// Makes `get-credentials` take the variable and return it, or fail with the
    /// kind `missing` if it is not set, or `denied`.
    pub fn reads(self, variable: &str) -> Self {
        self.asks(variable.as_bytes())
    }

    /// Does the same as [`reads`](Self::reads) with any bytes as the name.
    pub fn asks(self, name: &[u8]) -> Self {
        let source = std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let source = source
            .map_or(Origin::Other(b"an odd variable"), |name| Origin::Environment(name.as_bytes()));
        self.reads_as(name, source)
    }

    /// Does the same as [`reads`](Self::reads) and states another source.
    pub fn reads_as(mut self, name: &[u8], source: Origin<'_>) -> Self {
        let take = self.take(name);
        self.returns_taken(&take, source)
    }

    /// Makes `get-credentials` return the secret `taken`, which this code takes.
    fn returns_taken(mut self, take: &str, source: Origin<'_>) -> Self {
        let answer = self.place_named(b"taken", source);
        let missing = self.place_failure(0, b"it is not set", None);
        let denied = self.place_failure(3, b"it is not granted", None);
        let unreadable = self.place_failure(2, b"it is not Unicode", None);
        self.get(format!(
            "{take}
             (if (i32.load8_u (global.get $scratch))
               (then (return (select (i32.const {unreadable}) (i32.const {denied})
                 (i32.load8_u offset=1 (global.get $scratch))))))
             ;; 2 is `set`.
             (if (i32.ne (i32.const 2) (i32.load8_u offset=1 (global.get $scratch)))
               (then (return (i32.const {missing}))))
             i32.const {answer}"
        ))
    }
}

/// A bump allocator that never frees, because an instance serves only one call.
const BUMP: &str = "
    (local.set $address
      (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $address) (local.get $size)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size $memory) (i32.const 65536)))
      (then (drop (memory.grow $memory
        (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))))
    local.get $address";
