//! `profile list`: one row a profile. No strategy is asked.

use orchestration_runtime::{Layer, ProviderProfile, ProvidersToml};

use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;
use crate::table::Layout;

const LAYOUT: Layout<5> = Layout {
    header: ["Profile", "Auth Type", "Variable", "Base URL", "From"],
    widths: [12, 10, 18, 28, 10],
    shortened: &[(3, 16), (2, 8), (0, 8), (1, 8)],
};

/// Shows the table.
pub(super) fn run(providers: &ProvidersToml) -> Result<Exit, CliError> {
    output::print(&LAYOUT.table(providers.profiles().map(|profile| row(providers, profile))))?;
    Ok(Exit::Fine)
}

fn row(providers: &ProvidersToml, profile: &ProviderProfile) -> [String; 5] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let from = providers.place(&profile.name).map_or("built in", |place| file(place.layer));
    [
        profile.name.clone(),
        profile.auth_type.clone(),
        or_none(profile.api_key_env.clone()),
        or_none(profile.base_url.as_deref().map(output::without_password)),
        from.to_owned(),
    ]
}

/// A path would not fit, and is the same in most rows; `profile show` has it.
fn file(layer: Layer) -> &'static str {
    match layer {
        Layer::User => "your file",
        Layer::Project => "project",
        Layer::Variable | Layer::Flag => "named file",
    }
}
