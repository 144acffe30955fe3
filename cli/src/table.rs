//! Tables, all in one look: a header, a rule below it, and nothing else drawn.

use std::borrow::Cow;
use std::io::IsTerminal;

use anstyle::Style as TextStyle;
use tabled::Table;
use tabled::builder::Builder;
use tabled::grid::config::Position;
use tabled::grid::records::{ExactRecords, PeekableRecords};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Color, Padding, Style, Width};

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

/// One cell: a text without colours, and what it is written in. Looking for colours
/// in the text itself, to know how wide it is, takes longer than all the rest.
#[derive(Clone, PartialEq)]
pub(crate) struct Cell<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) style: TextStyle,
}

impl<const N: usize> Layout<N> {
    /// The table of these rows, to be written to stdout: cut to the width of the
    /// terminal, where it is one.
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
            // One cell makes its column wide, and takes less than all of them.
            _ => columns.for_each(|(column, least)| {
                table.modify((0, column), Width::increase(least));
            }),
        }
        let drawn = table.to_string();
        drop(table);
        self.ruled(&drawn, width)
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

impl<'a> Cell<'a> {
    /// A text in a colour.
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

/// How wide the terminal is, where stdout is one.
fn terminal_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
