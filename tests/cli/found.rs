//! A real district from nothing: root keys, foundings, law, officials, people, and what must be refused on the way.

use std::path::{Path, PathBuf};
use std::process::Output;

use ed25519_dalek::SigningKey;

use crate::serve::Serving;
use crate::sunvote;

const VILLAGES: &str = "code,name,township_code,township\n331102206201,黄泥墩村委会,331102206,黄村乡\n\
                        331102206202,上坑村委会,331102206,黄村乡\n";
/// Cheap to type, long enough.
const PASSPHRASE: &str = "rice paper and ink";

/// A folder with settings, files and keys of a district.
pub struct District {
    pub folder: tempfile::TempDir,
    roots: Vec<String>,
}

/// The device key of officer `n`.
fn device(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn hex_of(n: u8) -> String {
    hex::encode(device(n).verifying_key().to_bytes())
}

impl District {
    /// Settings, the files of two villages, and two root keys.
    pub fn with_two_roots() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut district = Self { folder, roots: Vec::new() };
        district.write(
            "config.toml",
            &format!(
                "public_origin = \"http://127.0.0.1:8080\"\nlisten = \"127.0.0.1:0\"\ndata_dir = \"{}\"\n",
                district.path("data").display()
            ),
        );
        district.write("passphrase", PASSPHRASE);
        district.write("villages.csv", VILLAGES);
        district.write("officers.csv", &officers());
        for name in ["first.root", "second.root"] {
            let told = district.ok(&["root", "new", name, "--passphrase-file", "passphrase"]);
            let public = told.lines().next().and_then(|line| line.strip_prefix("public key  ")).expect("a public key");
            assert!(told.replace([' ', '\n'], "").contains(public), "the same key to print: {told}");
            district.roots.push(public.to_owned());
        }
        district
    }

    /// The roots' public keys, in hex.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        sunvote().args(arguments).current_dir(self.folder.path()).output().expect("it runs")
    }

    /// Runs a command that must succeed, and gives what it says.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {error}{said}");
        said.into_owned()
    }

    /// Runs a command that must fail, and gives what it says.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub fn import(&self) -> Vec<&str> {
        let [first, second] = [&self.roots[0], &self.roots[1]];
        let officers = ["--officers", "officers.csv", "--root", first, "--root", second, "-o", "founding.request"];
        [&["admin", "import", "villages.csv"], &officers[..]].concat()
    }

    fn sign(&self, root: &str, request: &str, output: &str) -> String {
        self.ok(&["root", "sign", root, request, "-o", output, "--yes", "--passphrase-file", "passphrase"])
    }

    /// Signs a request with both roots and puts it on record.
    pub fn enact(&self, request: &str) -> String {
        let (half, whole) = (format!("{request}.first"), format!("{request}.signed"));
        self.sign("first.root", request, &half);
        self.sign("second.root", &half, &whole);
        self.ok(&["admin", "accept", &whole])
    }

    /// Both villages founded, with law and officials.
    pub fn founded() -> Self {
        let district = Self::with_two_roots();
        district.ok(&district.import());
        district.enact("founding.request");
        district
    }

    /// What `sunvote verify` says of something, with the district's roots, and that it is lawful.
    pub fn lawful(&self, source: &str) -> String {
        self.ok(&["verify", "--root", &self.roots[0], "--root", &self.roots[1], source])
    }
}

fn officers() -> String {
    let mut text = "place,name,role,key\n".to_owned();
    for (place, name, role, n) in [
        ("331102206201", "吴桂香", "clerk", 1),
        ("331102206201", "季永福", "supervision_committee", 2),
        ("331102206202", "蓝火根", "clerk", 3),
        ("331102206202", "雷土旺", "supervision_committee", 4),
        ("331102206", "叶秀英", "township_drafter", 5),
        ("331102206", "周建国", "township_approver", 6),
        ("331102", "陈海", "discipline_inspector", 7),
    ] {
        text.push_str(&format!("{place},{name},{role},{}\n", hex_of(n)));
    }
    text
}

fn entries(file: &Path) -> usize {
    std::fs::read_to_string(file).expect("a record").lines().filter(|line| line.starts_with("{\"seq\":")).count()
}

#[test]
fn a_district_is_founded_from_nothing_and_its_records_are_lawful() {
    let district = District::with_two_roots();
    let prepared = district.ok(&district.import());
    assert!(prepared.contains("to be signed within 30 days by"), "{prepared}");
    assert!(district.refused(&["export", "331102206201"]).contains("no such village"), "nothing is on record yet");

    let shown = district.sign("first.root", "founding.request", "half");
    assert!(shown.contains("founding of 331102206201 黄泥墩村 (黄村乡)"), "{shown}");
    assert!(shown.contains("吴桂香") && shown.contains("officials enrolled in 331102206201"), "{shown}");
    assert!(shown.contains("still needs"), "{shown}");
    assert!(
        district.refused(&["admin", "accept", "half"]).contains("still needs the signature"),
        "one root is not two"
    );
    district.sign("second.root", "half", "founding.signed");
    assert!(district.ok(&["admin", "accept", "founding.signed"]).contains("0 were there already"));
    let again = district.ok(&["admin", "accept", "founding.signed"]);
    assert!(again.starts_with("0 statements put on record"), "{again}");

    district.ok(&["export", "--all", "--output", "records"]);
    for village in ["331102206201", "331102206202"] {
        let record = format!("records/{village}.sunvote");
        let text = district.lawful(&record);
        assert!(text.contains("complete and lawful") && text.contains("root keys   those that you named"), "{text}");
        assert!(entries(&district.path(&record)) > 5, "founding, law and officials");
    }
    let listed = district.ok(&["admin", "user", "list"]);
    assert!(listed.contains("township_approver") && listed.contains("2 villages  周建国"), "{listed}");
}

