//! Keys, kin, offices and terms: whom and what a list may name.

use sunvote::core::act::Act;
use sunvote::core::act::village::{
    KeyRevoked, KeyRow, KeysEnrolled, KinDeclared, LogKeyRotated, OfficialsEnrolled, RevokeReason, RolesGranted,
    RootsChanged, TermOpened, TermRow,
};
use sunvote::core::ids::{PersonId, PublicKey};
use sunvote::core::model::{KeyKind, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::{Header, Part};
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, ROOTS, Set, hand, key, public};
use crate::people::{annul, end, enrol, grant, kin, revoke};
use crate::raw;
use crate::stages::Stages;

pub fn add(set: &mut Set, stages: &Stages) {
    keys(set, stages);
    special(set, stages);
    persons(set, stages);
    conflicts(set, stages);
    lists(set, stages);
    terms(set, stages);
    parts(set, stages);
    annulments(set, stages);
}

fn enrolling(f: &mut Forge, rule: Rule, keys: Vec<KeyRow>) {
    let by = f.two();
    f.unlawful(rule, &by, Header::default(), Act::KeysEnrolled(KeysEnrolled { keys }));
}

fn row(person: PersonId, key: PublicKey) -> KeyRow {
    KeyRow { person, key, key_kind: KeyKind::Card }
}

