//! Where Zoom is. Each address can be replaced, and wins over what a token answer says.

use url::Url;

/// Zoom's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoomAddresses {
    /// Where access tokens are had.
    pub token_url: Url,
    /// Where they are given back.
    pub revoke_url: Url,
    /// Where people consent.
    pub authorize_url: Url,
    /// The root of the API, with `/v2`.
    pub api_root: Url,
}

impl Default for ZoomAddresses {
    /// The public ones.
    fn default() -> Self {
        Self {
            token_url: public("https://zoom.us/oauth/token"),
            revoke_url: public("https://zoom.us/oauth/revoke"),
            authorize_url: public("https://zoom.us/oauth/authorize"),
            api_root: public("https://api.zoom.us/v2"),
        }
    }
}

#[expect(clippy::expect_used, reason = "only the constants above, and a test reads them all")]
fn public(address: &'static str) -> Url {
    Url::parse(address).expect("a constant URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_addresses_can_be_read() {
        assert_eq!(ZoomAddresses::default().api_root.path(), "/v2");
    }
}
