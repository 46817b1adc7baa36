// The service under test: a small shop in front of an inventory service. Node built-ins only.
//
//   PORT            where it listens
//   INVENTORY_URL   the dependency, http:// or https://
//   CLIENT_TIMEOUT_MS  how long it waits for the inventory (100)
//   PROTECTIONS     "on" (default): client timeout, one retry, cached fallback · "off": none of them
import * as http from "node:http";
import * as https from "node:https";

const inventoryUrl = process.env.INVENTORY_URL;
const client = inventoryUrl.startsWith("https:") ? https : http;
const protectedMode = process.env.PROTECTIONS !== "off";
const CLIENT_TIMEOUT_MS = Number(process.env.CLIENT_TIMEOUT_MS ?? 100);
const agent = new client.Agent({ keepAlive: true, maxSockets: 256 });

const counts = { requests: 0, fallbacks: 0, retries: 0 };
/** The last list that the inventory gave, for when it cannot be asked. */
let cachedStock = null;
/** Orders taken while the inventory could not confirm them. */
const pendingReservations = [];

function callInventory(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = client.request(new URL(path, inventoryUrl), { method, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        if (response.statusCode >= 500) return reject(new Error(`inventory answered ${response.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      });
    });
    const timer = protectedMode
      ? setTimeout(
          () => request.destroy(new Error(`no answer in ${CLIENT_TIMEOUT_MS} ms`)),
          CLIENT_TIMEOUT_MS,
        )
      : undefined;
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function askInventory(method, path, body) {
  try {
    return await callInventory(method, path, body);
  } catch (error) {
    if (!protectedMode) throw error;
    counts.retries += 1;
    return callInventory(method, path, body);
  }
}

async function listProducts() {
  try {
    cachedStock = await askInventory("GET", "/stock");
    return { status: 200, value: { products: cachedStock } };
  } catch (error) {
    if (!protectedMode || cachedStock === null) return { status: 502, value: { error: error.message } };
    counts.fallbacks += 1;
    return { status: 200, value: { products: cachedStock, stale: true } };
  }
}

async function placeOrder(order) {
  try {
    await askInventory("POST", "/reservations", order);
    return { status: 201, value: { order: "confirmed" } };
  } catch (error) {
    if (!protectedMode) return { status: 502, value: { error: error.message } };
    counts.fallbacks += 1;
    pendingReservations.push(order);
    if (pendingReservations.length > 1_000) pendingReservations.shift();
    return { status: 201, value: { order: "accepted, reservation follows" } };
  }
}

async function handle(method, path, body) {
  if (method === "GET" && path === "/products") return listProducts();
  if (method === "POST" && path === "/orders") return placeOrder(JSON.parse(body));
  return { status: 404, value: { error: "not found" } };
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const send = ({ status, value }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.url === "/health") return send({ status: 200, value: { ok: true } });
    if (request.url === "/counts") return send({ status: 200, value: counts });
    counts.requests += 1;
    try {
      send(await handle(request.method, request.url, Buffer.concat(chunks).toString("utf8")));
    } catch (error) {
      send({ status: 400, value: { error: error.message } });
    }
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`shop on port ${process.env.PORT}, protections ${protectedMode ? "on" : "off"}`),
);
process.on("SIGTERM", () => {
  console.log(`shop ends: ${JSON.stringify(counts)}`);
  process.exit(0);
});
