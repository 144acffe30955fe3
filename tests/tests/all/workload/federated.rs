//! `federated`, at a server that others wrote, and with the requests that providers document.

use orchestration_tests::exchange::TokenExchange;
use orchestration_tests::identity::IdentityProvider;

use super::*;

#[test]
fn the_token_of_a_workload_is_exchanged_for_one_that_the_server_accepts() {
    let Some(server) = TokenExchange::start() else { return };
    let workload = server.workload();
    let lines = format!(
        "issuer = \"{}\"\napi_key_file = \"~/token\"\noptions = {{ client_id = \"{}\", \
         audience = \"https://llm.corp.example\", scope = \"llm\", \
         subject_token_type = \"urn:ietf:params:oauth:token-type:access_token\" }}",
        server.issuer(),
        workload.client_id,
    );
    let cli = home("federated", &lines);
    assert_eq!(status_of(&cli)[2..], ["✗ missing", "~/token"]);
    cli.file("token", format!("{}\n", workload.token));
    assert_eq!(status_of(&cli), ["ci", "federated", "✓ ready", "minted when needed"]);

    let token = cli.run(OBTAIN).exits_with(0).stdout;
    let seen = server.introspect(token.trim());
    assert_eq!(seen["active"], true, "{seen}");
    assert_eq!(seen["aud"], "https://llm.corp.example");
    assert_eq!(seen["scope"], "llm");
    assert_eq!(status_of(&cli)[2], "✓ valid");
    // Another exchange would give another token.
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, token);
    for command in TALK {
        hides(&cli.run(command), &[&workload.token, &token]);
    }
}

#[test]
fn a_server_that_verifies_the_token_takes_it_as_an_assertion_and_as_that_of_a_client() {
    let Some(provider) = IdentityProvider::start_for_services() else { return };
    for (file, options) in [
        ("assertion.jwt", "grant = \"jwt-bearer\""),
        ("client.jwt", "grant = \"client-credentials\", client_id = \"service\", scope = \"llm\""),
    ] {
        let path = provider.key(file);
        let lines = format!(
            "issuer = \"{}\"\napi_key_file = \"{}\"\noptions = {{ {options} }}",
            provider.issuer(),
            path.display()
        );
        let cli = home("federated", &lines);
        let token = cli.run(OBTAIN).exits_with(0).stdout;
        assert!(provider.accepts(token.trim()), "{file}: {token}");
        // The provider takes each token of the workload once.
        let again = cli.run(&["auth", "refresh", "ci"]);
        assert!(again.status != 0 && again.stderr.contains("was refused"), "{again:#?}");
        assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, token);
        hides(&again, &[&std::fs::read_to_string(path).expect("there is a token")]);
    }
}

#[test]
fn a_client_authenticates_with_its_secret_in_the_way_that_the_server_wants() {
    let Some(provider) = IdentityProvider::start_for_services() else { return };
    for method in ["client_secret_basic", "client_secret_post"] {
        let secret = format!("secret-of-{method}-0123456789");
        let lines = format!(
            "issuer = \"{}\"\napi_key_file = \"{}\"\noptions = {{ grant = \"jwt-bearer\", \
             client_id = \"{method}\", client_auth = \"{method}\", \
             client_secret_env = \"GATEWAY_SECRET\" }}\n",
            provider.issuer(),
            provider.key(&format!("{method}.jwt")).display()
        );
        let denied = home("federated", &lines).env("GATEWAY_SECRET", &secret);
        let denied = denied.run(OBTAIN).exits_with(3);
        let grant = "env = [\"GATEWAY_SECRET\"]";
        assert!(denied.stderr.contains(grant), "{denied:#?}");

        let granted = || home("federated", &format!("{lines}[strategies.federated]\n{grant}\n"));
        let wrong = granted().env("GATEWAY_SECRET", "secret-of-another-0123456789");
        wrong.run(OBTAIN).exits_with(1).explains(&["the token was refused: invalid_client"]);
        let unset = granted().run(OBTAIN).exits_with(1);
        unset.explains(&["there is no secret of the client in GATEWAY_SECRET"]);

        let cli = granted().env("GATEWAY_SECRET", &secret);
        let token = cli.run(OBTAIN).exits_with(0).stdout;
        assert!(provider.accepts(token.trim()), "{method}: {token}");
        for command in TALK {
            hides(&cli.run(command), &[&secret, &token]);
        }
    }
}

