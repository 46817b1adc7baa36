import { connect } from "@nats-io/transport-node";

/** It connects (again) for as long as it takes, and gives up a broker that is silent for a second. */
export function connectTo(servers) {
  return connect({
    servers,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 50,
    pingInterval: 500,
    maxPingOut: 2,
    timeout: 1_000,
  });
}
