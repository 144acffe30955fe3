//! Agents, called as a library, against real servers on this machine.
//!
//! Promised here: a request goes to the profile's host and no other, with the
//! right key and headers, byte for byte, and not before the credential is there;
//! an answer is put together right however the network cuts it; and whatever goes
//! wrong is reported by its kind, shows no key, and leaves the conversation as it was.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use futures_util::{StreamExt, future};
use orchestration_runtime::{
    Agent, AgentConfig, AgentError, AgentState, Allocation, CallError, CredentialConfig,
    Environment, ErrorKind, HttpError, Message, OpenAiCompatibleProvider, Provider, ProviderError,
    ProvidersToml, Registry, Remedy, Source,
};
use orchestration_tests::server::{EVENTS, Refusing, Server, delta, end, says, status};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

const KEY: &str = "sk-corp-Zq81LmVt93KxBdRw7x2f";

/// The provider of these profiles, which finds these variables.
fn provider(toml: &str, variables: &[(&str, &str)]) -> OpenAiCompatibleProvider {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(toml.as_bytes()).unwrap();
    let providers = ProvidersToml::load(file.path()).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
    let environment = Environment::Fixed(variables.collect());
    let registry = Registry::new(&providers, environment, None, Allocation::OnDemand).unwrap();
    OpenAiCompatibleProvider::new(providers, registry)
}

/// A profile whose key is [`KEY`], and whose provider is at `url`.
fn corp(url: &str) -> String {
    format!(
        "[profiles.corp]\nbase_url = \"{url}\"\napi_key_env = \"CORP_TOKEN\"\n\
         default_model = \"m\"\ntimeout_seconds = 1\n"
    )
}

fn of(profile: &str) -> AgentConfig {
    AgentConfig { profile: Some(profile.to_owned()), ..AgentConfig::default() }
}

async fn agent_of(toml: &str) -> Box<dyn Agent> {
    provider(toml, &[("CORP_TOKEN", KEY)]).create_agent(of("corp")).await.unwrap()
}

async fn agent_at(server: &Server) -> Box<dyn Agent> {
    agent_of(&corp(&server.url())).await
}

/// The whole answer, or why there is none.
async fn ask(agent: &dyn Agent, text: &str) -> Result<Vec<Message>, AgentError> {
    let answer = agent.send(text).await?;
    answer.collect::<Vec<_>>().await.into_iter().collect()
}

/// All pieces of text in one, and the tool calls.
fn joined(messages: Vec<Message>) -> (String, Vec<Message>) {
    let (texts, calls): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| matches!(message, Message::Text { .. }));
    let text = texts.into_iter().map(|message| match message {
        Message::Text { text } => text,
        Message::ToolCall { .. } => String::new(),
    });
    (text.collect(), calls)
}

fn text(text: &str) -> Message {
    Message::Text { text: text.to_owned() }
}

