//! The tools of the contract, as code of a guest.

use super::{Export, Guest, SECRETS};

/// A part of a text.
#[derive(Debug, Clone, Copy)]
pub enum Piece<'a> {
    /// This text.
    Text(&'a str),
    /// The secret with this name.
    Secret(&'a str),
}

/// A use of a tool, by the names of secrets.
#[derive(Debug, Clone, Copy)]
pub enum Tool<'a> {
    /// `environment.take`: the variable, and the name of the secret.
    Take(&'a str, &'a str),
    /// `files.take`: the path, and the name of the secret.
    File(&'a str, &'a str),
    /// `pick`: the document, the pointer, and the name.
    Pick(&'a str, &'a str, &'a str),
    /// `claims`: the token.
    Claims(&'a str),
    /// `concat`: the parts, and the name.
    Concat(&'a [Piece<'a>], &'a str),
    /// `base64`: the secret, the alphabet by number, and the name.
    Base64(&'a str, u8, &'a str),
    /// `random`: how many bytes, and the name.
    Random(u32, &'a str),
    /// `sign`: the key, the algorithm by number, the message, and the name.
    Sign(&'a str, u8, &'a [Piece<'a>], &'a str),
}

impl Tool<'_> {
    /// Returns its name in the contract.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Take(..) | Self::File(..) => "take",
            Self::Pick(..) => "pick",
            Self::Claims(..) => "claims",
            Self::Concat(..) => "concat",
            Self::Base64(..) => "base64",
            Self::Random(..) => "random",
            Self::Sign(..) => "sign",
        }
    }
}

/// The outcomes of tools, each at its number in a report.
const OUTCOMES: [&str; 7] = ["ok", "no-secret", "made", "malformed", "absent", "bad-key", "leak"];

/// The same of files.
const FILE_OUTCOMES: [&str; 7] =
    ["ok", "denied", "not-unicode", "not-regular", "outside", "too-large", "unreadable"];

/// What precedes the outcomes in a report.
const REPORT: &str = "outcomes: ";

/// Returns the outcomes in what is displayed of a report, in the contract's words.
pub fn outcomes(displayed: &str) -> Vec<&'static str> {
    reported(displayed, OUTCOMES)
}

/// Returns the outcomes of taking files in what is displayed of a report.
pub fn file_outcomes(displayed: &str) -> Vec<&'static str> {
    reported(displayed, FILE_OUTCOMES)
}

