//! `/v1`: the surface that platforms build on.
//!
//! Handlers read a request strictly, give a command, and answer with what is then read afresh.
//! The specification at `/openapi.json` is made of the same handlers; a test compares it with
//! `docs/openapi.json`.
//!
//! Read first: `bookings.rs`, then `once.rs` (idempotency keys) and `answer.rs` (what an answer is
//! about). To add a resource, add a file with its handlers and name them in [`routes`].

mod answer;
mod apps;
mod attempts;
mod attendance;
pub(crate) mod body;
mod booking_body;
mod booking_json;
mod bookings;
mod calendar;
mod caller;
mod connections;
mod dial_in_json;
pub(crate) mod docs;
mod events;
mod guests;
mod headers;
mod hosts;
mod links;
mod meeting;
mod members;
mod messages;
mod once;
mod portal;
mod presets;
mod query;
mod recordings;
mod schemas;
mod scope;
mod services;
mod specification;
mod status;
mod strict_json;
mod tenant;
mod transcripts;
mod unchanged;
mod upsert;

use std::str::FromStr;

use axum::Router;
use roomkey_store::Reference;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{Code, Problem};

/// Every scope that an API key can have, with its meaning.
pub const SCOPES: &[(&str, &str)] = scope::Scope::ALL;

/// What the specification says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Roomkey",
        version = "1",
        description = "Every confirmed booking has a working video room. Problems are \
            `application/problem+json`; every code is described at `/docs/problems`."
    ),
    components(schemas(schemas::Problem, crate::error::Fault)),
    modifiers(&ApiKey),
    security(("api_key" = []))
)]
struct Specification;

struct ApiKey;

impl utoipa::Modify for ApiKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        openapi.components.get_or_insert_default().add_security_scheme("api_key", scheme);
    }
}

/// The routes, and the specification made of them.
pub(crate) fn routes() -> (Router<App>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Specification::openapi())
        .routes(routes!(tenant::get, tenant::patch))
        .routes(routes!(hosts::list, hosts::create))
        .routes(routes!(hosts::get, hosts::put, hosts::patch, hosts::delete))
        .routes(routes!(services::list, services::create))
        .routes(routes!(services::get, services::put, services::patch, services::delete))
        .routes(routes!(presets::list))
        .routes(routes!(bookings::list, bookings::create))
        .routes(routes!(bookings::get, bookings::put, bookings::patch))
        .routes(routes!(bookings::confirm))
        .routes(routes!(bookings::decline))
        .routes(routes!(bookings::cancel))
        .routes(routes!(bookings::reschedule))
        .routes(routes!(bookings::reassign))
        .routes(routes!(bookings::reopen))
        .routes(routes!(bookings::complete))
        .routes(routes!(bookings::no_show))
        .routes(routes!(guests::list, guests::create))
        .routes(routes!(guests::get, guests::patch, guests::delete))
        .routes(routes!(links::replace))
        .routes(routes!(meeting::get))
        .routes(routes!(meeting::regenerate))
        .routes(routes!(meeting::retry))
        .routes(routes!(meeting::plan_b))
        .routes(routes!(meeting::type_link, meeting::untype_link))
        .routes(routes!(meeting::start))
        .routes(routes!(attempts::list))
        .routes(routes!(attendance::get))
        .routes(routes!(recordings::list))
        .routes(routes!(transcripts::get, transcripts::delete))
        .routes(routes!(messages::list, messages::resend))
        .routes(routes!(events::of_booking))
        .routes(routes!(calendar::file))
        .routes(routes!(events::feed))
        .routes(routes!(apps::list, apps::create))
        .routes(routes!(apps::get, apps::patch, apps::delete))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::get, connections::patch, connections::delete))
        .routes(routes!(portal::create))
        .routes(routes!(status::get))
        .layer(axum::middleware::from_fn(unchanged::unchanged))
        .split_for_parts()
}

/// A thing named in a path. What names nothing is not found.
fn named<I: FromStr>(name: &str, noun: &str) -> Result<Reference<I>, Problem> {
    name.parse().map_err(|_| Problem::not_found(noun))
}

/// Whether a version is one that the caller expects.
fn expect_version(version: i64, expected: Option<&[i64]>) -> Result<(), Problem> {
    match expected {
        Some(versions) if !versions.contains(&version) => {
            Err(Problem::new(Code::VersionMismatch).and("version", version))
        }
        Some(_) | None => Ok(()),
    }
}