fn keys(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, of: &dyn Fn(&Forge) -> PublicKey| {
        set.bad(&stages.village, name, about, |f| {
            let (person, key) = (f.representative(1), of(f));
            enrolling(f, Rule::KeyUnfit, vec![row(person, key)]);
            f.then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    bad("key-of-two-persons", "A key that another person has.", &|f| f.someone(f.representative(0)).unwrap().public());
    bad("key-enrolled-again", "A key that the same person has.", &|f| f.someone(f.representative(1)).unwrap().public());
    bad("key-of-the-log", "The log's key for a person.", &|f| public(f.log_key()));
    bad("key-of-a-root", "A root's key for a person.", &|f| public(&f.roots()[2]));
    for (name, _, unfit) in raw::unfit_keys() {
        bad(&format!("key-{name}"), "A key that is no sound Ed25519 key is enrolled.", &|_| unfit);
    }
    bad("key-of-zeros", "A key of zeros.", &|_| PublicKey([0; 32]));
    bad("key-on-no-point", "A key that is on no point.", &|_| {
        let mut two = [0; 32];
        two[0] = 2;
        PublicKey(two)
    });
    set.bad(&stages.village, "key-after-revocation", "A revoked key is enrolled again, for the same person.", |f| {
        let person = f.representative(1);
        let lost = f.someone(person).unwrap().public();
        f.then(|s| revoke(s, person)).wait_minutes(1);
        enrolling(f, Rule::KeyUnfit, vec![row(person, lost)]);
    });
    set.bad(&stages.village, "key-twice-in-a-list", "One key twice in a list.", |f| {
        let (person, fresh) = (f.representative(1), public(&key(60)));
        enrolling(f, Rule::KeyUnfit, vec![row(person, fresh), row(person, fresh)]);
        f.then(|s| enrol(s.wait_minutes(1), person, fresh));
    });
    set.bad(&stages.village, "key-revoked-that-is-none", "A key that is not on record is revoked.", |f| {
        let act = Act::KeyRevoked(KeyRevoked { key: public(&key(60)), reason: RevokeReason::Lost });
        let by = f.two();
        f.unlawful(Rule::SignerKeyRevoked, &by, Header::default(), act);
    });
}

/// Keys of roots and log.
fn special(set: &mut Set, stages: &Stages) {
    let mut roots = |name: &str, about: &str, rule: Rule, of: &dyn Fn(&Forge) -> Vec<PublicKey>| {
        set.bad(&stages.village, name, about, |f| {
            let roots = of(f);
            f.unlawful(rule, ROOTS, Header::default(), Act::RootsChanged(RootsChanged { roots }));
        });
    };
    let fresh = |n: u8| public(&key(n));
    roots("roots-one", "One root from here on.", Rule::ListForm, &|_| vec![fresh(1)]);
    roots("roots-ten", "Ten roots from here on.", Rule::ListForm, &|_| (1..11).map(fresh).collect());
    roots("roots-doubled", "One root twice.", Rule::KeyUnfit, &|_| vec![fresh(1), fresh(1)]);
    roots("roots-small-order", "A root of small order.", Rule::KeyUnfit, &|_| vec![fresh(1), raw::unfit_keys()[0].2]);
    roots("roots-a-persons", "A person's key as a root's.", Rule::KeyUnfit, &|f| {
        vec![fresh(1), f.someone(f.clerk()).unwrap().public()]
    });
    roots("roots-the-logs", "The log's key as a root's.", Rule::KeyUnfit, &|f| vec![fresh(1), public(f.log_key())]);
    let mut log = |name: &str, about: &str, of: &dyn Fn(&Forge) -> PublicKey| {
        set.bad(&stages.village, name, about, |f| {
            let act = Act::LogKeyRotated(LogKeyRotated { log_key: of(f) });
            f.unlawful(Rule::KeyUnfit, &[Hand::Log, Hand::Root(0)], Header::default(), act);
        });
    };
    log("log-key-a-persons", "A person's key as the log's.", &|f| f.someone(f.clerk()).unwrap().public());
    log("log-key-a-roots", "A root's key as the log's.", &|f| public(&f.roots()[0]));
    log("log-key-torsion", "A log's key with torsion.", &|_| raw::unfit_keys()[1].2);
}

fn persons(set: &mut Set, stages: &Stages) {
    let nobody = PersonId::from_bytes([1; 16]);
    set.bad(&stages.village, "key-for-nobody", "A key for someone who is not on record.", |f| {
        enrolling(f, Rule::PersonUnknown, vec![row(nobody, public(&key(60)))]);
    });
    set.bad(&stages.village, "kin-of-nobody", "Kinship with someone who is not on record.", |f| {
        let by = f.two();
        let persons = vec![nobody, f.representative(0)];
        f.unlawful(Rule::PersonUnknown, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
    });
    set.bad(&stages.village, "role-ended-that-is-not-held", "A role ends that the person doesn't hold.", |f| {
        let person = f.representative(0);
        f.refused(Rule::PersonUnknown, |s| end(s, person, Role::Clerk));
    });
}

fn conflicts(set: &mut Set, stages: &Stages) {
    let mut granted = |name: &str, about: &str, who: &dyn Fn(&mut Forge) -> PersonId, role: Role| {
        set.bad(&stages.village, name, about, |f| {
            let person = who(f);
            f.refused(Rule::RoleConflict, |s| grant(s, person, &[role])).then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    granted(
        "chair-supervises",
        "The chair joins the supervision committee.",
        &|f| f.chair(),
        Role::SupervisionCommittee,
    );
    granted(
        "supervisor-joins-the-committee",
        "A supervisor joins the village committee.",
        &|f| f.supervisor(1),
        Role::CommitteeMember,
    );
    granted(
        "kin-supervises",
        "Near kin of a committee member joins the supervision committee.",
        &|f| {
            let (person, member) = (f.representative(0), f.committee_member(0));
            f.then(|s| kin(s, person, member));
            person
        },
        Role::SupervisionCommittee,
    );
    granted("role-held-already", "A role that is held.", &|f| f.clerk(), Role::Clerk);
    granted(
        "official-gets-a-village-role",
        "An official gets a role of the village.",
        &|f| f.approver(),
        Role::GridWorker,
    );
    granted(
        "village-grants-an-office",
        "The village grants a role of the township.",
        &|f| f.invent(),
        Role::TownshipApprover,
    );
    granted(
        "village-grants-a-voter",
        "The village grants a role that only a roster gives.",
        &|f| f.invent(),
        Role::Voter,
    );
    set.bad(&stages.village, "key-for-an-official", "Clerk and supervisor enrol a key for the approver.", |f| {
        let person = f.approver();
        enrolling(f, Rule::RoleConflict, vec![row(person, public(&key(60)))]);
    });
    set.bad(
        &stages.village,
        "officials-key-revoked-by-the-village",
        "Clerk and supervisor revoke the approver's key; the approver may.",
        |f| {
            let approver = f.approver();
            let act =
                Act::KeyRevoked(KeyRevoked { key: f.someone(approver).unwrap().public(), reason: RevokeReason::Ended });
            let by = f.two();
            f.unlawful(Rule::RoleConflict, &by, Header::default(), act.clone());
            f.wait_minutes(1).then(|s| s.act(&[hand(approver, Role::Holder)], Header::default(), act));
        },
    );
    for (name, about, role) in [
        ("clerk-as-official", "The roots make an official of the village's clerk.", Role::TownshipApprover),
        ("official-as-clerk", "The roots enrol a clerk.", Role::Clerk),
    ] {
        set.bad(&stages.village, name, about, |f| {
            let person = if role == Role::Clerk { f.invent() } else { f.clerk() };
            f.refused(Rule::RoleConflict, |s| s.enrol_officials(&[(person, role)]));
        });
    }
    set.bad(&stages.village, "official-with-a-villagers-key", "A new official with a villager's key.", |f| {
        let (person, key) = (f.invent(), f.someone(f.clerk()).unwrap().key.clone());
        f.use_key(person, key);
        f.refused(Rule::KeyUnfit, |s| s.enrol_officials(&[(person, Role::TownshipDrafter)]));
    });
}

fn lists(set: &mut Set, stages: &Stages) {
    set.bad(&stages.village, "keys-none", "A list of no keys.", |f| enrolling(f, Rule::ListForm, Vec::new()));
    set.bad(&stages.village, "officials-none", "A list of no officials.", |f| {
        let act = Act::OfficialsEnrolled(OfficialsEnrolled { officials: Vec::new() });
        f.unlawful(Rule::ListForm, ROOTS, Header::default(), act);
    });
    let mut persons = |name: &str, about: &str, of: &dyn Fn(&Forge) -> Vec<PersonId>| {
        set.bad(&stages.village, name, about, |f| {
            let (by, persons) = (f.two(), of(f));
            f.unlawful(Rule::ListForm, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
        });
    };
    let sorted = |f: &Forge| {
        let mut three = [0, 1, 2].map(|n| f.representative(n)).to_vec();
        three.sort_unstable();
        three
    };
    persons("kin-of-three", "Kinship of three.", &sorted);
    persons("kin-of-one", "Kinship of one.", &|f| vec![f.representative(0)]);
    persons("kin-of-oneself", "Kinship of one person with the same.", &|f| vec![f.representative(0); 2]);
    persons("kin-not-sorted", "The two in the wrong order.", &|f| sorted(f)[..2].iter().rev().copied().collect());
    let mut rows = |name: &str, about: &str, of: &dyn Fn(&mut Forge) -> Vec<TermRow>| {
        set.bad(&stages.village, name, about, |f| {
            let (by, people, text) = (f.two(), of(f), f.text("任职文件"));
            let reason = sunvote::core::act::village::GrantReason::Registration;
            f.unlawful(
                Rule::ListForm,
                &by,
                Header::default(),
                Act::RolesGranted(RolesGranted { people, reason, text }),
            );
        });
    };
    rows("grant-of-nothing", "Roles for nobody.", &|_| Vec::new());
    rows("grant-not-sorted", "People in the wrong order.", &|f| {
        let (a, b) = (f.invent(), f.invent());
        [a.max(b), a.min(b)].map(|person| f.term_row(person, &[Role::GridWorker], None)).to_vec()
    });
    rows("grant-person-twice", "One person twice.", &|f| {
        let person = f.invent();
        [Role::GridWorker, Role::GroupLeader].map(|role| f.term_row(person, &[role], None)).to_vec()
    });
    rows(
        "grant-roles-not-sorted",
        "A person's roles in the wrong order: the order is the law's, not the alphabet's.",
        &|f| {
            let person = f.invent();
            let row = f.term_row(person, &[], None);
            vec![TermRow { roles: vec![Role::GroupLeader, Role::Chair], ..row }]
        },
    );
}

/// The rows of a second term: clerk and supervisors re-elected, everyone else new.
fn second_term(f: &mut Forge, supervisors: usize) -> Vec<TermRow> {
    let mut rows = vec![f.term_row(f.clerk(), &[Role::Clerk], None)];
    for index in 0..supervisors {
        rows.push(f.term_row(f.supervisor(index), &[Role::SupervisionCommittee], None));
    }
    for role in [Role::Chair, Role::BranchSecretary, Role::Representative] {
        let person = f.invent();
        rows.push(f.term_row(person, &[role], None));
    }
    rows.sort_by_key(|row| row.person);
    rows
}

fn term(
    scribe: &mut Scribe,
    number: u32,
    days: (i32, i32),
    rows: Vec<TermRow>,
    part: Part,
) -> Result<sunvote::log::ledger::Appended, sunvote::core::reject::Rejection> {
    let (today, result) = (scribe.now().date(), sunvote::core::commit::plain(b"result"));
    let result = sunvote::core::model::Doc {
        sha256: result,
        size: 9,
        media: sunvote::core::model::Media::Text,
        level: sunvote::core::model::Level::Public,
    };
    let (from, until) = (today.plus_days(days.0), today.plus_days(days.1));
    let act = TermOpened { term: number, from, until, people: rows, result };
    let header = Header { part: Some(part), ..Header::default() };
    scribe.act(&scribe.two(), header, Act::TermOpened(act))
}

const WHOLE: Part = Part { part: 1, of: 1 };

fn terms(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, rule: Rule, number: u32, days: (i32, i32), supervisors: usize| {
        set.bad(&stages.village, name, about, |f| {
            f.wait_days(1);
            let rows = second_term(f, supervisors);
            f.refused(rule, |s| term(s, number, days, rows, WHOLE)).then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    bad("term-of-two-supervisors", "A term with two supervisors.", Rule::RoleConflict, 2, (0, 1_800), 2);
    bad("term-number-again", "A term with the number of the one before.", Rule::ValueRange, 1, (0, 1_800), 3);
    bad("term-from-tomorrow", "A term that begins tomorrow.", Rule::ValueRange, 2, (1, 1_800), 3);
    bad("term-backwards", "A term that ends before it begins.", Rule::ValueRange, 2, (0, -1), 3);
    bad("term-of-2201-days", "A term a day too long.", Rule::ValueRange, 2, (0, 2_201), 3);
    set.bad(
        &stages.village,
        "term-of-2200-days",
        "A term as long as one may be ends the roles before it, from its first day.",
        |f| {
            f.wait_days(300);
            let rows = second_term(f, 3);
            f.then(|s| term(s, 2, (0, 2_200), rows, WHOLE));
            let matter = f.suggest("建议").unwrap();
            f.refused(Rule::SignerRole, |s| s.propose(matter, &stages.draft));
        },
    );
    set.bad(&stages.village, "term-over", "The day after a term's last its roles are held no more.", |f| {
        f.wait_days(1);
        let rows = second_term(f, 3);
        f.then(|s| term(s, 2, (0, 9), rows, WHOLE));
        let over = f.now().date().plus_days(10).start();
        f.at(over.plus_ms(-1)).then(|s| s.suggest("最后一刻"));
        f.at(over).refused(Rule::SignerRole, |s| s.suggest("晚一毫秒"));
    });
    set.bad(&stages.village, "term-not-sorted", "A term's people in the wrong order.", |f| {
        f.wait_days(1);
        let mut rows = second_term(f, 3);
        rows.reverse();
        f.refused(Rule::ListForm, |s| term(s, 2, (0, 9), rows, WHOLE));
    });
}

fn parts(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str, about: &str, write: &dyn Fn(&mut Forge, [Vec<TermRow>; 2])| {
        set.bad(&stages.village, name, about, |f| {
            f.wait_days(1);
            let rows = second_term(f, 3);
            let halves = [rows[..3].to_vec(), rows[3..].to_vec()];
            write(f, halves);
        });
    };
    let part = |part, of| Part { part, of };
    let days = (0, 900);
    bad("part-without-first", "A second part and no first.", &|f, [_, last]| {
        f.refused(Rule::PartOrder, |s| term(s, 2, days, last, part(2, 2)));
    });
    bad("part-skipped", "The third part after the first.", &|f, [first, last]| {
        f.then(|s| term(s, 2, days, first, part(1, 3)))
            .refused(Rule::PartOrder, |s| term(s, 2, days, last, part(3, 3)));
    });
    bad("part-of-another-number", "The second of three after the first of two.", &|f, [first, last]| {
        f.then(|s| term(s, 2, days, first, part(1, 2)))
            .refused(Rule::PartOrder, |s| term(s, 2, days, last, part(2, 3)));
    });
    bad("part-of-another-term", "The second part says another last day.", &|f, [first, last]| {
        f.then(|s| term(s, 2, days, first, part(1, 2)));
        f.refused(Rule::PartOrder, |s| term(s, 2, (0, 901), last, part(2, 2)));
    });
    bad("part-one-anew", "Part 1 again begins anew; the parts after it follow the second one.", &|f, [first, last]| {
        f.then(|s| term(s, 2, days, last.clone(), part(1, 2)));
        f.wait_minutes(1)
            .then(|s| term(s, 2, days, first, part(1, 2)))
            .then(|s| term(s, 2, days, last.clone(), part(2, 2)));
        f.wait_minutes(1).refused(Rule::PartOrder, |s| term(s, 2, days, last, part(2, 2)));
    });
    bad("parts-not-sorted-together", "Each part is sorted, and the second comes before the first.", &|f,
                                                                                                      [
        first,
        last,
    ]| {
        f.then(|s| term(s, 2, days, last, part(1, 2))).refused(Rule::ListForm, |s| term(s, 2, days, first, part(2, 2)));
    });
    bad("parts-refused-with-the-last", "The whole is refused with its last part; part 2 may come again.", &|f,
                                                                                                            [
        first,
        last,
    ]| {
        f.then(|s| term(s, 2, days, first, part(1, 2)));
        f.refused(Rule::ListForm, |s| term(s, 2, days, Vec::new(), part(2, 2)));
        f.wait_minutes(1).then(|s| term(s, 2, days, last, part(2, 2)));
    });
}

fn annulments(set: &mut Set, stages: &Stages) {
    let nothing = sunvote::core::ids::Digest([9; 32]);
    set.bad(
        &stages.village,
        "annulment-of-nothing",
        "An annulment of an entry that isn't there, and of one whose effects it can't take back.",
        |f| {
            f.refused(Rule::AnnulmentIdle, |s| annul(s, Header::default(), nothing, Vec::new()));
            let entry = f.entries[3].at.leaf;
            f.refused(Rule::AnnulmentIdle, |s| annul(s, Header::default(), entry, Vec::new()));
        },
    );
    set.bad(
        &stages.village,
        "annulment-of-other-keys",
        "An annulment revokes a key that another entry enrolled.",
        |f| {
            let clerk = f.clerk();
            let (old, entry) = (f.someone(clerk).unwrap().public(), enrol(f, clerk, public(&key(70))).unwrap().at.leaf);
            f.refused(Rule::KeyUnfit, |s| annul(s, Header::default(), entry, vec![old]));
        },
    );
    set.bad(
        &stages.proposed,
        "annulment-of-another-matter",
        "A matter is annulled for an entry that it doesn't rest on.",
        |f| {
            let other = f.suggest("建议修桥").unwrap();
            let entry = f.entries.last().unwrap().at.leaf;
            f.refused(Rule::BasisStale, |s| annul(s, Header::of(stages.matter), entry, Vec::new()));
            f.then(|s| annul(s, Header::of(other), entry, Vec::new()));
            f.refused(Rule::MatterEnded, |s| s.suggest_to(other, "再提一条"));
        },
    );
}
