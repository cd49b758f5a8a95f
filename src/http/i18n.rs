//! Interface texts in the reader's language, from `web/locales/*.ftl` (Fluent), and how dates, times and amounts are written.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::core::clock::{Date, MINUTE_MS, Time};

/// The Chinese texts, as Fluent source.
pub const ZH_CN_FTL: &str = include_str!("../../web/locales/zh-CN.ftl");
/// The English texts, as Fluent source.
pub const EN_FTL: &str = include_str!("../../web/locales/en.ftl");

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    ZhCn,
    /// English.
    En,
}

static ZH_CN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::ZhCn));
static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::En));

/// Whatever parses is used: a slip in one text must not take the server down. A test parses both files strictly.
fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let source = match lang {
        Lang::ZhCn => ZH_CN_FTL,
        Lang::En => EN_FTL,
    };
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks are invisible characters that would end up in copied and printed text.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Lang {
    /// Both languages, the default first.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// BCP 47 tag, for the `lang` attribute and the `lang` cookie.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language of a tag as found in a query, a cookie or one `Accept-Language` item; `None` if it is another one.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        match tag.split('-').next() {
            Some("zh") => Some(Self::ZhCn),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The language that the switch offers.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::ZhCn => Self::En,
            Self::En => Self::ZhCn,
        }
    }

    /// The text of `key`; add its values with [`Text::with`].
    pub fn t(self, key: impl Into<Cow<'static, str>>) -> Text {
        Text { lang: self, key: key.into(), args: FluentArgs::new() }
    }

    /// The text whose key is put together from a prefix and a code, such as `role-` and `clerk`. Dots and underscores of
    /// the code become hyphens, as Fluent's keys have none.
    #[must_use]
    pub fn named(self, prefix: &str, code: &str) -> Text {
        self.t(format!("{prefix}-{}", code.replace(['.', '_'], "-").to_ascii_lowercase()))
    }

    /// Whether a text of that key exists.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::ZhCn => &ZH_CN,
            Self::En => &EN,
        }
    }

    /// 2026年11月21日 or 21 November 2026.
    #[must_use]
    pub fn date(self, date: impl Plain<Value = Date>) -> String {
        let date = date.plain();
        let (year, month, day) = date.parts();
        match self {
            Self::ZhCn => format!("{year}年{month}月{day}日"),
            Self::En => format!("{day} {} {year}", month_name(month)),
        }
    }

    /// 11月21日 or 21 Nov: where the year is plain from the place.
    #[must_use]
    pub fn short_date(self, date: impl Plain<Value = Date>) -> String {
        let date = date.plain();
        let (_, month, day) = date.parts();
        match self {
            Self::ZhCn => format!("{month}月{day}日"),
            Self::En => format!("{day} {}", month_name(month).get(..3).unwrap_or_default()),
        }
    }

    /// Date and time of day in Asia/Shanghai: 2026年11月21日 19:30.
    #[must_use]
    pub fn time(self, time: impl Plain<Value = Time>) -> String {
        let time = time.plain();
        format!("{} {}", self.date(time.date()), self.clock(time))
    }

    /// The instant at which a period ends. At midnight it is 24:00 of its last day, never 0:00 of the next:
    /// 2026年11月25日24时 or the end of 25 November 2026; any other instant as a time.
    #[must_use]
    pub fn end(self, time: impl Plain<Value = Time>) -> String {
        let time = time.plain();
        if time.minute_of_day() > 0 {
            return self.time(time);
        }
        let day = self.date(time.last_day());
        match self {
            Self::ZhCn => format!("{day}24时"),
            Self::En => format!("the end of {day}"),
        }
    }

    /// Time of day in Asia/Shanghai: 19:30.
    #[must_use]
    pub fn clock(self, time: impl Plain<Value = Time>) -> String {
        let time = time.plain();
        let minute = time.minute_of_day();
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// 星期六 or Saturday.
    #[must_use]
    pub fn weekday(self, date: impl Plain<Value = Date>) -> &'static str {
        let date = date.plain();
        // 1970-01-01, Shanghai time, was a Thursday; the half day keeps the division off the edge of a day.
        let days = (date.start().ms() + 20 * 60 * MINUTE_MS).div_euclid(24 * 60 * MINUTE_MS);
        let index = usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default();
        match self {
            Self::ZhCn => ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"][index],
            Self::En => ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"][index],
        }
    }

    /// An amount in fen, written in yuan: 126,000元 or ¥126,000; with two decimals only where there are fen.
    #[must_use]
    pub fn money(self, fen: impl Plain<Value = u64>) -> String {
        let fen = fen.plain();
        let (yuan, rest) = (grouped(fen / 100), fen % 100);
        let amount = if rest == 0 { yuan } else { format!("{yuan}.{rest:02}") };
        match self {
            Self::ZhCn => format!("{amount}元"),
            Self::En => format!("¥{amount}"),
        }
    }

    /// A count with thousands marked: 1,024.
    #[must_use]
    pub fn count(self, number: impl Plain<Value = u64>) -> String {
        let number = number.plain();
        grouped(number)
    }

    /// A size in bytes: 640 B, 12 kB, 3.4 MB.
    #[must_use]
    pub fn bytes(self, size: impl Plain<Value = u64>) -> String {
        let size = size.plain();
        match size {
            0..1_000 => format!("{size} B"),
            1_000..1_000_000 => format!("{} kB", size.div_ceil(1_000)),
            _ => format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000),
        }
    }
}

