//! What every bench ends with: a table with both sides of every ratio, and the
//! machine that it was measured on.

use std::time::Duration;

/// A line of the table.
pub struct Row {
    what: String,
    took: Duration,
}

impl Row {
    /// The median of `times`, under this name.
    pub fn median(what: &str, times: &[Duration]) -> Self {
        Self::percentile(what, times, 0.5)
    }

    /// The time that this part of `times` keeps to.
    pub fn percentile(what: &str, times: &[Duration], part: f64) -> Self {
        let mut times = times.to_vec();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let took = times.get((last as f64 * part) as usize).copied().unwrap_or_default();
        Self { what: what.to_owned(), took }
    }
}

/// What a ratio must be.
pub enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

/// Prints the CPU and how many of its cores there are.
pub fn machine() {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{model}, {cores} cores");
}

/// Prints one line a row.
pub fn table(rows: &[&Row]) {
    for Row { what, took } in rows.iter().copied() {
        println!("{what:<52} {:>12.2} µs", micros(*took));
    }
}

/// Prints a time beside what it must be, in microseconds.
pub fn at_most(row: &Row, most: f64) {
    ratio(&format!("{}, in µs", row.what), micros(row.took), &Target::AtMost(most));
}

/// Prints how many times as long `a` takes as `b`.
pub fn times(a: &Row, b: &Row, target: &Target) {
    ratio(&format!("{} / {}", a.what, b.what), micros(a.took) / micros(b.took), target);
}

/// Prints a ratio beside what it must be.
pub fn ratio(what: &str, found: f64, target: &Target) {
    let (bound, good) = match target {
        Target::AtLeast(least) => (format!("at least {least}"), found >= *least),
        Target::AtMost(most) => (format!("at most {most}"), found <= *most),
    };
    let verdict = if good { "✓" } else { "✗" };
    println!("{what:<72} {found:>9.2}  {verdict} {bound}");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
