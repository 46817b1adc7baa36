// The API: passes logins on to the identity provider and checks tokens by itself. Node built-ins only.
import { createHmac, timingSafeEqual } from "node:crypto";
import { Agent, createServer, request as send } from "node:http";

const agent = new Agent({ keepAlive: true });
const identity = new URL("/token", process.env.IDENTITY_URL);
const counts = { requests: 0, logins: 0, orders: 0, denied: 0 };

/** The token's subject, or null when it is not one of ours or has expired. */
function subject(authorization = "") {
  const [head, claims, signature] = authorization.replace(/^Bearer /, "").split(".");
  const wanted = createHmac("sha256", process.env.JWT_KEY).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  return exp * 1000 > Date.now() ? sub : null;
}

/** Hands the login through, and its answer back. */
function login(body, response) {
  counts.logins++;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body),
  };
  const upstream = send(identity, { method: "POST", agent, headers, timeout: 1500 }, (answer) => {
    response.writeHead(answer.statusCode, { "content-type": "application/json" });
    answer.pipe(response);
  });
  upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
  upstream.on("error", () => response.writeHead(502).end());
  upstream.end(body);
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const answer = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (request.url === "/health") return answer(200, { ok: true });
  counts.requests++;
  if (request.url === "/token") return login(body, response);
  const client = subject(request.headers.authorization);
  if (client === null) {
    counts.denied++;
    return answer(401, { error: "invalid_token" });
  }
  if (request.method === "GET" && request.url === "/cart")
    return answer(200, { cart: { id: `cart-${client}` } });
  if (request.method === "POST" && request.url === `/carts/cart-${client}/order`) {
    counts.orders++;
    return answer(201, { ordered: JSON.parse(body) });
  }
  answer(404, { error: "not_found" });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`api on port ${process.env.PORT}`));
process.on("SIGTERM", () => {
  console.log(JSON.stringify(counts));
  process.exit(0);
});
