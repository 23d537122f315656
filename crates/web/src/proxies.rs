//! Whose word on the client's address is believed.

use std::net::IpAddr;
use std::str::FromStr;

use http::HeaderMap;

/// Networks of proxies whose `X-Forwarded-For` is believed. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text names no networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no network; write addresses such as 127.0.0.1 or 10.0.0.0/8, with commas between"
)]
pub struct BadNetwork(String);

impl FromStr for TrustedProxies {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        text.split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty() && *it != "none")
            .map(|it| Network::read(it).ok_or_else(|| BadNetwork(it.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TrustedProxies {
    /// The client's address: the last in `X-Forwarded-For` that no trusted proxy has, if the peer
    /// is one.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let named = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect::<Vec<_>>();
        for name in named.into_iter().rev() {
            if !self.trusts(client) {
                break;
            }
            match name.parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    fn holds(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(network), IpAddr::V4(other)) => {
                let gap = 32 - u32::from(self.bits);
                let high = |it: u32| u64::from(it) >> gap;
                high(network.to_bits()) == high(other.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(other)) => {
                let gap = 128 - u32::from(self.bits);
                let high = |it: u128| it.checked_shr(gap).unwrap_or(0);
                high(network.to_bits()) == high(other.to_bits())
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_as_far_as_they_go() {
        let forwarded = "6.6.6.6, 203.0.113.9, 10.0.0.7";
        assert_eq!(client("none", "10.0.0.1", forwarded), "10.0.0.1");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", forwarded), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", forwarded), "192.0.2.1");
        assert_eq!(client("::1", "::1", "nonsense"), "::1");
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
    }
}
