//! Small drawings, one line each: 24 by 24, strokes in the text's colour.

use std::fmt;

use roomkey_core::route::Provider;

/// A drawing that stands beside a word, never instead of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A tick in a ring: ready, done.
    Check,
    /// A clock: waiting, soon.
    Clock,
    /// A ring with a bar missing: being made.
    Making,
    /// A triangle: needs a person.
    Warn,
    /// A cross in a ring: failed.
    Cross,
    /// A ring with a line through it: cancelled, off.
    Off,
    /// A door: the way in.
    Door,
    /// Two sheets: copy.
    Copy,
    /// A month's sheet.
    Calendar,
    /// Today's sun.
    Today,
    /// Lines: the bookings.
    List,
    /// A plug: connections.
    Plug,
    /// People: hosts.
    People,
    /// A tag: services.
    Tag,
    /// A pulse: status.
    Pulse,
    /// A plus: new.
    Plus,
    /// A telephone.
    Phone,
    /// A place on a map.
    Place,
    /// An envelope.
    Mail,
    /// A key's bow and bit.
    Key,
    /// Three dots: more.
    More,
    /// A dot in a ring: taking place.
    Live,
}

impl Icon {
    /// Every drawing, for the design page.
    pub const ALL: [Self; 22] = [
        Self::Check,
        Self::Clock,
        Self::Making,
        Self::Warn,
        Self::Cross,
        Self::Off,
        Self::Door,
        Self::Copy,
        Self::Calendar,
        Self::Today,
        Self::List,
        Self::Plug,
        Self::People,
        Self::Tag,
        Self::Pulse,
        Self::Plus,
        Self::Phone,
        Self::Place,
        Self::Mail,
        Self::Key,
        Self::More,
        Self::Live,
    ];

    const fn strokes(self) -> &'static str {
        match self {
            Self::Check => r#"<circle cx="12" cy="12" r="9"/><path d="m8 12.5 2.7 2.7L16 9.5"/>"#,
            Self::Clock => r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.4 2"/>"#,
            Self::Making => r#"<path d="M21 12a9 9 0 1 1-5-8.06"/><path d="M12 8v4l2.5 1.5"/>"#,
            Self::Warn => r#"<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.2M12 16.9v.1"/>"#,
            Self::Cross => r#"<circle cx="12" cy="12" r="9"/><path d="m9 9 6 6m0-6-6 6"/>"#,
            Self::Off => r#"<circle cx="12" cy="12" r="9"/><path d="m5.7 5.7 12.6 12.6"/>"#,
            Self::Door => {
                r#"<path d="M6 21V4.5A1.5 1.5 0 0 1 7.5 3h9A1.5 1.5 0 0 1 18 4.5V21"/><path d="M3 21h18M14.3 12v.6"/>"#
            }
            Self::Copy => {
                r#"<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3"/>"#
            }
            Self::Calendar => {
                r#"<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 3v4m8-4v4"/>"#
            }
            Self::Today => {
                r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4"/>"#
            }
            Self::List => r#"<path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5v.1m0 5.4v.1m0 5.4v.1"/>"#,
            Self::Plug => {
                r#"<path d="M9 3v5m6-5v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0z"/><path d="M12 17v4"/>"#
            }
            Self::People => {
                r#"<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c.6-3.6 3.1-5.5 6.5-5.5s5.9 1.9 6.5 5.5"/><path d="M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 15.2c1.9.8 3.1 2.4 3.5 4.8"/>"#
            }
            Self::Tag => {
                r#"<path d="M3.5 12V5a1.5 1.5 0 0 1 1.5-1.5h7l8.5 8.5-8.5 8.5z"/><path d="M8 8v.1"/>"#
            }
            Self::Pulse => r#"<path d="M3 12h4l2.5-7 5 14 2.5-7h4"/>"#,
            Self::Plus => r#"<path d="M12 5v14M5 12h14"/>"#,
            Self::Phone => {
                r#"<path d="M5 4h4l1.5 4.5-2.2 1.6a12 12 0 0 0 5.6 5.6l1.6-2.2L20 15v4a1.5 1.5 0 0 1-1.6 1.5A15.5 15.5 0 0 1 3.5 5.6 1.5 1.5 0 0 1 5 4z"/>"#
            }
            Self::Place => {
                r#"<path d="M12 21s-7-6.2-7-11.2a7 7 0 0 1 14 0C19 14.8 12 21 12 21z"/><circle cx="12" cy="9.8" r="2.5"/>"#
            }
            Self::Mail => {
                r#"<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6.5L20.5 7"/>"#
            }
            Self::Key => r#"<circle cx="8" cy="12" r="4.5"/><path d="M12.5 12H21v3.5M17 12v2.5"/>"#,
            Self::More => {
                r#"<g fill="currentColor" stroke="none"><circle cx="5" cy="12" r="1.9"/><circle cx="12" cy="12" r="1.9"/><circle cx="19" cy="12" r="1.9"/></g>"#
            }
            Self::Live => r#"<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="3"/>"#,
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>"#,
            self.strokes()
        )
    }
}

impl askama::filters::HtmlSafe for Icon {}

/// A vendor's mark as a plain glyph of our own, in the text's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph(pub Provider);

impl fmt::Display for Glyph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strokes = match self.0 {
            Provider::Zoom => {
                r#"<rect x="4" y="9" width="14" height="14" rx="4"/><path d="m18 14.5 8-4.5v12l-8-4.5"/>"#
            }
            Provider::Link => {
                r#"<path d="M13.5 18.5a5 5 0 0 0 7 0l4-4a5 5 0 0 0-7-7L16 9"/><path d="M18.5 13.5a5 5 0 0 0-7 0l-4 4a5 5 0 0 0 7 7L16 23"/>"#
            }
        };
        write!(
            f,
            r#"<svg class="glyph" viewBox="0 0 32 32" width="32" height="32" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{strokes}</svg>"#
        )
    }
}

impl askama::filters::HtmlSafe for Glyph {}
