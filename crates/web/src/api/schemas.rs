//! Shapes that requests have, for the specification. They are read member by member
//! (`members.rs`), so that everything wrong is said at once.
#![expect(dead_code, reason = "the specification is made of their names and types alone")]

use utoipa::ToSchema;

use crate::error::Fault;

/// One room to try, and when to try the next instead.
#[derive(ToSchema)]
pub(crate) struct RouteOption {
    /// `host`, `link`, a connection such as `con_01…`, or `seats:con_01…`.
    #[schema(example = "host")]
    r#use: String,
    /// `zoom` or `link`.
    #[schema(example = "zoom")]
    provider: String,
    /// The address of a fixed link.
    url: Option<String>,
    /// The passcode of a fixed link.
    passcode: Option<String>,
    /// Go on at once if there is no such connection.
    on_not_connected: Option<bool>,
    /// Go on at once if the connection needs a person.
    on_reconnect_needed: Option<bool>,
    /// Go on after so many failures.
    after_failures: Option<u32>,
    /// Go on if there is no room so long before the start: `30m`.
    #[schema(example = "30m")]
    before_start: Option<String>,
}

/// What a room must be like; what is left out is the account's own choice.
#[derive(ToSchema)]
pub(crate) struct Settings {
    waiting_room: Option<bool>,
    passcode: Option<bool>,
    join_before_host: Option<bool>,
    mute_on_entry: Option<bool>,
    host_video: Option<bool>,
    guest_video: Option<bool>,
    /// `both`, `telephony` or `voip`.
    audio: Option<String>,
    /// `none`, `local` or `cloud`.
    recording: Option<String>,
    e2ee: Option<bool>,
    /// Vendor users who may open the room instead of the host, by their e-mail addresses. Those whom
    /// the vendor will not have are left out, with a warning.
    alternative_hosts: Option<Vec<String>>,
    /// Smaller rooms beside the room.
    breakout_rooms: Option<Vec<BreakoutRoom>>,
}

/// A smaller room beside the room, for part of the guests.
#[derive(ToSchema)]
pub(crate) struct BreakoutRoom {
    name: String,
    /// The e-mail addresses of those who are sent there.
    participants: Option<Vec<String>>,
}

/// A guest. Matched by `id`, then `external_id`, then e-mail, so that a corrected address keeps
/// the link.
#[derive(ToSchema)]
pub(crate) struct GuestInput {
    id: Option<String>,
    external_id: Option<String>,
    #[schema(example = "Ana Sousa")]
    name: String,
    #[schema(example = "ana@example.org")]
    email: Option<String>,
    phone: Option<String>,
    #[schema(example = "Europe/Lisbon")]
    time_zone: Option<String>,
    #[schema(example = "pt")]
    locale: Option<String>,
}

/// A booking to be made, or taken over whole.
#[derive(ToSchema)]
pub(crate) struct BookingInput {
    external_id: Option<String>,
    /// A service's id, or `ext:` and the platform's own.
    #[schema(example = "ext:algebra")]
    service: String,
    /// A host's id, or `ext:` and the platform's own.
    #[schema(example = "ext:rui")]
    host: String,
    /// `confirmed` (unless the service asks for approval or payment), `pending`, `cancelled`,
    /// `completed` or `no_show`.
    status: Option<String>,
    #[schema(format = DateTime, example = "2026-12-01T15:00:00Z")]
    start: String,
    /// As long as the service says, if left out.
    #[schema(format = DateTime)]
    end: Option<String>,
    /// The host's, if left out.
    time_zone: Option<String>,
    title: Option<String>,
    mode: Option<String>,
    notes: Option<String>,
    route: Option<Vec<RouteOption>>,
    settings: Option<Settings>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Value>,
    guests: Vec<GuestInput>,
    /// `all`, `guests`, `host` or `none`.
    notify: Option<String>,
}

