//! Answers of issuers that are odd, broken or hostile.

use super::*;

/// A home whose profile `ci` exchanges `WORKLOAD` at the token endpoint of `server`.
fn cli(server: &Server) -> Cli {
    let lines = format!("{}api_key_env = \"WORKLOAD\"", at(server, ""));
    home("federated", &lines).env("WORKLOAD", WORKLOAD)
}

/// Checks that the token lasts this long. Without what it was got for, it can't be got again,
/// which would do as well.
fn lasts(cli: &Cli, time: &str) -> Outcome {
    let check = ["auth", "check", "--require-expiry", time, "--no-builtin-profiles"];
    Outcome::of(cli.command(&check).env_remove("WORKLOAD"))
}

#[test]
fn an_answer_that_is_no_token_is_an_error_that_says_why() {
    let answer = |body: &str| json(body);
    for (answer, exit, says) in [
        (answer("{\"expires_in\": 3600}"), 3, "the answer has no access_token"),
        (answer("{}"), 3, "the answer has no access_token"),
        (answer("[]"), 3, "the answer has no access_token"),
        (answer("{\"access_token\": \"\"}"), 3, "the answer has no access_token"),
        (answer("{\"access_token\": {\"a\": 1}}"), 3, "the answer has no access_token"),
        (answer("<html>"), 3, "the answer has no access_token"),
        (
            status(
                "400 Bad Request",
                &[],
                "{\"error\": \"invalid_grant\", \"error_description\": \
                \"not for you\"}",
            ),
            1,
            "the token was refused: invalid_grant: not for you",
        ),
        (status("401 Unauthorized", &[], ""), 1, "the token was refused: status 401"),
        (status("503 Service Unavailable", &[], ""), 3, "the token was refused: status 503"),
        (
            status("302 Found", &[("location", "https://elsewhere.example/")], ""),
            3,
            "it redirects to https://elsewhere.example, and no redirect is followed",
        ),
    ] {
        let server = endpoint(answer);
        let outcome = cli(&server).run(OBTAIN).exits_with(exit);
        assert!(outcome.stderr.contains("profile 'ci'"), "{outcome:#?}");
        assert!(outcome.stderr.contains(says), "{says} in {outcome:#?}");
        hides(&outcome, &[WORKLOAD, TOKEN]);
    }
}

#[test]
fn a_server_that_does_not_say_how_long_a_token_lasts_is_asked_again_soon() {
    for life in ["", "\"soon\"", "-5", "0", "\"0\"", "null"] {
        let life = match life {
            "" => String::new(),
            life => format!(", \"expires_in\": {life}"),
        };
        let server = endpoint(json(&format!("{{\"access_token\": \"{TOKEN}\"{life}}}")));
        let cli = cli(&server);
        cli.run(OBTAIN).exits_with(0);
        let report = cli.run(&["auth", "status", "ci", "--format", "json"]).exits_with(0);
        let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
        assert!(report["profiles"][0]["expires_at"].is_string(), "{report}");
        // Within minutes, and not at once.
        lasts(&cli, "10m").exits_with(1);
        cli.run(OBTAIN).exits_with(0);
        assert_eq!(server.requests().len(), 1, "{life}");
    }
}

#[test]
fn a_life_that_is_written_as_a_text_is_understood() {
    let server =
        endpoint(json(&format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":\"3600\"}}")));
    let cli = cli(&server);
    cli.run(OBTAIN).exits_with(0);
    lasts(&cli, "50m").exits_with(0);
}

#[test]
fn a_server_that_repeats_the_token_of_the_workload_does_not_make_it_shown() {
    let server = Server::with(|request, stream| {
        let fields = form(request);
        let token = field(&fields, "subject_token");
        let body = format!("{{\"error\": \"invalid_grant\", \"error_description\": \"{token}\"}}");
        stream.write_all(status("400 Bad Request", &[], &body).as_bytes())
    });
    let cli = cli(&server);
    hides(&cli.run(OBTAIN).exits_with(3), &[WORKLOAD]);
    for command in TALK {
        hides(&cli.run(command), &[WORKLOAD]);
    }
}

#[test]
fn an_issuer_that_names_another_server_gets_nothing_sent_there_until_it_is_granted() {
    let elsewhere = endpoint(token());
    let named = format!("{}/token", origin(&elsewhere));
    let issuer = Server::with(move |request, stream| {
        let host = request.header("host").expect("a request names its host");
        let body = format!("{{\"issuer\": \"http://{host}\", \"token_endpoint\": \"{named}\"}}");
        stream.write_all(json(&body).as_bytes())
    });
    let lines = format!("issuer = \"{}\"\napi_key_env = \"WORKLOAD\"", origin(&issuer));
    let cli = home("federated", &lines).env("WORKLOAD", WORKLOAD);
    let outcome = cli.run(OBTAIN).exits_with(3);
    let line = format!("origins = [\"{}\"]", origin(&elsewhere));
    assert!(outcome.stderr.contains(&line), "{outcome:#?}");
    assert_eq!(elsewhere.requests().len(), 0);

    let granted = profile("federated", &lines) + "[strategies.federated]\n" + &line + "\n";
    cli.config(granted).env("WORKLOAD", WORKLOAD).run(OBTAIN).exits_with(0);
    assert_eq!(elsewhere.requests().len(), 1);
}

#[test]
fn an_option_cannot_lead_to_another_server() {
    let (server, elsewhere) = (endpoint(token()), endpoint(token()));
    let address = origin(&elsewhere);
    for endpoint in [format!("{address}/token"), address.replace("http:", ""), "token".to_owned()] {
        let options = format!("options = {{ token_endpoint = \"{endpoint}\" }}");
        let lines =
            format!("issuer = \"{}\"\napi_key_env = \"WORKLOAD\"\n{options}", origin(&server));
        let cli = home("federated", &lines).env("WORKLOAD", WORKLOAD);
        let outcome = cli.run(OBTAIN);
        // A path that looks like a host is one at the issuer.
        let is_path = endpoint.starts_with("//");
        assert_eq!(outcome.status == 0, is_path, "{endpoint}: {outcome:#?}");
        assert!(is_path || outcome.stderr.contains("a path at the issuer"), "{outcome:#?}");
    }
    assert_eq!((elsewhere.requests().len(), server.requests().len()), (0, 1));
}
