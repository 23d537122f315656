//! Money for a booking, as whoever takes it tells of it: what is believed to be its price, and what
//! is left for a person to decide.
//!
//! A payment is known by its reference, and counts once however often it is told of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::failure::Reason;
use crate::time::Instant;

/// A currency: the three letters of ISO 4217, written small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a currency's three letters such as eur")]
pub struct BadCurrency;

impl Currency {
    /// Those whose amounts are told in whole units.
    const WHOLE: [&'static str; 15] = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
        "xof", "xpf",
    ];
    /// Those whose amounts are told in thousandths; all others' in hundredths.
    const THOUSANDTHS: [&'static str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits stand after the point.
    fn digits(self) -> u32 {
        if Self::WHOLE.contains(&self.as_str()) {
            0
        } else if Self::THOUSANDTHS.contains(&self.as_str()) {
            3
        } else {
            2
        }
    }
}

impl FromStr for Currency {
    type Err = BadCurrency;

    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let letters = <[u8; 3]>::try_from(text.as_bytes()).map_err(|_| BadCurrency)?;
        let letters = letters.map(|it| it.to_ascii_lowercase());
        if letters.iter().all(u8::is_ascii_lowercase) {
            Ok(Self(letters))
        } else {
            Err(BadCurrency)
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = BadCurrency;

    fn try_from(text: String) -> Result<Self, BadCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// An amount of money, in the smallest unit of its currency: 5000 and `eur` are fifty euros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// How many of the smallest unit.
    pub amount: u64,
    /// Of which currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.digits();
        let unit = 10_u64.pow(digits);
        write!(f, "{}", self.amount / unit)?;
        if digits > 0 {
            let width = usize::try_from(digits).unwrap_or(0);
            write!(f, ".{:0width$}", self.amount % unit)?;
        }
        write!(f, " {}", self.currency.as_str().to_ascii_uppercase())
    }
}

/// Who said which booking a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The practice or its platform, when it asked for the money.
    Seller,
    /// Somebody whom the buyer may have been.
    Anybody,
}

/// A payment that has come, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What makes it the same payment when it is told again.
    pub reference: String,
    /// How much it was, where that is told.
    pub money: Option<Money>,
    /// Who said which booking it is for.
    pub named_by: NamedBy,
    /// When it came.
    pub at: Instant,
}

impl Received {
    /// Whether it settles what a session costs; a service without a price takes the seller's word.
    ///
    /// # Errors
    /// Why a person is to decide.
    pub fn settles(&self, price: Option<&Money>) -> Result<(), Reason> {
        match (price, self.named_by) {
            (None, NamedBy::Seller) => Ok(()),
            (None, NamedBy::Anybody) => Err(Reason::new(
                "payment_unproven",
                "A payment names this booking only by its client_reference_id, which a buyer can choose, and the service has no price to compare it with. \
                 Look it up where it was paid, then confirm the booking or pay it back.",
            )),
            (Some(price), _) if self.money.as_ref() == Some(price) => Ok(()),
            (Some(price), _) => {
                let paid = self.money.map_or_else(|| "nothing".to_owned(), |it| it.to_string());
                Err(Reason::new(
                    "payment_differs",
                    format!(
                        "The session costs {price}, and what was paid is {paid}. Confirm the booking if that will do, or pay it back."
                    ),
                ))
            }
        }
    }
}

/// Where a booking's payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was paid.
    Paid,
    /// Something was paid, and a person is to say whether it will do.
    Mismatch,
}

impl Standing {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Mismatch => "mismatch",
        }
    }
}

/// What is known of a booking's payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Where it stands.
    pub status: Standing,
    /// When it came.
    pub at: Instant,
    /// How much it was, where that was told.
    pub money: Option<Money>,
    /// What it is called where it was paid.
    pub reference: String,
    /// Why a person is to decide.
    pub reason: Option<Reason>,
    /// Other payments that came for the same booking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

/// What a payment that has come changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It was known: it changes nothing, whatever has become of the booking since.
    Known,
    /// The booking is paid for, if nothing else stands in the way.
    Settles(Payment),
    /// Somebody is to look at it.
    Puzzles(Payment, Reason),
}

impl Payment {
    /// What is known once a payment has come.
    #[must_use]
    pub fn after(known: Option<&Self>, received: &Received, price: Option<&Money>) -> News {
        let settles = received.settles(price);
        let mut others = known.map(|it| it.others.clone()).unwrap_or_default();
        if let Some(known) = known {
            let same = known.reference == received.reference;
            // One payment is told of in several ways, and not each of them says as much.
            let says_more = same && known.status == Standing::Mismatch && settles.is_ok();
            if others.contains(&received.reference) || (same && !says_more) {
                return News::Known;
            }
            if known.status == Standing::Paid {
                others.push(received.reference.clone());
                return News::Puzzles(Self { others, ..known.clone() }, paid_before(known));
            }
            if !same {
                others.push(known.reference.clone());
            }
        }
        let (status, reason) = match settles {
            Ok(()) => (Standing::Paid, None),
            Err(reason) => (Standing::Mismatch, Some(reason)),
        };
        let payment = Self {
            status,
            at: received.at,
            money: received.money,
            reference: received.reference.clone(),
            reason: reason.clone(),
            others,
        };
        match reason {
            None => News::Settles(payment),
            Some(reason) => News::Puzzles(payment, reason),
        }
    }
}

