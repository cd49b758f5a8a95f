//! Invented people: their names, keys, roles and terms; the law that a village starts from.

use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::core::act::Act;
use crate::core::act::matter::Place;
use crate::core::act::village::{
    AffairsDisclosed, CalendarAdopted, CatalogueAdopted, DelegationRecorded, Founder, GrantReason, KeyRow,
    KeysEnrolled, OfficialsEnrolled, ProfileAdopted, RolesGranted, TermOpened, TermRow,
};
use crate::core::catalogue::{Catalogue, Subject};
use crate::core::clock::Date;
use crate::core::commit;
use crate::core::defaults;
use crate::core::ids::{Digest, PersonId, PublicKey};
use crate::core::model::{Body, Category, KeyKind, Role};
use crate::core::reject::Rejection;
use crate::core::rules::Profile;
use crate::core::statement::{Header, Part};
use crate::log::ledger::Appended;
use crate::log::scribe::{Hand, Scribe, bytes};

/// Rows in one entry.
const ROWS: usize = 200;

/// A person, invented, with name and key.
#[derive(Debug, Clone)]
pub struct Someone {
    /// Random id.
    pub id: PersonId,
    /// The name, which the record only commits to.
    pub name: String,
    /// Salt of the name's commitment.
    pub salt: [u8; 32],
    /// The signing key.
    pub key: SigningKey,
}

const FAMILY: &[char] = &[
    '王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周', '徐', '孙', '马', '朱', '胡', '郭', '何', '林', '高',
    '罗', '郑', '梁', '谢', '宋', '唐', '许', '邓', '冯', '韩', '曹', '曾', '彭', '萧', '蔡', '潘', '田', '董', '袁',
    '于', '余', '叶', '蓝', '雷', '钟',
];
const GIVEN: &[char] = &[
    '春', '秋', '明', '华', '国', '建', '文', '志', '永', '金', '水', '根', '土', '旺', '福', '贵', '荣', '昌', '林',
    '森', '松', '柏', '梅', '兰', '菊', '香', '凤', '英', '玉', '珍', '秀', '丽', '芳', '芬', '莲', '琴', '红', '燕',
    '平', '安', '宁', '和', '祥', '瑞', '庆', '丰', '海', '江', '山', '云', '雨', '晨', '阳', '光', '新', '勇', '强',
    '伟', '军', '峰',
];

fn pick<'a, T>(rng: &mut ChaCha20Rng, from: &'a [T]) -> &'a T {
    &from[rng.next_u32() as usize % from.len()]
}

impl Someone {
    /// A person with an invented name.
    pub fn invent(rng: &mut ChaCha20Rng) -> Self {
        let name = [pick(rng, FAMILY), pick(rng, GIVEN), pick(rng, GIVEN)].into_iter().collect();
        Self::named(rng, name)
    }

    /// A person of this name.
    pub fn named(rng: &mut ChaCha20Rng, name: String) -> Self {
        let id = PersonId::from_bytes(bytes(rng));
        Self { id, name, salt: bytes(rng), key: SigningKey::from_bytes(&bytes(rng)) }
    }

    /// What the record says of the name.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        commit::person(&self.salt, &self.name)
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        super::public(&self.key)
    }
}

/// How many hold which role in a term. The default is DOMAIN's real village: 40 representatives and 5 committee members
/// make 45 on the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Representatives, not on the committee.
    pub representatives: usize,
    /// The village committee, its chair included.
    pub committee: usize,
    /// Supervision committee, 3 to 5.
    pub supervisors: usize,
    /// Whether secretary and chair are one person (一肩挑).
    pub one_leader: bool,
    /// Members' representatives of the economic cooperative, taken from the representatives.
    pub member_representatives: usize,
    /// Members of the economic cooperative who stand on its assembly's roster.
    pub members: usize,
    /// Representatives of households; every third in group 1, 2, 3.
    pub households: usize,
}

impl Default for Term {
    fn default() -> Self {
        Self {
            representatives: 40,
            committee: 5,
            supervisors: 3,
            one_leader: false,
            member_representatives: 0,
            members: 0,
            households: 0,
        }
    }
}

