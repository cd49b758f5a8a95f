//! Numbers as they are read aloud in Chinese: 2026年 is 二〇二六年, 19:30 is 十九点三十分, 126,000元 is 十二万六千元.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
/// What things are counted by: before these two is 两.
const MEASURES: &str = "个人名票项件张天户条次份位间处家盏年周种";
/// Numbers of this many digits name something and count nothing: telephone numbers, codes.
const NAMES_SOMETHING: usize = 8;

/// A text with its numbers in words.
#[must_use]
pub fn chinese(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut said, mut at) = (String::with_capacity(text.len() * 2), 0);
    while at < chars.len() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        // Digits of an English word or an address stay as they are.
        let own = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        if chars[at].is_ascii_digit() && own {
            let number = Number::at(&chars, at);
            said.push_str(&number.words(before));
            at += number.length;
        } else {
            said.push(chars[at]);
            at += 1;
        }
    }
    said
}

/// A number in a text.
struct Number {
    /// Digits before the point, without commas between thousands.
    whole: String,
    /// Digits after it.
    part: String,
    /// Minutes, of a time of day.
    minutes: Option<String>,
    /// Further groups of digits, of a telephone number.
    groups: Vec<String>,
    percent: bool,
    /// What follows.
    next: Option<char>,
    /// How many characters it takes.
    length: usize,
}

fn digits(chars: &[char]) -> String {
    chars.iter().take_while(|c| c.is_ascii_digit()).collect()
}

impl Number {
    fn at(chars: &[char], start: usize) -> Self {
        let from = |at: usize| chars.get(at..).unwrap_or_default();
        let mut whole = digits(from(start));
        let mut at = start + whole.len();
        while let [',', rest @ ..] = from(at)
            && digits(rest).len() == 3
        {
            whole.push_str(&digits(rest));
            at += 4;
        }
        let mut number = Self {
            whole,
            part: String::new(),
            minutes: None,
            groups: Vec::new(),
            percent: false,
            next: None,
            length: 0,
        };
        match from(at) {
            ['.', rest @ ..] if !digits(rest).is_empty() => {
                number.part = digits(rest);
                at += 1 + number.part.len();
            }
            [':' | '：', rest @ ..] if digits(rest).len() == 2 && number.whole.len() <= 2 => {
                number.minutes = Some(digits(rest));
                at += 3;
            }
            _ => {
                while let ['-' | ' ', rest @ ..] = from(at)
                    && digits(rest).len() >= 3
                    && number.whole.len() >= 3
                {
                    let group = digits(rest);
                    at += 1 + group.len();
                    number.groups.push(group);
                }
            }
        }
        if from(at).first() == Some(&'%') {
            number.percent = true;
            at += 1;
        }
        number.next = from(at).first().copied();
        number.length = at - start;
        number
    }

    fn words(&self, before: Option<char>) -> String {
        if let Some(minutes) = &self.minutes {
            return clock(&self.whole, minutes);
        }
        let named = !self.groups.is_empty() || self.whole.len() >= NAMES_SOMETHING && !self.counts();
        let names = named || self.whole.len() > 1 && self.whole.starts_with('0');
        if names {
            let groups = std::iter::once(&self.whole).chain(&self.groups);
            return groups.map(|group| each(group, '零')).collect::<Vec<_>>().join("，");
        }
        if self.next == Some('年') && self.whole.len() == 4 {
            return each(&self.whole, '〇');
        }
        let mut words = match (self.whole.as_str(), self.next) {
            ("2", Some(next)) if self.part.is_empty() && before != Some('第') && MEASURES.contains(next) => {
                "两".to_owned()
            }
            (whole, _) => whole.parse().map_or_else(|_| each(whole, '零'), cardinal),
        };
        if !self.part.is_empty() {
            words.push('点');
            words.push_str(&each(&self.part, '零'));
        }
        if self.percent { format!("百分之{words}") } else { words }
    }

