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
    fn what_the_host_wrote_is_kept() {
        assert_eq!(
            restored("m", "Bring the book"),
            format!("{}\nBring the book", with_marker("m"))
        );
        assert_eq!(restored("m", " \n"), with_marker("m"));
    }
}
