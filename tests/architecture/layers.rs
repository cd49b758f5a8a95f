//! Imports run one way: main → cli → http → app → {store, log} → core.

use crate::{SourceFile, assert_none, files};

/// Each layer with those it may use. `config` holds settings, which cli and http read and hand down as values.
const LAYERS: [(&str, &[&str]); 8] = [
    ("core", &[]),
    ("log", &["core"]),
    ("store", &["core", "log"]),
    ("app", &["core", "log", "store"]),
    ("witness", &["core", "log", "store", "app", "config", "http"]),
    ("config", &["core"]),
    ("http", &["core", "log", "store", "app", "config"]),
    ("cli", &["core", "log", "store", "app", "witness", "config", "http"]),
];

/// The layer of `src/<layer>/…` or `src/<layer>.rs`.
fn layer_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    let name = rest.split('/').next()?;
    Some(name.strip_suffix(".rs").unwrap_or(name))
}

fn upward_uses(file: &SourceFile) -> Vec<String> {
    let Some(layer) = layer_of(&file.path) else { return Vec::new() };
    if ["lib", "main"].contains(&layer) {
        return Vec::new();
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{}: '{layer}' is no known layer; add it to LAYERS", file.path)];
    };
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (used, _) in LAYERS {
            let full = [format!("crate::{used}::"), format!("crate::{used};"), format!("super::{used}::")];
            let named = full.iter().any(|path| code.contains(path.as_str()));
            // `super::log` inside a layer's own folder may be that layer's module of the same name; a `crate::` path can't.
            let own_module = code.contains(&format!("super::{used}::")) && !file.path.ends_with("/mod.rs");
            if named && !own_module && used != layer && !allowed.contains(&used) {
                findings.push(format!("{}:{}: {layer} must not use {used}", file.path, number + 1));
            }
        }
        if code.contains("use crate::{") {
            findings.push(format!("{}:{}: name the layer: use crate::layer::module", file.path, number + 1));
        }
    }
    findings
}

#[test]
fn no_layer_uses_one_above_it() {
    let findings: Vec<_> = files(&["src"], &[".rs"]).iter().flat_map(upward_uses).collect();
    assert_none(&findings);
}

#[test]
fn an_upward_use_is_found() {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    assert_eq!(upward_uses(&file("src/core/act.rs", "use crate::store::sql::Row;\n")).len(), 1);
    assert_eq!(upward_uses(&file("src/log/tree.rs", "fn f() { crate::app::cast() }\n")).len(), 1);
    assert_eq!(upward_uses(&file("src/store/mod.rs", "use super::http::Page;\n")).len(), 1);
    assert_eq!(upward_uses(&file("src/core/act.rs", "use crate::{app, core};\n")).len(), 1);
    assert_eq!(upward_uses(&file("src/extra.rs", "")).len(), 1);
    assert!(upward_uses(&file("src/app/cast.rs", "use crate::store::sql::Row; // crate::http::x\n")).is_empty());
    assert!(upward_uses(&file("src/core/act.rs", "use crate::core::ids::PersonId;\n")).is_empty());
}
