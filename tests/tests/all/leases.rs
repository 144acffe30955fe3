//! Credentials that end, in a program that runs for long.
//!
//! Promised here: however many tasks use a token, one request renews it, before its end and
//! while the old one is still used; a renewal that fails is no failure as long as the old
//! token works; a server that fails is left alone for seconds, and what the user has fixed is
//! seen at once; what another process has renewed is taken over; a token that the provider
//! refuses is not sent again; and nobody gets a token that ends sooner than it is needed.
//!
//! The time is that of the test, and the provider of identities one that others wrote.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use futures_util::future::join_all;
use orchestration_runtime::{
    AgentConfig, Allocation, AuthStrategy, Credentials, Environment, ErrorKind,
    OpenAiCompatibleProvider, Provider, ProviderError, ProviderProfile, ProvidersToml, Registry,
    Scope, Sessions, WallClock,
};
use orchestration_tests::Cli;
use orchestration_tests::fault::{Fault, FaultProxy};
use orchestration_tests::identity::{IdentityProvider, end_token_in, sessions};
use orchestration_tests::server::{Server, says, status};

/// How long the tokens of these tests last, in seconds, and how long before its end such a
/// token is renewed.
const LASTS: u32 = 3600;
const MARGIN: u64 = 360;

/// How many tasks ask at once.
const TASKS: usize = 50;

/// How often all of them find that their token has ended.
const ROUNDS: usize = 20;

const RENEWED: &str = "granted refresh_token";
const TOKEN: &[&str] = &["auth", "token", "corp"];

/// A program that uses the session in the home of `cli`.
struct Program {
    providers: ProvidersToml,
    registry: Registry,
    /// By how many seconds its clock is fast.
    fast: Arc<AtomicU64>,
}

impl Program {
    fn of(cli: &Cli) -> Self {
        let path = cli.home().join(".config/orchestration/providers.toml");
        let providers = ProvidersToml::load(&path).unwrap();
        let environment = Environment::Fixed([].into());
        let registry = Registry::new(&providers, environment, None, Allocation::OnDemand).unwrap();
        registry.keep_sessions_in(Sessions::at(sessions(cli)));
        let fast = Arc::<AtomicU64>::default();
        let ahead = Arc::clone(&fast);
        registry.take_time_from(WallClock::Function(Arc::new(move || {
            SystemTime::now() + Duration::from_secs(ahead.load(Ordering::Relaxed))
        })));
        Self { providers, registry, fast }
    }

    fn profile(&self) -> ProviderProfile {
        self.providers.profile("corp").unwrap().as_ref().clone()
    }

    fn strategy(&self) -> Box<dyn AuthStrategy> {
        self.registry.bind(self.profile(), None, Scope::OwnCredential).unwrap()
    }

    async fn obtain(&self) -> Result<String, ProviderError> {
        Ok(key(&self.strategy().obtain(Duration::ZERO).await?))
    }

    fn pass(&self, seconds: u64) {
        self.fast.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Lets the time pass until a token that was got a moment ago is to be renewed, and is
    /// still valid.
    fn pass_to_margin(&self) {
        self.pass(u64::from(LASTS) - MARGIN / 2);
    }
}

fn key(credentials: &Credentials) -> String {
    credentials.key().unwrap().expose().to_owned()
}

/// Asks from many tasks at once, each with a strategy of its own.
async fn ask_at_once<T: Send + 'static, F>(ask: impl Fn() -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..TASKS).map(|_| tokio::spawn(ask()));
    join_all(tasks).await.into_iter().map(|task| task.unwrap()).collect()
}

/// A provider, and a home whose user is signed in there.
fn signed_in() -> Option<(IdentityProvider, Cli)> {
    let provider = IdentityProvider::start(LASTS)?;
    let cli = provider.cli();
    provider.sign_in(&cli).exits_with(0);
    Some((provider, cli))
}

