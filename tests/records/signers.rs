//! Who signs: how many, in which role, with which key, beside whom, and who may stand in.

use sunvote::core::act::Act;
use sunvote::core::act::village::{KinDeclared, ProfileAdopted, RootsChanged, SubstituteCause};
use sunvote::core::model::Role;
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Forge, ROOTS, Set, hand, key, public};
use crate::people::{ask_substitute, cover, end, enrol, enrol_substituted, grant, kin, revoke, rotate};
use crate::stages::{Stages, local_profile};
use crate::statements::{kinship, replaced};

pub fn add(set: &mut Set, stages: &Stages) {
    counts(set, stages);
    roles(set, stages);
    covers(set, stages);
    keys(set, stages);
    pairs(set, stages);
    substitutes(set, stages);
}

fn profile() -> Act {
    Act::ProfileAdopted(ProfileAdopted { profile: local_profile(|_| {}) })
}

fn counts(set: &mut Set, stages: &Stages) {
    for (name, by) in [
        ("signers-one-for-two", &ROOTS[..1]),
        ("signers-three-for-two", &[Hand::Root(0), Hand::Root(1), Hand::Root(2)][..]),
    ] {
        set.bad(&stages.village, name, "Not as many signers as the table asks for.", |f| {
            f.unlawful(Rule::SignerCount, by, Header::default(), profile()).then(|s| s.suggest("建议"));
        });
    }
    set.bad(
        &stages.village,
        "signers-of-an-alternative",
        "Kin declared by clerk and grid worker: two sign, and not the two.",
        |f| {
            let mut persons = vec![f.representative(0), f.representative(1)];
            persons.sort_unstable();
            let by = [f.hand(Role::Clerk), f.hand(Role::GridWorker)];
            f.unlawful(Rule::SignerRole, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
        },
    );
    set.bad(&stages.village, "signers-in-another-order", "Supervision committee and clerk, in this order.", |f| {
        let mut persons = vec![f.representative(0), f.representative(1)];
        persons.sort_unstable();
        let by = [f.hand(Role::SupervisionCommittee), f.hand(Role::Clerk)];
        f.unlawful(Rule::SignerRole, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
    });
    let about = "A person for people's roles only, and always for those.";
    set.bad(&stages.village, "signer-without-person", about, |f| {
        let (by, payload) = (f.two(), kinship(f));
        let at = payload.find("\"person\":").unwrap();
        f.submit_raw(Rule::StatementFields, &by, format!("{}{}", &payload[..at], &payload[at + 38..]));
    });
    set.bad(&stages.village, "signer-root-with-person", about, |f| {
        let payload = f.payload(ROOTS, Header::default(), profile());
        let person = format!("\"person\":\"{}\",\"role\":\"root\"", f.clerk());
        f.submit_raw(Rule::StatementFields, ROOTS, replaced(&payload, "\"role\":\"root\"", &person));
    });
}

fn roles(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    set.bad(&stages.suggested, "proposed-by-the-clerk", "The clerk proposes as branch secretary.", |f| {
        let clerk = f.clerk();
        f.prefer(Role::BranchSecretary, clerk);
        f.refused(Rule::SignerRole, |s| s.propose(matter, draft));
        f.prefer(Role::BranchSecretary, stages.village.secretary());
        f.wait_minutes(1).propose(matter, draft).unwrap();
    });
    set.bad(
        &stages.enlarged,
        "role-ended-today",
        "The grid worker resigned this morning: from this day on the role is not held.",
        |f| {
            let worker = f.grid_worker();
            f.then(|s| end(s, worker, Role::GridWorker));
            f.wait_minutes(1).refused(Rule::SignerRole, |s| s.visit(matter, &[]));
        },
    );
    set.bad(
        &stages.village,
        "role-ended-and-granted-on-one-day",
        "A role that ended on its first day can be granted again on it.",
        |f| {
            let newcomer = f.invent();
            f.then(|s| grant(s, newcomer, &[Role::GridWorker])).then(|s| end(s, newcomer, Role::GridWorker));
            f.wait_minutes(1).refused(Rule::PersonUnknown, |s| end(s, newcomer, Role::GridWorker));
            f.wait_minutes(1).then(|s| grant(s, newcomer, &[Role::GridWorker]));
            f.refused(Rule::RoleConflict, |s| grant(s, newcomer, &[Role::GridWorker]));
        },
    );
    set.bad(&stages.posted, "official-is-no-villager", "The township's approver objects as a villager.", |f| {
        let by = [hand(f.approver(), Role::Villager)];
        let act = sunvote::core::act::matter::ObjectionEntered {
            text: f.text("预算偏高"),
            source: sunvote::core::model::Source::Online,
        };
        let header = Header::of(matter).on(f.paper(matter, sunvote::core::act::Kind::PlanPosted));
        f.unlawful(Rule::SignerRole, &by, header, Act::ObjectionEntered(act));
        let (approver, clerk) = (f.approver(), f.clerk());
        f.then(|s| kin(s, approver, clerk));
    });
    set.bad(&stages.village, "holder-of-another-key", "A key is revoked as its holder by somebody else.", |f| {
        let others = f.someone(f.representative(1)).unwrap().public();
        let act = sunvote::core::act::village::KeyRevoked {
            key: others,
            reason: sunvote::core::act::village::RevokeReason::Lost,
        };
        let by = [hand(f.representative(0), Role::Holder)];
        f.unlawful(Rule::SignerRole, &by, Header::default(), Act::KeyRevoked(act));
    });
    set.bad(&stages.village, "kin-declared-by-a-third", "Kin of two others, declared by one villager alone.", |f| {
        let mut persons = vec![f.representative(0), f.representative(1)];
        persons.sort_unstable();
        let by = [hand(f.representative(2), Role::Villager)];
        f.unlawful(Rule::SignerRole, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
    });
}

fn covers(set: &mut Set, stages: &Stages) {
    set.bad(
        &stages.village,
        "cover-on-its-days",
        "A cover from the third day to the fifth: a day early, on both, a day late.",
        |f| {
            let deputy = f.representative(0);
            f.then(|s| cover(s, Role::Clerk, deputy, (2, 4)));
            f.prefer(Role::Clerk, deputy);
            let start = f.now().date();
            let last = start.plus_days(2).start();
            f.at(last.plus_ms(-1)).refused(Rule::SignerRole, |s| s.suggest("早一毫秒"));
            f.at(last).then(|s| s.suggest("第一天"));
            let over = start.plus_days(5).start();
            f.at(over.plus_ms(-1)).then(|s| s.suggest("最后一刻"));
            f.at(over).refused(Rule::SignerRole, |s| s.suggest("晚一毫秒"));
        },
    );
    set.bad(&stages.enlarged, "cover-ends-with-the-role", "Who covers a role that ended holds nothing.", |f| {
        let (deputy, worker) = (f.representative(0), f.grid_worker());
        f.then(|s| cover(s, Role::GridWorker, deputy, (0, 30))).then(|s| end(s, worker, Role::GridWorker));
        f.prefer(Role::GridWorker, deputy);
        f.refused(Rule::SignerRole, |s| s.visit(stages.matter, &[]));
    });
    uncovered(set, stages);
}

/// Covers that are refused, and the longest that is not.
fn uncovered(set: &mut Set, stages: &Stages) {
    let mut bad = |name: &str,
                   about: &str,
                   rule: Rule,
                   role: Role,
                   who: &dyn Fn(&Forge) -> sunvote::core::ids::PersonId,
                   days| {
        set.bad(&stages.village, name, about, |f| {
            let person = who(f);
            f.refused(rule, |s| cover(s, role, person, days)).then(|s| s.wait_minutes(1).suggest("建议"));
        });
    };
    let deputy = |f: &Forge| f.representative(0);
    bad(
        "cover-of-supervision",
        "Supervision can't be lent.",
        Rule::RoleConflict,
        Role::SupervisionCommittee,
        &deputy,
        (0, 3),
    );
    bad(
        "cover-of-a-vote",
        "A representative's vote can't be lent.",
        Rule::RoleConflict,
        Role::Representative,
        &|f| f.committee_member(0),
        (0, 3),
    );
    bad(
        "cover-by-supervision",
        "A supervisor may not stand in for the clerk.",
        Rule::RoleConflict,
        Role::Clerk,
        &|f| f.supervisor(1),
        (0, 3),
    );
    bad(
        "cover-by-an-official",
        "An official may not stand in for a villager.",
        Rule::RoleConflict,
        Role::Clerk,
        &|f| f.approver(),
        (0, 3),
    );
    bad(
        "cover-by-the-holder",
        "Nobody stands in for oneself.",
        Rule::PersonUnknown,
        Role::Clerk,
        &|f| f.clerk(),
        (0, 3),
    );
    bad("cover-of-91-days", "Ninety days is the most.", Rule::ValueRange, Role::Clerk, &deputy, (0, 91));
    bad("cover-that-is-over", "A cover that ended yesterday.", Rule::ValueRange, Role::Clerk, &deputy, (-5, -1));
    bad("cover-backwards", "A cover that ends before it begins.", Rule::ValueRange, Role::Clerk, &deputy, (3, 2));
    set.bad(&stages.village, "cover-of-90-days", "Ninety days, from today on or to this day alone.", |f| {
        f.then(|s| cover(s, Role::Clerk, stages.village.representative(0), (0, 90)));
        f.then(|s| cover(s, Role::Chair, stages.village.representative(1), (-9, 0)));
    });
}

fn keys(set: &mut Set, stages: &Stages) {
    let (matter, draft) = (stages.matter, &stages.draft);
    set.bad(&stages.suggested, "key-of-somebody-else", "The secretary signs with the clerk's key.", |f| {
        let (secretary, clerks) = (f.secretary(), f.someone(f.clerk()).unwrap().key.clone());
        f.use_key(secretary, clerks);
        f.refused(Rule::SignerKey, |s| s.propose(matter, draft));
    });
    set.bad(&stages.suggested, "key-not-enrolled", "A key that nobody enrolled; enrolled, it counts.", |f| {
        let secretary = f.secretary();
        f.use_key(secretary, key(61));
        f.refused(Rule::SignerKey, |s| s.propose(matter, draft));
        f.wait_minutes(1).then(|s| enrol(s, secretary, public(&key(61)))).then(|s| s.propose(matter, draft));
    });
    set.bad(&stages.suggested, "key-revoked", "A key that its holder revoked.", |f| {
        let secretary = f.secretary();
        f.then(|s| revoke(s, secretary));
        f.wait_minutes(1).refused(Rule::SignerKeyRevoked, |s| s.propose(matter, draft));
        f.refused(Rule::SignerKeyRevoked, |s| revoke(s, secretary));
    });
    set.bad(&stages.village, "root-that-is-none", "A key that is no root's signs as one.", |f| {
        let mut roots = f.roots().to_vec();
        roots[1] = key(62);
        f.use_roots(roots);
        f.unlawful(Rule::SignerKey, ROOTS, Header::default(), profile());
    });
    set.bad(
        &stages.village,
        "roots-that-were",
        "After the roots changed the old ones sign nothing; the new ones do.",
        |f| {
            let act = RootsChanged { roots: vec![public(&key(1)), public(&key(2))] };
            f.then(|s| s.act(ROOTS, Header::default(), Act::RootsChanged(act)));
            f.unlawful(Rule::SignerKey, ROOTS, Header::default(), profile());
            f.use_roots(vec![key(1), key(2)]);
            f.then(|s| s.act(ROOTS, Header::default(), profile()));
        },
    );
    set.bad(
        &stages.submitted,
        "log-key-that-was",
        "The log signs with a key that was rotated out; then with the new one.",
        |f| {
            let old = f.log_key().clone();
            f.then(|s| rotate(s, 77));
            f.use_log_key(old);
            let due = f.state().matter(matter).unwrap().filing_due.unwrap();
            f.at(due).refused(Rule::SignerKey, |s| s.note_deadline(matter));
            f.use_log_key(key(77));
            f.then(|s| s.note_deadline(matter));
        },
    );
}

fn pairs(set: &mut Set, stages: &Stages) {
    set.bad(
        &stages.village,
        "near-kin-sign-together",
        "Clerk and supervisor are near kin; another supervisor may sign.",
        |f| {
            let (clerk, member) = (f.clerk(), f.supervisor(0));
            f.then(|s| kin(s, clerk, member));
            f.refused(Rule::SignerKin, Scribe::record_delegations);
            let other = f.supervisor(1);
            f.prefer(Role::SupervisionCommittee, other);
            f.wait_minutes(1).then(Scribe::record_delegations);
        },
    );
    set.bad(
        &stages.village,
        "one-person-in-two-roles",
        "The clerk, of the supervision committee besides, signs as both.",
        |f| {
            let clerk = f.clerk();
            f.then(|s| grant(s, clerk, &[Role::SupervisionCommittee]));
            let by = [hand(clerk, Role::Clerk), hand(clerk, Role::SupervisionCommittee)];
            let persons =
                vec![f.representative(0).min(f.representative(1)), f.representative(0).max(f.representative(1))];
            f.unlawful(Rule::SignerSame, &by, Header::default(), Act::KinDeclared(KinDeclared { persons }));
        },
    );
    set.bad(&stages.village, "one-root-twice", "One root signs as two.", |f| {
        f.unlawful(Rule::SignerSame, &[Hand::Root(1), Hand::Root(1)], Header::default(), profile());
    });
    set.bad(&stages.reviewed, "filed-by-the-reviewers-kin", "Who reviewed and who files are near kin.", |f| {
        let (drafter, approver) = (f.drafter(), f.approver());
        f.then(|s| kin(s, drafter, approver)).wait_days(1);
        f.refused(Rule::SignerKin, |s| s.file(stages.matter));
    });
    set.bad(&stages.submitted, "filed-by-the-reviewer", "Who reviewed files.", |f| {
        let approver = f.approver();
        f.then(|s| s.enrol_officials(&[(approver, Role::TownshipDrafter)]));
        f.prefer(Role::TownshipDrafter, approver);
        f.then(|s| s.review(stages.matter, sunvote::core::act::matter::Advice::File));
        f.wait_minutes(1).refused(Rule::SignerSame, |s| s.file(stages.matter));
    });
}

fn substitutes(set: &mut Set, stages: &Stages) {
    let day = 86_400_000;
    set.bad(
        &stages.village,
        "substitute-too-early",
        "The discipline officer signs a millisecond before two days are over, and then at two days.",
        |f| {
            f.refused(Rule::SignerRole, |s| enrol_substituted(s, 50));
            f.then(|s| ask_substitute(s, SubstituteCause::Absent));
            f.wait_ms(2 * day - 1).refused(Rule::SignerRole, |s| enrol_substituted(s, 50));
            f.wait_ms(1).then(|s| enrol_substituted(s, 50));
        },
    );
    set.bad(&stages.village, "substitute-too-late", "At thirty-two days, and a millisecond after.", |f| {
        f.then(|s| ask_substitute(s, SubstituteCause::Absent));
        f.wait_ms(32 * day).then(|s| enrol_substituted(s, 50));
        f.wait_ms(1).refused(Rule::SignerRole, |s| enrol_substituted(s, 51));
    });
    set.bad(&stages.village, "substitute-while-a-member-is-there", "A member who signs ends the absence.", |f| {
        f.then(|s| ask_substitute(s, SubstituteCause::Absent)).wait_days(1);
        let person = f.representative(0);
        f.then(|s| enrol(s, person, public(&key(50))));
        f.wait_days(2).refused(Rule::SignerRole, |s| enrol_substituted(s, 51));
    });
    set.bad(&stages.village, "substitute-while-nobody-is-missing", "Vacant, while the committee has members.", |f| {
        f.then(|s| ask_substitute(s, SubstituteCause::Vacant));
        f.wait_days(3).refused(Rule::SignerRole, |s| enrol_substituted(s, 50));
    });
    set.bad(
        &stages.village,
        "substitute-where-a-member-is-no-kin",
        "Two of three are near kin of the clerk; then all three.",
        |f| {
            let (clerk, members) = (f.clerk(), [0, 1, 2].map(|n| f.supervisor(n)));
            f.then(|s| kin(s, clerk, members[0])).then(|s| kin(s, clerk, members[1]));
            f.then(|s| ask_substitute(s, SubstituteCause::NearKin));
            f.wait_days(2).refused(Rule::SignerRole, |s| enrol_substituted(s, 50));
            f.then(|s| kin(s, clerk, members[2])).then(|s| enrol_substituted(s, 50));
        },
    );
    set.bad(
        &stages.village,
        "substitute-for-a-vacancy",
        "Nobody is on the committee: the officer signs at once, until someone is.",
        |f| {
            let members = [0, 1, 2].map(|n| f.supervisor(n));
            for member in [members[1], members[2], members[0]] {
                f.wait_minutes(1).then(|s| end(s, member, Role::SupervisionCommittee));
            }
            f.then(|s| ask_substitute(s, SubstituteCause::Vacant)).then(|s| enrol_substituted(s, 50));
            let newcomer = f.invent();
            let (row, text) = (f.term_row(newcomer, &[Role::SupervisionCommittee], None), f.text("补选结果"));
            let act = sunvote::core::act::village::RolesGranted {
                people: vec![row],
                reason: sunvote::core::act::village::GrantReason::ByElection,
                text,
            };
            let by = [f.hand(Role::Clerk), hand(f.discipline_officer(), Role::TownshipDisciplineOfficer)];
            f.then(|s| s.act(&by, Header::default(), Act::RolesGranted(act)));
            f.refused(Rule::SignerRole, |s| enrol_substituted(s, 51));
        },
    );
}
