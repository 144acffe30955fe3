//! The format of session files.
//!
//! The first line has the version, and each further entry is a word, the lengths of its
//! texts, and the texts:
//!
//! ```text
//! orchestration session 1
//! profile 4:corp
//! found 7 12:refresh…
//! end
//! ```
//!
//! Nothing needs to be escaped, so that reading a secret makes no copy of it that would
//! have to be wiped.

use orchestration_sandbox::{SecretOrigin, Session, SessionSecret};
use orchestration_support::Secret;
use zeroize::Zeroizing;

use super::record::SessionRecord;
use super::tie::SessionTie;

/// The most bytes of a session file: 64 KiB for the strategy, and what the host adds.
pub const MAX_SESSION_BYTES: usize = 72 << 10;

/// How every version begins.
const MAGIC: &str = "orchestration session ";
const VERSION: &str = "1";

/// The last entry.
const END: &str = "end";

/// Why the bytes of a file are no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DamagedSession {
    /// A newer version of the product wrote it, or something else.
    #[error("it has another version of the format")]
    Version,
    /// Some of it is missing, or was changed.
    #[error("it is damaged")]
    Damaged,
}

use DamagedSession::Damaged;

impl SessionRecord {
    /// Returns the content of the file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Self { tie: SessionTie { profile, auth_type, component, server, issuer }, .. } = self;
        let Session { secrets, notes, account, expires_at, renews, saved: _ } = &self.session;
        let (since, saved) = (self.since.to_string(), self.saved.to_string());
        let expires_at = expires_at.map(|at| at.to_string());
        // A vector that grows leaves copies behind.
        let mut writer = Writer(Zeroizing::new(Vec::with_capacity(self.size())));
        writer.line(&format!("{MAGIC}{VERSION}"));
        writer.entry("profile", &[profile]);
        writer.entry("strategy", &[auth_type]);
        writer.entry("component", &[component]);
        writer.entry("server", &[server]);
        writer.entry("issuer", &[issuer]);
        writer.entry("since", &[&since]);
        writer.entry("saved", &[&saved]);
        self.keyring.iter().for_each(|name| writer.entry("keyring", &[name]));
        expires_at.iter().for_each(|at| writer.entry("expires", &[at]));
        if *renews {
            writer.entry("renews", &[]);
        }
        account.iter().for_each(|account| writer.entry("account", &[account]));
        notes.iter().for_each(|(name, text)| writer.entry("note", &[name, text]));
        for SessionSecret { name, text, origin } in secrets {
            writer.entry(word(*origin), &[name, text.expose()]);
        }
        writer.line(END);
        writer.0
    }

    /// Returns at least the size of the file.
    fn size(&self) -> usize {
        // A word, two lengths and what separates them.
        const ENTRY: usize = 64;
        let Self { tie: SessionTie { profile, auth_type, component, server, issuer }, .. } = self;
        let Session { secrets, notes, account, .. } = &self.session;
        let texts = [profile, auth_type, component, server, issuer].into_iter();
        let texts = texts.chain(account).chain(&self.keyring);
        let notes = notes.iter().map(|(name, text)| ENTRY + name.len() + text.len());
        let secrets =
            secrets.iter().map(|secret| ENTRY + secret.name.len() + secret.text.expose().len());
        let texts = texts.map(|text| ENTRY + text.len());
        9 * ENTRY + texts.chain(notes).chain(secrets).sum::<usize>()
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    ///
    /// Fails with [`DamagedSession`] if it is not one that [`to_bytes`](Self::to_bytes)
    /// could have returned.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DamagedSession> {
        let mut reader = Reader(bytes);
        let version = reader.line()?.strip_prefix(MAGIC).ok_or(Damaged)?;
        if version != VERSION {
            return Err(DamagedSession::Version);
        }
        let mut entries = Entries::default();
        while let Some((word, texts)) = reader.entry()? {
            entries.add(word, &texts)?;
        }
        let record = entries.record()?;
        // Numbers can be written in several ways, and entries in any order.
        let is_as_written = reader.0.is_empty() && *record.to_bytes() == *bytes;
        if is_as_written { Ok(record) } else { Err(Damaged) }
    }
}