/// The same with a server in between that spoils answers.
fn signed_in_through_a_proxy() -> Option<(FaultProxy, Cli)> {
    let proxy = FaultProxy::start(LASTS)?;
    let cli = proxy.provider().cli();
    proxy.provider().sign_in(&cli).exits_with(0);
    Some((proxy, cli))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn are_renewed_once_however_many_tasks_ask_when_they_end() {
    let Some((provider, cli)) = signed_in() else { return };
    let program = Program::of(&cli);
    let strategies: Vec<Arc<dyn AuthStrategy>> =
        (0..TASKS).map(|_| program.strategy().into()).collect();
    let mut last = program.obtain().await.unwrap();
    for round in 1..=ROUNDS {
        program.pass(u64::from(LASTS) + 1);
        let asking = strategies.iter().map(Arc::clone).map(|strategy| {
            tokio::spawn(async move { key(&strategy.obtain(Duration::ZERO).await.unwrap()) })
        });
        let keys: Vec<String> =
            join_all(asking).await.into_iter().map(|task| task.unwrap()).collect();
        assert!(keys.iter().all(|key| *key == keys[0] && *key != last), "round {round}");
        assert_eq!(provider.count(RENEWED), round, "{:?}", provider.log());
        last = keys[0].clone();
    }
    assert!(provider.accepts(&last));
    assert_eq!(provider.count("revoked"), 0);
}

#[tokio::test]
async fn are_renewed_in_the_background_while_the_old_token_is_used() {
    let Some((proxy, cli)) = signed_in_through_a_proxy() else { return };
    let program = Program::of(&cli);
    let old = program.obtain().await.unwrap();
    program.pass_to_margin();
    // Nobody waits for a server that gives no answer.
    proxy.spoil(Fault::Hang);
    for _ in 0..3 {
        assert_eq!(program.obtain().await.unwrap(), old);
    }
    drop(proxy);

    let Some((provider, cli)) = signed_in() else { return };
    let program = Program::of(&cli);
    let old = program.obtain().await.unwrap();
    program.pass_to_margin();
    for _ in 0..3 {
        assert_eq!(program.obtain().await.unwrap(), old);
    }
    program.registry.finish_renewals().await;
    assert_eq!(provider.count(RENEWED), 1, "{:?}", provider.log());
    let new = program.obtain().await.unwrap();
    assert_ne!(new, old);
    assert!(provider.accepts(&new));
}

#[tokio::test]
async fn work_until_their_end_if_they_can_not_be_renewed() {
    let Some((proxy, cli)) = signed_in_through_a_proxy() else { return };
    let program = Program::of(&cli);
    let old = program.obtain().await.unwrap();
    program.pass_to_margin();
    proxy.spoil(Fault::Instead(status("503 Service Unavailable", &[], "")));
    assert_eq!(program.obtain().await.unwrap(), old);
    program.registry.finish_renewals().await;
    assert_eq!(program.obtain().await.unwrap(), old);

    program.pass(MARGIN);
    proxy.spoil(Fault::Instead(status("503 Service Unavailable", &[], "")));
    let error = program.obtain().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    program.pass(60);
    assert_ne!(program.obtain().await.unwrap(), old);
}

#[tokio::test]
async fn leave_a_server_that_fails_alone_for_seconds() {
    let Some((proxy, cli)) = signed_in_through_a_proxy() else { return };
    let asked = || proxy.token_requests();
    let before = asked();
    let program = Program::of(&cli);
    program.pass(u64::from(LASTS) + 1);
    for _ in 0..2 {
        proxy.spoil(Fault::Instead(status("500 Internal Server Error", &[], "")));
    }
    for _ in 0..3 {
        let errors = ask_at_once({
            let strategy: Arc<dyn AuthStrategy> = program.strategy().into();
            move || {
                let strategy = Arc::clone(&strategy);
                async move { strategy.obtain(Duration::ZERO).await.unwrap_err().kind() }
            }
        });
        assert!(errors.await.iter().all(|kind| *kind == ErrorKind::Unavailable));
    }
    assert_eq!(asked() - before, 1);
    program.pass(60);
    program.obtain().await.unwrap_err();
    assert_eq!(asked() - before, 2);
    program.pass(60);
    program.obtain().await.unwrap();
    assert_eq!(asked() - before, 3);
}

#[tokio::test]
async fn leave_a_server_alone_for_as_long_as_it_asks_within_reason() {
    let Some((proxy, cli)) = signed_in_through_a_proxy() else { return };
    let asked = || proxy.token_requests();
    let busy = |seconds| {
        let header = [("retry-after", seconds)];
        proxy.spoil(Fault::Instead(status("429 Too Many Requests", &header, "")));
    };
    let program = Program::of(&cli);
    program.pass(u64::from(LASTS) + 1);
    let before = asked();
    busy("60");
    program.obtain().await.unwrap_err();
    program.pass(30);
    program.obtain().await.unwrap_err();
    assert_eq!(asked() - before, 1, "it is asked again too soon");
    program.pass(31);
    program.obtain().await.unwrap();
    assert_eq!(asked() - before, 2);

    // Nobody waits for a day because a server says so, nor for a moment if told not to.
    program.pass(u64::from(LASTS));
    busy("86400");
    program.obtain().await.unwrap_err();
    program.pass(60);
    program.obtain().await.unwrap_err();
    assert_eq!(asked() - before, 3);
    program.pass(61);
    program.obtain().await.unwrap();
    assert_eq!(asked() - before, 4);
    program.pass(u64::from(LASTS));
    busy("60");
    program.obtain().await.unwrap_err();
    program.registry.renew(&program.profile()).await.unwrap();
    assert_eq!(asked() - before, 6);
}

#[tokio::test]
async fn hold_nothing_against_a_user_who_has_fixed_it() {
    let Some(provider) = IdentityProvider::start(LASTS) else { return };
    let cli = provider.cli();
    let program = Program::of(&cli);
    assert_eq!(program.obtain().await.unwrap_err().kind(), ErrorKind::Missing);
    provider.sign_in(&cli).exits_with(0);
    let first = program.obtain().await.unwrap();
    // In this process, signing out is known at once.
    program.registry.sign_out(&program.profile()).await.unwrap();
    assert_eq!(program.obtain().await.unwrap_err().kind(), ErrorKind::Missing);
    provider.sign_in(&cli).exits_with(0);
    assert_ne!(program.obtain().await.unwrap(), first);

    let disk = sessions(&cli);
    program.pass(u64::from(LASTS) + 1);
    let aside = disk.with_extension("aside");
    std::fs::rename(&disk, &aside).unwrap();
    std::fs::write(&disk, "no directory").unwrap();
    assert_eq!(program.obtain().await.unwrap_err().kind(), ErrorKind::Internal);
    std::fs::remove_file(&disk).unwrap();
    std::fs::rename(&aside, &disk).unwrap();
    program.obtain().await.unwrap();
}

#[tokio::test]
async fn are_taken_over_from_another_process_that_renewed_them() {
    let Some((provider, cli)) = signed_in() else { return };
    let program = Program::of(&cli);
    let old = program.strategy().obtain(Duration::ZERO).await.unwrap();
    cli.run(&["auth", "refresh", "corp"]).exits_with(0);
    let theirs = cli.run(TOKEN).exits_with(0).stdout;
    let ours = program.strategy().obtain_instead_of(&old).await.unwrap();
    assert_eq!(key(&ours), theirs.trim_end());
    assert_eq!(provider.count(RENEWED), 1);
    // Without being refused, they are known when they are to be renewed.
    let second = Program::of(&cli);
    assert_eq!(second.obtain().await.unwrap(), key(&ours));
    assert_eq!(provider.count(RENEWED), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn that_are_refused_are_renewed_once_for_all_who_sent_them() {
    let Some((provider, cli)) = signed_in() else { return };
    let program = Program::of(&cli);
    let strategy: Arc<dyn AuthStrategy> = program.strategy().into();
    let old = Arc::new(strategy.obtain(Duration::ZERO).await.unwrap());
    let replace = |refused: &Arc<Credentials>| {
        let (strategy, refused) = (Arc::clone(&strategy), Arc::clone(refused));
        async move { strategy.obtain_instead_of(&refused).await.unwrap() }
    };
    let new = ask_at_once(|| replace(&old)).await;
    assert!(new.iter().all(|one| key(one) == key(&new[0]) && key(one) != key(&old)));
    assert_eq!(provider.count(RENEWED), 1);

    // Who refuses a new token would refuse the next as well.
    let new = Arc::new(new.into_iter().next().unwrap());
    let same = ask_at_once(|| replace(&new)).await;
    assert!(same.iter().all(|same| key(same) == key(&new)));
    assert_eq!(provider.count(RENEWED), 1);
    program.pass(60);
    assert_ne!(key(&replace(&new).await), key(&new));
    assert_eq!(provider.count(RENEWED), 2);
}

/// Returns what the agent says to a message, or why it says nothing.
async fn say(agent: &dyn orchestration_runtime::Agent) -> Result<usize, String> {
    let answer = agent.send("Hi").await.map_err(|error| error.to_string())?;
    Ok(answer.filter(|message| std::future::ready(message.is_ok())).count().await)
}

#[tokio::test]
async fn that_a_provider_refuses_are_replaced_in_the_same_call_and_not_sent_again() {
    let Some(provider) = IdentityProvider::start(LASTS) else { return };
    let refused = Arc::<Mutex<Vec<String>>>::default();
    let refuses = Arc::clone(&refused);
    let llm = Server::with(move |request, stream| {
        let sent = request.header("authorization").unwrap_or_default().to_owned();
        let is_refused = refuses.lock().unwrap().iter().any(|key| sent.ends_with(key));
        let answer = if is_refused { status("401 Unauthorized", &[], "") } else { says(&["Hi"]) };
        stream.write_all(answer.as_bytes())
    });
    let cli = provider.cli_for(&llm.url());
    provider.sign_in(&cli).exits_with(0);
    let program = Program::of(&cli);
    let agents = OpenAiCompatibleProvider::new(program.providers.clone(), program.registry.clone());
    let config = AgentConfig {
        profile: Some("corp".to_owned()),
        model: Some("m".to_owned()),
        ..AgentConfig::default()
    };
    let agent = agents.create_agent(config).await.unwrap();
    say(&*agent).await.unwrap();

    let sent = program.obtain().await.unwrap();
    refused.lock().unwrap().push(sent);
    say(&*agent).await.unwrap();
    assert_eq!(provider.count(RENEWED), 1);
    assert_eq!(llm.requests().len(), 3);

    // Whatever it is sent, it refuses.
    program.pass(60);
    refused.lock().unwrap().push(String::new());
    let error = say(&*agent).await.unwrap_err();
    assert!(error.contains("401"), "{error}");
    assert_eq!(provider.count(RENEWED), 2);
    assert_eq!(llm.requests().len(), 5);
    say(&*agent).await.unwrap_err();
    assert_eq!(provider.count(RENEWED), 2);
    assert_eq!(llm.requests().len(), 6);

    // A token that ends between two messages is renewed before the second.
    refused.lock().unwrap().clear();
    program.pass(u64::from(LASTS));
    say(&*agent).await.unwrap();
    assert_eq!(provider.count(RENEWED), 3);
    assert_eq!(llm.requests().len(), 7);
}

#[tokio::test]
async fn are_renewed_first_if_they_end_sooner_than_needed() {
    let Some((provider, cli)) = signed_in() else { return };
    let program = Program::of(&cli);
    let old = program.obtain().await.unwrap();
    let ten_minutes = Duration::from_secs(600);
    let lasting = async |least| program.strategy().obtain(least).await;
    assert_eq!(key(&lasting(ten_minutes).await.unwrap()), old);
    // A quarter of an hour is left, which is more than the margin.
    program.pass(u64::from(LASTS) - 900);
    assert_eq!(key(&lasting(ten_minutes).await.unwrap()), old);
    assert_ne!(key(&lasting(2 * ten_minutes).await.unwrap()), old);
    assert_eq!(provider.count(RENEWED), 1);

    let error = lasting(Duration::from_secs(7200)).await.unwrap_err();
    assert!(matches!(error, ProviderError::EndsTooSoon { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Expired);
    drop(provider);
    let error = lasting(Duration::from_secs(7200)).await.unwrap_err();
    assert!(error.to_string().contains("it was not renewed: strategy 'oidc' got no"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[test]
fn are_printed_only_if_they_last_as_long_as_the_script_says() {
    let Some((provider, cli)) = signed_in() else { return };
    let lasting = |least: &str| cli.run(&[TOKEN, &["--min-validity", least]].concat());
    let old = lasting("10m").exits_with(0).stdout;
    end_token_in(&cli, 900);
    assert_eq!(lasting("10m").exits_with(0).stdout, old);
    assert_ne!(lasting("20m").exits_with(0).stdout, old);
    assert_eq!(provider.count(RENEWED), 1);
    let too_long = lasting("2h").exits_with(1);
    too_long.explains(&["the credential ends in 3", "sooner than the 7200 s that are needed\n"]);
    drop(provider);
    lasting("2h").exits_with(3).explains(&["; it was not renewed: strategy 'oidc' got no answer"]);
    lasting("10m").exits_with(0);

    let key = Cli::new().env("OPENAI_API_KEY", "sk-Zq81LmVt93KxBdRw7x2f");
    key.run(&["auth", "token", "openai", "--min-validity", "1h"]).exits_with(0);
}
