// Takes orders. Two of them share a store.
//
//   PORT   where it listens
//   STORE  a folder that stands for the database of both
//   KEYS   "honoured": an order whose Idempotency-Key was seen before is not stored again; else each request is an order
import { randomUUID } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const { PORT, STORE, KEYS } = process.env;

async function store(key) {
  const name = KEYS === "honoured" ? key : `${key}.${randomUUID()}`;
  try {
    // "wx" is what a unique index is to a database.
    await writeFile(join(STORE, name), "", { flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

async function timesStored(key) {
  const names = await readdir(STORE);
  return names.filter((name) => name.startsWith(key)).length;
}

createServer(async (request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  if (request.url === "/health") return response.end("{}");
  if (request.method === "POST") {
    const id = request.headers["idempotency-key"];
    await store(id);
    return response.writeHead(201).end(JSON.stringify({ id }));
  }
  const id = request.url.split("/").at(-1);
  response.end(JSON.stringify({ id, stored: await timesStored(id) }));
}).listen(Number(PORT), "127.0.0.1");
