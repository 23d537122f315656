//! A letter as HTML: `templates/letter.mjml`, which the build script turned into a template.

use askama::Template;

use super::content::Content;

include!(concat!(env!("OUT_DIR"), "/letter.rs"));

mjml_letter! {
    /// The template's one argument.
    struct LetterHtml<'a> {
        letter: &'a Content,
    }
}

pub(super) fn html(letter: &Content) -> Result<String, askama::Error> {
    LetterHtml { letter }.render()
}
