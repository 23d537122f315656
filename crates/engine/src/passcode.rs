//! Passcodes that are made up here, for rooms whose vendor makes none.

use roomkey_vault::Entropy;
use secrecy::SecretString;

/// Letters and figures that nobody takes for one another.
const LOWER: &[u8] = b"abcdefghjkmnpqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ";
const FIGURES: &[u8] = b"23456789";

/// A passcode of ten characters, as accounts' rules mostly want them: both cases, figures and one
/// character that is neither. Nothing in it needs care in an address or over the telephone.
pub(crate) fn made_up(entropy: &Entropy) -> SecretString {
    let one = |of: &[u8]| {
        let index = entropy.below(u64::try_from(of.len()).unwrap_or(1));
        usize::try_from(index).ok().and_then(|index| of.get(index)).copied().map_or('x', char::from)
    };
    let sets = [UPPER, LOWER, FIGURES, LOWER, b"-", UPPER, LOWER, FIGURES, LOWER, LOWER];
    sets.into_iter().map(one).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn it_is_short_enough_mixed_and_another_each_time() {
        let entropy = Entropy::seeded(1);
        let (one, two) = (made_up(&entropy), made_up(&entropy));
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert_eq!(one.expose_secret().chars().count(), 10);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "@-_*".contains(c);
        assert!(one.expose_secret().chars().all(allowed));
    }
}