/// Two roots sign.
const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

impl Scribe {
    /// Makes a person known to the scribe, not yet to the record.
    pub fn know(&mut self, someone: Someone) -> PersonId {
        let id = someone.id;
        self.people.insert(id, someone);
        id
    }

    /// Invents a person, not yet on the record.
    pub fn invent(&mut self) -> PersonId {
        let someone = Someone::invent(&mut self.rng);
        self.know(someone)
    }

    /// A person whom the scribe knows.
    #[must_use]
    pub fn someone(&self, id: PersonId) -> Option<&Someone> {
        self.people.get(&id)
    }

    /// Everyone whom the scribe knows.
    pub fn everyone(&self) -> impl Iterator<Item = &Someone> {
        self.people.values()
    }

    /// Holders of a role in order of their first grant, whether or not they hold it today.
    #[must_use]
    pub fn in_role(&self, role: Role) -> &[PersonId] {
        self.roles.get(&role).map_or(&[], Vec::as_slice)
    }

    fn nth(&self, role: Role, index: usize) -> PersonId {
        // An id of nobody: the judge says who is missing.
        self.in_role(role).get(index).copied().unwrap_or_else(|| PersonId::from_bytes([0; 16]))
    }

    /// The clerk.
    #[must_use]
    pub fn clerk(&self) -> PersonId {
        self.nth(Role::Clerk, 0)
    }

    /// The chair of the village committee.
    #[must_use]
    pub fn chair(&self) -> PersonId {
        self.nth(Role::Chair, 0)
    }

    /// The branch secretary.
    #[must_use]
    pub fn secretary(&self) -> PersonId {
        self.nth(Role::BranchSecretary, 0)
    }

    /// A committee member other than the chair, from 0.
    #[must_use]
    pub fn committee_member(&self, index: usize) -> PersonId {
        self.nth(Role::CommitteeMember, index)
    }

    /// A member of the supervision committee, from 0.
    #[must_use]
    pub fn supervisor(&self, index: usize) -> PersonId {
        self.nth(Role::SupervisionCommittee, index)
    }

    /// A representative, from 0.
    #[must_use]
    pub fn representative(&self, index: usize) -> PersonId {
        self.nth(Role::Representative, index)
    }

    /// The grid worker.
    #[must_use]
    pub fn grid_worker(&self) -> PersonId {
        self.nth(Role::GridWorker, 0)
    }

    /// A villager without office.
    #[must_use]
    pub fn villager(&self) -> PersonId {
        self.nth(Role::Villager, 0)
    }

    /// The township's reviewer.
    #[must_use]
    pub fn drafter(&self) -> PersonId {
        self.nth(Role::TownshipDrafter, 0)
    }

    /// The township's approver.
    #[must_use]
    pub fn approver(&self) -> PersonId {
        self.nth(Role::TownshipApprover, 0)
    }

    /// The township's discipline officer.
    #[must_use]
    pub fn discipline_officer(&self) -> PersonId {
        self.nth(Role::TownshipDisciplineOfficer, 0)
    }

    /// A person in a role, as a signer.
    #[must_use]
    pub fn hand(&self, role: Role) -> Hand {
        Hand::Person(self.nth(role, 0), role)
    }

    /// Clerk and first member of the supervision committee: the two who sign most of what needs two.
    #[must_use]
    pub fn two(&self) -> [Hand; 2] {
        [self.hand(Role::Clerk), self.hand(Role::SupervisionCommittee)]
    }

    /// The person signs with this key from here on; the record must have been told by `keys.enrolled`.
    pub fn use_key(&mut self, person: PersonId, key: SigningKey) {
        if let Some(someone) = self.people.get_mut(&person) {
            someone.key = key;
        }
    }

    /// Puts a person first in a role, so that the scribe's steps are signed by this one: a new clerk, or a substitute.
    pub fn prefer(&mut self, role: Role, person: PersonId) {
        let holders = self.roles.entry(role).or_default();
        holders.retain(|holder| *holder != person);
        holders.insert(0, person);
    }

    fn remember(&mut self, person: PersonId, role: Role) {
        let holders = self.roles.entry(role).or_default();
        if !holders.contains(&person) {
            holders.push(person);
        }
    }

