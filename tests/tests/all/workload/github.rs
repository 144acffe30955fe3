//! A job of GitHub Actions. Its endpoint can't be reached from here, so a server of this
//! test answers as GitHub documents, at GitHub's name and with TLS.

use orchestration_tests::guest::{self, Guest};

use super::*;

/// Where the runner of a job returns its token. GitHub chooses the host.
const RUNNER: &str = "pipelinesghubeus7.actions.githubusercontent.com";
const ISSUER: &str = "auth.openai.com";

/// The token that the runner's address wants.
const REQUEST_TOKEN: &str = "rq-5VtLm81ZqKxBd7x2f93Rw8Ns";

const PROFILE: &str = "issuer = \"https://auth.openai.com\"\noptions = { source = \"github-actions\", \
    github_audience = \"https://api.openai.com/v1\", token_endpoint = \"/oauth/token\", \
    encoding = \"json\", identity_provider_id = \"idp_1\" }";

/// The runner and the issuer.
fn internet() -> (Server, String) {
    Server::internet(&[RUNNER, ISSUER], |request| match request.header("host") {
        Some(RUNNER) => json(&format!("{{\"count\": 1, \"value\": \"{WORKLOAD}\"}}")),
        _ => token(),
    })
}

/// A job on this internet, with these lines in its profile.
fn job(internet: &(Server, String), lines: &str) -> Cli {
    on(internet, home("federated", lines))
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("https://{RUNNER}/7/idtoken?api-version=2.0"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
}

fn on((server, authority): &(Server, String), cli: Cli) -> Cli {
    let authority = cli.file("authority.pem", authority);
    cli.env("SSL_CERT_FILE", authority).env("HTTPS_PROXY", format!("http://{}", server.host()))
}

#[test]
fn a_job_gets_a_token_for_its_identity_without_a_stored_secret() {
    let internet = internet();
    let cli = job(&internet, PROFILE);
    assert_eq!(status_of(&cli), ["ci", "federated", "✓ ready", "minted when needed"]);
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, format!("{TOKEN}\n"));
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, format!("{TOKEN}\n"));

    let requests = internet.0.requests();
    let [runner, issuer] = requests.as_slice() else { panic!("{requests:#?}") };
    let asked =
        "GET /7/idtoken?api-version=2.0&audience=https%3A%2F%2Fapi.openai.com%2Fv1 HTTP/1.1";
    assert_eq!((runner.header("host"), runner.line.as_str()), (Some(RUNNER), asked));
    assert_eq!(runner.header("authorization"), Some(&*format!("Bearer {REQUEST_TOKEN}")));
    assert_eq!(issuer.header("host"), Some(ISSUER));
    let body: serde_json::Value = serde_json::from_str(&issuer.body).expect("the body is JSON");
    assert_eq!(body["subject_token"], WORKLOAD);
    assert_eq!(body["identity_provider_id"], "idp_1");
    // What is for this strategy alone is not sent.
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(4), "{body}");
    // Neither token goes to the other server.
    assert!(!format!("{issuer:?}").contains(REQUEST_TOKEN), "{issuer:#?}");
    assert!(!format!("{runner:?}").contains(WORKLOAD), "{runner:#?}");
    for command in TALK {
        hides(&cli.run(command), &[REQUEST_TOKEN, WORKLOAD, TOKEN]);
    }
    let explained = cli.run(&["auth", "explain", "ci"]).exits_with(0).stdout;
    let runner = format!("https://{RUNNER}");
    for granted in ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", &runner] {
        let line =
            explained.lines().find(|line| line.split_whitespace().take(2).eq(["granted", granted]));
        let line = line.unwrap_or_else(|| panic!("no {granted} in {explained}"));
        assert!(line.contains("the profile's source needs it"), "{explained}");
    }
}

#[test]
fn outside_of_a_job_the_error_names_the_variables_and_the_permission() {
    let cli = home("federated", PROFILE);
    let says = ["profile 'ci'", "ACTIONS_ID_TOKEN_REQUEST_URL", "id-token: write"];
    cli.run(OBTAIN).exits_with(1).explains(&says);
    assert_eq!(status_of(&cli)[2], "✗ missing");
    let half = cli.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("https://{RUNNER}/"));
    half.run(OBTAIN).exits_with(1).explains(&says);
}

#[test]
fn an_address_in_plain_http_is_granted_only_literally() {
    let runner = endpoint(json(&format!("{{\"value\": \"{WORKLOAD}\"}}")));
    let issuer = endpoint(token());
    let options = "source = \"github-actions\"";
    let job = |toml: String| {
        Cli::new()
            .config(toml)
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/idtoken", origin(&runner)))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
    };
    let toml = profile("federated", &at(&issuer, options));
    let denied = job(toml.clone()).run(OBTAIN).exits_with(3);
    let line = format!("origins = [\"{}\"]", origin(&runner));
    assert!(denied.stderr.contains("not granted"), "{denied:#?}");
    assert_eq!(runner.requests().len(), 0);
    job(format!("{toml}[strategies.federated]\n{line}\n")).run(OBTAIN).exits_with(0);
    assert_eq!(runner.request().line, "GET /idtoken HTTP/1.1");
}

#[test]
fn only_the_strategy_of_the_product_is_granted_the_identity_of_a_job() {
    let internet = internet();
    let component = Guest::new().reads("ACTIONS_ID_TOKEN_REQUEST_TOKEN").build();
    let profile = "options = { source = \"github-actions\" }";
    let cli = Cli::new().config(guest::lines("corp", &component, "", profile));
    cli.file(".config/orchestration/corp.wasm", &component);
    let cli = on(&internet, cli).env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN);
    let denied = cli.run(&["auth", "token", "corp"]).exits_with(3);
    assert!(denied.stderr.contains("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), "{denied:#?}");
    // Nor is it granted to a profile that does not ask for it.
    let lines = at(&internet.0, "").replace("http://", "https://");
    job(&internet, &lines).run(OBTAIN).exits_with(1).explains(&["no file for the token"]);
    assert_eq!(internet.0.requests().len(), 0);
}

#[test]
fn a_project_that_wants_the_identity_of_a_job_gets_it_only_after_the_prompt_said_so() {
    let internet = internet();
    let hostile = PROFILE.replace("auth.openai.com", "evil.example");
    let cli = job(&internet, PROFILE);
    cli.file("clone/.orchestration/providers.toml", profile("federated", &hostile));
    let run = |arguments: &[&str]| {
        let mut command = cli.command(arguments);
        command.current_dir(cli.home().join("clone"));
        Outcome::of(&mut command)
    };
    // It is ignored: the token goes where the user's own file says.
    assert_eq!(run(OBTAIN).exits_with(0).stdout, format!("{TOKEN}\n"));
    let prompt = run(&["trust"]).exits_with(2).stdout;
    let says = "ci: sends the identity of a GitHub Actions job to https://evil.example for a \
        token, which goes to https://llm.corp.example/v1";
    assert!(prompt.contains(says), "{prompt}");
}
