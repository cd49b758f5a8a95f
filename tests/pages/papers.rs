//! Printed papers, read back as others do: text by pdftotext, codes by zbarimg, sizes by pdfinfo, fonts by pdffonts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use sunvote::app::households::Home;
use sunvote::app::print::ballot::{Ballot, Run, Stub, Words, ballots};
use sunvote::app::print::font::{FontFiles, Fonts};
use sunvote::app::print::sheet::{Block, Format, Sheet};
use sunvote::http::act::filled::Filled;
use sunvote::http::i18n::Lang;
use sunvote::http::pages::figures::FiguresPage;
use sunvote::http::pages::households::HouseholdsPage;
use sunvote::http::pages::matter::{Channels, Count, Question, QuestionState};
use sunvote::http::pages::village::NoticePage;
use sunvote::http::print::figures;
use sunvote::http::print::filled::{self, Blank};
use sunvote::http::print::households::{self, Listed};
use sunvote::http::print::minutes::{Minutes, Standing};
use sunvote::http::print::notice;

const CHECK: &str = "https://vote.example/check?village=331102206201";
/// A title as somebody would write it who wants to be taken for markup, or to break the page.
const HOSTILE: &str =
    r#"#eval("1") $x^2$ \input{/etc/passwd} %PDF-1.7 <b>甲</b> ) Tj ET endstream [link](http://x.example) //乙"#;

static FONTS: LazyLock<Fonts> =
    LazyLock::new(|| Fonts::open(&FontFiles::default()).expect("the package fonts-noto-cjk is installed"));

/// A file of this test run, under a name of its own.
struct Pdf(PathBuf);

impl Pdf {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
        std::fs::write(&path, bytes).expect("a file in the build's folder");
        Self(path)
    }

    fn tool(&self, program: &str, before: &[&str], after: &[&str]) -> Vec<u8> {
        let done = Command::new(program).args(before).arg(&self.0).args(after).output();
        let done = done.unwrap_or_else(|error| panic!("{program}: {error}; run .ci/setup"));
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    fn said(&self, program: &str, before: &[&str], after: &[&str]) -> String {
        String::from_utf8(self.tool(program, before, after)).expect("UTF-8")
    }

    /// The text of each page, in the order in which it was written, without white space.
    fn pages(&self) -> Vec<String> {
        let text = self.said("pdftotext", &["-raw", "-enc", "UTF-8"], &["-"]);
        text.split('\u{c}').filter(|page| !page.is_empty()).map(bare).collect()
    }

    fn info(&self, name: &str) -> String {
        let info = self.said("pdfinfo", &[], &[]);
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim().to_owned()
    }

    /// Pictures of its pages.
    fn pictures(&self, dpi: u32) -> Vec<PathBuf> {
        let root = self.0.with_extension(format!("{dpi}"));
        for old in pictures_there(&root) {
            std::fs::remove_file(old).expect("an old picture");
        }
        self.tool("pdftoppm", &["-png", "-r", &dpi.to_string()], &[root.to_str().expect("a plain path")]);
        pictures_there(&root)
    }

    /// What QR codes on its pages say.
    fn codes(&self) -> Vec<String> {
        let mut codes = Vec::new();
        for picture in self.pictures(150) {
            let done = Command::new("zbarimg").args(["-q", "--raw"]).arg(&picture).output().expect("zbar-tools");
            codes.extend(String::from_utf8(done.stdout).expect("UTF-8").lines().map(str::to_owned));
        }
        codes.sort();
        codes
    }

    /// Every font of the file is embedded, a part of it, and says which letters its pictures are.
    fn has_its_fonts(&self) {
        let fonts = self.said("pdffonts", &[], &[]);
        let lines: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!lines.is_empty(), "no fonts");
        for line in lines {
            let ends: Vec<&str> = line.split_whitespace().rev().take(5).collect();
            assert_eq!(ends[2..], ["yes", "yes", "yes"], "emb, sub, uni of {line}");
        }
    }
}