/// Members of a booking to be changed; what is left out stays.
#[derive(ToSchema)]
pub(crate) struct BookingPatch {
    external_id: Option<String>,
    service: Option<String>,
    host: Option<String>,
    status: Option<String>,
    #[schema(format = DateTime)]
    start: Option<String>,
    #[schema(format = DateTime)]
    end: Option<String>,
    time_zone: Option<String>,
    title: Option<String>,
    mode: Option<String>,
    notes: Option<String>,
    route: Option<Vec<RouteOption>>,
    settings: Option<Settings>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Value>,
    guests: Option<Vec<GuestInput>>,
    notify: Option<String>,
}

/// What is to be told once more, and to whom.
#[derive(ToSchema)]
pub(crate) struct MessageInput {
    /// `host`, a guest's id, or `ext:` and the platform's own.
    #[schema(example = "host")]
    person: String,
    /// `confirmation`, `change` or `cancellation`: whichever is true now.
    #[schema(example = "confirmation")]
    occasion: String,
}

/// Who is told.
#[derive(ToSchema)]
pub(crate) struct NotifyInput {
    /// `all`, `guests`, `host` or `none`; the tenant's choice if left out.
    notify: Option<String>,
}

/// Why, and who is told.
#[derive(ToSchema)]
pub(crate) struct ReasonInput {
    reason: Option<String>,
    notify: Option<String>,
}

/// Another time.
#[derive(ToSchema)]
pub(crate) struct RescheduleInput {
    #[schema(format = DateTime, example = "2026-12-02T15:00:00Z")]
    start: String,
    /// As long as before, if left out.
    #[schema(format = DateTime)]
    end: Option<String>,
    notify: Option<String>,
}

/// Another host.
#[derive(ToSchema)]
pub(crate) struct ReassignInput {
    /// A host's id, or `ext:` and the platform's own.
    host: String,
    notify: Option<String>,
}

/// A room that somebody has already.
#[derive(ToSchema)]
pub(crate) struct LinkInput {
    #[schema(example = "https://meet.example/ana")]
    url: String,
    passcode: Option<String>,
    notify: Option<String>,
}

/// A host.
#[derive(ToSchema)]
pub(crate) struct HostInput {
    external_id: Option<String>,
    name: String,
    email: String,
    #[schema(example = "Europe/Lisbon")]
    time_zone: String,
    #[schema(example = "en")]
    locale: Option<String>,
    phone: Option<String>,
    /// Logins at vendors, where they are not the e-mail address: `{"zoom": "login@…"}`.
    #[schema(value_type = Option<Object>)]
    accounts: Option<serde_json::Value>,
    route: Option<Vec<RouteOption>>,
}

/// A service.
#[derive(ToSchema)]
pub(crate) struct ServiceInput {
    external_id: Option<String>,
    name: String,
    #[schema(example = 60)]
    duration_minutes: u32,
    /// `online`, `phone` or `in_person`.
    mode: Option<String>,
    #[schema(example = "{service} with {host}")]
    title_template: Option<String>,
    /// What people read about a session in its room's invitation at the vendor: at most 1500
    /// characters, with the names that a title may have, on as many lines as it needs.
    #[schema(example = "{service} with {host}\n{start_date}, {start_time} ({time_zone})")]
    agenda_template: Option<String>,
    /// The vendor, mails, calendars and the pages behind links read "Appointment" instead of its
    /// sessions' titles and agendas and its own name. Their rooms have a waiting room and a
    /// passcode, nobody comes in before the host, and there are no recordings and no breakout rooms.
    private: Option<bool>,
    requires_approval: Option<bool>,
    requires_payment: Option<bool>,
    /// What a session costs. What pays for a booking must be exactly as much; without a price, any
    /// payment that your platform says is for the booking will do.
    price: Option<Price>,
    #[schema(example = json!(["24h", "10m"]))]
    reminders: Option<Vec<String>>,
    #[schema(example = "10m")]
    door_opens: Option<String>,
    route: Option<Vec<RouteOption>>,
    settings: Option<Settings>,
}

