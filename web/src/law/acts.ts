/** The fields of its own that each kind of statement has (PROTOCOL 11). A kind of `law.json` that is missing here does not compile. */
import {
  ADDRESSEES, ASKED, BODIES, CATEGORIES, CAUSES, CHANNELS, KEY_KINDS, LEVELS, MEDIA, MODES, PLACES, ROLES, SOURCES, STAGES, VOID_REASONS, WORKS,
} from "./codes.ts";
import {
  anyText, bool, day, districtCode, hex32, hex64, list, listOrNone, natural, object, oneOf, optional, paperCode, profileCode, type Read, type Reader, shortCode, time,
  u16, u32, u8, ulid, unfit, villageCode, yes,
} from "./read.ts";
import { isKind, type Kind } from "./table.ts";

const doc = object({ sha256: hex32, size: natural, media: oneOf(MEDIA), level: oneOf(LEVELS) });
const role = oneOf(ROLES);
const body = oneOf(BODIES);
const category = oneOf(CATEGORIES);
const channel = oneOf(CHANNELS);
const kind: Reader<Kind> = (value) => (typeof value === "string" && isKind(value) ? value : unfit("a kind", value));

const founder = object({ person: ulid, name: hex32, role, key: hex32, key_kind: oneOf(KEY_KINDS) });
const termRow = object({ person: ulid, name: hex32, roles: list(role), group: optional(u16) });
const question = object({ code: shortCode, title: doc, options: list(shortCode), labels: listOrNone(doc), required: bool });
const requiredBallot = object({ body, profile: hex32, group: optional(u16), questions: list(question) });
const agendaItem = object({ matter: ulid, ballot: u8, filing: hex32 });
const optionCount = object({ option: shortCode, count: u32 });
const vouchedBallot = object({ statement: hex32, voter: u32, revision: u32, received_at: time });
const openingFields = { voter: u32, revision: u32, nonce: hex32, choice: shortCode };
const period = object({ days: u16, working: bool });
const share = object({ num: u16, den: u16, more_than: bool, base: oneOf(["present", "all"]) });
const profile = object({
  code: profileCode, version: u32, body, categories: list(category), from_fen: natural, below_fen: optional(natural), citation: anyText, effective: day,
  confirmed: bool, session_notice: period, plan_notice: period, resolution_notice: period, filing: period, answer: period, interpellation: optional(period), complaint: optional(period),
  quorum: share, threshold: share,
  abstain_in_base: bool, recusal: object({ allowed: bool, in_quorum: bool, in_base: bool }), remote: bool, mobile_box: bool, needs_delegation: bool, mode: oneOf(MODES),
});
const result = {
  eligible: u32, present: u32, recused: u32, voted: u32, counts: list(optionCount), invalid: u32, base: u32, needed: u32, winner: optional(shortCode), passed: bool,
};

export type Founder = Read<typeof founder>;
export type TermRow = Read<typeof termRow>;
export type Question = Read<typeof question>;
export type RequiredBallot = Read<typeof requiredBallot>;
export type AgendaItem = Read<typeof agendaItem>;
export type VouchedBallot = Read<typeof vouchedBallot>;
export type OptionCount = Read<typeof optionCount>;
export type Opening = Acts["ballot.opened"];
export type Share = Read<typeof share>;
export type Profile = Read<typeof profile>;
export type Catalogue = Read<typeof catalogue>;
export type Result = Acts["result.announced"];

