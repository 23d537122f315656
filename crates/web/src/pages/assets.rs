//! The files that pages need: style, scripts, font, mark. They are inside the program.
//!
//! The address holds one hash over all files, so that the style can name its font by a relative
//! address and both stay right for ever. While an older process is still serving pages, its hash
//! is answered too, with today's file and without the long cache.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

/// The route to mount [`serve`] at.
pub const ROUTE: &str = "/assets/{version}/{name}";

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    for name in names {
        hash.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            hash.update(file.metadata.sha256_hash());
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

/// Where a page finds a file: `/assets/{version}/app.css`.
#[must_use]
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Every file, by name.
pub fn all() -> impl Iterator<Item = (String, Vec<u8>)> {
    Files::iter().filter_map(|name| {
        let file = Files::get(&name)?;
        Some((name.into_owned(), file.data.into_owned()))
    })
}

/// Answers one file.
pub async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    match Files::get(&name) {
        Some(file) => answer(&name, file, version == *VERSION),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, current: bool) -> Response {
    let cache = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind(name))),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ],
        file.data.into_owned(),
    )
        .into_response()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn cache_of(version: &str, name: &str) -> (StatusCode, String) {
        let answer = serve(Path((version.to_owned(), name.to_owned()))).await;
        let cache = answer.headers().get(header::CACHE_CONTROL);
        (answer.status(), cache.map_or("", |it| it.to_str().expect("text")).to_owned())
    }

    #[tokio::test]
    async fn only_the_right_hash_is_kept_for_long() {
        let (status, cache) = cache_of(&VERSION, "app.css").await;
        assert_eq!(status, StatusCode::OK);
        assert!(cache.contains("immutable"));
        let (status, cache) = cache_of("0000", "app.css").await;
        assert_eq!((status, cache.as_str()), (StatusCode::OK, "no-cache"));
        assert_eq!(cache_of(&VERSION, "../Cargo.toml").await.0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_style_names_nothing_foreign() {
        for (name, bytes) in all().filter(|(name, _)| name.ends_with(".css")) {
            let text = String::from_utf8(bytes).expect("text");
            assert!(!text.contains("//"), "{name} names another host");
            assert!(!text.contains("data:"), "{name} holds a data address");
            assert!(text.contains("url(\"inter.woff2\")"));
        }
    }
}