    /// A whole village ready for its first suggestion: profiles and calendars shipped, township officials, a term of real
    /// size with keys for all, and what the assemblies delegated.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn settle(&mut self, term: &Term) -> Result<(), Rejection> {
        self.adopt_defaults()?;
        self.enrol_township()?;
        self.open_term(term)?;
        self.record_delegations()
    }

    /// Adopts the profiles and calendars shipped with the program.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn adopt_defaults(&mut self) -> Result<(), Rejection> {
        for year in defaults::calendars() {
            let act = CalendarAdopted { year: year.year, holidays: year.holidays, workdays: year.workdays };
            self.act(ROOTS, Header::default(), Act::CalendarAdopted(act))?;
        }
        for profile in defaults::profiles() {
            self.adopt(profile)?;
        }
        Ok(())
    }

    /// Adopts a rule profile.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn adopt(&mut self, profile: Profile) -> Result<Appended, Rejection> {
        self.act(ROOTS, Header::default(), Act::ProfileAdopted(ProfileAdopted { profile }))
    }

    /// Adopts a catalogue.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn adopt_catalogue(&mut self, catalogue: Catalogue) -> Result<Appended, Rejection> {
        self.act(ROOTS, Header::default(), Act::CatalogueAdopted(CatalogueAdopted { catalogue }))
    }

    /// Discloses affairs or accounts of some days.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn disclose(&mut self, subject: Subject, from: Date, until: Date) -> Result<Appended, Rejection> {
        let (text, papers, places) = (self.text("公开内容"), Vec::new(), vec![Place::Board]);
        let act = AffairsDisclosed { subject, from, until, text, papers, places };
        self.act(&self.two(), Header::default(), Act::AffairsDisclosed(act))
    }

    /// Enrols an invented reviewer, approver and discipline officer of the township.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn enrol_township(&mut self) -> Result<(), Rejection> {
        let roles = [Role::TownshipDrafter, Role::TownshipApprover, Role::TownshipDisciplineOfficer];
        let officials: Vec<_> = roles.into_iter().map(|role| (self.invent(), role)).collect();
        self.enrol_officials(&officials).map(|_| ())
    }

    /// Enrols officials whom the scribe knows.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn enrol_officials(&mut self, officials: &[(PersonId, Role)]) -> Result<Appended, Rejection> {
        let founder = |(id, role): &(PersonId, Role)| {
            let someone = self.people.get(id)?;
            let key_kind = KeyKind::Device;
            Some(Founder { person: *id, name: someone.commitment(), role: *role, key: someone.public(), key_kind })
        };
        let act = OfficialsEnrolled { officials: officials.iter().filter_map(founder).collect() };
        let appended = self.act(ROOTS, Header::default(), Act::OfficialsEnrolled(act))?;
        for (person, role) in officials {
            self.remember(*person, *role);
        }
        Ok(appended)
    }

    /// A row of a term or grant.
    #[must_use]
    pub fn term_row(&self, person: PersonId, roles: &[Role], group: Option<u16>) -> TermRow {
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        let name = self.people.get(&person).map_or(Digest([0; 32]), Someone::commitment);
        TermRow { person, name, roles, group }
    }

    /// Opens the first term and enrols everyone's key. The founding clerk and supervision committee member stay.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_term(&mut self, term: &Term) -> Result<(), Rejection> {
        let rows = self.people_of(term);
        let from = self.time.date();
        self.open_term_with(1, from, rows.clone())?;
        for row in &rows {
            for role in &row.roles {
                self.remember(row.person, *role);
            }
        }
        self.enrol_keys(&rows.iter().map(|row| row.person).collect::<Vec<_>>())
    }

    fn people_of(&mut self, term: &Term) -> Vec<TermRow> {
        let (clerk, first) = (self.clerk(), self.supervisor(0));
        let mut rows = vec![self.term_row(clerk, &[Role::Clerk], None)];
        rows.push(self.term_row(first, &[Role::SupervisionCommittee], None));
        let mut add = |scribe: &mut Self, count: usize, roles: &[Role], groups: bool| {
            for group in (0..count).zip((1..=3).cycle()).map(|(_, group)| groups.then_some(group)) {
                let person = scribe.invent();
                rows.push(scribe.term_row(person, roles, group));
            }
        };
        add(self, term.supervisors.saturating_sub(1), &[Role::SupervisionCommittee], false);
        let leader: &[Role] = if term.one_leader { &[Role::Chair, Role::BranchSecretary] } else { &[Role::Chair] };
        add(self, 1, leader, false);
        add(self, usize::from(!term.one_leader), &[Role::BranchSecretary], false);
        add(self, term.committee.saturating_sub(1), &[Role::CommitteeMember], false);
        add(self, 1, &[Role::GridWorker], false);
        add(self, 1, &[Role::Villager], false);
        let both = term.member_representatives.min(term.representatives);
        add(self, both, &[Role::Representative, Role::MemberRepresentative], false);
        add(self, term.representatives - both, &[Role::Representative], false);
        add(self, term.members, &[Role::Member], false);
        add(self, term.households, &[Role::HouseholdRepresentative], true);
        rows
    }

    /// Opens a term of five years with these people, in as many parts as it needs.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn open_term_with(&mut self, term: u32, from: Date, mut rows: Vec<TermRow>) -> Result<Appended, Rejection> {
        rows.sort_by_key(|row| row.person);
        let (by, result) = (self.two(), self.text("村民委员会换届选举结果"));
        let until = from.plus_days(5 * 365);
        let of = u16::try_from(rows.len().div_ceil(ROWS)).unwrap_or(u16::MAX);
        let mut last = None;
        for (part, people) in (1..).zip(rows.chunks(ROWS)) {
            let act = TermOpened { term, from, until, people: people.to_vec(), result: result.clone() };
            let header = Header { part: Some(Part { part, of }), ..Header::default() };
            last = Some(self.act(&by, header, Act::TermOpened(act))?);
        }
        last.ok_or_else(|| super::unwritable("a term without people"))
    }

    /// Enrols the keys of people on the record who have none yet there.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn enrol_keys(&mut self, people: &[PersonId]) -> Result<(), Rejection> {
        let known = |row: &KeyRow| self.state().people.keys.contains_key(&row.key);
        let row = |id: &PersonId| {
            let key = self.people.get(id)?.public();
            Some(KeyRow { person: *id, key, key_kind: KeyKind::Device })
        };
        let rows: Vec<KeyRow> = people.iter().filter_map(row).filter(|row| !known(row)).collect();
        let by = self.two();
        for keys in rows.chunks(ROWS) {
            self.act(&by, Header::default(), Act::KeysEnrolled(KeysEnrolled { keys: keys.to_vec() }))?;
        }
        Ok(())
    }

    /// Grants roles within a term and enrols the keys of those who are new.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn grant(&mut self, person: PersonId, roles: &[Role], reason: GrantReason) -> Result<Appended, Rejection> {
        let (by, text) = (self.two(), self.text("任职文件"));
        let act = RolesGranted { people: vec![self.term_row(person, roles, None)], reason, text };
        let appended = self.act(&by, Header::default(), Act::RolesGranted(act))?;
        for role in roles {
            self.remember(person, *role);
        }
        self.enrol_keys(&[person])?;
        Ok(appended)
    }

    /// Records what the villagers' and the members' assembly delegated to representatives for the term: everything that
    /// may be (Organic Law art. 25, collective law art. 26).
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn record_delegations(&mut self) -> Result<(), Rejection> {
        use Category::{M01, M02, M03, M04, M06, M09, M10};
        let until = self.time.date().plus_days(5 * 365);
        let all = [
            (Body::VillagersAssembly, Body::RepresentativeAssembly, vec![M01, M02, M03, M04, M06, M09, M10]),
            (Body::MembersAssembly, Body::MembersRepresentatives, vec![M04, M06, M09]),
        ];
        let by = self.two();
        for (from, to, categories) in all {
            let text = self.text("授权决定");
            let act = DelegationRecorded { from, to, categories, until, text };
            self.act(&by, Header::default(), Act::DelegationRecorded(act))?;
        }
        Ok(())
    }
}
