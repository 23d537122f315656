//! Who may say from where a request came.

use std::net::IpAddr;
use std::str::FromStr;

/// A proxy, or a net of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proxies {
    pub(crate) address: IpAddr,
    pub(crate) bits: u8,
}

/// A text is no address or net.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address such as 10.0.0.7 nor a net such as 10.0.0.0/8")]
pub(crate) struct BadProxies(String);

impl FromStr for Proxies {
    type Err = BadProxies;

    fn from_str(text: &str) -> Result<Self, BadProxies> {
        let bad = || BadProxies(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(bad)?,
            None => most,
        };
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_nets_are_read() {
        assert_eq!("10.0.0.7".parse::<Proxies>().map(|it| it.bits).ok(), Some(32));
        assert_eq!("fd00::/8".parse::<Proxies>().map(|it| it.bits).ok(), Some(8));
        for bad in ["", "10.0.0.0/33", "proxy", "10.0.0.0/", "::/129"] {
            assert!(bad.parse::<Proxies>().is_err(), "{bad}");
        }
    }
}
