//! Turns `templates/*.mjml` into askama templates, once, so that a mail costs no MJML.
//!
//! For each template a macro is written, `mjml_letter!` for `letter.mjml`: what it is given becomes
//! a struct that is an askama template of the HTML, checked and escaped by askama as any other.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use mrml::prelude::render::RenderOptions;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=templates");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for entry in fs::read_dir("templates")? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "mjml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.file_stem().and_then(|it| it.to_str()).ok_or("a template's name")?;
            fs::write(out.join(format!("{name}.rs")), template(name, &compile(&path)?))?;
        }
    }
    Ok(())
}

fn compile(path: &Path) -> Result<String, Box<dyn Error>> {
    let parsed = mrml::parse(fs::read_to_string(path)?)?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(format!("{}: {warning:?}", path.display()).into());
    }
    // No fonts: otherwise a mail would fetch them from strangers.
    let options = RenderOptions { fonts: Default::default(), ..RenderOptions::default() };
    Ok(parsed.element.render(&options)?)
}

fn template(name: &str, html: &str) -> String {
    format!(
        "macro_rules! mjml_{name} {{\n\
         ($(#[$meta:meta])* $visibility:vis struct $($rest:tt)*) => {{\n\
         #[derive(::askama::Template)]\n\
         #[template(source = {html:?}, ext = \"html\")]\n\
         $(#[$meta])* $visibility struct $($rest)*\n\
         }};\n\
         }}\n"
    )
}
