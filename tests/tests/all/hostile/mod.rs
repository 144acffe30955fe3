//! Strategies that mean harm, or that are merely broken, and what becomes of
//! each: the host survives, the row of the profile says what happened, and every
//! other row is what it would have been without it.
//!
//! [`cases`] is the list. The same list is run twice: through the command line,
//! all of them in one table beside profiles that are well, and through the
//! library, again and again in one process, which must be as small afterwards as
//! before. A case names what the host says of it, so a strategy that is stopped
//! for another reason than the intended one fails its case.

mod answers;
mod components;
mod crashes;
mod curious;
mod endless;
mod files;
mod greedy;
mod http;
mod paths;
mod process;
mod secrets;
mod store;
mod table;
mod texts;
mod tools;

use orchestration_runtime::{AgentConfig, Allocation, ErrorKind, Status};
use orchestration_tests::guest::{self, Export, Guest, Host, SECRET};
use orchestration_tests::{Cli, Outcome};

/// The variable that every profile here names and that holds a secret.
const VARIABLE: &str = "HOSTILE_KEY";
const VALUE: &str = "sk-live-Zq81LmVt93KxBdRw7x2f";

/// A variable that no strategy is granted.
const UNGRANTED: [(&str, &str); 3] = [
    ("AWS_SECRET_ACCESS_KEY", "aws-Nf41RzLk7QeXt80HbMw6JsYv"),
    ("GITHUB_TOKEN", "ghp_9bYf72HsWqZ0nLx4PdVj3GmC"),
    ("SSH_AUTH_SOCK", "/run/secret.sock"),
];

// A second call is stopped sooner, and in other words.
const DEADLINE: &str = " its deadline of 300 ms";
const MEMORY: &str = "was stopped: it asked for more than 64 MiB of memory";
const TABLE: &str = "was stopped: it asked for more than 100000 table elements";
const STACK: &str = "was stopped: it used up its stack of 512 KiB";
const HOSTCALL: &str = "was stopped: it passed more than 1048576 bytes to the host in one call";
const INVALID: &str = "component is not valid: ";
const TOO_MANY_PARTS: &str = "component expands to more than 1000 nested parts";
const CRASHED: &str = "crashed: ";

/// One strategy and what is to become of it.
struct Case {
    name: String,
    component: Vec<u8>,
    /// The function that shows it; the command line does not ask for `is-valid`.
    shown_by: Export,
    /// None where the answer is a good one.
    kind: Option<ErrorKind>,
    /// Part of what is said of it.
    says: String,
    /// Lines of its table in providers.toml.
    more: String,
}

impl Case {
    fn new(name: &str, component: Vec<u8>, kind: ErrorKind, says: &str) -> Self {
        let (name, says) = (name.to_owned(), says.to_owned());
        let shown_by = Export::GetCredentials;
        Self { name, component, shown_by, kind: Some(kind), says, more: String::new() }
    }

    fn valid(name: &str, component: Vec<u8>) -> Self {
        Self { kind: None, ..Self::new(name, component, ErrorKind::Internal, "") }
    }

    fn with(self, more: &str) -> Self {
        Self { more: more.to_owned(), ..self }
    }

    /// With a deadline of 300 ms.
    fn soon(self) -> Self {
        self.with("limits = { deadline_ms = 300 }")
    }

    fn shown_by(self, shown_by: Export) -> Self {
        Self { shown_by, ..self }
    }

