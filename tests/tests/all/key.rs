//! What can be a key, and what cannot.
//!
//! Promised here: a text that no provider could take for a key is invalid for every
//! command, which says what is wrong with it and never shows it; a line break at the
//! end is removed.

use orchestration_tests::Cli;

const GOOD: &str = "sk-proj-Zq81LmVt93KxBdRw7x2f";

fn with(key: &str) -> Cli {
    Cli::new().env("OPENAI_API_KEY", key)
}

/// Every command that uses a key refuses this one, for this reason, without showing it.
#[track_caller]
fn is_refused(key: &str, reason: &str) {
    let cli = with(key);
    let status = cli.status();
    assert_eq!(status.row("openai").get(2), Some(&"✗ invalid"), "{key:?} {status:#?}");
    let commands: [&[&str]; 5] = [
        &["auth", "check", "openai"],
        &["auth", "login", "openai"],
        &["auth", "token", "openai"],
        &["auth", "exec", "openai", "--", "true"],
        &["spawn", "--profile", "openai", "--model", "m", "Hi"],
    ];
    for command in commands {
        let outcome = cli.run(command);
        assert_eq!(outcome.status, 1, "{command:?} {key:?} {outcome:#?}");
        assert!(outcome.all().contains(reason), "{command:?} {key:?} {outcome:#?}");
        assert!(key.len() < 4 || !outcome.all().contains(key), "{command:?} {outcome:#?}");
    }
}

#[test]
fn a_line_break_at_the_end_is_removed() {
    for end in ["\n", "\r\n", "\r"] {
        let outcome = with(&format!("{GOOD}{end}")).run(&["auth", "token", "openai"]);
        assert_eq!(outcome.exits_with(0).stdout, format!("{GOOD}\n"), "{end:?}");
    }
}

#[test]
fn a_character_that_is_in_no_key_is_named_with_its_position() {
    for (key, reason) in [
        ("sk-\u{a0}proj-abcdefgh", "contains a no-break space (U+00A0) at position 4"),
        ("\u{200b}", "contains an invisible character (U+200B) at position 1"),
        ("sk-pr\u{43e}j-abcdefgh", "contains a character that is not ASCII (U+043E) at position 6"),
        ("\u{201c}sk-proj-abcdefgh\u{201d}", "contains a curly quote (U+201C) at position 1"),
        ("sk-proj abcdefgh", "contains a space (U+0020) at position 8"),
        ("sk-proj-\tabcdefgh", "contains a tab (U+0009) at position 9"),
        ("sk-proj\nabcdefgh", "contains a line break (U+000A) at position 8"),
    ] {
        is_refused(key, reason);
    }
}

#[test]
fn a_placeholder_is_no_key() {
    for key in ["<your key>", "YOUR_API_KEY", "changeme", "sk-xxxxxxxxxxxx", "sk-..."] {
        is_refused(key, "OPENAI_API_KEY is a placeholder, not a key");
    }
    // Our own hint has it in the place of the key, so it may be shown.
    let outcome = with("your-key-here").run(&["auth", "check", "openai"]).exits_with(1);
    assert!(outcome.all().contains("is a placeholder, not a key"), "{outcome:#?}");
}

#[test]
fn a_reference_that_nothing_resolved_is_no_key() {
    for key in
        ["${OPENAI}", "$OPENAI", "${{ secrets.X }}", "{{ key }}", "op://vault/item", "%OPENAI%"]
    {
        is_refused(key, "OPENAI_API_KEY is a reference that was not resolved, not a key");
    }
}

#[test]
fn quotes_and_a_scheme_are_not_part_of_a_key() {
    is_refused("\"sk-proj-abcdefgh\"", "OPENAI_API_KEY begins and ends with a quote");
    is_refused("'sk-proj-abcdefgh'", "OPENAI_API_KEY begins and ends with a quote");
    is_refused("Bearer sk-proj-abcdefgh", "begins with 'Bearer', which is not part of a key");
}
