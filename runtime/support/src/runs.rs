//! Finds what a text has of secrets: not only a whole secret, but every run of its bytes
//! that is long enough to be of use.

use std::ops::Range;

use zeroize::Zeroizing;

/// The fewest bytes of a secret that are hidden where the rest of it is not there.
pub(crate) const RUN: usize = 8;

/// Every run of [`RUN`] bytes of some secrets, each as a number, sorted. A copy of the
/// secrets, so it is wiped when dropped.
pub(crate) struct Runs(Zeroizing<Vec<u64>>);

impl Runs {
    pub(crate) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets: Vec<&str> = secrets.into_iter().collect();
        // A vector that grows leaves copies behind.
        let most = secrets.iter().map(|secret| secret.len()).sum();
        let mut runs = Zeroizing::new(Vec::with_capacity(most));
        runs.extend(secrets.into_iter().map(str::as_bytes).flat_map(numbers));
        runs.sort_unstable();
        runs.dedup();
        Self(runs)
    }

    /// Returns the ranges of `text` that consist of runs, which may begin or end within a
    /// character. Overlapping ones are merged; they are sorted.
    pub(crate) fn ranges(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        if self.0.is_empty() {
            return ranges;
        }
        for (start, number) in numbers(text).enumerate() {
            if self.0.binary_search(&number).is_err() {
                continue;
            }
            let end = start + RUN;
            match ranges.last_mut() {
                Some(last) if start < last.end => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        ranges
    }
}

/// Returns each run of [`RUN`] bytes of `text` as a number, in order.
fn numbers(text: &[u8]) -> impl Iterator<Item = u64> {
    let mut number = 0;
    let each = text.iter().map(move |byte| {
        number = number << 8 | u64::from(*byte);
        number
    });
    each.skip(RUN - 1)
}

#[cfg(test)]
mod tests {
    use super::Runs;

    #[test]
    fn runs_of_eight_bytes_are_found_and_shorter_ones_are_not() {
        let runs = Runs::of(["sk-0123456789"]);
        assert_eq!(runs.ranges(b"sk-0123"), []);
        assert_eq!(runs.ranges(b"a sk-01234 b, sk-01234"), [2..10, 14..22]);
        assert_eq!(runs.ranges(b"23456789sk-0123456789"), [0..8, 8..21]);
    }
}
