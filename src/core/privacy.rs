//! What must never stand in a public text: resident ID, mobile and bank card numbers (PIPL arts. 6, 25, 28), and characters
//! that make a text read otherwise than it is. Pure; finds, never changes.

use std::ops::Range;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Private {
    /// An 18-digit resident ID with a real birth date and the right check digit (GB 11643-1999).
    ResidentId,
    /// A mainland mobile number, with or without 86 or 0 before it.
    Mobile,
    /// A bank card number of 13 to 19 digits that satisfies Luhn's formula (ISO/IEC 7812-1).
    BankCard,
}

impl Private {
    /// A stable code, the ending of its interface text: `private-resident_id` …
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::Mobile => "mobile",
            Self::BankCard => "bank_card",
        }
    }
}

/// A private number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Private,
    /// Where it stands, in bytes; begins and ends at characters.
    pub range: Range<usize>,
}

/// Why a name or text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing is written.
    #[error("nothing is written")]
    Empty,
    /// Longer than allowed, in characters.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control character.
    #[error("the control character U+{:04X} at character {at}", u32::from(*.found))]
    Control {
        /// The character.
        found: char,
        /// Its place, counted in characters from 1.
        at: usize,
    },
    /// A character that turns the direction of reading, or can't be seen.
    #[error("the invisible character U+{:04X} at character {at}", u32::from(*.found))]
    Invisible {
        /// The character.
        found: char,
        /// Its place, counted in characters from 1.
        at: usize,
    },
    /// Space at an end, or two in a row.
    #[error("a space at an end, or two in a row")]
    Spacing,
}

/// Longest name of a person or place, in characters.
pub const MAX_NAME_CHARS: usize = 40;

/// Finds every private number in a text, also with the digits of other scripts, and with spaces, dashes, dots, slashes or
/// brackets between them.
///
/// Numbers are joined across spaces and dashes only in the ways people write them (139 5780 0000, groups of four, any
/// grouping of an ID or of a `UnionPay` card), so that a row of amounts or dates is not taken for one.
#[must_use]
pub fn find_private(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for run in runs(text) {
        let mut first = 0;
        while first < run.len() {
            let hit = (first..run.len()).rev().find_map(|last| Some((last, judge(&run[first..=last])?)));
            let Some((last, kind)) = hit else {
                first += 1;
                continue;
            };
            found.push(Found { kind, range: run[first].range.start..run[last].range.end });
            first = last + 1;
        }
    }
    found
}

/// Checks the name of a person or place: something, on one line, as it reads.
///
/// # Errors
/// The first fault.
pub fn check_name(text: &str) -> Result<(), TextFault> {
    if text.trim().is_empty() {
        return Err(TextFault::Empty);
    }
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(TextFault::TooLong(MAX_NAME_CHARS));
    }
    check_characters(text, |_| false)?;
    let doubled = text.chars().zip(text.chars().skip(1)).any(|(a, b)| a.is_whitespace() && b.is_whitespace());
    let padded = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    if doubled || padded { Err(TextFault::Spacing) } else { Ok(()) }
}

/// Checks a text of several lines: line ends and tabs are fine, other control and all invisible characters are not.
///
/// # Errors
/// The first fault.
pub fn check_text(text: &str) -> Result<(), TextFault> {
    check_characters(text, |c| matches!(c, '\n' | '\r' | '\t'))
}

fn check_characters(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), TextFault> {
    for (index, found) in text.chars().enumerate().filter(|(_, c)| !allowed(*c)) {
        let at = index + 1;
        if found.is_control() || matches!(found, '\u{2028}' | '\u{2029}') {
            return Err(TextFault::Control { found, at });
        }
        if is_invisible(found) {
            return Err(TextFault::Invisible { found, at });
        }
    }
    Ok(())
}

/// Format characters: directions (UAX #9), joiners, tags and the like. Variation selectors stay: rare names need them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
    ) || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Digits of one script without anything visible between them.
struct Group {
    /// 0 to 9; an X at the end of an ID is 10.
    digits: Vec<u8>,
    /// 〇 to 九, which stand for digits only where many follow one another.
    hanzi: bool,
    /// Whether something else than spaces and dashes stands between it and the group before: a dot, a slash, a bracket.
    /// People write telephone numbers so, but lists of amounts too, so only a telephone number's shape is looked for.
    marked: bool,
    range: Range<usize>,
}

/// Most spaces and dashes in a row that still join two groups.
const MAX_GAP: usize = 3;

