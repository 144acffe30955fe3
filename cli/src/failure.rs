//! What goes wrong with a command, and the only place that words it.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use orchestration_runtime::{ConfigError, ProviderError};

use crate::exit::Exit;
use crate::output::BAD;

/// Why a command gave no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The profiles could not be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A profile that is not there, or a strategy that failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The result could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Config(_)
            | Self::Output(_)
            | Self::Provider(ProviderError::UnknownProfile { .. }) => Exit::Usage,
            Self::Provider(
                ProviderError::Strategy { .. }
                | ProviderError::Unusable { .. }
                | ProviderError::Sandbox(_),
            ) => Exit::StrategyFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Provider(error) => error.hint(),
            Self::Config(ConfigError::Read { .. }) => {
                Some("name another file with --config FILE".to_owned())
            }
            Self::Config(ConfigError::Mistake { .. }) | Self::Output(_) => None,
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
    let _ = writeln!(anstream::stderr(), "{shown}");
}

/// Says on stderr why a row of a table is as it is.
pub(crate) fn explain(error: &ProviderError) {
    let _ = writeln!(anstream::stderr(), "{}", worded(&error.to_string(), error.hint()));
}

fn worded(message: &str, hint: Option<String>) -> String {
    let hint = hint.map(|hint| format!("\n  {hint}")).unwrap_or_default();
    format!("{BAD}error{BAD:#}: {message}{hint}")
}
