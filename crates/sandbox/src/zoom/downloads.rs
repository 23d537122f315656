//! Files of recordings, fetched by programs: with the token that came with their list or with the
//! event, or with an access token. The file is one redirect further on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::errors::problem;
use super::recordings::{self, Kind, Recording};
use super::{DOWNLOADS, token};
use crate::clock::after;
use crate::message::{Answer, Asked};
use crate::world::World;

/// Seconds that a token lives unless the request says otherwise, and that one in an event lives.
const USUAL_LIFETIME: i64 = 24 * 60 * 60;
/// Seconds that a token may be asked to live.
const LONGEST: i64 = 604_800;

/// Tokens that are out, each for the files of one instance.
#[derive(Debug, Default)]
pub(crate) struct Downloads(BTreeMap<String, Grant>);

#[derive(Debug)]
struct Grant {
    account: String,
    uuid: String,
    until: Timestamp,
}

/// How long a token is asked to live, if one is asked for.
pub(crate) fn lifetime(asked: &Asked) -> Result<Option<SignedDuration>, Answer> {
    let fields = asked.query("include_fields").unwrap_or_default();
    if !fields.split(',').any(|it| it.trim() == "download_access_token") {
        return Ok(None);
    }
    let seconds = match asked.query("ttl") {
        None => USUAL_LIFETIME,
        Some(text) => match text.parse() {
            Ok(seconds) if (0..=LONGEST).contains(&seconds) => seconds,
            Ok(_) | Err(_) => return Err(problem(400, 300, "The value of ttl is out of range.")),
        },
    };
    Ok(Some(SignedDuration::from_secs(seconds)))
}

/// A token for the files of a recording.
pub(crate) fn give_out(world: &mut World, of: &Recording, lifetime: SignedDuration) -> String {
    let now = world.clock.now();
    let token = world.chance.token();
    let grants = &mut world.zoom.downloads.0;
    grants.retain(|_, grant| now < grant.until);
    let grant =
        Grant { account: of.account.clone(), uuid: of.uuid.clone(), until: after(now, lifetime) };
    grants.insert(token.clone(), grant);
    token
}

/// The token that an event brings.
pub(crate) fn told(world: &mut World, of: &Recording) -> String {
    give_out(world, of, SignedDuration::from_secs(USUAL_LIFETIME))
}

/// Everything below `/rooms/zoom/download`.
pub(crate) fn answer(world: &World, asked: &Asked, parts: &[&str]) -> Answer {
    let (id, is_there) = match (asked.method.as_str(), parts) {
        ("GET", ["zoom", "download", id]) => (*id, false),
        ("GET", ["zoom", "download", id, "file"]) => (*id, true),
        _ => return problem(404, 2300, "This API endpoint is not recognized."),
    };
    let found = recordings::of_file(world, id);
    if let Some(refusal) = refuse(world, asked, found.map(|(recording, _)| recording)) {
        return refusal;
    }
    let Some((recording, kind)) = found else {
        return problem(404, 3301, "There is no recording for this meeting.");
    };
    let account = world.zoom.account(&recording.account);
    if account.is_some_and(|it| it.hides_recordings) {
        return problem(403, 200, "You do not have the permission to view this recording.");
    }
    if !is_there {
        let path = format!("{DOWNLOADS}{id}/file");
        let elsewhere = account.and_then(|it| it.download_host.as_ref()?.join(&path).ok());
        let place = elsewhere.map_or_else(|| world.link(&path), String::from);
        return Answer::empty(302).with("location", place);
    }
    match kind {
        Kind::Transcript => Answer::bytes(200, "text/vtt", recording.text(world)),
        Kind::Film => {
            Answer::bytes(200, "application/octet-stream", "The sandbox keeps no films.\n")
        }
    }
}

/// The answer to whoever brings no token that is good for this file.
fn refuse(world: &World, asked: &Asked, of: Option<&Recording>) -> Option<Answer> {
    let granted = asked.bearer().and_then(|token| world.zoom.downloads.0.get(token));
    match (granted, of) {
        (Some(grant), Some(of)) => {
            let is_alive =
                world.zoom.account(&grant.account).is_some_and(|account| !account.disabled);
            let is_good = is_alive && grant.uuid == of.uuid && asked.at < grant.until;
            (!is_good).then(|| problem(401, 124, "Invalid access token."))
        }
        (Some(_), None) => None,
        (None, of) => match token::bearer(world, asked) {
            Ok(bearer) if of.is_none_or(|it| it.account == bearer.account) => {
                bearer.lacks(recordings::SCOPE)
            }
            Ok(_) => Some(problem(401, 124, "Invalid access token.")),
            Err(refusal) => Some(refusal),
        },
    }
}