#[test]
fn the_served_record_is_verified_from_its_address() {
    let district = District::founded();
    let serving = Serving::start(&district.path("config.toml"));
    for page in ["", "/record", "/record/file"] {
        let text = district.lawful(&format!("http://{}/v/331102206201{page}", serving.address));
        assert!(text.contains("127.0.0.1:8080/log/v/331102206201"), "{text}");
    }
    let nobody = format!("http://{}/v/331102206299", serving.address);
    assert_eq!(district.run(&["verify", &nobody]).status.code(), Some(2), "a village that isn't there");
    let told = district.refused(&["admin", "accept", "founding.request.signed"]);
    assert!(told.contains("a server is running"), "{told}");
}

#[test]
fn bad_files_are_refused_with_line_column_and_reason_and_nothing_is_written() {
    let district = District::with_two_roots();
    district.write("villages.csv", &format!("{VILLAGES}33110220620,短码村委会,331102206,黄村乡\n"));
    let told = district.refused(&district.import());
    assert!(told.contains("villages.csv: line 4, column code: “33110220620” is not a village code"), "{told}");
    district.write("villages.csv", VILLAGES);
    district.write("officers.csv", &officers().replacen(&hex_of(2), &hex_of(1), 1));
    let told = district.refused(&district.import());
    assert!(told.contains("officers.csv: line 3, column key: doesn't fit line 2: one key for two people"), "{told}");
    let officers_of_one = officers().replace("雷土旺,supervision_committee", "雷土旺,clerk");
    district.write("officers.csv", &officers_of_one);
    let told = district.refused(&district.import());
    assert!(told.contains("villages.csv: line 3, column code: this village has no supervision_committee"), "{told}");
    district.write("other.csv", "a,b\n1,2\n");
    assert!(district.refused(&["admin", "import", "other.csv"]).contains("line 1: the header is none of"));
    assert!(!district.path("founding.request").exists() && !district.path("founding.request.part").exists());

    // What was refused left no trace: the good files found the district.
    district.write("officers.csv", &officers());
    district.ok(&district.import());
    district.enact("founding.request");
    assert!(district.refused(&district.import()).contains("line 2, column code: this village was founded already"));
}

#[test]
fn a_wrong_passphrase_and_a_key_that_is_there_are_refused() {
    let district = District::with_two_roots();
    district.ok(&district.import());
    district.write("other", "rice paper and oil");
    let sign = ["root", "sign", "first.root", "founding.request", "-o", "half", "--yes", "--passphrase-file"];
    assert!(district.refused(&[&sign[..], &["other"]].concat()).contains("wrong passphrase"));
    assert!(!district.path("half").exists());
    let new = ["root", "new", "first.root", "--passphrase-file", "passphrase"];
    assert!(district.refused(&new).contains("never replaced"));
    district.write("short", "ink");
    assert!(district.refused(&["root", "new", "third.root", "--passphrase-file", "short"]).contains("12 characters"));
    assert!(!district.path("third.root").exists());
}

#[test]
fn a_root_that_is_not_named_signs_nothing() {
    let district = District::with_two_roots();
    district.ok(&district.import());
    district.ok(&["root", "new", "third.root", "--passphrase-file", "passphrase"]);
    let third =
        ["root", "sign", "third.root", "founding.request", "-o", "half", "--yes", "--passphrase-file", "passphrase"];
    assert!(district.refused(&third).contains("is for other root keys; nothing was signed"));
}

#[test]
fn a_signed_file_changed_on_the_way_is_refused_whole() {
    let district = District::with_two_roots();
    district.ok(&district.import());
    district.sign("first.root", "founding.request", "half");
    district.sign("second.root", "half", "signed");
    let text = std::fs::read_to_string(district.path("signed")).expect("read");
    // Another payload of the same length, in the last line: the whole file is refused.
    let last = text.rfind("\"payload\":\"").expect("a payload") + 60;
    let other = if text.as_bytes()[last] == b'A' { "B" } else { "A" };
    district.write("changed", &format!("{}{other}{}", &text[..last], &text[last + 1..]));
    assert!(district.refused(&["admin", "accept", "changed"]).contains("nothing was put on record"));
    district.write("renamed", &text.replace("吴桂香", "吴桂花"));
    assert!(district.refused(&["admin", "accept", "renamed"]).contains("not the name that the statement commits to"));
    assert!(district.refused(&["export", "331102206201"]).contains("no such village"));

    // Prepared anew, the older file is void.
    std::fs::remove_file(district.path("founding.request")).expect("removed");
    district.ok(&district.import());
    assert!(district.refused(&["admin", "accept", "signed"]).contains("not the one that was prepared last"));
}

