import { expect, test } from "vitest";

import { paperPath } from "../src/filled.ts";

const ORIGIN = "https://vote.example";
const ID = "01KJP0Y9M0KH9SXAGZ44GWEFW0";

test("a paper's code leads to its form", () => {
  for (const what of ["notice", "visits", "resolution", "sign-in", "minutes"]) {
    const path = `/v/331102206201/paper/${what}/${ID}`;
    expect(paperPath(ORIGIN + path, ORIGIN)).toBe(path);
  }
});

test("what is no paper of this site leads nowhere", () => {
  for (const text of [
    undefined,
    "",
    "hello",
    `https://evil.example/v/331102206201/paper/visits/${ID}`,
    `http://vote.example/v/331102206201/paper/visits/${ID}`,
    `https://vote.example@evil.example/v/331102206201/paper/visits/${ID}`,
    `${ORIGIN}/v/331102206201/paper/visits/${ID}?next=x`,
    `${ORIGIN}/v/331102206201/paper/visits/${ID}/file`,
    `${ORIGIN}/v/331102206201/paper/other/${ID}`,
    `${ORIGIN}/v/331102206201/m/${ID}`,
    `${ORIGIN}/v/33110220620/paper/visits/${ID}`,
    "javascript:alert(1)",
  ]) {
    expect(paperPath(text, ORIGIN), String(text)).toBeUndefined();
  }
});
