//! A letter as plain text: complete by itself.

use super::content::{Content, Row};

pub(super) fn text(content: &Content) -> String {
    let mut text = Vec::new();
    text.push(content.practice.clone());
    text.push(String::new());
    if let Some(greeting) = &content.greeting {
        text.push(greeting.clone());
        text.push(String::new());
    }
    text.push(content.heading.clone());
    text.push(String::new());
    text.push(content.title.clone());
    text.push(String::new());
    let when =
        Row { label: content.when_label, value: content.when.line(), was: content.was.clone() };
    table(&mut text, std::iter::once(&when).chain(&content.rows), content.before_label);
    if let Some(note) = &content.note {
        text.push(String::new());
        text.push(note.clone());
    }
    if let Some(button) = &content.button {
        text.push(String::new());
        text.push(format!("{}:", button.words));
        text.push(button.link.clone());
    }
    if !content.details.is_empty() {
        text.push(String::new());
        table(&mut text, content.details.iter(), content.before_label);
    }
    text.push(String::new());
    text.extend(content.lines.iter().cloned());
    text.push(String::new());
    text.push("-- ".to_owned());
    text.push(content.footer.clone());
    text.push(String::new());
    text.join("\r\n")
}

/// Names in one column, values in the next; what was before stands below.
fn table<'a>(text: &mut Vec<String>, rows: impl Iterator<Item = &'a Row> + Clone, before: &str) {
    let width = rows
        .clone()
        .flat_map(|it| [Some(it.label), it.was.as_ref().map(|_| before)])
        .flatten()
        .map(|it| it.chars().count())
        .max()
        .unwrap_or(0);
    for row in rows {
        text.push(format!("{:width$}  {}", row.label, row.value));
        if let Some(was) = &row.was {
            text.push(format!("{before:width$}  {was}"));
        }
    }
}
