//! The marker's place: the end of the agenda's first line, where lists still show it.

const LINE: &str = "Arranged by Roomkey. Please keep this line:";

/// Lists cut agendas after so many characters.
#[cfg(test)]
const SHOWN_IN_LISTS: usize = 250;

/// Zoom refuses longer ones.
const LONGEST: usize = 2000;

/// The agenda of a new meeting.
pub(super) fn with_marker(marker: &str) -> String {
    format!("{LINE} {marker}")
}

/// An agenda whose marker was lost, with the marker back at its head and the words kept.
pub(super) fn restored(marker: &str, words: &str) -> String {
    let mut agenda = with_marker(marker);
    if !words.trim().is_empty() {
        agenda.push('\n');
        let room = LONGEST.saturating_sub(agenda.chars().count());
        agenda.extend(words.chars().take(room));
    }
    agenda
}

/// Whether the marker is in it as a whole word: another room's marker may begin with this one.
pub(super) fn has_marker(agenda: &str, marker: &str) -> bool {
    !marker.is_empty()
        && agenda.match_indices(marker).any(|(at, found)| {
            let before = agenda.get(..at).and_then(|text| text.chars().next_back());
            let after = agenda.get(at + found.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_of_a_word) && !after.is_some_and(is_of_a_word)
        })
}

/// The markers with this beginning that are in it as whole words, each once.
pub(super) fn markers(agenda: &str, beginning: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in agenda.match_indices(beginning).filter(|_| !beginning.is_empty()) {
        let word: String =
            agenda.get(at..).unwrap_or_default().chars().take_while(|c| is_of_a_word(*c)).collect();
        if word.len() > beginning.len() && has_marker(agenda, &word) && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '/' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "rk-7f3a-01hf8q2m5d9k7c1x0a2b3c4d5e";

    #[test]
    fn the_marker_is_shown_in_lists() {
        let agenda = restored(MARKER, &"x".repeat(5000));
        assert_eq!(agenda.chars().count(), LONGEST);
        let shown: String = agenda.chars().take(SHOWN_IN_LISTS).collect();
        assert!(has_marker(&shown, MARKER));
        assert!(agenda.lines().next().expect("a line").ends_with(MARKER));
    }

    #[test]
    fn a_marker_is_a_whole_word() {
        for (agenda, found) in [
            (with_marker(MARKER), true),
            (format!("{MARKER}."), true),
            (format!("<p>{MARKER}</p>"), true),
            (format!("notes\n{MARKER}\nmore"), true),
            (format!("{MARKER}0"), false),
            (format!("x{MARKER}"), false),
            (format!("{MARKER}-2"), false),
            (format!("{MARKER}0 {MARKER}"), true),
            (MARKER[..10].to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(has_marker(&agenda, MARKER), found, "{agenda}");
        }
        assert!(!has_marker("anything", ""));
    }

    #[test]
    fn markers_are_found_by_their_beginning() {
        let found = |agenda: &str| markers(agenda, "rk-7f3a-");
        assert_eq!(found(&with_marker(MARKER)), [MARKER]);
        assert_eq!(found(&format!("<b>{MARKER}</b> {MARKER}.")), [MARKER]);
        assert_eq!(found("rk-7f3a-one and rk-7f3a-two"), ["rk-7f3a-one", "rk-7f3a-two"]);
        for other in ["rk-7f3a-", "rk-7f3b-one", "xrk-7f3a-one", "rk-7f3", ""] {
            assert_eq!(found(other), [""; 0], "{other}");
        }
    }

    #[test]
    fn what_the_host_wrote_is_kept() {
        assert_eq!(
            restored("m", "Bring the book"),
            format!("{}\nBring the book", with_marker("m"))
        );
        assert_eq!(restored("m", " \n"), with_marker("m"));
    }
}
