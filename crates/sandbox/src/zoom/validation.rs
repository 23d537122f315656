//! What a request may hold. The schemas are closed: an unknown field refuses the whole call.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::errors::FieldError;

/// Which call the body belongs to; the two differ in a few fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    Update,
}

/// What a field may be.
enum Shape {
    Bool,
    Int,
    OneOfInt(&'static [i64]),
    Text,
    LimitedText(usize),
    OneOf(&'static [&'static str]),
    List(&'static Shape, usize),
    Object(&'static [Field]),
}

/// Where a field is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Both,
    CreateOnly,
    UpdateOnly,
}

struct Field(&'static str, Shape, In);

const fn both(name: &'static str, shape: Shape) -> Field {
    Field(name, shape, In::Both)
}

const MANY: usize = 1_000;
const TEXTS: Shape = Shape::List(&Shape::Text, MANY);

const MEETING: &[Field] = &[
    both("agenda", Shape::LimitedText(2_000)),
    Field("default_password", Shape::Bool, In::CreateOnly),
    both("duration", Shape::Int),
    both("password", Shape::LimitedText(10)),
    both("pre_schedule", Shape::Bool),
    both("recurrence", Shape::Object(RECURRENCE)),
    both("schedule_for", Shape::Text),
    both("settings", Shape::Object(SETTINGS)),
    both("start_time", Shape::Text),
    both("template_id", Shape::Text),
    both("timezone", Shape::Text),
    both("topic", Shape::LimitedText(200)),
    both("tracking_fields", Shape::List(&Shape::Object(TRACKING), MANY)),
    both("type", Shape::OneOfInt(&[1, 2, 3, 8, 10])),
];

const TRACKING: &[Field] = &[both("field", Shape::Text), both("value", Shape::Text)];

const RECURRENCE: &[Field] = &[
    both("end_date_time", Shape::Text),
    both("end_times", Shape::Int),
    both("monthly_day", Shape::Int),
    both("monthly_week", Shape::OneOfInt(&[-1, 1, 2, 3, 4])),
    both("monthly_week_day", Shape::OneOfInt(&[1, 2, 3, 4, 5, 6, 7])),
    both("repeat_interval", Shape::Int),
    both("type", Shape::OneOfInt(&[1, 2, 3])),
    both("weekly_days", Shape::Text),
];

const SETTINGS: &[Field] = &[
    Field("additional_data_center_regions", TEXTS, In::CreateOnly),
    both("allow_host_control_participant_mute_state", Shape::Bool),
    both("allow_multiple_devices", Shape::Bool),
    both("alternative_host_update_polls", Shape::Bool),
    both("alternative_hosts", Shape::Text),
    both("alternative_hosts_email_notification", Shape::Bool),
    both("approval_type", Shape::OneOfInt(&[0, 1, 2])),
    both("approved_or_denied_countries_or_regions", Shape::Object(COUNTRIES)),
    both("audio", Shape::OneOf(&["both", "telephony", "voip", "thirdParty"])),
    both("audio_conference_info", Shape::LimitedText(2_048)),
    both("authentication_domains", Shape::Text),
    both("authentication_exception", Shape::List(&Shape::Object(EXCEPTION), MANY)),
    Field("authentication_name", Shape::Text, In::UpdateOnly),
    both("authentication_option", Shape::Text),
    both("auto_recording", Shape::OneOf(&["local", "cloud", "none"])),
    both("auto_start_ai_companion_questions", Shape::Bool),
    both("auto_start_meeting_summary", Shape::Bool),
    both("breakout_room", Shape::Object(BREAKOUT)),
    both("calendar_type", Shape::OneOfInt(&[1, 2])),
    both("close_registration", Shape::Bool),
    both("cn_meeting", Shape::Bool),
    both("contact_email", Shape::Text),
    both("contact_name", Shape::Text),
    both("continuous_meeting_chat", Shape::Object(CHAT)),
    Field("custom_keys", Shape::List(&Shape::Object(CUSTOM_KEY), 10), In::UpdateOnly),
    both("device_testing", Shape::Bool),
    both("disable_participant_video", Shape::Bool),
    both("email_in_attendee_report", Shape::Bool),
    both("email_notification", Shape::Bool),
    both("encryption_type", Shape::OneOf(&["enhanced_encryption", "e2ee"])),
    Field("enforce_login", Shape::Bool, In::UpdateOnly),
    Field("enforce_login_domains", Shape::Text, In::UpdateOnly),
    both("focus_mode", Shape::Bool),
    both("global_dial_in_countries", TEXTS),
    Field("global_dial_in_numbers", Shape::List(&Shape::Object(DIAL_IN), MANY), In::UpdateOnly),
    both("host_save_video_order", Shape::Bool),
    both("host_video", Shape::Bool),
    both("in_meeting", Shape::Bool),
    both("internal_meeting", Shape::Bool),
    both("jbh_time", Shape::OneOfInt(&[0, 5, 10, 15])),
    both("join_before_host", Shape::Bool),
    both("language_interpretation", Shape::Object(INTERPRETATION)),
    both("meeting_authentication", Shape::Bool),
    both("meeting_invitees", Shape::List(&Shape::Object(INVITEE), MANY)),
    both("mute_upon_entry", Shape::Bool),
    both("participant_focused_meeting", Shape::Bool),
    both("participant_video", Shape::Bool),
    both("private_meeting", Shape::Bool),
    Field("push_change_to_calendar", Shape::Bool, In::CreateOnly),
    both("question_and_answer", Shape::Object(QUESTIONS)),
    both("registrants_confirmation_email", Shape::Bool),
    both("registrants_email_notification", Shape::Bool),
    both("registration_type", Shape::OneOfInt(&[1, 2, 3])),
    both("resources", Shape::List(&Shape::Object(RESOURCE), MANY)),
    both("show_share_button", Shape::Bool),
    both("sign_language_interpretation", Shape::Object(SIGN_LANGUAGE)),
    both("summary_template_id", Shape::Text),
    both("use_pmi", Shape::Bool),
    both("waiting_room", Shape::Bool),
    both("watermark", Shape::Bool),
    both("who_can_ask_questions", Shape::OneOfInt(&[1, 2, 3, 4, 5])),
    both("who_will_receive_summary", Shape::OneOfInt(&[1, 2, 3, 4])),
];

const COUNTRIES: &[Field] = &[
    both("approved_list", TEXTS),
    both("denied_list", TEXTS),
    both("enable", Shape::Bool),
    both("method", Shape::OneOf(&["approve", "deny"])),
];

const EXCEPTION: &[Field] = &[
    both("email", Shape::Text),
    Field("join_url", Shape::Text, In::UpdateOnly),
    both("name", Shape::Text),
];

const BREAKOUT: &[Field] =
    &[both("enable", Shape::Bool), both("rooms", Shape::List(&Shape::Object(BREAKOUT_ROOM), MANY))];

const BREAKOUT_ROOM: &[Field] = &[both("name", Shape::Text), both("participants", TEXTS)];

const CHAT: &[Field] = &[
    both("auto_add_invited_external_users", Shape::Bool),
    both("auto_add_meeting_participants", Shape::Bool),
    both("enable", Shape::Bool),
    both(
        "who_is_added",
        Shape::OneOf(&["all_users", "org_invitees_and_participants", "org_invitees"]),
    ),
];

const CUSTOM_KEY: &[Field] =
    &[both("key", Shape::LimitedText(64)), both("value", Shape::LimitedText(256))];

const DIAL_IN: &[Field] = &[
    both("city", Shape::Text),
    both("country", Shape::Text),
    both("country_name", Shape::Text),
    both("number", Shape::Text),
    both("type", Shape::OneOf(&["toll", "tollfree"])),
];

const INTERPRETATION: &[Field] = &[
    both("enable", Shape::Bool),
    both("interpreters", Shape::List(&Shape::Object(INTERPRETER), MANY)),
];

const INTERPRETER: &[Field] = &[
    both("email", Shape::Text),
    both("interpreter_languages", Shape::Text),
    both("languages", Shape::Text),
];

const INVITEE: &[Field] = &[both("email", Shape::Text)];

const QUESTIONS: &[Field] = &[
    both("allow_anonymous_questions", Shape::Bool),
    both("allow_submit_questions", Shape::Bool),
    both("attendees_can_comment", Shape::Bool),
    both("attendees_can_upvote", Shape::Bool),
    both("enable", Shape::Bool),
    both("question_visibility", Shape::OneOf(&["answered", "all"])),
];

const RESOURCE: &[Field] = &[
    both("permission_level", Shape::OneOf(&["editor", "commenter", "viewer"])),
    both("resource_id", Shape::Text),
    both("resource_type", Shape::OneOf(&["whiteboard"])),
];

const SIGN_LANGUAGE: &[Field] =
    &[both("enable", Shape::Bool), both("interpreters", Shape::List(&Shape::Object(SIGNER), 20))];

const SIGNER: &[Field] = &[both("email", Shape::Text), both("sign_language", Shape::Text)];

/// Everything that is wrong with a create's or an update's body, all at once.
pub(crate) fn check(call: Call, body: &Map<String, Value>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_object(call, "", MEETING, body, &mut errors);
    if let Some(password) = body.get("password").and_then(Value::as_str) {
        check_passcode(call, password, &mut errors);
    }
    let zone = body.get("timezone").and_then(Value::as_str);
    if let Some(zone) = zone
        && time_zone(zone).is_none()
    {
        wrong(&mut errors, "timezone", "Invalid field.");
    }
    if let Some(start) = body.get("start_time").and_then(Value::as_str)
        && start_time(start, &TimeZone::UTC).is_none()
    {
        wrong(&mut errors, "start_time", "Invalid start time format.");
    }
    if body.get("duration").and_then(Value::as_i64).is_some_and(|minutes| minutes < 0) {
        wrong(&mut errors, "duration", "Invalid field.");
    }
    if let Some(recurrence) = body.get("recurrence").and_then(Value::as_object) {
        let times = recurrence.get("end_times").and_then(Value::as_i64);
        if times.is_some_and(|times| !(1..=60).contains(&times)) {
            wrong(&mut errors, "recurrence.end_times", "Invalid field.");
        }
        if !recurrence.contains_key("type") {
            wrong(&mut errors, "recurrence.type", "The field is required.");
        }
    }
    errors
}

fn check_passcode(call: Call, password: &str, errors: &mut Vec<FieldError>) {
    let fits = |c: char| match call {
        Call::Create => c.is_ascii_graphic(),
        Call::Update => c.is_ascii_alphanumeric() || "@-_*".contains(c),
    };
    if !password.chars().all(fits) {
        wrong(errors, "password", "The passcode holds characters that are not allowed.");
    }
}

fn check_object(
    call: Call,
    path: &str,
    fields: &[Field],
    object: &Map<String, Value>,
    errors: &mut Vec<FieldError>,
) {
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let known = fields.iter().find(|Field(known, _, place)| {
            known == name
                && match place {
                    In::Both => true,
                    In::CreateOnly => call == Call::Create,
                    In::UpdateOnly => call == Call::Update,
                }
        });
        match known {
            Some(Field(_, shape, _)) => check_value(call, &path, shape, value, errors),
            None => wrong(errors, &path, "Unsupported field."),
        }
    }
}

fn check_value(call: Call, path: &str, shape: &Shape, value: &Value, errors: &mut Vec<FieldError>) {
    let fits = match shape {
        Shape::Bool => value.is_boolean(),
        Shape::Int => value.is_i64(),
        Shape::OneOfInt(allowed) => value.as_i64().is_some_and(|number| allowed.contains(&number)),
        Shape::Text => value.is_string(),
        Shape::LimitedText(limit) => match value.as_str() {
            Some(text) if text.chars().count() > *limit => {
                wrong(errors, path, &format!("Must not exceed {limit} characters."));
                true
            }
            Some(_) => true,
            None => false,
        },
        Shape::OneOf(allowed) => value.as_str().is_some_and(|word| allowed.contains(&word)),
        Shape::List(item, limit) => match value.as_array() {
            Some(items) if items.len() > *limit => false,
            Some(items) => {
                for (index, value) in items.iter().enumerate() {
                    check_value(call, &format!("{path}[{index}]"), item, value, errors);
                }
                true
            }
            None => false,
        },
        Shape::Object(fields) => match value.as_object() {
            Some(object) => {
                check_object(call, path, fields, object, errors);
                true
            }
            None => false,
        },
    };
    if !fits {
        wrong(errors, path, "Invalid field.");
    }
}

fn wrong(errors: &mut Vec<FieldError>, field: &str, message: &str) {
    errors.push(FieldError { field: field.to_owned(), message: message.to_owned() });
}

/// A zone of Zoom's list: the IANA names and `UTC`.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// With `Z` or an offset an instant; without, the time on the wall in `zone`.
pub(crate) fn start_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    // The date and the clock are separated by a T, and seconds are given.
    if text.len() < 19 || text.as_bytes().get(10) != Some(&b'T') || text.contains('[') {
        return None;
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local: DateTime = text.parse().ok()?;
    local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(call: Call, body: Value) -> Vec<String> {
        check(call, body.as_object().unwrap()).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let body = json!({
            "topic": "x".repeat(201), "agenda": "é".repeat(2_000), "password": "12345678901",
            "start_time": "tomorrow", "duration": "60", "colour": "red", "timezone": "Mars/Base",
            "settings": {"auto_transcribing": true, "waiting_room": 1},
        });
        let mut found = fields(Call::Create, body);
        found.sort();
        assert_eq!(
            found,
            [
                "colour",
                "duration",
                "password",
                "settings.auto_transcribing",
                "settings.waiting_room",
                "start_time",
                "timezone",
                "topic"
            ]
        );
    }

    #[test]
    fn create_and_update_differ() {
        assert_eq!(fields(Call::Update, json!({"default_password": true})), ["default_password"]);
        assert_eq!(
            fields(Call::Create, json!({"settings": {"custom_keys": []}})),
            ["settings.custom_keys"]
        );
        assert_eq!(fields(Call::Create, json!({"password": "a!b"})), Vec::<String>::new());
        assert_eq!(fields(Call::Update, json!({"password": "a!b"})), ["password"]);
        assert_eq!(fields(Call::Update, json!({"password": "a@b-C_9*"})), Vec::<String>::new());
    }

    #[test]
    fn a_time_without_z_is_local() {
        let lisbon = time_zone("Europe/Lisbon").unwrap();
        let summer = start_time("2027-07-01T15:00:00", &lisbon).unwrap();
        assert_eq!(summer.to_string(), "2027-07-01T14:00:00Z");
        let instant = start_time("2027-07-01T15:00:00Z", &lisbon).unwrap();
        assert_eq!(instant.to_string(), "2027-07-01T15:00:00Z");
        for bad in ["2027-07-01", "2027-07-01 15:00:00", "2027-13-01T15:00:00Z", "soon", ""] {
            assert_eq!(start_time(bad, &lisbon), None, "{bad}");
        }
    }
}
