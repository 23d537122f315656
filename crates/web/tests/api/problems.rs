//! The codes are what they were, and each is described.

use std::collections::HashSet;

use roomkey_web::error::{Code, Problem};

#[test]
fn every_code_is_described_once() {
    let mut seen = HashSet::new();
    for code in Code::ALL {
        assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
        assert!(code.title().ends_with('.') && code.docs().ends_with('.'), "{}", code.as_str());
        assert!(code.status().is_client_error() || code.status().is_server_error());
        let body = Problem::new(*code).body();
        assert_eq!(body["type"], format!("/docs/problems#{}", code.as_str()));
    }
}

/// Programs decide by these: none goes, and none gets another status.
#[test]
fn codes_are_what_they_were() {
    let now: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("{} {}", code.status().as_u16(), code.as_str()))
        .collect();
    let expected = [
        "400 malformed_body",
        "400 invalid_query",
        "400 invalid_header",
        "401 unauthorized",
        "401 signature_invalid",
        "403 missing_scope",
        "404 not_found",
        "404 transcript_pending",
        "404 transcript_refused",
        "404 transcript_not_fetched",
        "404 transcript_forgotten",
        "405 method_not_allowed",
        "409 booking_pending",
        "409 booking_confirmed",
        "409 booking_over",
        "409 booking_cancelled",
        "409 booking_ahead",
        "409 no_room_needed",
        "409 no_room_yet",
        "409 no_host_door",
        "409 no_plan_b",
        "409 nothing_to_say",
        "409 last_guest",
        "409 external_id_taken",
        "409 host_has_sessions",
        "409 seats_full",
        "409 connection_in_use",
        "409 connection_exists",
        "409 app_in_use",
        "409 idempotency_conflict",
        "409 in_progress",
        "412 version_mismatch",
        "412 already_exists",
        "413 too_large",
        "415 unsupported_media_type",
        "422 invalid_request",
        "422 unknown_field",
        "428 if_match_required",
        "429 too_many_requests",
        "500 internal",
        "502 vendor_failed",
        "503 unavailable",
        "504 vendor_timeout",
    ];
    assert_eq!(now, expected);
}
