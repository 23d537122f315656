//! A fixed link: a room that a person has somewhere already, and whose address they typed.
//!
//! Nothing is called, so nothing can be lost. Whoever has the address can always open it: a
//! retired room is one that Roomkey no longer sends anybody to, and nothing more. Its passcode,
//! if it has one, stands in the route beside the address and is put into the room by whoever
//! reads the route; a reading here says nothing about it.

use async_trait::async_trait;
use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::room::{Seen, Spec};
use url::Url;

use crate::contract::{
    Answer, Call, Capabilities, HostLink, Provider, Sighting, Trace, Transcript, VendorRoom,
};
use crate::http::is_allowed;

/// The fixed link.
#[derive(Debug, Clone, Copy, Default)]
pub struct Link;

/// The room behind the address, under this id.
fn room(call: &Call, vendor_id: &str) -> Result<VendorRoom, Failure> {
    let address = call.place.user.trim();
    let leads_somewhere = Url::parse(address).is_ok_and(|url| is_allowed(&url));
    if !leads_somewhere {
        return Err(Failure::Rejected(Reason::new(
            "link_not_https",
            "The fixed link is no address that people can be sent to. Type one that begins with https://.",
        )));
    }
    Ok(VendorRoom {
        vendor_id: vendor_id.to_owned(),
        instance: None,
        join_url: address.to_owned().into(),
        passcode: None,
        number: None,
        dial_in: None,
        phone_passcode: None,
        sip: None,
        owner: None,
        // A link knows neither time nor topic, nor who is behind it.
        seen: Seen::at(call.now),
    })
}

fn answer<T>(result: Result<T, Failure>) -> Answer<T> {
    Answer { result, trace: Trace::default() }
}

#[async_trait]
impl Provider for Link {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            create_is_idempotent: true,
            deletes: false,
            host_link: false,
            keeps_time: false,
            counts_user_calls: false,
            transcripts: false,
        }
    }

    async fn create(&self, call: &Call, marker: &str, _spec: &Spec) -> Answer<VendorRoom> {
        answer(room(call, marker))
    }

    async fn find(&self, call: &Call, marker: &str, _spec: &Spec) -> Answer<Vec<VendorRoom>> {
        answer(room(call, marker).map(|it| vec![it]))
    }

    /// Nobody can look behind a link.
    async fn sightings(
        &self,
        _call: &Call,
        _beginning: &str,
        _from: Instant,
        _to: Instant,
    ) -> Answer<Vec<Sighting>> {
        answer(Ok(Vec::new()))
    }

    async fn update(
        &self,
        call: &Call,
        vendor_id: &str,
        _marker: &str,
        _spec: &Spec,
    ) -> Answer<VendorRoom> {
        answer(room(call, vendor_id))
    }

    async fn retire(&self, _call: &Call, _vendor_id: &str) -> Answer<()> {
        answer(Ok(()))
    }

    async fn inspect(&self, call: &Call, vendor_id: &str) -> Answer<VendorRoom> {
        answer(room(call, vendor_id))
    }

    async fn host_link(&self, _call: &Call, _vendor_id: &str) -> Answer<HostLink> {
        answer(Err(Failure::Rejected(Reason::new(
            "link_has_no_host_door",
            "A fixed link has no door of its own for the host. Go in as the guests do.",
        ))))
    }

    async fn transcript(&self, _call: &Call, _instance: &str, _file: &str) -> Answer<Transcript> {
        answer(Ok(Transcript::Refused(Reason::new(
            "link_has_no_transcripts",
            "Nobody tells what was said behind a fixed link.",
        ))))
    }

    async fn check(&self, call: &Call) -> Answer<()> {
        answer(room(call, "check").map(drop))
    }
}

#[cfg(test)]
mod tests {
    use roomkey_core::route::{Place, Provider as Which};

    use crate::contract::Account;

    use super::*;

    fn call(address: &str) -> Call {
        Call {
            account: Account {
                connection: None,
                revision: 0,
                account: String::new(),
                client_id: String::new(),
                client_secret: String::new().into(),
            },
            place: Place {
                provider: Which::Link,
                connection: None,
                account: String::new(),
                user: address.to_owned(),
            },
            now: "2026-12-01T15:00:00Z".parse().expect("an instant"),
            passcode: None,
        }
    }

    #[tokio::test]
    async fn people_are_sent_to_https_and_to_this_machine_only() {
        for (address, accepted) in [
            ("https://meet.practice.example/ana", true),
            (" https://meet.practice.example/ana ", true),
            ("http://127.0.0.1:8080/rooms/1", true),
            ("http://meet.practice.example/ana", false),
            ("meet.practice.example/ana", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            let answer = Link.inspect(&call(address), "rk-1-a").await;
            match answer.result {
                Ok(_) => assert!(accepted, "{address}"),
                Err(failure) => {
                    assert!(!accepted, "{address}");
                    assert_eq!(failure.reason().code, "link_not_https", "{address}");
                }
            }
            // Whatever it is, nobody has to keep it.
            assert!(Link.retire(&call(address), "rk-1-a").await.result.is_ok(), "{address}");
        }
    }
}
