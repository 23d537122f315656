//! Alternative hosts: how Zoom writes them, and whom it will not have.

use super::refusal::Refusal;

/// As Zoom takes them: by semicolons.
pub(super) fn joined(hosts: &[String]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for host in hosts.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
        if !all.iter().any(|it| it.eq_ignore_ascii_case(host)) {
            all.push(host);
        }
    }
    all.join(";")
}

/// As Zoom shows them; older answers have commas.
pub(super) fn listed(text: &str) -> Vec<String> {
    text.split([';', ',']).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// Whether two lists name the same people, in whatever order and letters.
pub(super) fn same(one: &[String], other: &[String]) -> bool {
    let has_all = |all: &[String], of: &[String]| of.iter().all(|host| has(all, host));
    has_all(one, other) && has_all(other, one)
}

/// Whether a list names this person.
pub(super) fn has(all: &[String], host: &str) -> bool {
    all.iter().any(|it| it.trim().eq_ignore_ascii_case(host.trim()))
}

/// Those who are missing among a room's alternative hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Without {
    /// Whom Zoom would not have.
    pub(super) refused: Vec<String>,
    /// Who was left out because Zoom would not say whom it will not have.
    pub(super) left_out: Vec<String>,
}

/// So many refusals on their account are borne; then it is done without any.
const PATIENCE: u32 = 3;

/// Alternative hosts, as they are asked for again and again with fewer of them. Those whom Zoom names
/// fall away. Where it names nobody, one half is asked for without the other: who is alone in what is
/// refused, or alone in what made the difference, was refused.
#[derive(Debug)]
pub(super) struct Attempt {
    /// What was asked for at first, if anything.
    says: bool,
    asking: Vec<String>,
    /// The other half.
    waiting: Vec<String>,
    without: Without,
    refusals: u32,
}

impl Attempt {
    pub(super) fn new(asked: Option<Vec<String>>) -> Self {
        Self {
            says: asked.is_some(),
            asking: asked.unwrap_or_default(),
            waiting: Vec::new(),
            without: Without::default(),
            refusals: 0,
        }
    }

    /// Whom to ask for. With nobody left to name, those whom Zoom has stay as they are.
    pub(super) fn asked(&self) -> Option<Vec<String>> {
        let some = self.says && (self.refusals == 0 || !self.asking.is_empty());
        some.then(|| self.asking.clone())
    }

    /// Asks for fewer, if the refusal is about them.
    pub(super) fn give_way(&mut self, refusal: &Refusal, user: &str) -> bool {
        if self.asking.is_empty() {
            return false;
        }
        match blamed(refusal, user, &self.asking) {
            Blamed::Nobody => return false,
            Blamed::These(named) => {
                self.asking.retain(|it| !has(&named, it));
                self.without.refused.extend(named);
            }
            Blamed::Somebody if self.asking.len() == 1 => {
                self.without.refused.append(&mut self.asking);
            }
            Blamed::Somebody if self.refusals == 0 => {
                self.waiting = self.asking.split_off(self.asking.len().div_ceil(2));
            }
            Blamed::Somebody => self.without.left_out.append(&mut self.asking),
        }
        self.refusals += 1;
        if self.asking.is_empty() {
            self.asking.append(&mut self.waiting);
        }
        if self.refusals >= PATIENCE {
            self.without.left_out.append(&mut self.asking);
            self.without.left_out.append(&mut self.waiting);
        }
        true
    }

    /// Who is missing, now that Zoom has said yes. It had refused those who still wait together with
    /// those whom it has taken now.
    pub(super) fn end(mut self) -> Without {
        match self.waiting.len() {
            1 => self.without.refused.append(&mut self.waiting),
            _ => self.without.left_out.append(&mut self.waiting),
        }
        self.without
    }
}

/// Whom of those that were asked for a refusal is about.
#[derive(Debug, PartialEq, Eq)]
enum Blamed {
    /// It is about something else.
    Nobody,
    /// Those whom it names.
    These(Vec<String>),
    /// It names none, and is about them.
    Somebody,
}

/// Whom a refusal is about. The words about the room's own host are never about these.
fn blamed(refusal: &Refusal, user: &str, asked: &[String]) -> Blamed {
    if !refusal.spoken || !matches!(refusal.status, 200..=299 | 400 | 404) {
        return Blamed::Nobody;
    }
    let said = refusal.words().to_lowercase();
    let named: Vec<String> = asked
        .iter()
        .filter(|host| !host.trim().eq_ignore_ascii_case(user.trim()))
        .filter(|host| names(&said, &host.trim().to_lowercase()))
        .cloned()
        .collect();
    if !named.is_empty() {
        return Blamed::These(named);
    }
    let is_about_them = refusal.is_about("alternative_host") || said.contains("alternative host");
    if is_about_them { Blamed::Somebody } else { Blamed::Nobody }
}

/// Whether an address stands in a text by itself: `joana@…` does not name `ana@…`.
fn names(said: &str, address: &str) -> bool {
    !address.is_empty()
        && said.match_indices(address).any(|(at, found)| {
            let before = said.get(..at).and_then(|it| it.chars().next_back());
            let mut rest = said.get(at + found.len()..).unwrap_or_default().chars();
            let after = rest.next();
            // A full stop may end the sentence.
            let after = if after == Some('.') { rest.next() } else { after };
            !before.is_some_and(is_of_an_address) && !after.is_some_and(is_of_an_address)
        })
}

