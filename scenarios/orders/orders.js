// The service under test: takes orders. Node built-ins only.
//
//   PORT           where it listens
//   DATABASE_URL   the dependency
//   STORES         before: an order is stored, then acknowledged. after: acknowledged first, and stored when there is time
//
// Both try once more when the database does not answer. Who stores first can tell the customer when that was in vain.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 400;
const WAIT_MS = 100;
const TRIES = { before: 20, after: 2 };
const stores = process.env.STORES === "before" ? "before" : "after";

async function store(id) {
  for (let tried = 1; ; tried++) {
    try {
      const response = await fetch(`${process.env.DATABASE_URL}/orders/${encodeURIComponent(id)}`, {
        method: "PUT",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return;
      throw new Error(`the database answered ${response.status}`);
    } catch (error) {
      if (tried === TRIES[stores]) throw error;
    }
    await sleep(WAIT_MS);
  }
}

async function take(id, response) {
  const stored = store(id);
  if (stores === "after") {
    stored.catch((error) => console.log(`order ${id} is gone: ${error.message}`));
    response.writeHead(201).end();
    return;
  }
  const status = await stored.then(
    () => 201,
    () => 503,
  );
  response.writeHead(status).end();
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text) => {
    body += text;
  });
  request.on("end", () => {
    if (request.url === "/orders" && request.method === "POST") take(JSON.parse(body).id, response);
    else response.writeHead(request.url === "/health" ? 200 : 404).end();
  });
});

server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`orders on port ${process.env.PORT}`));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
