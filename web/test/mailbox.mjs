/**
 * A mail server for tests: takes mail by SMTP and says on its standard output, a JSON object a line, what came in, read by a parser of its own.
 * A line with a number on its standard input: so many letters are answered with 451. Options: `--key <file> --certificate <file>` offers STARTTLS and takes nothing without it;
 * `--user <name> --password <word>` asks for a log-in.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const text = { type: "string" };
const { values } = parseArgs({ options: { key: text, certificate: text, user: text, password: text } });
let refusals = 0;
const secure = values.key !== undefined;
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const server = new SMTPServer({
  ...(secure ? { key: readFileSync(values.key), cert: readFileSync(values.certificate) } : {}),
  disabledCommands: secure ? [] : ["STARTTLS"],
  authOptional: values.user === undefined,
  allowInsecureAuth: !secure,
  onAuth({ username, password }, _session, done) {
    if (username === values.user && password === values.password) done(null, { user: username });
    else done(new Error("no such user"));
  },
  onMailFrom(_address, session, done) {
    if (secure && !session.secure) done(Object.assign(new Error("TLS first"), { responseCode: 530 }));
    else done();
  },
  onRcptTo({ address }, _session, done) {
    if (address.startsWith("nobody@")) {
      say({ refused: 550 });
      done(Object.assign(new Error("no such mailbox"), { responseCode: 550 }));
    } else if (refusals > 0) {
      refusals -= 1;
      say({ refused: 451 });
      done(Object.assign(new Error("come back later"), { responseCode: 451 }));
    } else done();
  },
  onData(stream, session, done) {
    simpleParser(stream).then((mail) => {
      const header = (name) => mail.headerLines.find(({ key }) => key === name)?.line.replace(/^[^:]*:\s*/, "").replace(/\r?\n\s+/g, "") ?? "";
      say({
        from: mail.from.text,
        to: mail.to.text,
        subject: mail.subject,
        text: mail.text,
        id: mail.messageId,
        date: mail.date.toISOString(),
        unsubscribe: header("list-unsubscribe"),
        oneClick: header("list-unsubscribe-post"),
        automatic: header("auto-submitted"),
        secure: session.secure,
        user: session.user ?? null,
      });
      done();
    }, done);
  },
});
server.on("error", () => undefined);
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
// Ends with the test that started it.
const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0));
lines.on("line", (line) => say({ refuses: (refusals = Number(line)) }));
