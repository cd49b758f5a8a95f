//! Leaves every sample where the browser suite looks for it (tests/e2e/samples.test.ts), which sees what HTML alone can't show.

use std::fs;
use std::path::Path;

use sunvote::http::i18n::Lang;
use sunvote::http::pages::chrome::Elder;
use sunvote::http::pages::samples::all::ALL;
use sunvote::http::pages::styles::APP_CSS;

#[test]
fn every_sample_is_written_for_the_browser() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("app.css"), APP_CSS).unwrap();
    for sample in ALL {
        for lang in Lang::ALL {
            for elder in [Elder::Off, Elder::Largest] {
                let file = format!("{}.{}.{}.html", sample.name, lang.code(), elder.code());
                fs::write(folder.join(file), sample.render(lang, elder).unwrap()).unwrap();
            }
        }
    }
}
