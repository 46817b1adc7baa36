// Takes orders, and has each of them paid.
//
//   PORT      where it listens; /metrics is its page of metrics
//   PAYMENTS  host:port of the payments
//   SHOP      "careful": an order that cannot be paid now waits, and is paid later.
//             "careless": it is refused, and counted as if it had gone well
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const { PORT, PAYMENTS, SHOP } = process.env;
const counted = { ok: 0, failed: 0 };
/** Orders that are still to be paid. */
let waiting = 0;

const pay = () => fetch(`http://${PAYMENTS}`, { method: "POST", signal: AbortSignal.timeout(500) });

/** One asks whether payments are back. When they are, many are paid at once. */
const MOST_AT_ONCE = 20;

async function payLater() {
  for (let atOnce = 1; ; ) {
    const paid = await Promise.allSettled(Array.from({ length: Math.min(atOnce, waiting) }, pay));
    const went = paid.filter(({ status }) => status === "fulfilled").length;
    waiting -= went;
    atOnce = went > 0 ? MOST_AT_ONCE : 1;
    if (went === 0) await sleep(100);
  }
}
payLater();

async function take(response) {
  // While others wait, payments are most likely away.
  if (waiting > 0) return accept(response);
  try {
    await pay();
    counted.ok += 1;
    response.end("paid");
  } catch {
    if (SHOP === "careful") return accept(response);
    counted.ok += 1;
    response.writeHead(503).end("payments did not answer");
  }
}

function accept(response) {
  waiting += 1;
  counted.ok += 1;
  response.writeHead(202).end("accepted");
}

function metrics() {
  return [
    "# TYPE orders_total counter",
    `orders_total{result="ok"} ${counted.ok}`,
    `orders_total{result="failed"} ${counted.failed}`,
    "# TYPE orders_waiting gauge",
    `orders_waiting ${waiting}`,
    "",
  ].join("\n");
}

createServer((request, response) => {
  if (request.url === "/metrics") {
    return response.setHeader("content-type", "text/plain; version=0.0.4").end(metrics());
  }
  request.resume();
  take(response);
}).listen(Number(PORT), "127.0.0.1");
