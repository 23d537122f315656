//! The stable codes of problems, each with its paragraph of documentation.

use http::StatusCode;

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal, $title:literal, $docs:literal;)*) => {
        /// The code of a problem. Stable: programs decide by it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $docs] $name,)*
        }

        impl Code {
            /// Every code, for the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What is, in one sentence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means and what to do.
            #[must_use]
            pub const fn docs(self) -> &'static str {
                match self { $(Self::$name => $docs,)* }
            }

            /// The HTTP status that it comes with.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let status = match self { $(Self::$name => $status,)* };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    };
}

codes! {
    MalformedBody = 400 "malformed_body", "The body is not a JSON object.",
        "The request's body could not be read as a JSON object. The detail says where reading stopped, and why.";
    InvalidQuery = 400 "invalid_query", "The query has parameters that are wrong.",
        "Every parameter that is wrong or unknown is in `errors`, its name in `parameter`. A call that takes none has none. A cursor is used as it was given and with the filters that it was given for.";
    InvalidHeader = 400 "invalid_header", "A header cannot be understood.",
        "`If-Match` and `If-None-Match` take the `ETag` of an earlier answer, quotes and all, or `*`; `Idempotency-Key` takes 1 to 255 printable characters; `Prefer` takes `wait=N`.";
    Unauthorized = 401 "unauthorized", "An API key is needed.",
        "Send `Authorization: Bearer rk_…`. The key may be missing, mistyped or revoked; an operator makes a new one with `roomkey apikey add`.";
    SignatureInvalid = 401 "signature_invalid", "The event is not believed.",
        "A vendor's event must be signed with the secret that Roomkey knows for this address, and be no older than three hours (Zoom) or five minutes (Stripe). Copy the secret from the vendor again.";
    Forbidden = 403 "missing_scope", "The API key may not do this.",
        "The key is good and lacks a scope; the detail names it. Make a key with that scope.";
    NotFound = 404 "not_found", "There is nothing under this address.",
        "There is no such thing, or it belongs to another tenant; the two are not told apart.";
    TranscriptPending = 404 "transcript_pending", "The text of this transcript is not here yet.",
        "It is asked for by itself, for a week at the most; `transcript.reason` says what it waits for. The event `transcript.ready` tells when it is here.";
    TranscriptRefused = 404 "transcript_refused", "The text of this transcript is not to be had.",
        "The vendor did not give it, and it is not asked for any more; `transcript.reason` says why. The vendor's own page may show it.";
    TranscriptNotFetched = 404 "transcript_not_fetched", "The text of this transcript is not fetched.",
        "It is not wanted here: the booking's settings say `recording: none`, or the transcript is older than this. `transcript.reason` says which.";
    TranscriptForgotten = 404 "transcript_forgotten", "The text of this transcript was deleted.",
        "Somebody asked for that, or the app was removed at the vendor; `transcript.reason` says which. It does not come back.";
    MethodNotAllowed = 405 "method_not_allowed", "This address does not know that method.",
        "The `Allow` header and the specification at `/openapi.json` say which methods there are.";
    BookingPending = 409 "booking_pending", "The booking is not confirmed yet.",
        "It waits for approval or payment. Confirm it first.";
    BookingConfirmed = 409 "booking_confirmed", "The booking is confirmed already.",
        "A confirmed booking can no longer be declined. Cancel it instead.";
    BookingOver = 409 "booking_over", "The session is over.",
        "The booking is completed, or somebody did not come. Reopen it first. A `PUT` may correct when such a session was, and cannot move it ahead: `errors` names the members.";
    BookingCancelled = 409 "booking_cancelled", "The booking is cancelled.",
        "Reopen it first, or send a `PUT` with `status` and `If-Match`.";
    BookingAhead = 409 "booking_ahead", "The session has not begun yet.",
        "Whether it took place, and whether somebody did not come, is known from its start on, or once people have come in. Cancel it if it will not take place.";
    NoRoomNeeded = 409 "no_room_needed", "The session is not held online.",
        "It needs no room, so there is none to make or to replace. Change `mode` to `online` first.";
    NoRoomYet = 409 "no_room_yet", "There is no room yet.",
        "The room is still being made, or cannot be made; `meeting.reason` says why.";
    NoHostDoor = 409 "no_host_door", "This room has no door of its own for the host.",
        "A fixed link is the same for everybody. Go in as the guests do.";
    NoPlanB = 409 "no_plan_b", "The route has no other option.",
        "The room is made, or tried for, at the last option of the booking's route. Give the booking a `route` with more options, or type a link in.";
    NothingToSay = 409 "nothing_to_say", "There is nothing of that kind to tell this person now.",
        "A message is sent again if it is true now and somebody can receive it: a confirmation or a change while the session takes place, a cancellation once it does not. The detail says what is the case.";
    LastGuest = 409 "last_guest", "A booking has at least one guest.",
        "Cancel the booking, or add another guest first.";
    ExternalIdTaken = 409 "external_id_taken", "The external id is taken.",
        "An external id is unique per tenant for ever, also for what was cancelled or removed, and never changes once it is given. Use `PUT` with `ext:{external_id}` to change what has it; a host or a service that was removed comes back by it.";
    HostBusy = 409 "host_has_sessions", "The host has sessions ahead.",
        "Reassign or cancel them first; the detail says how many there are.";
    SeatsFull = 409 "seats_full", "Every seat is taken at this time.",
        "More sessions would run at once than the connection's seats can hold, each with its buffer. Choose another time, or add a seat to the connection.";
    ConnectionInUse = 409 "connection_in_use", "Rooms depend on this connection.",
        "Without it, rooms that it made could no longer be moved or removed: `stranded` says how many. Add `?force=true` to remove it all the same.";
    ConnectionExists = 409 "connection_exists", "There is such a connection already.",
        "An app of a vendor account belongs to each owner once. `connection` is the one that there is: change its credentials.";
    AppInUse = 409 "app_in_use", "Connections depend on this app.",
        "Without it, nothing would be heard of the connections that it authorised: `stranded` says how many. Add `?force=true` to remove it all the same.";
    IdempotencyConflict = 409 "idempotency_conflict", "The idempotency key was used for another request.",
        "The same `Idempotency-Key` came with another body. Use a new key for a new request.";
    InProgress = 409 "in_progress", "The same request is being answered just now.",
        "Another request with this `Idempotency-Key` is under way. Try again after the seconds in `Retry-After`.";
    VersionMismatch = 412 "version_mismatch", "It was changed meanwhile.",
        "`If-Match` names another version than the present one, which is in `version`. Read it again, and decide anew.";
    AlreadyExists = 412 "already_exists", "It exists already.",
        "`If-None-Match: *` makes a thing and never changes one; with a version it leaves that version alone. Nothing was changed; the present version is in `version`.";
    TooLarge = 413 "too_large", "The body is too large.",
        "No request needs so much: a call of the API takes 1 MiB, an event of a vendor 256 KiB; the detail says which it was. `metadata` holds 16 KiB, `notes` 5000 characters.";
    UnsupportedMedia = 415 "unsupported_media_type", "The body must be JSON.",
        "Send `Content-Type: application/json`.";
    InvalidRequest = 422 "invalid_request", "The request has members that are wrong.",
        "Every member that is wrong is in `errors`, with a JSON pointer, a code and words, all at once.";
    UnknownField = 422 "unknown_field", "The request has members that are unknown.",
        "Every unknown member is in `errors`. Members that only the server writes are accepted and ignored.";
    IfMatchRequired = 428 "if_match_required", "The booking is cancelled or over, and comes back only on purpose.",
        "A `PUT` or `PATCH` with `status` that brings a cancelled, completed or missed session back must carry `If-Match` (the present version, or `*`), so that no late repeat revives it. `POST …/reopen` needs none.";
    TooMany = 429 "too_many_requests", "That was too often.",
        "An API key has 100 calls a second, and 500 at once; an address has 60 wrong API keys a minute. Try again after the seconds in `Retry-After`.";
    Internal = 500 "internal", "Something went wrong on our side.",
        "Nothing has changed. The `X-Request-Id` of the answer finds the reason in the log.";
    VendorFailed = 502 "vendor_failed", "The vendor did not do it.",
        "A live call at the vendor failed; the detail says in which way.";
    Unavailable = 503 "unavailable", "The database does not answer.",
        "Try again in a moment.";
    VendorTimeout = 504 "vendor_timeout", "The vendor did not answer in time.",
        "Try again in a moment.";
}
