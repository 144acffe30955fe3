//! Claude Code, codex, opencode, gemini, pi, llm, LiteLLM and the SDKs of OpenAI: the
//! real programs, from npm and PyPI, with a provider on this machine.
//!
//! Promised here: set up by `client add`, an agent sends the key of its profile and no other;
//! under `run` the server gets the key, the next request has the next one, and the agent has
//! neither in its environment, its arguments, its memory or its home.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use orchestration_tests::models::{self, SAID, asks_a_model, keys};
use orchestration_tests::process_memory::{Place, below, find};
use orchestration_tests::server::{Request, Server};
use orchestration_tests::{Cli, Outcome, cannot_run, client, skip};

const FIRST: &str = "sk-real-Zq81LmVt93KxBdRw7x2f";
const SECOND: &str = "sk-next-Jd72HsWqZ0nLx4PdVj3G";

/// How an agent is asked something, as a line for a shell.
struct Agent {
    program: &'static str,
    profile: &'static str,
    line: &'static str,
    /// Files in its home under `run`, from the book.
    files: &'static [(&'static str, &'static str)],
}

const CLAUDE: Agent =
    Agent { program: "claude", profile: "claude", line: "claude -p Hi", files: &[] };

const CODEX: Agent = Agent {
    program: "codex",
    profile: "chat",
    line: "codex exec --skip-git-repo-check -m gpt-5 Hi",
    files: &[],
};

const OPENCODE: Agent = Agent {
    program: "opencode",
    profile: "claude",
    line: "opencode run -m anthropic/claude-sonnet-4-5 Hi",
    files: &[(
        ".config/opencode/opencode.json",
        r#"{"provider": {"anthropic": {"options": {
            "baseURL": "{env:ANTHROPIC_BASE_URL}/v1", "apiKey": "{env:ANTHROPIC_AUTH_TOKEN}"
        }}}}"#,
    )],
};

const PI: Agent = Agent {
    program: "pi",
    profile: "claude",
    line: "pi -p --provider anthropic --model claude-sonnet-4-5 Hi",
    files: &[(
        ".pi/agent/extensions/run.js",
        r#"export default (pi) => {
            const baseUrl = process.env.ANTHROPIC_BASE_URL
            if (baseUrl) pi.registerProvider("anthropic", { baseUrl, apiKey: "ANTHROPIC_AUTH_TOKEN" })
        }"#,
    )],
};

const GEMINI: Agent = Agent {
    program: "gemini",
    profile: "google",
    line: "gemini --skip-trust -m gemini-2.5-flash -p Hi",
    files: &[(
        ".gemini/settings.json",
        r#"{"security": {"auth": {"selectedType": "gemini-api-key"}}}"#,
    )],
};

const LLM: Agent =
    Agent { program: "llm", profile: "chat", line: "llm -m gpt-4o-mini Hi", files: &[] };

const PYTHON: Agent = Agent {
    program: "python",
    profile: "chat",
    line: "python ask.py",
    files: &[(
        "ask.py",
        "from openai import OpenAI\n\
         print(OpenAI().responses.create(model='gpt-5', input='Hi').output_text)\n",
    )],
};

const LITELLM: Agent = Agent {
    program: "python",
    profile: "chat",
    line: "python ask.py",
    files: &[(
        "ask.py",
        "import litellm\n\
         asked = [{'role': 'user', 'content': 'Hi'}]\n\
         answer = litellm.completion(model='openai/gpt-5', messages=asked)\n\
         print(answer.choices[0].message.content)\n",
    )],
};

/// codex reads no variable for a base URL.
const CODEX_UNDER_RUN: Agent = Agent {
    line: "codex exec --skip-git-repo-check -m gpt-5 -c model_provider=run -c \"model_providers.run={\
           name=\\\"run\\\",base_url=\\\"$OPENAI_BASE_URL\\\",env_key=\\\"OPENAI_API_KEY\\\",\
           wire_api=\\\"responses\\\"}\" Hi",
    ..CODEX
};

