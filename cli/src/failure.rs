//! What goes wrong with a command, and the only place that words it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use orchestration_runtime::{
    CasesError, CheckError, ConfigError, ErrorKind, Failure, LoadError, ProviderError, Unused,
    UnusedReason, Verdict, did_you_mean,
};
use toml_edit::TomlError;

use crate::config;
use crate::exit::Exit;
use crate::output::{BAD, WARNING};
use crate::report::{Location, Problem, ProblemKind, ProfileReport};
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
    /// What was asked for is against the policy that was asked for too.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A project's file could not be trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The manual pages could not be written.
    #[error("manual pages can't be written to {}: {source}", folder.display())]
    Man {
        /// Where to.
        folder: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
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
            | Self::Policy(_)
            | Self::Trust(_)
            | Self::Man { .. }
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
            Self::Policy(error) => Some(error.hint()),
            Self::Trust(error) => error.hint(),
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
            | Self::Man { .. }
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

impl CliError {
    /// The same as data, for who reads results with a program.
    pub(crate) fn problem(&self) -> Problem<'_> {
        let (kind, location) = match self {
            Self::Config(ConfigError::Read { path, .. }) => {
                (ProblemKind::Configuration, Some((path, None)))
            }
            Self::Config(ConfigError::Mistake { path, excerpt, .. }) => {
                (ProblemKind::Configuration, Some((path, Some(excerpt.line))))
            }
            Self::Provider(ProviderError::UnknownProfile { .. }) => {
                (ProblemKind::UnknownProfile, None)
            }
            Self::Provider(ProviderError::Sandbox(_)) => (ProblemKind::Sandbox, None),
            Self::Policy(_) => (ProblemKind::Policy, None),
            _ => (ProblemKind::Other, None),
        };
        let help = match self {
            Self::Config(ConfigError::Mistake { help, .. }) => help.clone(),
            error => error.hint(),
        };
        let location = location.map(|(path, line)| Location { file: path.to_string_lossy(), line });
        Problem { kind, message: self.to_string(), hint: help, location }
    }
}

/// Why a policy of `auth check` lets no check begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyError {
    /// `--locked`, and the profile is in no file.
    #[error("profile '{0}' is not in providers.toml, which --locked asks for")]
    NotWritten(String),
    /// `--no-builtin-profiles`, and the profile is one.
    #[error("profile '{0}' is built in, which --no-builtin-profiles leaves out")]
    BuiltInProfile(String),
    /// No profile is left.
    #[error("there is no profile to check: providers.toml has none")]
    NothingToCheck,
}

impl PolicyError {
    fn hint(&self) -> String {
        match self {
            Self::NotWritten(name) => format!(
                "write it down with: orchestration profile add {name}\n  or leave out what is \
                 built in with --no-builtin-profiles"
            ),
            Self::BuiltInProfile(name) => {
                format!("write it down with: orchestration profile add {name}")
            }
            Self::NothingToCheck => "name the file with --config FILE".to_owned(),
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

/// Why the file of a project was not trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// There is none.
    #[error("no folder from here upwards has an .orchestration/providers.toml")]
    NoProject,
    /// It can't be trusted at all.
    #[error("{}", left_out_because(.0))]
    Unusable(Unused),
    /// Nobody is there to be asked.
    #[error("there is no terminal to ask on whether to trust it")]
    NobodyToAsk,
    /// The answer was no.
    #[error("it was not trusted")]
    Declined,
    /// It could not be written down.
    #[error("what is trusted could not be written down: {0}")]
    Record(#[source] io::Error),
}

impl TrustError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoProject => Some("change into the project, and try again".to_owned()),
            Self::NobodyToAsk => Some("if you trust it: orchestration trust --yes".to_owned()),
            Self::Unusable(_) | Self::Declined | Self::Record(_) => None,
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
    /// `--api-key-env` got something else than a name, most likely the key.
    #[error("--api-key-env takes the name of the variable that holds the key, never the key")]
    KeyVariable,
    /// The name is none that a profile can have.
    #[error(
        "a profile's name is made of letters, digits, '-', '_' and '.', starts with a letter or \
         a digit and has at most 64 characters"
    )]
    ProfileName,
    /// The profile is there already.
    #[error("profile '{name}' is already in {}", path.display())]
    ProfileExists {
        /// The profile.
        name: String,
        /// Where it is.
        path: PathBuf,
    },
    /// The profile is not in the file.
    #[error("no profile '{name}' in {}", path.display())]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
        /// The profiles that are there.
        available: Vec<String>,
    },
    /// The editor did not end well.
    #[error("the editor '{0}' failed: {1}")]
    Editor(String, String),
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
            Self::ProfileExists { .. } => {
                Some("change it with: orchestration profile edit".to_owned())
            }
            Self::UnknownProfile { name, available, .. } => {
                Some(named_there(name, available, "profiles"))
            }
            Self::Editor(..) => Some("set VISUAL or EDITOR".to_owned()),
            Self::Changed { .. } => Some("nothing was written; try again".to_owned()),
            Self::Unknown { name, available, .. } => {
                Some(named_there(name, available, "strategies"))
            }
            _ => None,
        }
    }
}

