/// One line of the table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name of the measurement.
    pub what: String,
    /// The result.
    pub measured: String,
    /// The bare handler or the raw work in the same run.
    pub beside: String,
    /// The ratio of the two.
    pub share: String,
    /// The goal.
    pub goal: String,
    /// Whether the goal is reached; `None` without a goal.
    pub is_reached: Option<bool>,
}

impl Row {
    fn cells(&self) -> [&str; 6] {
        let reached = match self.is_reached {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        [&self.what, &self.measured, &self.beside, &self.share, &self.goal, reached]
    }
}

/// The table in Markdown.
#[expect(clippy::print_stdout, reason = "the table is what the benchmark is for")]
pub fn print(rows: &[Row]) {
    if cfg!(debug_assertions) {
        println!(
            "Built without optimization: these numbers mean nothing. Use cargo run --release -p bench.\n"
        );
    }
    let head = ["what", "measured", "beside it", "share", "goal", "reached"];
    let table: Vec<[&str; 6]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let mut widths = [0; 6];
    for line in &table {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for (number, line) in table.iter().enumerate() {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            println!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|"));
        }
    }
}

/// `1,234/s`, or with digits after the point where it is small.
pub fn per_second(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}/s") } else { format!("{}/s", thousands(rate)) }
}

/// `12 %`
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
