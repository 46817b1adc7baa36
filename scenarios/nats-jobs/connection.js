import { connect } from "@nats-io/transport-node";

/** Both clients connect (again) for as long as it takes. */
const EVER_AGAIN = {
  waitOnFirstConnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 200,
  reconnectJitter: 50,
};
/** A server that does not answer is given up after a second. By default after four minutes. */
const CAREFUL = { pingInterval: 500, maxPingOut: 2, timeout: 1_000 };

export function connectTo(servers) {
  const isCareful = process.env.CLIENTS === "careful";
  return connect({ servers, ...EVER_AGAIN, ...(isCareful ? CAREFUL : {}) });
}
