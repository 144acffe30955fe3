//! Where a key goes: base URLs, and what else of providers.toml decides it.
//!
//! Promised here: a URL that is shown is the URL that is used, and shows nothing secret;
//! a text that HTTP clients read differently from a person is refused with its place, as
//! is a slip in the name of a provider; and until all of it is right, no key leaves.

use orchestration_tests::server::{Server, says, status};
use orchestration_tests::{Cli, Outcome};

const KEY: &str = "sk-corp-0123456789abcdef";
const PASSWORD: &str = "hunter22";

/// Every command that would send or hand out the key of `corp`.
const ALL: [&[&str]; 8] = [
    &["auth", "status"],
    &["auth", "status", "--verify"],
    &["auth", "login", "corp"],
    &["auth", "check", "corp"],
    &["auth", "check", "--verify", "corp"],
    &["auth", "token", "--show-token", "corp"],
    &["auth", "exec", "corp", "--", "env"],
    &["spawn", "--profile", "corp", "--model", "m", "Hi"],
];

/// A profile with these lines, and its key in the environment.
fn corp(lines: &str) -> Cli {
    let config = format!("[profiles.corp]\n{lines}\napi_key_env = \"CORP_TOKEN\"\n");
    Cli::new().config(config).env("CORP_TOKEN", KEY)
}

/// Runs every command, and checks that each refuses the file at line 2 with `texts`.
#[track_caller]
fn refused(cli: &Cli, texts: &[&str]) {
    for command in ALL {
        let outcome = cli.run(command).exits_with(2);
        assert_eq!(outcome.stdout, "", "{command:?}");
        let outcome = outcome.explains(&["providers.toml:2:"]).explains(texts);
        assert!(!outcome.all().contains(KEY) && !outcome.all().contains(PASSWORD), "{outcome:#?}");
    }
}

mod a_base_url {
    use super::*;

    /// The text and, if it were read leniently, the server that gets the key.
    #[test]
    fn that_http_clients_read_differently_is_refused_and_no_key_is_sent() {
        let server = Server::new(says(&["Hello"]));
        let host = server.host();
        let local = format!("http://{host}");
        for (url, fault, instead) in [
            (format!(r"http://{host}\@api.openai.com/v1"), "a backslash", &*local),
            (format!(r"http:\\user:{PASSWORD}@{host}"), "a backslash", &local),
            (format!("http:/user:{PASSWORD}@{host}"), "http:// or https://", &local),
            (format!("http://{}/v1", host.replace('.', "\u{3002}")), "not in ASCII", &local),
            (format!("http://{host}/v1\n"), "line break", &local),
            (format!("http://\t{host}/v1"), "tab", &local),
            (format!("http://{host}/x/../v1"), "not what HTTP clients read", &local),
            (format!("http://2130706433{}", &host[9..]), "not what HTTP clients read", &local),
            ("https://\u{430}pi.openai.com/v1".to_owned(), "not in ASCII", "https://xn--pi-6kc"),
        ] {
            // Rust escapes these as TOML does.
            refused(&corp(&format!("base_url = {url:?}")), &[fault, instead]);
        }
        assert_eq!(server.requests().len(), 0);
    }

    #[test]
    fn with_a_slip_is_refused_with_what_was_meant() {
        for (url, fault, instead) in [
            ("localhost:11434/v1", "does not begin with", "\"http://localhost:11434/v1\""),
            ("llm.corp.example/v1", "does not begin with", "\"https://llm.corp.example/v1\""),
            ("htps://llm.corp.example", "does not begin with", "\"https://llm.corp.example\""),
            ("https//llm.corp.example", "does not begin with", "\"https://llm.corp.example\""),
            ("unix:///run/llm.sock", "does not begin with", "llm.corp.example"),
            ("ftp://llm.corp.example", "does not begin with", "llm.corp.example"),
            ("https://llm.corp.example:99999", "from 1 to 65535", "llm.corp.example"),
            ("https://", "no valid host", "llm.corp.example"),
            ("https://<your-resource>.openai.azure.com", "no valid host", "llm.corp.example"),
        ] {
            refused(
                &corp(&format!("base_url = \"{url}\"")),
                &["providers.toml:2:12", fault, instead],
            );
        }
        let outcome = corp("base_url = \"localhost:11434/v1\"").run(&["doctor"]).exits_with(2);
        outcome.explains(&["providers.toml:2:12"]);
    }