fn reported(displayed: &str, outcomes: [&'static str; 7]) -> Vec<&'static str> {
    let (_, report) = displayed.split_once(REPORT).unwrap_or_else(|| panic!("{displayed}"));
    let digits = report.chars().map_while(|character| character.to_digit(10));
    digits.filter_map(|digit| outcomes.get(digit as usize).copied()).collect()
}

impl Guest {
    /// Imports all tools.
    pub fn tools(self) -> Self {
        if self.imports.contains("$pick") {
            return self;
        }
        self.imports(&format!(
            "(import \"{SECRETS}\" \"pick\" (func $pick (param i32 i32 i32 i32 i32 i32 i32)))
             (import \"{SECRETS}\" \"claims\" (func $claims (param i32 i32 i32)))
             (import \"{SECRETS}\" \"base64\" (func $base64 (param i32 i32 i32 i32 i32 i32)))
             (import \"{SECRETS}\" \"random\" (func $random (param i32 i32 i32)))
             (import \"{SECRETS}\" \"sign\"
               (func $sign (param i32 i32 i32 i32 i32 i32 i32 i32)))"
        ))
    }

    /// Returns code that uses a tool. Its result is in `$scratch`: a byte that is not zero
    /// if it failed, then the error, which has an offset of four bytes for `claims` and of
    /// one for all others.
    pub fn tool(&mut self, tool: &Tool<'_>) -> String {
        match *tool {
            Tool::Take(variable, name) => {
                format!("(call $take {} {} {RESULT})", self.text_at(variable), self.text_at(name))
            }
            Tool::File(path, name) => {
                let name = self.text_at(name);
                self.import_files();
                format!("(call $file {} {name} {RESULT})", self.text_at(path))
            }
            Tool::Pick(secret, pointer, name) => format!(
                "(call $pick {} {} {} {RESULT})",
                self.text_at(secret),
                self.text_at(pointer),
                self.text_at(name)
            ),
            Tool::Claims(secret) => format!("(call $claims {} {RESULT})", self.text_at(secret)),
            Tool::Concat(parts, name) => {
                format!("(call $concat {} {} {RESULT})", self.parts_at(parts), self.text_at(name))
            }
            Tool::Base64(secret, alphabet, name) => format!(
                "(call $base64 {} (i32.const {alphabet}) {} {RESULT})",
                self.text_at(secret),
                self.text_at(name)
            ),
            Tool::Random(bytes, name) => format!(
                "(i32.store {RESULT} (i32.const 0))
                 (call $random (i32.const {bytes}) {})",
                self.text_at(name)
            ),
            Tool::Sign(key, algorithm, message, name) => format!(
                "(call $sign {} (i32.const {algorithm}) {} {} {RESULT})",
                self.text_at(key),
                self.parts_at(message),
                self.text_at(name)
            ),
        }
    }

    /// Makes an export use these tools, and fail with the kind `invalid` and a report of
    /// their [outcomes].
    pub fn tries(mut self, export: Export, tools: &[Tool<'_>]) -> Self {
        self = self.tools();
        let report = format!("{REPORT}{}", "-".repeat(tools.len()));
        let (report, length) = self.place(report.as_bytes());
        let first = report + length - tools.len() as u32;
        let mut body = String::new();
        for (at, tool) in (first..).zip(tools) {
            body.push_str(&self.tool(tool));
            let offset = if let Tool::Claims(_) = tool { 4 } else { 1 };
            body.push_str(&format!(
                "(i32.store8 (i32.const {at}) (select
                   (i32.add (i32.const 49) (i32.load8_u offset={offset} {RESULT}))
                   (i32.const 48)
                   (i32.load8_u {RESULT})))"
            ));
        }
        let failure = self.place_words(&[1, 0, 2, report, length, 0, 0, 0]);
        self.body(export, format!("{body} (i32.const {failure})"))
    }

    /// Makes `get-credentials` use these tools, whatever comes of it, and answer with the
    /// secret of this name.
    pub fn uses(mut self, tools: &[Tool<'_>], answer: &str) -> Self {
        self = self.tools();
        let code: String = tools.iter().map(|tool| self.tool(tool)).collect();
        let answer = self.place_named(answer.as_bytes(), super::Origin::Other(b"tools"));
        self.get(format!("{code} (i32.const {answer})"))
    }

    /// Makes `get-credentials` take this variable and answer with its claims, or fail with
    /// the kind `invalid` and a report of the [outcome](outcomes).
    pub fn shows_claims(mut self, variable: &str) -> Self {
        self = self.tools();
        let take = self.tool(&Tool::Take(variable, "key"));
        let claims = self.tool(&Tool::Claims("key"));
        let (report, length) = self.place(format!("{REPORT}-").as_bytes());
        let failure = self.place_words(&[1, 0, 2, report, length, 0, 0, 0]);
        let text = self.place_words(&[0; 3]);
        let (name, bytes) = self.place(b"claims");
        let answer = self.place_named(b"claims", super::Origin::Other(b"claims"));
        self.get(format!(
            "{take} {claims}
             (if (i32.load8_u {RESULT}) (then
               (i32.store8 (i32.const {}) (i32.add (i32.const 49) (i32.load8_u offset=4 {RESULT})))
               (return (i32.const {failure}))))
             (i32.store offset=4 (i32.const {text}) (i32.load offset=4 {RESULT}))
             (i32.store offset=8 (i32.const {text}) (i32.load offset=8 {RESULT}))
             (call $concat (i32.const {text}) (i32.const 1) (i32.const {name}) (i32.const {bytes})
               {RESULT})
             (i32.const {answer})",
            report + length - 1
        ))
    }

    /// Returns the address and the length of a text, as code.
    fn text_at(&mut self, text: &str) -> String {
        let (address, length) = self.place(text.as_bytes());
        format!("(i32.const {address}) (i32.const {length})")
    }

    /// Returns the address and the number of parts, as code.
    fn parts_at(&mut self, parts: &[Piece<'_>]) -> String {
        let mut words = Vec::new();
        for part in parts {
            let (case, text) = match part {
                Piece::Text(text) => (0, text),
                Piece::Secret(name) => (1, name),
            };
            let (address, length) = self.place(text.as_bytes());
            words.extend([case, address, length]);
        }
        let address = self.place_words(&words);
        format!("(i32.const {address}) (i32.const {})", parts.len())
    }
}

/// The address of a result.
const RESULT: &str = "(global.get $scratch)";
