/** The closed sets of codes that statements are made of (PROTOCOL 10 and 11); where a list is sorted by codes, it is in this order. */

export const CATEGORIES = ["M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10"] as const;
export type Category = (typeof CATEGORIES)[number];

/** Roles of people of the village. */
export const VILLAGE_ROLES = [
  "villager", "representative", "member_representative", "member", "household_representative", "branch_secretary", "chair",
  "committee_member", "clerk", "group_leader", "grid_worker", "supervision_committee",
] as const;
/** Roles that the district's roots grant. */
export const OFFICIAL_ROLES = [
  "township_drafter", "township_approver", "township_discipline_officer", "discipline_inspector", "district_admin",
] as const;
export const ROLES = ["root", "log", "terminal", "voter", "holder", "caller", "counter", "scrutineer", "box_scrutineer", ...VILLAGE_ROLES, ...OFFICIAL_ROLES] as const;
export type Role = (typeof ROLES)[number];
/** Roles that another person can cover for set dates. */
export const COVERABLE: readonly Role[] = ["clerk", "grid_worker", "chair", "branch_secretary", "group_leader"];

export const isOfficial = (role: Role): boolean => (OFFICIAL_ROLES as readonly Role[]).includes(role);
export const isVillage = (role: Role): boolean => (VILLAGE_ROLES as readonly Role[]).includes(role);

export const BODIES = ["representative_assembly", "members_representatives", "members_assembly", "villagers_assembly", "group_meeting"] as const;
export type Body = (typeof BODIES)[number];
/** Whose holders stand on a body's roster. */
export const MEMBERS: Record<Body, readonly Role[]> = {
  representative_assembly: ["chair", "committee_member", "representative"],
  members_representatives: ["member_representative"],
  members_assembly: ["member"],
  villagers_assembly: ["household_representative"],
  group_meeting: ["household_representative"],
};

export const STAGES = ["suggestion", "proposal", "consultation", "filing", "ballot", "supervision"] as const;
export type Stage = (typeof STAGES)[number];
/** Whether a stage is another or comes after it. */
export const reaches = (stage: Stage, other: Stage): boolean => STAGES.indexOf(stage) >= STAGES.indexOf(other);

/** How a matter ended. */
export type Outcome = "finished" | "rejected" | "withdrawn" | "declined" | "merged" | "disclosed" | "annulled";

export const CHANNELS = ["online", "kiosk", "paper"] as const;
export type Channel = (typeof CHANNELS)[number];

export const MODES = ["named", "paper_secret"] as const;
export const KEY_KINDS = ["device", "card"] as const;
export const LEVELS = ["public", "village", "officials", "discipline"] as const;
/** What villagers ask beside the steps, and whom. */
export const ASKED = ["interpellation", "complaint"] as const;
export type Asked = (typeof ASKED)[number];
export const ADDRESSEES = ["village", "supervision_committee", "township", "discipline"] as const;
export type Addressee = (typeof ADDRESSEES)[number];
export const WORKS = ["works", "payment", "quality", "delivery"] as const;
export const MEDIA = ["text/plain", "application/pdf", "image/jpeg", "image/png", "image/webp", "image/heic", "video/mp4"] as const;
export const SOURCES = ["online", "paper_box", "household_visit", "talk_session"] as const;
export const PLACES = ["board", "online", "hall", "loudspeaker"] as const;
export const CAUSES = ["absent", "near_kin", "vacant"] as const;
export const VOID_REASONS = ["opening_missing", "too_many_papers", "dispute", "failure"] as const;

/** The options that every plain question has. */
export const FOR = "for";
export const AGAINST = "against";
export const ABSTAIN = "abstain";
