//! Errors and warnings on stderr.

use std::collections::HashMap;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use orchestration_runtime::{ConfigError, ProviderError, sanitize_path};

use crate::error::CliError;
use crate::remedy;
use crate::ui::stderr;

/// Shows why a command failed. A mistake in providers.toml is shown in its line.
pub(crate) fn show(error: &CliError) {
    let Some(ConfigError::Mistake { path, message, excerpt, .. }) = error.configuration() else {
        return stderr::error(&error.to_string(), error.hint());
    };
    // In a very long line, the excerpt does not reach the mistake.
    if excerpt.column > excerpt.text.chars().count() + 1 {
        return stderr::error(&error.to_string(), error.hint());
    }
    let snippet = Snippet::source(excerpt.text.as_str())
        .line_start(excerpt.line)
        .path(sanitize_path(path))
        .annotation(AnnotationKind::Primary.span(excerpt.span.clone()));
    let mistake = Level::ERROR.primary_title(message.as_str()).element(snippet);
    let help = error.hint().map(|help| Group::with_title(Level::HELP.secondary_title(help)));
    let groups: Vec<Group<'_>> = std::iter::once(mistake).chain(help).collect();
    stderr::note(&Renderer::styled().render(&groups));
}

/// Shows why a row of a table failed.
pub(crate) fn explain(error: &ProviderError) {
    stderr::error(&error.to_string(), remedy::for_provider(error).as_deref());
}

/// Shows why rows of a table failed. An error that several profiles share, e.g. a
/// broken strategy, is shown once.
pub(crate) fn explain_all<'a>(errors: impl IntoIterator<Item = &'a ProviderError>) {
    let mut shared: HashMap<_, (usize, Vec<&ProviderError>)> = HashMap::new();
    for (position, error) in errors.into_iter().enumerate() {
        let group = shared.entry((error.without_profile(), remedy::for_provider(error)));
        group.or_insert_with(|| (position, Vec::new())).1.push(error);
    }
    let mut shared: Vec<_> = shared.into_iter().collect();
    shared.sort_by_key(|(_, (position, _))| *position);
    for ((message, hint), (_, group)) in shared {
        match group.as_slice() {
            [error] => explain(error),
            _ => stderr::error(&format!("{}: {message}", profiles(&group)), hint.as_deref()),
        }
    }
}

/// The names of the profiles, as many as fit a line.
fn profiles(errors: &[&ProviderError]) -> String {
    const NAMED: usize = 5;
    let names = errors.iter().filter_map(|error| error.profile()).map(|name| format!("'{name}'"));
    let named: Vec<String> = names.take(NAMED).collect();
    let more = errors.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("profiles {}{more}", named.join(", "))
}