    #[test]
    fn that_is_a_pasted_key_is_not_repeated() {
        for key in ["sk-proj-Zq81LmVt93KxBd", "eyJhbGciOi.eyJzdWIiOi.Sf1KxwRJ", "gsk_Zq81LmVt"] {
            let outcome = corp(&format!("base_url = \"{key}\"")).status().exits_with(2);
            assert!(!outcome.all().contains(key), "{outcome:#?}");
        }
    }

    #[test]
    fn may_be_written_in_any_case_with_the_default_port_and_a_final_slash() {
        for url in ["HTTPS://LLM.Corp.example", "https://llm.corp.example:443/"] {
            let shown = corp(&format!("base_url = \"{url}\"")).run(&["profile", "show", "corp"]);
            let shown = shown.exits_with(0);
            assert_eq!(shown.row("base_url").get(1), Some(&"https://llm.corp.example"), "{url}");
        }
    }

    #[test]
    fn of_a_project_is_refused_before_anyone_is_asked_to_trust_it() {
        let cli = Cli::new();
        let text = "[profiles.openai]\nbase_url = 'https://evil.example\\@api.openai.com/v1'\n";
        cli.file("clone/.orchestration/providers.toml", text);
        let mut command = cli.command(&["trust", "--yes"]);
        let outcome = Outcome::of(command.current_dir(cli.home().join("clone"))).exits_with(2);
        outcome.explains(&["providers.toml:2:12", "a backslash", "https://evil.example"]);
    }

    #[test]
    fn on_the_command_line_follows_the_same_rules() {
        let cli = corp("base_url = \"https://llm.corp.example\"");
        let url = format!(r"https:\\user:{PASSWORD}@evil.example");
        for command in [
            &["profile", "add", "new", "--base-url", &url][..],
            &["spawn", "--profile", "corp", "--model", "m", "--base-url", &url, "Hi"],
        ] {
            let outcome = cli.run(command).exits_with(2);
            let outcome = outcome.explains(&["--base-url", "a backslash", "https://evil.example"]);
            assert!(!outcome.all().contains(PASSWORD), "{outcome:#?}");
        }
    }

    /// All that may be secret in a URL, wherever a URL is shown.
    #[test]
    fn is_shown_without_user_password_query_and_fragment() {
        let refusing = orchestration_tests::server::Refusing::start();
        let secret = |scheme: &str, host: &str| {
            format!("{scheme}://svc:{PASSWORD}@{host}/v1?key={PASSWORD}#{PASSWORD}")
        };
        let url = secret("http", &refusing.host());
        let shown = format!("http://{}/v1", refusing.host());
        let cli = corp(&format!("base_url = \"{url}\""))
            .env("OPENAI_BASE_URL", secret("https", "gw.example"))
            .env("HTTPS_PROXY", secret("http", "proxy.example"));
        cli.file(
            "clone/.orchestration/providers.toml",
            format!("[profiles.other]\nbase_url = \"{url}\"\n"),
        );
        let json = ["auth", "check", "--verify", "corp", "--format", "json"];
        let sarif = ["auth", "check", "--verify", "corp", "--format", "sarif"];
        for (command, shown) in [
            (&["profile", "show", "corp"][..], &*shown),
            (&["profile", "list"], "http://127.0.0.1"),
            (&["trust"], &shown),
            (&["doctor"], "https://gw.example/v1"),
            (&["doctor"], "http://proxy.example/v1"),
            (&["auth", "check", "--verify", "corp"], &shown),
            (&json, &shown),
            (&sarif, &shown),
            (&["-v", "spawn", "--profile", "corp", "--model", "m", "Hi"], &shown),
        ] {
            let mut command = cli.command(command);
            let outcome = Outcome::of(command.current_dir(cli.home().join("clone")));
            assert!(outcome.all().contains(shown), "{command:?} {outcome:#?}");
            for hidden in [PASSWORD, "svc", "key="] {
                assert!(!outcome.all().contains(hidden), "{command:?} {outcome:#?}");
            }
        }
    }
}

