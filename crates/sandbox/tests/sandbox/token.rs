//! Tokens and who may do what with them.

use reqwest::Method;
use serde_json::json;

use crate::harness::{HOST, Harness};

#[tokio::test]
async fn a_token_by_form_and_by_query() {
    let harness = Harness::start().await;
    let by_form = harness.token_call("client-1", "secret-1", "acc-1").await;
    assert_eq!(by_form.body["token_type"], "bearer");
    assert_eq!(by_form.body["expires_in"], 3599);
    let scope = by_form.body["scope"].as_str().unwrap();
    assert!(scope.split(' ').any(|scope| scope == "meeting:write:meeting:admin"));

    let by_query = harness
        .http
        .post(harness.url("/zoom/oauth/token?grant_type=account_credentials&account_id=acc-1"))
        .basic_auth("client-1", Some("secret-1"))
        .send()
        .await
        .unwrap();
    assert_eq!(by_query.status(), 200);
}

#[tokio::test]
async fn wrong_credentials_have_zooms_shapes() {
    let harness = Harness::start().await;
    let wrong_secret = harness.token_call("client-1", "secret-2", "acc-1").await;
    assert_eq!(wrong_secret.status, 400);
    assert_eq!(wrong_secret.body["error"], "invalid_client");
    assert!(wrong_secret.body["reason"].is_string());
    let wrong_account = harness.token_call("client-1", "secret-1", "acc-2").await;
    assert_eq!(wrong_account.body["error"], "invalid_request");
    let no_grant = harness
        .http
        .post(harness.url("/zoom/oauth/token"))
        .basic_auth("client-1", Some("secret-1"))
        .send()
        .await
        .unwrap();
    assert_eq!(no_grant.status(), 400);
}

#[tokio::test]
async fn tokens_run_out_and_can_be_revoked() {
    let mut harness = Harness::start().await;
    harness.advance("3598s").await;
    assert_eq!(harness.get("/users/me").await.status, 200);
    harness.advance("2s").await;
    let expired = harness.get("/users/me").await;
    assert_eq!((expired.status, &expired.body["code"]), (401, &json!(124)));
    assert_eq!(expired.body["message"], "Access token is expired.");

    harness.sign_in().await;
    assert_eq!(harness.get("/users/me").await.status, 200);
    let revoked = harness
        .http
        .post(harness.url("/zoom/oauth/revoke"))
        .basic_auth("client-1", Some("secret-1"))
        .form(&[("token", harness.token.as_str())])
        .send()
        .await
        .unwrap();
    assert_eq!(revoked.status(), 200);
    let gone = harness.get("/users/me").await;
    assert_eq!((gone.status, &gone.body["message"]), (401, &json!("Invalid access token.")));
}

#[tokio::test]
async fn two_tokens_live_side_by_side() {
    let mut harness = Harness::start().await;
    let first = harness.token.clone();
    harness.sign_in().await;
    assert_ne!(first, harness.token);
    harness.token = first;
    assert_eq!(harness.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let mut harness = Harness::start().await;
    harness
        .control(
            Method::POST,
            "/accounts",
            Some(json!({"vendor": "zoom", "account": "acc-1", "scopes": ["meeting:write:meeting:admin"]})),
        )
        .await;
    harness.sign_in().await;
    let meeting = harness.meeting(json!({})).await;
    let said = harness.delete(&meeting["id"]).await;
    assert_eq!((said.status, &said.body["code"]), (400, &json!(4711)));
    assert!(said.body["message"].as_str().unwrap().contains("meeting:delete:meeting"));
}

#[tokio::test]
async fn a_disabled_app_is_out_at_once() {
    let harness = Harness::start().await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "disabled": true});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    assert_eq!(harness.get("/users/me").await.status, 401);
    let refused = harness.token_call("client-1", "secret-1", "acc-1").await;
    assert_eq!(refused.body["error"], "invalid_client");
}

#[tokio::test]
async fn another_accounts_things_do_not_exist() {
    let mut harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    let order = json!({"vendor": "zoom", "account": "acc-2",
                       "users": [{"email": "other@clinic.example", "licensed": true}]});
    let made = harness.control(Method::POST, "/accounts", Some(order)).await;
    let (client, secret) =
        (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    let said = harness.token_call(client, secret, "acc-2").await;
    harness.token = said.body["access_token"].as_str().unwrap().to_owned();

    let user = harness.get(&format!("/users/{HOST}")).await;
    assert_eq!((user.status, &user.body["code"]), (404, &json!(1001)));
    let theirs = harness.get(&format!("/meetings/{}", meeting["id"])).await;
    assert_eq!((theirs.status, &theirs.body["code"]), (404, &json!(3001)));
    assert_eq!(harness.delete(&meeting["id"]).await.status, 404);
    assert_eq!(harness.get("/users/me").await.body["email"], "other@clinic.example");
}

#[tokio::test]
async fn users_and_their_settings() {
    let harness = Harness::start().await;
    let host = harness.get(&format!("/users/{HOST}")).await.body;
    assert_eq!((&host["type"], &host["account_id"]), (&json!(2), &json!("acc-1")));
    let by_id = harness.get(&format!("/users/{}", host["id"].as_str().unwrap())).await;
    assert_eq!(by_id.body["email"], HOST);
    assert_eq!(harness.get("/users/basic@practice.example").await.body["type"], 1);
    let nobody = harness.get("/users/nobody@practice.example").await;
    assert_eq!(
        nobody.body,
        json!({"code": 1001, "message": "User does not exist: nobody@practice.example."})
    );

    let first = harness.get("/users?page_size=4").await.body;
    assert_eq!(first["users"].as_array().unwrap().len(), 4);
    let next = first["next_page_token"].as_str().unwrap();
    let second = harness.get(&format!("/users?page_size=4&next_page_token={next}")).await.body;
    assert_eq!(second["users"].as_array().unwrap().len(), 3);
    assert_eq!(second["next_page_token"], "");

    let settings = harness.get(&format!("/users/{HOST}/settings")).await.body;
    assert_eq!(settings["schedule_meeting"]["require_password_for_scheduling_new_meetings"], true);
    assert_eq!(settings["in_meeting"]["waiting_room"], false);
}

#[tokio::test]
async fn apps_of_before_have_wider_scopes() {
    let mut harness = Harness::start().await;
    for (scopes, makes) in [
        (json!(["meeting:write:admin", "meeting:read:admin"]), 201),
        (json!(["meeting:write", "meeting:read"]), 201),
        (json!(["meeting:read:admin"]), 400),
    ] {
        let order = json!({"vendor": "zoom", "account": "acc-1", "scopes": scopes});
        harness.control(Method::POST, "/accounts", Some(order)).await;
        harness.sign_in().await;
        assert_eq!(harness.create(json!({})).await.status, makes, "{scopes}");
        assert_eq!(harness.get("/users/host@practice.example/meetings").await.status, 200);
    }
}
