//! Every link leads somewhere, and an open door into the room that is.

use super::super::site::Site;
use super::super::wish::{Kind, Wish};
use super::{Found, Wrong, digits};
use crate::failure::Result;

pub(super) fn judge(site: &Site<'_>, wishes: &[Wish], found: &Found) -> Result<Vec<Wrong>> {
    let mut wrong = Vec::new();
    for (place, wish) in wishes.iter().enumerate() {
        let booking = found.booking(place);
        let Some(link) = booking["guests"][0]["link"].as_str() else {
            wrong.push(Wrong::of(wish, "the guest has no link"));
            continue;
        };
        let lobby = site.api.visit("GET", link)?;
        if lobby.status != 200 {
            wrong.push(Wrong::of(wish, format!("the guest's link answers {}", lobby.status)));
        }
        if !wish.wants_room() {
            continue;
        }
        let path = format!("/v1/bookings/{}/meeting?expand=vendor", wish.reference);
        let vendor = &site.api.get(&path)?["vendor"];
        let number = digits(&booking["meeting"]["number"]);
        let join_url = found.meetings.get(&number).map(|it| &it["join_url"]);
        if vendor["id"].as_str() != Some(number.as_str()) || Some(&vendor["join_url"]) != join_url {
            let words = format!("is said to be in {vendor}, which is not the meeting {number}");
            wrong.push(Wrong::of(wish, words));
        }
        if wish.kind == Kind::AtTheDoor {
            let step = site.api.visit("POST", &format!("{link}/go"))?;
            let leads = step.location.as_deref().filter(|_| step.status == 303);
            if leads.is_none() || leads != join_url.and_then(|it| it.as_str()) {
                let words = format!("the door answers {} {:?}", step.status, step.location);
                wrong.push(Wrong::of(wish, words));
            }
        }
    }
    Ok(wrong)
}
