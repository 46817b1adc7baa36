// A connection to RabbitMQ that is made again whenever it breaks: amqplib leaves that to us.
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";

/** A connection that is silent for two heartbeats (seconds) is given up. By default RabbitMQ asks for one a minute. */
const HEARTBEAT = process.env.CLIENTS === "careful" ? "?heartbeat=1" : "";

/** `open` is called with each new connection. Resolves when the first of them is open. */
export async function stayConnected(open) {
  for (;;) {
    let connection = null;
    try {
      connection = await amqp.connect(process.env.AMQP_URL + HEARTBEAT, { timeout: 1_000 });
      // Without a listener this ends the process.
      connection.on("error", (error) => console.error(`connection: ${error.message}`));
      const closed = new Promise((resolve) => connection.once("close", resolve));
      await open(connection);
      closed.then(() => stayConnected(open));
      return;
    } catch (error) {
      console.error(`no connection: ${error.message}`);
      connection?.close().catch(() => {});
      await sleep(200);
    }
  }
}