    /// Whether it is an amount, however long.
    fn counts(&self) -> bool {
        self.percent || !self.part.is_empty() || self.next.is_some_and(|next| next == '元' || MEASURES.contains(next))
    }
}

/// Digit by digit.
fn each(digits: &str, zero: char) -> String {
    let say = |digit: u32| if digit == 0 { zero } else { DIGITS[digit as usize] };
    digits.chars().filter_map(|digit| digit.to_digit(10)).map(say).collect()
}

fn clock(hours: &str, minutes: &str) -> String {
    let hour = hours.parse().map_or_else(|_| each(hours, '零'), cardinal);
    match minutes {
        "00" => format!("{hour}点整"),
        _ if minutes.starts_with('0') => format!("{hour}点{}分", each(minutes, '零')),
        _ => format!("{hour}点{}分", minutes.parse().map_or_else(|_| each(minutes, '零'), cardinal)),
    }
}

/// A whole number in words: 105 is 一百零五, 126000 is 十二万六千.
#[must_use]
pub fn cardinal(number: u64) -> String {
    if number == 0 {
        return DIGITS[0].to_string();
    }
    let groups: Vec<u64> = (0..5).map(|nth| number / 10_u64.pow(4 * nth) % 10_000).collect();
    let mut words = String::new();
    for (nth, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            continue;
        }
        // A zero is said once where places before this are empty.
        if !words.is_empty() && (*group < 1_000 || groups[nth + 1] == 0) {
            words.push(DIGITS[0]);
        }
        let said = thousands(*group, words.is_empty());
        words.push_str(if said == "二" && nth > 0 { "两" } else { &said });
        words.push_str(["", "万", "亿", "万亿", "亿亿"][nth]);
    }
    words
}

/// Up to 9999. `first`: 十二, not 一十二.
fn thousands(number: u64, first: bool) -> String {
    let mut words = String::new();
    let mut skipped = false;
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / unit % 10;
        if digit == 0 {
            skipped |= !words.is_empty();
            continue;
        }
        if std::mem::take(&mut skipped) {
            words.push(DIGITS[0]);
        }
        let ten = unit == 10 && digit == 1 && words.is_empty() && first;
        if !ten {
            let two = unit == 1_000 && digit == 2;
            words.push(if two { '两' } else { DIGITS[usize::try_from(digit).unwrap_or_default()] });
        }
        words.push_str(name);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{cardinal, chinese};

    #[test]
    fn numbers_are_said_as_people_say_them() {
        let said = [
            (0, "零"),
            (2, "二"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (105, "一百零五"),
            (110, "一百一十"),
            (2_000, "两千"),
            (2_012, "两千零一十二"),
            (10_000, "一万"),
            (20_000, "两万"),
            (100_500, "十万零五百"),
            (126_000, "十二万六千"),
            (1_000_001, "一百万零一"),
            (120_000_000, "一亿两千万"),
        ];
        for (number, words) in said {
            assert_eq!(cardinal(number), words, "{number}");
        }
    }

    #[test]
    fn a_text_is_said_with_its_numbers_in_words() {
        let said = [
            ("2026年11月21日 19:30", "二〇二六年十一月二十一日 十九点三十分"),
            ("上午9:00开会，9:05签到", "上午九点整开会，九点零五分签到"),
            ("总价126,000元，路灯42盏", "总价十二万六千元，路灯四十二盏"),
            ("占75.6%，弃权2票，第2项", "占百分之七十五点六，弃权两票，第二项"),
            ("电话0578-2091234。", "电话零五七八，二零九一二三四。"),
            ("到11月25日24时为止", "到十一月二十五日二十四时为止"),
            ("2个方案，12.50元", "两个方案，十二点五零元"),
            ("A4纸，M02类", "A4纸，M02类"),
            ("没有数字。", "没有数字。"),
        ];
        for (text, words) in said {
            assert_eq!(chinese(text), words);
        }
    }
}