/// What there is in place of `name`, and the one of it that was most likely meant.
fn named_there(name: &str, available: &[String], noun: &str) -> String {
    if available.is_empty() {
        return format!("no {noun} are configured there");
    }
    let meant = did_you_mean(name, available);
    format!("{meant}configured {noun}: {}", available.join(", "))
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

/// Says on stderr why rows of a table are as they are. What several profiles
/// have in common, a strategy that is broken say, is said once.
pub(crate) fn explain_all<'a>(errors: impl IntoIterator<Item = &'a ProviderError>) {
    let mut told: HashMap<_, (usize, Vec<&ProviderError>)> = HashMap::new();
    for (place, error) in errors.into_iter().enumerate() {
        let alike = told.entry((without_profile(error), error.hint()));
        alike.or_insert_with(|| (place, Vec::new())).1.push(error);
    }
    let mut told: Vec<_> = told.into_iter().collect();
    told.sort_by_key(|(_, (place, _))| *place);
    for ((words, hint), (_, alike)) in told {
        match alike.as_slice() {
            [error] => explain(error),
            _ => tell(&worded(&format!("{}: {words}", profiles(&alike)), hint)),
        }
    }
}

/// What happened, without the profile's name, which is said beside it.
pub(crate) fn without_profile(error: &ProviderError) -> String {
    match error {
        ProviderError::Strategy { auth_type, failure, .. } => failure.sentence(auth_type),
        error => error.to_string(),
    }
}

/// The names of the profiles, as many as a line takes.
fn profiles(errors: &[&ProviderError]) -> String {
    const NAMED: usize = 5;
    let names = errors.iter().filter_map(|error| match error {
        ProviderError::Strategy { profile, .. } => Some(format!("'{profile}'")),
        _ => None,
    });
    let named: Vec<String> = names.take(NAMED).collect();
    let more = errors.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("profiles {}{more}", named.join(", "))
}

/// Says on stderr why a profile did not pass whose strategy found nothing wrong.
pub(crate) fn explain_outcome(profile: &ProfileReport<'_>) {
    let message = profile.message.as_deref().unwrap_or_default();
    tell(&worded(&format!("profile '{}': {message}", profile.profile), profile.hint.clone()));
}

/// Warns that the file of the project counts for nothing.
pub(crate) fn left_out(unused: &Unused) {
    let (because, remedy) = (left_out_because(unused), config::remedy(unused));
    tell(&format!("{WARNING}warning{WARNING:#}: {because}\n  {remedy}"));
}

/// What is said of a project's file that is not used.
pub(crate) fn left_out_because(unused: &Unused) -> String {
    let path = unused.path.display();
    match &unused.reason {
        UnusedReason::Unknown => format!("{path} is not used: you have not trusted it"),
        UnusedReason::Changed => {
            format!("{path} is not used: it has changed since you trusted it")
        }
        UnusedReason::Link => format!("{path} is not used: it is a symbolic link"),
        UnusedReason::Unreadable(reason) => format!("{path} is not used: {reason}"),
    }
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

/// Asks something on stderr; the answer is typed in the same line.
pub(crate) fn ask(question: &str) {
    spinner::erase();
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
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