fn call(id: &str, name: &str, arguments: &str) -> Message {
    Message::ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

#[track_caller]
fn call_error(error: AgentError) -> CallError {
    match error {
        AgentError::Call { profile, error } => {
            assert_eq!(profile, "corp");
            *error
        }
        error => panic!("another error: {error:?}"),
    }
}

#[track_caller]
fn http_error(error: AgentError) -> HttpError {
    match call_error(error) {
        CallError::Http(error) => error,
        error => panic!("another error: {error:?}"),
    }
}

/// Why the only question to an agent there is not answered.
async fn failure(server: &Server) -> AgentError {
    ask(&*agent_at(server).await, "Hi").await.unwrap_err()
}

/// A body in which each of `pieces` reaches the client on its own.
fn chunked<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut answer = EVENTS.trim_end().as_bytes().to_vec();
    answer.extend_from_slice(b"\r\ntransfer-encoding: chunked\r\n\r\n");
    for piece in pieces {
        answer.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        answer.extend_from_slice(piece);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

mod a_request {
    use super::*;

    #[tokio::test]
    async fn carries_the_key_and_the_headers_byte_for_byte() {
        let server = Server::new(says(&["Hello"]));
        let toml =
            format!("{}headers = {{ X-Team = \"search\", X-Same = \"a\" }}\n", corp(&server.url()));
        let headers = [("X-Own", "own value; q=1"), ("X-Same", "b")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = AgentConfig {
            model: Some("gpt-x".to_owned()),
            instructions: Some("Be short.".to_owned()),
            credentials: CredentialConfig {
                default_headers: BTreeMap::from(headers).into(),
                ..CredentialConfig::default()
            },
            ..of("corp")
        };
        let agent = provider(&toml, &[("CORP_TOKEN", KEY)]).create_agent(config).await.unwrap();
        assert_eq!(server.requests().len(), 0, "a request before anything was asked");
        ask(&*agent, "Hi, \u{1f980}!").await.unwrap();

        let request = server.request();
        assert_eq!(request.line, "POST /v1/chat/completions HTTP/1.1");
        assert_eq!(request.header("host"), Some(&*server.host()));
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
        assert_eq!(request.header("x-team"), Some("search"));
        assert_eq!(request.header("x-own"), Some("own value; q=1"));
        assert_eq!(request.header("x-same"), Some("b"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(
            serde_json::from_str::<Value>(&request.body).unwrap(),
            json!({
                "model": "gpt-x",
                "messages": [
                    { "role": "system", "content": "Be short." },
                    { "role": "user", "content": "Hi, \u{1f980}!" },
                ],
                "stream": true,
            })
        );
    }

    #[tokio::test]
    async fn carries_the_conversation_so_far() {
        let server = Server::new(says(&["He", "llo"]));
        let agent = agent_at(&server).await;
        ask(&*agent, "Hi").await.unwrap();
        ask(&*agent, "And now?").await.unwrap();
        let conversation = json!([
            { "role": "user", "content": "Hi" },
            { "role": "assistant", "content": "Hello" },
            { "role": "user", "content": "And now?" },
            { "role": "assistant", "content": "Hello" },
        ]);
        assert_eq!(Value::from(agent.history()), conversation);
        let last = server.requests().pop().unwrap();
        let body: Value = serde_json::from_str(&last.body).unwrap();
        assert_eq!(body["messages"].as_array().unwrap()[..], conversation.as_array().unwrap()[..3]);
    }

    #[tokio::test]
    async fn carries_no_key_if_none_is_needed() {
        let server = Server::new(says(&["Hello"]));
        let config = AgentConfig { base_url: server.url().parse().ok(), ..of("local") };
        let config = AgentConfig { model: Some("m".to_owned()), ..config };
        let agent = provider("", &[]).create_agent(config).await.unwrap();
        ask(&*agent, "Hi").await.unwrap();
        assert_eq!(server.request().header("authorization"), None);
    }

    #[tokio::test]
    async fn needs_no_profile() {
        let server = Server::new(says(&["Hello"]));
        let config = AgentConfig {
            name: "mine".to_owned(),
            model: Some("m".to_owned()),
            base_url: server.url().parse().ok(),
            credentials: CredentialConfig {
                api_key_env: Some("MY_KEY".to_owned()),
                ..CredentialConfig::default()
            },
            ..AgentConfig::default()
        };
        let agent = provider("", &[("MY_KEY", KEY)]).create_agent(config).await.unwrap();
        assert_eq!(agent.name(), "mine");
        ask(&*agent, "Hi").await.unwrap();
        assert_eq!(server.request().header("authorization"), Some(&*format!("Bearer {KEY}")));
    }

    #[tokio::test]
    async fn has_a_header_of_the_profile_in_place_of_the_key() {
        let server = Server::new(says(&["Hello"]));
        let toml =
            format!("{}headers = {{ authorization = \"Basic own\" }}\n", corp(&server.url()));
        ask(&*agent_of(&toml).await, "Hi").await.unwrap();
        assert_eq!(server.request().header("authorization"), Some("Basic own"));
    }

    #[tokio::test]
    async fn keeps_the_query_of_the_base_url() {
        let server = Server::new(says(&["Hello"]));
        let url = format!("{}/?api-version=1", server.url());
        ask(&*agent_of(&corp(&url)).await, "Hi").await.unwrap();
        assert_eq!(server.request().line, "POST /v1/chat/completions?api-version=1 HTTP/1.1");
    }

    #[tokio::test]
    async fn is_not_made_without_a_credential() {
        let server = Server::new(says(&["Hello"]));
        let provider = provider(&corp(&server.url()), &[("OTHER_TOKEN", KEY)]);
        let config =
            AgentConfig { base_url: "https://llm.corp.example/v1".parse().ok(), ..of("corp") };
        let error = provider.create_agent(config.clone()).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Missing, "{error}");
        let error = provider.validate_credentials(&config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Missing, "{error}");
        assert_eq!(server.requests().len(), 0);
    }

    #[tokio::test]
    async fn never_carries_the_key_of_another_profile() {
        let [one, two] = [(); 2].map(|()| Server::new(says(&["Hello"])));
        let toml = format!(
            "[profiles.one]\nbase_url = \"{}\"\napi_key_env = \"ONE\"\ndefault_model = \"m\"\n\
             [profiles.two]\nbase_url = \"{}\"\napi_key_env = \"TWO\"\ndefault_model = \"m\"\n",
            one.url(),
            two.url()
        );
        let variables = [("ONE", "sk-the-key-of-one"), ("TWO", "sk-the-key-of-two")];
        let provider = provider(&toml, &variables);
        for (profile, server) in [("one", &one), ("two", &two)] {
            let agent = provider.create_agent(of(profile)).await.unwrap();
            ask(&*agent, "Hi").await.unwrap();
            let request = server.request();
            let expected = format!("Bearer sk-the-key-of-{profile}");
            assert_eq!(request.header("authorization"), Some(&*expected));
        }
    }

    #[tokio::test]
    async fn carries_the_fallback_key_only_if_the_profile_allows_it() {
        let server = Server::new(says(&["Hello"]));
        let openai = [("OPENAI_API_KEY", "sk-the-key-of-openai")];
        let toml = corp(&server.url());
        let agent = provider(&toml, &openai).create_agent(of("corp")).await.unwrap();
        ask(&*agent, "Hi").await.unwrap();
        let expected = Some("Bearer sk-the-key-of-openai");
        assert_eq!(server.request().header("authorization"), expected);

        let server = Server::new(says(&["Hello"]));
        let toml = format!("{}fallback_env = false\n", corp(&server.url()));
        let error = provider(&toml, &openai).create_agent(of("corp")).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Missing);
        assert_eq!(server.requests().len(), 0);
    }

    #[tokio::test]
    async fn can_be_made_by_64_agents_at_once() {
        let server = Server::with(|request, stream| {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let said = body["messages"][0]["content"].as_str().unwrap().to_owned();
            let key = request.header("authorization").unwrap_or_default().to_owned();
            stream.write_all(says(&[&said, " ", &key]).as_bytes())
        });
        let provider = provider(&corp(&server.url()), &[]);
        let agents = (0..64).map(|number| {
            let provider = provider.clone();
            tokio::spawn(async move {
                let key = format!("sk-the-key-of-agent-{number}");
                let config = AgentConfig { api_key: Some(key.as_str().into()), ..of("corp") };
                let agent = provider.create_agent(config).await.unwrap();
                let (text, _) = joined(ask(&*agent, &format!("I am {number}")).await.unwrap());
                assert_eq!(text, format!("I am {number} Bearer {key}"));
            })
        });
        for agent in future::join_all(agents).await {
            agent.unwrap();
        }
        assert_eq!(server.requests().len(), 64);
    }
}

mod an_answer {
    use super::*;

    /// Text of several bytes a character, a comment, two interleaved tool calls.
    fn events() -> String {
        [
            ": keep-alive\n\n",
            &delta(r#"{"role":"assistant","content":"Grüße "}"#),
            ": another\n\n",
            &delta(r#"{"content":"\ud83e\udd80 🦀"}"#),
            &delta(r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"w","arguments":""}}]}"#),
            &delta(r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"t","arguments":"{"}}]}"#),
            &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"é\":"}}]}"#),
            &delta(r#"{"tool_calls":[{"index":1,"function":{"arguments":"}"}}]}"#),
            &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#),
            &end("tool_calls"),
        ]
        .concat()
    }

    async fn is_understood(answer: Vec<u8>, how: &str) {
        let server = Server::new(answer);
        let agent = agent_at(&server).await;
        let (text, calls) =
            joined(ask(&*agent, "Hi").await.unwrap_or_else(|error| panic!("{how}: {error}")));
        assert_eq!(text, "Grüße 🦀 🦀", "{how}");
        assert_eq!(calls, [call("a", "w", "{\"é\":1}"), call("b", "t", "{}")], "{how}");
        let turn = json!({
            "role": "assistant",
            "content": "Grüße 🦀 🦀",
            "tool_calls": [
                { "id": "a", "type": "function", "function": { "name": "w", "arguments": "{\"é\":1}" } },
                { "id": "b", "type": "function", "function": { "name": "t", "arguments": "{}" } },
            ],
        });
        assert_eq!(agent.history().last(), Some(&turn), "{how}");
    }

    #[tokio::test]
    async fn is_understood_split_at_every_byte() {
        let events = events();
        let events = events.as_bytes();
        for at in 1..events.len() {
            let (start, end) = events.split_at(at);
            is_understood(chunked([start, end]), &format!("split at {at}")).await;
        }
    }

    #[tokio::test]
    async fn is_understood_byte_by_byte() {
        is_understood(chunked(events().as_bytes().chunks(1)), "byte by byte").await;
    }

    #[tokio::test]
    async fn may_have_windows_line_endings() {
        let events = events().replace('\n', "\r\n");
        is_understood(format!("{EVENTS}{events}").into_bytes(), "CRLF").await;
    }

    #[tokio::test]
    async fn is_yielded_as_it_arrives() {
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let server = Server::with(move |_, stream| {
            stream.write_all(format!("{EVENTS}{}", delta(r#"{"content":"first"}"#)).as_bytes())?;
            stream.flush()?;
            // The rest comes when the start has been seen.
            wait.lock().unwrap().recv_timeout(Duration::from_secs(60)).unwrap();
            stream.write_all([&delta(r#"{"content":"second"}"#), &*end("stop")].concat().as_bytes())
        });
        let toml = corp(&server.url()).replace("timeout_seconds = 1\n", "");
        let agent = agent_of(&toml).await;
        let mut answer = agent.send("Hi").await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), text("first"));
        go_on.send(()).unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), text("second"));
        assert!(answer.next().await.is_none());
    }

    #[tokio::test]
    async fn may_be_empty() {
        let server = Server::new(format!("{EVENTS}{}", end("stop")));
        let agent = agent_at(&server).await;
        assert_eq!(ask(&*agent, "Hi").await.unwrap(), []);
        assert_eq!(agent.history().last(), Some(&json!({ "role": "assistant", "content": "" })));
    }

    #[tokio::test]
    async fn may_be_a_refusal() {
        let events = [&delta(r#"{"refusal":"I will not."}"#), &*end("stop")].concat();
        let server = Server::new(format!("{EVENTS}{events}"));
        let agent = agent_at(&server).await;
        assert_eq!(ask(&*agent, "Hi").await.unwrap(), [text("I will not.")]);
        let turn = json!({ "role": "assistant", "refusal": "I will not." });
        assert_eq!(agent.history().last(), Some(&turn));
    }

    /// What other servers than the original do.
    #[tokio::test]
    async fn may_have_tool_calls_without_index_or_id_and_with_repeated_names() {
        let events = [
            &delta(r#"{"tool_calls":[{"id":"a","function":{"name":"one","arguments":"{"}}]}"#),
            &delta(r#"{"tool_calls":[{"id":"a","function":{"name":"one","arguments":"}"}}]}"#),
            &delta(r#"{"tool_calls":[{"id":"b","function":{"name":"two","arguments":"{}"}}]}"#),
            &*end("tool_calls"),
        ];
        let server = Server::new(format!("{EVENTS}{}", events.concat()));
        let calls = ask(&*agent_at(&server).await, "Hi").await.unwrap();
        assert_eq!(calls, [call("a", "one", "{}"), call("b", "two", "{}")]);

        let events = [
            &delta(
                r#"{"tool_calls":[{"index":0,"id":"","function":{"name":"one","arguments":"{}"}}]}"#,
            ),
            &*end("tool_calls"),
        ];
        let server = Server::new(format!("{EVENTS}{}", events.concat()));
        let calls = ask(&*agent_at(&server).await, "Hi").await.unwrap();
        assert_eq!(calls, [call("call_0", "one", "{}")]);
    }

    #[tokio::test]
    async fn with_tool_calls_can_be_followed_by_a_question() {
        let server = Server::new(format!("{EVENTS}{}", events()));
        let agent = agent_at(&server).await;
        ask(&*agent, "Hi").await.unwrap();
        ask(&*agent, "Go on").await.unwrap();
        // The protocol wants an answer to every call.
        let roles: Vec<Value> =
            agent.history().iter().map(|message| message["role"].clone()).collect();
        assert_eq!(roles, ["user", "assistant", "tool", "tool", "user", "assistant"]);
        assert_eq!(agent.history()[2]["tool_call_id"], "a");
        assert_eq!(agent.history()[3]["tool_call_id"], "b");
    }

    #[tokio::test]
    async fn may_come_slowly() {
        let server = Server::with(|_, stream| {
            // Longer in all than the profile's timeout, which is for silence.
            for byte in says(&["slow"]).as_bytes().chunks(16) {
                stream.write_all(byte)?;
                stream.flush()?;
                sleep(Duration::from_millis(150));
            }
            Ok(())
        });
        let (text, _) = joined(ask(&*agent_at(&server).await, "Hi").await.unwrap());
        assert_eq!(text, "slow");
    }

    #[tokio::test]
    async fn that_is_complete_survives_an_error_after_it() {
        let events = end("stop").replace("data: [DONE]\n\n", "data: {{{\n\n");
        let server = Server::new(format!("{EVENTS}{}{events}", delta(r#"{"content":"all"}"#)));
        assert_eq!(ask(&*agent_at(&server).await, "Hi").await.unwrap(), [text("all")]);
    }
}

mod a_failed_call {
    use super::*;

    /// A server that answers once in a bad way, and then well.
    fn once(bad: impl Into<Vec<u8>>) -> Server {
        let (bad, asked) = (bad.into(), AtomicUsize::new(0));
        Server::with(move |_, stream| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => stream.write_all(&bad),
            _ => stream.write_all(says(&["Hello"]).as_bytes()),
        })
    }

    #[tokio::test]
    async fn leaves_the_conversation_unchanged_and_ready_to_retry() {
        let cut = format!("{EVENTS}{}", delta(r#"{"content":"He"}"#));
        let server = Server::with({
            let asked = AtomicUsize::new(0);
            move |_, stream| match asked.fetch_add(1, Ordering::Relaxed) {
                1 => stream.write_all(cut.as_bytes()),
                _ => stream.write_all(says(&["Hello"]).as_bytes()),
            }
        });
        let agent = agent_at(&server).await;
        ask(&*agent, "one").await.unwrap();
        let before = agent.history();
        ask(&*agent, "two").await.unwrap_err();
        assert_eq!(agent.history(), before);
        assert_eq!(agent.state(), AgentState::Idle);
        ask(&*agent, "two").await.unwrap();
        let bodies: Vec<String> =
            server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies[1], bodies[2]);
    }

    #[tokio::test]
    async fn yields_what_arrived_before_it_failed() {
        let server = Server::new(format!("{EVENTS}{}", delta(r#"{"content":"He"}"#)));
        let agent = agent_at(&server).await;
        let mut answer = agent.send("Hi").await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), text("He"));
        let error = call_error(answer.next().await.unwrap().unwrap_err());
        assert!(matches!(error, CallError::Incomplete { .. }), "{error:?}");
        assert!(answer.next().await.is_none());
    }

    #[tokio::test]
    async fn is_a_connection_that_closes_in_the_middle_of_a_body() {
        let cut = chunked([delta(r#"{"content":"He"}"#).as_bytes()]);
        let server = Server::new(&cut[..cut.len() - 9]);
        let error = http_error(failure(&server).await);
        assert!(matches!(error, HttpError::Interrupted { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn is_a_stream_that_reports_an_error_midway() {
        let error =
            format!("data: {{\"error\":{{\"code\":502,\"message\":\"no more {KEY}\"}}}}\n\n");
        let server = Server::new(format!("{EVENTS}{}{error}", delta(r#"{"content":"He"}"#)));
        let error = failure(&server).await;
        assert!(
            error.to_string().ends_with("failed in the middle of its answer: no more ***"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn is_an_answer_that_is_not_json() {
        let server = Server::new(format!("{EVENTS}data: {{{KEY}\n\n"));
        let error = failure(&server).await;
        assert!(!error.to_string().contains(KEY), "{error}");
        assert!(matches!(call_error(error), CallError::Malformed { .. }));
    }

    #[tokio::test]
    async fn is_an_answer_that_is_an_html_page() {
        let page = status("200 OK", &[("content-type", "text/html")], "<html>Welcome</html>");
        let error = failure(&Server::new(page)).await;
        assert!(error.to_string().contains("text/html"), "{error}");
        assert!(matches!(call_error(error), CallError::NotAStream { .. }));
    }

    #[tokio::test]
    async fn shows_nothing_of_what_the_provider_was_sent() {
        let sent = [
            "tok-5RtGm83ZkQwX",
            "pw-Nf41RzLk",
            "q-0123-9876",
            // The user and the password are in a header, too, in base 64.
            "c3ZjOnB3LU5mNDFSekxr",
            // The password after another user, and the token.
            "YWRtaW46cHctTmY0MVJ6TGs=",
            "dG9rLTVSdEdtODNaa1F3WA==",
            // The token, the password and the part of the token in other encodings.
            "tok%2d5RtGm83ZkQwX",
            "pw%2DNf%34%31RzLk",
            "%74%6F%6B%2D%35%52%74%47%6D%38%33",
            "tok%252D5RtGm83ZkQwX",
        ];
        for secret in sent {
            let body = format!("{{\"error\":{{\"message\":\"I got {secret}\"}}}}");
            let path = format!("/login/{secret}");
            for response in [
                status("401 Unauthorized", &[], &body),
                status("400 Bad Request", &[], &body),
                status("307 Temporary Redirect", &[("location", &path)], ""),
                status("200 OK", &[("content-type", secret)], ""),
                format!("{EVENTS}data: {body}\n\n"),
            ] {
                let server = Server::new(response);
                let url = server.url().replace("http://", "http://svc:pw-Nf41RzLk@");
                let headers = "headers = { X-Token = \"tok-5RtGm83ZkQwX\" }\n";
                let toml = format!("{}{headers}", corp(&format!("{url}?key=q-0123-9876")));
                let error = ask(&*agent_of(&toml).await, "Hi").await.expect_err("it is refused");
                let shown = format!("{error} {error:?} {:?}", error.remedy());
                assert!(shown.contains("***") && !shown.contains(secret), "{secret}: {shown}");
            }
        }
    }

    #[tokio::test]
    async fn with_a_rejected_key_names_profile_source_and_mask_and_what_to_check() {
        for (line, code) in [("401 Unauthorized", 401), ("403 Forbidden", 403)] {
            let body = format!("{{\"error\":{{\"message\":\"bad key {KEY}\"}}}}");
            let server = Server::new(status(line, &[], &body));
            let error = failure(&server).await;
            let shown = format!("{error} {error:?} {:?}", error.remedy());
            assert!(!shown.contains(KEY), "{shown}");
            for part in ["'corp'", "CORP_TOKEN", "sk-...7x2f", "bad key ***", &code.to_string()] {
                assert!(error.to_string().contains(part), "{part}: {error}");
            }
            assert!(
                matches!(error.remedy(), Some(Remedy::CheckKey { .. } | Remedy::CheckPermissions)),
                "{error:?}"
            );
            assert_eq!(error.kind(), ErrorKind::Invalid);
            match call_error(error) {
                CallError::Authentication { status, key, .. } => {
                    assert_eq!(status, code);
                    assert_eq!(key.source, Source::Environment("CORP_TOKEN".into()));
                }
                error => panic!("another error: {error:?}"),
            }
            assert_eq!(server.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn with_a_rejected_key_is_not_sent_again_if_renewing_changes_nothing() {
        let server = once(status("401 Unauthorized", &[], ""));
        let agent = agent_at(&server).await;
        assert!(ask(&*agent, "Hi").await.is_err());
        assert_eq!(server.requests().len(), 1);
        // The next message is another matter.
        assert_eq!(ask(&*agent, "Hi").await.unwrap(), [text("Hello")]);
        assert_eq!(server.requests().len(), 2);
    }

    #[tokio::test]
    async fn with_another_status_reports_it_and_is_not_retried() {
        for line in [
            "400 Bad Request",
            "404 Not Found",
            "413 Content Too Large",
            "422 Unprocessable Content",
        ] {
            let server =
                Server::new(status(line, &[], "{\"error\":{\"message\":\"no such model\"}}"));
            let error = failure(&server).await;
            assert!(
                error.to_string().contains(&format!("({}: no such model)", &line[..3])),
                "{error}"
            );
            assert!(matches!(call_error(error), CallError::Status { .. }));
            assert_eq!(server.requests().len(), 1);
        }
    }

    #[tokio::test]
    async fn that_is_transient_is_retried_a_few_times() {
        let lines = [
            "429 Too Many Requests",
            "500 Internal Server Error",
            "502 Bad Gateway",
            "503 Service Unavailable",
            "504 Gateway Timeout",
        ];
        future::join_all(lines.map(async |line| {
            let server = Server::new(status(line, &[], ""));
            let error = call_error(failure(&server).await);
            match (&error, &line[..3]) {
                (CallError::RateLimited { retry_after: None, .. }, "429") => {}
                (CallError::Status { status, .. }, code) => assert_eq!(status.to_string(), code),
                _ => panic!("another error: {error:?}"),
            }
            assert_eq!(server.requests().len(), 4);

            let server = once(status(line, &[], ""));
            assert_eq!(ask(&*agent_at(&server).await, "Hi").await.unwrap(), [text("Hello")]);
        }))
        .await;
    }

    #[tokio::test]
    async fn is_retried_when_the_provider_says() {
        let at_once = "Thu, 01 Jan 1970 00:00:00 GMT";
        for time in ["0", "1", at_once] {
            let server = once(status("429 Too Many Requests", &[("retry-after", time)], ""));
            assert_eq!(ask(&*agent_at(&server).await, "Hi").await.unwrap(), [text("Hello")]);
        }
    }

    #[tokio::test]
    async fn is_not_retried_if_the_provider_asks_to_wait_too_long() {
        let server = Server::new(status("429 Too Many Requests", &[("retry-after", "3600")], ""));
        let error = failure(&server).await;
        let after = Some(Duration::from_secs(3600));
        assert_eq!(error.remedy(), Some(Remedy::TryLater { after }));
        match call_error(error) {
            CallError::RateLimited { retry_after, .. } => {
                assert_eq!(retry_after, Some(Duration::from_secs(3600)));
            }
            error => panic!("another error: {error:?}"),
        }
        assert_eq!(server.requests().len(), 1);
    }

    #[tokio::test]
    async fn without_a_server_is_a_refused_connection() {
        let refusing = Refusing::start();
        let host = refusing.host();
        let url = format!("http://user:{KEY}@{host}/v1?key={KEY}");
        let error = ask(&*agent_of(&corp(&url)).await, "Hi").await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(KEY), "{shown}");
        let expected = HttpError::Refused { url: format!("http://{host}/v1/chat/completions") };
        assert_eq!(http_error(error), expected);
    }

    #[tokio::test]
    async fn that_is_never_answered_is_a_timeout() {
        let server = Server::with(|_, _| {
            sleep(Duration::from_secs(5));
            Ok(())
        });
        let error = http_error(failure(&server).await);
        assert!(matches!(error, HttpError::Timeout { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn that_falls_silent_is_a_timeout() {
        let server = Server::with(|_, stream| {
            stream.write_all(format!("{EVENTS}{}", delta(r#"{"content":"He"}"#)).as_bytes())?;
            stream.flush()?;
            sleep(Duration::from_secs(5));
            Ok(())
        });
        let error = http_error(failure(&server).await);
        assert!(matches!(error, HttpError::Timeout { .. }), "{error:?}");
    }
}

mod a_key {
    use super::*;

    #[tokio::test]
    async fn does_not_follow_a_redirect() {
        let elsewhere = Server::new(says(&["Hello"]));
        for line in [
            "301 Moved Permanently",
            "302 Found",
            "303 See Other",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        ] {
            let to = format!("{}/chat/completions", elsewhere.url());
            let server = Server::new(status(line, &[("location", &format!("{to}?key={KEY}"))], ""));
            let error = failure(&server).await;
            assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
            let url = format!("{}/chat/completions", server.url());
            assert_eq!(http_error(error), HttpError::Redirect { url, to });
            assert_eq!(server.requests().len(), 1);
        }
        assert_eq!(elsewhere.requests().len(), 0);
    }

    #[tokio::test]
    async fn is_not_sent_over_plain_http_to_another_machine() {
        for url in [
            "http://llm.corp.example/v1",
            "http://localhost.corp.example/v1",
            "http://10.0.0.1:8000",
        ] {
            let error = provider(&corp(url), &[("CORP_TOKEN", KEY)]).create_agent(of("corp")).await;
            let error = error.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let profile = "corp".to_owned();
            assert_eq!(error.remedy(), Some(Remedy::UseHttps { profile }));
            assert!(matches!(http_error(error), HttpError::PlainHttp { .. }));
        }
    }

    #[tokio::test]
    async fn is_not_sent_to_the_placeholder_of_a_preset() {
        let url = "https://RESOURCE.openai.azure.com/openai/v1";
        let of_profile = (corp(url), of("corp"));
        let of_config =
            (corp("https://x.example"), AgentConfig { base_url: url.parse().ok(), ..of("corp") });
        for (toml, config) in [of_profile, of_config] {
            let provider = provider(&toml, &[("CORP_TOKEN", KEY)]);
            let error = provider.create_agent(config).await.err().unwrap();
            let (profile, placeholder) = ("corp".to_owned(), "RESOURCE".to_owned());
            assert_eq!(error.remedy(), Some(Remedy::ReplacePlaceholder { profile, placeholder }));
        }
    }

    #[tokio::test]
    async fn that_does_not_fit_in_a_header_is_reported_and_not_sent() {
        let server = Server::new(says(&["Hello"]));
        let key = format!("{KEY}\n{KEY}");
        let provider = provider(&corp(&server.url()), &[("CORP_TOKEN", &key)]);
        let error = provider.create_agent(of("corp")).await.err().unwrap();
        assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(matches!(error, AgentError::Credential(ProviderError::BadKey { .. })), "{error:?}");
        assert_eq!(server.requests().len(), 0);
    }

    #[test]
    fn is_not_in_the_debug_output_of_a_configuration() {
        let headers = BTreeMap::from([("Authorization".to_owned(), format!("Bearer {KEY}"))]);
        let config = AgentConfig {
            api_key: Some(KEY.into()),
            credentials: CredentialConfig {
                default_headers: headers.into(),
                ..CredentialConfig::default()
            },
            ..of("corp")
        };
        let shown = format!("{config:?}");
        assert!(shown.contains("Authorization") && !shown.contains(KEY), "{shown}");
    }
}

mod an_agent {
    use super::*;

    #[tokio::test]
    async fn needs_a_model() {
        let toml = corp("https://x.example").replace("default_model = \"m\"\n", "");
        for model in [None, Some(String::new())] {
            let config = AgentConfig { model, ..of("corp") };
            let error = provider(&toml, &[]).create_agent(config).await.err().unwrap();
            assert!(matches!(error, AgentError::NoModel { .. }), "{error:?}");
            let profile = "corp".to_owned();
            assert_eq!(error.remedy(), Some(Remedy::NameModel { profile }));
        }
    }

    #[tokio::test]
    async fn is_only_created_for_a_known_profile_and_provider() {
        let provider = provider("[profiles.other]\nprovider = \"anthropic\"\n", &[]);
        assert_eq!(provider.provider_type(), "openai");
        let error = provider.create_agent(of("nope")).await.err().unwrap();
        assert!(
            matches!(error, AgentError::Credential(ProviderError::UnknownProfile { .. })),
            "{error:?}"
        );
        let error = provider.create_agent(of("other")).await.err().unwrap();
        assert!(error.to_string().contains("'anthropic'"), "{error}");
        assert_eq!(error.remedy(), Some(Remedy::ChooseProvider { known: "openai" }));
    }

    #[tokio::test]
    async fn answers_one_question_at_a_time() {
        let server = Server::new(says(&["Hello"]));
        let agent = agent_at(&server).await;
        assert_eq!(agent.state(), AgentState::Idle);
        let answer = agent.send("one").await.unwrap();
        assert_eq!(agent.state(), AgentState::Processing);
        let error = agent.send("two").await.err().unwrap();
        assert_eq!(error.to_string(), "agent 'corp' is still answering");
        // An answer that no one wants any more was never asked for.
        drop(answer);
        assert_eq!(agent.state(), AgentState::Idle);
        assert_eq!(agent.history(), [Value::Null; 0]);
        ask(&*agent, "three").await.unwrap();
        assert_eq!(agent.state(), AgentState::Idle);
        assert_eq!(agent.history().len(), 2);
    }

    #[tokio::test]
    async fn that_is_shut_down_stops_its_answer_and_gives_no_more() {
        let server = Server::with(|_, stream| {
            stream.write_all(format!("{EVENTS}{}", delta(r#"{"content":"He"}"#)).as_bytes())?;
            stream.flush()?;
            sleep(Duration::from_secs(60));
            Ok(())
        });
        let toml = corp(&server.url()).replace("timeout_seconds = 1\n", "");
        let agent: Arc<dyn Agent> = agent_of(&toml).await.into();
        let mut answer = agent.send("Hi").await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), text("He"));
        let waits = tokio::spawn(async move { answer.next().await.unwrap().unwrap_err() });
        tokio::task::yield_now().await;
        agent.shutdown();
        assert_eq!(agent.state(), AgentState::Terminated);
        assert_eq!(waits.await.unwrap().to_string(), "agent 'corp' was shut down");
        assert_eq!(agent.state(), AgentState::Terminated);
        let error = agent.send("again").await.err().unwrap();
        assert_eq!(error.to_string(), "agent 'corp' was shut down");
    }
}
