//! The two locale files hold the same keys with the same variables, and every key that a page or the code names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sunvote::app::forms::spec::{Input, specs};
use sunvote::core::act::Kind;
use sunvote::core::model::Role;
use sunvote::core::state::phase::Phase;
use sunvote::http::act::labels::called;
use sunvote::http::i18n::{EN_FTL, Lang, ZH_CN_FTL};
use sunvote::http::pages::parts::Outcome;

/// Keys of a file, each with the variables it takes.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines() {
        let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if let Some((key, _)) = line.split_once(" =").filter(|_| starts) {
            key.clone_into(&mut current);
            assert!(found.insert(current.clone(), BTreeSet::new()).is_none(), "{key} is given twice");
        }
        for rest in line.split('$').skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.entry(current.clone()).or_default().insert(name);
        }
    }
    found
}

#[test]
fn both_languages_say_the_same_things() {
    let (zh, en) = (messages(ZH_CN_FTL), messages(EN_FTL));
    let lacking: Vec<_> = zh.iter().filter(|(key, _)| !en.contains_key(*key)).map(|(key, _)| key).collect();
    assert!(lacking.is_empty(), "English lacks {lacking:?}");
    let lacking: Vec<_> = en.iter().filter(|(key, _)| !zh.contains_key(*key)).map(|(key, _)| key).collect();
    assert!(lacking.is_empty(), "Chinese lacks {lacking:?}");
    for (key, variables) in &zh {
        assert_eq!(Some(variables), en.get(key), "the variables of {key} differ");
    }
}

#[test]
fn both_files_are_sound_fluent() {
    for source in [ZH_CN_FTL, EN_FTL] {
        if let Err((_, errors)) = fluent_bundle::FluentResource::try_new(source.to_owned()) {
            panic!("{errors:?}");
        }
    }
}