mod a_provider {
    use super::*;

    #[test]
    fn that_is_not_known_is_refused_with_the_closest_one() {
        for (provider, meant) in [
            ("gogle", "did you mean 'gemini'?"),
            ("opanai", "did you mean 'openai'?"),
            ("OpenAI", "did you mean 'openai'?"),
            ("Claude", "did you mean 'anthropic'?"),
            ("telepathy", "known providers: openai, openrouter"),
        ] {
            refused(
                &corp(&format!("provider = \"{provider}\"")),
                &["providers.toml:2:12", "not a known provider", meant, "leave provider out"],
            );
        }
    }

    #[test]
    fn may_be_any_of_the_known_ones_or_none() {
        for provider in ["openai", "gemini", "anthropic", "vllm", ""] {
            corp(&format!("provider = \"{provider}\"")).status().exits_with(0);
        }
    }
}

mod a_header {
    use super::*;

    #[test]
    fn of_the_connection_is_refused_and_nothing_is_sent() {
        let server = Server::new(says(&["Hello"]));
        for name in [
            "Host",
            "host",
            "Transfer-Encoding",
            "Content-Length",
            "Connection",
            "Upgrade",
            "TE",
            "Trailer",
            "Keep-Alive",
            "Proxy-Authorization",
            "proxy-connection",
            "Expect",
        ] {
            let headers = format!("headers = {{ {name} = \"{PASSWORD}\" }}");
            let cli = corp(&format!("{headers}\nbase_url = \"{}\"", server.url()));
            refused(&cli, &["belongs to the connection", "leave it out"]);
        }
        let cli = corp("verify = { path = \"/me\", header = \"Host\" }");
        refused(&cli, &["belongs to the connection"]);
        assert_eq!(server.requests().len(), 0);
    }

    #[test]
    fn of_a_project_is_refused_as_well() {
        let cli = Cli::new();
        let text = "[profiles.openai]\n  headers.Host = \"evil.example\"\n";
        cli.file("clone/.orchestration/providers.toml", text);
        let mut command = cli.command(&["trust", "--yes"]);
        let outcome = Outcome::of(command.current_dir(cli.home().join("clone"))).exits_with(2);
        outcome.explains(&["providers.toml:2:11", "belongs to the connection"]);
    }

    #[test]
    fn that_replaces_the_key_stays_allowed() {
        let server = Server::new(says(&["Hello"]));
        let headers = "headers = { Authorization = \"Basic b3du\" }";
        let cli = corp(&format!("{headers}\nbase_url = \"{}\"", server.url()));
        cli.run(&["spawn", "--profile", "corp", "--model", "m", "Hi"]).exits_with(0);
        assert_eq!(server.request().header("authorization"), Some("Basic b3du"));
    }
}

mod a_placeholder {
    use super::*;

    const HOSTS: [&str; 2] = ["resource.openai.azure.com", "corp.openai.azure.com"];

    /// `auth login` says it on stdout, where its answer is.
    #[track_caller]
    fn told(outcome: &Outcome, text: &str) {
        assert!(outcome.all().contains(text), "{text}: {outcome:#?}");
    }

    /// Answers as Azure, whatever the resource is called.
    fn internet(cli: Cli) -> (Cli, Server) {
        let (internet, authority) =
            Server::internet(&HOSTS, |_| status("200 OK", &[], "{\"data\":[]}"));
        let file = cli.file("authority.pem", authority);
        let proxy = format!("http://{}", internet.host());
        (cli.env("SSL_CERT_FILE", file).env("HTTPS_PROXY", proxy), internet)
    }