const counted = object({ in_box: u32, counts: list(optionCount), invalid: u32, rows: listOrNone(object({ voter: u32, choice: shortCode })), photos: listOrNone(doc) });
const none = object({});
const paper = object({ text: doc });
const reason = object({ reason: doc });
const materials = object({ materials: list(doc) });
const catalogue = object({
  version: u32, citation: anyText, effective: day,
  rhythm: optional(object({ affairs_months: u8, finances_months: u8, within_days: u16 })),
  entries: list(object({
    category, disclose_below_fen: optional(natural), papers: listOrNone(object({ code: paperCode, title: anyText })), topics: listOrNone(anyText),
  })),
});
const posted = object({ notice: doc, places: list(oneOf(PLACES)) });
const received = object({ text: doc, receipt: hex32 });
const entered = object({ text: doc, source: oneOf(SOURCES) });
const inquiry = { what: oneOf(ASKED), to: oneOf(ADDRESSEES), text: doc };
const rating = { score: u8, text: optional(doc) };
const meeting = { attendees: list(ulid), minutes: doc };
const rolesEnded = object({
  rows: list(object({ person: ulid, role })), reason: oneOf(["resignation", "recall", "death", "office"]), text: optional(doc),
});

/** A reader of the own fields for each kind. */
export const ACTS = {
  "village.founded": object({ origin: anyText, district: districtCode, rules: u32, log_key: hex32, roots: list(hex32), people: list(founder) }),
  "roots.changed": object({ roots: list(hex32) }),
  "log_key.rotated": object({ log_key: hex32 }),
  "rules.adopted": object({ rules: u32 }),
  "profile.adopted": object({ profile }),
  "catalogue.adopted": object({ catalogue }),
  "calendar.adopted": object({ year: u16, holidays: list(day), workdays: list(day) }),
  "officials.enrolled": object({ officials: list(founder) }),
  "officials.ended": rolesEnded,
  "village.renamed": object({ name: doc }),
  "village.merged": object({ into: villageCode, order: doc }),
  "entry.annulled": object({ entry: hex32, keys: list(hex32), reason: doc }),
  "term.opened": object({ term: u32, from: day, until: day, people: list(termRow), result: doc }),
  "roles.granted": object({ people: list(termRow), reason: oneOf(["by_election", "appointment", "registration"]), text: doc }),
  "roles.ended": rolesEnded,
  "role.covered": object({ holder: ulid, role, person: ulid, from: day, until: day, reason: doc }),
  "kin.declared": object({ persons: list(ulid) }),
  "keys.enrolled": object({ keys: list(object({ person: ulid, key: hex32, key_kind: oneOf(KEY_KINDS) })) }),
  "key.revoked": object({ key: hex32, reason: oneOf(["lost", "replaced", "compromised", "ended"]) }),
  "substitute.requested": object({ cause: oneOf(CAUSES), reason: doc }),
  "delegation.recorded": object({ from: body, to: body, categories: list(category), until: day, text: doc }),
  "affairs.disclosed": object({
    subject: oneOf(["affairs", "finances"]), from: day, until: day, text: doc, papers: list(doc), places: list(oneOf(PLACES)),
  }),
  "hall.posted": object({ text: doc, papers: listOrNone(doc) }),
  "document.withdrawn": object({ document: hex32, reason: oneOf(["personal_data", "error", "expired", "order", "conduct"]), replacement: optional(doc) }),
  "clerical.corrected": object({ of: kind, old: hex32, new: doc }),

  "suggestion.received": received,
  "suggestion.entered": entered,
  "suggestion.declined": reason,
  "matter.proposed": object({ category, title: doc, plan: doc, amount_fen: natural, answers: list(hex32) }),
  "enlarged_meeting.recorded": object({ ...meeting, nonvoting: u32, opinions: optional(doc) }),
  "visits.recorded": object({ households: u32, opinions: list(doc) }),
  "opinions.answered": object({ answers: list(doc) }),
  "joint_meeting.recorded": object(meeting),
  "plan.settled": object({ plan: doc, amount_fen: natural, ballots: list(requiredBallot) }),
  "plan.posted": posted,
  "objection.received": received,
  "objection.entered": entered,
  "objection.answered": paper,
  "concern.raised": paper,
  "concern.answered": paper,
  "inquiry.received": object({ ...inquiry, receipt: hex32 }),
  "inquiry.entered": object({ ...inquiry, source: oneOf(SOURCES) }),
  "inquiry.answered": paper,

  "filing.submitted": object({ papers: listOrNone(paperCode), materials: list(doc) }),
  "supplement.requested": paper,
  "supplement.provided": materials,
  "filing.reviewed": object({ opinion: doc, advice: oneOf(["file", "return"]) }),
  "filing.filed": paper,
  "filing.returned": object({ reason: doc, to: oneOf(STAGES) }),
  "deadline.passed": object({ due: day }),
  "matter.withdrawn": reason,
  "change.requested": reason,
  "matter.annulled": object({ authority: oneOf(["court", "township"]), reason: doc }),
  "emergency.decided": object({ category, title: doc, plan: doc, amount_fen: natural, reason: doc, ballots: list(requiredBallot) }),
  "disclosure.posted": object({ category, title: doc, text: doc, amount_fen: natural, budget: optional(hex32) }),

  "resolution.posted": posted,
  "contract.recorded": object({
    title: doc, party: doc, amount_fen: natural, milestones: list(object({ title: doc, due: day, amount_fen: natural })), papers: list(doc),
  }),
  "progress.recorded": object({
    what: oneOf(WORKS), percent: u8, paid_fen: natural, contract: optional(hex32), milestone: optional(u16), witnesses: listOrNone(ulid), papers: list(doc),
  }),
  "implementation.signed_off": object({ report: doc }),
  "rating.received": object({ ...rating, receipt: hex32 }),
  "rating.entered": object({ ...rating, source: oneOf(SOURCES) }),
  "rating.answered": paper,
  "return_visit.recorded": object({ households: u32, satisfied: u32, text: doc }),

  "session.convened": object({ body, group: optional(u16), starts_at: time, agenda: list(agendaItem), notice: doc, channels: list(channel) }),
  "session.cancelled": reason,
  "roster.fixed": object({ rows: list(object({ no: u32, person: ulid })) }),
  "terminal.registered": object({ terminal: u16 }),
  "recusal.declared": object({ voter: u32, reason: doc }),
  "tellers.named": object({ caller: ulid, counter: ulid, scrutineer: ulid }),
  "mobile_box.named": object({ scrutineers: list(ulid), voters: list(u32) }),
  "attendance.checked_in": object({ voter: u32, channel }),
  "attendance.checked_out": object({ voter: u32 }),
  "attendance.recorded": object({ present: list(u32), left: list(u32) }),
  "session.failed": object({ eligible: u32, present: u32 }),
  "minutes.signed": object({ minutes: doc }),

  "voting.opened": object({
    profile: hex32, mode: oneOf(MODES), title: hex32, plan: hex32, options: list(shortCode), labels: listOrNone(hex32), channels: list(channel), named_papers: optional(yes),
    closes_at: time, grace_minutes: u16, eligible: u32, present: u32,
  }),
  "ballot.cast": object({ voter: u32, revision: u32, channel, helper: optional(ulid), terminal: optional(object({ counter: u32, prev: hex32 })), commitment: hex32 }),
  "ballot.vouched": object({ ballots: list(vouchedBallot) }),
  "time.anchored": object({ size: natural, root: hex32, witness: hex32, cosigned_at: time, signature: hex64 }),
  "terminal.sealed": object({ counter: u32, last: hex32 }),
  "voting.closed": none,
  "deliveries.ended": none,
  "paper.issued": object({ voters: list(u32) }),
  "mobile_box.visited": object({ voters: list(u32) }),
  "paper.counted": counted,
  "paper.recounted": counted,
  "ballot.disputed": paper,
  "dispute.answered": paper,
  "ballots.opened": object({ rows: list(object(openingFields)) }),
  "ballot.opened": object(openingFields),
  "result.announced": object(result),
  "voting.voided": object({ reason: oneOf(VOID_REASONS), text: doc }),
} satisfies Record<Kind, Reader<unknown>>;

/** The own fields of each kind, read. */
export type Acts = { [K in Kind]: Read<(typeof ACTS)[K]> };
