//! Where Zoom is. Each address can be replaced, and then wins over what a token answer says.

use url::{Host, Url};

/// The domains that are Zoom's own.
const ZOOM: [&str; 2] = ["zoom.us", "zoomgov.com"];

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

impl ZoomAddresses {
    /// The root of the API for a token that names one: accounts whose data stay in a region have
    /// their own. A root that was configured is used whatever the token says.
    pub(super) fn root_for<'a>(&'a self, named: Option<&'a Url>) -> &'a Url {
        let is_the_usual = self.api_root == Self::default().api_root;
        named.filter(|_| is_the_usual).unwrap_or(&self.api_root)
    }

    /// Whether a file is fetched from there: over https, or from where the API is.
    pub(super) fn may_be_asked(&self, url: &Url) -> bool {
        let is_plain = url.username().is_empty() && url.password().is_none();
        is_plain && url.has_host() && (url.scheme() == "https" || self.is_own(url))
    }

    /// Whether a token is shown there: to Zoom's own hosts, and to where the API is. Files may rest
    /// elsewhere, at an address that is good without one.
    pub(super) fn may_know_tokens(&self, url: &Url) -> bool {
        let is_zooms = url.scheme() == "https" && url.port().is_none() && is_zooms(url);
        self.may_be_asked(url) && (is_zooms || self.is_own(url))
    }

    fn is_own(&self, url: &Url) -> bool {
        url.origin().is_tuple() && url.origin() == self.api_root.origin()
    }
}

/// The root of the API from a token answer's `api_url`: an https address of Zoom's, and nobody else's,
/// for tokens are sent there.
pub(super) fn api_root(api_url: &str) -> Option<Url> {
    let mut url = Url::parse(api_url.trim()).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    if url.scheme() != "https" || !is_zooms(&url) || !is_plain {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    let path = if path.ends_with("/v2") { path.to_owned() } else { format!("{path}/v2") };
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn is_zooms(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => ZOOM.iter().any(|domain| {
            name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
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

    #[test]
    fn a_token_may_name_a_root_that_is_zooms() {
        for (api_url, root) in [
            ("https://api-eu.zoom.us", Some("https://api-eu.zoom.us/v2")),
            ("https://api-eu.zoom.us/", Some("https://api-eu.zoom.us/v2")),
            ("https://api.zoomgov.com/v2/", Some("https://api.zoomgov.com/v2")),
            ("https://API.ZOOM.US?x=1#y", Some("https://api.zoom.us/v2")),
            ("http://api-eu.zoom.us", None),
            ("https://zoom.us.elsewhere.example", None),
            ("https://notzoom.us", None),
            ("https://user@api.zoom.us", None),
            ("https://api.zoom.us:8443", None),
            ("https://127.0.0.1", None),
            ("zoom.us", None),
            ("", None),
        ] {
            assert_eq!(api_root(api_url).as_ref().map(Url::as_str), root, "{api_url}");
        }
    }

    #[test]
    fn files_are_fetched_safely_and_tokens_are_shown_to_zoom_alone() {
        let usual = ZoomAddresses::default();
        let here = ZoomAddresses {
            api_root: public("http://127.0.0.1:8081/zoom/v2"),
            ..ZoomAddresses::default()
        };
        for (address, asked, knows, own) in [
            ("https://us02web.zoom.us/rec/download/x?y=1", true, true, true),
            ("https://file.zoomgov.com/x", true, true, true),
            ("https://files.storage.example/x", true, false, false),
            ("https://zoom.us.elsewhere.example/x", true, false, false),
            ("https://notzoom.us/x", true, false, false),
            ("https://zoom.us:8443/x", true, false, false),
            ("https://zoom.us@elsewhere.example/x", false, false, false),
            ("https://u:p@zoom.us/x", false, false, false),
            ("http://us02web.zoom.us/x", false, false, false),
            ("http://127.0.0.1:8081/rooms/zoom/download/x", false, false, true),
            ("http://localhost:8081/rooms/zoom/download/x", false, false, false),
            ("http://127.0.0.1:8082/x", false, false, false),
            ("file:///etc/hosts", false, false, false),
            ("data:text/vtt,WEBVTT", false, false, false),
        ] {
            let url = public(address);
            assert_eq!(usual.may_be_asked(&url), asked, "{address}");
            assert_eq!(usual.may_know_tokens(&url), knows, "{address}");
            assert_eq!(here.may_know_tokens(&url), own, "{address}");
            assert_eq!(here.may_be_asked(&url), asked || own, "{address}");
        }
    }

    #[test]
    fn a_configured_root_wins() {
        let regional = api_root("https://api-eu.zoom.us");
        let usual = ZoomAddresses::default();
        assert_eq!(usual.root_for(None), &usual.api_root);
        assert_eq!(usual.root_for(regional.as_ref()).host_str(), Some("api-eu.zoom.us"));
        let api_root = public("https://api.zoomgov.com/v2");
        let configured = ZoomAddresses { api_root, ..usual };
        assert_eq!(configured.root_for(regional.as_ref()), &configured.api_root);
    }
}
