//! `orchestration spawn`: an answer in a script, and a conversation on a terminal.
//!
//! Promised here: the answer alone is on stdout, what can't be answered is told
//! of with what to do now, a key goes where the user can see that it goes, and on
//! a terminal Ctrl-C stops an answer and ends nothing.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::sleep;
use std::time::Duration;

use orchestration_tests::Cli;
use orchestration_tests::server::{EVENTS, Server, delta, end, says, status};
use serde_json::{Value, json};

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";

/// A profile at this URL, with its key in the environment.
fn corp(url: &str) -> Cli {
    corp_with(url, "")
}

fn corp_with(url: &str, more: &str) -> Cli {
    let config = format!(
        "[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
         default_model = \"m\"\n{more}\n"
    );
    Cli::new().config(config).env("CORP_TOKEN", KEY)
}

/// A profile at this URL that names no variable for a key.
fn keyless(url: &str, more: &str) -> Cli {
    let config = format!("[profiles.corp]\nbase_url = \"{url}\"\ndefault_model = \"m\"\n{more}\n");
    Cli::new().config(config)
}

const ASK: &[&str] = &["spawn", "--profile", "corp", "Hi"];
const TALK: &[&str] = &["spawn", "--profile", "corp"];

/// What was asked for, as the server got it.
fn body(server: &Server) -> Value {
    serde_json::from_str(&server.request().body).expect("a body is JSON")
}

mod a_message {
    use super::*;

    #[test]
    fn is_answered_on_stdout() {
        let server = Server::new(says(&["Hel", "lo", "\u{1f980}"]));
        let outcome = corp(&server.url()).run(ASK).exits_with(0);
        assert_eq!(outcome.stdout, "Hello\u{1f980}\n");
        assert_eq!(outcome.stderr, "");
        let request = server.request();
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    }

    #[test]
    fn may_be_piped_in() {
        let server = Server::new(says(&["two lines\n"]));
        let outcome = corp(&server.url()).run_with_input(TALK, b"one\ntwo\n").exits_with(0);
        assert_eq!(outcome.stdout, "two lines\n");
        assert_eq!(body(&server)["messages"], json!([{ "role": "user", "content": "one\ntwo" }]));
    }

    #[test]
    fn goes_where_the_options_say() {
        let server = Server::new(says(&["Hello"]));
        let cli = corp("https://llm.corp.example/v1");
        let url = server.url();
        let arguments = ["--model", "gpt-x", "--system-prompt", "Be short.", "--base-url", &url];
        cli.run(&[&["spawn", "--profile", "corp"], &arguments[..], &["Hi"]].concat()).exits_with(0);
        assert_eq!(body(&server)["model"], "gpt-x");
        let messages = json!([
            { "role": "system", "content": "Be short." },
            { "role": "user", "content": "Hi" },
        ]);
        assert_eq!(body(&server)["messages"], messages);
    }

    #[test]
    fn is_answered_in_json_lines() {
        let events = [
            &delta(r#"{"content":"Hel\nlo"}"#),
            &delta(
                r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"w","arguments":"{}"}}]}"#,
            ),
            &*end("tool_calls"),
        ];
        let server = Server::new(format!("{EVENTS}{}", events.concat()));
        let arguments = [&["spawn", "--format", "json"], &ASK[1..]].concat();
        let outcome = corp(&server.url()).run(&arguments).exits_with(0);
        let lines = outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        assert_eq!(
            lines.collect::<Vec<Value>>(),
            [
                json!({ "type": "text", "text": "Hel\nlo" }),
                json!({ "type": "tool_call", "id": "a", "name": "w", "arguments": "{}" }),
            ]
        );
    }

    #[test]
    fn may_be_answered_into_a_closed_pipe() {
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        drop(reader);
        let server = Server::new(says(&["Hello"]));
        let outcome = corp(&server.url()).run_into(ASK, writer).exits_with(0);
        assert_eq!(outcome.stderr, "");
    }

    #[test]
    fn that_is_empty_or_not_text_is_a_usage_error() {
        let cli = corp("http://127.0.0.1:9/v1");
        for input in [&b""[..], b"\n"] {
            let outcome = cli.run_with_input(TALK, input).exits_with(2);
            outcome.explains(&["error: no message", "pipe it in"]);
        }
        cli.run_with_input(TALK, b"\xff\xfe").exits_with(2).explains(&["not valid UTF-8"]);
        cli.run(&["spawn", "--profile", "corp", ""]).exits_with(2).explains(&["no message"]);
    }
}

