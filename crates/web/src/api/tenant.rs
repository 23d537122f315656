//! `/v1/tenant`: the practice itself.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use roomkey_core::route::RouteOption;
use roomkey_core::time::duration;
use roomkey_store::tenant::{self, HostDoor, Policies, TenantRow};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::answer::json as answer_json;
use super::body::Body;
use super::booking_body::route_at;
use super::caller::Caller;
use super::connections::hook_secrets;
use super::headers::IfMatch;
use super::members::Members;
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{self, HookSecrets, Notify};
use crate::error::{Fault, Problem};

/// One practice or platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantJson {
    #[schema(example = "ten_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    name: String,
    /// Whom people ask, in words.
    contact: Option<String>,
    /// The route of hosts and services that have none.
    #[schema(value_type = Option<Vec<schemas::RouteOption>>)]
    default_route: Value,
    #[schema(value_type = schemas::Policies)]
    policies: Value,
    /// Where Stripe is to send what it tells of this tenant's payments.
    stripe_webhook_url: String,
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

fn shown(app: &App, row: &TenantRow) -> TenantJson {
    TenantJson {
        id: row.id.to_string(),
        name: row.name.clone(),
        contact: row.contact.clone(),
        default_route: json!(row.default_route),
        policies: json!({
            "host_door": row.policies.host_door,
            "change_until": row.policies.change_until,
            "door_always_open": row.policies.door_always_open,
            "notify": row.policies.notify.as_deref().unwrap_or("all"),
        }),
        stripe_webhook_url: app.url(&format!("hooks/stripe/{}", row.id)),
        version: row.version,
        created_at: row.created_at.to_string(),
    }
}

/// Reads the tenant.
#[utoipa::path(get, path = "/v1/tenant", tag = "Tenant", responses((status = 200, body = TenantJson)))]
pub(crate) async fn get(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.must(Scope::TenantRead)?;
    let tenant = caller.tenant();
    let row = app.store().read(|tx| Box::pin(async move { tenant::get(tx, tenant).await })).await?;
    answer_json(StatusCode::OK, &shown(&app, &row), Some(row.version))
}

/// What is asked of a tenant; what is not said stays.
#[derive(Debug, Clone, Default)]
struct Asked {
    name: Option<String>,
    contact: Option<Option<String>>,
    default_route: Option<Option<Vec<RouteOption>>>,
    host_door: Option<HostDoor>,
    change_until: Option<Option<String>>,
    door_always_open: Option<bool>,
    notify: Option<Option<Notify>>,
    stripe: HookSecrets,
}

/// The members that Stripe's signing secrets have here.
const STRIPE_SECRETS: [&str; 2] = ["stripe_webhook_secret", "previous_stripe_webhook_secret"];

fn read(body: &Map<String, Value>) -> Result<Asked, Problem> {
    let mut members = Members::new(body, "");
    let mut asked = Asked {
        name: members.text("name").map(Option::unwrap_or_default),
        contact: members.text("contact"),
        default_route: route_at(&mut members, "default_route"),
        stripe: hook_secrets(&mut members, STRIPE_SECRETS),
        ..Asked::default()
    };
    if let Some(Some(map)) = members.object("policies") {
        let mut policies = Members::new(map, "/policies");
        let doors = [("sign_in", HostDoor::SignIn), ("link", HostDoor::Link)];
        let notify: Vec<_> = Notify::ALL.into_iter().map(|it| (it.as_str(), it)).collect();
        asked.host_door = policies.word("host_door", &doors).map(Option::unwrap_or_default);
        asked.change_until = policies.text("change_until");
        asked.door_always_open = policies.flag("door_always_open");
        asked.notify = policies.word("notify", &notify);
        if let Some(Some(text)) = &asked.change_until
            && duration(text).is_err()
        {
            policies.fault("change_until", "invalid", "is not a duration such as 24h");
        }
        members.extend(policies.end(&[]));
    }
    let mut faults = Vec::new();
    if let Some(Err((code, words))) = asked.name.as_deref().map(|it| desk::name(it, 200)) {
        faults.push(Fault::new("/name", code, words));
    }
    if let Some(Some(Err((code, words)))) =
        asked.contact.as_ref().map(|it| it.as_deref().map(|it| desk::text(it, 500)))
    {
        faults.push(Fault::new("/contact", code, words));
    }
    if let (Some(Some(secret)), [name, _]) = (&asked.stripe.present, STRIPE_SECRETS)
        && !secret.expose_secret().starts_with("whsec_")
    {
        let words = "is no signing secret of Stripe's; it begins with whsec_";
        faults.push(Fault::new(format!("/{name}"), "invalid", words));
    }
    if let Some(Some(route)) = &asked.default_route {
        faults.extend(desk::route(route, "/default_route"));
    }
    members.also(faults);
    members.done(&["id", "stripe_webhook_url", "version", "created_at"])?;
    Ok(asked)
}

impl Asked {
    fn fill(&self, row: &mut TenantRow) {
        let asked = self.clone();
        row.name = asked.name.unwrap_or_else(|| row.name.clone());
        row.contact = asked.contact.unwrap_or_else(|| row.contact.clone());
        row.default_route = asked.default_route.unwrap_or_else(|| row.default_route.clone());
        let policies: &mut Policies = &mut row.policies;
        policies.host_door = asked.host_door.unwrap_or(policies.host_door);
        policies.change_until = asked.change_until.unwrap_or_else(|| policies.change_until.clone());
        policies.door_always_open = asked.door_always_open.unwrap_or(policies.door_always_open);
        // Everybody is told where nothing is said, and is shown as told then: no change.
        let told = |code: Option<&str>| code.map_or(Some(Notify::All), Notify::from_code);
        if let Some(notify) = asked.notify
            && told(policies.notify.as_deref()) != Some(notify.unwrap_or_default())
        {
            policies.notify = notify.map(|it| it.as_str().to_owned());
        }
    }
}

/// Changes members of the tenant; what is left out stays.
#[utoipa::path(patch, path = "/v1/tenant", tag = "Tenant", request_body = schemas::TenantPatch,
    params(("If-Match" = Option<String>, Header)),
    responses((status = 200, body = TenantJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::TenantWrite)?;
    let asked = read(&body.members)?;
    let (tenant, now, given) = (caller.tenant(), app.now(), app.desk.clone());
    let row = app
        .desk
        .change(move |tx| {
            let (asked, versions, desk) = (asked.clone(), versions.clone(), given.clone());
            Box::pin(async move {
                let mut wanted = tenant::get(tx, tenant).await?;
                let route = wanted.default_route.clone();
                asked.fill(&mut wanted);
                let mut waiting = None;
                if wanted.default_route != route {
                    waiting = Some(desk::hold_waiting(tx, tenant, now).await?);
                }
                let mut row = tenant::lock(tx, tenant).await?;
                super::expect_version(row.version, versions.as_deref())?;
                let route = asked.default_route.as_ref().and_then(Option::as_deref);
                let faults = desk::strange_connections(tx, tenant, route, "/default_route").await?;
                if !faults.is_empty() {
                    return Err(Problem::invalid(faults));
                }
                let before = row.clone();
                asked.fill(&mut row);
                let secrets =
                    desk::change_tenant_secrets_in(tx, &desk, tenant, &asked.stripe).await?;
                if row != before || secrets {
                    tenant::update(tx, tenant, &row).await?;
                    if row.default_route != before.default_route {
                        desk::look_at_held(tx, tenant, waiting, now).await?;
                    }
                    row.version += 1;
                }
                Ok(row)
            })
        })
        .await?;
    answer_json(StatusCode::OK, &shown(&app, &row), Some(row.version))
}
