//! Pictures of a page as people see it: on a desk and on a telephone, by day and by night.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::chromium::{self, Browser, Page};
use crate::failure::{Context, Failure, Result};

const SIZES: [Size; 2] = [
    Size { width: 1280, height: 900, mobile: false },
    Size { width: 390, height: 844, mobile: true },
];
const SCHEMES: [&str; 2] = ["light", "dark"];
/// A page without an end is cut here.
const TALLEST: f64 = 12_000.0;

#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
    mobile: bool,
}

/// Writes `{width}-{scheme}.png` for every size and scheme.
pub(crate) fn take(url: &str, folder: &Path) -> Result {
    let chromium = chromium::find()
        .ok_or_else(|| Failure::new("Chromium is missing: `apt-get install chromium`"))?;
    fs::create_dir_all(folder).context(format!("making {}", folder.display()))?;
    let mut browser = Browser::start(&chromium)?;
    for size in SIZES {
        for scheme in SCHEMES {
            let mut page = browser.page()?;
            let picture = picture(&mut page, url, size, scheme)?;
            let file = folder.join(format!("{}-{scheme}.png", size.width));
            fs::write(&file, &picture.png).context(format!("writing {}", file.display()))?;
            println!("{}", file.display());
            if picture.width > f64::from(size.width) {
                println!("  the page is {} wide: it scrolls sideways", picture.width);
            }
        }
    }
    Ok(())
}

struct Picture {
    png: Vec<u8>,
    /// Of what is in the page, which may be wider than the window.
    width: f64,
}

fn picture(page: &mut Page<'_>, url: &str, size: Size, scheme: &str) -> Result<Picture> {
    page.call(
        "Emulation.setDeviceMetricsOverride",
        json!({
            "width": size.width,
            "height": size.height,
            "deviceScaleFactor": 1,
            "mobile": size.mobile,
        }),
    )?;
    page.call(
        "Emulation.setEmulatedMedia",
        json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]}),
    )?;
    page.open(url)?;
    let content = page.call("Page.getLayoutMetrics", json!({}))?["cssContentSize"].clone();
    let measure = |name: &str, least: u32| {
        content.get(name).and_then(Value::as_f64).unwrap_or_default().max(f64::from(least))
    };
    let (width, height) = (measure("width", size.width), measure("height", size.height));
    let answer = page.call(
        "Page.captureScreenshot",
        json!({
            "format": "png",
            "captureBeyondViewport": true,
            "clip": {
                "x": 0, "y": 0, "scale": 1,
                "width": size.width,
                "height": height.min(TALLEST),
            },
        }),
    )?;
    let text = answer["data"].as_str().unwrap_or_default();
    let png = STANDARD.decode(text).context("reading Chromium's picture")?;
    Ok(Picture { png, width })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><meta name=viewport content='width=device-width'>\
        <div style='height: 3000px'></div>";

    /// Width and height, from the head of a PNG file.
    fn dimensions(png: &[u8]) -> (u32, u32) {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }

    #[test]
    fn a_page_is_shown_in_the_wanted_width_and_scheme_and_to_its_end() {
        let Some(chromium) = chromium::find() else {
            println!("not run: there is no Chromium on this machine");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, PAGE).unwrap();
        let url = format!("file://{}", file.display());
        let mut browser = Browser::start(&chromium).unwrap();
        for size in SIZES {
            for scheme in SCHEMES {
                let mut page = browser.page().unwrap();
                let picture = picture(&mut page, &url, size, scheme).unwrap();
                assert_eq!(dimensions(&picture.png), (size.width, 3016), "{scheme}");
                assert!((picture.width - f64::from(size.width)).abs() < 1.0);
                let dark = "matchMedia('(prefers-color-scheme: dark)').matches";
                assert_eq!(page.evaluate(dark).unwrap(), json!(scheme == "dark"));
                assert_eq!(page.evaluate("innerWidth").unwrap(), json!(size.width));
            }
        }
    }
}
