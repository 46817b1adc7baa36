// Puts the total into each order, and passes the order on. It knows the old schema only.
//
//   NATS    host:port of NATS
//   SCHEMA  "careful": fields that it does not know are passed on.
//           "careless": they are dropped, which is what protobufjs does by default
import protobuf from "protobufjs";
import { consume, publish } from "./stream.js";

protobuf.Reader.discardUnknown = process.env.SCHEMA !== "careful";
const PRICE = 5;

const Order = (await protobuf.load("order.old.proto")).lookupType("Order");

await consume("placed", async (bytes) => {
  const order = Order.decode(bytes);
  order.total = order.quantity * PRICE;
  await publish("priced", Order.encode(order).finish());
});