mod a_failure {
    use super::*;

    /// Nothing on stdout, and no key anywhere.
    #[track_caller]
    fn fails(cli: &Cli, status: i32, words: &[&str]) {
        for arguments in [ASK.to_vec(), [&["-v"], ASK].concat()] {
            let outcome = cli.run(&arguments).exits_with(status).explains(words);
            assert_eq!(outcome.stdout, "");
            assert!(!outcome.stderr.contains(KEY), "{}", outcome.stderr);
        }
    }

    #[test]
    fn without_a_model_says_how_to_name_one() {
        let config = "[profiles.corp]\nbase_url = \"http://127.0.0.1:9\"\n";
        let cli = Cli::new().config(config);
        fails(
            &cli,
            2,
            &["has no model", "--model MODEL", "default_model = \"MODEL\" in [profiles.corp]"],
        );
    }

    #[test]
    fn without_a_credential_says_which_variable_to_set() {
        let cli = corp("https://llm.corp.example/v1").without("CORP_TOKEN");
        fails(&cli, 1, &["CORP_TOKEN is not set", "export CORP_TOKEN="]);
    }

    #[test]
    fn on_an_unknown_profile_lists_the_known_ones() {
        let outcome = Cli::new().run(ASK).exits_with(2);
        outcome.explains(&["profile 'corp' not found", "available profiles: gemini, local"]);
    }

    #[test]
    fn on_a_rejected_key_says_which_key_was_sent() {
        let body = format!("{{\"error\":{{\"message\":\"Incorrect API key: {KEY}\"}}}}");
        let server = Server::new(status("401 Unauthorized", &[], &body));
        let words = [
            "'corp'",
            "rejects the key from CORP_TOKEN (sk-...7x2f)",
            "(401: Incorrect API key: ***)",
            "check that CORP_TOKEN",
        ];
        fails(&corp(&server.url()), 1, &words);
    }

    #[test]
    fn of_the_provider_is_reported_with_the_retries() {
        let server = Server::new(status("503 Service Unavailable", &[], "\u{1b}[2Jbusy"));
        fails(&corp(&server.url()), 3, &["trying again in ", "error: ", "(503: [2Jbusy)"]);
    }

    #[test]
    fn over_plain_http_says_how_to_allow_it() {
        fails(&corp("http://llm.corp.example/v1"), 2, &["plain http", "allow_http = true"]);
    }

    #[test]
    fn is_a_server_whose_certificate_is_not_trusted() {
        let (server, authority) = Server::with_tls(says(&["Hello"]));
        let cli = corp(&server.url());
        fails(&cli, 3, &["is not trusted", "SSL_CERT_FILE"]);
        assert_eq!(server.requests().len(), 0);
        // Following the hint makes it trusted.
        let file = cli.file("authority.pem", authority);
        let outcome = cli.env("SSL_CERT_FILE", file).run(ASK).exits_with(0);
        assert_eq!(outcome.stdout, "Hello\n");
        assert_eq!(server.request().header("authorization"), Some(&*format!("Bearer {KEY}")));
    }

