//! The five steps of `api_key`, asked of the real component in the real sandbox.

use std::collections::BTreeMap;
use std::ffi::OsString;

use orchestration_runtime::{
    AgentConfig, AuthStrategy, BaseUrl, Credentials, Environment, ErrorKind, ProviderError,
    ProviderProfile, Registry, Remedy, Scope, Source, resolve_auth_strategy,
};
use orchestration_tests::guest::{self, Answer, Export, Guest, Host, Origin};

/// A question to `api_key`: an environment, a profile, and what the caller adds.
struct Ask {
    variables: BTreeMap<String, OsString>,
    profile: Option<ProviderProfile>,
    config: AgentConfig,
    scope: Scope,
}

/// An agent that asks for a profile which names `CORP_KEY`.
fn corp() -> Ask {
    let profile = ProviderProfile {
        api_key_env: Some("CORP_KEY".into()),
        base_url: "https://llm.corp.example/v1".parse().ok(),
        ..ProviderProfile::new("corp")
    };
    Ask {
        variables: BTreeMap::new(),
        profile: Some(profile),
        config: AgentConfig::default(),
        scope: Scope::WithFallback,
    }
}

/// A profile that names no variable, for this URL.
fn at(base_url: &str) -> Ask {
    let profile = ProviderProfile {
        base_url: Some(base_url.parse().unwrap()),
        ..ProviderProfile::new("somewhere")
    };
    Ask { profile: Some(profile), scope: Scope::OwnCredential, ..corp() }
}

impl Ask {
    fn set(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    fn explicit(mut self, key: &str) -> Self {
        self.config.api_key = Some(key.into());
        self
    }

    fn profile(mut self, change: impl FnOnce(&mut ProviderProfile)) -> Self {
        change(self.profile.as_mut().unwrap());
        self
    }

    fn own(self) -> Self {
        Self { scope: Scope::OwnCredential, ..self }
    }

    fn strategy(&self) -> Result<Box<dyn AuthStrategy>, ProviderError> {
        let registry = Registry::built_in(Environment::Fixed(self.variables.clone())).unwrap();
        let profile = self.profile.as_ref();
        resolve_auth_strategy(&registry, &self.config, profile, self.scope)
    }

    async fn credentials(&self) -> Result<Credentials, ProviderError> {
        self.strategy()?.get_credentials().await
    }

    /// Asks all three functions of the strategy, which must agree.
    async fn answer(&self) -> Result<Credentials, ProviderError> {
        let strategy = self.strategy()?;
        let answer = strategy.get_credentials().await;
        assert_eq!(
            strategy.is_valid().await.unwrap(),
            answer.is_ok(),
            "is_valid and get_credentials disagree"
        );
        strategy.refresh_if_needed().await.unwrap();
        answer
    }

    #[track_caller]
    fn finds(&self, key: &str, source: Source) {
        let credentials = block_on(self.answer()).unwrap();
        assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some(key));
        assert_eq!(*credentials.source(), source);
    }

    #[track_caller]
    fn needs_none(&self) {
        let credentials = block_on(self.answer()).unwrap();
        assert_eq!(*credentials.source(), Source::NotNeeded { stranger: None });
        assert_eq!(credentials.values().count(), 0);
    }

    #[track_caller]
    fn fails(&self, kind: ErrorKind, message: &str, remedy: impl Fn(&Remedy) -> bool) {
        let error = block_on(self.answer()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.to_string(), message);
        let advice = error.remedy();
        assert!(advice.as_ref().is_some_and(remedy), "{advice:?}");
    }

