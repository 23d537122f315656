//! What Zoom's answers mean when the text of a transcript is wanted. The scope for it is one that an
//! app need not have: whoever lacks it can make rooms all the same.

use roomkey_core::failure::{Failure, Reason};
use secrecy::SecretString;

use crate::contract::Transcript;
use crate::http::Reply;

use super::{Operation, named_scopes};
use crate::zoom::refusal::{Heard, Refusal, hear};
use crate::zoom::session::Session;

/// The scope that reading recordings takes, if Zoom does not name one.
const SCOPE: &str = "cloud_recording:read:list_recording_files:admin";

/// What a refusal means that says nothing of the connection as a whole.
pub(in crate::zoom) fn special(refusal: &Refusal) -> Option<Transcript> {
    if refusal.message.to_ascii_uppercase().contains("NOT_READY") {
        return Some(not_ready());
    }
    match (refusal.status, refusal.code) {
        (_, Some(4700 | 4711)) => Some(lacks_scope(refusal)),
        // The instance is not to be found: yet, or any more.
        (_, Some(3301 | 3001)) => Some(not_ready()),
        (403, _) | (_, Some(200)) => Some(may_not()),
        _ => None,
    }
}

/// What it means that there was no file at its address.
pub(in crate::zoom) fn no_file(
    session: &Session<'_>,
    reply: &Reply,
) -> Result<Transcript, Failure> {
    // Whoever keeps the files speaks in its own words.
    match reply.status {
        // The next look brings another token, and another address.
        401 | 404 | 410 => return Ok(not_ready()),
        403 => return Ok(may_not()),
        _ => {}
    }
    let Heard::No(refusal) = hear(reply) else {
        return Err(super::unreadable(Operation::Read));
    };
    match special(&refusal) {
        Some(said) => Ok(said),
        None => Err(session.judge(Operation::Read, &refusal)),
    }
}

/// What the bytes of a file are worth.
pub(in crate::zoom) fn text(reply: Reply) -> Result<Transcript, Failure> {
    // A file has no such words; they are a refusal with status 200, or a page for people.
    if let Heard::No(refusal) = hear(&reply)
        && let (true, Some(said)) = (refusal.spoken, special(&refusal))
    {
        return Ok(said);
    }
    let is_page =
        reply.header("content-type").is_some_and(|it| it.to_ascii_lowercase().contains("html"));
    if is_page {
        return Err(super::unreadable(Operation::Read));
    }
    let Ok(text) = String::from_utf8(reply.body) else { return Ok(unusable()) };
    let begun = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let is_vtt = begun
        .strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
    if is_vtt { Ok(Transcript::Text(SecretString::from(text))) } else { Ok(unusable()) }
}

/// There is none yet.
pub(in crate::zoom) fn not_ready() -> Transcript {
    Transcript::NotYet(Reason::new(
        "zoom_transcript_not_ready",
        "Zoom does not have the text ready. It is asked again by itself.",
    ))
}

/// More than anybody says in a session.
pub(in crate::zoom) fn too_long() -> Transcript {
    Transcript::Refused(Reason::new(
        "zoom_transcript_too_long",
        "The text is longer than 5 MiB. Read it at Zoom.",
    ))
}

/// The file is where nothing is fetched from.
pub(in crate::zoom) fn elsewhere() -> Transcript {
    Transcript::Refused(Reason::new(
        "zoom_transcript_elsewhere",
        "Zoom sends to an address for the text that is not safe to follow. Read it at Zoom.",
    ))
}

fn unusable() -> Transcript {
    Transcript::Refused(Reason::new(
        "zoom_transcript_unusable",
        "What Zoom gives as the text is no WebVTT. Read it at Zoom.",
    ))
}

fn may_not() -> Transcript {
    Transcript::NeedsPerson(
        Reason::new(
            "zoom_transcript_not_allowed",
            "Zoom does not let this connection read the content of recordings. Give the role of whoever made the app the right to view recordings in Zoom; the text is then fetched by itself.",
        )
        .with_action("Open connections", "/operator/connections"),
    )
}