fn is_of_an_address(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "host@practice.example";

    fn list(hosts: &[&str]) -> Vec<String> {
        hosts.iter().map(|it| (*it).to_owned()).collect()
    }

    fn says(status: u16, body: &str) -> Refusal {
        Refusal::of_body(status, body)
    }

    #[test]
    fn they_are_written_and_read() {
        let three = list(&["ana@x.example", " ben@x.example", "", "ANA@x.example"]);
        assert_eq!(joined(&three), "ana@x.example;ben@x.example");
        assert_eq!(joined(&[]), "");
        for text in [
            "ana@x.example;ben@x.example",
            "ana@x.example, ben@x.example,",
            ";ana@x.example;;ben@x.example",
        ] {
            assert_eq!(listed(text), ["ana@x.example", "ben@x.example"], "{text}");
        }
        assert!(listed("").is_empty());
        assert!(same(&list(&["a@x", "B@x"]), &list(&["b@x", "A@x"])));
        assert!(!same(&list(&["a@x"]), &list(&["a@x", "b@x"])));
        assert!(same(&[], &[]));
    }

    #[test]
    fn a_refusal_names_whom_it_is_about() {
        let asked = list(&["ana@x.example", "joana@x.example", USER]);
        for (status, body, named) in [
            (
                400,
                r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"settings.alternative_hosts","message":"joana@x.example cannot be selected."}]}"#,
                list(&["joana@x.example"]),
            ),
            (
                400,
                r#"{"code":300,"message":"ANA@X.EXAMPLE, is no host."}"#,
                list(&["ana@x.example"]),
            ),
            (
                404,
                r#"{"code":1001,"message":"User does not exist: ana@x.example."}"#,
                list(&["ana@x.example"]),
            ),
            (
                400,
                r#"{"code":300,"message":"No alternative host may be unlicensed."}"#,
                asked.clone(),
            ),
            (
                400,
                r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"alternative_hosts","message":"Invalid field."}]}"#,
                asked.clone(),
            ),
            (
                400,
                r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"topic","message":"Too long."}]}"#,
                Vec::new(),
            ),
            (
                404,
                r#"{"code":1001,"message":"User does not exist: host@practice.example."}"#,
                Vec::new(),
            ),
            (400, r#"{"code":300,"message":"ana@x.example.org and mana@x.example"}"#, Vec::new()),
            (429, r#"{"code":429,"message":"alternative host ana@x.example"}"#, Vec::new()),
            (500, "<html>alternative host</html>", Vec::new()),
        ] {
            let expected = match named.as_slice() {
                [] => Blamed::Nobody,
                all if all == asked => Blamed::Somebody,
                some => Blamed::These(some.to_vec()),
            };
            assert_eq!(blamed(&says(status, body), USER, &asked), expected, "{status} {body}");
        }
    }

    /// A Zoom that refuses whoever is bad, and names the first of them or nobody.
    fn refusal(asked: &[String], bad: &[String], says_whom: bool) -> Option<Refusal> {
        let culprit = asked.iter().find(|it| bad.contains(it))?;
        let whom = if says_whom { culprit.as_str() } else { "somebody" };
        let body = format!(r#"{{"code":300,"message":"No alternative host: {whom}."}}"#);
        Some(says(400, &body))
    }

    #[test]
    fn only_those_are_blamed_whom_zoom_will_not_have() {
        let cases = (1..=5_usize).flat_map(|count| {
            (0..(1_usize << count))
                .flat_map(move |kinds| [(count, kinds, true), (count, kinds, false)])
        });
        for (count, kinds, says_whom) in cases {
            let host = |index: usize| format!("h{index}@x.example");
            let asked: Vec<String> = (0..count).map(host).collect();
            let is_bad = |index: &usize| (kinds >> index) & 1 == 1;
            let bad: Vec<String> = (0..count).filter(is_bad).map(host).collect();
            let mut attempt = Attempt::new(Some(asked.clone()));
            let mut refusals = 0;
            while let Some(refusal) = refusal(&attempt.asked().unwrap_or_default(), &bad, says_whom)
            {
                refusals += 1;
                assert!(refusals <= 3, "each counts against the user's day");
                assert!(attempt.give_way(&refusal, USER));
            }
            let had = attempt.asked().unwrap_or_default();
            let without = attempt.end();
            assert!(without.refused.iter().all(|it| bad.contains(it)), "{bad:?} {without:?}");
            let all = [had, without.refused.clone(), without.left_out.clone()].concat();
            assert!(same(&all, &asked) && all.len() == asked.len(), "nobody is forgotten: {all:?}");
            if bad.is_empty() || (says_whom && bad.len() <= 2) {
                assert!(without.left_out.is_empty() && same(&without.refused, &bad));
            }
            if count <= 2 {
                assert!(same(&without.refused, &bad), "of two it can be found out");
            }
        }
    }
}
