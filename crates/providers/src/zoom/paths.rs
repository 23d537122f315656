//! Paths below the API's root. Ids come from people and vendors and are never trusted in a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// All but the characters that no reader of URLs takes for anything else.
const IN_SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// An id cannot be part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadId;

/// `users/{user}/meetings`.
pub(super) fn meetings_of(root: &Url, user: &str) -> Result<Url, BadId> {
    below(root, &["users", &segment(user)?, "meetings"])
}

/// `meetings/{id}`, by number or by the id of an instance.
pub(super) fn meeting(root: &Url, id: &str) -> Result<Url, BadId> {
    below(root, &["meetings", &meeting_segment(id)?])
}

/// `meetings/{id}/recordings`.
pub(super) fn recordings(root: &Url, id: &str) -> Result<Url, BadId> {
    below(root, &["meetings", &meeting_segment(id)?, "recordings"])
}

/// The id of an instance may have slashes in it, and must then be encoded twice: Zoom decodes
/// once before it looks for the path, and a wrong encoding reads as "no such meeting".
fn meeting_segment(id: &str) -> Result<String, BadId> {
    let once = segment(id)?;
    Ok(if id.contains('/') { encoded(&once) } else { once })
}

fn segment(id: &str) -> Result<String, BadId> {
    // Readers of URLs resolve these two even when their dots are encoded.
    if matches!(id, "" | "." | "..") { Err(BadId) } else { Ok(encoded(id)) }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, IN_SEGMENT).to_string()
}

fn below(root: &Url, segments: &[&str]) -> Result<Url, BadId> {
    let root = root.as_str().trim_end_matches('/');
    Url::parse(&format!("{root}/{}", segments.join("/"))).map_err(|_| BadId)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Url {
        Url::parse("https://vendor.example/v2").expect("a URL")
    }

    #[test]
    fn ids_are_encoded_as_zoom_wants_them() {
        for (id, path) in [
            ("81234567890", "/v2/meetings/81234567890"),
            ("aDYlohsHRtCd4ii1uC2+hA==", "/v2/meetings/aDYlohsHRtCd4ii1uC2%2BhA%3D%3D"),
            ("/ajXp112QmuoKj4854875==", "/v2/meetings/%252FajXp112QmuoKj4854875%253D%253D"),
            ("a//b==", "/v2/meetings/a%252F%252Fb%253D%253D"),
            ("a/b", "/v2/meetings/a%252Fb"),
            ("../users/x", "/v2/meetings/..%252Fusers%252Fx"),
        ] {
            assert_eq!(meeting(&root(), id).expect("a path").path(), path, "{id}");
        }
    }

    #[test]
    fn users_cannot_leave_their_place_in_the_path() {
        for (user, path) in [
            ("host@practice.example", "/v2/users/host@practice.example/meetings"),
            ("a+b@practice.example", "/v2/users/a%2Bb@practice.example/meetings"),
            ("a/b?c#d%2F\\e", "/v2/users/a%2Fb%3Fc%23d%252F%5Ce/meetings"),
            ("josé@practice.example", "/v2/users/jos%C3%A9@practice.example/meetings"),
        ] {
            assert_eq!(meetings_of(&root(), user).expect("a path").path(), path, "{user}");
        }
        for user in ["", ".", ".."] {
            assert_eq!(meetings_of(&root(), user), Err(BadId), "{user:?}");
        }
    }

    #[test]
    fn a_root_may_end_in_a_slash() {
        let root = Url::parse("http://127.0.0.1:9/zoom/v2/").expect("a URL");
        assert_eq!(meeting(&root, "1").expect("a path").path(), "/zoom/v2/meetings/1");
    }
}