    #[track_caller]
    fn is_missing(&self) {
        let error = block_on(self.answer()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Missing, "{error}");
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn variable(name: &str) -> Source {
    Source::Environment(name.into())
}

/// What the strategy itself advises.
fn hint(words: &str) -> impl Fn(&Remedy) -> bool {
    move |remedy| matches!(remedy, Remedy::Hint(said) if said.to_string() == words)
}

#[test]
fn an_explicit_key_is_used() {
    corp().explicit("sk-explicit").finds("sk-explicit", Source::Explicit);
}

#[test]
fn the_variable_that_the_profile_names_is_used() {
    corp().set("CORP_KEY", "sk-corp").finds("sk-corp", variable("CORP_KEY"));
}

#[test]
fn without_a_profile_the_variable_that_the_config_names_is_used() {
    let mut ask = Ask { profile: None, ..corp() }.set("MY_KEY", "sk-mine");
    ask.config.credentials.api_key_env = Some("MY_KEY".into());
    ask.finds("sk-mine", variable("MY_KEY"));
}

#[test]
fn the_fallback_variable_is_used() {
    corp().set("OPENAI_API_KEY", "sk-openai").finds("sk-openai", variable("OPENAI_API_KEY"));
}

#[test]
fn an_explicit_key_wins_over_the_profiles_variable() {
    let ask = corp().explicit("sk-explicit").set("CORP_KEY", "sk-corp");
    ask.finds("sk-explicit", Source::Explicit);
}

#[test]
fn the_profiles_variable_wins_over_the_fallback() {
    let ask = corp().set("CORP_KEY", "sk-corp").set("OPENAI_API_KEY", "sk-openai");
    ask.finds("sk-corp", variable("CORP_KEY"));
}

#[test]
fn the_fallback_wins_over_no_key_for_a_local_endpoint() {
    let local = at("http://localhost:11434/v1").set("OPENAI_API_KEY", "sk-openai");
    let ask = Ask { scope: Scope::WithFallback, ..local };
    ask.finds("sk-openai", variable("OPENAI_API_KEY"));
}

#[test]
fn the_profiles_variable_wins_over_no_key_for_a_local_endpoint() {
    let ask = corp().profile(|profile| profile.base_url = "http://localhost:1/v1".parse().ok());
    ask.set("CORP_KEY", "sk-corp").finds("sk-corp", variable("CORP_KEY"));
}

#[test]
fn an_empty_explicit_key_counts_as_none() {
    corp().explicit("").set("CORP_KEY", "sk-corp").finds("sk-corp", variable("CORP_KEY"));
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let ask = corp().set("CORP_KEY", "").set("OPENAI_API_KEY", "sk-openai");
    ask.finds("sk-openai", variable("OPENAI_API_KEY"));
    corp().set("CORP_KEY", "").set("OPENAI_API_KEY", "").is_missing();
}

#[test]
fn a_key_of_blanks_alone_counts_as_none() {
    let ask = corp().explicit(" ").set("CORP_KEY", " \t\r\n").set("OPENAI_API_KEY", "sk-openai");
    ask.finds("sk-openai", variable("OPENAI_API_KEY"));
    corp().set("CORP_KEY", " ").is_missing();
}

#[test]
fn a_profiles_own_credential_is_asked_for_without_the_fallback() {
    corp().set("OPENAI_API_KEY", "sk-openai").own().is_missing();
}

#[test]
fn a_profile_can_turn_the_fallback_off() {
    let ask = corp().set("OPENAI_API_KEY", "sk-openai");
    ask.profile(|profile| profile.fallback_env = false).is_missing();
}

#[test]
fn the_base_url_of_the_config_wins_over_the_profiles() {
    let mut ask = at("https://llm.corp.example/v1");
    ask.config.base_url = "http://127.0.0.1:8000/v1".parse().ok();
    ask.needs_none();
}

#[test]
fn an_endpoint_on_this_machine_needs_no_key() {
    for url in [
        "http://localhost:11434/v1",
        "https://localhost",
        "HTTP://LOCALHOST:1",
        "http://127.0.0.1:8000/v1",
        "http://127.8.9.10/",
        "http://[::1]:8080/v1",
        "http://user:password@localhost/",
    ] {
        at(url).needs_none();
    }
}

#[test]
fn a_named_variable_is_needed_on_this_machine_too() {
    for url in ["http://localhost:4000/v1", "http://127.0.0.1:4000", "http://[::1]:8080/v1"] {
        let named = || corp().own().profile(|profile| profile.base_url = url.parse().ok());
        named().is_missing();
        named().set("CORP_KEY", "").is_missing();
        named().set("CORP_KEY", " \n").is_missing();
        named().set("CORP_KEY", "sk-corp").finds("sk-corp", variable("CORP_KEY"));
    }
}

#[test]
fn the_auth_type_none_needs_no_key_whatever_the_host() {
    for url in [
        "http://192.168.1.20:11434/v1",
        "http://host.docker.internal:11434/v1",
        "http://0.0.0.0:11434/v1",
        "http://ollama:11434/v1",
        "https://llm.corp.example/v1",
        "http://localhost:11434/v1",
    ] {
        let ask = at(url).profile(|profile| profile.auth_type = "none".into());
        // Not even if agents may fall back, and keys are around.
        let ask = Ask { scope: Scope::WithFallback, ..ask }.set("OPENAI_API_KEY", "sk-openai");
        ask.needs_none();
    }
    corp()
        .profile(|profile| {
            profile.auth_type = "none".into();
            profile.base_url = None;
        })
        .set("CORP_KEY", "sk-corp")
        .needs_none();
}

#[test]
fn the_auth_type_none_uses_an_explicit_key() {
    let none = || corp().profile(|profile| profile.auth_type = "none".into());
    none().explicit("sk-explicit").finds("sk-explicit", Source::Explicit);
    none().explicit(" ").needs_none();
}

#[test]
fn an_endpoint_that_only_looks_local_needs_a_key() {
    for url in [
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example/",
        "http://evil.example/localhost",
        "http://evil.example?localhost",
        "http://evil.example#@localhost",
        "http://[::2]/",
        "http://128.0.0.1/",
        "http://0.0.0.0/",
    ] {
        at(url).is_missing();
    }
}

#[test]
fn a_text_that_is_not_a_url_is_no_base_url() {
    for text in [
        "",
        "localhost",
        "localhost:11434",
        "http://",
        "http://[::1",
        "http://local host",
        "::",
        "http://evil.example\\@localhost/",
        "http://ｌｏｃａｌｈｏｓｔ",
        "ftp://localhost/",
        "file://localhost/etc",
    ] {
        assert!(text.parse::<BaseUrl>().is_err(), "{text}");
    }
}

#[test]
fn a_missing_key_names_the_variable_and_how_to_set_it() {
    corp().fails(
        ErrorKind::Missing,
        "profile 'corp': CORP_KEY is not set",
        hint("Set it with: export CORP_KEY=your-key-here"),
    );
}

#[test]
fn a_profile_without_a_variable_is_shown_how_to_name_one() {
    at("https://llm.corp.example/v1").fails(
        ErrorKind::Missing,
        "profile 'somewhere': the profile somewhere names no variable for its key",
        hint(
            "Add api_key_env = \"...\" to [profiles.somewhere], or auth_type = \"none\" if it \
             needs no key",
        ),
    );
}

#[test]
fn an_unknown_auth_type_is_named_and_the_known_ones_listed() {
    corp().profile(|profile| profile.auth_type = "corp-sso".into()).fails(
        ErrorKind::Unsupported,
        "profile 'corp': unknown auth type 'corp-sso'",
        |remedy| {
            let available =
                ["api_key", "federated", "none", "oidc", "openrouter", "service_account"];
            let available = available.map(str::to_owned).to_vec();
            *remedy == Remedy::ChooseAuthType { available }
        },
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_invalid_and_nothing_else_is_used() {
    use std::os::unix::ffi::OsStringExt;

    let ask = corp().set("CORP_KEY", OsString::from_vec(b"sk-\xff".to_vec()));
    ask.set("OPENAI_API_KEY", "sk-openai").fails(
        ErrorKind::Invalid,
        "profile 'corp': CORP_KEY is set, but its value is not valid Unicode",
        hint("Set it again with: export CORP_KEY=your-key-here"),
    );
}

#[test]
fn a_variable_without_a_grant_is_out_of_reach() {
    // `OPENAI_API_KEY` is there, and it is in reach of another profile's agent;
    // for this call it was not granted, and the strategy does not even learn of it.
    let ask = corp().set("OPENAI_API_KEY", "sk-openai").set("AWS_SECRET_ACCESS_KEY", "aws");
    let error = block_on(ask.own().answer()).unwrap_err();
    assert_eq!(error.to_string(), "profile 'corp': CORP_KEY is not set");
}

#[test]
fn a_key_of_any_length_is_unchanged() {
    for key in ["k", "sk+/=.~-_!", &"k1".repeat(30_000)] {
        corp().set("CORP_KEY", key).finds(key, variable("CORP_KEY"));
    }
}

#[test]
fn a_key_over_the_limit_is_an_error_that_names_the_limit() {
    let error = block_on(corp().set("CORP_KEY", "x".repeat(70_000)).credentials()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "profile 'corp': strategy 'api_key' was stopped: it returned more than 65536 bytes"
    );
}

#[test]
fn a_credential_is_not_valid_on_the_word_of_its_strategy_alone() {
    let answers = |key: &str, expires_at| {
        let values = vec![(&b"api_key"[..], key.as_bytes())];
        let source = Origin::Other(b"SSO");
        Guest::new().answers(&Answer { values, source, expires_at })
    };
    for (guest, expected) in [
        (answers("sk-corp", None), Ok(true)),
        (answers("sk-corp", Some(4_102_444_800)), Ok(true)),
        (answers("sk-corp", Some(1)), Ok(false)),
        (answers("your-key-here", None), Ok(false)),
        (answers("sk-corp\u{200b}", None), Ok(false)),
        (Guest::new().fails(0, b"none", None), Ok(false)),
        (Guest::new().fails(4, b"busy", None), Err(ErrorKind::Unavailable)),
        (answers("sk-corp", None).body(Export::IsValid, "i32.const 0"), Ok(false)),
    ] {
        let component = guest.build();
        let toml = guest::lines("corp", &component, "", "");
        let host = Host::new(&toml, &[("corp", &component)], &[]);
        let strategy = host.strategy("corp", &AgentConfig::default());
        let valid = guest::runtime().block_on(strategy.is_valid()).map_err(|error| error.kind());
        let found = guest::runtime().block_on(strategy.get_credentials());
        assert_eq!(valid, expected, "{found:?}");
    }
}

#[test]
fn two_resolutions_share_nothing() {
    let with = corp().set("CORP_KEY", "sk-corp");
    with.finds("sk-corp", variable("CORP_KEY"));
    corp().is_missing();
    with.finds("sk-corp", variable("CORP_KEY"));
}

#[test]
fn a_resolved_strategy_can_be_asked_from_many_tasks_at_once() {
    let variables = BTreeMap::from([("CORP_KEY".to_owned(), "sk-corp".into())]);
    let registry = Registry::built_in(Environment::Fixed(variables)).unwrap();
    let profile = corp().profile.unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let asks = (0..200).map(|_| {
            let (registry, profile) = (registry.clone(), profile.clone());
            tokio::spawn(async move {
                let config = AgentConfig::default();
                let scope = Scope::OwnCredential;
                let strategy =
                    resolve_auth_strategy(&registry, &config, Some(&profile), scope).unwrap();
                let credentials = strategy.get_credentials().await.unwrap();
                assert_eq!(credentials.get("api_key").unwrap().expose(), "sk-corp");
            })
        });
        for ask in asks.collect::<Vec<_>>() {
            ask.await.unwrap();
        }
    });
}
