//! What programs can ask of the sandbox, as the front page lists it.

/// One request, and what it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control {
    pub(super) request: &'static str,
    pub(super) does: &'static str,
}

const fn control(request: &'static str, does: &'static str) -> Control {
    Control { request, does }
}

/// All of them.
pub(super) const CONTROLS: [Control; 14] = [
    control(
        "GET /_sandbox/state",
        "Everything that exists at the vendors; with ?deleted=1 also what is deleted.",
    ),
    control(
        "GET /_sandbox/calls",
        "Every request received, with its answer; ?since=N leaves out the first N. DELETE forgets them.",
    ),
    control(
        "POST /_sandbox/accounts",
        "Makes a Zoom account or changes one: {\"vendor\":\"zoom\",\"account\":\"acc-1\"} and any of users [{email, licensed, may_host}], plan (free, pro, business), concurrent, settings and locked (below), refuses_open_meetings, refuses_passcodes, hides_refused_hosts, unknown_time_zones, hides_passcodes, scopes, disabled, timezone, tracking_fields, client_id, client_secret, event_url, webhook_secret.",
    ),
    control(
        "… settings, locked",
        "settings: what a meeting has unless the request says otherwise, by Zoom's own names; passcode says whether one is required. locked: names that requests cannot change, waiting_room for example; they are overridden without a word.",
    ),
    control(
        "… refuses_open_meetings",
        "A request without a passcode is refused with 400 and code 300, instead of getting one without a word.",
    ),
    control(
        "POST /_sandbox/meetings/{number}",
        "What a person does by hand: {\"patch\":{…}}, {\"status\":\"started\"} or \"waiting\", {\"delete\":true}.",
    ),
    control(
        "POST /_sandbox/webhooks",
        "Sends an event now: {\"event\":\"meeting.started\",\"meeting\":81234567890}, or with payload, raw, url, secret, signed, timestamp, times. GET lists what was sent.",
    ),
    control(
        "… vendor: stripe",
        "Says that somebody paid: {\"vendor\":\"stripe\",\"event\":\"checkout.session.completed\",\"booking\":\"bkg_…\"}, or with id, payload (members such as amount_total), raw, url, secret, signed, timestamp, times. POST /_sandbox/accounts with vendor, event_url and webhook_secret says where to, once.",
    ),
    control(
        "POST /_sandbox/faults",
        "Switches one on, as above: {\"match\",\"fault\",\"times\",\"ratio\",\"delay\",\"form\"}.",
    ),
    control("GET /_sandbox/faults", "What is switched on."),
    control("DELETE /_sandbox/faults", "Switches all off, or one with /{id}; held calls go on."),
    control("POST /_sandbox/clock", "Moves the time: {\"advance\":\"61m\"}. GET tells it."),
    control("GET /_sandbox/mail", "The mailbox, with raw source. DELETE empties it."),
    control(
        "POST /_sandbox/reset",
        "Everything as at the start; {\"seed\":7} makes what follows repeatable.",
    ),
];
