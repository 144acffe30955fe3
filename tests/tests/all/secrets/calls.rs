//! The commands that clap knows, and how each of them is called.

use clap::{Arg, ArgAction, Command};

/// The arguments of each call of each command. In them
///
/// | word | stands for |
/// | --- | --- |
/// | `*` | each value that clap knows for the option or argument |
/// | `{key}` | a key, where none belongs |
/// | `{url}` | a URL with a password and a key in its query |
///
/// A line that starts with `+` takes a second, and is for the first configuration alone.
/// Clap repeats a value that it cannot parse, such as a number, as other programs do.
const CALLS: &[(&str, &[&str])] = &[
    (
        "auth status",
        &[
            "",
            "openai corp echo",
            "--verify --format *",
            "--show-masked --format *",
            "nope",
            "openai --nope={key}",
            "--watch",
        ],
    ),
    (
        "auth check",
        &[
            "local",
            "--verify --format *",
            "--allow-missing --require-expiry 24h --format *",
            "--locked --offline --no-builtin-profiles",
        ],
    ),
    (
        "auth login",
        &[
            "openai",
            "gemini --device --timeout 1s",
            "gemini --keyring",
            "corp --browser --no-open --port 8400",
            "talks",
            "sso",
            "nope",
            "",
            "echo --verify",
            "moved --verify",
            "openai --store",
            "gemini --paste --timeout 1s",
        ],
    ),
    ("auth logout", &["openai", "nope", "--all", ""]),
    ("auth refresh", &["openai", "corp", "talks", "nope"]),
    ("auth explain", &["openai", "corp", "talks", "nope"]),
    (
        "auth token",
        &[
            "openai",
            "openai --format *",
            "corp --show-token",
            "talks",
            "local --format *",
            "nope",
            "corp --min-validity 10m",
        ],
    ),
    ("auth exec", &["openai -- /bin/true", "corp -- ./nope", "talks -- /bin/true", "openai"]),
    ("run", &["openai -- /bin/true", "corp -- ./nope", "talks -- /bin/true", "openai"]),
    (
        "spawn",
        &[
            "--profile says --model m Hi",
            "--profile echo --model m --system-prompt Brief --format * Hi",
            "--profile moved --model m Hi",
            "--profile odd --model m Hi",
            "--profile talks --model m Hi",
            "+ --profile corp --model m --base-url {url} Hi",
            "--profile echo --model m --base-url nope://user:{key}@host Hi",
        ],
    ),
    ("profile list", &[""]),
    ("profile show", &["openai", "corp", "echo", "nope"]),
    (
        "profile add",
        &[
            "new --base-url {url} --api-key-env NEW_KEY --auth-type api_key",
            "other --api-key-env {key}",
            "seventh --api-key-file ~/corp.key",
            "eighth --api-key-file {key}",
            "third --base-url https:/user:{key}@host",
            "fourth --auth-type sso",
            "--preset groq",
        ],
    ),
    ("profile remove", &["corp", "nope"]),
    ("profile edit", &[""]),
    ("strategy list", &["--format *"]),
    (
        "strategy inspect",
        &[
            "talks.wasm",
            "providers.toml",
            "nope.wasm",
            "oci://127.0.0.1:9/acme/sso:1 --offline",
            "oci://127.0.0.1:9/acme/sso:1 --verify-key talks.wasm",
            "oci://user:{key}@127.0.0.1:9/acme/sso",
        ],
    ),
    (
        "strategy add",
        &[
            "talks.wasm --auth-type again --env CORP_TOKEN --file /run/secrets/corp --reveal",
            "talks.wasm --auth-type again --keep-sessions",
            "talks.wasm --auth-type again --file {key}",
            "talks.wasm --auth-type again --origin https://user:{key}@host --readable /{key}",
            "talks.wasm --auth-type again --origin https://login.example --readable /token",
            "providers.toml --auth-type text",
            "oci://127.0.0.1:9/acme/sso:1 --auth-type sent --offline",
            "talks.wasm --auth-type sent --verify-key talks.wasm",
            "oci://127.0.0.1:9/acme/sso@{key} --auth-type sent",
        ],
    ),
    ("strategy remove", &["talks", "nope"]),
    ("strategy pull", &["", "nope --offline"]),
    ("strategy update", &["nope --locked", "talks --yes", "talks --verify-key talks.wasm"]),
    ("strategy sign", &["oci://127.0.0.1:9/acme/sso:1 --key talks.wasm"]),
    ("strategy push", &["talks.wasm oci://127.0.0.1:9/acme/sso:1", "nope.wasm oci://u:{key}@h/a"]),
    ("strategy new", &["fresh --lang *", "again --lang rust --kind *", "talks --lang nope"]),
    (
        "strategy run",
        &[
            "finds.wasm --profile corp --env CORP_TOKEN={key}",
            "talks.wasm --profile corp --env CORP_TOKEN={key}",
            "talks.wasm --profile corp --env {key}",
            "finds.wasm --profile corp --file /run/secrets/corp={key}",
            "finds.wasm --profile corp --file {key}",
            "talks.wasm --profile corp --origin https://user:{key}@host",
            "finds.wasm --profile corp --env CORP_TOKEN={key} --record new.toml",
            "talks.wasm --profile corp --env CORP_TOKEN={key} --record talks.cases.toml",
        ],
    ),
    ("strategy check", &["+ finds.wasm", "talks.wasm --format *", "talks.wasm --watch"]),
    ("session list", &["--format *"]),
    ("session show", &["stays --format *", "nope"]),
    ("session remove", &["nope --auth-type {key}", "stays --force"]),
    ("cache info", &[""]),
    ("cache clear", &[""]),
    (
        "serve",
        &[
            "openai corp --listen 127.0.0.1:0 --log-format *",
            "openai corp --listen 127.0.0.1:0 --expose-credentials",
            "openai corp --listen 127.0.0.1:0 --ui",
            "nope --listen 127.0.0.1:0",
            "--pass-file providers.toml --listen 127.0.0.1:0",
            "openai --listen 0.0.0.0:0 --allow-remote --tls-cert nope --tls-key nope --client-ca nope",
        ],
    ),
    (
        "render",
        &[
            "--sds sds --once openai corp",
            "--sds sds --once talks local",
            "--sds providers.toml --group-readable openai",
            "--sds sds nope",
        ],
    ),
    (
        "init",
        &["--provider *", "--provider openrouter --sign-in", "--provider anthropic --client *", ""],
    ),
    ("trust", &["--yes", "--revoke", ""]),
    ("doctor", &["", "--online"]),
    ("completions", &["*"]),
    ("client add", &["* --profile openai", "* --profile corp --print", "codex --profile nope"]),
    ("client remove", &["*"]),
    ("client list", &[""]),
    ("credential-helper git", &["get", "store"]),
    ("credential-helper docker", &["get", "list", "store"]),
    ("credential-helper bazel", &["get", "store"]),
    ("man", &["man1", "talks.wasm/man"]),
    ("schema", &["*"]),
    ("compile-component", &["524288 1073741824 60"]),
];

