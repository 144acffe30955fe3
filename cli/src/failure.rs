//! What goes wrong with a command, and the only place that words it.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use orchestration_runtime::{
    CasesError, CheckError, ConfigError, ErrorKind, Failure, LoadError, ProviderError, Verdict,
    nearest,
};
use toml_edit::TomlError;

use crate::exit::Exit;
use crate::output::{BAD, WARNING};
use crate::spinner;

/// Why a command gave no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The profiles could not be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A profile that is not there, or a strategy that failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// providers.toml could not be changed.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// There is nothing to be answered.
    #[error("there is no message to answer")]
    NoMessage,
    /// What is to be answered can't be read.
    #[error("the message can't be read: {0}")]
    Message(#[source] io::Error),
    /// A secret was about to be written on a terminal.
    #[error("a terminal keeps what it shows, so the key of '{profile}' is not written to this one")]
    Terminal {
        /// The profile.
        profile: String,
    },
    /// A command could not be run.
    #[error("{} can't be run: {reason}", command.display())]
    Exec {
        /// The command.
        command: OsString,
        /// What the system said.
        reason: io::Error,
    },
    /// A new project could not be written.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The cases of a component can't be used.
    #[error(transparent)]
    Cases(#[from] CasesError),
    /// `--env` got no name, or no value.
    #[error("--env takes NAME=VALUE, with the name of an environment variable")]
    MadeUp,
    /// There is no place for compiled code.
    #[error("there is no home folder to keep compiled code in")]
    NoCache,
    /// The compiled code can't be reached.
    #[error("the cache of compiled code can't be used: {0}")]
    Cache(#[source] io::Error),
    /// The result could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Provider(ProviderError::Unusable { failure, .. }) => match **failure {
                // The file was named on the command line.
                Failure::Load(LoadError::Read { .. }) => Exit::Usage,
                _ => Exit::StrategyFailed,
            },
            Self::Provider(error) => match (error, error.kind()) {
                (_, ErrorKind::Missing | ErrorKind::Expired | ErrorKind::Invalid) => Exit::NotValid,
                (ProviderError::Call { .. }, ErrorKind::Unsupported)
                | (
                    ProviderError::UnknownProfile { .. }
                    | ProviderError::UnknownProvider { .. }
                    | ProviderError::NoModel { .. },
                    _,
                ) => Exit::Usage,
                _ => Exit::StrategyFailed,
            },
            Self::Exec { reason, .. } if reason.kind() == io::ErrorKind::NotFound => {
                Exit::NoSuchCommand
            }
            Self::Exec { .. } => Exit::CannotRun,
            Self::Terminal { .. }
            | Self::Config(_)
            | Self::Edit(_)
            | Self::NoMessage
            | Self::Message(_)
            | Self::Project(_)
            | Self::Cases(_)
            | Self::MadeUp
            | Self::NoCache
            | Self::Cache(_)
            | Self::Output(_) => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Provider(ProviderError::NoModel { profile }) => Some(format!(
                "name one with --model MODEL, or with default_model = \"MODEL\" in [profiles.{profile}]"
            )),
            Self::Provider(error) => error.hint(),
            Self::NoMessage => Some("write it behind the options, or pipe it in".to_owned()),
            Self::Edit(error) => error.hint(),
            Self::Project(error) => error.hint(),
            Self::Config(ConfigError::Read { .. }) => {
                Some("name another file with --config FILE".to_owned())
            }
            Self::NoCache => Some("set HOME or XDG_CACHE_HOME".to_owned()),
            Self::Terminal { .. } => {
                Some("write it to a pipe or a file, or show it with --show-token".to_owned())
            }
            Self::Config(ConfigError::Mistake { .. })
            | Self::Cases(_)
            | Self::MadeUp
            | Self::Message(_)
            | Self::Exec { .. }
            | Self::Cache(_)
            | Self::Output(_) => None,
        }
    }
}

impl From<CheckError> for CliError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Component(error) => error.into(),
            CheckError::Cases(error) => error.into(),
        }
    }
}

/// Why a new project was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectError {
    /// Something of that name is there.
    #[error("{} is there already, and nothing in it was changed", .0.display())]
    IsThere(PathBuf),
    /// The file system said no.
    #[error("the project in {} can't be written: {source}", folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

impl ProjectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::IsThere(_) => Some("choose another name, or move it away".to_owned()),
            Self::Write { .. } => None,
        }
    }
}