    #[test]
    fn in_the_middle_ends_the_output_with_a_line_break() {
        let server = Server::new(format!("{EVENTS}{}", delta(r#"{"content":"He"}"#)));
        let outcome = corp(&server.url()).run(ASK).exits_with(3);
        assert_eq!(outcome.stdout, "He\n");
        outcome.explains(&["error: ", "closed the connection in the middle"]);
    }
}

mod a_key {
    use orchestration_tests::guest::{self, Answer, Guest, Origin};

    use super::*;

    /// The profile `corp`, whose own strategy is `guest` and may read both variables, which
    /// are set.
    fn corp_by(guest: Guest, server: &Server) -> Cli {
        let component = guest.build();
        let more = format!(
            "base_url = \"{}\"\napi_key_env = \"CORP_TOKEN\"\ndefault_model = \"m\"",
            server.url()
        );
        let env = "env = [\"OPENAI_API_KEY\"]";
        let cli = Cli::new().config(guest::lines("corp", &component, env, &more));
        cli.file(".config/orchestration/corp.wasm", &component);
        cli.env("CORP_TOKEN", KEY).env("OPENAI_API_KEY", "sk-openai-Kd82mXqPz40L")
    }

    #[test]
    fn of_a_fallback_is_reported_whatever_the_strategy_calls_it() {
        let names = [Origin::Other(b"SSO"), Origin::Environment(b"CORP_TOKEN"), Origin::Explicit];
        for source in names {
            let server = Server::new(says(&["Hello"]));
            let guest = Guest::new().reads_as(b"OPENAI_API_KEY", source);
            let outcome = corp_by(guest, &server).run(ASK).exits_with(0);
            let expected = format!(
                "warning: OPENAI_API_KEY is sent to {}\n  reason: strategy 'corp' answers with \
                 it\n  help: turn it off by taking OPENAI_API_KEY out of env in [strategies.corp]\n",
                server.host()
            );
            assert_eq!(outcome.stderr, expected);
        }
        let server = Server::new(says(&["Hello"]));
        let own = corp_by(Guest::new().reads("CORP_TOKEN"), &server).run(ASK).exits_with(0);
        assert_eq!(own.stderr, "");
    }

    #[test]
    fn made_by_a_strategy_that_has_read_the_fallback_is_reported() {
        let server = Server::new(says(&["Hello"]));
        let mut guest = Guest::new();
        let (address, length) = guest.place(b"OPENAI_API_KEY");
        let answer = guest.place_answer(&Answer::default());
        let guest = guest.get(format!(
            "(call $get (i32.const {address}) (i32.const {length}) (global.get $scratch))
             i32.const {answer}"
        ));
        let outcome = corp_by(guest, &server).run(ASK).exits_with(0);
        let warning = format!("warning: OPENAI_API_KEY may be sent to {}\n", server.host());
        outcome.explains(&[&warning, "reason: strategy 'corp' has used it"]);
    }

    #[test]
    fn that_is_a_fallback_is_reported_with_its_host() {
        let server = Server::new(says(&["Hello"]));
        let cli = corp(&server.url()).without("CORP_TOKEN").env("OPENAI_API_KEY", KEY);
        let outcome = cli.run(ASK).exits_with(0);
        let expected = format!(
            "warning: OPENAI_API_KEY is sent to {}\n  reason: CORP_TOKEN is not set\n  \
             help: turn it off with fallback_env = false in [profiles.corp]\n",
            server.host()
        );
        assert_eq!(outcome.stderr, expected);

        // Following the help turns it off: the profile's own key is missing.
        let server = Server::new(says(&["Hello"]));
        let cli = corp_with(&server.url(), "fallback_env = false").without("CORP_TOKEN");
        let outcome = cli.env("OPENAI_API_KEY", KEY).run(ASK).exits_with(1);
        outcome.explains(&["CORP_TOKEN is not set"]);
        assert_eq!(server.requests().len(), 0);
    }

    #[test]
    fn is_not_sent_to_a_server_that_needs_none() {
        let server = Server::new(says(&["Hello"]));
        // The second is not a loopback address, and leads to this machine.
        for url in [server.url(), server.url().replace("127.0.0.1", "0.0.0.0")] {
            let cli = keyless(&url, "auth_type = \"none\"").env("OPENAI_API_KEY", KEY);
            let outcome = cli.run(ASK).exits_with(0);
            assert_eq!((&*outcome.stdout, &*outcome.stderr), ("Hello\n", ""));
        }
        assert_eq!(server.requests().len(), 2);
        assert!(server.requests().iter().all(|request| request.header("authorization").is_none()));
    }

    #[test]
    fn that_a_server_requires_is_asked_for() {
        let server = Server::new(status("401 Unauthorized", &[], r#"{"error":"Unauthorized"}"#));
        for more in ["", "auth_type = \"none\""] {
            let outcome = keyless(&server.url(), more).run(ASK).exits_with(1);
            outcome.explains(&[
                "rejects a request without a key (401",
                "name the variable that holds a key: api_key_env = \"...\" in [profiles.corp]",
            ]);
        }
    }

    #[test]
    fn that_is_a_fallback_of_a_built_in_profile_is_reported_with_its_host() {
        for (profile, host, variable) in [
            ("openrouter", "openrouter.ai", "OPENROUTER_API_KEY"),
            ("gemini", "generativelanguage.googleapis.com", "GEMINI_API_KEY"),
        ] {
            let spawn = |cli: Cli| {
                // Nobody listens there, so nothing leaves this machine.
                let cli = cli.env("OPENAI_API_KEY", KEY).env("HTTPS_PROXY", "http://127.0.0.1:1");
                let message = ["spawn", "--profile", profile, "--model", "m", "Hi"];
                cli.run(&message)
            };
            let table = format!("[profiles.{profile}]");
            spawn(Cli::new()).explains(&[
                &format!("warning: OPENAI_API_KEY is sent to {host}\n"),
                &format!("reason: {variable} is not set\n"),
                &format!("help: turn it off with fallback_env = false in {table}\n"),
            ]);
            let off = spawn(Cli::new().config(format!("{table}\nfallback_env = false\n")));
            let off = off.exits_with(1).explains(&[&format!("{variable} is not set")]);
            assert!(!off.stderr.contains("OPENAI_API_KEY"), "{}", off.stderr);
        }
    }

    #[test]
    fn that_is_rejected_is_renewed_by_its_strategy() {
        let asked = AtomicUsize::new(0);
        let server = Server::with(move |_, stream| {
            let answer = match asked.fetch_add(1, Ordering::Relaxed) {
                0 => status("401 Unauthorized", &[], ""),
                _ => says(&["Hello"]),
            };
            stream.write_all(answer.as_bytes())
        });
        let component = Guest::new().answers_anew().build();
        let profile = format!("base_url = \"{}\"\ndefault_model = \"m\"", server.url());
        let cli = Cli::new().config(guest::lines("corp", &component, "", &profile));
        cli.file(".config/orchestration/corp.wasm", component);
        let outcome = cli.run(&[&["-v"], ASK].concat()).exits_with(0);
        assert_eq!(outcome.stdout, "Hello\n");
        let requests = server.requests();
        let keys: Vec<_> =
            requests.iter().filter_map(|request| request.header("authorization")).collect();
        assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
        assert!(keys.iter().all(|key| key.starts_with("Bearer sk-fresh")), "{keys:?}");
        let calls = ["refresh-if-needed", "get-credentials"];
        let calls =
            calls.map(|name| outcome.stderr.matches(&format!("function=\"{name}\"")).count());
        // Once before the first request, and once because of the 401.
        assert_eq!(calls, [2, 2], "{}", outcome.stderr);
    }

    #[test]
    fn that_is_rejected_and_stays_the_same_is_sent_once() {
        for component in [None, Some(Guest::new().build())] {
            let server = Server::new(status("401 Unauthorized", &[], ""));
            let cli = match component {
                None => corp(&server.url()),
                Some(component) => {
                    let profile = format!("base_url = \"{}\"\ndefault_model = \"m\"", server.url());
                    let cli = Cli::new().config(guest::lines("corp", &component, "", &profile));
                    cli.file(".config/orchestration/corp.wasm", component);
                    cli
                }
            };
            cli.run(ASK).exits_with(1).explains(&["401"]);
            assert_eq!(server.requests().len(), 1);
        }
    }

    #[test]
    fn goes_through_the_proxy_of_the_environment() {
        let proxy = Server::new(says(&["Hello"]));
        let url = format!("http://{}", proxy.host());
        for variable in ["http_proxy", "HTTP_PROXY", "ALL_PROXY"] {
            let cli = corp_with("http://llm.corp.example/v1", "allow_http = true");
            cli.env(variable, &url).run(ASK).exits_with(0);
            let request = proxy.requests().pop().expect("the proxy was asked");
            let line = "POST http://llm.corp.example/v1/chat/completions HTTP/1.1";
            assert_eq!(request.line, line);
        }
        assert_eq!(proxy.requests().len(), 3);
    }

    #[test]
    fn for_https_is_not_seen_by_the_proxy() {
        let proxy = Server::new(status("502 Bad Gateway", &[], ""));
        let cli = corp("https://llm.corp.example/v1");
        let cli = cli.env("HTTPS_PROXY", format!("http://{}", proxy.host()));
        cli.run(ASK).exits_with(3).explains(&["https://llm.corp.example", "can't be reached"]);
        for request in proxy.requests() {
            assert_eq!(request.line, "CONNECT llm.corp.example:443 HTTP/1.1");
            assert_eq!(request.header("authorization"), None);
        }
    }

    #[test]
    fn for_this_machine_bypasses_the_proxy() {
        let server = Server::new(says(&["Hello"]));
        let proxy = Server::new(says(&["wrong"]));
        let cli = corp(&server.url()).env("HTTP_PROXY", format!("http://{}", proxy.host()));
        assert_eq!(cli.run(ASK).exits_with(0).stdout, "Hello\n");
        assert_eq!(proxy.requests().len(), 0);
    }
}

mod on_a_terminal {
    use super::*;

    #[test]
    fn a_conversation_goes_on_until_control_d() {
        let server = Server::with(|request, stream| {
            let body: Value = serde_json::from_str(&request.body)?;
            let count = body["messages"].as_array().map_or(0, Vec::len);
            stream.write_all(says(&[&format!("answer to {count}")]).as_bytes())
        });
        let cli = corp(&server.url());
        let Some(terminal) = cli.at_terminal(80, TALK) else { return };
        terminal.wait_for("Ctrl-D ends");
        terminal.enter("Hi");
        terminal.wait_for("answer to 1");
        // The line before comes back, and can be edited.
        terminal.press("Up");
        terminal.wait_for("> Hi\nanswer to 1\n> Hi");
        terminal.enter("!");
        terminal.wait_for("answer to 3");
        terminal.press("C-d");
        let screen = terminal.screen();
        let last = server.requests().pop().expect("there were requests");
        assert!(last.body.contains("\"Hi!\""), "{}", last.body);
        assert!(screen.written.iter().any(|line| line == "> Hi!"), "{screen:#?}");
    }

    #[test]
    fn control_c_stops_an_answer_and_not_the_conversation() {
        let asked = AtomicUsize::new(0);
        let (closed, is_closed) = channel();
        let server = Server::with(move |_, stream| {
            if asked.fetch_add(1, Ordering::Relaxed) > 0 {
                return stream.write_all(says(&["the second"]).as_bytes());
            }
            stream
                .write_all(format!("{EVENTS}{}", delta(r#"{"content":"endless"}"#)).as_bytes())?;
            while stream.write_all(b": keep-alive\n\n").and_then(|()| stream.flush()).is_ok() {
                sleep(Duration::from_millis(20));
            }
            closed.send(()).map_err(io::Error::other)
        });
        let cli = corp(&server.url());
        let Some(terminal) = cli.at_terminal(80, TALK) else { return };
        terminal.enter("one");
        terminal.wait_for("endless");
        terminal.press("C-c");
        terminal.wait_for("stopped");
        // The provider is to stop too, and not only when the next line comes.
        is_closed.recv_timeout(Duration::from_secs(60)).expect("the connection is closed");
        // It also throws a line away.
        terminal.press("x");
        terminal.press("C-c");
        terminal.enter("two");
        terminal.wait_for("the second");
        terminal.press("C-d");
        terminal.screen();
        let last = server.requests().pop().expect("there were requests");
        let body: Value = serde_json::from_str(&last.body).expect("a body is JSON");
        assert_eq!(body["messages"], json!([{ "role": "user", "content": "two" }]));
    }

    #[test]
    fn each_answer_that_is_cut_off_is_warned_of() {
        for reason in ["length", "content_filter"] {
            let answer = format!("{EVENTS}{}{}", delta(r#"{"content":"half"}"#), end(reason));
            let server = Server::new(answer);
            let cli = corp(&server.url());
            let Some(terminal) = cli.at_terminal(80, TALK) else { return };
            for question in ["one", "two", "three"] {
                terminal.wait_for("> ");
                terminal.enter(question);
                terminal.wait_for(&format!("> {question}\nhalf"));
            }
            terminal.press("C-d");
            let written = terminal.screen().written.join("\n");
            assert_eq!(written.matches("cut off by the provider").count(), 3, "{written}");
            assert_eq!(written.matches(reason).count(), 3, "{written}");
        }
    }

    #[test]
    fn a_failed_answer_does_not_end_the_conversation() {
        let asked = AtomicUsize::new(0);
        let server = Server::with(move |_, stream| {
            if asked.fetch_add(1, Ordering::Relaxed) > 0 {
                return stream.write_all(says(&["now it works"]).as_bytes());
            }
            stream.write_all(status("400 Bad Request", &[], "no").as_bytes())
        });
        let cli = corp(&server.url());
        let Some(terminal) = cli.at_terminal(80, TALK) else { return };
        terminal.enter("Hi");
        terminal.wait_for("(400: no)");
        terminal.press("Up");
        terminal.press("Enter");
        terminal.wait_for("now it works");
        terminal.press("C-d");
        terminal.screen();
    }

    #[test]
    fn an_answer_cannot_control_it() {
        let server = Server::new(says(&["\u{1b}[2J\u{1b}]0;title\u{7}text"]));
        let Some(screen) = corp(&server.url()).on_terminal(80, ASK) else { return };
        assert_eq!(screen.written, ["[2J]0;titletext"]);
    }
}