/// The calls of a command that only has others below it.
const GROUP: &[&str] = &["", "--help", "nope", "--nope={key}"];

/// A command, and the arguments of its calls.
pub(super) struct Calls {
    /// Its name, e.g. `auth status`.
    pub(super) command: String,
    /// One list of words per call.
    pub(super) arguments: Vec<Vec<String>>,
    /// The calls that take long.
    pub(super) slow: Vec<Vec<String>>,
}

/// Returns the calls of every command that clap knows, hidden ones too.
///
/// # Panics
///
/// Panics if the table lacks a command or an option of one, or has a command that does
/// not exist.
pub(super) fn calls() -> Vec<Calls> {
    let commands = commands(&orchestration::command(), "");
    let gone = CALLS.iter().find(|(name, _)| commands.iter().all(|(known, _)| known != name));
    assert!(gone.is_none(), "there is no such command: {gone:?}");
    commands.iter().map(|(name, command)| calls_of(name, command)).collect()
}

/// Returns a command and all below it, with their full names.
fn commands(command: &Command, name: &str) -> Vec<(String, Command)> {
    let own = command.get_subcommands().filter(|child| child.get_name() != "help");
    let children = own.flat_map(|child| {
        let name = format!("{name} {}", child.get_name()).trim().to_owned();
        commands(child, &name)
    });
    [(name.to_owned(), command.clone())].into_iter().chain(children).collect()
}

/// Returns true if the argument is of this command alone.
fn own(argument: &&Arg) -> bool {
    let is_of_clap = matches!(argument.get_action(), ArgAction::Help | ArgAction::Version);
    !argument.is_global_set() && !is_of_clap
}

fn calls_of(name: &str, command: &Command) -> Calls {
    let row = CALLS.iter().find(|(known, _)| *known == name).map(|(_, lines)| *lines);
    let lines = match row {
        Some(lines) => lines,
        None if command.has_subcommands() => GROUP,
        None => panic!("`{name}` has no row in {}", file!()),
    };
    let (slow, quick): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.starts_with('+'));
    let expanded = |lines: Vec<&str>| -> Vec<Vec<String>> {
        lines.iter().flat_map(|line| expand(line.trim_start_matches('+'), command)).collect()
    };
    let (slow, arguments) = (expanded(slow), expanded(quick));
    let all = arguments.iter().chain(&slow).flatten();
    let used = |word: &str| all.clone().any(|used| used.starts_with(word));
    for option in command.get_arguments().filter(own).filter_map(Arg::get_long) {
        let option = format!("--{option}");
        assert!(used(&option), "no call of `{name}` has {option}: see {}", file!());
    }
    for value in command.get_arguments().flat_map(values) {
        assert!(used(&value), "no call of `{name}` has {value}: see {}", file!());
    }
    Calls { command: name.to_owned(), arguments, slow }
}

/// Returns the calls that a line of the table stands for.
fn expand(line: &str, command: &Command) -> Vec<Vec<String>> {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let Some(star) = words.iter().position(|word| word == "*") else { return vec![words] };
    let option = star.checked_sub(1).and_then(|before| words[before].strip_prefix("--"));
    let argument = command.get_arguments().find(|argument| argument.get_long() == option);
    let argument = argument.unwrap_or_else(|| panic!("{line} has an unknown option"));
    let values = values(argument).into_iter();
    values.map(|value| [&words[..star], &[value], &words[star + 1..]].concat()).collect()
}

/// Returns the values that clap knows for an argument; none for a flag.
fn values(argument: &Arg) -> Vec<String> {
    // Values that help does not list are names, such as those of presets, and not modes.
    let lists = argument.get_action().takes_values() && !argument.is_hide_possible_values_set();
    let values = if lists { argument.get_possible_values() } else { Vec::new() };
    values.iter().map(|value| value.get_name().to_owned()).collect()
}
