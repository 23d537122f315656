//! The text of a transcript: asked for by the instance that was recorded, and fetched from wherever
//! Zoom keeps it.
//!
//! Where a file is downloaded is asked afresh each time, together with a token that is good for a
//! few minutes. Files move: redirects are followed by hand, so that no token follows them to strangers.

use roomkey_core::failure::Failure;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::contract::Transcript;
use crate::http::Reply;

use super::errors::{self, Operation, transcripts as judge};
use super::meetings::with_query;
use super::paths;
use super::refusal::Heard;
use super::session::{Fetched, Session};

/// No transcript is longer: a day of talk without a pause is a fifth of it.
const MOST_BYTES: usize = 5 * 1024 * 1024;
/// What is asked for.
const KIND: &str = "text/vtt, text/plain;q=0.5, */*;q=0.1";
/// How long the token for the download is asked to live, in seconds. It is used at once.
const TOKEN_LIFETIME: &str = "600";
/// How often a file may be said to be elsewhere.
const MOST_HOPS: usize = 5;

pub(super) async fn transcript(
    session: &mut Session<'_>,
    instance: &str,
    file: &str,
) -> Result<Transcript, Failure> {
    let query = [("include_fields", "download_access_token"), ("ttl", TOKEN_LIFETIME)];
    let path = |root: &Url| paths::recordings(root, instance).map(|url| with_query(url, &query));
    let listed = match session.hear(Operation::List, &path, None).await? {
        Heard::Yes(listed) => listed,
        Heard::No(refusal) => {
            return match judge::special(&refusal) {
                Some(said) => Ok(said),
                None => Err(session.judge(Operation::List, &refusal)),
            };
        }
    };
    let files = listed.get("recording_files").and_then(Value::as_array);
    let files = files.ok_or_else(|| errors::unreadable(Operation::List))?;
    let word = |file: &Value, name: &str| file.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(found) = files.iter().find(|it| word(it, "id").as_deref() == Some(file)) else {
        return Ok(judge::not_ready());
    };
    if word(found, "status").is_some_and(|it| !it.eq_ignore_ascii_case("completed")) {
        return Ok(judge::not_ready());
    }
    let Some(url) = word(found, "download_url").and_then(|it| Url::parse(&it).ok()) else {
        return Ok(judge::not_ready());
    };
    let token: SecretString = match word(&listed, "download_access_token") {
        Some(token) if !token.is_empty() => token.into(),
        Some(_) | None => session.token().await?.value.clone(),
    };
    download(session, url, &token).await
}

async fn download(
    session: &mut Session<'_>,
    mut url: Url,
    token: &SecretString,
) -> Result<Transcript, Failure> {
    for _ in 0..=MOST_HOPS {
        let reply = match session.fetch(url.clone(), token, KIND, MOST_BYTES).await? {
            Fetched::Reply(reply) => reply,
            Fetched::TooLong => return Ok(judge::too_long()),
            Fetched::NotAsked => return Ok(judge::elsewhere()),
        };
        match next(&url, &reply) {
            Some(elsewhere) => url = elsewhere,
            None if reply.status == 200 => return judge::text(reply),
            None => return judge::no_file(session, &reply),
        }
    }
    Ok(judge::elsewhere())
}

/// Where the file is said to be instead.
fn next(url: &Url, reply: &Reply) -> Option<Url> {
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    url.join(reply.header("location")?).ok()
}
