//! The result table: targets and measurements.

pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) bar: &'static str,
    pub(crate) aim: &'static str,
    pub(crate) measured: String,
    pub(crate) verdict: Verdict,
}

/// The result against a row's bar and aim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Aim,
    Bar,
    Missed,
}

impl Verdict {
    /// For values where less is better.
    pub(crate) fn at_most(value: f64, bar: f64, aim: f64) -> Self {
        Self::of(value <= bar, value <= aim)
    }

    /// For values where more is better.
    pub(crate) fn at_least(value: f64, bar: f64, aim: f64) -> Self {
        Self::of(value >= bar, value >= aim)
    }

    fn of(bar: bool, aim: bool) -> Self {
        match (bar, aim) {
            (true, true) => Self::Aim,
            (true, false) => Self::Bar,
            (false, _) => Self::Missed,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Aim => "aim met",
            Self::Bar => "bar met",
            Self::Missed => "MISSED",
        }
    }
}

/// Prints the rows as a Markdown table and returns the number of missed bars.
pub(crate) fn print(rows: &[Row]) -> usize {
    let cells = |row: &Row| {
        [
            row.what.clone(),
            row.bar.to_owned(),
            row.aim.to_owned(),
            row.measured.clone(),
            row.verdict.word().to_owned(),
        ]
    };
    let head = ["what", "bar", "aim", "measured", ""].map(str::to_owned);
    let table: Vec<[String; 5]> = std::iter::once(head).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| {
        table.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    for (number, row) in table.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("| {} |", cells.join(" | "));
        if number == 0 {
            println!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"));
        }
    }
    rows.iter().filter(|row| row.verdict == Verdict::Missed).count()
}