/// The word for the origin of a secret.
fn word(origin: SecretOrigin) -> &'static str {
    match origin {
        SecretOrigin::Found => "found",
        SecretOrigin::Generated => "generated",
        SecretOrigin::Composed => "composed",
    }
}

struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn line(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'\n');
    }

    fn entry(&mut self, word: &str, texts: &[&str]) {
        self.0.extend_from_slice(word.as_bytes());
        for text in texts {
            self.0.extend_from_slice(format!(" {}", text.len()).as_bytes());
        }
        self.0.push(b':');
        texts.iter().for_each(|text| self.0.extend_from_slice(text.as_bytes()));
        self.0.push(b'\n');
    }
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Returns the next line, which has no text of its own and so is short.
    fn line(&mut self) -> Result<&'a str, DamagedSession> {
        let end = self.0.iter().take(64).position(|byte| *byte == b'\n').ok_or(Damaged)?;
        let (line, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        str::from_utf8(line).map_err(|_| Damaged)
    }

    /// Returns the next word and its texts; `None` for the last entry.
    fn entry(&mut self) -> Result<Option<(&'a str, Vec<&'a str>)>, DamagedSession> {
        let mut start = self.0.iter().take(64);
        let Some(end) = start.position(|byte| matches!(byte, b':' | b'\n')) else {
            return Err(Damaged);
        };
        if self.0.get(end) == Some(&b'\n') {
            let is_end = self.line()? == END;
            return if is_end { Ok(None) } else { Err(Damaged) };
        }
        let (head, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        let mut head = str::from_utf8(head).map_err(|_| Damaged)?.split(' ');
        let word = head.next().unwrap_or_default();
        let texts = head.map(|length| self.text(length)).collect::<Result<_, _>>()?;
        self.0 = self.0.strip_prefix(b"\n").ok_or(Damaged)?;
        Ok(Some((word, texts)))
    }

    fn text(&mut self, length: &str) -> Result<&'a str, DamagedSession> {
        let length: usize = length.parse().map_err(|_| Damaged)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| Damaged)
    }
}

/// The entries that were read.
#[derive(Default)]
struct Entries {
    profile: Option<String>,
    auth_type: Option<String>,
    component: Option<String>,
    server: Option<String>,
    issuer: Option<String>,
    since: Option<u64>,
    saved: Option<u64>,
    keyring: Option<String>,
    session: Session,
}

impl Entries {
    fn add(&mut self, word: &str, texts: &[&str]) -> Result<(), DamagedSession> {
        match (word, texts) {
            ("profile", [text]) => once(&mut self.profile, (*text).to_owned()),
            ("strategy", [text]) => once(&mut self.auth_type, (*text).to_owned()),
            ("component", [text]) => once(&mut self.component, (*text).to_owned()),
            ("server", [text]) => once(&mut self.server, (*text).to_owned()),
            ("issuer", [text]) => once(&mut self.issuer, (*text).to_owned()),
            ("since", [text]) => once(&mut self.since, number(text)?),
            ("saved", [text]) => once(&mut self.saved, number(text)?),
            ("keyring", [text]) => once(&mut self.keyring, (*text).to_owned()),
            ("expires", [text]) => once(&mut self.session.expires_at, number(text)?),
            ("renews", []) if !self.session.renews => {
                self.session.renews = true;
                Ok(())
            }
            ("account", [text]) => once(&mut self.session.account, (*text).to_owned()),
            ("note", [name, text]) => {
                self.session.notes.push(((*name).to_owned(), (*text).to_owned()));
                Ok(())
            }
            (kind, [name, text]) => {
                let origins =
                    [SecretOrigin::Found, SecretOrigin::Generated, SecretOrigin::Composed];
                let origin = origins.into_iter().find(|origin| word_is(*origin, kind));
                let (name, text) = ((*name).to_owned(), Secret::from(*text));
                let secret = SessionSecret { name, text, origin: origin.ok_or(Damaged)? };
                self.session.secrets.push(secret);
                Ok(())
            }
            _ => Err(Damaged),
        }
    }

