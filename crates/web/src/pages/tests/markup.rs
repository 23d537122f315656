//! Enough of a reader of HTML to ask what a page holds.

/// A tag that opens, and what comes after it.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// The text until the next tag, as it is written.
    pub(super) text: String,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// Every tag of a page, closing ones with their slash.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (inside, after) = split_at_close(rest);
        let text = after.split('<').next().unwrap_or("");
        tags.push(read(inside, text));
        rest = after;
    }
    tags
}

/// Splits at the `>` that is in no quotes.
fn split_at_close(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    panic!("a tag that never closes: {}", &text[..text.len().min(80)]);
}

fn read(inside: &str, text: &str) -> Tag {
    let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let (name, mut rest) = inside.split_at(name_end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|it: char| it.is_whitespace() || it == '/');
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|it: char| it == '=' || it.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if let Some(value) = after.strip_prefix("=\"") {
            let end = value.find('"').expect("a value that ends");
            attributes.push((key.to_owned(), unescape(&value[..end])));
            rest = &value[end + 1..];
        } else {
            assert!(!after.starts_with('='), "a value without quotes in <{inside}>");
            attributes.push((key.to_owned(), String::new()));
            rest = after;
        }
    }
    Tag { name: name.trim_end_matches('/').to_owned(), attributes, text: unescape(text) }
}

fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&lt;", "<")
        .replace("&#62;", ">")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// Everything that a person reads or hears.
pub(super) fn words(html: &str) -> String {
    let mut words = String::new();
    for tag in tags(html) {
        for name in ["aria-label", "placeholder", "title", "alt"] {
            if let Some(value) = tag.get(name) {
                words.push_str(value);
                words.push('\n');
            }
        }
        words.push_str(&tag.text);
        words.push('\n');
    }
    words
}