/// A home with a profile for each protocol, whose server is `server` and whose key is in
/// `~/keys/key`; `None` if the agent is not installed.
fn home(server: &Server, agent: &Agent) -> Option<Cli> {
    let program = match agent.program {
        "node" => None,
        program => Some(client(program)?),
    };
    let host = server.host();
    let profile = |name: &str, provider: &str, path: &str| {
        format!(
            "[profiles.{name}]\nprovider = \"{provider}\"\nbase_url = \"http://{host}{path}\"\n\
             api_key_file = \"~/keys/key\"\n"
        )
    };
    let config = profile("chat", "openai", "/v1")
        + &profile("claude", "anthropic", "")
        + &profile("google", "gemini", "/v1beta/openai/");
    let directory = program.and_then(|program| Some(program.parent()?.to_owned()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = directory.into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).expect("no directory has a colon");
    let mut cli = Cli::new().config(config).env("PATH", path);
    // They look for news and for themselves.
    for name in [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "PI_OFFLINE",
        "OPENCODE_DISABLE_AUTOUPDATE",
        "OPENCODE_DISABLE_MODELS_FETCH",
        "LITELLM_LOCAL_MODEL_COST_MAP",
    ] {
        cli = cli.env(name, "true");
    }
    cli.file("keys/key", FIRST);
    Some(cli)
}

/// The keys of the requests that asked a model.
fn sent(server: &Server) -> Vec<Vec<String>> {
    let requests = server.requests();
    let asked = requests.iter().filter(|request| asks_a_model(request));
    asked.map(|request| keys(request).into_iter().map(str::to_owned).collect()).collect()
}

mod set_up_by_client_add {
    use super::*;

    #[track_caller]
    fn sends_the_key(name: &str, agent: &Agent) {
        let server = models::start();
        let Some(cli) = home(&server, agent) else { return };
        let add = ["client", "add", name, "--profile", agent.profile];
        cli.run(&add).exits_with(0);
        for key in [FIRST, SECOND] {
            cli.file("keys/key", key);
            let before = sent(&server).len();
            let mut shell = cli.command_in("sh", &["-c", agent.line]);
            shell.env("PATH", path_of(&cli));
            let outcome = Outcome::of(&mut shell);
            assert!(outcome.all().contains(SAID), "{name}: {}", outcome.all());
            let sent = sent(&server).split_off(before);
            assert!(!sent.is_empty(), "{name}");
            for keys in sent {
                assert!(
                    !keys.is_empty() && keys.iter().all(|sent| sent == key),
                    "{name}: {keys:?}"
                );
            }
        }
    }

    #[test]
    fn claude_code_sends_the_key() {
        sends_the_key("claude-code", &CLAUDE);
    }

    #[test]
    fn codex_sends_the_key() {
        sends_the_key("codex", &CODEX);
    }

    #[test]
    fn opencode_sends_the_key() {
        sends_the_key("opencode", &OPENCODE);
    }

    #[test]
    fn pi_sends_the_key() {
        sends_the_key("pi", &PI);
    }
}

/// The `PATH` of the product, with the directory of the agents.
fn path_of(cli: &Cli) -> std::ffi::OsString {
    let command = cli.command(&[""; 0]);
    let mut variables = command.get_envs();
    variables
        .find_map(|(name, value)| (name == "PATH").then_some(value?))
        .expect("it is set")
        .to_owned()
}

mod under_run {
    use super::*;

    /// What was found while the agent waited for an answer.
    #[derive(Default)]
    struct Found {
        /// The process of `run`, once it is there.
        run: Option<u32>,
        /// The places with the key.
        key: Vec<Place>,
        /// The places with the pass, which has to be somewhere.
        pass: Vec<Place>,
        /// Why the agent can't be looked into.
        refused: Option<String>,
    }

    /// Looks into the agent and everything that it has started.
    fn look(found: &Mutex<Found>) {
        let mut found = found.lock().expect("no look fails");
        let Some(run) = found.run else { return };
        for process in below(run) {
            for (text, places) in [(FIRST, true), ("pass-", false)] {
                match find(process, text) {
                    Ok(there) if places => found.key.extend(there),
                    Ok(there) => found.pass.extend(there),
                    Err(error) => found.refused = Some(error.to_string()),
                }
            }
        }
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
        entries
            .map(|entry| entry.path())
            .filter(|path| !path.is_symlink())
            .flat_map(below)
            .collect()
    }

    #[track_caller]
    fn never_has_the_key(agent: &Agent) {
        let found = Arc::new(Mutex::new(Found::default()));
        let looked = Arc::clone(&found);
        let server = Server::with(move |request: &Request, stream: &mut dyn Write| {
            if asks_a_model(request) && keys(request).contains(&FIRST) {
                look(&looked);
            }
            models::answer(request, stream)
        });
        let Some(cli) = home(&server, agent) else { return };
        for (file, content) in agent.files {
            cli.file(file, content);
        }
        let line = agent.line;
        let script = format!("{line}; printf {SECOND} > keys/key; {line}");
        let mut command = cli.command(&["run", agent.profile, "--", "sh", "-c", &script]);
        let mut running = found.lock().expect("no one has it");
        let child = command.stderr(Stdio::piped()).spawn().expect("it can be started");
        running.run = Some(child.id());
        drop(running);
        let outcome = Outcome::from(child.wait_with_output().expect("it comes to an end"));
        let name = agent.program;
        assert_eq!(outcome.stdout.matches(SAID).count(), 2, "{name}: {}", outcome.all());

        let sent = sent(&server);
        assert!(sent.iter().all(|keys| keys.len() == 1), "{name}: {sent:?}");
        let sent: Vec<&str> = sent.iter().flatten().map(String::as_str).collect();
        let first = sent.iter().take_while(|key| **key == FIRST).count();
        let (first, second) = sent.split_at(first);
        assert!(!first.is_empty() && !second.is_empty(), "{name}: {sent:?}");
        assert!(second.iter().all(|key| *key == SECOND), "{name}: {sent:?}");

        let found = found.lock().expect("no look failed");
        if let Some(reason) = &found.refused {
            return cannot_run(&format!("processes can't be looked into: {reason}"));
        }
        assert_eq!(found.key, [], "{name}");
        assert!(found.pass.contains(&Place::Environment), "{name}: {:?}", found.pass);
        assert!(found.pass.contains(&Place::Memory), "{name}: {:?}", found.pass);
        let key = cli.home().join("keys/key");
        for file in files(cli.home()).into_iter().filter(|file| *file != key) {
            let content = fs::read(&file).unwrap_or_default();
            let content = String::from_utf8_lossy(&content);
            assert!(!content.contains(FIRST) && !content.contains(SECOND), "{name}: {file:?}");
        }
        assert!(!outcome.all().contains(FIRST) && !outcome.all().contains(SECOND));
    }

    #[test]
    fn claude_code_never_has_the_key() {
        never_has_the_key(&CLAUDE);
    }

    #[test]
    fn codex_never_has_the_key() {
        never_has_the_key(&CODEX_UNDER_RUN);
    }

    #[test]
    fn opencode_never_has_the_key() {
        never_has_the_key(&OPENCODE);
    }

    #[test]
    fn gemini_never_has_the_key() {
        never_has_the_key(&GEMINI);
    }

    #[test]
    fn pi_never_has_the_key() {
        never_has_the_key(&PI);
    }

    #[test]
    fn llm_never_has_the_key() {
        never_has_the_key(&LLM);
    }

    #[test]
    fn openai_python_never_has_the_key() {
        never_has_the_key(&PYTHON);
    }

    #[test]
    fn litellm_never_has_the_key() {
        never_has_the_key(&LITELLM);
    }

    #[test]
    fn openai_node_never_has_the_key() {
        let modules =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/clients/node_modules");
        if !modules.join("openai/index.mjs").is_file() {
            return skip("openai is not installed (CONTRIBUTING.md, Checks)");
        }
        let script = format!(
            "import OpenAI from '{}'\n\
             const asked = [{{ role: 'user', content: 'Hi' }}]\n\
             const answer = await new OpenAI().chat.completions.create({{ model: 'm', messages: asked }})\n\
             console.log(answer.choices[0].message.content)\n",
            modules.join("openai/index.mjs").display()
        );
        let file: &'static str = script.leak();
        let files: &'static [(&str, &str)] = vec![("ask.mjs", file)].leak();
        never_has_the_key(&Agent { program: "node", profile: "chat", line: "node ask.mjs", files });
    }
}
