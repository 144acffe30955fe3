//! The parameters of one call of a strategy.

use std::sync::Arc;

use orchestration_support::Secret;

use crate::audit::Subject;
use crate::capabilities::environment::Environment;
use crate::capabilities::files::Files;
use crate::capabilities::http::Transport;
use crate::capabilities::store::SessionStore;
use crate::grants::Grants;
use crate::limits::Limits;
use crate::observation::Observer;
use crate::wall_clock::WallClock;

/// What one call may reach and use up.
///
/// A call is passed to a function of a [`Strategy`](crate::Strategy). It can be reused:
/// each call gets a fresh instance.
///
/// ```
/// use std::sync::Arc;
///
/// use orchestration_sandbox::{
///     Allocation, BUILT_IN, Call, Environment, Files, Grants, Limits, Profile, Sandbox, Subject,
///     WallClock,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limits = Limits::default();
/// let sandbox = Sandbox::new(limits.stack_bytes, Allocation::OnDemand)?;
/// let api_key = BUILT_IN.into_iter().find(|built_in| built_in.auth_type == "api_key");
/// let strategy = sandbox.load_built_in(api_key.unwrap())?;
///
/// let variables = [("CORP_KEY".to_owned(), "sk-corp-1234567890".into())];
/// let call = Arc::new(Call {
///     subject: Subject { strategy: "api_key".into(), profile: "corp".into() },
///     environment: Arc::new(Environment::Fixed(variables.into())),
///     files: Arc::new(Files::Machine),
///     transport: None,
///     sessions: None,
///     explicit_key: None,
///     grants: Grants::default().to_take(["CORP_KEY".to_owned()]),
///     limits,
///     clock: WallClock::Machine,
///     observer: None,
/// });
/// let base_url = "https://llm.corp.example/v1".parse()?;
/// let profile = Profile {
///     name: "corp",
///     provider: "openai",
///     base_url: Some(&base_url),
///     issuer: None,
///     api_key_env: Some("CORP_KEY"),
///     api_key_file: None,
///     fallback_env: None,
///     options: &[],
/// };
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// let credentials = runtime.block_on(strategy.get_credentials(call, profile))?;
/// assert_eq!(credentials.key().map(|key| key.expose()), Some("sk-corp-1234567890"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Call {
    /// The strategy and the profile that its audit events name.
    pub subject: Subject,
    /// The variables that it reads, if they are granted.
    pub environment: Arc<Environment>,
    /// The files that it takes, if they are granted.
    pub files: Arc<Files>,
    /// What sends its requests; without it, no server can be reached.
    pub transport: Option<Arc<dyn Transport>>,
    /// What keeps the session of the strategy for the profile; without it, there is none.
    pub sessions: Option<Arc<dyn SessionStore>>,
    /// The key that the caller passed explicitly, for the strategy the secret `explicit`.
    pub explicit_key: Option<Secret>,
    /// What the strategy may reach.
    pub grants: Grants,
    /// What the strategy may use up.
    pub limits: Limits,
    /// By which clock credentials begin and end.
    pub clock: WallClock,
    /// Records what the strategy does, for the conformance suite.
    pub observer: Option<Observer>,
}

impl Call {
    /// Returns the explicit key, unless it is blank.
    pub(crate) fn given_key(&self) -> Option<&Secret> {
        self.explicit_key.as_ref().filter(|key| !key.expose().trim().is_empty())
    }
}
