//! Whom to ask: an e-mail address, a telephone number, or plain words.

/// The practice's contact as the tenant wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// A contact; nothing if it is blank.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.0
    }

    /// Where a click leads: a mail or a call. Anything else is not a link.
    #[must_use]
    pub fn href(&self) -> Option<String> {
        let text = self.0.as_str();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if digits >= 5 && text.chars().all(|it| it.is_ascii_digit() || "+ ()-./".contains(it)) {
            let number: String =
                text.chars().filter(|it| it.is_ascii_digit() || *it == '+').collect();
            return Some(format!("tel:{number}"));
        }
        let plain = |it: char| it.is_ascii_alphanumeric() || "@.-_+".contains(it);
        let (name, domain) = text.split_once('@')?;
        let mail = !name.is_empty() && domain.contains('.') && text.chars().all(plain);
        (mail && !domain.contains('@')).then(|| format!("mailto:{text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_numbers_become_links() {
        let href = |text: &str| Contact::new(text).expect("a contact").href();
        assert_eq!(href("hello@oaklane.example"), Some("mailto:hello@oaklane.example".to_owned()));
        assert_eq!(href("+351 21 000 00 00"), Some("tel:+351210000000".to_owned()));
        assert_eq!(href("the front desk"), None);
        assert_eq!(href("javascript:alert(1)@x.example"), None);
        assert_eq!(Contact::new("  "), None);
    }
}
