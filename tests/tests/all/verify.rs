//! `--verify`: what providers themselves say of a credential.
//!
//! Promised here: each provider is asked its own question, with its own key and
//! no one else's; what it answers is valid, invalid, unreachable or unknown, and
//! nothing that says nothing about a key turns a good one bad or a bad one good;
//! the key goes to that host and no further; and one server that is slow holds up
//! no other.
//!
//! The hosts are the real ones: a proxy with an authority of its own answers for
//! all of them.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::sleep;
use std::time::Duration;

use orchestration_runtime::{KnownProvider, PROVIDERS as KNOWN};
use orchestration_tests::server::{Refusing, Request, Server, status};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";
const VERIFY: &[&str] = &["auth", "status", "--verify"];
const LOGIN: &[&str] = &["auth", "login", "corp", "--verify"];

const VALID: &str = "✓ valid";
const INVALID: &str = "✗ invalid";
const UNREACHABLE: &str = "? unreachable";
const UNKNOWN: &str = "? unknown";
const NOT_REQUIRED: &str = "✓ not required";

/// A list of models.
const MODELS: &str = r#"{"object":"list","data":[{"id":"m"}]}"#;

/// An answer in JSON.
fn json(line: &str, body: &str) -> String {
    status(line, &[("content-type", "application/json")], body)
}

/// `[profiles.corp]` with these lines, and its key in the environment.
fn corp(lines: &str) -> Cli {
    let config = format!("[profiles.corp]\napi_key_env = \"CORP_TOKEN\"\n{lines}\n");
    Cli::new().config(config).env("CORP_TOKEN", KEY)
}

/// The same at this URL.
fn corp_at(url: &str, more: &str) -> Cli {
    corp(&format!("base_url = \"{url}\"\n{more}"))
}

/// `[profiles.corp]` at this URL, without a variable for a key.
fn keyless_at(url: &str, more: &str) -> Cli {
    Cli::new().config(format!("[profiles.corp]\nbase_url = \"{url}\"\n{more}\n"))
}

/// The word for `corp` in the table, and how the command ended. No key is shown
/// on the way, not even a part of it.
#[track_caller]
fn standing(cli: &Cli) -> (String, i32) {
    let outcome = cli.run(&[&["-v"], VERIFY].concat());
    assert!(!outcome.all().contains(&KEY[8..16]), "{}", outcome.all());
    let word = outcome.row("corp").get(2).copied().unwrap_or_default().to_owned();
    (word, outcome.status)
}

mod each_provider {
    use super::*;

    /// A provider as it is documented: its profile, the host that is asked, what
    /// for, the header that carries the key and what comes before it.
    pub(super) struct Provider {
        pub(super) profile: &'static str,
        pub(super) base_url: &'static str,
        host: &'static str,
        path: &'static str,
        header: (&'static str, &'static str),
        good: &'static str,
        bad: (&'static str, &'static str),
    }

