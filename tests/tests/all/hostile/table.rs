//! Every case through the command line, in one table.

use std::time::{Duration, Instant};

use super::{Case, UNGRANTED, VARIABLE, assert_harmless, cases, home};

#[test]
fn every_bad_strategy_has_its_own_error_and_good_rows_are_intact() {
    let cases = cases();
    assert!(cases.len() >= 40);
    let mut cli = home(&cases).env("OPENAI_API_KEY", "sk-openai-1234567890");
    for (name, value) in UNGRANTED {
        cli = cli.env(name, value);
    }

    let started = Instant::now();
    let outcome = cli.status().exits_with(3);
    // Half a minute on a machine that does nothing else; without limits, it would have no end.
    assert!(started.elapsed() < Duration::from_secs(600), "took {:?}", started.elapsed());
    assert_harmless(&outcome);

    let mut wrong = String::new();
    for case in &cases {
        let Case { name, says, .. } = case;
        let row = outcome.row(name);
        let Some(status) = case.status() else { continue };
        if row.get(2) != Some(&status) {
            wrong += &format!("{name}: {row:?}, not {status}\n");
        }
        // What several have in common is said once, for all of them.
        let about = |line: &&str| {
            line.starts_with(&format!("error: profile '{name}': "))
                || line.starts_with("error: profiles ") && line.contains(&format!("'{name}'"))
        };
        let lines: Vec<&str> = outcome.stderr.lines().filter(about).collect();
        let explained = matches!(status, "✗ error" | "✗ invalid");
        if lines.len() != usize::from(explained) || lines.iter().any(|line| !line.contains(says)) {
            wrong += &format!("{name}: {lines:?}, not {says:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(outcome.row("good"), ["good", "api_key", "✓ valid", VARIABLE]);
    assert_eq!(outcome.row("well"), ["well", "well", "✓ valid", VARIABLE]);
    assert_eq!(outcome.row("openai"), ["openai", "api_key", "✓ valid", "OPENAI_API_KEY"]);
    assert_eq!(outcome.row("local"), ["local", "api_key", "✓ valid", "(no auth needed)"]);
    assert_eq!(outcome.row("gemini"), ["gemini", "api_key", "✗ missing", "GEMINI_API_KEY"]);
    // Header and rule, the built-in and the good ones, and the summary behind a blank.
    assert_eq!(outcome.stdout.lines().count(), 2 + 4 + 2 + cases.len() + 2, "{}", outcome.stdout);
}
