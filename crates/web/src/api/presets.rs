//! `/v1/settings-presets`.

use axum::response::Response;
use http::StatusCode;
use roomkey_core::settings::Preset;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::answer::json as answer_json;
use super::caller::Caller;
use super::query::{List, Query};
use super::schemas;
use super::scope::Scope;
use crate::error::Problem;

/// Settings to begin with; a copy of them is sent with a service or a booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettingsPreset)]
pub(crate) struct PresetJson {
    #[schema(example = "therapy")]
    id: &'static str,
    #[schema(example = "Therapy")]
    name: &'static str,
    /// What it does, in one sentence.
    description: &'static str,
    #[schema(value_type = schemas::Settings)]
    settings: Value,
}

/// Lists settings to begin with.
#[utoipa::path(get, path = "/v1/settings-presets", tag = "Services",
    responses((status = 200, body = List<PresetJson>)))]
pub(crate) async fn list(caller: Caller, query: Query) -> Result<Response, Problem> {
    caller.must(Scope::ServicesRead)?;
    query.done()?;
    let shown = |preset: Preset| PresetJson {
        id: preset.as_str(),
        name: preset.name(),
        description: preset.sentence(),
        settings: json!(preset.settings()),
    };
    let data = Preset::ALL.map(shown).into();
    answer_json(StatusCode::OK, &List { data, next_cursor: None }, None)
}
