// A mail service: a line in a file is a mail that was sent.
//
//   PORT  where it listens
//   SENT  the file
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const { PORT, SENT } = process.env;
/** What came with a key is sent once. */
const keys = new Set();

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  const { id, to } = JSON.parse(body);
  if (to === "customer 1") return response.writeHead(400).end("no such customer");
  const key = request.headers["idempotency-key"];
  if (!keys.has(key)) appendFileSync(SENT, `${id}\n`);
  if (key) keys.add(key);
  response.end();
}).listen(Number(PORT), "127.0.0.1");
