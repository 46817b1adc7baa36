// A shop: it lets in who has a token, and takes a token of its own to the stock.
//
//   PORT          where it listens
//   IDENTITY_URL  the token service, as the shop reaches it
//   LOGIN_URL     the token service, as browsers reach it
//   STOCK_URL     the service that keeps the stock
//   CLIENT        "careful": it keeps keys and its own token, renews them in good time, and waits a second.
//                 "careless": it asks for keys with each order and for a token when its own has ended, and waits for ever
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { claimsOf } from "./tokens.js";

const { PORT, IDENTITY_URL, LOGIN_URL, STOCK_URL, CLIENT } = process.env;
const careful = CLIENT === "careful";
const OWN = new URLSearchParams({ grant_type: "client_credentials", client_id: "shop", client_secret: "s1" });

async function askIdentity(path, form) {
  const answer = await fetch(new URL(path, IDENTITY_URL), {
    ...(form === undefined ? {} : { method: "POST", body: form }),
    // Without it, fetch waits five minutes for an answer to begin.
    ...(careful ? { signal: AbortSignal.timeout(1_000) } : {}),
  });
  if (!answer.ok) throw new Error(`the token service answered ${answer.status}`);
  return answer.json();
}

async function askKeys() {
  const { keys, life_s } = await askIdentity("/keys");
  return { value: keys, lifeS: life_s };
}

async function askOwnToken() {
  const { access_token, expires_in } = await askIdentity("/token", OWN);
  return { value: access_token, lifeS: expires_in };
}

async function untilItWorks(ask) {
  while (true) {
    try {
      return await ask();
    } catch (error) {
      console.error(`tried again in 250 ms: ${error.message}`);
      await sleep(250);
    }
  }
}

/** Keeps what `ask` has got, and renews it after a quarter of its life. The rest is for a token service that fails. */
async function kept(ask) {
  let current = await untilItWorks(ask);
  const keepFresh = async () => {
    while (true) {
      await sleep(250 * current.lifeS);
      current = await untilItWorks(ask);
    }
  };
  keepFresh();
  return async () => current.value;
}

function askedEachTime(ask) {
  return async () => (await ask()).value;
}

/** Asks anew when what it has ends within a second: then somebody has to wait. */
function keptToItsEnd(ask) {
  let current = null;
  let endsAt = 0;
  return async () => {
    if (Date.now() > endsAt - 1000) {
      current = await ask();
      endsAt = Date.now() + 1000 * current.lifeS;
    }
    return current.value;
  };
}

const keys = careful ? await kept(askKeys) : askedEachTime(askKeys);
const ownToken = careful ? await kept(askOwnToken) : keptToItsEnd(askOwnToken);

/** Stands for the browser, which goes to the token service by a way of its own. */
async function login(form) {
  const answer = await fetch(new URL("/token", LOGIN_URL), {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return { status: answer.status, value: await answer.json() };
}

async function order(authorization) {
  const customer = claimsOf(authorization, await keys());
  if (customer === null) return { status: 401, value: { error: "invalid_token" } };
  const headers = { authorization: `Bearer ${await ownToken()}` };
  const reserved = await fetch(new URL("/reserve", STOCK_URL), { method: "POST", headers });
  if (!reserved.ok) return { status: 502, value: { error: `the stock answered ${reserved.status}` } };
  return { status: 201, value: { customer: customer.sub } };
}

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  response.setHeader("content-type", "application/json");
  const answer = ({ status, value }) => response.writeHead(status).end(JSON.stringify(value));
  if (request.url === "/health") return answer({ status: 200, value: {} });
  try {
    answer(await (request.url === "/login" ? login(body) : order(request.headers.authorization)));
  } catch (error) {
    answer({ status: 503, value: { error: error.message } });
  }
}).listen(Number(PORT), "127.0.0.1");
