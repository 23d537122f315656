//! The lobby's QR code as a drawing in the page: no image, nothing to load.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

const QUIET: usize = 4;

/// An address as a drawing; nothing if it is too long for one.
#[must_use]
pub fn svg(address: &str) -> Option<String> {
    let code = QRBuilder::new(address).ecl(ECL::M).build().ok()?;
    let mut path = String::new();
    for row in 0..code.size {
        for column in 0..code.size {
            if code[row][column].value() {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h1v1h-1z", column + QUIET, row + QUIET);
            }
        }
    }
    let side = code.size + 2 * QUIET;
    Some(format!(
        r#"<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="QR code of this link" shape-rendering="crispEdges"><path d="{path}"/></svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_drawing_without_styles() {
        let drawing = svg("https://book.oaklane.example/j/4ac3c1c0d8e94b07").expect("a drawing");
        assert!(drawing.starts_with("<svg"));
        assert!(!drawing.contains("style"));
        assert!(!drawing.contains("oaklane"), "the address is drawn, not written");
        assert!(svg(&"x".repeat(5_000)).is_none());
    }
}