#[test]
fn officials_come_and_go_by_the_roots_only() {
    let district = District::founded();
    let (place, key) = ("331102206", hex_of(8));
    let add =
        ["admin", "user", "add", "--name", "徐明", "--role", "township_approver", "--place", place, "--key", &key];
    district.ok(&[&add[..], &["-o", "add.request"]].concat());
    district.enact("add.request");
    let listed = district.ok(&["admin", "user", "list"]);
    let line = listed.lines().find(|line| line.contains("徐明")).expect("on the list");
    assert!(line.contains("2 villages"), "{line}");
    let person = line.split_whitespace().next().expect("an id");
    district.ok(&["admin", "user", "end", "--person", person, "--role", "township_approver", "-o", "end.request"]);
    district.enact("end.request");
    assert!(!district.ok(&["admin", "user", "list"]).contains("徐明"));
    let wrong =
        ["admin", "user", "add", "--name", "徐明", "--role", "clerk", "--place", place, "--key", &key, "-o", "x"];
    assert!(district.refused(&wrong).contains("clerk is not a role of this kind of place"));
    district.ok(&["export", "331102206201"]);
    district.lawful("331102206201.sunvote");
}

#[test]
fn a_backup_made_while_running_restores_record_vault_and_documents() {
    let district = District::founded();
    let people = "village,name,roles,group\n331102206201,吴桂香,clerk,\n331102206201,季永福,supervision_committee,\n\
                  331102206201,王春,supervision_committee,\n331102206201,李秋,supervision_committee,\n\
                  331102206201,张明,chair;branch_secretary,\n331102206201,刘华,representative,1\n";
    district.write("people.csv", people);
    district.write("result.txt", "选举结果");
    let waiting = district.ok(&["admin", "import", "people.csv", "--result", "result.txt"]);
    assert!(waiting.contains("331102206201: 6 people"), "{waiting}");
    let serving = Serving::start(&district.path("config.toml"));
    district.ok(&["admin", "backup", "backup"]);
    drop(serving);
    district.ok(&["export", "331102206201", "--output", "before.sunvote"]);

    let config = std::fs::read_to_string(district.path("config.toml")).expect("read");
    district.write("config.toml", &config.replace("/data\"", "/other\""));
    std::fs::create_dir(district.path("other")).expect("made");
    std::fs::copy(district.path("data/vault.key"), district.path("other/vault.key")).expect("copied");
    district.ok(&["admin", "restore", "backup"]);
    district.ok(&["rebuild"]);
    district.ok(&["export", "331102206201", "--output", "after.sunvote"]);
    let read = |name: &str| std::fs::read(district.path(name)).expect("read");
    assert_eq!(read("before.sunvote"), read("after.sunvote"));
    district.lawful("after.sunvote");
    assert!(district.ok(&["admin", "user", "list"]).contains("周建国"), "names are in the vault");
    let papers = |folder: &str| std::fs::read_dir(district.path(folder)).map_or(0, Iterator::count);
    assert!(papers("data/documents") > 0 && papers("data/documents") == papers("other/documents"));
    assert!(district.refused(&["admin", "restore", "backup"]).contains("is not empty"), "never over data");
}

#[test]
fn people_of_a_village_that_is_not_there_or_that_the_law_refuses_are_named() {
    let district = District::founded();
    district.write("result.txt", "选举结果");
    let import = ["admin", "import", "people.csv", "--result", "result.txt"];
    let head = "village,name,roles,group\n";
    district.write("people.csv", &format!("{head}331102206299,王春,clerk,\n"));
    assert!(district.refused(&import).contains("people.csv: line 2, column village"));
    district
        .write("people.csv", &format!("{head}331102206201,王春,clerk,\n331102206201,13900000000,representative,1\n"));
    assert!(district.refused(&import).contains("people.csv: line 3, column name: a mobile number"));
    district.write("people.csv", &format!("{head}331102206202,王春,clerk,\n"));
    let told = district.refused(&import);
    let lacks = "people.csv: line 2, column roles: 上坑村 (331102206202): 0 with the role supervision_committee, and 3 to 5 are needed";
    assert!(told.contains(lacks) && told.contains("give it to that many people"), "{told}");
    // The law has the last word: a term that has not begun.
    let committee =
        ["叶一", "叶二", "叶三"].map(|name| format!("331102206202,{name},supervision_committee,\n")).concat();
    district.write("people.csv", &format!("{head}331102206202,蓝火根,clerk,\n{committee}"));
    let told = district.refused(&[&import[..], &["--from", "2099-01-01"]].concat());
    assert!(told.contains("line 2: 上坑村 (331102206202): the law refuses this term: found "), "{told}");
    assert!(told.contains("a term that has begun, of five years (value.range)"), "{told}");
}