/// Pictures of pages that are on disk, of this run or an earlier one.
fn pictures_there(root: &Path) -> Vec<PathBuf> {
    let name = root.file_name().expect("a name").to_string_lossy().into_owned();
    let folder = std::fs::read_dir(root.parent().expect("a folder")).expect("a folder");
    let own = |path: &PathBuf| {
        let stem = path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with(&format!("{name}-")));
        stem && path.extension().is_some_and(|ending| ending == "png")
    };
    let mut found: Vec<PathBuf> = folder.map(|entry| entry.expect("a file").path()).filter(own).collect();
    found.sort();
    found
}

/// Without white space: where lines end is the paper's own.
fn bare(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

/// What a paper says, in the order in which it is drawn.
fn source(blocks: &[Block]) -> String {
    let said = |block: &Block| match block {
        Block::Text(words, _) | Block::Heading(words, _) | Block::Framed(words, _) => words.clone(),
        Block::Facts(facts, _) => facts.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect(),
        Block::List(items, _) => {
            items.iter().zip(1..).flat_map(|(item, nth)| [format!("{nth}."), item.clone()]).collect()
        }
        Block::Votes(votes) => votes.iter().flat_map(|(name, votes)| [votes.clone(), name.clone()]).collect(),
        Block::Table(_, head, rows, _) => head.iter().chain(rows.iter().flatten()).map(String::as_str).collect(),
        Block::Codes(codes, _) => {
            codes.iter().flat_map(|(_, beside)| beside).map(|(words, _)| words.as_str()).collect()
        }
        Block::Signatures(of, _) => of.concat(),
        Block::Rule | Block::Cut | Block::Space(_) => String::new(),
        Block::Together(blocks) => source(blocks),
    };
    blocks.iter().map(said).collect()
}

/// The text of a sheet's file is that of its source, page after page, but for head and foot; heads of tables that go on.
fn says_its_source(sheet: &Sheet, pdf: &Pdf) {
    let pages = pdf.pages();
    let of = pages.len();
    let mut read = String::new();
    for (page, number) in pages.iter().zip(1..) {
        let foot = bare(&(sheet.foot.0)(number, of));
        let head = if number > 1 { bare(&sheet.head) } else { String::new() };
        let rest = page.strip_suffix(&head).and_then(|page| page.strip_suffix(&foot));
        let mut rest = rest.unwrap_or_else(|| panic!("page {number} has no foot {foot}: {page}"));
        for block in sheet.blocks.iter().filter(|_| number > 1) {
            if let Block::Table(_, head, ..) = block {
                rest = rest.strip_prefix(&bare(&head.concat())).unwrap_or(rest);
            }
        }
        read.push_str(rest);
    }
    assert_eq!(read, bare(&source(&sheet.blocks)));
}

fn file(sheet: &Sheet, name: &str) -> Pdf {
    let bytes = sheet.file(&FONTS).expect("a file");
    assert_eq!(bytes, sheet.file(&FONTS).expect("a file"), "the same source gives the same bytes");
    Pdf::new(name, &bytes)
}

fn resolution(lang: Lang) -> NoticePage {
    let mut notice = NoticePage::sample(lang);
    "resolution".clone_into(&mut notice.what);
    notice.plan = None;
    "0578-2091234".clone_into(&mut notice.c.phone);
    let count = |option: &str, votes| Count { option: option.to_owned(), label: None, votes };
    notice.questions = vec![Question {
        number: 1,
        title: notice.title.clone(),
        state: QuestionState::Decided(true),
        counts: vec![count("for", 36), count("against", 4), count("abstain", 3), count("invalid", 1)],
        base: 45,
        needed: 23,
        not_voted: 1,
        channels: Some(Channels { online: 10, kiosk: 15, paper: 20, visited: 2, missed: 1 }),
        choices: Vec::new(),
    }];
    notice
}

#[test]
fn minutes_say_what_the_record_says() {
    for lang in Lang::ALL {
        for (named, standing, name) in [
            (false, Standing::Ready, "public"),
            (true, Standing::Signed(212), "named"),
            (false, Standing::Draft, "draft"),
        ] {
            let minutes = Minutes { named, standing, ..Minutes::sample(lang) };
            let sheet = minutes.sheet();
            let pdf = file(&sheet, &format!("minutes-{name}-{}", lang.code()));
            says_its_source(&sheet, &pdf);
            pdf.has_its_fonts();
            assert_eq!(pdf.codes(), [CHECK]);
            assert_eq!(pdf.info("Page size"), "595.276 x 841.89 pts (A4)");
            let notes = pdf.said("pdfinfo", &["-meta"], &[]);
            assert!(notes.contains("<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U<"), "PDF/A-2u for the archive");
            assert!(notes.contains("2026-10-24T21:30:00+08:00"), "as of the record's time");
            let text = pdf.pages().concat();
            let has = |key: &'static str| text.contains(&bare(&lang.t(key).to_string()));
            assert_eq!(has("print-minutes-draft"), standing == Standing::Draft);
            assert_eq!(has("print-minutes-ready"), standing == Standing::Ready);
            let someone = minutes.page.roster.iter().find(|line| line.no == 20).and_then(|line| line.name.clone());
            assert_eq!(text.contains(&bare(&someone.expect("a name"))), named, "{name}");
        }
    }
}

#[test]
fn a_report_of_figures_says_what_the_page_says() {
    let as_of = "2026-12-01T01:00:00.000Z".parse().expect("a time");
    for lang in Lang::ALL {
        let page = FiguresPage::sample(lang);
        let sheet = figures::report(&page, "https://vote.example", as_of);
        let pdf = file(&sheet, &format!("figures-{}", lang.code()));
        says_its_source(&sheet, &pdf);
        pdf.has_its_fonts();
        assert_eq!(pdf.codes(), [format!("https://vote.example{}", page.link)]);
        let text = pdf.pages().concat();
        let rows = page.parts.iter().chain(&page.categories);
        let numbers = rows.flat_map(|row| &row.nums).chain(page.funnel.iter().map(|bar| &bar.num));
        for num in numbers.chain(page.ways.iter().map(|bar| &bar.num)) {
            assert!(text.contains(&bare(&num.words)), "{}", num.words);
        }
    }
}

#[test]
fn a_paper_to_be_filled_in_bears_the_code_of_its_form() {
    let every = Filled::OF_MATTERS.into_iter().chain([Filled::SignIn]);
    for (lang, what) in Lang::ALL.into_iter().flat_map(|lang| every.clone().map(move |what| (lang, what))) {
        let notice = resolution(lang);
        let link = format!("https://vote.example/v/331102206201/paper/{}/01KJP0Y9M0KH9SXAGZ44GWEFW0", what.code());
        let blank = Blank {
            c: notice.c,
            place: notice.place,
            what,
            about: HOSTILE.to_owned(),
            text: if what == Filled::Notice { notice.body } else { Vec::new() },
            questions: if what == Filled::Resolution { notice.questions } else { Vec::new() },
            members: if what == Filled::SignIn {
                (1..=45).map(|no| (no, format!("吴{no}"))).collect()
            } else {
                Vec::new()
            },
            link: link.clone(),
            as_of: "2026-11-20T01:00:00.000Z".parse().expect("a time"),
        };
        let sheet = filled::sheet(&blank);
        let pdf = file(&sheet, &format!("filled-{}-{}", what.code(), lang.code()));
        says_its_source(&sheet, &pdf);
        pdf.has_its_fonts();
        assert_eq!(pdf.codes(), [link]);
        assert_eq!(pdf.info("Page size"), "595.276 x 841.89 pts (A4)");
        let title = bare(&lang.t(format!("paper-title-{}", what.code())).to_string());
        assert!(pdf.pages().concat().contains(&title), "{title}");
    }
}

#[test]
fn minutes_that_wait_for_signatures_bear_the_code_of_their_form() {
    let link = "https://vote.example/v/331102206201/paper/minutes/01KJP0Y9M0KH9SXAGZ44GWEFW0";
    for lang in Lang::ALL {
        let minutes = Minutes { named: true, filed: Some(link.to_owned()), ..Minutes::sample(lang) };
        let sheet = minutes.sheet();
        let pdf = file(&sheet, &format!("minutes-filed-{}", lang.code()));
        says_its_source(&sheet, &pdf);
        assert_eq!(pdf.codes(), [CHECK, link]);
    }
}

#[test]
fn a_list_of_households_has_the_days_that_are_noted_and_room_for_the_others() {
    for lang in Lang::ALL {
        let (page, day) = (HouseholdsPage::sample(lang), "2026-11-18".parse().expect("a date"));
        let home = |(n, label): (u128, &str)| Home {
            id: ulid::Ulid(n),
            label: label.to_owned(),
            group: (n == 1).then_some(2),
            added: "2026-11-01T01:00:00.000Z".parse().expect("a time"),
        };
        let listed = Listed {
            c: page.c.clone(),
            place: page.place.clone(),
            name: "雷建明".to_owned(),
            matter: page.chosen.map(|chosen| chosen.title),
            rows: vec![(home((1, HOSTILE)), [Some(day), None]), (home((2, "14号 蓝家")), [None, None])],
            at: "2026-11-20T01:00:00.000Z".parse().expect("a time"),
        };
        let sheet = households::sheet(&listed);
        let pdf = file(&sheet, &format!("households-{}", lang.code()));
        says_its_source(&sheet, &pdf);
        pdf.has_its_fonts();
        assert!(pdf.codes().is_empty(), "it leads nobody anywhere");
        assert!(pdf.pages().concat().contains(&bare(&lang.short_date(day))));
    }
}

#[test]
fn a_notice_is_printed_small_and_large() {
    for lang in Lang::ALL {
        for (notice, name) in [(resolution(lang), "resolution"), (NoticePage::sample(lang), "plan")] {
            for (format, size, letter) in
                [(Format::A4, "595.276 x 841.89 pts (A4)", "a4"), (Format::A3, "841.89 x 1190.55 pts (A3)", "a3")]
            {
                let sheet = notice::sheet(&notice, format, CHECK);
                let pdf = file(&sheet, &format!("{name}-{letter}-{}", lang.code()));
                says_its_source(&sheet, &pdf);
                pdf.has_its_fonts();
                assert_eq!(pdf.codes(), [notice.link.clone(), CHECK.to_owned()]);
                assert_eq!(
                    (pdf.info("Page size").as_str(), pdf.info("Pages").as_str()),
                    (size, "1"),
                    "a sheet to hang"
                );
            }
        }
    }
}

#[test]
fn words_are_never_taken_for_markup() {
    let mut notice = resolution(Lang::ZhCn);
    notice.title = HOSTILE.to_owned();
    notice.body = vec![format!("{HOSTILE}😀"), "长".repeat(4_000)];
    notice.questions[0].title = HOSTILE.to_owned();
    let sheet = notice::sheet(&notice, Format::A4, CHECK);
    let pdf = Pdf::new("hostile", &sheet.file(&FONTS).expect("a file"));
    let text = pdf.pages().concat();
    assert!(text.matches(&bare(HOSTILE)).count() >= 3, "{text}");
    assert!(text.contains(&bare(&format!("{HOSTILE}[U+1F600]"))), "no empty box");
    notice.body = vec!["长\n".repeat(20_000)];
    assert!(notice::sheet(&notice, Format::A4, CHECK).file(&FONTS).is_err(), "longer than any notice");
}

/// Rows of a picture's pixels, from `top` on, as parts of its height.
fn lower_part(picture: &Path, top: f64) -> Vec<u8> {
    let picture = image::open(picture).expect("a picture").to_luma8();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a picture")]
    let from = (f64::from(picture.height()) * top) as u32;
    picture.enumerate_pixels().filter(|(_, y, _)| *y >= from).map(|(_, _, pixel)| pixel.0[0]).collect()
}

/// Where the stub ends: 31 of 210 mm, and the perforation.
const BELOW_THE_STUB: f64 = 33.0 / 210.0;

#[test]
fn nothing_on_a_ballot_tells_it_from_another() {
    let samples =
        [Ballot::sample(false), Ballot::sample(true), Ballot::sample_named(false), Ballot::sample_named(true)];
    for (nth, ballot) in samples.iter().enumerate() {
        let run = Run { first: 98, count: 5, in_pairs: false };
        let bytes = ballots(&FONTS, ballot, &Stub::sample(), run).expect("ballots");
        let pdf = Pdf::new(&format!("ballots-{nth}"), &bytes);
        let pictures = pdf.pictures(100);
        let bodies: Vec<Vec<u8>> = pictures.iter().map(|picture| lower_part(picture, BELOW_THE_STUB)).collect();
        assert_eq!(bodies.len(), 5);
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the same ink on every ballot");
        assert!(bodies[0].iter().filter(|pixel| **pixel < 128).count() > 5_000, "and there is some");
        let whole: Vec<Vec<u8>> = pictures.iter().map(|picture| lower_part(picture, 0.0)).collect();
        assert_ne!(whole[0], whole[1], "the stub's number");
        assert_eq!(pdf.info("Page size"), "419.528 x 595.276 pts");
        assert_eq!((pdf.info("Title"), pdf.info("CreationDate")), (String::new(), String::new()));
        pdf.has_its_fonts();
    }
}

#[test]
fn a_ballot_says_its_question_and_the_number_on_its_stub_alone() {
    let run = Run { first: 7, count: 2, in_pairs: false };
    let (ballot, stub) = (Ballot::sample(true), Stub::sample());
    let pdf = Pdf::new("ballot-text", &ballots(&FONTS, &ballot, &stub, run).expect("ballots"));
    let words = |Words(first, second): &Words| format!("{first}{}", second.clone().unwrap_or_default());
    let upper = [&ballot.title, &ballot.occasion, &ballot.question].into_iter().chain(&ballot.options);
    let said: String = upper
        .chain(&ballot.rules)
        .chain([&ballot.scribe, &ballot.seal, &ballot.batch])
        .map(words)
        .chain([stub.occasion.clone(), stub.note.clone(), stub.number.clone()])
        .collect();
    for (page, number) in pdf.pages().iter().zip(["0007", "0008"]) {
        assert_eq!(*page, bare(&format!("{said}{number}")));
    }
}

#[test]
fn two_ballots_on_a_sheet_are_the_same_ballot() {
    let run = Run { first: 1, count: 3, in_pairs: true };
    let bytes = ballots(&FONTS, &Ballot::sample(false), &Stub::sample(), run).expect("ballots");
    let pdf = Pdf::new("ballots-pairs", &bytes);
    assert_eq!((pdf.info("Page size"), pdf.info("Pages")), ("841.89 x 595.276 pts (A4)".to_owned(), "2".to_owned()));
    // At 144 to the inch a point is two pixels, and the second ballot begins at pixel 842.
    let sheet = image::open(&pdf.pictures(144)[0]).expect("a picture").to_luma8();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a picture")]
    let from = (f64::from(sheet.height()) * BELOW_THE_STUB) as u32;
    let half = |at: u32| -> Vec<u8> {
        let rows = from..sheet.height();
        rows.flat_map(|y| (20..820).map(move |x| (x + at, y))).map(|(x, y)| sheet.get_pixel(x, y).0[0]).collect()
    };
    let differ = half(0).iter().zip(half(842)).filter(|(left, right)| left.abs_diff(*right) > 8).count();
    assert_eq!(differ, 0, "pixels that differ");
}