/// The groups of digits of a text; groups with only spaces or dashes between them stand in one run.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let (mut gap, mut marked) = (MAX_GAP + 1, false);
    for (start, c) in text.char_indices() {
        let range = start..start + c.len_utf8();
        // The last two turn a digit into a picture of a key.
        if is_invisible(c) || matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}') {
            continue;
        }
        let Some((digit, hanzi)) = digit(c) else {
            gap = if is_gap(c) || is_mark(c) { gap.saturating_add(1) } else { MAX_GAP + 1 };
            marked |= is_mark(c);
            continue;
        };
        let group = runs.last_mut().and_then(|run| run.last_mut());
        if group.as_ref().is_some_and(|group| group.hanzi != hanzi) {
            gap = MAX_GAP + 1;
        }
        match group {
            Some(group) if gap == 0 && (digit < 10 || is_id_end(text, &group.digits, &range)) => {
                group.digits.push(digit);
                group.range.end = range.end;
            }
            _ if digit == 10 => {
                let whole: usize = runs.last().map_or(0, |run| run.iter().map(|group| group.digits.len()).sum());
                match runs.last_mut() {
                    // An X set apart from its seventeen digits.
                    Some(run) if gap <= MAX_GAP && whole >= 17 && ends_word(text, range.end) => {
                        run.push(Group { digits: vec![10], hanzi, marked, range });
                    }
                    _ => gap = MAX_GAP + 1,
                }
                continue;
            }
            _ => {
                let group = Group { digits: vec![digit], hanzi, marked, range };
                match runs.last_mut() {
                    Some(run) if gap <= MAX_GAP => run.push(group),
                    _ => runs.push(vec![group]),
                }
            }
        }
        gap = if digit == 10 { MAX_GAP + 1 } else { 0 };
        marked = false;
    }
    runs
}

fn is_id_end(text: &str, digits: &[u8], x: &Range<usize>) -> bool {
    digits.len() <= 17 && ends_word(text, x.end)
}

fn ends_word(text: &str, end: usize) -> bool {
    !text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || digit(c).is_some_and(|(_, hanzi)| !hanzi))
}

/// First digits of the scripts that have their own (Unicode general category Nd), as far as a phone's keyboard offers them.
const ZEROS: [u32; 20] = [
    0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040,
    0x17E0, 0x1810, 0xFF10, 0x1FBF0,
];
const HANZI: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// A digit's value, 10 for an X, and whether it is a Chinese numeral.
fn digit(c: char) -> Option<(u8, bool)> {
    let code = u32::from(c);
    let value = |value: u32| u8::try_from(value).ok().map(|value| (value, false));
    match c {
        'X' | 'x' | '\u{FF38}' | '\u{FF58}' => return Some((10, false)),
        '零' => return Some((0, true)),
        '⓪' => return Some((0, false)),
        '①'..='⑨' => return value(code - u32::from('①') + 1),
        '\u{1D7CE}'..='\u{1D7FF}' => return value((code - 0x1D7CE) % 10),
        _ => {}
    }
    if let Some(place) = HANZI.iter().position(|numeral| *numeral == c) {
        return u8::try_from(place).ok().map(|value| (value, true));
    }
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).and_then(|zero| value(code - zero))
}

/// What people put into a telephone number beside spaces and dashes.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | '/' | '_' | '*' | '·' | '•' | '(' | ')' | '\u{FF08}' | '\u{FF09}' | '\u{FF0C}' | '、' | '\n' | '\r'
    )
}

