//! The configurations in `deploy/envoy`, run by the real Envoy.
//!
//! Promised here: a program behind Envoy reaches its provider without a key, with what it
//! sent as one removed; a new key is used without a restart, and one that the provider
//! refuses is renewed; one of two brokers can be killed without a failed request; and without
//! a key or a broker, nothing leaves. Only ports, paths and the provider's host differ from
//! the files that people copy.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use orchestration_tests::ask::{Reply, ask};
use orchestration_tests::background::Background;
use orchestration_tests::envoy::Envoy;
use orchestration_tests::identity::in_a_minute;
use orchestration_tests::server::{Server, status};
use orchestration_tests::{Cli, free_port};

const EXT_AUTHZ: &str = include_str!("../../../deploy/envoy/ext-authz.yaml");
const REPLICAS: &str = include_str!("../../../deploy/envoy/ext-authz-replicas.yaml");
const INJECTOR: &str = include_str!("../../../deploy/envoy/credential-injector.yaml");

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";
const NEXT_KEY: &str = "sk-corp-9bYf72HsWqZ0nLx4PdVj";

/// What a program sends as its key, wherever one can be.
const OWN_KEY: &str = "sk-own-J7vKd20MfTzUe95CqSp";

/// The pass of Envoy, where it needs one.
const PASS: &str = "pass-0123456789abcdef0123456789abcdef";

/// A provider with TLS, and a home with a profile for it.
struct Provider {
    server: Server,
    cli: Cli,
    /// The key that it refuses.
    refused: Arc<Mutex<Option<&'static str>>>,
}

impl Provider {
    fn start() -> Self {
        let refused = Arc::<Mutex<Option<&'static str>>>::default();
        let refuses = Arc::clone(&refused);
        let (server, authority) = Server::with_tls_by(move |request, stream| {
            let key = request.header("authorization").unwrap_or_default();
            let is_refused = refuses.lock().unwrap().is_some_and(|refused| key.contains(refused));
            let answer = match is_refused {
                true => status("401 Unauthorized", &[], "refused"),
                false => status("200 OK", &[], &format!("answer to {key}")),
            };
            stream.write_all(answer.as_bytes())
        });
        let cli = Cli::new().config(
            "[profiles.openai]\nbase_url = \"https://api.openai.com/v1\"\n\
             api_key_file = \"~/key\"\n",
        );
        cli.file("authority.pem", authority);
        Self { server, cli, refused }
    }

    /// Replaces the key of the profile.
    fn set_key(&self, key: &str) {
        let path = self.cli.file("next-key", key);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::rename(path, self.cli.home().join("key")).unwrap();
    }

    /// Starts an Envoy in front of it.
    fn envoy(&self, configuration: &str, replaced: &[(&str, &str)]) -> Option<Envoy> {
        let host = self.server.host();
        let (_, port) = host.split_once(':').unwrap();
        let port = format!("port_value: {port}");
        let authority = self.cli.home().join("authority.pem").display().to_string();
        let own = [
            ("port_value: 443", &*port),
            ("api.openai.com", "localhost"),
            ("/etc/ssl/certs/ca-certificates.crt", &*authority),
        ];
        Envoy::start(configuration, &[&own, replaced].concat())
    }
}

/// Asks as a program does that has been given a key of its own.
#[track_caller]
fn chat(envoy: &Envoy) -> Reply {
    let bearer = format!("Bearer {OWN_KEY}");
    let headers = [
        ("authorization", &*bearer),
        ("x-api-key", OWN_KEY),
        ("api-key", OWN_KEY),
        ("x-goog-api-key", OWN_KEY),
        ("x-team", "search"),
    ];
    let line = format!("POST /v1/chat/completions?key={OWN_KEY}&beta=true");
    ask(&envoy.host(), &line, &headers, "{\"model\":\"m\"}")
}

/// Asks until the answer is as wanted.
#[track_caller]
fn soon(envoy: &Envoy, wanted: impl Fn(&Reply) -> bool) {
    let mut last = None;
    let is_there = in_a_minute(|| wanted(last.insert(chat(envoy))));
    assert!(is_there, "{last:#?}\n{}", envoy.log());
}

/// Checks that what the provider got has this key, all that the program wanted to say, and
/// nothing that it sent as a key.
#[track_caller]
fn arrived_with(provider: &Provider, key: &str) {
    let requests = provider.server.requests();
    let last = requests.last().expect("it got a request");
    assert_eq!(last.header("authorization"), Some(&*format!("Bearer {key}")));
    assert_eq!(last.line, "POST /v1/chat/completions?beta=true HTTP/1.1");
    assert_eq!(last.header("x-team"), Some("search"));
    assert_eq!(last.body, "{\"model\":\"m\"}");
    for request in &requests {
        assert!(!format!("{request:?}").contains(OWN_KEY), "{request:#?}");
    }
}

