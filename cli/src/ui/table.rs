//! Tables: a header, a rule below it, and no other lines.

use std::borrow::Cow;
use std::io::IsTerminal;

use anstyle::Style as TextStyle;
use tabled::Table;
use tabled::builder::Builder;
use tabled::grid::config::Position;
use tabled::grid::records::{ExactRecords, PeekableRecords};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Color, Padding, Style, Width};

/// The spaces after each column.
const GAP: usize = 2;

/// The columns of a table.
pub(crate) struct Layout<const N: usize> {
    pub(crate) header: [&'static str; N],
    /// The minimum width of each column, so that the tables of two runs line up.
    pub(crate) widths: [usize; N],
    /// The columns to truncate on a narrow terminal, in this order, each with the
    /// width that it keeps.
    pub(crate) shortened: &'static [(usize, usize)],
}

/// One cell: its text, and the style to write it in. Measuring text that holds
/// escape sequences would take longer than drawing the table.
#[derive(Clone, PartialEq)]
pub(crate) struct Cell<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) style: TextStyle,
}

impl<const N: usize> Layout<N> {
    /// Draws these rows for stdout. Truncates them to the width of the terminal, if
    /// stdout is one.
    pub(crate) fn table<'a>(&self, rows: impl IntoIterator<Item = [Cell<'a>; N]>) -> String {
        let mut records = Builder::new();
        let mut coloured = Vec::new();
        records.push_record(self.header);
        for (row, cells) in rows.into_iter().enumerate() {
            let styled = cells.iter().enumerate().filter(|(_, cell)| !cell.style.is_plain());
            coloured.extend(styled.map(|(column, cell)| ((row + 1, column), color(cell.style))));
            records.push_record(cells.map(|cell| cell.text));
        }
        let mut table = records.build();
        table.with(Style::empty()).with(Alignment::left()).with(Padding::new(0, GAP, 0, 0));
        for (place, color) in coloured {
            table.modify(place, color);
        }
        let columns = self.widths.into_iter().enumerate();
        let wide: usize = columns
            .clone()
            .map(|(column, least)| content_width(&table, column).max(least) + GAP)
            .sum();
        let width = terminal_width();
        match width {
            Some(width) if wide > width + GAP => self.shorten(&mut table, width + GAP),
            // Widening one cell widens its column, and is faster than widening all.
            _ => columns.for_each(|(column, least)| {
                table.modify((0, column), Width::increase(least));
            }),
        }
        let drawn = table.to_string();
        drop(table);
        self.ruled(&drawn, width)
    }

    /// Truncates columns until the table fits, as far as they stay readable.
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

    /// Adds the rule below the header, and trims trailing spaces.
    fn ruled(&self, table: &str, width: Option<usize>) -> String {
        let mut lines = table.lines().map(|line| line.trim_end());
        let header = lines.next().unwrap_or_default();
        let last = self.header.last().zip(self.widths.last());
        // On a narrow terminal the name of the last column may be truncated.
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

impl<'a> Cell<'a> {
    /// Text in a style.
    pub(crate) fn coloured(text: impl Into<Cow<'a, str>>, style: TextStyle) -> Self {
        Self { text: text.into(), style }
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Cell<'a> {
    fn from(text: T) -> Self {
        Self::coloured(text, TextStyle::new())
    }
}

fn color(style: TextStyle) -> Color {
    Color::new(style.render().to_string(), style.render_reset().to_string())
}

fn content_width(table: &Table, column: usize) -> usize {
    let records = table.get_records();
    let cells = (0..records.count_rows()).map(|row| records.get_width(Position::new(row, column)));
    cells.max().unwrap_or_default()
}

/// The width of the terminal, if stdout is one.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
