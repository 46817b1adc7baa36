// The identity provider: gives out bearer tokens (JWT, HS256) for OAuth 2 client credentials. Node built-ins only.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";

const CLIENTS = new Map([
  ["web", "w&b"],
  ["kiosk", "k 1"],
  ["app", "a+p"],
]);
const LIFETIME_S = 300;

function token(client) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: client, exp: Math.floor(Date.now() / 1000) + LIFETIME_S };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", process.env.JWT_KEY).update(signed).digest("base64url")}`;
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const answer = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (request.url === "/health") return answer(200, { ok: true });
  if (request.method !== "POST" || request.url !== "/token") return answer(404, { error: "not_found" });
  const form = new URLSearchParams(body);
  const client = form.get("client_id");
  if (form.get("grant_type") !== "client_credentials")
    return answer(400, { error: "unsupported_grant_type" });
  if (!CLIENTS.has(client) || CLIENTS.get(client) !== form.get("client_secret")) {
    return answer(401, { error: "invalid_client" });
  }
  answer(200, { access_token: token(client), token_type: "Bearer", expires_in: LIFETIME_S });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`identity on port ${process.env.PORT}`),
);
process.on("SIGTERM", () => process.exit(0));
