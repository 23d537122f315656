//! What a sealed value withstands.

use proptest::prelude::*;
use roomkey_vault::{BadRing, Entropy, OpenError, Place, Ring, sealed_by};
use secrecy::ExposeSecret;
use uuid::Uuid;

const OLD: &str = "2025:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "2026:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

fn place(row: u128) -> Place<'static> {
    Place { table: "connection", row: Uuid::from_u128(row), field: "refresh_token" }
}

proptest! {
    #[test]
    fn what_was_sealed_opens_in_its_place(
        secret in prop::collection::vec(any::<u8>(), 0..400), row: u128, seed: u64,
    ) {
        let ring = Ring::parse(OLD).expect("a ring");
        let sealed = ring.seal(&Entropy::seeded(seed), place(row), &secret);
        let opened = ring.open(place(row), &sealed).expect("opens");
        prop_assert_eq!(opened.expose_secret(), &secret[..]);
    }

    #[test]
    fn any_changed_byte_is_refused(
        secret in prop::collection::vec(any::<u8>(), 0..60), at: prop::sample::Index, bits in 1_u8..,
    ) {
        let ring = Ring::parse(OLD).expect("a ring");
        let mut sealed = ring.seal(&Entropy::seeded(1), place(1), &secret);
        let at = at.index(sealed.len());
        sealed[at] ^= bits;
        prop_assert!(ring.open(place(1), &sealed).is_err());
    }

    #[test]
    fn any_cut_is_refused(length: prop::sample::Index) {
        let ring = Ring::parse(OLD).expect("a ring");
        let sealed = ring.seal(&Entropy::seeded(1), place(1), b"secret");
        prop_assert!(ring.open(place(1), &sealed[..length.index(sealed.len())]).is_err());
    }

    #[test]
    fn another_place_is_refused(
        row: u128, other_row: u128, table in "[a-z]{0,9}", field in "[a-z]{0,9}",
    ) {
        let ring = Ring::parse(OLD).expect("a ring");
        let there = Place { table: &table, row: Uuid::from_u128(other_row), field: &field };
        let sealed = ring.seal(&Entropy::seeded(1), place(row), b"secret");
        prop_assert_eq!(ring.open(there, &sealed).err(), Some(OpenError::Damaged));
    }

    #[test]
    fn anything_else_is_no_envelope_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let ring = Ring::parse(OLD).expect("a ring");
        prop_assert!(ring.open(place(1), &bytes).is_err());
        let _ = sealed_by(&bytes);
    }

    #[test]
    fn a_bad_ring_never_shows_what_was_typed(text in "[ -~]{0,80}") {
        if let Err(refusal) = Ring::parse(&format!("ok:AAAA{text}secretsecretsecret==")) {
            let shown = format!("{refusal} {refusal:?}");
            prop_assert!(!shown.contains("secretsecret"));
        }
    }
}

#[test]
fn each_part_of_the_place_counts() {
    let ring = Ring::parse(OLD).expect("a ring");
    let sealed = ring.seal(&Entropy::seeded(1), place(1), b"secret");
    for there in [
        Place { row: Uuid::from_u128(2), ..place(1) },
        Place { table: "app", ..place(1) },
        Place { field: "access_token", ..place(1) },
        // The same letters, divided elsewhere.
        Place { table: "connectionr", field: "efresh_token", ..place(1) },
    ] {
        assert_eq!(ring.open(there, &sealed).err(), Some(OpenError::Damaged));
    }
}

#[test]
fn a_turned_ring_opens_the_old_and_seals_anew() {
    let entropy = Entropy::seeded(1);
    let old = Ring::parse(OLD).expect("a ring");
    let turned = Ring::parse(&format!("{NEW},{OLD}")).expect("a ring");
    let sealed = old.seal(&entropy, place(1), b"secret");

    assert!(turned.needs_reseal(&sealed));
    let opened = turned.open_text(place(1), &sealed).expect("the old key is on the ring");
    let again = turned.seal(&entropy, place(1), opened.expose_secret().as_bytes());

    assert!(!turned.needs_reseal(&again));
    assert_eq!(sealed_by(&again), turned.key_ids().into_iter().next());
    assert_eq!(turned.open_text(place(1), &again).expect("opens").expose_secret(), "secret");
    match old.open(place(1), &again) {
        Err(OpenError::UnknownKey { id }) => assert_eq!(id.as_str(), "2026"),
        other => panic!("the old ring lacks the new key: {other:?}"),
    }
}

#[test]
fn two_keys_under_one_id_are_told_apart() {
    let one = Ring::parse(OLD).expect("a ring");
    let two = Ring::parse(&NEW.replace("2026", "2025")).expect("a ring");
    let sealed = one.seal(&Entropy::seeded(1), place(1), b"secret");
    assert_eq!(two.open(place(1), &sealed).err(), Some(OpenError::Damaged));
}

#[test]
fn a_made_ring_reads_back_and_does_not_show_itself() {
    let entropy = Entropy::seeded(1);
    let made = Ring::generate(&entropy, "demo").expect("a ring");
    let text = made.to_config_text();
    let read = Ring::parse(text.expose_secret()).expect("a ring");
    let sealed = made.seal(&entropy, place(1), b"secret");
    assert_eq!(read.open(place(1), &sealed).expect("opens").expose_secret(), b"secret");
    assert_eq!(format!("{made:?}"), r#"Ring([SealingKeyId("demo")])"#);
    assert!(matches!(Ring::generate(&entropy, "a:b"), Err(BadRing::BadId { .. })));
}

#[test]
fn every_fault_of_a_ring_names_its_entry() {
    let fault = |text: &str| Ring::parse(text).expect_err(text).to_string();
    assert!(fault(" ,\n").contains("holds no sealing key"));
    assert!(fault(&format!("{OLD},AQEB")).contains("entry 2 has no id"));
    assert!(fault(&format!("{OLD},a b:AQEB")).contains("entry 2: an id is"));
    assert!(fault(&format!("{OLD},{OLD}")).contains("`2025` is taken"));
    assert!(fault("x:*").contains("not base64"));
    assert!(fault("x:AQEB").contains("this one has 3"));
}

#[test]
fn spaces_line_ends_and_both_alphabets_are_understood() {
    let url_safe = "u:__________________________________________8";
    let ring = Ring::parse(&format!("  {NEW} ,\n {OLD}\n, {url_safe}\n")).expect("a ring");
    let ids: Vec<String> = ring.key_ids().iter().map(ToString::to_string).collect();
    assert_eq!(ids, ["2026", "2025", "u"]);
}
