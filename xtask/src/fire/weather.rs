//! What goes wrong at the vendor and at the mail relay while it burns.
//!
//! The first fault that draws wins, so later ratios are of what is left. An effect that comes later
//! than the settle time is a lost room that turns up after all; an update must not come later than
//! that, for then no vendor would keep its own word.

use serde_json::{Value, json};

const CREATE: &str = "POST /zoom/v2/users/*/meetings";

/// 15 % of calls fail, and 15 % fail after they took effect; the rest makes it worse.
pub(crate) fn faults() -> Vec<Value> {
    vec![
        json!({"match": "* /zoom/v2/*", "fault": "500", "ratio": 0.15}),
        json!({"match": "* /zoom/v2/*", "fault": "fail_after_effect", "ratio": 0.176}),
        json!({"match": CREATE, "fault": "late_effect", "ratio": 0.05, "delay": "1500ms"}),
        json!({"match": CREATE, "fault": "late_effect", "ratio": 0.03, "delay": "12s"}),
        json!({"match": "PATCH /zoom/v2/*", "fault": "late_effect", "ratio": 0.08, "delay": "1500ms"}),
        json!({"match": "DELETE /zoom/v2/*", "fault": "late_effect", "ratio": 0.08, "delay": "5s"}),
        json!({"match": "* /zoom/v2/*", "fault": "reset_before", "ratio": 0.02}),
        json!({"match": "* /zoom/v2/*", "fault": "reset_after", "ratio": 0.02}),
        json!({"match": "* /zoom/v2/*", "fault": "hang", "ratio": 0.01, "delay": "1500ms"}),
        json!({"match": "* /zoom/v2/*", "fault": "slow", "ratio": 0.05, "delay": "200ms"}),
        json!({"match": CREATE, "fault": "list_lag", "ratio": 0.25, "delay": "800ms"}),
        json!({"match": CREATE, "fault": "list_lag", "ratio": 0.05, "delay": "6s"}),
        json!({"match": "POST /zoom/oauth/token", "fault": "500", "ratio": 0.1}),
        json!({"match": "SMTP *", "fault": "500", "ratio": 0.05}),
        json!({"match": "SMTP *", "fault": "fail_after_effect", "ratio": 0.05}),
        json!({"match": "SMTP *", "fault": "reset_after", "ratio": 0.05}),
    ]
}