/// Why providers.toml could not be changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// There is no place for it.
    #[error("there is no home folder to keep providers.toml in")]
    NoPlace,
    /// The name is none that an auth type can have.
    #[error(
        "an auth type is made of letters, digits, '-' and '_', starts with a letter or a digit \
         and has at most 64 characters"
    )]
    Name,
    /// The auth type is taken.
    #[error("auth type '{0}' is built in")]
    BuiltIn(String),
    /// `--env` got something else than a name, most likely with a value in it.
    #[error("--env takes the name of an environment variable, never its value")]
    Variable,
    /// The path can't be written down.
    #[error("the path {} is not Unicode, which providers.toml has to be", .0.display())]
    Path(PathBuf),
    /// No strategy of this name is configured.
    #[error("no strategy '{name}' in {}", path.display())]
    Unknown {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
        /// The strategies that are configured there.
        available: Vec<String>,
    },
    /// The file could not be read, or not be written.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// Somebody else was faster.
    #[error("{} was changed by somebody else just now", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The text that came out could not be loaded.
    #[error("{} was left as it is, since it would not load any more: {source}", path.display())]
    WouldNotLoad {
        /// The file.
        path: PathBuf,
        /// Why it would not.
        source: ConfigError,
    },
    /// The text that is there could not be taken apart.
    #[error("providers.toml can't be changed as it is written: {0}")]
    Toml(#[from] TomlError),
}

impl EditError {
    /// What to do now, where something can be said.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NoPlace => Some("name a file with --config FILE".to_owned()),
            Self::BuiltIn(_) => Some("give the strategy another auth type".to_owned()),
            Self::Changed { .. } => Some("nothing was written; try again".to_owned()),
            Self::Unknown { available, .. } if available.is_empty() => {
                Some("no strategies are configured there".to_owned())
            }
            Self::Unknown { name, available, .. } => {
                let near = nearest(name, available.iter().map(String::as_str));
                let meant = near.map(|near| format!("did you mean '{near}'? "));
                let meant = meant.unwrap_or_default();
                Some(format!("{meant}configured strategies: {}", available.join(", ")))
            }
            _ => None,
        }
    }
}

/// Shows an error on stderr. One that can't be shown has nowhere left to go.
pub(crate) fn show(error: &CliError) {
    let shown = match error {
        CliError::Config(ConfigError::Mistake { path, message, help, excerpt }) => {
            let snippet = Snippet::source(excerpt.text.as_str())
                .line_start(excerpt.line)
                .path(path.display().to_string())
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone()));
            let mistake = Level::ERROR.primary_title(message.as_str()).element(snippet);
            let help = help.iter().map(|help| Group::with_title(Level::HELP.secondary_title(help)));
            let groups: Vec<Group<'_>> = std::iter::once(mistake).chain(help).collect();
            Renderer::styled().render(&groups)
        }
        error => worded(&error.to_string(), error.hint()),
    };
    tell(&shown);
}

/// Says on stderr why a row of a table is as it is.
pub(crate) fn explain(error: &ProviderError) {
    tell(&worded(&error.to_string(), error.hint()));
}

/// Says on stderr why the credential of a profile is refused, or not verified.
pub(crate) fn explain_verdict(profile: &str, verdict: &Verdict) {
    let reason: &dyn Display = match verdict {
        Verdict::Valid { .. } | Verdict::NotRequired => return,
        Verdict::Invalid(refusal) => {
            let message = format!("profile '{profile}': {refusal}");
            return tell(&worded(&message, verdict.hint(profile)));
        }
        Verdict::Unreachable(error) => error,
        Verdict::Unknown(doubt) => doubt,
    };
    let hint = verdict.hint(profile).map(|hint| format!("\n  {hint}")).unwrap_or_default();
    tell(&format!(
        "{WARNING}warning{WARNING:#}: profile '{profile}' was not verified: {reason}{hint}"
    ));
}

/// Warns of what the runtime noted: what happened, and the fields of the note.
pub(crate) fn warn(message: &str, fields: &[(&'static str, String)]) {
    let fields: String =
        fields.iter().map(|(name, value)| format!("\n  {name}: {value}")).collect();
    tell(&format!("{WARNING}warning{WARNING:#}: {message}{fields}"));
}

/// Warns that a strategy was taken in which declares more than it is granted.
pub(crate) fn not_granted(auth_type: &str, lacking: &[&String], command: &str) {
    let lacking: Vec<&str> = lacking.iter().map(|name| name.as_str()).collect();
    let lacking = lacking.join(", ");
    tell(&format!(
        "{WARNING}warning{WARNING:#}: strategy '{auth_type}' needs {lacking}, which it is not \
         granted\n  if you want to grant it: {command}"
    ));
}

/// Warns that a strategy is gone which profiles ask for.
pub(crate) fn still_used(auth_type: &str, profiles: &[&str]) {
    let noun = if profiles.len() == 1 { "profile" } else { "profiles" };
    let profiles = profiles.join(", ");
    tell(&format!(
        "{WARNING}warning{WARNING:#}: auth type '{auth_type}' is still used by {noun} {profiles}"
    ));
}

/// Tells somebody at a terminal what they would not know.
pub(crate) fn note(text: &str) {
    tell(text);
}

/// Says that there is nothing to print, and that this is no failure.
pub(crate) fn no_key_needed(profile: &str) {
    tell(&format!("No authentication required for {profile} profile"));
}

/// Says something on stderr, at once.
fn tell(text: &str) {
    spinner::erase();
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn worded(message: &str, hint: Option<String>) -> String {
    let hint = hint.map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{BAD}error{BAD:#}: {message}{hint}")
}
