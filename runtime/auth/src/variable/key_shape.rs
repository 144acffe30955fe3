//! The shape of keys. Users paste a key where the name of its variable belongs, and many
//! keys have the form of a name.

/// How keys of providers and their like begin. What follows is random.
const KEY_PREFIXES: [&str; 24] = [
    "AIza",
    "AKIA",
    "ASIA",
    "dop_v1_",
    "fw_",
    "ghc_",
    "gho_",
    "ghp_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "gsk_",
    "hf_",
    "jina_",
    "lsv2_",
    "npm_",
    "pk_",
    "r8_",
    "rk_",
    "sbp_",
    "sk_",
    "tgp_v1_",
    "whsec_",
];

/// Returns true if a text looks like a key. A name consists of words, and each word has
/// letters of one case and digits at its end; what is random has neither.
pub(crate) fn is_like_a_key(text: &str) -> bool {
    let rest_of_key = KEY_PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    let words = || text.split('_');
    rest_of_key.is_some_and(|rest| rest.split('_').any(|word| word.len() >= 12 && is_mixed(word)))
        || words().any(|word| word.len() >= 16 && groups_of_digits(word) >= 3)
        || words().any(|word| word.len() >= 20 && has_both_cases(word) && has_digit(word))
        || (text.len() >= 24 && has_both_cases(text) && groups_of_digits(text) >= 3)
}

fn is_mixed(word: &str) -> bool {
    has_digit(word) || has_both_cases(word)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn has_both_cases(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns in how many places of `text` there are digits.
fn groups_of_digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).count()
}