#[test]
fn a_service_account_of_google_is_acted_as_at_a_server_that_the_user_grants() {
    const OF_ACCOUNT: &str = "ya29-Kd83mZq1Lw5TnYc7Vb1KsRf2";
    let google = Server::new(json(&format!(
        "{{\"accessToken\": \"{OF_ACCOUNT}\", \"expireTime\": \"2100-01-01T00:00:00Z\"}}"
    )));
    let sts = endpoint(token());
    let act = "/v1/projects/-/serviceAccounts/ci@corp.iam.gserviceaccount.com:generateAccessToken";
    let (issuer, iam) = (origin(&sts), origin(&google));
    let lines = format!(
        "issuer = \"{issuer}\"\napi_key_env = \"WORKLOAD\"\n\
         options = {{ token_endpoint = \"/token\", impersonation_endpoint = \"{iam}{act}\", \
         impersonation_scope = \"https://a.example https://b.example\" }}\n"
    );
    let denied = home("federated", &lines).env("WORKLOAD", WORKLOAD);
    let denied = denied.run(OBTAIN).exits_with(3);
    let grant = format!("origins = [\"{iam}\"]");
    assert!(denied.stderr.contains(&grant), "{denied:#?}");
    assert!(google.requests().is_empty());

    let granted = format!("{lines}[strategies.federated]\n{grant}\n");
    let cli = home("federated", &granted).env("WORKLOAD", WORKLOAD);
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, format!("{OF_ACCOUNT}\n"));
    let request = google.request();
    assert!(request.line.starts_with(&format!("POST {act} ")), "{}", request.line);
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(request.body, r#"{"scope":["https://a.example","https://b.example"]}"#);
    let report = cli.run(&["auth", "status", "ci", "--format", "json"]).exits_with(0).stdout;
    assert!(report.contains("\"expires_at\": \"2100-01-01T00:00:00Z\""), "{report}");
    for command in TALK {
        hides(&cli.run(command), &[WORKLOAD, TOKEN, OF_ACCOUNT]);
    }
}

#[test]
fn the_words_of_a_server_that_refuses_are_shown() {
    let Some(server) = TokenExchange::start() else { return };
    let workload = server.workload();
    let lines = format!(
        "issuer = \"{}\"\napi_key_env = \"WORKLOAD\"\n\
         options = {{ client_id = \"{}\", audience = \"x\" }}",
        server.issuer(),
        workload.client_id,
    );
    let cli = home("federated", &lines).env("WORKLOAD", &workload.token);
    let outcome = cli.run(OBTAIN).exits_with(1).explains(&[
        "profile 'ci'",
        "the token was refused: ",
        "Unsupported subject_token_type: urn:ietf:params:oauth:token-type:jwt",
    ]);
    hides(&outcome, &[&workload.token]);
}

#[test]
fn openai_gets_json_with_the_fields_that_it_documents() {
    let server = endpoint(token());
    let options = "encoding = \"json\", identity_provider_id = \"idp_1\", \
        service_account_id = \"sa_1\"";
    let lines = format!("{}api_key_file = \"~/token\"", at(&server, options));
    let cli = home("federated", &lines);
    cli.file("token", WORKLOAD);
    assert_eq!(cli.run(OBTAIN).exits_with(0).stdout, format!("{TOKEN}\n"));
    let request = server.request();
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_str(&request.body).expect("the body is JSON");
    let expected = serde_json::json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": WORKLOAD,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "identity_provider_id": "idp_1",
        "service_account_id": "sa_1",
    });
    assert_eq!(body, expected);
}

#[test]
fn anthropic_gets_an_assertion_in_json() {
    let server = endpoint(token());
    let options = "grant = \"jwt-bearer\", encoding = \"json\", federation_rule_id = \"fdrl_1\"";
    let lines = format!("{}api_key_env = \"WORKLOAD\"", at(&server, options));
    home("federated", &lines).env("WORKLOAD", WORKLOAD).run(OBTAIN).exits_with(0);
    let body: serde_json::Value =
        serde_json::from_str(&server.request().body).expect("the body is JSON");
    let expected = serde_json::json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": WORKLOAD,
        "federation_rule_id": "fdrl_1",
    });
    assert_eq!(body, expected);
}

#[test]
fn azure_gets_an_assertion_of_the_client_in_a_form() {
    let server = endpoint(token());
    let options = "grant = \"client-credentials\", client_id = \"app\", \
        scope = \"https://cognitiveservices.azure.com/.default\"";
    let lines = format!("{}api_key_env = \"WORKLOAD\"", at(&server, options));
    home("federated", &lines).env("WORKLOAD", WORKLOAD).run(OBTAIN).exits_with(0);
    let fields = form(&server.request());
    for (name, value) in [
        ("grant_type", "client_credentials"),
        ("client_assertion", WORKLOAD),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_id", "app"),
        ("scope", "https://cognitiveservices.azure.com/.default"),
    ] {
        assert_eq!(field(&fields, name), value);
    }
    assert_eq!(fields.len(), 5, "{fields:?}");
}

