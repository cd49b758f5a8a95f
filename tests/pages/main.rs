//! Every page, rendered from its sample in both languages and at every text size, must be whole: no missing text, well-formed
//! HTML, nothing that the content security policy would refuse, every field labelled.

mod gallery;
mod html;
mod papers;
mod texts;

use std::cell::Cell;

use html::Document;
use sunvote::http::i18n::Lang;
use sunvote::http::pages::chrome::Elder;
use sunvote::http::pages::samples::all::{ALL, Sample};

fn each(check: impl Fn(&Sample, Lang, &Document) -> Vec<String>) {
    let mut found = Vec::new();
    for sample in ALL {
        for lang in Lang::ALL {
            for elder in [Elder::Off, Elder::Largest] {
                let page = Document::parse(&sample.render(lang, elder).expect("the template renders"));
                let faults = check(sample, lang, &page);
                found.extend(faults.into_iter().map(|fault| format!("{} ({}): {fault}", sample.name, lang.code())));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_page_lacks_a_text() {
    each(|_, _, page| {
        let source = page.source.split('⟦').skip(1);
        source.filter_map(|rest| rest.split('⟧').next()).map(|key| format!("no text for {key}")).collect()
    });
}

#[test]
fn every_page_is_well_formed() {
    each(|_, _, page| page.faults.clone());
}

#[test]
fn no_page_holds_inline_script_or_style() {
    each(|_, _, page| {
        let mut faults = Vec::new();
        for tag in &page.tags {
            let inline_script = tag.name == "script" && tag.attribute("src").is_none();
            if tag.name == "style" || inline_script {
                faults.push(format!("inline {}", tag.name));
            }
            for (name, _) in &tag.attributes {
                if name == "style" || name.starts_with("on") {
                    faults.push(format!("attribute {name} on {}", tag.name));
                }
            }
        }
        faults
    });
}

#[test]
fn every_page_names_its_language_and_has_its_landmarks() {
    each(|_, lang, page| {
        let mut faults = Vec::new();
        if page.tags.iter().find(|tag| tag.name == "html").and_then(|tag| tag.attribute("lang")) != Some(lang.code()) {
            faults.push("html has the wrong lang".to_owned());
        }
        for landmark in ["main", "header", "footer", "nav", "h1", "title"] {
            if !page.tags.iter().any(|tag| tag.name == landmark) {
                faults.push(format!("no {landmark}"));
            }
        }
        if page.tags.iter().filter(|tag| tag.name == "h1").count() != 1 {
            faults.push("not exactly one h1".to_owned());
        }
        faults
    });
}

#[test]
fn every_field_has_a_label() {
    each(|_, _, page| {
        let labelled = |id: &str| page.tags.iter().any(|tag| tag.name == "label" && tag.attribute("for") == Some(id));
        let fields = page.tags.iter().filter(|tag| matches!(tag.name.as_str(), "input" | "select" | "textarea"));
        let visible = fields.filter(|tag| tag.attribute("type") != Some("hidden"));
        let bare = visible.filter(|tag| {
            !tag.inside_label && tag.attribute("aria-label").is_none() && !tag.attribute("id").is_some_and(labelled)
        });
        bare.map(|tag| format!("no label for field {:?}", tag.attribute("name"))).collect()
    });
}

/// A browser that refuses what was typed shows the title: without it, nobody learns which digits fit.
#[test]
fn every_field_for_money_says_how_to_write_it() {
    let seen = Cell::new(0);
    each(|_, _, page| {
        let money = page.tags.iter().filter(|tag| tag.attribute("inputmode") == Some("decimal"));
        let told = |tag: &&html::Tag| {
            seen.set(seen.get() + 1);
            tag.attribute("pattern").is_some() && tag.attribute("title").is_some_and(|title| title.contains("36000"))
        };
        money.filter(|tag| !told(tag)).map(|tag| format!("{:?}", tag.attributes)).collect()
    });
    assert!(seen.get() > 0, "a sample has such a field");
}

#[test]
fn every_picture_has_its_words_and_every_id_is_given_once() {
    each(|_, _, page| {
        let mut faults = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        for tag in &page.tags {
            if tag.name == "img" && tag.attribute("alt").is_none() {
                faults.push("img without alt".to_owned());
            }
            if let Some(id) = tag.attribute("id").filter(|id| !ids.insert(*id)) {
                faults.push(format!("id {id} twice"));
            }
        }
        for tag in &page.tags {
            let target = tag.attribute("href").and_then(|href| href.strip_prefix('#'));
            if let Some(id) = target.filter(|id| !ids.contains(id)) {
                faults.push(format!("link to #{id}, which is not there"));
            }
        }
        faults
    });
}

#[test]
fn every_form_that_changes_something_carries_its_token() {
    each(|_, _, page| {
        let posts =
            page.tags.iter().filter(|tag| tag.name == "form" && tag.attribute("method") == Some("post")).count();
        let tokens = page.tags.iter().filter(|tag| tag.attribute("name") == Some("csrf")).count();
        if posts == tokens { Vec::new() } else { vec![format!("{posts} post forms, {tokens} csrf fields")] }
    });
}

#[test]
fn both_switches_and_the_banner_of_what_is_played_are_on_every_page() {
    each(|_, lang, page| {
        let mut faults = Vec::new();
        let other = lang.other().code();
        if !page.tags.iter().any(|tag| tag.name == "a" && tag.attribute("hreflang") == Some(other)) {
            faults.push("no language switch".to_owned());
        }
        if !page.tags.iter().any(|tag| tag.name == "button" && tag.attribute("name") == Some("elder")) {
            faults.push("no elder switch".to_owned());
        }
        if !page.tags.iter().any(|tag| tag.attribute("class").is_some_and(|class| class.starts_with("demo-bar"))) {
            faults.push("no banner".to_owned());
        }
        faults
    });
}

#[test]
fn a_matter_page_weighs_little() {
    let page = ALL.iter().find(|sample| sample.name == "matter").expect("the matter sample");
    let html = page.render(Lang::ZhCn, Elder::Off).expect("the template renders");
    let bytes = html.len() + sunvote::http::pages::styles::APP_CSS.len();
    assert!(bytes < 100_000, "{bytes} bytes before compression");
}
