//! What happened to each step, and the table at the end.

use std::fmt::Write as _;
use std::time::Duration;

/// One step's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    /// Left out by `--fast`.
    Skipped,
    /// An earlier one failed.
    NotReached,
}

/// All steps so far.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Notes a step.
    pub(crate) fn add(&mut self, step: &'static str, outcome: Outcome, took: Duration) {
        self.steps.push((step, outcome, took));
    }

    /// The first step that failed.
    pub(crate) fn first_failure(&self) -> Option<&'static str> {
        self.steps
            .iter()
            .find(|(_, outcome, _)| *outcome == Outcome::Failed)
            .map(|(step, ..)| *step)
    }

    /// For the terminal.
    pub(crate) fn table(&self) -> String {
        let width = self.steps.iter().map(|(step, ..)| step.len()).max().unwrap_or_default();
        let mut table = String::new();
        for (step, outcome, took) in &self.steps {
            let outcome = match outcome {
                Outcome::Passed => "ok",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "skipped",
                Outcome::NotReached => "not reached",
            };
            let line = format!("{step:width$}  {outcome:11}  {:>7.1} s\n", took.as_secs_f64());
            // Writing to a string does not fail.
            let _written = table.write_str(&line);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_is_named() {
        let mut report = Report::default();
        report.add("arrows", Outcome::Passed, Duration::from_millis(250));
        report.add("fmt", Outcome::Failed, Duration::from_secs(2));
        report.add("tests", Outcome::NotReached, Duration::ZERO);
        report.add("cleanliness", Outcome::Failed, Duration::ZERO);
        assert_eq!(report.first_failure(), Some("fmt"));
        let table = report.table();
        assert!(table.starts_with("arrows       ok               0.2 s\n"), "{table}");
        assert_eq!(Report::default().first_failure(), None);
    }
}
