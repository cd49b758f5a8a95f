//! Links of the README and the documents lead somewhere.

use crate::{SourceFile, assert_none, files, root};

/// Targets of `[text](target)` and `![text](target)` outside code, without titles.
fn targets(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second piece between backticks is code.
        for text in line.split('`').step_by(2) {
            for (at, _) in text.match_indices("](") {
                let rest = &text[at + 2..];
                if let Some(target) = rest.split([')', ' ']).next() {
                    found.push(target.to_owned());
                }
            }
        }
    }
    found
}

/// The anchors that headings get: lower case, spaces to hyphens, punctuation dropped.
fn anchors(markdown: &str) -> Vec<String> {
    let heading = |line: &str| {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
    };
    markdown.lines().filter(|line| line.starts_with('#')).map(heading).collect()
}

fn dead_links(file: &SourceFile) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    for target in targets(&file.text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').map_or((target.as_str(), None), |(p, a)| (p, Some(a)));
        let at = if path.is_empty() { root().join(&file.path) } else { root().join(folder).join(path) };
        let text = if path.is_empty() { Ok(file.text.clone()) } else { std::fs::read_to_string(&at) };
        if !path.is_empty() && !at.exists() {
            findings.push(format!("{}: no such file: {target}", file.path));
        } else if anchor.is_some_and(|anchor| !text.is_ok_and(|text| anchors(&text).iter().any(|a| a == anchor))) {
            findings.push(format!("{}: no such heading: {target}", file.path));
        }
    }
    findings
}

#[test]
fn links_in_readme_and_docs_resolve() {
    let mut documents = files(&["docs"], &[".md"]);
    documents.extend(files(&["README.md", "README.zh-CN.md"], &[".md"]));
    assert_none(&documents.iter().flat_map(dead_links).collect::<Vec<_>>());
}

#[test]
fn a_dead_link_is_found() {
    let file = |text: &str| SourceFile { path: "src/X.md".into(), text: text.into() };
    assert_eq!(dead_links(&file("see [there](nowhere.md)")).len(), 1);
    assert_eq!(dead_links(&file("see [there](#no-such)\n")).len(), 1);
    assert_eq!(
        dead_links(&file("# Two words\n[a](#two-words) [b](../Cargo.toml) `[c](d)` [e](https://example.org)")).len(),
        0
    );
    assert_eq!(dead_links(&file("```\n[in code](nowhere)\n```\n")).len(), 0);
}
