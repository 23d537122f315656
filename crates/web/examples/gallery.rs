//! Writes every page in every state as a file, with the assets beside it, so that they can be
//! looked at: `cargo run -p roomkey-web --example gallery -- DIR`.

use std::path::PathBuf;
use std::{env, fs, io};

use roomkey_web::pages::{assets, samples};

fn main() -> io::Result<()> {
    let Some(directory) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "say where: gallery DIR"));
    };
    fs::create_dir_all(directory.join("assets"))?;
    for (name, bytes) in assets::all() {
        fs::write(directory.join("assets").join(name), bytes)?;
    }
    let mark = assets::url("");
    for sample in samples::all() {
        let html = sample.html.map_err(io::Error::other)?;
        // Files have no server above them.
        let html = html.replace(&mark, "assets/");
        fs::write(directory.join(format!("{}.html", sample.name)), html)?;
    }
    Ok(())
}
