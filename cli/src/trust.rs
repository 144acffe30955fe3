//! `orchestration trust`: shows what the file of a project asks for, and writes
//! down that the user trusts it.
//!
//! The question is about what a stranger may do with the user's keys, so that is
//! what is shown: which key goes to which host, and what code may read what.

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use orchestration_runtime::{
    FALLBACK_VARIABLE, Field, Origin, ProjectFile, ProviderProfile, ProvidersToml, StrategyConfig,
    Trust,
};

use crate::args::TrustArguments;
use crate::config::folder_of;
use crate::exit::Exit;
use crate::failure::{self, CliError, TrustError};
use crate::output;

/// Carries out the command for the project that one is in.
pub(crate) fn run(arguments: &TrustArguments) -> Result<Exit, CliError> {
    let here = std::env::current_dir()?;
    let file = ProjectFile::find(&here).map_err(TrustError::Unusable)?;
    let file = file.ok_or(TrustError::NoProject)?;
    let path = file.path().display();
    if arguments.revoke {
        let known = file.distrust().map_err(TrustError::Record)?;
        let said = if known { "is no longer trusted" } else { "was not trusted" };
        output::print(&format!("{path} {said}\n"))?;
        return Ok(Exit::Fine);
    }
    output::print(&asks_for(&file)?)?;
    if file.trust() == Trust::Trusted {
        output::print(&format!("{} {path} is trusted already\n", output::good()))?;
        return Ok(Exit::Fine);
    }
    if !arguments.yes {
        confirm()?;
    }
    file.trust_it().map_err(TrustError::Record)?;
    output::print(&format!("{} trusted {path}\n", output::good()))?;
    Ok(Exit::Fine)
}

fn confirm() -> Result<(), CliError> {
    if !io::stdin().is_terminal() {
        return Err(TrustError::NobodyToAsk.into());
    }
    failure::ask("Trust it? [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let yes = ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
    if yes { Ok(()) } else { Err(TrustError::Declined.into()) }
}

/// What the file asks for, a line each.
fn asks_for(file: &ProjectFile) -> Result<String, CliError> {
    let providers = file.providers()?;
    let mut fields = vec![("File", file.path().display().to_string())];
    let written = providers.profiles().filter(|profile| providers.place(&profile.name).is_some());
    fields.extend(written.map(|profile| ("Profile", profile_asks(&providers, profile))));
    let folder = folder_of(folder_of(file.path()));
    fields.extend(
        providers.strategies().map(|strategy| ("Strategy", strategy_asks(strategy, folder))),
    );
    Ok(output::fields(&fields))
}

/// E.g. `corp: sends CORP_TOKEN, or else OPENAI_API_KEY, to
/// https://llm.corp.example/v1, by way of corp-sso`.
fn profile_asks(providers: &ProvidersToml, profile: &ProviderProfile) -> String {
    let own = profile.api_key_env.as_deref();
    let mut key = own.unwrap_or("the strategy's credential").to_owned();
    // No line of the file names this one, and an agent would send it all the same.
    if profile.fallback_env && own != Some(FALLBACK_VARIABLE) {
        key += &format!(", or else {FALLBACK_VARIABLE},");
    }
    let host = profile.base_url.as_deref().map(output::without_password);
    let host = host.unwrap_or_else(|| format!("{}'s own host", profile.provider.escape_debug()));
    let mut asks = format!("{}: sends {key} to {host}", profile.name);
    if let Origin::Written(_) = providers.origin(&profile.name, Field::AuthType) {
        asks += &format!(", by way of {}", profile.auth_type);
    }
    asks
}

/// E.g. `corp-sso: runs strategies/corp-sso.wasm, which may read CORP_REGION`.
fn strategy_asks(strategy: &StrategyConfig, project: &Path) -> String {
    let reads = match strategy.env.as_slice() {
        [] => "nothing but the variable that a profile names".to_owned(),
        names => names.join(", "),
    };
    let Some(component) = &strategy.component else {
        return format!("{}: is built in, and may read {reads} too", strategy.auth_type);
    };
    let inside = component.path.strip_prefix(project).ok();
    let outside = inside.is_none_or(|path| path.components().any(|part| part.as_os_str() == ".."));
    let place = if outside { " (outside the project)" } else { "" };
    let path = component.path.display().to_string();
    let path = path.escape_debug();
    format!("{}: runs {path}{place}, which may read {reads}", strategy.auth_type)
}
