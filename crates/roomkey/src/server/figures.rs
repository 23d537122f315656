//! Figures for Prometheus, on a listener of their own.

use std::net::SocketAddr;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

use crate::failure::Failure;

/// The edges between which calls and requests are counted, in seconds.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Tells figures there, from now until the program ends.
pub(super) fn tell(address: SocketAddr) -> Result<(), Failure> {
    let install = || -> Result<(), BuildError> {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .with_http_listener(address)
            .install()
    };
    install().map_err(|source| Failure::Metrics { address, source })
}
