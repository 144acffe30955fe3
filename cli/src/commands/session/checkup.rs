//! What is wrong with the sessions of the user, for `orchestration doctor`.
//!
//! A strategy that finds a file which it must not use moves it out of its way, with a warning
//! that is easily missed. Here all of them are looked at, and nothing is changed.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use orchestration_runtime::{
    Credentials, ErrorKind, Kept, KeptFileFault, ProviderError, ProviderProfile, Remedy, Sessions,
    Source, StoredSession, UnfitSession, others_can_use, sanitize_path,
};

use super::stored::Known;
use crate::commands::key_file::Checked;
use crate::host::Host;
use crate::remedy;
use crate::ui::text;

/// Checks the sessions of the current user, and the directory that they are in.
pub(in crate::commands) fn check(host: &Host) -> Vec<Checked> {
    let Some(sessions) = Sessions::of_current_user() else { return Vec::new() };
    let (stored, aside) = match sessions.list().and_then(|stored| Ok((stored, sessions.aside()?))) {
        Ok(found) => found,
        Err(error) => return vec![unusable(sessions.directory(), &error)],
    };
    let mut checked: Vec<Checked> = open(sessions.directory()).into_iter().collect();
    let files: HashMap<PathBuf, &ProviderProfile> = host
        .providers
        .profiles()
        .filter_map(|profile| Some((host.registry.session_file(profile)?, &**profile)))
        .collect();
    let found = stored.into_iter().map(|StoredSession { path, record, .. }| {
        let profile = files.get(&path).copied();
        match record {
            Ok(record) => used(host, profile, Known { path, record }),
            Err(unfit) => unfit_file(host, &path, profile, &unfit),
        }
    });
    checked.extend(found);
    checked.extend(aside.iter().map(|path| left_over(path)));
    if checked.is_empty() {
        checked.push(Checked { seen: "no one is signed in".to_owned(), remedy: None });
    }
    checked
}

/// The directory can't be used at all.
fn unusable(directory: &Path, error: &io::Error) -> Checked {
    let is_directory = fs::symlink_metadata(directory).is_ok_and(|found| found.is_dir());
    let remedy = if is_directory { remedy::own(directory) } else { remedy::move_away(directory) };
    Checked { seen: format!("no session is used: {error}"), remedy: Some(remedy) }
}

/// Others can see which sessions there are.
fn open(directory: &Path) -> Option<Checked> {
    others_can_use(directory).then(|| Checked {
        seen: format!("others can look into {}", sanitize_path(directory)),
        remedy: Some(remedy::own(directory)),
    })
}

/// A session that the strategy of its profile can read. Only that one knows whether it is
/// still of use.
fn used(host: &Host, profile: Option<&ProviderProfile>, session: Known) -> Checked {
    let seen = format!("{} at {}", session.profile(), session.place());
    let (found, failure) = match profile.map(|profile| host.look(profile, None)) {
        Some(Ok(found)) => (Some(found), None),
        Some(Err(error)) => (None, problem(error)),
        None => (None, None),
    };
    match (failure, session.kept()) {
        (Some(error), _) => Checked {
            seen: format!("{seen}: {}", error.without_profile()),
            remedy: Some(match error.remedy() {
                Some(Remedy::Keyring { .. }) => remedy::for_provider(&error).unwrap_or_default(),
                _ => remedy::sign_in(&session.profile()),
            }),
        },
        (None, Kept::Session) => Checked { seen, remedy: None },
        (None, Kept::Key) => stored_key(&seen, found),
    }
}

/// Returns the error if the session is of no use because of it, now or any more.
fn problem(error: ProviderError) -> Option<ProviderError> {
    let is_about_it = !matches!(error, ProviderError::Placeholder { .. });
    let has_ended = is_about_it && matches!(error.kind(), ErrorKind::Expired | ErrorKind::Invalid);
    let is_out_of_reach = matches!(error.remedy(), Some(Remedy::Keyring { .. }));
    (has_ended || is_out_of_reach).then_some(error)
}

/// A stored key, and what is used in its place. Someone may have set that for this shell, so
/// it is no problem.
fn stored_key(seen: &str, found: Option<Credentials>) -> Checked {
    let other = found.and_then(|found| match found.source() {
        Source::Environment(name) => Some(format!("; {name} is set, which is used instead")),
        Source::File(path) => {
            Some(format!("; the key in {} is used instead", text::from_home(path)))
        }
        _ => None,
    });
    let seen = format!("stored key of {seen}{}", other.unwrap_or_default());
    Checked { seen, remedy: None }
}

/// A file that no strategy will use.
fn unfit_file(
    host: &Host,
    path: &Path,
    profile: Option<&ProviderProfile>,
    unfit: &UnfitSession,
) -> Checked {
    let of = profile.map(|profile| format!(" of {}", profile.name)).unwrap_or_default();
    let seen = format!("{}{of} is not used: {unfit}", sanitize_path(path));
    let remedy = match (unfit, profile) {
        // What is in it may still be good.
        (UnfitSession::File(KeptFileFault::Open), _) => remedy::deny_others(path),
        (_, Some(profile)) if host.registry.takes_stored_key(profile) => {
            remedy::store_key(&profile.name)
        }
        (_, Some(profile)) => remedy::sign_in(&profile.name),
        (_, None) => remedy::remove(path),
    };
    Checked { seen, remedy: Some(remedy) }
}

/// A file that was moved aside. It may hold all that is left of a sign-in.
fn left_over(path: &Path) -> Checked {
    let seen = format!("{} was moved aside, and may hold secrets", sanitize_path(path));
    Checked { seen, remedy: Some(remedy::remove(path)) }
}
