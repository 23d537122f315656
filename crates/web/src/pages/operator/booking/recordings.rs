//! What was recorded of a session.

use roomkey_core::{Instant, Zone};

use crate::pages::pill::Pill;
use crate::pages::when;

/// One file of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRow {
    /// What it is, in a word.
    pub what: String,
    /// From when.
    pub started_at: Option<Instant>,
    /// Until when.
    pub ended_at: Option<Instant>,
    /// In bytes.
    pub size: Option<i64>,
    /// The vendor's page with it; nothing once it is forgotten.
    pub at_vendor: Option<String>,
    /// What that page asks for.
    pub passcode: Option<String>,
    /// Where the text stands, of a transcript.
    pub transcript: Option<TranscriptLine>,
}

/// Where the text of a transcript stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    /// In a word.
    pub pill: Pill,
    /// In a sentence.
    pub words: String,
    /// Where it is read, if it is here.
    pub text: Option<String>,
}

impl RecordingRow {
    /// Whether it can be seen or read anywhere.
    #[must_use]
    pub fn has_links(&self) -> bool {
        self.at_vendor.is_some() || self.transcript.as_ref().is_some_and(|it| it.text.is_some())
    }

    /// From when to when it goes, and how large it is.
    #[must_use]
    pub fn particulars(&self, zone: &Zone, now: &Instant) -> String {
        let from = self.started_at.map(|at| when::moment(at, zone, *now));
        let times = match (from, self.ended_at) {
            (Some(from), Some(to)) => Some(format!("{from} to {}", when::clock(to, zone))),
            (from, _) => from,
        };
        let parts: Vec<String> = times.into_iter().chain(self.size.map(size)).collect();
        parts.join(" · ")
    }
}

/// A size as people say it.
fn size(bytes: i64) -> String {
    const THOUSAND: i64 = 1_000;
    const MILLION: i64 = 1_000_000;
    match bytes {
        ..THOUSAND => format!("{bytes} bytes"),
        THOUSAND..MILLION => format!("{} kB", bytes / THOUSAND),
        MILLION.. => format!("{} MB", bytes / MILLION),
    }
}
