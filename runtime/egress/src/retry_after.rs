//! How long a server wants to be left alone.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Returns what `Retry-After` says: a number of seconds or a date (RFC 9110, 10.2.3). The date
/// is compared with that of the answer, which is by the same clock; this machine's may be wrong.
/// A date that has passed means no time; anything else means nothing.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, &RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(asked).ok()?;
    let now = text(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    Some(then.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{DATE, Duration, HeaderMap, RETRY_AFTER, retry_after};

    #[test]
    fn seconds_and_dates_are_read_and_all_else_is_nothing() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (asked, seconds) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, now.parse().unwrap());
            headers.insert(RETRY_AFTER, asked.parse().unwrap());
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{asked:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
