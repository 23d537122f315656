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

/// Those of the hosts that were asked for whom a refusal is about: those whom it names; all, if it
/// is about alternative hosts and names none; nobody, if it is about something else. The words about
/// the room's own host are never about these.
pub(super) fn refused(refusal: &Refusal, user: &str, asked: &[String]) -> Vec<String> {
    if !refusal.spoken || !matches!(refusal.status, 200..=299 | 400 | 404) {
        return Vec::new();
    }
    let said = refusal.words().to_lowercase();
    let named: Vec<String> = asked
        .iter()
        .filter(|host| !host.trim().eq_ignore_ascii_case(user.trim()))
        .filter(|host| names(&said, &host.trim().to_lowercase()))
        .cloned()
        .collect();
    if !named.is_empty() {
        return named;
    }
    let is_about_them = refusal.is_about("alternative_host") || said.contains("alternative host");
    if is_about_them { asked.to_vec() } else { Vec::new() }
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
            assert_eq!(refused(&says(status, body), USER, &asked), named, "{status} {body}");
        }
    }
}