#[test]
fn every_key_that_a_template_names_is_there() {
    let mut lacking = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/templates");
    for entry in fs::read_dir(folder).expect("the templates") {
        let path = entry.expect("a template").path();
        let source = fs::read_to_string(&path).expect("a template's text");
        for rest in source.split("c.t(\"").skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            if !key.contains('{') && !Lang::ALL.iter().all(|lang| lang.has(key)) {
                lacking.push(format!("{}: {key}", path.display()));
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn chinese_texts_use_chinese_punctuation() {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for line in ZH_CN_FTL.lines().filter(|line| !line.starts_with('#')) {
        let letters: Vec<char> = line.chars().collect();
        for pair in letters.windows(2) {
            assert!(
                !(han(pair[0]) && matches!(pair[1], ',' | ';' | ':' | '?' | '!' | '(')),
                "half-width mark in: {line}"
            );
        }
    }
}

/// Every statement kind of the law's table, every rule, role, body and outcome has its words.
#[test]
fn every_code_of_the_law_has_its_words() {
    let law: serde_json::Value =
        serde_json::from_str(include_str!("../../src/core/law.json")).expect("the law's table");
    let kinds = law["kinds"].as_object().expect("kinds").keys();
    let mut keys: Vec<String> = kinds.flat_map(|kind| [format!("kind-{kind}"), format!("do-{kind}")]).collect();
    let model = include_str!("../../src/core/model.rs");
    let rejections = include_str!("../../src/core/reject.rs");
    keys.extend(codes(rejections, "Rule").map(|code| format!("rule-{code}")));
    for (name, prefix) in [
        ("Category", "category"),
        ("Category", "category-short"),
        ("Role", "role"),
        ("Body", "body"),
        ("Level", "level"),
        ("Source", "source"),
        ("Channel", "channel"),
        ("Mode", "mode"),
    ] {
        keys.extend(codes(model, name).map(|code| format!("{prefix}-{code}")));
    }
    keys.extend(Phase::ALL.map(|phase| format!("session-{}", phase.code())));
    keys.extend(Outcome::ALL.map(|outcome| format!("outcome-{}", outcome.code())));
    let spelled = keys.iter().map(|key| key.replace(['.', '_'], "-").to_ascii_lowercase());
    let lacking: Vec<_> = spelled.filter(|key| !Lang::ALL.iter().all(|lang| lang.has(key))).collect();
    assert!(lacking.is_empty(), "no words for {lacking:?}");
}

/// Every field of every form, and everything that can be chosen there, has its words.
#[test]
fn every_field_and_choice_of_a_form_has_its_words() {
    let mut keys = BTreeSet::new();
    for (kind, role) in Kind::ALL.iter().flat_map(|kind| Role::ALL.iter().map(|role| (*kind, *role))) {
        for spec in specs(kind, role).into_iter().flatten() {
            keys.insert(format!("field-{}", called(kind, spec.name)));
            if let Input::Choice(codes) | Input::Several(codes) = spec.input {
                keys.extend(codes.iter().map(|code| format!("choice-{code}")));
            }
        }
    }
    assert!(keys.len() > 100, "the forms hold {}", keys.len());
    let spelled = keys.iter().map(|key| key.replace(['.', '_'], "-"));
    let lacking: Vec<_> = spelled.filter(|key| !Lang::ALL.iter().all(|lang| lang.has(key))).collect();
    assert!(lacking.is_empty(), "no words for {lacking:?}");
}

/// Whoever reads about the walk and then opens the demo finds the same steps and the same roles.
#[test]
fn the_readme_names_steps_and_roles_as_the_pages_do() {
    let digits = ["一", "二", "三", "四", "五", "六"];
    let roles = [
        "clerk",
        "branch-secretary",
        "chair",
        "supervision-committee",
        "grid-worker",
        "representative",
        "township-drafter",
        "township-approver",
    ];
    let files = [
        (Lang::En, include_str!("../../README.md").to_lowercase()),
        (Lang::ZhCn, include_str!("../../README.zh-CN.md").to_lowercase()),
    ];
    for (lang, readme) in files {
        let word = |key: String| lang.t(key).to_string().to_lowercase();
        let walk: String = (1..=6).map(|step| word(format!("demo-walk-{step}"))).collect();
        for (step, digit) in (1..=6).zip(digits) {
            let number = if lang == Lang::En { step.to_string() } else { digit.to_owned() };
            let row = format!("| {number} {} |", word(format!("stage-{step}")));
            assert!(readme.contains(&row), "{row}");
        }
        for role in roles.map(|role| word(format!("role-{role}"))) {
            let table = readme.lines().filter(|line| line.starts_with("| "));
            assert!(table.map(str::to_owned).collect::<String>().contains(&role), "{role} in the README");
            assert!(walk.contains(&role), "{role} in the demo's walk");
        }
        // Whoever lets the notice period pass first comes too late for the roster.
        let (roster, hour, wait) = match lang {
            Lang::En => ("fix the roster", "before the hour", "let the notice period pass"),
            Lang::ZhCn => ("定好名册", "开会时间之前", "等通知期过去"),
        };
        assert!(readme.find(roster).is_some_and(|fix| readme.find(wait).is_some_and(|pass| fix < pass)), "{lang:?}");
        assert!(readme.contains(hour) && walk.contains(hour), "{lang:?}: by when");
    }
}

/// The shipped profiles cite their sources in English; readers of Chinese see the same in Chinese.
#[test]
fn every_shipped_profile_cites_its_source_in_both_languages() {
    let profiles: serde_json::Value =
        serde_json::from_str(include_str!("../../src/core/profiles.json")).expect("profiles");
    for profile in profiles.as_array().expect("a list") {
        let code = profile["code"].as_str().expect("a code");
        let key = format!("citation-{code}");
        assert_eq!(Some(Lang::En.t(key.clone()).to_string().as_str()), profile["citation"].as_str(), "{code}");
        assert!(Lang::ZhCn.has(&key) && Lang::ZhCn.has(&format!("profile-{code}")), "{code}");
    }
}

/// The codes of one `codes!` list in a source file.
fn codes<'a>(source: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = source.find(&format!("    {name} {{")).unwrap_or_else(|| panic!("no list {name}"));
    let list = source[start..].split("\n    }").next().unwrap_or_default();
    let found: Vec<&str> = list.lines().filter_map(|line| line.split("= \"").nth(1)?.split('"').next()).collect();
    assert!(found.len() > 1, "list {name} reads empty");
    found.into_iter()
}
