//! Guests that send requests.

use super::{Export, Guest, HTTP, Origin};

/// A request of a guest, in any bytes.
#[derive(Debug, Clone)]
pub struct Sends<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The URL.
    pub url: &'a [u8],
    /// Names and values of headers.
    pub headers: Vec<(&'a [u8], Part<'a>)>,
    /// The scheme and the name of the secret in `Authorization`.
    pub authorization: Option<(&'a [u8], &'a [u8])>,
    /// Whether the fields are sent as JSON.
    pub json: bool,
    /// Names and values of fields.
    pub fields: Vec<(&'a [u8], Part<'a>)>,
    /// Pointers to what is read.
    pub read: Vec<&'a [u8]>,
    /// Pointers to what is taken, each with the name of the secret.
    pub take: Vec<(&'a [u8], &'a [u8])>,
}

/// A value in a request.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A text.
    Text(&'a [u8]),
    /// The secret of this name.
    Secret(&'a [u8]),
}

impl<'a> Sends<'a> {
    /// A request that sends nothing and wants nothing.
    pub fn post(url: &'a str) -> Self {
        Self {
            method: b"POST",
            url: url.as_bytes(),
            headers: Vec::new(),
            authorization: None,
            json: false,
            fields: Vec::new(),
            read: Vec::new(),
            take: Vec::new(),
        }
    }

    /// The same, which reads what is at this pointer.
    pub fn reads(mut self, pointer: &'a str) -> Self {
        self.read.push(pointer.as_bytes());
        self
    }

    /// The same, which takes what is at this pointer as the secret `token`.
    pub fn takes(mut self, pointer: &'a str) -> Self {
        self.take.push((pointer.as_bytes(), b"token"));
        self
    }

    /// The same, with a secret in a field.
    pub fn with(mut self, field: &'a str, secret: &'a str) -> Self {
        self.fields.push((field.as_bytes(), Part::Secret(secret.as_bytes())));
        self
    }
}

/// The errors of `send`, in the order of the contract.
const ERRORS: [&str; 11] = [
    "denied",
    "timeout",
    "unreachable",
    "untrusted",
    "redirect",
    "too-large",
    "no-secret",
    "malformed",
    "leak",
    "limit",
    "offline",
];

/// Where the address of the message is in an error of this export.
fn message_of(export: Export) -> u32 {
    if export == Export::RefreshIfNeeded { 8 } else { 12 }
}

impl Guest {
    /// Imports `http`, and returns code that sends the request. The result is in
    /// `$scratch`: whether it failed; at 4 the error, or the status; at 8, 16 and 24 the
    /// addresses of what was read, of what is unreadable, and of what was taken, each
    /// followed by their number.
    pub fn send(&mut self, request: &Sends<'_>) -> String {
        if !std::mem::replace(&mut self.sends, true) {
            *self = std::mem::take(self)
                .wit("", &format!("import {HTTP};\n"))
                .imports(&format!("(import \"{HTTP}\" \"send\" (func $send (param i32 i32)))"));
        }
        let address = self.place_request(request);
        self.request = address;
        format!("(call $send (i32.const {address}) (global.get $scratch))")
    }

    /// Returns the address of the last request: its words in the order of the contract.
    pub fn last_request(&self) -> u32 {
        self.request
    }

    /// Makes `refresh-if-needed` send the request. If it takes something, all is well.
    /// Otherwise it fails with what it reads first, or with the name of the error.
    pub fn sends(self, request: &Sends<'_>) -> Self {
        self.sends_in(Export::RefreshIfNeeded, request)
    }

    /// Makes `refresh-if-needed` take the variable as the secret `taken` first.
    pub fn sends_variable(mut self, variable: &str, request: &Sends<'_>) -> Self {
        let take = self.take(variable.as_bytes());
        let send = self.send(request);
        self.returns_answer(Export::RefreshIfNeeded, &format!("{take} {send}"))
    }

    /// Makes `get-credentials` or `refresh-if-needed` send the request, as
    /// [`sends`](Self::sends) does.
    pub fn sends_in(mut self, export: Export, request: &Sends<'_>) -> Self {
        let send = self.send(request);
        self.returns_answer(export, &send)
    }

    /// Makes `get-credentials` or `refresh-if-needed` return what came of the request that
    /// `send` sends.
    pub fn returns_answer(mut self, export: Export, send: &str) -> Self {
        let errors = ERRORS.map(|error| {
            // Only `denied` is a denial; what the others are doesn't matter.
            let kind = if error == "denied" { 3 } else { 4 };
            self.place_failure_of(export, kind, error.as_bytes())
        });
        let errors = self.place_words(&errors);
        let answer = match export {
            Export::RefreshIfNeeded => self.place_refreshed(),
            _ => self.place_named(b"token", Origin::Other(b"a server")),
        };
        let said = self.place_failure_of(export, 2, b"");
        let denied = self.place_failure_of(export, 3, b"unreadable");
        let nothing = self.place_failure_of(export, 0, b"nothing");
        let message = message_of(export);
        self.body(
            export,
            format!(
                "{send}
                 (if (i32.load8_u (global.get $scratch))
                   (then (return (i32.load (i32.add (i32.const {errors})
                     (i32.shl (i32.load8_u offset=4 (global.get $scratch)) (i32.const 2)))))))
                 (if (i32.load offset=28 (global.get $scratch))
                   (then (return (i32.const {answer}))))
                 (if (i32.load offset=12 (global.get $scratch))
                   (then
                     (i32.store offset={message} (i32.const {said})
                       (i32.load offset=8 (i32.load offset=8 (global.get $scratch))))
                     (i32.store offset={} (i32.const {said})
                       (i32.load offset=12 (i32.load offset=8 (global.get $scratch))))
                     (return (i32.const {said}))))
                 (if (i32.load offset=20 (global.get $scratch))
                   (then (return (i32.const {denied}))))
                 i32.const {nothing}",
                message + 4
            ),
        )
    }

    /// Adds an error of this export to the data, and returns its address.
    fn place_failure_of(&mut self, export: Export, kind: u8, message: &[u8]) -> u32 {
        match export {
            Export::RefreshIfNeeded => self.place_failed_refresh(kind, message),
            _ => self.place_failure(kind, message, None),
        }
    }

    fn place_request(&mut self, request: &Sends<'_>) -> u32 {
        let (method, url) = (self.place(request.method), self.place(request.url));
        let headers = self.place_parts(&request.headers);
        let authorization = request.authorization.unwrap_or_default();
        let (scheme, secret) = (self.place(authorization.0), self.place(authorization.1));
        let fields = self.place_parts(&request.fields);
        let read: Vec<u32> = request.read.iter().flat_map(|text| self.place_text(text)).collect();
        let read = (self.place_words(&read), request.read.len() as u32);
        let mut take = Vec::new();
        for (pointer, name) in &request.take {
            take.extend(self.place_text(pointer));
            take.extend(self.place_text(name));
        }
        let take = (self.place_words(&take), request.take.len() as u32);
        let is_set = request.authorization.is_some().into();
        self.place_words(&[
            method.0,
            method.1,
            url.0,
            url.1,
            headers.0,
            headers.1,
            is_set,
            scheme.0,
            scheme.1,
            secret.0,
            secret.1,
            request.json.into(),
            fields.0,
            fields.1,
            read.0,
            read.1,
            take.0,
            take.1,
        ])
    }

    fn place_parts(&mut self, parts: &[(&[u8], Part<'_>)]) -> (u32, u32) {
        let mut words = Vec::new();
        for (name, part) in parts {
            let (case, text) = match part {
                Part::Text(text) => (0, text),
                Part::Secret(name) => (1, name),
            };
            words.extend(self.place_text(name));
            words.push(case);
            words.extend(self.place_text(text));
        }
        (self.place_words(&words), parts.len() as u32)
    }

    fn place_text(&mut self, text: &[u8]) -> [u32; 2] {
        let (address, length) = self.place(text);
        [address, length]
    }
}