    #[test]
    fn left_in_the_url_of_a_preset_keeps_the_key_at_home() {
        let (cli, internet) = internet(Cli::new().env("AZURE_API_KEY", KEY));
        let added = cli.run(&["profile", "add", "corp", "--preset", "azure"]).exits_with(0);
        assert!(added.stdout.contains("Replace RESOURCE"), "{added:#?}");
        for command in ALL {
            let outcome = cli.run(command).exits_with(1);
            assert!(!outcome.all().contains(KEY), "{outcome:#?}");
            told(&outcome, "placeholder RESOURCE");
            told(&outcome, "replace RESOURCE in base_url of [profiles.corp]");
        }
        let status = cli.status();
        assert_eq!(status.row("corp").get(2), Some(&"✗ invalid"), "{status:#?}");
        assert_eq!(internet.requests().len(), 0);
    }

    #[test]
    fn that_was_replaced_lets_the_key_go() {
        let url = "base_url = \"https://corp.openai.azure.com/openai/v1\"";
        let (cli, internet) = internet(corp(url));
        cli.run(&["auth", "check", "--verify", "corp"]).exits_with(0);
        assert_eq!(internet.request().header("api-key"), Some(KEY));
    }

    #[test]
    fn is_one_in_the_words_of_the_vendor_and_on_the_command_line_too() {
        for host in ["YOUR-RESOURCE-NAME", "your-resource", "Your_Resource"] {
            let url = format!("base_url = \"https://{host}.openai.azure.com/openai/v1\"");
            let (cli, internet) = internet(corp(&url));
            for command in ALL {
                told(&cli.run(command).exits_with(1), &format!("placeholder {host}"));
            }
            assert_eq!(internet.requests().len(), 0);
        }
        let (cli, internet) = internet(corp("base_url = \"https://llm.corp.example/v1\""));
        let url = "https://RESOURCE.openai.azure.com/openai/v1";
        let spawn = ["spawn", "--profile", "corp", "--model", "m", "--base-url", url, "Hi"];
        cli.run(&spawn).exits_with(1).explains(&["placeholder RESOURCE"]);
        assert_eq!(internet.requests().len(), 0);
    }
}

/// Names of 15 MB, as large as the file may be.
mod a_name_without_end {
    use super::*;

    #[track_caller]
    fn is_told_briefly(config: String, text: &str) {
        let cli = Cli::new().config(config);
        for command in [&["auth", "status"][..], &["auth", "check", "--format", "json"]] {
            let outcome = cli.run(command).exits_with(2);
            assert!(outcome.all().contains(text), "{text}: {:.2000}", outcome.all());
            assert!(outcome.all().len() < 8_000, "{} bytes", outcome.all().len());
        }
    }

    fn long() -> String {
        "base_url".repeat(15 << 17)
    }

    #[test]
    fn is_quoted_in_part_and_compared_with_none() {
        let name = long();
        is_told_briefly(format!("[profiles.corp]\n{name} = 1\n"), "unknown key 'base_url");
        is_told_briefly(format!("[{name}]\n"), "unknown key 'base_url");
        is_told_briefly(format!("[profiles.{name}]\n"), "a profile name contains only");
        let half = "base_url".repeat(7 << 17);
        is_told_briefly(format!("[profiles.corp]\n{half} = 1\n{half} = 1\n"), "duplicate key");
    }

    #[test]
    fn as_a_value_is_not_quoted() {
        let name = long();
        let line = |key: &str| format!("[profiles.corp]\n{key} = \"{name}\"\n");
        is_told_briefly(line("provider"), "not a known provider");
        is_told_briefly(line("base_url"), "longer than 4096 bytes");
        is_told_briefly(line("auth_type"), "an auth type contains only");
    }

    #[test]
    fn before_a_mistake_does_not_make_the_excerpt_long() {
        let config = format!("profiles.corp = {{ options = {{ a = \"{}\" }}, x = 1 }}\n", long());
        is_told_briefly(config, "unknown key 'x'");
    }

    #[test]
    fn on_the_command_line_is_compared_with_none() {
        let name = "openai".repeat(10_000);
        let outcome = Cli::new().login(&name).exits_with(2);
        assert!(outcome.all().len() < 8_000, "{} bytes", outcome.all().len());
        assert!(!outcome.all().contains("did you mean"));
    }
}