fn is_gap(c: char) -> bool {
    (c.is_whitespace() && !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}'))
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

fn judge(groups: &[Group]) -> Option<Private> {
    let length: usize = groups.iter().map(|group| group.digits.len()).sum();
    if !(11..=19).contains(&length) {
        return None;
    }
    let digits: Vec<u8> = groups.iter().flat_map(|group| group.digits.iter().copied()).collect();
    let shape: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    if is_resident_id(&digits) {
        return Some(Private::ResidentId);
    }
    if digits.contains(&10) {
        return None;
    }
    // The gap before the first group is not inside the number.
    let marked = groups[1..].iter().any(|group| group.marked);
    if marked && shape.iter().all(|length| *length == 1) {
        return None;
    }
    if is_mobile(&digits, &shape) {
        return Some(Private::Mobile);
    }
    (!marked && is_card(&digits) && is_card_shape(&digits, &shape)).then_some(Private::BankCard)
}

/// GB 11643-1999: six digits of place, eight of birth date, three of order, one check digit by ISO 7064 MOD 11-2.
fn is_resident_id(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [u8; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    if digits.len() != 18 || digits[..17].contains(&10) || digits[0] == 0 {
        return false;
    }
    let number = |part: &[u8]| part.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    let (year, month, day) = (number(&digits[6..10]), number(&digits[10..12]), number(&digits[12..14]));
    let born = (1850..=2150).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    born && digits[17] == CHECK[(sum % 11) as usize]
}

fn is_mobile(digits: &[u8], shape: &[usize]) -> bool {
    let prefix = match digits {
        [8, 6, rest @ ..] if rest.len() == 11 => 2,
        [0, 0, 8, 6, rest @ ..] if rest.len() == 11 => 4,
        [0, rest @ ..] if rest.len() == 11 => 1,
        rest if rest.len() == 11 => 0,
        _ => return false,
    };
    let whole = &digits[prefix..];
    if whole[0] != 1 || whole[1] < 3 {
        return false;
    }
    let shape = match shape {
        [first, rest @ ..] if prefix > 0 && *first == prefix => rest,
        [first, rest @ ..] if prefix > 0 && rest.is_empty() => return *first == digits.len(),
        _ if prefix > 0 => return false,
        shape => shape,
    };
    matches!(shape, [11] | [3, 4, 4] | [3, 8] | [7, 4] | [4, 3, 4] | [3, 3, 5] | [4, 4, 3] | [3, 5, 3])
        || shape.iter().all(|length| *length == 1)
}

/// Luhn's formula, and not a row of one digit.
fn is_card(digits: &[u8]) -> bool {
    let uniform = digits.iter().all(|digit| *digit == digits[0]);
    if !(13..=19).contains(&digits.len()) || digits[0] == 0 || uniform {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match u32::from(*digit) {
            digit if place % 2 == 0 => digit,
            digit => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// One group, groups of four, single digits, or any grouping where the number begins as those of `UnionPay` do.
fn is_card_shape(digits: &[u8], shape: &[usize]) -> bool {
    let (last, rest) = (shape.last().copied().unwrap_or(0), &shape[..shape.len() - 1]);
    let fours = rest.iter().all(|length| *length == 4) && last <= 4;
    shape.len() == 1 || fours || shape.iter().all(|length| *length == 1) || digits.starts_with(&[6, 2])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Private, TextFault, check_name, check_text, find_private};

    fn kinds(text: &str) -> Vec<Private> {
        find_private(text).into_iter().map(|found| found.kind).collect()
    }

    /// A number of the right form, made up: place 000000 does not exist, so it is nobody's.
    fn resident_id(body: &str) -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
        format!("{body}{}", b"10X98765432"[(sum % 11) as usize] as char)
    }

    fn card(body: &str) -> String {
        let digits: Vec<u32> = body.bytes().map(|b| u32::from(b - b'0')).collect();
        let valid = |check: &u32| {
            let all = digits.iter().chain([check]);
            let sum: u32 =
                all.rev().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
            sum.is_multiple_of(10)
        };
        format!("{body}{}", (0..10).find(valid).unwrap())
    }

    fn wide(text: &str) -> String {
        let widen = |c: char| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii_alphanumeric()).unwrap_or(c);
        text.chars().map(widen).collect()
    }

    #[test]
    fn numbers_are_found_however_they_are_dressed() {
        for text in [
            "139.0000.0000",
            "139,0000,0000",
            "139/0000/0000",
            "(139)00000000",
            "139_0000_0000",
            "139*0000*0000",
            "139·0000·0000",
            "139\n0000\n0000",
            "一三九零零零零零零零零",
            "一三九〇〇〇〇〇〇〇〇",
            "①③⑨⓪⓪⓪⓪⓪⓪⓪⓪",
            "१३९००००००००",
            "1️⃣3️⃣9️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣",
            "139\u{34F}00000000",
            "电话（139）0000-0000",
            "统一13900000000",
        ] {
            assert_eq!(kinds(text), [Private::Mobile], "{text}");
        }
    }

    #[test]
    fn amounts_dates_and_lists_are_no_telephone_numbers() {
        for text in [
            "1,390,000.00元",
            "2026.11.21",
            "2026/11/21 14:30",
            "62.5, 13.2, 88.1, 45.3, 22.1",
            "1,3,9,0,0,0,0,0,0,0,0",
            "二〇二六年十一月二十一日",
            "一、道路\n二、水渠\n三、路灯",
            "345,000元、70,000元、1,280,000元",
            "第13、14、15、16、17户",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn an_id_with_a_good_check_digit_is_found_and_a_bad_one_is_not() {
        // The standard's own worked example.
        assert_eq!(kinds("身份证11010519491231002X号"), [Private::ResidentId]);
        assert_eq!(kinds("110105 19491231 002x"), [Private::ResidentId]);
        assert_eq!(kinds("110105194912310021"), []);
        assert_eq!(kinds("11010519491331002X"), [], "no thirteenth month");
        assert_eq!(kinds("11010519491231002 X"), [Private::ResidentId]);
        assert_eq!(kinds("11010519491231002Xylophone"), []);
    }

    #[test]
    fn mobile_numbers_are_found_as_people_write_them() {
        for text in
            ["13900000000", "139 0000 0000", "139-0000-0000", "+86 13900000000", "8613900000000", "013900000000"]
        {
            assert_eq!(kinds(text), [Private::Mobile], "{text}");
        }
        assert_eq!(kinds("12900000000"), []);
        assert_eq!(kinds("139000000001234567890"), [], "longer than any number it could be");
    }

    #[test]
    fn figures_of_a_village_account_are_left_alone() {
        for text in [
            "2026-11-21 至 2026-11-28",
            "收入 12000 13500 4000 元",
            "13 5000 12000",
            "村代码331102206201",
            "预算1,280,000元,其中水泥36,000元",
            "15号 3000 4800",
            "0578-2123456",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn the_range_is_the_number() {
        let text = "联系电话:139 0000 0000(微信同号)";
        let found = find_private(text);
        assert_eq!(&text[found[0].range.clone()], "139 0000 0000");
    }

    #[test]
    fn names_read_as_they_are() {
        for good in ["黄泥墩村", "紫金街道", "阿卜杜拉·买买提", "Li Hua"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        assert_eq!(check_name(" "), Err(TextFault::Empty));
        assert_eq!(check_name("黄\u{202E}泥"), Err(TextFault::Invisible { found: '\u{202E}', at: 2 }));
        assert_eq!(check_name("黄\u{200B}泥"), Err(TextFault::Invisible { found: '\u{200B}', at: 2 }));
        assert_eq!(check_name("黄\n泥"), Err(TextFault::Control { found: '\n', at: 2 }));
        assert_eq!(check_name("黄泥 "), Err(TextFault::Spacing));
        assert_eq!(check_name(&"黄".repeat(41)), Err(TextFault::TooLong(40)));
        assert_eq!(check_text("一\n二\t三"), Ok(()));
        assert_eq!(check_text("一\u{7}"), Err(TextFault::Control { found: '\u{7}', at: 2 }));
    }

    prop_compose! {
        fn birth()(year in 1930..2020_u32, month in 1..=12_u32, day in 1..=28_u32) -> String {
            format!("{year}{month:02}{day:02}")
        }
    }

    proptest! {
        #[test]
        fn every_id_is_found_however_it_is_spaced(
            place in "[1-8][0-9]{5}", birth in birth(), order in "[0-9]{3}", gaps in proptest::collection::vec("[ \u{3000}-]{0,2}", 18), full in any::<bool>(),
        ) {
            let id = resident_id(&format!("{place}{birth}{order}"));
            let id = if full { wide(&id) } else { id };
            let spaced: String = id.chars().zip(gaps).flat_map(|(c, gap)| std::iter::once(c).chain(gap.chars().collect::<Vec<_>>())).collect();
            prop_assert_eq!(kinds(&format!("村民{spaced}。")), [Private::ResidentId]);
        }

        #[test]
        fn every_unionpay_card_is_found_however_it_is_spaced(
            body in "62[0-9]{10,16}", gaps in proptest::collection::vec("[ –-]{0,2}", 19), full in any::<bool>(),
        ) {
            let card = card(&body);
            let card = if full { wide(&card) } else { card };
            let spaced: String = card.chars().zip(gaps).flat_map(|(c, gap)| std::iter::once(c).chain(gap.chars().collect::<Vec<_>>())).collect();
            let text = format!("卡号:{spaced}。");
            prop_assert_eq!(find_private(&text).len(), 1);
        }

        #[test]
        fn a_wrong_last_digit_is_no_card(body in "[4-6][0-9]{12,17}", shift in 1..10_u8) {
            let mut card = card(&body).into_bytes();
            let last = card.len() - 1;
            card[last] = b'0' + (card[last] - b'0' + shift) % 10;
            let text = String::from_utf8(card).unwrap();
            prop_assert!(!kinds(&text).contains(&Private::BankCard));
        }

        #[test]
        fn any_text_is_read_and_ranges_are_whole_characters(text in any::<String>()) {
            for found in find_private(&text) {
                prop_assert!(text.get(found.range).is_some());
            }
            let _ = check_text(&text);
            let _ = check_name(&text);
        }
    }
}
