//! `auth status`: one row a profile.

use std::io::{IsTerminal, Write};

use orchestration_runtime::{ProvidersToml, Registry, Source, Status};
use tabled::Table;
use tabled::builder::Builder;
use tabled::grid::config::Position;
use tabled::grid::records::{ExactRecords, PeekableRecords};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style, Width};
use tokio::task::JoinSet;

use super::{Answer, ask};
use crate::exit::Exit;
use crate::failure::{self, CliError};
use crate::output;

const HEADER: [&str; 4] = ["Profile", "Auth Type", "Status", "Source"];

/// The least width of each column, so that the tables of two runs look alike,
/// and the blanks behind it.
const WIDTHS: [usize; 4] = [12, 10, 11, 15];
const GAP: usize = 2;

/// The columns that may be cut on a narrow terminal, in this order, and what is
/// left of them at the least.
const SHORTENED: [(usize, usize); 3] = [(3, 8), (0, 8), (1, 8)];

/// Asks every profile and shows the table; then, on stderr, why rows are bad.
pub(super) async fn run(providers: &ProvidersToml, registry: &Registry) -> Result<Exit, CliError> {
    let answers = ask_all(providers, registry).await;
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(table(&answers, terminal_width()).as_bytes())?;
    stdout.flush()?;
    answers.iter().for_each(explain);
    Ok(answers.iter().map(|answer| exit(answer.status)).max().unwrap_or(Exit::Fine))
}

/// Every profile at once: one that spins to its deadline holds up no other.
async fn ask_all(providers: &ProvidersToml, registry: &Registry) -> Vec<Answer> {
    let mut asked: JoinSet<Answer> =
        providers.profiles().map(|profile| ask(profile.clone(), registry.clone())).collect();
    let mut answers = Vec::with_capacity(asked.len());
    while let Some(answer) = asked.join_next().await {
        answers.extend(answer.ok());
    }
    answers.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
    answers
}

/// A missing credential is what this command is there to show, so it is no
/// failure of the command.
fn exit(status: Status) -> Exit {
    if status == Status::Missing { Exit::Fine } else { Exit::of(status) }
}

fn table(answers: &[Answer], width: Option<usize>) -> String {
    let mut rows = Builder::with_capacity(answers.len() + 1, HEADER.len());
    rows.push_record(HEADER);
    for answer in answers {
        let profile = &answer.profile;
        let status = output::label(answer.status);
        rows.push_record([&profile.name, &profile.auth_type, &status, &source(answer)]);
    }
    let mut table = rows.build();
    table.with(Style::empty()).with(Alignment::left()).with(Padding::new(0, GAP, 0, 0));
    let columns = WIDTHS.into_iter().enumerate();
    let wide: usize =
        columns.clone().map(|(column, least)| content_width(&table, column).max(least) + GAP).sum();
    match width {
        Some(width) if wide > width + GAP => shorten(&mut table, width + GAP),
        _ => columns.for_each(|(column, least)| {
            table.modify(Columns::one(column), Width::increase(least));
        }),
    }
    ruled(&table.to_string(), width)
}

/// Cuts names until the table fits, as far as they stay of use. The status is
/// never cut: it is what the table is looked at for.
fn shorten(table: &mut Table, width: usize) {
    for (column, least) in SHORTENED {
        let excess = table.total_width().saturating_sub(width);
        let longest = content_width(table, column);
        if excess > 0 && longest > least {
            let cut = Width::truncate(longest.saturating_sub(excess).max(least)).suffix("…");
            table.modify(Columns::one(column), cut);
        }
    }
}

fn content_width(table: &Table, column: usize) -> usize {
    let records = table.get_records();
    let cells = (0..records.count_rows()).map(|row| records.get_width(Position::new(row, column)));
    cells.max().unwrap_or_default()
}

/// The table with a rule below its header, no line ending in blanks.
fn ruled(table: &str, width: Option<usize>) -> String {
    let mut lines = table.lines().map(|line| line.trim_end());
    let header = lines.next().unwrap_or_default();
    let [.., last] = WIDTHS;
    // A terminal too narrow for the last column has cut its name off.
    let rule = header.find("Source").map_or(header.chars().count(), |source| source + last);
    let rule = rule.min(width.unwrap_or(rule));
    let mut ruled = format!("{header}\n{}\n", "─".repeat(rule));
    for line in lines {
        ruled.push_str(line);
        ruled.push('\n');
    }
    ruled
}

fn source(answer: &Answer) -> String {
    match &answer.credentials {
        Ok(credentials) => match credentials.source() {
            Source::Explicit => "(explicit)".to_owned(),
            Source::Environment(name) => name.clone(),
            Source::NotNeeded => "(no auth needed)".to_owned(),
            Source::Other(words) => words.clone(),
        },
        Err(_) => answer.profile.api_key_env.clone().unwrap_or_else(|| "-".to_owned()),
    }
}

/// Says on stderr why a row is invalid or an error. What is missing needs no
/// explanation: the row names the variable, and `auth login` says how to set it.
fn explain(answer: &Answer) {
    if let (Err(error), Status::Invalid | Status::Error) = (&answer.credentials, answer.status) {
        failure::explain(error);
    }
}

/// How wide the terminal is, where stdout is one.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
