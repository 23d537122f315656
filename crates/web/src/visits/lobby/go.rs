//! The step through the door: resolved when it is taken, to the room that is current now.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::super::page;
use super::visit::{Visit, visit};
use super::{view, with_notice};
use crate::app::App;
use crate::door_secrets::DoorSecrets;
use crate::host_door;
use crate::pages::error::ErrorPage;
use crate::pages::lobby::State as Standing;
use crate::pages::pill::{Action, Notice};

/// How long a host waits for the vendor's fresh link.
const PATIENCE: Duration = Duration::from_secs(5);

/// Goes through the door, if it is open for this person.
pub(super) async fn go(
    State(app): State<App>,
    Path(token): Path<String>,
    jar: CookieJar,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_own_page(&app, &headers) {
        let words = "Open your link and go through the door from there.";
        let error = ErrorPage::problem(403, "This step came from another page", words);
        return page::with_status(StatusCode::FORBIDDEN, &error);
    }
    let visit = match visit(&app, &token, &jar).await {
        Ok(visit) => visit,
        Err(turned) => return turned.page(),
    };
    let lobby = view::lobby(&app, &visit);
    let open = matches!(lobby.state, Standing::JoinNow | Standing::InProgress);
    let Some(room) = visit.room.as_ref().filter(|_| open) else {
        return page::see_other(&lobby.path);
    };
    // The guests' form is empty, and a program sends nothing at all.
    let as_host =
        url::form_urlencoded::parse(&body).any(|(name, value)| name == "as" && value == "host");
    if as_host {
        if !visit.may_host {
            return page::see_other(&lobby.path);
        }
        return match host_door::link(&app, visit.person.tenant, room, PATIENCE).await {
            Ok(link) => page::see_other(&link),
            Err(reason) => as_last_resort(&app, &visit, &reason.message),
        };
    }
    match DoorSecrets::open(&app.desk.ring, room) {
        Some(secrets) => page::see_other(&secrets.join_url),
        None => {
            let words = "The room is there, and its address cannot be read with the present sealing keys. The practice has to mend that.";
            with_notice(&app, &visit, Some(Notice::stop(words)))
        }
    }
}

/// The vendor gives no fresh link: a host who is signed in at the vendor can still start the room
/// from the guests' side.
fn as_last_resort(app: &App, visit: &Visit, reason: &str) -> Response {
    let owner = visit.room.as_ref().and_then(|room| room.door.owner.clone());
    let vendor = visit.room.as_ref().map_or("the vendor", |it| it.room.place.provider.label());
    let who = owner.map_or_else(String::new, |owner| format!(" as {owner}"));
    let words = format!(
        "{vendor} gave no start link just now ({reason}) Try again; or sign in to {vendor}{who} and join as a guest: then you are the host."
    );
    let action = visit
        .room
        .as_ref()
        .and_then(|room| DoorSecrets::open(&app.desk.ring, room))
        .map(|secrets| Action::new(format!("Join at {vendor}"), secrets.join_url.clone()));
    with_notice(app, visit, Some(Notice::stop(words).with_action(action)))
}

/// Whether a browser says that a page of ours sent the form. Programs say nothing.
fn is_own_page(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("cross-site" | "same-site") => return false,
        Some(_) => return true,
        None => {}
    }
    match text(header::ORIGIN.as_str()) {
        // Pages under a link send no referrer, and so browsers hide the origin.
        None | Some("null") => true,
        Some(origin) => Url::parse(origin).is_ok_and(|origin| {
            origin.origin() == app.public_url.origin()
                || origin.authority() == text(header::HOST.as_str()).unwrap_or_default()
        }),
    }
}
