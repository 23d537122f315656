use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const USER: &str = "host@practice.example";

fn now() -> Instant {
    "2026-12-01T15:00:00Z".parse().expect("an instant")
}

fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
        })
        .collect();
    Reply { status, headers, body: body.as_bytes().to_vec() }
}

fn heard(operation: Operation, reply: &Reply) -> Failure {
    match hear(reply) {
        Heard::No(refusal) => judge(Asking { operation, user: USER, now: now() }, &refusal),
        Heard::Yes(value) => panic!("heard a yes: {value}"),
    }
}

/// The class and the reason's code.
fn brief(failure: &Failure) -> (&'static str, String) {
    (failure.class(), failure.reason().code)
}

const ALL: [Operation; 5] =
    [Operation::Create, Operation::List, Operation::Read, Operation::Update, Operation::Delete];

/// Status, body, and what it means for each of [`ALL`].
type Row = (u16, &'static str, [(&'static str, &'static str); 5]);

const fn same(class: &'static str, code: &'static str) -> [(&'static str, &'static str); 5] {
    [(class, code); 5]
}

/// For what may have taken effect: create, update and delete are unknown.
const fn lost(code: &'static str) -> [(&'static str, &'static str); 5] {
    [
        ("unknown", code),
        ("transient", code),
        ("transient", code),
        ("unknown", code),
        ("unknown", code),
    ]
}

#[test]
fn each_row_of_the_table_means_one_thing() {
    let gone = ("gone", "room_gone");
    let refused = ("rejected", "zoom_refused");
    let rows: [Row; 35] = [
        (
            400,
            r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"password","message":"Too short."}]}"#,
            same("rejected", "zoom_passcode_refused"),
        ),
        (
            400,
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><result><code>300</code><message>Validation Failed.</message></result>"#,
            same("rejected", "zoom_details_refused"),
        ),
        (
            404,
            "<result><code>3001</code><message>Meeting does not exist: 1.</message></result>",
            [refused, refused, gone, gone, gone],
        ),
        (400, "<result><code>?</code></result>", lost("zoom_trouble")),
        (
            400,
            r#"{"code":300,"message":"Validation Failed."}"#,
            same("rejected", "zoom_details_refused"),
        ),
        (
            400,
            r#"{"code":3000,"message":"You cannot schedule a meeting for x"}"#,
            same("rejected", "zoom_refused"),
        ),
        (
            400,
            r#"{"code":3161,"message":"not allowed"}"#,
            same("rejected", "zoom_user_may_not_host"),
        ),
        (400, r#"{"code":200,"message":"No permission."}"#, same("rejected", "zoom_plan")),
        (200, r#"{"code":200,"message":"No permission."}"#, same("rejected", "zoom_plan")),
        (
            201,
            r#"{"code":300,"message":"Validation Failed."}"#,
            same("rejected", "zoom_details_refused"),
        ),
        (
            400,
            r#"{"code":1010,"message":"User does not belong to this account"}"#,
            same("unknown_user", "zoom_user_unknown"),
        ),
        (
            404,
            r#"{"code":1001,"message":"User does not exist: x."}"#,
            same("unknown_user", "zoom_user_unknown"),
        ),
        (
            404,
            r#"{"code":"1001","message":"User does not exist: x."}"#,
            same("unknown_user", "zoom_user_unknown"),
        ),
        (
            404,
            r#"{"code":3001,"message":"Meeting does not exist: 1."}"#,
            [refused, refused, gone, gone, gone],
        ),
        (
            400,
            r#"{"code":3002,"message":"in progress"}"#,
            [refused, refused, refused, refused, ("occupied", "room_occupied")],
        ),
        (400, r#"{"code":3003,"message":"not the host"}"#, same("rejected", "zoom_cannot_remove")),
        (400, r#"{"code":3007,"message":"ended"}"#, same("rejected", "zoom_cannot_remove")),
        (
            400,
            r#"{"code":3018,"message":"Not allowed to delete PMI."}"#,
            same("rejected", "zoom_cannot_remove"),
        ),
        (
            400,
            r#"{"code":3037,"message":"Not allowed to delete PAC."}"#,
            same("rejected", "zoom_cannot_remove"),
        ),
        (400, r#"{"code":3063,"message":"on-premise"}"#, same("rejected", "zoom_cannot_remove")),
        (400, r#"{"code":12702,"message":"too old"}"#, same("rejected", "zoom_refused")),
        (
            400,
            r#"{"code":4700,"message":"Invalid access token."}"#,
            same("needs_reconnect", "zoom_scopes_missing"),
        ),
        (
            400,
            r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[a:b, a:b:admin]."}"#,
            same("needs_reconnect", "zoom_scopes_missing"),
        ),
        (
            401,
            r#"{"code":124,"message":"Invalid access token."}"#,
            same("needs_reconnect", "zoom_token_refused"),
        ),
        (401, "<html>who are you</html>", same("needs_reconnect", "zoom_token_refused")),
        (403, r#"{"code":3,"message":"No."}"#, same("rejected", "zoom_not_permitted")),
        (
            404,
            r#"{"code":2300,"message":"This API endpoint is not recognized."}"#,
            same("rejected", "zoom_refused"),
        ),
        (409, r#"{"code":409,"message":"conflict"}"#, same("rejected", "zoom_refused")),
        (404, "<html>no such page</html>", lost("zoom_trouble")),
        (302, "", lost("zoom_trouble")),
        (408, "", lost("zoom_trouble")),
        (500, r#"{"code":500,"message":"Internal server error."}"#, lost("zoom_trouble")),
        (503, "<html>busy</html>", lost("zoom_trouble")),
        (200, r#"{"code":503,"message":"busy"}"#, lost("zoom_trouble")),
        (200, "<?xml version='1.0'?><error/>", lost("zoom_unreadable")),
    ];
    for (status, body, meanings) in rows {
        for (operation, (class, code)) in ALL.into_iter().zip(meanings) {
            let failure = heard(operation, &reply(status, &[], body));
            assert_eq!(brief(&failure), (class, code.to_owned()), "{operation:?} {status} {body}");
        }
    }
}

#[test]
fn success_needs_status_and_body() {
    for (status, body) in [
        (200, r#"{"id":1}"#),
        (204, ""),
        (201, r#"{"id":1,"code":0,"message":""}"#),
        // A code without words is not a complaint.
        (200, r#"{"id":1,"code":7}"#),
    ] {
        assert!(matches!(hear(&reply(status, &[], body)), Heard::Yes(_)), "{status} {body}");
    }
}

#[test]
fn throttles_are_told_apart() {
    const QPS: &str = r#"{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}"#;
    const DAILY: &str =
        r#"{"code":429,"message":"You have reached the maximum daily rate limit for this API."}"#;
    const USER_DAILY: &str = r#"{"code":429,"message":"You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user. You may resume these requests after GMT 00:00:00."}"#;
    const CONCURRENT: &str = r#"{"code":429,"message":"Too many concurrent requests. A request to disassociate this user has already been made."}"#;
    let seconds = |from: u64, to: u64| (from, to);
    let midnight = 9 * 60 * 60;
    let quarter_past = "2026-12-01T15:15:00Z";
    type Case<'a> = (&'a str, &'a [(&'static str, &'a str)], ThrottleScope, (u64, u64));
    let cases: [Case<'_>; 12] = [
        (CONCURRENT, &[("retry-after", "3")], ThrottleScope::User, seconds(3, 3)),
        (QPS, &[("x-ratelimit-type", "QPS")], ThrottleScope::Account, seconds(1, 2)),
        ("<html>slow down</html>", &[], ThrottleScope::Account, seconds(1, 2)),
        ("", &[], ThrottleScope::Account, seconds(1, 2)),
        (CONCURRENT, &[], ThrottleScope::User, seconds(1, 2)),
        (
            USER_DAILY,
            &[("x-ratelimit-category", "Light")],
            ThrottleScope::User,
            seconds(midnight + 1, midnight + 300),
        ),
        (DAILY, &[("retry-after", quarter_past)], ThrottleScope::Account, seconds(900, 900)),
        (DAILY, &[], ThrottleScope::Account, seconds(midnight + 1, midnight + 60)),
        (
            QPS,
            &[("x-ratelimit-type", "Daily-limit")],
            ThrottleScope::Account,
            seconds(midnight + 1, midnight + 60),
        ),
        (QPS, &[("retry-after", "7")], ThrottleScope::Account, seconds(7, 7)),
        (DAILY, &[("retry-after", "2020-01-01T00:00:00Z")], ThrottleScope::Account, seconds(1, 1)),
        (
            DAILY,
            &[("retry-after", "2099-01-01T00:00:00Z")],
            ThrottleScope::Account,
            seconds(90_000, 90_000),
        ),
    ];
    for (body, headers, wanted, (from, to)) in cases {
        for operation in ALL {
            let Failure::Throttled { until, scope, .. } =
                heard(operation, &reply(429, headers, body))
            else {
                panic!("no throttle: {body}");
            };
            assert_eq!(scope, wanted, "{body} {headers:?}");
            let wait = until.since(now());
            assert!(
                (Duration::from_secs(from)..=Duration::from_secs(to)).contains(&wait),
                "{wait:?} for {body} {headers:?}"
            );
        }
    }
}

#[test]
fn users_come_back_one_after_another() {
    let times: std::collections::BTreeSet<u64> =
        (0..50).map(|n| spread(&format!("seat{n}@practice.example"), 300_000)).collect();
    assert!(times.len() > 45, "{times:?}");
    assert_eq!(spread(USER, 300_000), spread(USER, 300_000));
}

#[test]
fn missing_scopes_are_named() {
    for (message, named) in [
        (
            "Invalid access token, does not contain scopes:[meeting:delete:meeting, meeting:delete:meeting:admin].",
            "(scopes): meeting:delete:meeting:admin.",
        ),
        (
            "Invalid access token, does not contain scopes:[meeting:write].",
            "(scopes): meeting:write.",
        ),
        ("Invalid access token.", "lacks a permission (scope)"),
        ("does not contain scopes:[<script>]", "lacks a permission (scope)"),
    ] {
        let said = scopes_missing(message).reason();
        assert!(said.message.contains(named), "{}", said.message);
        assert_eq!(said.action_url.as_deref(), Some("/operator/connections"));
    }
}

#[test]
fn fields_are_named_and_words_are_short() {
    let body = format!(
        r#"{{"code":300,"message":"Validation Failed.","errors":[{{"field":"topic","message":"Too long.{}"}}]}}"#,
        "x".repeat(5000)
    );
    let message = heard(Operation::Create, &reply(400, &[], &body)).reason().message;
    assert!(message.contains("topic: Too long"), "{message}");
    assert!(message.len() < 400, "{message}");
}

#[test]
fn token_errors_say_what_to_paste() {
    let cases = [
        (
            400,
            r#"{"reason":"Invalid client_id or client_secret","error":"invalid_client"}"#,
            "needs_reconnect",
            "zoom_secret_refused",
        ),
        (
            401,
            r#"{"reason":"Invalid client_id or client_secret","error":"invalid_client"}"#,
            "needs_reconnect",
            "zoom_secret_refused",
        ),
        (
            400,
            r#"{"code":4702,"message":"Invalid client"}"#,
            "needs_reconnect",
            "zoom_secret_refused",
        ),
        (
            400,
            r#"{"reason":"The app has been disabled","error":"invalid_client"}"#,
            "needs_reconnect",
            "zoom_app_disabled",
        ),
        (
            400,
            r#"{"reason":"unsupported grant type","error":"unsupported_grant_type"}"#,
            "needs_reconnect",
            "zoom_wrong_app",
        ),
        (
            400,
            r#"{"reason":"Bad Request","error":"invalid_request"}"#,
            "needs_reconnect",
            "zoom_account_refused",
        ),
        (
            400,
            r#"{"reason":"Invalid Token!","error":"invalid_grant"}"#,
            "needs_reconnect",
            "zoom_grant_refused",
        ),
        (400, r#"{"error":"invalid_grant"}"#, "needs_reconnect", "zoom_grant_refused"),
        (500, r#"{"error":"server_error"}"#, "transient", "zoom_sign_in_trouble"),
        (502, "<html></html>", "transient", "zoom_sign_in_trouble"),
        (404, "<html></html>", "transient", "zoom_sign_in_trouble"),
        (200, "<html></html>", "transient", "zoom_sign_in_trouble"),
        (200, "{}", "transient", "zoom_sign_in_trouble"),
        (429, "", "throttled", "zoom_too_fast"),
    ];
    for (status, body, class, code) in cases {
        let failure = judge_token(now(), USER, &reply(status, &[], body));
        assert_eq!(brief(&failure), (class, code.to_owned()), "{status} {body}");
        if class == "needs_reconnect" {
            let reason = failure.reason();
            assert_eq!(reason.action.as_deref(), Some("Open connections"));
            assert_eq!(reason.action_url.as_deref(), Some("/operator/connections"));
        }
    }
}

#[test]
fn no_connection_means_nothing_was_done() {
    use crate::http::Cause;
    for operation in ALL {
        let not_sent = unanswered(operation, &TransportError::NotSent(Cause::NoTime));
        assert_eq!(brief(&not_sent), ("transient", "zoom_unreachable".to_owned()));
        let cut = unanswered(operation, &TransportError::MaybeReceived(Cause::TooLong));
        let class = if operation.changes() { "unknown" } else { "transient" };
        assert_eq!(brief(&cut), (class, "zoom_no_answer".to_owned()));
    }
    let silent = token_unanswered(&TransportError::MaybeReceived(Cause::TooLong));
    assert_eq!(silent.class(), "transient");
}

#[test]
fn a_change_that_cannot_be_seen_is_unknown() {
    let reason = Reason::new("zoom_trouble", "Zoom is in trouble.");
    assert_eq!(unseen(&Failure::Gone), Failure::Gone);
    for failure in [Failure::Transient(reason.clone()), Failure::NeedsReconnect(reason)] {
        assert_eq!(unseen(&failure).class(), "unknown");
    }
}