mod with_a_broker_that_is_asked {
    use super::*;

    fn serve(provider: &Provider, profiles: &[&str], listen: &str, more: &[&str]) -> Background {
        let fixed = ["serve", "--expose-credentials", "--listen", listen];
        let serve = [&fixed, more, profiles].concat();
        let serve = Background::start(&mut provider.cli.command(&serve));
        serve.says("listening on");
        serve
    }

    fn start_with(provider: &Provider, profile: &str) -> Option<(Background, Envoy)> {
        let socket = provider.cli.home().join("run/serve.sock").display().to_string();
        fs::create_dir_all(provider.cli.home().join("run")).unwrap();
        fs::set_permissions(provider.cli.home().join("run"), Permissions::from_mode(0o700))
            .unwrap();
        let serve = serve(provider, &[profile], &format!("unix:{socket}"), &[]);
        let envoy = provider.envoy(EXT_AUTHZ, &[("/run/orchestration/serve.sock", &socket)])?;
        Some((serve, envoy))
    }

    fn start(provider: &Provider) -> Option<(Background, Envoy)> {
        start_with(provider, "openai")
    }

    #[test]
    fn a_request_carries_the_key_of_the_profile_and_the_next_one_after_a_change() {
        let provider = Provider::start();
        provider.set_key(KEY);
        let Some((serve, envoy)) = start(&provider) else { return };
        assert_eq!(chat(&envoy).body, format!("answer to Bearer {KEY}"), "{}", envoy.log());
        arrived_with(&provider, KEY);
        provider.set_key(NEXT_KEY);
        let answer = format!("answer to Bearer {NEXT_KEY}");
        soon(&envoy, |reply| reply.body == answer);
        arrived_with(&provider, NEXT_KEY);
        assert!(!serve.stderr().contains("sk-"), "{}", serve.stderr());
    }

    #[test]
    fn a_missing_key_and_an_unknown_profile_are_answered_in_our_words() {
        let provider = Provider::start();
        let Some((_serve, envoy)) = start(&provider) else { return };
        let reply = chat(&envoy);
        assert_eq!(reply.status, 401, "{reply:#?}");
        assert!(reply.body.contains("orchestration auth explain openai"), "{reply:#?}");
        let other = Provider::start();
        let Some((_serve, envoy)) = start_with(&other, "openrouter") else { return };
        let reply = chat(&envoy);
        assert_eq!(reply.status, 404, "{reply:#?}");
        assert!(reply.body.contains("does not serve the profile 'openai'"), "{reply:#?}");
        assert_eq!(provider.server.requests().len() + other.server.requests().len(), 0);
    }

    #[test]
    fn a_key_that_the_provider_refuses_is_renewed_and_the_request_sent_once_more() {
        let provider = Provider::start();
        // Tokens of a server, each another one.
        let issued = AtomicUsize::new(0);
        let issuer = Server::with(move |_, stream| {
            let number = issued.fetch_add(1, Ordering::Relaxed);
            let body =
                format!("{{\"access_token\":\"tok-{number}-Zq81LmVt93Kx\",\"expires_in\":3600}}");
            let json = [("content-type", "application/json")];
            stream.write_all(status("200 OK", &json, &body).as_bytes())
        });
        let config = format!(
            "[profiles.openai]\nbase_url = \"https://api.openai.com/v1\"\nauth_type = \"federated\"\n\
             api_key_file = \"~/key\"\nissuer = \"http://{}\"\noptions = {{ token_endpoint = \"/token\" }}\n",
            issuer.host()
        );
        provider.cli.file(".config/orchestration/providers.toml", config);
        provider.set_key(KEY);
        let Some((_serve, envoy)) = start(&provider) else { return };
        assert_eq!(chat(&envoy).status, 200);
        arrived_with(&provider, "tok-0-Zq81LmVt93Kx");
        *provider.refused.lock().unwrap() = Some("tok-0-");
        assert_eq!(chat(&envoy).status, 200, "{}", envoy.log());
        arrived_with(&provider, "tok-1-Zq81LmVt93Kx");
        assert_eq!(issuer.requests().len(), 2);
    }

