//! The command that a client runs for its key: this program, and the profile.

use std::env;
use std::path::{Path, PathBuf};

use super::error::ClientError;
use crate::program::NAME;

/// `orchestration auth token PROFILE`, as a client is told to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Helper {
    /// The executable; its path is absolute if this program wrote it.
    pub(crate) program: String,
    /// The file with the profiles, if it is not the usual one.
    pub(crate) config: Option<String>,
    /// `--format`, if the client wants another than the plain key.
    pub(crate) format: Option<String>,
    /// The profile.
    pub(crate) profile: String,
}

impl Helper {
    /// Returns the helper of this program for a profile, which is read from `config` if it is
    /// named.
    pub(super) fn new(
        profile: &str,
        config: Option<&Path>,
        format: Option<&str>,
    ) -> Result<Self, ClientError> {
        let program = this_program()?;
        // A client runs the command in any directory.
        let config = config.map(|file| std::path::absolute(file).unwrap_or_else(|_| file.into()));
        Ok(Self {
            program: written(&program)?,
            config: config.as_deref().map(written).transpose()?,
            format: format.map(str::to_owned),
            profile: profile.to_owned(),
        })
    }

    /// Returns the program and its arguments.
    pub(super) fn words(&self) -> Vec<String> {
        let option = |name: &str, value: &Option<String>| {
            value.iter().flat_map(|value| [name.to_owned(), value.clone()]).collect::<Vec<_>>()
        };
        [
            vec![self.program.clone()],
            option("--config", &self.config),
            vec!["auth".to_owned(), "token".to_owned()],
            option("--format", &self.format),
            vec![self.profile.clone()],
        ]
        .concat()
    }

    /// Returns the command as a line for a shell.
    pub(super) fn line(&self) -> String {
        self.words().iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`words`](Self::words) returned; `None` for any other command.
    pub(super) fn of_words(words: &[String]) -> Option<Self> {
        let (program, mut rest) = words.split_first()?;
        if Path::new(program).file_name()?.to_str()? != NAME {
            return None;
        }
        let config = match rest {
            [option, config, after @ ..] if option == "--config" => {
                rest = after;
                Some(config.clone())
            }
            _ => None,
        };
        let [auth, token, after @ ..] = rest else { return None };
        if (auth.as_str(), token.as_str()) != ("auth", "token") {
            return None;
        }
        let (format, profile) = match after {
            [profile] => (None, profile),
            [option, format, profile] if option == "--format" => (Some(format.clone()), profile),
            _ => return None,
        };
        Some(Self { program: program.clone(), config, format, profile: profile.clone() })
    }

    /// Reads what [`line`](Self::line) returned; `None` for any other line.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        Self::of_words(&words(line)?)
    }
}

/// Where this program is: as the user's `PATH` has it, since an upgrade may move the file that
/// a link there leads to.
fn this_program() -> Result<PathBuf, ClientError> {
    let file = env::current_exe().map_err(ClientError::Program)?;
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&path).filter(|directory| directory.is_absolute());
    let found = found.find_map(|directory| {
        let linked = directory.join(NAME);
        (linked.canonicalize().ok()? == file).then_some(linked)
    });
    Ok(found.unwrap_or(file))
}

/// A path as text, if a person can read it and a shell quote it.
fn written(path: &Path) -> Result<String, ClientError> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| ClientError::Path(path.to_owned()))
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The words of a line that needs nothing of a shell but quotes; `None` for any other.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '"' | '$' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '#' | '*' | '?' | '\n' => {
                return None;
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Helper;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for program in ["/usr/bin/orchestration", "/opt/it's here/$x/orchestration"] {
            for config in [None, Some("/etc/a b.toml".to_owned())] {
                for format in [None, Some("headers".to_owned())] {
                    let profile = "corp".to_owned();
                    let (program, config) = (program.to_owned(), config.clone());
                    let helper = Helper { program, config, format, profile };
                    assert_eq!(Helper::of_line(&helper.line()).unwrap(), helper);
                }
            }
        }
    }

    #[test]
    fn another_command_is_not_ours() {
        for line in [
            "",
            "op read op://vault/key",
            "/usr/bin/orchestration auth status",
            "/usr/bin/orchestration auth token",
            "/usr/bin/orchestration auth token corp; rm -rf /",
            "/usr/bin/orchestration auth token corp | tr -d x",
            "/usr/bin/other auth token corp",
            "'/usr/bin/orchestration auth token corp",
        ] {
            assert_eq!(Helper::of_line(line), None, "{line}");
        }
    }
}
