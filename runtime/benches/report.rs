//! Prints the results of a benchmark: the machine, the measured times, and the ratios
//! with their targets.

use std::time::Duration;

/// A row of the table.
pub struct Row {
    name: String,
    time: Duration,
}

impl Row {
    /// Returns a row with the median of `times`.
    pub fn median(name: &str, times: &[Duration]) -> Self {
        Self::percentile(name, times, 0.5)
    }

    /// Returns a row with the time that the given fraction of `times` does not exceed.
    pub fn percentile(name: &str, times: &[Duration], fraction: f64) -> Self {
        let mut times = times.to_vec();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let time = times.get((last as f64 * fraction) as usize).copied().unwrap_or_default();
        Self { name: name.to_owned(), time }
    }
}

/// The target of a ratio.
pub enum Target {
    /// The ratio must be at least this.
    AtLeast(f64),
    /// The ratio must be at most this.
    AtMost(f64),
}

/// Prints the CPU model and the number of cores.
pub fn machine() {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{model}, {cores} cores");
}

/// Prints the rows, one per line.
pub fn table(rows: &[&Row]) {
    for Row { name, time } in rows.iter().copied() {
        println!("{name:<52} {:>12.2} µs", micros(*time));
    }
}

/// Prints a time in microseconds and its target.
pub fn at_most(row: &Row, target: f64) {
    ratio(&format!("{}, in µs", row.name), micros(row.time), &Target::AtMost(target));
}

/// Prints the ratio of two times and its target.
pub fn times(a: &Row, b: &Row, target: &Target) {
    ratio(&format!("{} / {}", a.name, b.name), micros(a.time) / micros(b.time), target);
}

/// Prints a ratio and its target.
pub fn ratio(name: &str, ratio: f64, target: &Target) {
    let (bound, reached) = match target {
        Target::AtLeast(least) => (format!("at least {least}"), ratio >= *least),
        Target::AtMost(most) => (format!("at most {most}"), ratio <= *most),
    };
    let verdict = if reached { "✓" } else { "✗" };
    println!("{name:<72} {ratio:>9.2}  {verdict} {bound}");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
