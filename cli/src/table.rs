//! Tables, all in one look: a header, a rule below it, and nothing else drawn.

use std::io::IsTerminal;

use tabled::Table;
use tabled::builder::Builder;
use tabled::grid::config::Position;
use tabled::grid::records::{ExactRecords, PeekableRecords};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style, Width};

/// The blanks behind each column.
const GAP: usize = 2;

/// The columns of one kind of table.
pub(crate) struct Layout<const N: usize> {
    pub(crate) header: [&'static str; N],
    /// The least width of each column, so that the tables of two runs look alike.
    pub(crate) widths: [usize; N],
    /// The columns that may be cut on a narrow terminal, in this order, and what
    /// is left of them at the least.
    pub(crate) shortened: &'static [(usize, usize)],
}

impl<const N: usize> Layout<N> {
    /// The table of these rows, to be written to stdout: cut to the width of the
    /// terminal, where it is one.
    pub(crate) fn table(&self, rows: impl IntoIterator<Item = [String; N]>) -> String {
        let mut records = Builder::new();
        records.push_record(self.header);
        rows.into_iter().for_each(|row| records.push_record(row));
        let mut table = records.build();
        table.with(Style::empty()).with(Alignment::left()).with(Padding::new(0, GAP, 0, 0));
        let columns = self.widths.into_iter().enumerate();
        let wide: usize = columns
            .clone()
            .map(|(column, least)| content_width(&table, column).max(least) + GAP)
            .sum();
        let width = terminal_width();
        match width {
            Some(width) if wide > width + GAP => self.shorten(&mut table, width + GAP),
            _ => columns.for_each(|(column, least)| {
                table.modify(Columns::one(column), Width::increase(least));
            }),
        }
        self.ruled(&table.to_string(), width)
    }

    /// Cuts names until the table fits, as far as they stay of use.
    fn shorten(&self, table: &mut Table, width: usize) {
        for &(column, least) in self.shortened {
            let excess = table.total_width().saturating_sub(width);
            let longest = content_width(table, column);
            if excess > 0 && longest > least {
                let cut = Width::truncate(longest.saturating_sub(excess).max(least)).suffix("…");
                table.modify(Columns::one(column), cut);
            }
        }
    }

    /// The table with a rule below its header, no line ending in blanks.
    fn ruled(&self, table: &str, width: Option<usize>) -> String {
        let mut lines = table.lines().map(|line| line.trim_end());
        let header = lines.next().unwrap_or_default();
        let last = self.header.last().zip(self.widths.last());
        // A terminal too narrow for the last column has cut its name off.
        let rule = last
            .and_then(|(name, least)| Some(header.rfind(name)? + least))
            .unwrap_or(header.chars().count());
        let rule = rule.min(width.unwrap_or(rule));
        let mut ruled = format!("{header}\n{}\n", "─".repeat(rule));
        for line in lines {
            ruled.push_str(line);
            ruled.push('\n');
        }
        ruled
    }
}

fn content_width(table: &Table, column: usize) -> usize {
    let records = table.get_records();
    let cells = (0..records.count_rows()).map(|row| records.get_width(Position::new(row, column)));
    cells.max().unwrap_or_default()
}

/// How wide the terminal is, where stdout is one.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
