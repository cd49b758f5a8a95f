//! A verdict for people and for programs.

use serde_json::{Value, json};

use crate::cli::verify::{Checked, verdict};
use crate::core::ids::PublicKey;
use crate::core::judge::Remark;
use crate::log::verify::{Class, Finding, Report, Verdict};

/// Stable code and the words of PROTOCOL section 9 in both languages.
fn words(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Lawful => ("lawful", "complete and lawful (记录完整)"),
        Verdict::Procedure => ("procedure", "a step is missing or late (程序有缺)"),
        Verdict::OtherRoots => ("other_roots", "founded by root keys that you did not name (根密钥不符)"),
        Verdict::Altered => ("altered", "the record was altered (记录被改动)"),
        Verdict::CouldNotCheck => ("could_not_check", "could not be checked (无法核验)"),
    }
}

fn class_code(class: Class) -> &'static str {
    match class {
        Class::Remark => "remark",
        Class::Unknown => "unknown",
        Class::Procedure => "procedure",
        Class::OtherRoots => "other_roots",
        Class::Altered => "altered",
    }
}

/// Whose the root keys are that the record was judged by.
fn roots_code(checked: &Checked) -> &'static str {
    match checked {
        Checked { named, .. } if named.is_empty() => "not_named",
        Checked { strangers, .. } if !strangers.is_empty() => "other",
        Checked { founded: false, .. } => "not_checked",
        _ => "named",
    }
}

/// Lines for people, the most important first.
pub(in crate::cli::verify) fn as_text(checked: &Checked) -> String {
    let report = &checked.report;
    let mut text = format!("verdict     {}\n{}", words(verdict(checked)).1, roots(checked));
    if let Some(checkpoint) = &report.checkpoint {
        text.push_str(&format!("record      {}\n", checkpoint.origin));
        text.push_str(&format!("root        {} over {} entries\n", checkpoint.root, checkpoint.size));
    }
    text.push_str(&format!("checked     {} entries, {} signatures", report.entries, report.signatures));
    text.push_str(&checked.documents.as_ref().map(|found| format!(", {} documents", found.count)).unwrap_or_default());
    text.push_str(if report.judged { "\n" } else { "; what they say was not judged to the end\n" });
    text.push_str("witnesses   unwitnessed, may be truncated\n");
    if let Some(reason) = &report.unreadable {
        text.push_str(&format!("unreadable  {reason}\n"));
    }
    text.push_str(&documents(checked));
    // The lines on root keys have said all of it.
    let findings = report.findings.iter().filter(|finding| finding.class != Class::OtherRoots);
    findings.for_each(|finding| text.push_str(&line(finding)));
    let remarked = report.remarked.values().sum::<u64>();
    let left_out = report.omitted.saturating_sub(remarked.saturating_sub(report.remarks.len() as u64));
    if left_out > 0 {
        text.push_str(&format!("            and {left_out} more\n"));
    }
    report.remarked.iter().for_each(|(code, count)| text.push_str(&remarks(report, code, *count)));
    text
}

/// All remarks of one code as one line: what it means, how often, and at which entries first.
fn remarks(report: &Report, code: &'static str, count: u64) -> String {
    const NAMED: usize = 5;
    let entries = report.remarks.iter().filter(|remark| remark.rule == code).filter_map(|remark| remark.seq);
    let named: Vec<String> = entries.take(NAMED).map(|seq| seq.to_string()).collect();
    let more = if count > named.len() as u64 { ", …" } else { "" };
    let words = code.parse().map_or(code, remark_words);
    format!("remark      {code} ({count}): {words}; entries {}{more}\n", named.join(", "))
}