fn paid_before(known: &Payment) -> Reason {
    Reason::new(
        "paid_before",
        format!("The booking was paid before, by {}. Pay one of them back.", known.reference),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: u64, currency: &str) -> Money {
        Money { amount, currency: currency.parse().unwrap() }
    }

    fn received(reference: &str, amount: u64, named_by: NamedBy) -> Received {
        let money = Some(money(amount, "eur"));
        Received { reference: reference.to_owned(), money, named_by, at: Instant::from_micros(7) }
    }

    #[test]
    fn money_is_written_as_its_currency_is() {
        for (amount, currency, words) in [
            (5_000, "eur", "50.00 EUR"),
            (5, "usd", "0.05 USD"),
            (5_000, "jpy", "5000 JPY"),
            (5_050, "kwd", "5.050 KWD"),
        ] {
            assert_eq!(money(amount, currency).to_string(), words);
        }
        assert_eq!("EUR".parse::<Currency>().unwrap().as_str(), "eur");
        for wrong in ["", "eu", "euro", "e1r", "é1"] {
            assert_eq!(wrong.parse::<Currency>(), Err(BadCurrency), "{wrong}");
        }
    }

    #[test]
    fn a_price_is_met_exactly_or_a_person_decides() {
        let price = money(5_000, "eur");
        let settles =
            |received: &Received| received.settles(Some(&price)).map_err(|reason| reason.code);
        let differs = Err("payment_differs".to_owned());
        for named_by in [NamedBy::Seller, NamedBy::Anybody] {
            assert_eq!(settles(&received("pi_1", 5_000, named_by)), Ok(()));
            assert_eq!(settles(&received("pi_1", 4_999, named_by)), differs);
            assert_eq!(settles(&received("pi_1", 5_001, named_by)), differs);
        }
        let dollars =
            Received { money: Some(money(5_000, "usd")), ..received("pi_1", 0, NamedBy::Seller) };
        assert_eq!(settles(&dollars), differs);
        assert_eq!(settles(&Received { money: None, ..dollars }), differs);
    }

    #[test]
    fn without_a_price_only_the_seller_is_believed() {
        assert_eq!(received("pi_1", 1, NamedBy::Seller).settles(None), Ok(()));
        let reason = received("pi_1", 1, NamedBy::Anybody).settles(None).unwrap_err();
        assert_eq!(reason.code, "payment_unproven");
    }

    #[test]
    fn a_payment_counts_once_and_a_second_one_is_told() {
        let price = money(5_000, "eur");
        let first = received("pi_1", 5_000, NamedBy::Seller);
        let News::Settles(paid) = Payment::after(None, &first, Some(&price)) else {
            panic!("it is the price");
        };
        assert_eq!(Payment::after(Some(&paid), &first, Some(&price)), News::Known);
        // Whatever the price has become since.
        assert_eq!(Payment::after(Some(&paid), &first, None), News::Known);
        let second = received("pi_2", 5_000, NamedBy::Seller);
        let News::Puzzles(paid, reason) = Payment::after(Some(&paid), &second, Some(&price)) else {
            panic!("it was paid before");
        };
        assert_eq!((paid.status, paid.reference.as_str()), (Standing::Paid, "pi_1"));
        assert_eq!((reason.code.as_str(), paid.reason.as_ref()), ("paid_before", None));
        assert_eq!(Payment::after(Some(&paid), &second, Some(&price)), News::Known);
    }

    #[test]
    fn what_did_not_do_gives_way_to_what_does() {
        let price = money(5_000, "eur");
        let little = received("pi_1", 100, NamedBy::Seller);
        let News::Puzzles(known, _) = Payment::after(None, &little, Some(&price)) else {
            panic!("it is not the price");
        };
        assert_eq!(Payment::after(Some(&known), &little, Some(&price)), News::Known);
        let right = received("pi_2", 5_000, NamedBy::Seller);
        let News::Settles(paid) = Payment::after(Some(&known), &right, Some(&price)) else {
            panic!("it is the price");
        };
        assert_eq!(
            (paid.reference.as_str(), paid.others.as_slice()),
            ("pi_2", &["pi_1".into()][..])
        );
        assert_eq!(Payment::after(Some(&paid), &little, Some(&price)), News::Known);
        // The same payment, told of by somebody who is believed.
        let News::Puzzles(known, _) =
            Payment::after(None, &received("pi_3", 9, NamedBy::Anybody), None)
        else {
            panic!("nobody vouches for it");
        };
        let told = Payment::after(Some(&known), &received("pi_3", 9, NamedBy::Seller), None);
        assert!(matches!(told, News::Settles(paid) if paid.others.is_empty()));
    }
}