    /// What the table says where credentials are asked for. A session is shown as it is,
    /// whatever would happen if it were renewed.
    fn status(&self) -> Option<&'static str> {
        const STORE: &[u8] = b"orchestration:auth/store@";
        let keeps_session = || self.component.windows(STORE.len()).any(|bytes| bytes == STORE);
        if matches!(self.shown_by, Export::RefreshIfNeeded) && keeps_session() {
            return None;
        }
        let asked = !matches!(self.shown_by, Export::IsValid);
        Some(match self.kind {
            Some(ErrorKind::Missing) if asked => "✗ missing",
            Some(ErrorKind::Invalid | ErrorKind::Expired) if asked => "✗ invalid",
            Some(_) if asked => "✗ error",
            _ => "✓ valid",
        })
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(endless::endless());
    cases.extend(greedy::greedy());
    cases.extend(answers::broken_answers());
    cases.extend(crashes::crashes());
    cases.extend(texts::texts());
    cases.extend(secrets::secrets());
    cases.extend(tools::tools());
    cases.extend(store::store());
    cases.extend(curious::curious());
    cases.extend(answers::liars());
    cases.extend(files::no_strategies());
    cases
}

/// The providers.toml of the strategies of `cases`, and of two profiles that are
/// well: `good` of the built-in strategy, `well` of one from a file.
fn toml(cases: &[Case]) -> String {
    let variable = format!("api_key_env = \"{VARIABLE}\"");
    let mut toml = format!("[profiles.good]\n{variable}\n\n");
    toml += &guest::lines("well", &well(), "", &variable);
    for case in cases {
        let stated = if case.name == "the-wrong-digest" { b"other" } else { &case.component[..] };
        toml += &guest::lines(&case.name, stated, &case.more, &variable);
    }
    toml
}

fn well() -> Vec<u8> {
    Guest::new().reads(VARIABLE).build()
}

/// A home with the strategies of `cases` and the variable that holds the secret.
fn home(cases: &[Case]) -> Cli {
    let cli = Cli::new().env(VARIABLE, VALUE).config(toml(cases));
    let file = |name: &str| format!(".config/orchestration/{name}.wasm");
    cli.file(&file("well"), well());
    for case in cases {
        cli.file(&file(&case.name), &case.component);
    }
    cli
}

/// The strategies of `cases` in this process.
fn host(cases: &[Case]) -> Host {
    let well = well();
    let mut components: Vec<(&str, &[u8])> = vec![("well", &well)];
    components.extend(cases.iter().map(|case| (case.name.as_str(), &case.component[..])));
    let variables: Vec<(&str, &str)> = UNGRANTED.into_iter().chain([(VARIABLE, VALUE)]).collect();
    Host::allocating(Allocation::Pooling, &toml(cases), &components, &variables)
}

fn assert_harmless(outcome: &Outcome) {
    let all = outcome.all();
    let odd = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let line = |line: &&str| line.chars().any(|c| odd(&c));
    assert_eq!(all.lines().find(line), None, "a line would do something to a terminal");
    let secrets = UNGRANTED.iter().map(|(_, value)| *value).chain([VALUE, SECRET]);
    for secret in secrets {
        let line = all.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
        let line = all.lines().find(|line| line.contains(&secret[..8]));
        assert_eq!(line, None, "the start of {secret} is shown");
    }
}

/// Calls the function that shows what is wrong with the case, and says what
/// came of it where that is not what was to come.
async fn check(host: &Host, case: &Case) -> Option<String> {
    let Case { name, kind, says, .. } = case;
    let strategy = host.strategy(name, &AgentConfig::default());
    let answer = match case.shown_by {
        Export::Describe | Export::GetCredentials => {
            let answer = strategy.get_credentials().await;
            if kind.is_none() && Status::of(&answer) != Status::Valid {
                return Some(format!("{name}: {answer:?}"));
            }
            answer.map(drop)
        }
        Export::RefreshIfNeeded => strategy.refresh_if_needed().await,
        Export::IsValid => strategy.is_valid().await.map(drop),
    };
    match (answer, kind) {
        (Ok(()), None) => None,
        (Err(error), Some(kind)) if error.kind() == *kind && error.to_string().contains(says) => {
            None
        }
        (answer, _) => Some(format!("{name}: {answer:?}, not {kind:?} {says:?}")),
    }
}
