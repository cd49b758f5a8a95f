/**
 * A provider of OpenID Connect for tests: the package oidc-provider with people of its own, on a port that the system chooses. Started
 * with the time at which its clock begins; prints its issuer, reads the client's redirect address and prints it again. It ends with
 * its input. `POST /test/spoil` makes it hand out
 * tokens that no honest provider makes: signed by its own key, so that nothing but what is spoilt stands against them.
 */
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";

const real = Date.now;
const offset = Date.parse(process.argv[2] ?? "") - real();
Date.now = () => real() + offset;

const { Provider } = await import("oidc-provider");

/** People by their accounts. */
const NAMES = { clerk: "钟丽华", other: "吴根土" };
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "one" };
const stranger = await generateKeyPair("RS256");
let spoilt = "";

/** How a token is spoilt. */
const SPOIL = {
  nonce: { nonce: "another" },
  audience: { aud: "another-client" },
  issuer: { iss: "https://another.example" },
  expired: { iat: -120, exp: -60 },
  old: { iat: -3600, exp: 3600 },
};

async function spoil(token) {
  const claims = decodeJwt(token);
  const now = Math.floor(Date.now() / 1000);
  for (const [name, value] of Object.entries(SPOIL[spoilt] ?? {})) claims[name] = typeof value === "number" ? now + value : value;
  const key = spoilt === "key" ? stranger.privateKey : await importJWK(jwk, "RS256");
  return new SignJWT(claims).setProtectedHeader(decodeProtectedHeader(token)).sign(key);
}

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(issuer);
const input = createInterface(process.stdin).on("close", () => process.exit(0));
const back = await new Promise((resolve) => input.once("line", resolve));
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "sunvote",
      client_secret: "a secret of the tests that is long enough",
      redirect_uris: [back],
      post_logout_redirect_uris: [new URL("/", back).href],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  jwks: { keys: [jwk] },
  cookies: { keys: ["a key of the tests"] },
  claims: { openid: ["sub"], profile: ["name"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: NAMES[id] ?? id }) }),
  // Browsers go by the clock of the machine, which may be years from this one.
  ttl: { Interaction: 315_360_000, Session: 315_360_000, Grant: 315_360_000 },
  // Whoever logs in lets us know who they are: nothing more is asked.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});
provider.use(async (context, next) => {
  if (context.path === "/test/spoil") {
    spoilt = context.query.how ?? "";
    context.body = spoilt;
    return;
  }
  await next();
  if (context.path === "/token" && spoilt !== "" && context.body?.id_token) context.body.id_token = await spoil(context.body.id_token);
});
server.on("request", provider.callback());
console.log(back);
