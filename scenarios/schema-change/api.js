// Takes orders, and publishes them.
//
//   PORT      where it listens
//   NATS      host:port of NATS
//   DEPLOYED  a file. Where it is missing this is the old version, and makes it: the second start is the deployment
//   SCHEMA    the new schema of orders, "careful" or "careless"
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import protobuf from "protobufjs";
import { publish } from "./stream.js";

const { PORT, DEPLOYED, SCHEMA } = process.env;
const isNew = existsSync(DEPLOYED);
writeFileSync(DEPLOYED, "");

const schema = await protobuf.load(`order.${isNew ? SCHEMA : "old"}.proto`);
const Order = schema.lookupType("Order");

function encoded(id, quantity) {
  const order = isNew ? { key: Buffer.from(id.replaceAll("-", ""), "hex"), quantity } : { id, quantity };
  return Order.encode(Order.create(order)).finish();
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end("ok");
  let body = "";
  for await (const part of request) body += part;
  try {
    await publish("placed", encoded(request.headers["idempotency-key"], JSON.parse(body).quantity));
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
}).listen(Number(PORT), "127.0.0.1");
