//! Texts that would control a terminal.

use orchestration_runtime::ErrorKind;
use orchestration_tests::guest::{Answer, Guest, Origin, SECRET};

use super::Case;

/// Repaints, reverses, hides, and starts new lines.
const ODD: &str = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\nerror: x\u{202e}b\u{2066}\u{200b}\u{85}c";

/// Texts that would do something to a terminal.
pub(super) fn texts() -> Vec<Case> {
    let odd = ODD.as_bytes();
    let shown = "a[2J]0;t31m  error: xb";
    let long = "long ".repeat(2000);
    vec![
        Case::new(
            "odd-message",
            Guest::new().fails(2, odd, None).build(),
            ErrorKind::Invalid,
            shown,
        ),
        Case::new(
            "odd-hint",
            Guest::new().fails(2, b"m", Some(odd)).build(),
            ErrorKind::Invalid,
            "m",
        ),
        Case::new(
            "no-message",
            Guest::new().fails(6, "\u{200b}\u{1b}".as_bytes(), Some(b"")).build(),
            ErrorKind::Internal,
            "the strategy gave no reason",
        ),
        Case::new(
            "long-message",
            Guest::new().fails(5, long.as_bytes(), None).build(),
            ErrorKind::Unsupported,
            "…",
        ),
        Case::valid(
            "odd-source",
            Guest::new()
                .answers(&Answer { source: Origin::Other(odd), ..Answer::default() })
                .build(),
        ),
        Case::valid(
            "odd-variable",
            Guest::new()
                .answers(&Answer { source: Origin::Environment(odd), ..Answer::default() })
                .build(),
        ),
        Case::valid(
            "odd-name",
            Guest::new()
                .answers(&Answer { values: vec![(odd, SECRET.as_bytes())], ..Answer::default() })
                .build(),
        ),
        Case::valid("odd-description", Guest::new().describes([odd, odd, odd], &[]).build()),
        Case::new(
            "odd-declared",
            Guest::new().describes([b"a", b"1", b"s"], &[odd]).build(),
            ErrorKind::Denied,
            "(not granted)",
        ),
        Case::new(
            "odd-asked-for",
            Guest::new().asks(odd).build(),
            ErrorKind::Denied,
            "(not granted)",
        ),
    ]
}
