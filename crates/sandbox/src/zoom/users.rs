//! Users and what they may do.

use serde_json::{Value, json};

use super::accounts::{Account, Plan, User};
use super::errors::problem;
use super::token::Bearer;
use crate::clock::seconds;
use crate::message::{Answer, Asked};
use crate::world::World;

/// The user of that id or address in the caller's account; `me` is whose token it is.
pub(crate) fn find<'a>(world: &'a World, bearer: &Bearer, user: &str) -> Result<&'a User, Answer> {
    let account = world.zoom.account(&bearer.account);
    let found = account.and_then(|account| match user {
        "me" => account.owner(),
        other => account.user(other),
    });
    found.ok_or_else(|| problem(404, 1001, &format!("User does not exist: {user}.")))
}

/// `GET /users/{userId}`.
pub(crate) fn get(world: &World, bearer: &Bearer, user: &str) -> Answer {
    let user = match find(world, bearer, user) {
        Ok(user) => user,
        Err(refusal) => return refusal,
    };
    let Some(account) = world.zoom.account(&bearer.account) else {
        return problem(404, 1001, "User does not exist.");
    };
    let mut body = summary(account, user);
    body["role_name"] = json!(if account.owner().is_some_and(|owner| owner.id == user.id) {
        "Owner"
    } else {
        "Member"
    });
    body["use_pmi"] = json!(false);
    body["personal_meeting_url"] = json!(world.link(&format!("/rooms/zoom/j/{}", user.pmi)));
    body["account_id"] = json!(account.id);
    body["host_key"] = json!("000000");
    body["language"] = json!("en-US");
    body["status"] = json!("active");
    Answer::json(200, &body)
}

/// `GET /users`.
pub(crate) fn list(world: &World, bearer: &Bearer, asked: &Asked) -> Answer {
    let Some(account) = world.zoom.account(&bearer.account) else {
        return problem(404, 1001, "User does not exist.");
    };
    let page_size = page_size(asked);
    // A user list's token is its place in the list: it needs no memory.
    let start = match asked.query("next_page_token").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => match token.strip_prefix("users-").and_then(|at| at.parse().ok()) {
            Some(start) => start,
            None => return problem(400, 300, "The next page token is invalid or expired."),
        },
    };
    let users: Vec<Value> = account
        .users
        .iter()
        .skip(start)
        .take(page_size)
        .map(|user| summary(account, user))
        .collect();
    let end = start + users.len();
    let next = if end < account.users.len() { format!("users-{end}") } else { String::new() };
    let total = account.users.len();
    Answer::json(
        200,
        &json!({
            "page_count": total.div_ceil(page_size),
            "page_number": start / page_size + 1,
            "page_size": page_size,
            "total_records": total,
            "next_page_token": next,
            "users": users,
        }),
    )
}

/// How many records a page holds: 30 unless asked, at most 300.
pub(crate) fn page_size(asked: &Asked) -> usize {
    asked.query("page_size").and_then(|size| size.parse().ok()).unwrap_or(30).clamp(1, 300)
}

fn summary(account: &Account, user: &User) -> Value {
    let first_name = user.email.split('@').next().unwrap_or_default();
    json!({
        "id": user.id,
        "first_name": first_name,
        "last_name": "Sandbox",
        "display_name": format!("{first_name} Sandbox"),
        "email": user.email,
        "type": if user.licensed { 2 } else { 1 },
        "pmi": user.pmi,
        "timezone": account.timezone,
        "verified": 1,
        "dept": "",
        "created_at": seconds(user.created_at),
        "status": "active",
    })
}

/// `GET /users/{userId}/settings`.
pub(crate) fn settings(world: &World, bearer: &Bearer, user: &str, asked: &Asked) -> Answer {
    let user = match find(world, bearer, user) {
        Ok(user) => user,
        Err(refusal) => return refusal,
    };
    let Some(account) = world.zoom.account(&bearer.account) else {
        return problem(404, 1001, "User does not exist.");
    };
    let policy = &account.policy;
    let own = |name: &str| policy.defaults.get(name).cloned().unwrap_or(json!(false));
    let passcode_rules = json!({
        "length": 0,
        "have_letter": false,
        "have_number": false,
        "have_special_character": false,
        "only_allow_numeric": false,
        "have_upper_and_lower_characters": false,
        "consecutive_characters_length": 0,
        "weak_enhance_detection": false,
    });
    if asked.query("option").as_deref() == Some("meeting_security") {
        return Answer::json(
            200,
            &json!({"meeting_security": {
                "auto_security": true,
                "encryption_type": own("encryption_type"),
                "end_to_end_encrypted_meetings": false,
                "meeting_password": policy.require_passcode,
                "meeting_password_requirement": passcode_rules,
                "waiting_room": own("waiting_room"),
                "embed_password_in_join_link": true,
            }}),
        );
    }
    Answer::json(
        200,
        &json!({
            "schedule_meeting": {
                "host_video": own("host_video"),
                "participants_video": own("participant_video"),
                "audio_type": own("audio"),
                "join_before_host": own("join_before_host"),
                "jbh_time": own("jbh_time"),
                "require_password_for_scheduling_new_meetings": policy.require_passcode,
                "require_password_for_scheduled_meetings": policy.require_passcode,
                "embed_password_in_join_link": true,
                "meeting_password_requirement": passcode_rules,
                "use_pmi_for_scheduled_meetings": false,
                "use_pmi_for_instant_meetings": false,
                "force_pmi_jbh_password": false,
            },
            "in_meeting": {
                "waiting_room": own("waiting_room"),
                "e2e_encryption": false,
                "chat": true,
                "breakout_room": true,
                "alert_guest_join": false,
            },
            "email_notification": {
                "alternative_host_reminder": true,
                "cancel_meeting_reminder": true,
                "jbh_reminder": true,
                "schedule_for_reminder": true,
            },
            "recording": {
                "local_recording": true,
                "cloud_recording": user.licensed && account.plan != Plan::Free,
                "auto_recording": own("auto_recording"),
                "auto_delete_cmr": false,
            },
            "telephony": {"third_party_audio": false, "show_international_numbers_link": true},
            "feature": {
                "meeting_capacity": 100,
                "large_meeting": false,
                "webinar": false,
                "zoom_phone": false,
                "concurrent_meeting": if account.runs_at_a_time(user) > 1 { "Plus" } else { "Basic" },
            },
        }),
    )
}
