// Makes quotes of the prices that another service has.
//
//   PORT     where it listens
//   PRICES   where the prices are
//   CLIENT   "careful": it waits 150 ms for a price, at most as long as its own caller waits, and falls back to the price that
//            it has known last. "careless": it waits as long as it takes, which is what the library does by itself
import { credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { shop } from "./shop.js";

const { PORT, PRICES, CLIENT } = process.env;
const IS_CAREFUL = CLIENT === "careful";
const LONGEST_WAIT_MS = 150;

const prices = new shop.Prices(PRICES, credentials.createInsecure(), {
  // After a failure the library waits for longer and longer before it connects again: up to 2 minutes by default.
  ...(IS_CAREFUL ? { "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 500 } : {}),
});
const known = new Map();

function priceOf(sku, call) {
  const deadline = Math.min(Date.now() + LONGEST_WAIT_MS, Number(call.getDeadline()));
  return new Promise((resolve, reject) => {
    prices.get({ sku }, IS_CAREFUL ? { deadline } : {}, (error, price) =>
      error ? reject(error) : resolve(price.cents),
    );
  });
}

const server = new Server();
server.addService(shop.Quotes.service, {
  get: async (call, answer) => {
    const { sku, quantity } = call.request;
    try {
      const cents = await priceOf(sku, call);
      known.set(sku, cents);
      answer(null, { totalCents: cents * quantity, isEstimate: false });
    } catch (error) {
      const cents = known.get(sku);
      if (IS_CAREFUL && cents !== undefined) answer(null, { totalCents: cents * quantity, isEstimate: true });
      else answer({ code: status.UNAVAILABLE, details: `no price: ${error.message}` });
    }
  },
});
server.bindAsync(`127.0.0.1:${PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