/// What a remark means.
fn remark_words(remark: Remark) -> &'static str {
    match remark {
        Remark::LateEntry => "entered more than three working days after it was held",
        Remark::ReviewOverdue => "the township's review was overdue",
        Remark::Substituted => "the township's discipline officer signed for the supervision committee",
        Remark::Emergency => "decided in an emergency, to be ratified by the next meeting",
        Remark::ProfileUnconfirmed => "the district has not confirmed the numbers of the rule that was used",
        Remark::FewPapers => "fewer than five voted on paper, so their choices may be inferred",
        Remark::Voided => "a vote was declared void",
        Remark::Annulled => "an entry was annulled",
        Remark::PaperExcess => "more paper ballots were found than issued",
        Remark::Overpaid => "more was paid than the settled plan allows",
        Remark::OverContracted => "more was agreed in contracts than the settled plan allows",
        Remark::ContractOverpaid => "more was paid under a contract than its price",
        Remark::Vouched => "a late ballot counts, since an inspector's witness had received it in time",
        Remark::PaperDeliveredLate => "papers handed out before the closing came on record after it",
        Remark::Recounted => "the papers were counted a second time, since the count was disputed",
        Remark::VouchedMissing => "a ballot that an inspector vouched for never came on record",
        Remark::DeliveriesMissing => "a terminal sealed itself with more ballots than came",
        Remark::BallotOvertaken => {
            "a terminal's ballot came after a later one of the voter, or after the voter's key was revoked"
        }
    }
}

fn roots(checked: &Checked) -> String {
    let Checked { named, strangers, .. } = checked;
    if named.is_empty() {
        return "root keys   NOT CHECKED: you named none, so this does not say whose record it is.\n            \
                Give the district's printed root keys, each with --root.\n"
            .to_owned();
    }
    match roots_code(checked) {
        "named" => return "root keys   those that you named\n".to_owned(),
        "not_checked" => return "root keys   NOT CHECKED: no founding could be read that they signed.\n".to_owned(),
        _ => {}
    }
    let both = strangers.iter().filter(|key| named.contains(key)).count();
    let mut text = format!(
        "root keys   You named {}. This record was founded by {}, of which you named {both}. Either a key was mistyped or\n            \
         left out, or this is not your district's record. Compare each key with the printed notice, sign by sign.\n            \
         If yours are right, believe nothing of this record, keep it, and call the number on the notice.\n",
        named.len(),
        strangers.len()
    );
    let mut list = |label: &str, key: &PublicKey, say: &str| text.push_str(&format!("{label:<11} {key}  {say}\n"));
    for key in strangers {
        list("founded by", key, if named.contains(key) { "you named it" } else { "you did not name it" });
    }
    for key in named.iter().filter(|key| !strangers.contains(key)) {
        list("you named", key, "did not found this record");
    }
    text
}

fn documents(checked: &Checked) -> String {
    let Some(documents) = &checked.documents else { return String::new() };
    let mut text = String::new();
    for (name, reason) in &documents.wrong {
        text.push_str(&format!("altered     document {name}: {reason}\n"));
    }
    if documents.absent > 0 {
        text.push_str(&format!("absent      {} public documents that the record names\n", documents.absent));
    }
    text
}

fn line(finding: &Finding) -> String {
    let place = finding.seq.map_or_else(|| "record".to_owned(), |seq| format!("entry {seq}"));
    let mut text = format!("{:<11} {place}: {}", class_code(finding.class), finding.rule);
    if !finding.expected.is_empty() || !finding.found.is_empty() {
        text.push_str(&format!(": expected {}, found {}", finding.expected, finding.found));
    }
    text.push('\n');
    text
}

/// One JSON object.
pub(in crate::cli::verify) fn as_json(checked: &Checked) -> Value {
    let report = &checked.report;
    let finding = |finding: &Finding| {
        json!({
            "entry": finding.seq, "class": class_code(finding.class), "rule": finding.rule,
            "expected": finding.expected, "found": finding.found,
        })
    };
    let wrong = checked.documents.iter().flat_map(|documents| &documents.wrong);
    let wrong = wrong.map(|(name, reason)| json!({ "name": name, "reason": reason }));
    let checkpoint = report.checkpoint.as_ref().map(|checkpoint| {
        json!({ "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.to_string() })
    });
    json!({
        "verdict": words(verdict(checked)).0,
        "witnessed": [],
        "roots": roots_code(checked),
        "checkpoint": checkpoint,
        "entries": report.entries,
        "signatures": report.signatures,
        "documents": checked.documents.as_ref().map_or(0, |documents| documents.count),
        "wrong_documents": wrong.collect::<Vec<_>>(),
        "absent_documents": checked.documents.as_ref().map_or(0, |documents| documents.absent),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "remarks": report.remarks.iter().map(finding).collect::<Vec<_>>(),
        "omitted": report.omitted,
        "unreadable": report.unreadable,
    })
}
