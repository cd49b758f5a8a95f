//! Writes every sample page and the stylesheet to a folder, to look at: `cargo run --example pages -- <folder>`.

use std::{env, fs, path::PathBuf};

use sunvote::http::i18n::Lang;
use sunvote::http::pages::chrome::Elder;
use sunvote::http::pages::{samples, styles};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("name the folder to write to")?);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("app.css"), styles::APP_CSS)?;
    for sample in samples::all::ALL {
        for lang in Lang::ALL {
            for elder in Elder::ALL {
                let html = sample.render(lang, elder)?.replace(&styles::asset("app.css"), "app.css");
                let name = format!("{}.{}.{}.html", sample.name, lang.code(), elder.code());
                fs::write(folder.join(name), html)?;
            }
        }
    }
    Ok(())
}