#[test]
fn an_option_cannot_take_the_place_of_the_token() {
    let server = endpoint(token());
    for name in ["subject_token", "assertion", "client_assertion", "grant_type"] {
        let lines = at(&server, &format!("{name} = \"x\"")) + "api_key_env = \"WORKLOAD\"";
        let outcome = home("federated", &lines).env("WORKLOAD", WORKLOAD).run(OBTAIN);
        let says = format!("Remove options.{name} from [profiles.ci]");
        assert!(outcome.status != 0 && outcome.stderr.contains(&says), "{outcome:#?}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_token_for_other_settings_is_not_used() {
    let server = endpoint(token());
    let lines = |options: &str| format!("{}api_key_env = \"WORKLOAD\"", at(&server, options));
    let cli = home("federated", &lines("audience = \"one\"")).env("WORKLOAD", WORKLOAD);
    cli.run(OBTAIN).exits_with(0);
    cli.run(OBTAIN).exits_with(0);
    assert_eq!(server.requests().len(), 1);
    let other = profile("federated", &lines("audience = \"two\""));
    let cli = cli.config(other);
    assert_eq!(status_of(&cli)[2], "✓ ready");
    cli.run(OBTAIN).exits_with(0);
    assert_eq!(server.requests().len(), 2);
}

/// A home that exchanges the variable `WORKLOAD` at `server`.
fn exchanges(server: &Server) -> Cli {
    home("federated", &format!("{}api_key_env = \"WORKLOAD\"", at(server, "")))
        .env("WORKLOAD", WORKLOAD)
}

#[test]
fn processes_that_want_a_token_at_once_get_the_same_one() {
    let server = endpoint(token());
    let cli = exchanges(&server);
    let started: Vec<_> = (0..8).map(|_| cli.command(OBTAIN).spawn()).collect();
    for process in started {
        let process = process.expect("the product can be started");
        let outcome: Outcome = process.wait_with_output().expect("it ends").into();
        assert_eq!(outcome.exits_with(0).stdout, format!("{TOKEN}\n"));
    }
    server.request();
}

#[test]
fn a_machine_that_keeps_no_session_gets_a_token_all_the_same() {
    let server = endpoint(token());
    let lines = format!("{}api_key_env = \"WORKLOAD\"", at(&server, ""));
    let cli = Cli::new().without("HOME").env("WORKLOAD", WORKLOAD);
    let path = cli.file("providers.toml", profile("federated", &lines));
    let path = path.to_str().expect("it is Unicode");
    let token = cli.run(&["--config", path, "auth", "token", "ci"]).exits_with(0);
    assert_eq!(token.stdout, format!("{TOKEN}\n"));
}

#[test]
fn login_gets_the_token_without_asking_anyone_and_session_remove_drops_it() {
    let server = endpoint(token());
    let cli = exchanges(&server);
    let explained = cli.run(&["auth", "explain", "ci"]).exits_with(0).stdout;
    let sent = format!("POST {}/token ", origin(&server));
    assert!(explained.contains(&sent), "{explained}");
    cli.run(&["session", "remove", "ci"]).exits_with(0);
    let login = cli.run(&["auth", "login", "ci"]).exits_with(0);
    assert_eq!(login.stdout, "✓ ci has a token (tok...3GmC)\n");
    cli.run(&["session", "remove", "ci"]).exits_with(0);
    assert_eq!(status_of(&cli)[2], "✓ ready");
    cli.run(OBTAIN).exits_with(0);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn trust_says_that_the_file_goes_to_the_issuer_and_the_token_to_the_provider() {
    let cli = Cli::new();
    let lines = "issuer = \"https://login.example/x\"\napi_key_file = \"/run/token\"";
    for auth_type in ["federated", "service_account"] {
        cli.file("clone/.orchestration/providers.toml", profile(auth_type, lines));
        let mut command = cli.command(&["trust"]);
        command.current_dir(cli.home().join("clone"));
        let prompt = Outcome::of(&mut command).exits_with(2).stdout;
        let says = "ci: sends /run/token to https://login.example for a token, which goes to \
            https://llm.corp.example/v1";
        assert!(prompt.contains(says), "{prompt}");
    }
}
