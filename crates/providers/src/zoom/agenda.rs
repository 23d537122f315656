//! The marker's place: the end of the agenda's first line, where lists still show it. A session's
//! own words follow.

const LINE: &str = "Arranged by Roomkey. Please keep this line:";

/// Lists cut agendas after so many characters.
#[cfg(test)]
const SHOWN_IN_LISTS: usize = 250;

/// Zoom refuses longer ones.
const LONGEST: usize = 2000;

/// The end of words that had to be cut.
const CUT: char = '…';

/// The agenda of a meeting without words of its own.
pub(super) fn with_marker(marker: &str) -> String {
    format!("{LINE} {marker}")
}

/// An agenda with the marker first and these words after it, cut if they are too many.
pub(super) fn composed(marker: &str, words: &str) -> String {
    let mut agenda = with_marker(marker);
    let words = without_markers(marker, words.trim());
    if words.is_empty() {
        return agenda;
    }
    agenda.push('\n');
    let room = LONGEST.saturating_sub(agenda.chars().count());
    if words.chars().count() <= room {
        agenda.push_str(&words);
    } else {
        agenda.extend(words.chars().take(room.saturating_sub(1)).chain([CUT]));
    }
    agenda
}

/// Whether two agendas say the same: vendors have their own ends of lines.
pub(super) fn is_like(shown: &str, wanted: &str) -> bool {
    let plain = |text: &str| {
        let lines: Vec<String> = text
            .replace("\r\n", "\n")
            .split(['\n', '\r'])
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.join("\n").trim().to_owned()
    };
    plain(shown) == plain(wanted)
}

/// Words in which no other room of this installation can be named: a guest may be called whatever
/// they like, and a room is ours by its marker.
fn without_markers(marker: &str, words: &str) -> String {
    match marker.rsplit_once('-') {
        Some((beginning, _)) if !beginning.is_empty() => {
            words.replace(&format!("{beginning}-"), &format!("{beginning} "))
        }
        Some(_) | None => words.to_owned(),
    }
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
    fn the_words_follow_the_marker_and_are_cut() {
        assert_eq!(composed("m", " "), with_marker("m"));
        assert_eq!(composed("m", "Bring\nthe book\n"), format!("{LINE} m\nBring\nthe book"));
        let line = with_marker(MARKER).chars().count() + 1;
        for (length, cut) in [(LONGEST - line, false), (LONGEST - line + 1, true), (5000, true)] {
            let agenda = composed(MARKER, &"é".repeat(length));
            assert_eq!(agenda.chars().count(), LONGEST);
            assert_eq!(agenda.ends_with(CUT), cut, "{length}");
            let shown: String = agenda.chars().take(SHOWN_IN_LISTS).collect();
            assert!(has_marker(&shown, MARKER));
        }
    }

    #[test]
    fn no_words_name_another_room() {
        let other = "rk-7f3a-01hf8q2m5d9k7c1x0a2b3c4d5f";
        let agenda = composed(MARKER, &format!("With {other} and rk-rk-7f3a-7f3a-x"));
        assert!(!has_marker(&agenda, other), "{agenda}");
        assert_eq!(markers(&agenda, "rk-7f3a-"), [MARKER]);
    }

    #[test]
    fn ends_of_lines_make_no_difference() {
        assert!(is_like("a\r\nb  \r\n", "a\nb"));
        assert!(is_like("a\rb", "a\nb\n"));
        assert!(!is_like("a\n\nb", "a\nb"));
        assert!(!is_like("", "a"));
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
