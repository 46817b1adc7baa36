// Keeps orders. It was deployed first, so it knows the new schema and the old one.
//
//   NATS    host:port of NATS
//   ORDERS  a file that gets a line for each order: its id and its total
//   SCHEMA  the new schema of orders, "careful" or "careless"
import { appendFileSync } from "node:fs";
import protobuf from "protobufjs";
import { consume } from "./stream.js";

const { ORDERS, SCHEMA } = process.env;
const Order = (await protobuf.load(`order.${SCHEMA}.proto`)).lookupType("Order");

/** 8-4-4-4-12 digits, as UUIDs are written. */
function uuid(key) {
  return Buffer.from(key)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

await consume("priced", async (bytes) => {
  const { id, key, total } = Order.decode(bytes);
  appendFileSync(ORDERS, `${uuid(key) || id || "nobody"} ${total}\n`);
});
