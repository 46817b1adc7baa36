// The token service: OAuth 2 client credentials for tokens that end soon, and the keys that they are signed with.
//
//   PORT       where it listens
//   LIFE_S     how long a token is good, in seconds
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { signedToken } from "./tokens.js";

const { PORT, LIFE_S } = process.env;
const SECRETS = { customer: "c1", shop: "s1" };
const KEY_ID = "1";
const KEYS_LIFE_S = 8;
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = [{ ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "RS256", use: "sig" }];
const asked = { keys: 0, tokens: 0 };

function tokenFor(form) {
  const client = form.get("client_id");
  if (!Object.hasOwn(SECRETS, client) || form.get("client_secret") !== SECRETS[client]) return null;
  const claims = { sub: client, exp: Math.floor(Date.now() / 1000) + Number(LIFE_S) };
  return {
    access_token: signedToken(claims, privateKey, KEY_ID),
    token_type: "Bearer",
    expires_in: Number(LIFE_S),
  };
}

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  response.setHeader("content-type", "application/json");
  const answer = (status, value) => response.writeHead(status).end(JSON.stringify(value));
  if (request.url === "/health") return answer(200, {});
  if (request.url === "/asked") return answer(200, asked);
  if (request.url === "/keys") {
    asked.keys++;
    return answer(200, { keys, life_s: KEYS_LIFE_S });
  }
  if (request.url !== "/token") return answer(404, { error: "not_found" });
  asked.tokens++;
  const token = tokenFor(new URLSearchParams(body));
  if (token === null) return answer(401, { error: "invalid_client" });
  answer(200, token);
}).listen(Number(PORT), "127.0.0.1");
