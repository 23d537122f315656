//! Nothing is read across tenants, by key or by mistake.

use roomkey_core::id::BookingId;
use roomkey_store::booking::Filter;
use roomkey_store::{Reference, StoreError, booking, both_databases, host};

use crate::fixture::{NOW, bits, book, furnish, open, record};

both_databases! {
    one_tenant_sees_nothing_of_another = apart;
}

async fn apart(url: String) {
    let store = open(&url).await;
    let ours = furnish(&store, 1).await;
    let theirs = furnish(&store, 2).await;
    book(&store, record(ours, 1, 1)).await.expect("booked");
    // The same external id, in another tenant: another booking.
    let mut same = record(theirs, 2, 2);
    same.external_id = Some("ord-1".to_owned());
    book(&store, same).await.expect("booked");
    let id = BookingId::new(NOW, bits(1));
    let (by_id, by_external, list, hosts) = store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let external = Reference::External("ord-1".to_owned());
                Ok((
                    booking::get(tx, theirs, id).await?,
                    booking::find(tx, theirs, &external).await?,
                    booking::list(tx, theirs, &Filter::default(), None, 10).await?,
                    host::list(tx, theirs, None, 10).await?,
                ))
            })
        })
        .await
        .expect("readable");
    assert_eq!(by_id, None);
    assert_eq!(by_external.expect("theirs").booking.id, BookingId::new(NOW, bits(2)));
    assert_eq!(list.len(), 1);
    assert_eq!(hosts.len(), 1);
}

/// Public functions of the crate that read or write a tenant's rows without being handed the
/// proof, and why they may.
const WITHOUT_PROOF: [(&str, &str); 42] = [
    ("amends.rs", "pull"),           // housekeeping by time alone
    ("api_key.rs", "authenticate"),  // makes the proof
    ("app.rs", "by_address"),        // finds the secret that has yet to be shown
    ("app.rs", "insert"),            // the record holds the proof
    ("app.rs", "update"),            // the record holds the proof
    ("attendance.rs", "any_due"),    // whether anybody has news to tell
    ("attendance.rs", "due"),        // the engine's, for all tenants
    ("booking.rs", "insert"),        // the record holds the proof
    ("booking.rs", "lock_many"),     // each claim proved its tenant
    ("booking.rs", "overlaps"),      // each booking was read with its proof
    ("booking.rs", "update_asked"),  // the record holds the proof
    ("booking.rs", "update_seen"),   // the record holds the proof
    ("booking.rs", "versions"),      // each watched booking comes with its proof
    ("connection.rs", "by_address"), // finds the secret that has yet to be shown
    ("connection.rs", "insert"),     // the record holds the proof
    ("connection.rs", "troubled"),   // the engine's, for all tenants
    ("connection.rs", "update"),     // the record holds the proof
    ("event.rs", "any_unnumbered"),  // the sequencer's, for all tenants
    ("event.rs", "number"),          // the sequencer's, for all tenants
    ("idempotency.rs", "sweep"),     // housekeeping by age alone
    ("message.rs", "heard"),         // each claim proved its tenant
    ("message.rs", "queued"),        // each claim proved its tenant
    ("message.rs", "told"),          // each claim proved its tenant
    ("person.rs", "by_link"),        // makes the proof
    ("person.rs", "insert"),         // the record holds the proof
    ("person.rs", "of_many"),        // each claim proved its tenant
    ("person.rs", "replace_link"),   // the record holds the proof
    ("person.rs", "update"),         // the record holds the proof
    ("retired_link.rs", "retire"),   // the record holds the proof
    ("retired_link.rs", "sweep"),    // housekeeping by age alone
    ("retired_link.rs", "whose"),    // makes the proof
    ("room.rs", "anywhere"),         // a marker names no tenant; only "there is one" leaves it
    ("room.rs", "of_many"),          // each claim proved its tenant
    ("session.rs", "begin"),         // the session holds the proof
    ("session.rs", "end"),           // having the token is the proof
    ("session.rs", "get"),           // makes the proof
    ("session.rs", "promised"),      // makes the proof
    ("session.rs", "redeem"),        // makes the proof
    ("session.rs", "sweep"),         // housekeeping by age alone
    ("sweep.rs", "due"),             // the sweeper's, for all tenants; makes the proof
    ("sweep.rs", "forget"),          // housekeeping by age alone
    ("transcript.rs", "due"),        // the engine's, for all tenants; makes the proof
];

/// Modules whose rows belong to the installation, or to whoever claims work.
const OF_NOBODY: [&str; 7] = [
    "access_token.rs",
    "inbound.rs",
    "installation.rs",
    "lane.rs",
    "sealed.rs",
    "tenant.rs",
    "work.rs",
];

#[test]
fn every_function_takes_the_proof_or_is_listed() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(source).expect("the sources are there") {
        let path = entry.expect("readable").path();
        let file = path.file_name().and_then(|it| it.to_str()).expect("UTF-8").to_owned();
        if OF_NOBODY.contains(&file.as_str()) || !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        for function in text.split("pub async fn ").skip(1) {
            let signature = function.split('{').next().unwrap_or_default();
            let name = signature.split(['(', '<']).next().unwrap_or_default();
            if signature.contains("&mut Tx<'_>") && !signature.contains("tenant: Tenant") {
                found.push((file.clone(), name.to_owned()));
            }
        }
    }
    found.sort();
    let mut listed: Vec<_> =
        WITHOUT_PROOF.iter().map(|(file, name)| ((*file).to_owned(), (*name).to_owned())).collect();
    listed.sort();
    assert_eq!(found, listed, "without the proof (left), and listed with a reason (right)");
}