    const BEARER: (&str, &str) = ("authorization", "Bearer ");
    const UNAUTHORIZED: (&str, &str) = ("401 Unauthorized", r#"{"error":{"message":"no"}}"#);

    pub(super) const PROVIDERS: [Provider; 10] = [
        Provider {
            profile: "openai",
            base_url: "https://api.openai.com/v1",
            host: "api.openai.com",
            path: "/v1/me",
            header: BEARER,
            good: r#"{"object":"user","id":"user-1"}"#,
            bad: ("401 Unauthorized", r#"{"error":{"code":"invalid_api_key"}}"#),
        },
        Provider {
            profile: "openrouter",
            base_url: "https://openrouter.ai/api/v1",
            host: "openrouter.ai",
            path: "/api/v1/key",
            header: BEARER,
            good: r#"{"data":{"label":"k"}}"#,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "gemini",
            base_url: "https://generativelanguage.googleapis.com/v1beta/openai/",
            host: "generativelanguage.googleapis.com",
            path: "/v1beta/models",
            header: ("x-goog-api-key", ""),
            good: r#"{"models":[]}"#,
            bad: (
                "400 Bad Request",
                r#"{"error":{"code": 400, "details": [{"reason": "API_KEY_INVALID"}]}}"#,
            ),
        },
        Provider {
            profile: "anthropic",
            base_url: "https://api.anthropic.com",
            host: "api.anthropic.com",
            path: "/v1/models",
            header: ("x-api-key", ""),
            good: MODELS,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "groq",
            base_url: "https://api.groq.com/openai/v1",
            host: "api.groq.com",
            path: "/openai/v1/models",
            header: BEARER,
            good: MODELS,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "mistral",
            base_url: "https://api.mistral.ai/v1",
            host: "api.mistral.ai",
            path: "/v1/models",
            header: BEARER,
            good: MODELS,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "deepseek",
            base_url: "https://api.deepseek.com",
            host: "api.deepseek.com",
            path: "/user/balance",
            header: BEARER,
            good: r#"{"is_available":false}"#,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "together",
            base_url: "https://api.together.ai/v1",
            host: "api.together.ai",
            path: "/v1/models",
            header: BEARER,
            good: r#"[{"id":"m"}]"#,
            bad: UNAUTHORIZED,
        },
        Provider {
            profile: "xai",
            base_url: "https://api.x.ai/v1",
            host: "api.x.ai",
            path: "/v1/api-key",
            header: BEARER,
            good: r#"{"api_key_disabled": false, "api_key_blocked": false}"#,
            bad: ("400 Bad Request", r#"{"error":"Incorrect API key provided"}"#),
        },
        Provider {
            profile: "azure",
            base_url: "https://corp.openai.azure.com/openai/v1",
            host: "corp.openai.azure.com",
            path: "/openai/v1/models",
            header: ("api-key", ""),
            good: MODELS,
            bad: UNAUTHORIZED,
        },
    ];

    fn key(profile: &str) -> String {
        format!("key-of-{profile}-0123456789")
    }

    /// All of them, with a key each, where `answer` answers.
    fn all(answer: impl Fn(&Provider) -> String + Send + Sync + 'static) -> (Outcome, Server) {
        let hosts: Vec<&str> = PROVIDERS.iter().map(|provider| provider.host).collect();
        let (internet, authority) = Server::internet(&hosts, move |request| {
            let host = request.header("host").expect("a request names its host");
            answer(PROVIDERS.iter().find(|known| known.host == host).expect("a known host"))
        });
        let profile = |Provider { profile, base_url, .. }: &Provider| {
            format!(
                "[profiles.{profile}]\nbase_url = \"{base_url}\"\napi_key_env = \"{profile}_KEY\"\n"
            )
        };
        let mut cli = Cli::new().config(PROVIDERS.iter().map(profile).collect::<String>());
        for Provider { profile, .. } in &PROVIDERS {
            cli = cli.env(format!("{profile}_KEY"), key(profile));
        }
        let file = cli.file("authority.pem", authority);
        let proxy = format!("http://{}", internet.host());
        let outcome = cli.env("SSL_CERT_FILE", file).env("HTTPS_PROXY", proxy).run(VERIFY);
        assert!(!outcome.all().contains("0123456789"), "{}", outcome.all());
        (outcome, internet)
    }

    /// The same of one of them, with these answers one after the other.
    #[track_caller]
    fn one(profile: &'static str, answers: &[(&'static str, &'static str, &str)]) {
        for &(line, body, expected) in answers {
            let (outcome, _) = all(move |provider| {
                if provider.profile == profile { json(line, body) } else { json("200 OK", "{}") }
            });
            assert_eq!(outcome.row(profile).get(2), Some(&expected), "{line} {body}: {outcome:#?}");
        }
    }

    #[test]
    fn is_asked_its_own_question_with_its_own_key() {
        let (outcome, internet) = all(|provider| json("200 OK", provider.good));
        let outcome = outcome.exits_with(0);
        assert_eq!(outcome.stderr, "");
        let requests = internet.requests();
        assert_eq!(requests.len(), PROVIDERS.len(), "{requests:#?}");
        for Provider { profile, host, path, header: (header, before), .. } in &PROVIDERS {
            assert_eq!(outcome.row(profile).get(2), Some(&VALID), "{profile}");
            let request = requests.iter().find(|request| request.header("host") == Some(host));
            let request = request.expect("every host is asked");
            assert_eq!(request.line, format!("GET {path} HTTP/1.1"));
            assert_eq!(request.header(header), Some(&*format!("{before}{}", key(profile))));
            if *header != "authorization" {
                assert_eq!(request.header("authorization"), None, "{profile}");
            }
            let version = (*profile == "anthropic").then_some("2023-06-01");
            assert_eq!(request.header("anthropic-version"), version);
        }
    }

    #[test]
    fn rejects_a_bad_key_with_its_documented_response() {
        let (outcome, _) = all(|provider| json(provider.bad.0, provider.bad.1));
        let outcome = outcome.exits_with(1);
        for Provider { profile, host, bad: (line, _), .. } in &PROVIDERS {
            // How Together refuses one is not confirmed, so that is no verdict.
            let word = if *profile == "together" { UNKNOWN } else { INVALID };
            assert_eq!(outcome.row(profile).get(2), Some(&word), "{outcome:#?}");
            if word == INVALID {
                let code = &line[..3];
                let expected =
                    format!("error: profile '{profile}': {host} rejects the key ({code})\n");
                assert!(outcome.stderr.contains(&expected), "{expected}{}", outcome.stderr);
            }
        }
    }

    #[test]
    fn that_is_busy_or_broken_proves_nothing() {
        for line in ["429 Too Many Requests", "500 Internal Server Error", "503 Unavailable"] {
            // With the very words that else mean something.
            let (outcome, _) = all(move |provider| json(line, provider.bad.1));
            let outcome = outcome.exits_with(4);
            for Provider { profile, .. } in &PROVIDERS {
                assert_eq!(outcome.row(profile).get(2), Some(&UNKNOWN), "{line} {profile}");
            }
            outcome.explains(&["'openai' was not verified: api.openai.com answered", "try again"]);
        }
    }

    #[test]
    fn proves_nothing_with_an_undocumented_response() {
        for (line, body) in [
            ("200 OK", "<html>Please log in</html>"),
            ("200 OK", ""),
            ("200 OK", "\"ok\""),
            ("204 No Content", ""),
            ("402 Payment Required", "{}"),
            ("403 Forbidden", "<html>Blocked by the proxy</html>"),
            ("404 Not Found", "{}"),
            ("418 I'm a teapot", "{}"),
            ("302 Found", "{}"),
        ] {
            let (outcome, _) = all(move |_| json(line, body));
            let outcome = outcome.exits_with(4);
            for Provider { profile, .. } in &PROVIDERS {
                assert_eq!(outcome.row(profile).get(2), Some(&UNKNOWN), "{line} {profile}");
            }
        }
    }

    #[test]
    fn openai_tells_a_restricted_key_from_a_bad_one() {
        let scopes =
            r#"{"error":{"message":"... Missing scopes: api.model.read. ...","code":null}}"#;
        one(
            "openai",
            &[
                ("401 Unauthorized", scopes, VALID),
                ("401 Unauthorized", r#"{"error":{"code":"missing_scope"}}"#, VALID),
                ("401 Unauthorized", r#"{"error":{"code":"invalid_organization"}}"#, UNKNOWN),
                ("401 Unauthorized", "", UNKNOWN),
                ("403 Forbidden", r#"{"error":{"code":"unsupported_country"}}"#, UNKNOWN),
            ],
        );
    }

    #[test]
    fn gemini_tells_a_restricted_key_from_a_bad_one() {
        let country = r#"{"error":{"code":400,"status":"FAILED_PRECONDITION"}}"#;
        let denied = r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#;
        let leaked = r#"{"error":{"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}"#;
        one(
            "gemini",
            &[
                ("400 Bad Request", country, UNKNOWN),
                ("401 Unauthorized", "{}", UNKNOWN),
                ("403 Forbidden", denied, VALID),
                ("403 Forbidden", leaked, INVALID),
            ],
        );
    }

    #[test]
    fn xai_reports_disabled_keys() {
        one(
            "xai",
            &[
                ("401 Unauthorized", "{}", INVALID),
                ("200 OK", r#"{"api_key_blocked": false, "api_key_disabled": true}"#, INVALID),
                ("200 OK", r#"{"api_key_blocked": true}"#, INVALID),
                ("200 OK", r#"{"team_blocked": true}"#, INVALID),
            ],
        );
    }
}

/// The providers that run on the user's own machine. Their ports are fixed, so a test
/// reaches them at another one, by name.
mod a_known_local_server {
    use super::*;

    /// Its name, and what the status 401 says about a key.
    const SERVERS: [(&str, (&str, i32)); 3] =
        [("lmstudio", (UNKNOWN, 4)), ("ollama", (UNKNOWN, 4)), ("vllm", (INVALID, 1))];

    #[test]
    fn is_asked_for_its_models_with_the_key_and_without() {
        for (provider, rejected) in SERVERS {
            for (line, expected) in [("200 OK", (NOT_REQUIRED, 0)), ("401 No", rejected)] {
                let server = Server::new(json(line, MODELS));
                let cli = corp_at(&server.url(), &format!("provider = \"{provider}\""));
                assert_eq!(standing(&cli), (expected.0.into(), expected.1), "{provider} {line}");
                let request = &server.requests()[0];
                assert_eq!(request.line, "GET /v1/models HTTP/1.1");
                assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
            }
        }
    }

    #[test]
    fn is_at_the_same_host_as_the_others() {
        for (name, _) in SERVERS {
            let known = KnownProvider::named(name).expect("a known provider");
            assert!(known.base_url.starts_with("http://localhost:"), "{name}: {}", known.base_url);
            let at = |host| known.base_url.replace("localhost", host).parse().expect("a URL");
            // Whatever a user calls this machine.
            for host in ["127.0.0.1", "[::1]", "LOCALHOST"] {
                assert!(known.is_at(&at(host)), "{name} at {host}");
            }
            assert!(!known.is_at(&at("localhost.evil.example")));
        }
    }

    #[test]
    fn or_a_remote_one_is_each_provider_of_the_catalogue() {
        let remote = each_provider::PROVIDERS.iter().map(|known| (known.profile, known.base_url));
        let mut tested: Vec<&str> = SERVERS.map(|(name, _)| name).to_vec();
        for (name, base_url) in remote {
            let known = KnownProvider::named(name).expect("a known provider");
            assert_eq!(known.base_url.replace("RESOURCE", "corp"), base_url);
            assert!(known.is_at(&base_url.parse().expect("a URL")), "{base_url}");
            tested.push(name);
        }
        tested.sort_unstable();
        let mut known: Vec<&str> = KNOWN.iter().map(|provider| provider.name).collect();
        known.sort_unstable();
        assert_eq!(tested, known, "a provider of the catalogue has no case in this file");
    }
}

mod a_server_of_my_own {
    use super::*;

    /// A server that wants a key, and takes this one or not.
    fn closed(takes: bool) -> Server {
        Server::with(move |request, stream| {
            let key = request.header("authorization") == Some(&*format!("Bearer {KEY}"));
            let line = if key && takes { "200 OK" } else { "401 Unauthorized" };
            stream.write_all(json(line, MODELS).as_bytes())
        })
    }

    #[test]
    fn that_accepts_any_key_requires_none() {
        let server = Server::new(json("200 OK", MODELS));
        assert_eq!(standing(&corp_at(&server.url(), "")), (NOT_REQUIRED.into(), 0));
        // Once with the key, once without.
        let with_key = |request: &Request| {
            assert_eq!(request.line, "GET /v1/models HTTP/1.1");
            request.header("authorization").is_some()
        };
        assert_eq!(server.requests().iter().map(with_key).collect::<Vec<_>>(), [true, false]);
        let outcome = corp_at(&server.url(), "").run(LOGIN).exits_with(0);
        let expected = "✓ CORP_TOKEN is set (sk-...7x2f), but no key is required\n";
        assert_eq!(outcome.stdout, expected);
    }

    #[test]
    fn that_accepts_only_this_key_makes_it_valid() {
        let server = closed(true);
        assert_eq!(standing(&corp_at(&server.url(), "")), (VALID.into(), 0));
    }

    #[test]
    fn that_rejects_a_key_proves_nothing_unless_its_answer_is_known() {
        let server = closed(false);
        assert_eq!(standing(&corp_at(&server.url(), "")), (UNKNOWN.into(), 4));
        let vllm = corp_at(&server.url(), "provider = \"vllm\"");
        assert_eq!(standing(&vllm), (INVALID.into(), 1));
        let ollama = corp_at(&server.url(), "provider = \"ollama\"");
        assert_eq!(standing(&ollama), (UNKNOWN.into(), 4));
    }

    #[test]
    fn that_answers_with_anything_but_a_list_of_models_proves_nothing() {
        for body in [
            r#"{"error":{"message":"invalid api key"}}"#,
            r#"{"error":"model server is starting","data":[]}"#,
            r#"{"detail":"Not authenticated"}"#,
            r#"{"status":"ok"}"#,
            r#"{"data":"none"}"#,
            "{}",
            "[1, 2]",
        ] {
            let server = Server::new(json("200 OK", body));
            assert_eq!(standing(&corp_at(&server.url(), "")), (UNKNOWN.into(), 4), "{body}");
            assert_eq!(server.requests().len(), 1, "{body}");
            assert_eq!(standing(&keyless_at(&server.url(), "")), (UNKNOWN.into(), 4), "{body}");
            // The key decides nothing if the answer without one says nothing.
            let body = body.to_owned();
            let server = Server::with(move |request, stream| {
                let body = if request.header("authorization").is_some() { MODELS } else { &body };
                stream.write_all(json("200 OK", body).as_bytes())
            });
            assert_eq!(standing(&corp_at(&server.url(), "")), (UNKNOWN.into(), 4));
        }
    }

    #[test]
    fn that_lists_models_in_another_form_requires_none() {
        for body in [
            r#"{"models":[{"name":"m:latest","model":"m:latest"}]}"#,
            r#"{"object":"list","data":null}"#,
            r#"{"data":[{"type":"model","id":"m"}],"has_more":false}"#,
            r#"[{"id":"m"}]"#,
        ] {
            let server = Server::new(json("200 OK", body));
            assert_eq!(standing(&corp_at(&server.url(), "")), (NOT_REQUIRED.into(), 0), "{body}");
        }
    }
}

mod no_key {
    use super::*;

    #[test]
    fn is_asked_about_without_one() {
        let server = Server::new(json("200 OK", MODELS));
        for more in ["", "auth_type = \"none\"", "provider = \"vllm\""] {
            let cli = keyless_at(&server.url(), more);
            assert_eq!(standing(&cli), (NOT_REQUIRED.into(), 0), "{more}");
            let outcome = cli.run(LOGIN).exits_with(0);
            assert_eq!(outcome.stdout, "✓ No authentication required for corp profile\n");
        }
        for request in server.requests() {
            assert_eq!(request.line, "GET /v1/models HTTP/1.1");
            assert_eq!(request.header("authorization"), None);
        }
        assert_eq!(server.requests().len(), 6);
    }

    #[test]
    fn is_not_enough_for_a_server_that_requires_one_and_the_hint_names_a_variable() {
        let server = Server::with(|request, stream| {
            let key = request.header("authorization") == Some(&*format!("Bearer {KEY}"));
            let line = if key { "200 OK" } else { "401 Unauthorized" };
            stream.write_all(json(line, MODELS).as_bytes())
        });
        for more in ["", "auth_type = \"none\"", "provider = \"vllm\"", "provider = \"ollama\""] {
            let cli = keyless_at(&server.url(), more);
            assert_eq!(standing(&cli), (INVALID.into(), 1), "{more}");
            let message =
                format!("error: profile 'corp': {} requires a key (401)\n", server.host());
            let outcome = cli.run(VERIFY).exits_with(1);
            outcome.explains(&[&message, "api_key_env = \"...\" in [profiles.corp]"]);
            cli.run(&["auth", "check", "corp", "--verify"]).exits_with(1);
            let outcome = cli.run(LOGIN).exits_with(1);
            assert!(outcome.stdout.contains("requires a key (401)"), "{}", outcome.stdout);
        }
        // Following the hint makes it valid.
        assert_eq!(standing(&corp_at(&server.url(), "")), (VALID.into(), 0));
    }

    #[test]
    fn leaves_in_doubt_what_an_answer_does_not_say() {
        for line in ["403 Forbidden", "404 Not Found", "429 Too Many Requests", "503 Unavailable"] {
            let server = Server::new(json(line, r#"{"error":"PERMISSION_DENIED"}"#));
            let cli = keyless_at(&server.url(), "");
            assert_eq!(standing(&cli), (UNKNOWN.into(), 4), "{line}");
            cli.run(VERIFY).exits_with(4).explains(&["does not say whether it requires a key"]);
        }
        let refusing = Refusing::start();
        let cli = keyless_at(&format!("http://{}/v1", refusing.host()), "");
        assert_eq!(standing(&cli), (UNREACHABLE.into(), 4));
    }

    #[test]
    fn is_judged_by_the_profiles_own_statuses() {
        let verify = "verify = { path = \"/me\", valid = [204], invalid = [403] }";
        for (line, expected) in [
            ("204 No Content", (NOT_REQUIRED, 0)),
            ("403 Forbidden", (INVALID, 1)),
            ("200 OK", (UNKNOWN, 4)),
        ] {
            let server = Server::new(status(line, &[], ""));
            let (word, exit) = standing(&keyless_at(&server.url(), verify));
            assert_eq!((&*word, exit), expected, "{line}");
        }
    }

    #[test]
    fn goes_to_another_machine_over_plain_http_unless_a_header_may_hold_one() {
        // Everyone's address, which is no loopback address, leads to this machine.
        let server = Server::new(json("200 OK", MODELS));
        let url = server.url().replace("127.0.0.1", "0.0.0.0");
        let none = "auth_type = \"none\"";
        assert_eq!(standing(&keyless_at(&url, none)), (NOT_REQUIRED.into(), 0));
        assert_eq!(server.requests().len(), 1);
        let header = format!("{none}\nheaders = {{ X-Token = \"t\" }}");
        let password = url.replace("0.0.0.0", "user:pw@0.0.0.0");
        for cli in [keyless_at(&url, &header), keyless_at(&password, none), corp_at(&url, "")] {
            assert_eq!(standing(&cli), (UNKNOWN.into(), 4));
        }
        assert_eq!(server.requests().len(), 1);
    }

    #[test]
    fn is_no_problem_for_a_built_in_profile_whose_server_does_not_run() {
        // Nobody who has no model server set one up.
        let outcome = Cli::new().run(&["auth", "check", "--verify", "local"]);
        assert!(matches!(outcome.status, 0 | 4), "{outcome:#?}");
        assert!(!outcome.all().contains("unreachable"), "{outcome:#?}");
    }
}

mod a_probe_of_my_own {
    use super::*;

    #[test]
    fn says_what_is_asked_for_and_how() {
        let server = Server::new(json("200 OK", "{}"));
        let verify = "verify = { path = \"/health/key\", header = \"X-Corp-Key\" }\n\
                      headers = { X-Team = \"search\" }";
        assert_eq!(standing(&corp_at(&server.url(), verify)), (VALID.into(), 0));
        let request = server.request();
        assert_eq!(request.line, "GET /v1/health/key HTTP/1.1");
        assert_eq!(request.header("x-corp-key"), Some(KEY));
        assert_eq!(request.header("authorization"), None);
        assert_eq!(request.header("x-team"), Some("search"));
    }

    #[test]
    fn says_what_the_answers_mean() {
        for (line, verify, expected) in [
            ("200 OK", "", (VALID, 0)),
            ("401 Unauthorized", "", (INVALID, 1)),
            ("403 Forbidden", "", (UNKNOWN, 4)),
            ("204 No Content", ", valid = [204]", (VALID, 0)),
            ("200 OK", ", valid = [204]", (UNKNOWN, 4)),
            ("403 Forbidden", ", invalid = [401, 403]", (INVALID, 1)),
            ("503 Unavailable", ", invalid = [401, 403]", (UNKNOWN, 4)),
        ] {
            let server = Server::new(status(line, &[], ""));
            let cli = corp_at(&server.url(), &format!("verify = {{ path = \"/me\"{verify} }}"));
            assert_eq!(standing(&cli), (expected.0.into(), expected.1), "{line} {verify}");
        }
    }

    #[test]
    fn with_a_mistake_is_an_error_at_its_place() {
        for (verify, expected) in [
            ("{ header = \"x-api-key\" }", "verify needs a path"),
            ("{ path = \"models\" }", "a path begins with '/'"),
            ("{ path = \"/me?key=1\" }", "has no '?' or '#'"),
            ("{ path = \"/me\", header = \"x api key\" }", "not the name of a header"),
            ("{ path = \"/me\", invalid = [503] }", "says nothing about a key"),
            ("{ path = \"/me\", invalid = [429] }", "says nothing about a key"),
            ("{ path = \"/me\", invalid = [200] }", "already means a valid key"),
            ("{ path = \"/me\", valid = [\"200\"] }", "expected a whole number, found a string"),
            ("{ pth = \"/me\" }", "did you mean 'path'?"),
        ] {
            let outcome = corp(&format!("verify = {verify}")).run(VERIFY).exits_with(2);
            outcome.explains(&["providers.toml:3:", expected]);
        }
    }
}

mod no_answer {
    use super::*;

    #[test]
    fn without_a_server_is_unreachable() {
        let refusing = Refusing::start();
        let url = format!("http://{}/v1", refusing.host());
        assert_eq!(standing(&corp_at(&url, "")), (UNREACHABLE.into(), 4));
        let outcome = corp_at(&url, "").run(LOGIN).exits_with(4);
        let expected = "? CORP_TOKEN is set (sk-...7x2f), but not verified: ";
        assert!(outcome.stdout.starts_with(expected), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("refused the connection\n  "), "{}", outcome.stdout);
        assert_eq!(outcome.stderr, "");
    }

    #[test]
    fn in_time_is_unreachable() {
        let server = Server::with(|_, _| {
            sleep(Duration::from_secs(20));
            Ok(())
        });
        let cli = corp_at(&server.url(), "timeout_seconds = 1");
        assert_eq!(standing(&cli), (UNREACHABLE.into(), 4));
        cli.run(VERIFY).exits_with(4).explains(&["warning: profile 'corp'", "in time"]);
    }

    #[test]
    fn in_the_usual_time_is_waited_for_as_long_as_the_hint_says() {
        let server = Server::with(|_, stream| {
            sleep(Duration::from_secs(11));
            stream.write_all(json("200 OK", "{}").as_bytes())
        });
        let usual = corp_at(&server.url(), "verify = { path = \"/me\" }");
        usual
            .run(VERIFY)
            .exits_with(4)
            .explains(&["in time", "timeout_seconds in [profiles.corp]"]);
        let longer = "verify = { path = \"/me\" }\ntimeout_seconds = 60";
        corp_at(&server.url(), longer).run(VERIFY).exits_with(0);
    }

    #[test]
    fn before_the_timeout_is_unreachable_even_if_bytes_trickle_in() {
        let server = Server::with(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
            for _ in 0..100 {
                sleep(Duration::from_millis(200));
                stream.write_all(b" ")?;
            }
            Ok(())
        });
        let cli = corp_at(&server.url(), "timeout_seconds = 1");
        assert_eq!(standing(&cli), (UNREACHABLE.into(), 4));
    }

    #[test]
    fn that_ends_is_unreachable() {
        for half in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
            let server = Server::new(half);
            assert_eq!(standing(&corp_at(&server.url(), "")), (UNREACHABLE.into(), 4), "{half}");
        }
    }

    #[test]
    fn with_an_untrusted_certificate_is_unreachable_and_no_key_is_sent() {
        let (server, _) = Server::with_tls(json("200 OK", "{}"));
        assert_eq!(standing(&corp_at(&server.url(), "")), (UNREACHABLE.into(), 4));
        assert_eq!(server.requests().len(), 0);
    }
}

mod the_key {
    use super::*;

    #[test]
    fn does_not_follow_a_redirect() {
        let elsewhere = Server::new(json("200 OK", "{}"));
        for line in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let location = format!("http://{}/{KEY}?key={KEY}", elsewhere.host());
            let server = Server::new(status(line, &[("location", &location)], ""));
            assert_eq!(standing(&corp_at(&server.url(), "")), (UNKNOWN.into(), 4));
        }
        assert_eq!(elsewhere.requests().len(), 0);
    }

    #[test]
    fn is_not_shown_with_the_target_of_a_redirect_however_it_is_encoded() {
        for encoded in [
            KEY.to_owned(),
            KEY.replace('-', "%2D"),
            KEY.replace('-', "%2d").replace('x', "%78"),
            KEY.replace('-', "%252D"),
            KEY.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            // The key in base 64, alone and after a user.
            "c2stY29ycC1acTgxTG1WdDkzS3hCZFJ3N3gyZg".to_owned(),
            "c3ZjOnNrLWNvcnAtWnE4MUxtVnQ5M0t4QmRSdzd4MmY%3D".to_owned(),
        ] {
            let location = format!("/login/{encoded}/next");
            let server = Server::new(status("302 Found", &[("location", &location)], ""));
            let outcome = corp_at(&server.url(), "").run(LOGIN).exits_with(4);
            let all = outcome.all();
            let (_, shown) = all.split_once("/login/").expect("the target is shown");
            let (shown, _) = shown.split_once("/next").expect("the rest of it is shown");
            let left = shown.replace("***", "").replace("%3D", "");
            assert!(shown.contains("***") && left.len() <= 5, "{encoded}: {all}");
        }
    }

    #[test]
    fn is_not_sent_over_plain_http_unless_allowed() {
        let proxy = Server::new(json("200 OK", "{}"));
        let through = |cli: Cli| cli.env("HTTP_PROXY", format!("http://{}", proxy.host()));
        let cli = through(corp_at("http://llm.corp.example/v1", ""));
        assert_eq!(standing(&cli), (UNKNOWN.into(), 4));
        cli.run(VERIFY).exits_with(4).explains(&["plain http", "allow_http = true"]);
        assert_eq!(proxy.requests().len(), 0);

        let more = "allow_http = true\nverify = { path = \"/me\" }";
        let cli = through(corp_at("http://llm.corp.example/v1", more));
        assert_eq!(standing(&cli), (VALID.into(), 0));
    }

    #[test]
    fn that_does_not_fit_in_a_header_is_invalid_and_not_sent() {
        let server = Server::new(json("200 OK", "{}"));
        let cli = corp_at(&server.url(), "").env("CORP_TOKEN", format!("{KEY}\n{KEY}"));
        assert_eq!(standing(&cli), (INVALID.into(), 1));
        assert_eq!(server.requests().len(), 0);
        cli.run(VERIFY)
            .exits_with(1)
            .explains(&["error: profile 'corp'", "CORP_TOKEN contains a line break"]);
    }

    #[test]
    fn that_is_missing_causes_no_request() {
        let cli = corp_at("https://llm.corp.example/v1", "").without("CORP_TOKEN");
        assert_eq!(standing(&cli), ("✗ missing".into(), 0));
        let outcome = cli.run(LOGIN).exits_with(1);
        assert!(outcome.stdout.starts_with("✗ CORP_TOKEN is not set\n"), "{outcome:#?}");
    }

    #[test]
    fn is_not_shown_if_a_server_returns_it() {
        let server = Server::with(|request, stream| {
            let key = request.header("authorization").unwrap_or_default().to_owned();
            let answer = status("500 Broken", &[("x-key", &key)], &key);
            stream.write_all(answer.as_bytes())
        });
        assert_eq!(standing(&corp_at(&server.url(), "")), (UNKNOWN.into(), 4));
    }
}

mod many_profiles {
    use super::*;

    fn profiles(count: usize, url: &str) -> String {
        let profile = |number| {
            format!(
                "[profiles.p{number}]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
                 verify = {{ path = \"/me\" }}\n"
            )
        };
        (0..count).map(profile).collect()
    }

    #[test]
    fn are_verified_concurrently() {
        // It answers no one until everyone has asked.
        let everybody = Arc::new(Barrier::new(20));
        let server = Server::with(move |_, stream| {
            everybody.wait();
            stream.write_all(json("200 OK", "{}").as_bytes())
        });
        let cli = Cli::new().config(profiles(20, &server.url())).env("CORP_TOKEN", KEY);
        let outcome = cli.run(VERIFY).exits_with(0);
        assert_eq!(outcome.stdout.matches(VALID).count(), 20, "{outcome:#?}");
    }

    #[test]
    fn are_not_held_up_by_a_silent_server() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}/v1", silent.local_addr().expect("it has an address"));
        let server = Server::new(json("200 OK", "{}"));
        let corp = format!(
            "[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
             timeout_seconds = 2\n"
        );
        let config = format!("{corp}{}", profiles(5, &server.url()));
        let cli = Cli::new().config(config).env("CORP_TOKEN", KEY);
        let outcome = cli.run(VERIFY).exits_with(4);
        assert_eq!(outcome.row("corp").get(2), Some(&UNREACHABLE));
        assert_eq!(outcome.stdout.matches(VALID).count(), 5, "{outcome:#?}");
    }

    #[test]
    fn do_not_open_too_many_connections() {
        let now = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let (in_server, seen) = (Arc::clone(&now), Arc::clone(&most));
        let server = Server::with(move |_: &Request, stream| {
            seen.fetch_max(in_server.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(20));
            in_server.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(json("200 OK", "{}").as_bytes())
        });
        let cli = Cli::new().config(profiles(100, &server.url())).env("CORP_TOKEN", KEY);
        let outcome = cli.run(VERIFY).exits_with(0);
        assert_eq!(outcome.stdout.matches(VALID).count(), 100, "{outcome:#?}");
        assert!(most.load(Ordering::SeqCst) <= 32, "{most:?} at once");
    }

    #[test]
    fn that_are_invalid_and_unreachable_exit_as_invalid() {
        let refusing = Server::new(status("401 Unauthorized", &[], ""));
        let config = format!(
            "{}[profiles.corp]\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key_env = \"CORP_TOKEN\"\n",
            profiles(1, &refusing.url())
        );
        let cli = Cli::new().config(config).env("CORP_TOKEN", KEY);
        let outcome = cli.run(VERIFY).exits_with(1);
        assert_eq!(outcome.row("p0").get(2), Some(&INVALID));
        assert_eq!(outcome.row("corp").get(2), Some(&UNREACHABLE));
    }
}

#[test]
fn login_says_what_the_provider_said() {
    let login = |line, verify: &str| {
        let server = Server::new(status(line, &[], ""));
        let host = server.host();
        let outcome = corp_at(&server.url(), verify).run(LOGIN);
        assert_eq!(outcome.stderr, "");
        (outcome.stdout.replace(&host, "HOST"), outcome.status)
    };
    let verify = "verify = { path = \"/me\" }";
    let found = "CORP_TOKEN is set (sk-...7x2f)";
    assert_eq!(login("200 OK", verify), (format!("✓ {found}, and HOST accepts it\n"), 0));
    let refused = "but HOST rejects the key (401)\n  \
                   check that it is a key for this provider, and that it was not revoked\n";
    assert_eq!(login("401 No", verify), (format!("✗ {found}, {refused}"), 1));
    let busy = "but not verified: HOST answered 503, which says nothing about the key\n  \
                try again later\n";
    assert_eq!(login("503 Busy", verify), (format!("? {found}, {busy}"), 4));
}

#[test]
fn a_terminal_shows_a_spinner_and_clears_it() {
    let asked = Arc::new(Barrier::new(2));
    let in_server = Arc::clone(&asked);
    let server = Server::with(move |_, stream| {
        in_server.wait();
        stream.write_all(json("200 OK", "{}").as_bytes())
    });
    let cli = corp_at(&server.url(), "verify = { path = \"/me\" }");
    let Some(terminal) = cli.at_terminal(80, VERIFY) else { return };
    terminal.wait_for("asking the provider of 'corp'…");
    asked.wait();
    let screen = terminal.screen();
    assert!(screen.written.iter().any(|line| line.contains(VALID)), "{screen:#?}");
    assert!(!screen.written.iter().any(|line| line.contains("asking")), "{screen:#?}");
}
