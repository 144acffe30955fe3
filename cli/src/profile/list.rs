//! `profile list`: one row a profile. No strategy is asked.

use orchestration_runtime::{Layer, ProviderProfile, ProvidersToml};

use crate::exit::Exit;
use crate::failure::CliError;
use crate::output;
use crate::table::{Cell, Layout};

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

fn row<'a>(providers: &ProvidersToml, profile: &'a ProviderProfile) -> [Cell<'a>; 5] {
    let base_url = profile.base_url.as_deref().map(output::without_password);
    let from = providers.place(&profile.name).map_or("built in", |place| file(place.layer));
    [
        profile.name.as_str().into(),
        profile.auth_type.as_str().into(),
        profile.api_key_env.as_deref().unwrap_or("-").into(),
        base_url.map_or("-".into(), Cell::from),
        from.into(),
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