/// An amount of money.
#[derive(ToSchema)]
pub(crate) struct Price {
    /// In the currency's smallest unit, as Stripe writes it: 5000 is fifty euros.
    #[schema(example = 5000, minimum = 1)]
    amount: u64,
    #[schema(example = "eur")]
    currency: String,
}

/// Members of the tenant to be changed; what is left out stays.
#[derive(ToSchema)]
pub(crate) struct TenantPatch {
    name: Option<String>,
    contact: Option<String>,
    default_route: Option<Vec<RouteOption>>,
    policies: Option<Policies>,
    /// What Stripe signs with what it sends to `stripe_webhook_url`: `whsec_…`. Never answered. The
    /// one before is believed as well from then on.
    stripe_webhook_secret: Option<String>,
    /// Null: the one before is believed no longer.
    previous_stripe_webhook_secret: Option<String>,
}

/// What a tenant has decided.
#[derive(ToSchema)]
pub(crate) struct Policies {
    /// `sign_in` or `link`: what a host's door needs.
    host_door: Option<String>,
    /// How long before the start guests may change or cancel; null: not by themselves.
    #[schema(example = "24h")]
    change_until: Option<String>,
    door_always_open: Option<bool>,
    /// `all`, `guests`, `host` or `none`, where a call does not say.
    notify: Option<String>,
}

/// An account at a provider. Secrets are never answered.
#[derive(ToSchema)]
pub(crate) struct ConnectionInput {
    /// `zoom`.
    provider: String,
    /// `server_to_server`.
    kind: String,
    account_id: String,
    client_id: String,
    client_secret: String,
    webhook_secret: Option<String>,
    /// Whose it is; the tenant's if left out.
    host: Option<String>,
    /// Vendor users who lend their rooms.
    seats: Option<Vec<String>>,
    /// Sessions that one seat can run at once (1).
    seat_cap: Option<u32>,
    /// Kept free after each session on a seat (`10m`).
    seat_buffer: Option<String>,
    /// So long before its start a session's room is opened on a seat (`72h`).
    seat_lead: Option<String>,
    disabled: Option<bool>,
}

/// An OAuth application at a provider. Secrets are never answered.
#[derive(ToSchema)]
pub(crate) struct AppInput {
    /// `zoom`.
    provider: String,
    client_id: String,
    client_secret: String,
    /// What the provider signs its events with.
    webhook_secret: Option<String>,
}

/// Members of an app to be changed; what is left out stays.
#[derive(ToSchema)]
pub(crate) struct AppPatch {
    client_id: Option<String>,
    client_secret: Option<String>,
    /// The one before is believed as well from then on.
    webhook_secret: Option<String>,
    /// Null: the one before is believed no longer.
    previous_webhook_secret: Option<String>,
}

/// Members of a connection to be changed; what is left out stays.
#[derive(ToSchema)]
pub(crate) struct ConnectionPatch {
    client_id: Option<String>,
    client_secret: Option<String>,
    /// The one before is believed as well from then on.
    webhook_secret: Option<String>,
    /// Null: the one before is believed no longer.
    previous_webhook_secret: Option<String>,
    seats: Option<Vec<String>>,
    /// Sessions that one seat can run at once (1).
    seat_cap: Option<u32>,
    /// Kept free after each session on a seat (`10m`).
    seat_buffer: Option<String>,
    /// So long before its start a session's room is opened on a seat (`72h`).
    seat_lead: Option<String>,
    disabled: Option<bool>,
}

/// Who is to be signed in: a host, or an operator. Exactly one of the two.
#[derive(ToSchema)]
pub(crate) struct PortalSessionInput {
    /// A host's id, or `ext:` and the platform's own.
    host: Option<String>,
    /// `operator`.
    role: Option<String>,
}

/// Why a request was not done (RFC 9457).
#[derive(ToSchema)]
pub(crate) struct Problem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// Stable; every one is described at `/docs/problems`.
    code: String,
    errors: Vec<Fault>,
}
