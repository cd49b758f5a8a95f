/** One statement before the law: what it speaks of, and what all kinds share. Checks come first; what is lawful then changes the state. */
import type { Acts } from "./acts.ts";
import { dayOf } from "./clock.ts";
import type { Addressee } from "./codes.ts";
import { given, need, type Remark } from "./rules.ts";
import { type Matter, type Paper, type Point, type Position, questionKey, type Session, type State, type Voting } from "./state.ts";
import type { Signer, Statement } from "./statement.ts";
import { type Kind, type Row, row } from "./table.ts";

/** What a lawful statement changes; runs after every check has passed. */
export type Effect = () => void;
/** The rules of one kind beyond the table: refuses, or answers with what changes. */
export type Judge<K extends Kind> = (one: Case, act: Acts[K]) => Effect;

export class Case {
  readonly remarks: Remark[] = [];
  /** Day of the entry in Asia/Shanghai. */
  readonly day: number;
  readonly row: Row;

  constructor(
    readonly state: State,
    readonly statement: Statement,
    /** The statement's id. */
    readonly id: string,
    readonly at: Position,
  ) {
    this.day = dayOf(at.time);
    this.row = row(statement.kind);
  }

  get by(): readonly Signer[] {
    return this.statement.by;
  }

  get kind(): Kind {
    return this.statement.kind;
  }

  get matterId(): string {
    return given(this.statement.matter, "statement.fields", "matter", "nothing");
  }

  /** The matter as it stands. */
  get matter(): Matter {
    return given(this.state.matters.get(this.matterId), "matter.unknown", "a matter on record", this.matterId);
  }

  /** The session as it stands. */
  get session(): Session {
    const id = given(this.statement.session, "statement.fields", "session", "nothing");
    return given(this.state.sessions.get(id), "session.unknown", "a session on record", id);
  }

  get questionKey(): string {
    return questionKey(this.matterId, given(this.statement.question, "statement.fields", "question", "nothing"));
  }

  /** The vote as it stands. */
  get voting(): Voting {
    return given(this.session.votings.get(this.questionKey), "voting.state", "an open vote", "none");
  }

  /** The vote, if the statement names one that is there. */
  get votingIfAny(): Voting | undefined {
    const { matter, session, question } = this.statement;
    if (matter === undefined || session === undefined || question === undefined) return undefined;
    return this.state.sessions.get(session)?.votings.get(questionKey(matter, question));
  }

  remark(remark: Remark): void {
    this.remarks.push(remark);
  }

  /** The statement as a paper that others may rest on. */
  paper(): Paper {
    const signers = this.by.flatMap((signer) => signer.person ?? []);
    return { at: this.at, documents: this.statement.documents, signers };
  }

  /** The statement as a point that waits for answers. */
  point(answers = 1, to?: Addressee): Point {
    return { kind: this.kind, at: this.at, answers, to };
  }

  /** Takes the matter on: the statement is its paper, the stage moves as the table says, then `more` happens. */
  step(more: (matter: Matter) => void = () => {}): Effect {
    const { matter } = this;
    return () => {
      matter.papers.set(this.kind, this.paper());
      matter.updated = this.at;
      if (this.row.moves !== undefined) matter.stage = this.row.moves;
      more(matter);
    };
  }

  /** Takes the session on; the statement is its paper. */
  stepSession(more: (session: Session) => void): Effect {
    const { session } = this;
    return () => {
      session.papers.set(this.kind, this.paper());
      more(session);
    };
  }

  /** Takes the vote on; the statement is its paper. */
  stepVoting(more: (voting: Voting) => void = () => {}): Effect {
    const { voting } = this;
    return () => {
      voting.papers.set(this.kind, this.paper());
      more(voting);
    };
  }

  /** Refuses unless the entry's time has come. */
  notBefore(time: number | undefined, rule: "notice.early" | "close.early"): void {
    need(time !== undefined && this.at.time >= time, rule, time === undefined ? "a notice" : new Date(time).toISOString(), new Date(this.at.time).toISOString());
  }
}