fn lacks_scope(refusal: &Refusal) -> Transcript {
    let named = named_scopes(&refusal.message);
    let scopes = if named.is_empty() { SCOPE.to_owned() } else { named.join(", ") };
    Transcript::NeedsPerson(
        Reason::new(
            "zoom_transcript_scope",
            format!(
                "The Zoom app of this connection may not read recordings: it lacks {scopes}. Add that to the app in Zoom; the text is then fetched by itself. Rooms are made all the same."
            ),
        )
        .with_action("Open connections", "/operator/connections"),
    )
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use secrecy::ExposeSecret as _;

    use super::*;

    fn reply(kind: &'static str, body: &[u8]) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Reply { status: 200, headers, body: body.to_vec() }
    }

    /// What it is, and the code of its reason.
    fn brief(said: &Transcript) -> (&'static str, &str) {
        match said {
            Transcript::Text(text) => ("text", text.expose_secret()),
            Transcript::NotYet(reason) => ("not yet", &reason.code),
            Transcript::NeedsPerson(reason) => ("needs a person", &reason.code),
            Transcript::Refused(reason) => ("refused", &reason.code),
        }
    }

    #[test]
    fn only_webvtt_is_a_text() {
        for (kind, body, is) in [
            ("text/vtt", &b"WEBVTT\n\n00:00.000 --> 00:01.000\nOl\xc3\xa1\n"[..], Some("text")),
            ("application/octet-stream", b"\xef\xbb\xbfWEBVTT - Transcript\r\n", Some("text")),
            ("text/vtt", b"WEBVTT", Some("text")),
            ("text/vtt", b"WEBVTTX", Some("refused")),
            ("text/vtt", b"WEBVTT\n\xff\xfe", Some("refused")),
            ("text/plain", b"Ana: Good afternoon.", Some("refused")),
            ("text/vtt", b"", Some("refused")),
            ("application/json", br#"{"code": 3301, "message": "none"}"#, Some("not yet")),
            (
                "application/json",
                br#"{"code": 200, "message": "No permission."}"#,
                Some("needs a person"),
            ),
            ("text/html", b"<html>Back soon</html>", None),
        ] {
            let said = text(reply(kind, body));
            assert_eq!(
                said.ok().as_ref().map(|it| brief(it).0),
                is,
                "{}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn what_is_said_of_recordings_says_nothing_of_the_connection() {
        let scopes = r#"{"code": 4711, "message": "Invalid access token, does not contain scopes:[cloud_recording:read:list_recording_files, cloud_recording:read:list_recording_files:admin]."}"#;
        for (status, body, said) in [
            (
                404,
                r#"{"code": 3301, "message": "There is no recording for this meeting."}"#,
                Some(("not yet", "zoom_transcript_not_ready")),
            ),
            (
                404,
                r#"{"code": 3001, "message": "Meeting does not exist: x."}"#,
                Some(("not yet", "zoom_transcript_not_ready")),
            ),
            (
                400,
                r#"{"code": 1, "message": "download_restriction_reason: NOT_READY"}"#,
                Some(("not yet", "zoom_transcript_not_ready")),
            ),
            (400, scopes, Some(("needs a person", "zoom_transcript_scope"))),
            (
                400,
                r#"{"code": 4700, "message": "Invalid access token"}"#,
                Some(("needs a person", "zoom_transcript_scope")),
            ),
            (
                403,
                r#"{"code": 124, "message": "Forbidden"}"#,
                Some(("needs a person", "zoom_transcript_not_allowed")),
            ),
            (
                200,
                r#"{"code": 200, "message": "No permission."}"#,
                Some(("needs a person", "zoom_transcript_not_allowed")),
            ),
            (429, r#"{"code": 429, "message": "Too fast"}"#, None),
            (500, r#"{"code": 500, "message": "Oops"}"#, None),
        ] {
            let found = special(&Refusal::of_body(status, body));
            assert_eq!(found.as_ref().map(brief), said, "{status} {body}");
        }
        let Some(Transcript::NeedsPerson(reason)) = special(&Refusal::of_body(400, scopes)) else {
            panic!("a missing scope needs a person");
        };
        assert!(reason.message.contains(SCOPE), "{}", reason.message);
        assert!(!reason.message.contains("files,"), "the wide spelling alone: {}", reason.message);
    }
}
