//! Guests that keep a session.

use super::{Export, Guest, Origin, STORE};

/// A session as a guest saves it, in any bytes.
#[derive(Debug, Clone, Default)]
pub struct Saves<'a> {
    /// The names of its secrets.
    pub secrets: Vec<&'a [u8]>,
    /// Names and texts of its notes.
    pub notes: Vec<(&'a [u8], &'a [u8])>,
    /// Whose it is.
    pub account: Option<&'a [u8]>,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_at: Option<u64>,
}

impl<'a> Saves<'a> {
    /// A session of the secret `taken`, and of this account.
    pub fn taken(account: &'a str) -> Self {
        Self { secrets: vec![b"taken"], account: Some(account.as_bytes()), ..Self::default() }
    }
}

/// The errors of the store, in the order of the contract.
const ERRORS: [&str; 6] = ["unavailable", "read-only", "no-secret", "too-large", "leak", "failed"];

impl Guest {
    /// Imports `store`.
    pub fn stores(self) -> Self {
        if self.imports.contains("$forget") {
            return self;
        }
        self.wit("", &format!("import {STORE};\n")).imports(&format!(
            "(import \"{STORE}\" \"load\" (func $load (param i32)))
             (import \"{STORE}\" \"save\"
               (func $save (param i32 i32 i32 i32 i32 i32 i32 i32 i64 i32)))
             (import \"{STORE}\" \"forget\" (func $forget (param i32)))"
        ))
    }

    /// Returns code that saves the session. In `$scratch` is whether it failed and the error,
    /// a byte each.
    pub fn save(&mut self, session: &Saves<'_>) -> String {
        *self = std::mem::take(self).stores();
        let mut secrets = Vec::new();
        for name in &session.secrets {
            let (address, length) = self.place(name);
            secrets.extend([address, length]);
        }
        let mut notes = Vec::new();
        for text in session.notes.iter().flat_map(|(name, text)| [name, text]) {
            let (address, length) = self.place(text);
            notes.extend([address, length]);
        }
        let (secrets, notes) = (self.place_words(&secrets), self.place_words(&notes));
        let account = self.place(session.account.unwrap_or_default());
        format!(
            "(call $save (i32.const {secrets}) (i32.const {}) (i32.const {notes}) (i32.const {})
               (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {}) (i64.const {})
               (global.get $scratch))",
            session.secrets.len(),
            session.notes.len(),
            u32::from(session.account.is_some()),
            account.0,
            account.1,
            u32::from(session.expires_at.is_some()),
            session.expires_at.unwrap_or_default().cast_signed(),
        )
    }

    /// Makes `refresh-if-needed` run `code`, which has the result of a function of the store
    /// in `$scratch`, and fail with the name of the error if there is one.
    pub fn refreshes(mut self, code: &str) -> Self {
        let errors = ERRORS.map(|error| {
            let (text, length) = self.place(error.as_bytes());
            self.place_words(&[1, 4, text, length, 0, 0, 0])
        });
        let (errors, refreshed) = (self.place_words(&errors), self.place_refreshed());
        self.body(
            Export::RefreshIfNeeded,
            format!(
                "{code}
                 (if (i32.load8_u (global.get $scratch))
                   (then (return (i32.load (i32.add (i32.const {errors})
                     (i32.shl (i32.load8_u offset=1 (global.get $scratch)) (i32.const 2)))))))
                 i32.const {refreshed}"
            ),
        )
    }

    /// Makes `refresh-if-needed` save the session, with the variable as the secret `taken`,
    /// if that is set; see [`loads`](Self::loads) for `get-credentials`.
    pub fn keeps(mut self, variable: &str, session: &Saves<'_>) -> Self {
        let take = self.take(variable.as_bytes());
        let save = self.save(session);
        let refreshed = self.place_refreshed();
        self.refreshes(&format!(
            "{take}
             (if (i32.ne (i32.load16_u (global.get $scratch)) (i32.const 0x200))
               (then (return (i32.const {refreshed}))))
             {save}"
        ))
        .loads("taken")
    }

    /// Makes `get-credentials` load the session and return the secret of this name. It fails
    /// with the name of the error, or with the kind `missing` if there is no session.
    pub fn loads(mut self, secret: &str) -> Self {
        self = self.stores();
        let errors = ERRORS.map(|error| self.place_failure(4, error.as_bytes(), None));
        let errors = self.place_words(&errors);
        let missing = self.place_failure(0, b"no session", None);
        let answer = self.place_named(secret.as_bytes(), Origin::Session);
        self.get(format!(
            "(call $load (global.get $scratch))
             (if (i32.load8_u (global.get $scratch))
               (then (return (i32.load (i32.add (i32.const {errors})
                 (i32.shl (i32.load8_u offset=8 (global.get $scratch)) (i32.const 2)))))))
             (if (i32.eqz (i32.load8_u offset=8 (global.get $scratch)))
               (then (return (i32.const {missing}))))
             i32.const {answer}"
        ))
    }
}
