//! A time as Google writes it (RFC 3339, in UTC).

/// Returns the seconds since the Unix epoch, without fractions; `None` unless it is a time in
/// UTC.
pub fn seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time.split('.').next()?, ':')?;
    let is_right = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    is_right.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Option<Vec<u64>> =
        text.split(separator).map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// Returns the days since the Unix epoch. A year that begins in March ends with the leap day.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month < 3 { year.saturating_sub(1) } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day;
    (year * 365 + year / 4 + year / 400 + of_year).saturating_sub(year / 100 + 719_469)
}
