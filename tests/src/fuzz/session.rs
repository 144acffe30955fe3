//! The reader of session files: what it accepts is what it would have written.

use orchestration_runtime::SessionRecord;

use super::{assert_harmless, assert_plain};

/// Asserts that a file is refused with a reason that is safe to display, or read as a
/// session that is written as the same bytes, and whose secrets are not displayed.
pub fn session(data: &[u8]) {
    let record = match SessionRecord::from_bytes(data) {
        Ok(record) => record,
        Err(damaged) => return assert_plain(&damaged.to_string()),
    };
    assert!(*record.to_bytes() == *data, "it would be written in another way");

    // A shorter text may occur by chance, and one of asterisks where a secret was.
    let secrets = record.session.secrets.iter().map(|secret| secret.text.expose());
    let secrets: Vec<&str> =
        secrets.filter(|text| text.len() >= 8 && !text.contains(['*', '…'])).collect();
    // The host's own words are before the quotes. A secret that has some of them is none of
    // the strategy's.
    let said =
        |text: String| text.split_once(" says: ").map_or(text.clone(), |(_, said)| said.to_owned());
    let displayed = record.account().into_iter().map(|account| said(account.to_string()));
    for text in displayed.chain(record.secret_names()).chain(record.note_names()) {
        assert_harmless(&text, &secrets);
    }
}