    #[test]
    fn a_refused_key_without_another_is_not_sent_again() {
        let provider = Provider::start();
        provider.set_key(KEY);
        let Some((_serve, envoy)) = start(&provider) else { return };
        *provider.refused.lock().unwrap() = Some(KEY);
        let reply = chat(&envoy);
        assert_eq!(reply.status, 401, "{reply:#?}");
        assert!(reply.body.contains("the provider refuses the key of 'openai'"), "{reply:#?}");
        assert_eq!(provider.server.requests().len(), 1);
    }

    #[test]
    fn one_of_two_brokers_is_killed_without_a_failed_request_and_without_both_nothing_leaves() {
        let provider = Provider::start();
        provider.set_key(KEY);
        let passes = provider.cli.file("passes", format!("{PASS} openai\n"));
        let pass = provider.cli.file("pass", format!("{PASS}\n"));
        for path in [&passes, &pass] {
            fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        }
        let (one, other) = (free_port().to_string(), free_port().to_string());
        let replica = |port: &str| {
            serve(&provider, &["openai"], &format!("127.0.0.1:{port}"), &["--pass-file", "passes"])
        };
        let (first, second) = (replica(&one), replica(&other));
        let pass = pass.display().to_string();
        let replaced = [("8401", &*one), ("8402", &*other), ("/run/orchestration/pass", &*pass)];
        let Some(envoy) = provider.envoy(REPLICAS, &replaced) else { return };
        soon(&envoy, |reply| reply.status == 200);
        arrived_with(&provider, KEY);
        drop(first);
        for number in 0..50 {
            let reply = chat(&envoy);
            assert_eq!(reply.status, 200, "request {number}: {reply:#?}\n{}", envoy.log());
        }
        drop(second);
        let asked = provider.server.requests().len();
        for _ in 0..3 {
            let reply = chat(&envoy);
            assert_eq!(reply.status, 503, "{reply:#?}");
        }
        assert_eq!(provider.server.requests().len(), asked);
        // A new one is found.
        let _first = replica(&one);
        soon(&envoy, |reply| reply.status == 200);
    }
}

mod with_rendered_secrets {
    use super::*;

    fn start(provider: &Provider) -> Option<(Background, Envoy)> {
        let sds = provider.cli.home().join("sds");
        let render = ["render", "--sds", "sds", "openai"];
        let render = Background::start(&mut provider.cli.command(&render));
        assert!(in_a_minute(|| sds.join("openai.json").exists()), "{}", render.stderr());
        let sds = sds.display().to_string();
        let envoy = provider.envoy(INJECTOR, &[("/run/orchestration/sds", &*sds)])?;
        Some((render, envoy))
    }

    #[test]
    fn a_request_carries_the_key_of_the_profile_and_the_next_one_after_a_change() {
        let provider = Provider::start();
        provider.set_key(KEY);
        let Some((_render, envoy)) = start(&provider) else { return };
        soon(&envoy, |reply| reply.status == 200);
        arrived_with(&provider, KEY);
        provider.set_key(NEXT_KEY);
        let answer = format!("answer to Bearer {NEXT_KEY}");
        soon(&envoy, |reply| reply.body == answer);
        arrived_with(&provider, NEXT_KEY);
    }

    #[test]
    fn nothing_leaves_without_a_key() {
        let provider = Provider::start();
        let Some((_render, envoy)) = start(&provider) else { return };
        assert_eq!(chat(&envoy).status, 401);
        assert_eq!(provider.server.requests().len(), 0);
        provider.set_key(KEY);
        soon(&envoy, |reply| reply.status == 200);
        fs::remove_file(provider.cli.home().join("key")).unwrap();
        soon(&envoy, |reply| reply.status == 401);
    }

    #[test]
    fn a_path_that_leads_elsewhere_and_a_web_page_are_refused() {
        let provider = Provider::start();
        provider.set_key(KEY);
        let Some((_render, envoy)) = start(&provider) else { return };
        soon(&envoy, |reply| reply.status == 200);
        let asked = provider.server.requests().len();
        for path in ["/v1/../admin", "/v1/..%2fadmin", "/admin", "//admin", "/v1%2f"] {
            let reply = ask(&envoy.host(), &format!("GET {path}"), &[], "");
            assert!([400, 404].contains(&reply.status), "{path}: {reply:?}");
        }
        let page = [("origin", "https://evil.example")];
        let reply = ask(&envoy.host(), "POST /v1/chat/completions", &page, "");
        assert_eq!(reply.status, 404, "{reply:?}");
        assert_eq!(provider.server.requests().len(), asked);
    }
}
