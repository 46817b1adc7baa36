// Takes each order through its saga: goods are held, then the card is charged. Without a payment the goods are given back.
//
//   DATABASE_URL  the database
//   NATS          host:port of the broker
//   SHOP          "careful": a step is done only when the one before it was, so an event that comes twice changes nothing.
//                 "careless": each event is taken through all steps
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import pg from "pg";
import { connectTo } from "./connection.js";

const { DATABASE_URL, NATS, SHOP } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL });

/** Each step is one transaction, which leads from one state of the order to the next. */
function step(from, to, held) {
  const move = `update orders set state = '${to}' where id = $1 ${SHOP === "careful" ? `and state = '${from}'` : ""}`;
  const end = to === "reserved" ? "" : `, ended as (insert into endings select id, '${to}' from moved)`;
  const sql = `with moved as (${move} returning id) ${end} update stock set held = held + ${held} from moved`;
  return (id) => pool.query(sql, [id]);
}
const reserve = step("placed", "reserved", 1);
const complete = step("reserved", "completed", 0);
const compensate = step("reserved", "compensated", -1);

/** Stands for a bank. It charges an order once, however often it is asked with the order's id. */
async function charge(_id, amount) {
  await sleep(10);
  return amount <= 90;
}

async function take({ id, amount }) {
  await reserve(id);
  await ((await charge(id, amount)) ? complete : compensate)(id);
}

const consumer = await jetstream(await connectTo(NATS)).consumers.get("orders", "worker");
for (;;) {
  try {
    const messages = await consumer.consume({ max_messages: 50, expires: 2_000 });
    console.log("ready");
    for await (const message of messages) {
      await take(message.json());
      message.ack();
    }
  } catch (error) {
    // What was not acknowledged comes again.
    console.error(`tried again: ${error.message}`);
  }
  await sleep(200);
}