    fn record(self) -> Result<SessionRecord, DamagedSession> {
        let tie = SessionTie {
            profile: self.profile.ok_or(Damaged)?,
            auth_type: self.auth_type.ok_or(Damaged)?,
            component: self.component.ok_or(Damaged)?,
            server: self.server.ok_or(Damaged)?,
            issuer: self.issuer.ok_or(Damaged)?,
        };
        let (since, saved) = (self.since.ok_or(Damaged)?, self.saved.ok_or(Damaged)?);
        Ok(SessionRecord { tie, since, saved, keyring: self.keyring, session: self.session })
    }
}

fn word_is(origin: SecretOrigin, kind: &str) -> bool {
    word(origin) == kind
}

/// Sets what may be there once only.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), DamagedSession> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Damaged),
    }
}

fn number(text: &str) -> Result<u64, DamagedSession> {
    text.parse().map_err(|_| Damaged)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::{DamagedSession, SecretOrigin, Session, SessionRecord, SessionSecret, SessionTie};

    fn record() -> SessionRecord {
        let secret = |name: &str, text: &str, origin| SessionSecret {
            name: name.to_owned(),
            text: text.into(),
            origin,
        };
        SessionRecord {
            tie: SessionTie {
                profile: "corp".to_owned(),
                auth_type: "corp-sso".to_owned(),
                component: "ab".repeat(32),
                server: "https://llm.corp.example".to_owned(),
                issuer: "https://login.corp.example/realms/corp".to_owned(),
            },
            since: 1_764_362_469,
            saved: u64::MAX,
            keyring: Some("ef".repeat(32)),
            session: Session {
                secrets: vec![
                    secret("refresh", "rt-\n1:2\nend\n", SecretOrigin::Found),
                    secret("", "", SecretOrigin::Composed),
                    secret("ü", "\0", SecretOrigin::Generated),
                ],
                notes: vec![("scope".to_owned(), "openid\nend".to_owned())],
                account: Some("ada@corp.example".to_owned()),
                expires_at: Some(0),
                renews: true,
                saved: None,
            },
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = record().to_bytes();
        let read = SessionRecord::from_bytes(&bytes).unwrap();
        assert_eq!(*read.to_bytes(), *bytes);
        assert_eq!(read.session.secrets[0].text.expose(), "rt-\n1:2\nend\n");
        assert_eq!(read.session.secrets[1].origin, SecretOrigin::Composed);
        assert_eq!(read.tie, record().tie);
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_damaged() {
        let bytes = record().to_bytes();
        for end in 0..bytes.len() {
            let read = SessionRecord::from_bytes(&bytes[..end]);
            assert_eq!(read.map(drop), Err(DamagedSession::Damaged), "{end}");
        }
        let more = [&bytes[..], b"\n"].concat();
        assert_eq!(SessionRecord::from_bytes(&more).map(drop), Err(DamagedSession::Damaged));
    }

    #[test]
    fn another_version_is_told_from_a_damaged_file() {
        let text = String::from_utf8(record().to_bytes().to_vec()).unwrap();
        for version in ["2", "10", "1.1", ""] {
            let other = text.replacen(" session 1\n", &format!(" session {version}\n"), 1);
            let read = SessionRecord::from_bytes(other.as_bytes());
            assert_eq!(read.map(drop), Err(DamagedSession::Version), "{version}");
        }
    }

    #[test]
    fn every_entry_is_there_once() {
        let text = String::from_utf8(record().to_bytes().to_vec()).unwrap();
        let words = ["profile", "strategy", "component", "server", "issuer", "since", "saved"];
        for word in words {
            let line = text.lines().find(|line| line.starts_with(word)).unwrap();
            for changed in [
                text.replace(&format!("{line}\n"), ""),
                text.replace(line, &format!("{line}\n{line}")),
            ] {
                let read = SessionRecord::from_bytes(changed.as_bytes());
                assert_eq!(read.map(drop), Err(DamagedSession::Damaged), "{word}");
            }
        }
    }

    #[test]
    fn debug_output_contains_no_text_of_a_session() {
        let printed = format!("{:?}", record());
        assert!(printed.contains("refresh") && !printed.contains("rt-"), "{printed}");
        assert!(!printed.contains("openid"), "{printed}");
    }
}