/// A date, time or number, by value or behind any number of references, as templates hand them over.
pub trait Plain {
    /// What it is without references.
    type Value;
    /// The value itself.
    fn plain(&self) -> Self::Value;
}

impl<P: Plain + ?Sized> Plain for &P {
    type Value = P::Value;
    fn plain(&self) -> P::Value {
        (**self).plain()
    }
}
macro_rules! plain_values {
    ($($plain:ty),*) => {$(
        impl Plain for $plain {
            type Value = Self;
            fn plain(&self) -> Self {
                *self
            }
        }
    )*};
}
plain_values!(Date, Time, u64);

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month).ok().and_then(|m| NAMES.get(m.wrapping_sub(1))).copied().unwrap_or_default()
}

/// One text on its way to the page: rendered when displayed. A missing key shows as `⟦key⟧`, which the tests look for.
#[derive(Debug)]
pub struct Text {
    lang: Lang,
    key: Cow<'static, str>,
    args: FluentArgs<'static>,
}

/// A value that a text can take: a word or a number.
pub trait Value {
    /// The value as Fluent takes it.
    fn value(&self) -> FluentValue<'static>;
}

impl<T: Value + ?Sized> Value for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}
impl Value for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}
impl Value for String {
    fn value(&self) -> FluentValue<'static> {
        self.as_str().value()
    }
}
impl Value for Text {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_string())
    }
}
macro_rules! number_values {
    ($($number:ty),*) => {$(
        impl Value for $number {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}
number_values!(u8, u16, u32, u64, usize, i32, i64);

impl Text {
    /// Fills `{$name}` with a word or a number.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Value) -> Self {
        self.args.set(name, value.value());
        self
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = self.lang.bundle();
        let Some(pattern) = bundle.get_message(&self.key).and_then(|message| message.value()) else {
            return write!(f, "⟦{}⟧", self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if errors.is_empty() { f.write_str(&text) } else { write!(f, "⟦{}: {text}⟧", self.key) }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn dates_times_and_amounts_are_written_as_people_do() {
        let time: crate::core::clock::Time = "2026-11-21T11:30:00.000Z".parse().unwrap();
        assert_eq!(Lang::ZhCn.time(time), "2026年11月21日 19:30");
        assert_eq!(Lang::En.time(time), "21 November 2026 19:30");
        assert_eq!(Lang::ZhCn.weekday(time.date()), "星期六");
        assert_eq!(Lang::En.weekday(time.date().plus_days(1)), "Sunday");
        assert_eq!(Lang::En.short_date(time.date()), "21 Nov");
        let midnight = time.date().plus_days(1).start();
        assert_eq!(Lang::ZhCn.end(midnight), "2026年11月21日24时", "not 0:00 of the 22nd");
        assert_eq!(Lang::En.end(midnight), "the end of 21 November 2026");
        assert_eq!(Lang::ZhCn.end(time), "2026年11月21日 19:30");
        assert_eq!(Lang::ZhCn.money(12_600_000), "126,000元");
        assert_eq!(Lang::En.money(12_345_605), "¥123,456.05");
        assert_eq!(Lang::ZhCn.money(0), "0元");
        assert_eq!(Lang::En.bytes(999), "999 B");
        assert_eq!(Lang::En.bytes(1_001), "2 kB");
        assert_eq!(Lang::En.bytes(3_400_000), "3.4 MB");
    }

    #[test]
    fn a_missing_key_shows_and_never_panics() {
        assert_eq!(Lang::En.t("no-such-key").to_string(), "⟦no-such-key⟧");
    }

    #[test]
    fn tags_of_browsers_are_understood() {
        assert_eq!(Lang::parse("zh-Hans-CN"), Some(Lang::ZhCn));
        assert_eq!(Lang::parse("EN-gb"), Some(Lang::En));
        assert_eq!(Lang::parse("fr"), None);
    }
}
