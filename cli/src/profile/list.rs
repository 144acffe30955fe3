//! `profile list`: one row a profile. No strategy is asked.

use orchestration_runtime::{ProviderProfile, ProvidersToml};

use super::place;
use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;
use crate::table::Layout;

const LAYOUT: Layout<5> = Layout {
    header: ["Profile", "Auth Type", "Variable", "Base URL", "From"],
    widths: [12, 10, 18, 28, 8],
    shortened: &[(4, 8), (3, 16), (2, 8), (0, 8), (1, 8)],
};

/// Shows the table.
pub(super) fn run(providers: &ProvidersToml) -> Result<Exit, CliError> {
    output::print(&LAYOUT.table(providers.profiles().map(|profile| row(providers, profile))))?;
    Ok(Exit::Fine)
}

fn row(providers: &ProvidersToml, profile: &ProviderProfile) -> [String; 5] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let from = providers.place(&profile.name).map(place);
    [
        profile.name.clone(),
        profile.auth_type.clone(),
        or_none(profile.api_key_env.clone()),
        or_none(profile.base_url.as_deref().map(output::without_password)),
        from.unwrap_or_else(|| "built in".to_owned()),
    ]
}
