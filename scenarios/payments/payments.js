// The dependency: charges cards, each idempotency key once. Node built-ins only.
import { createServer } from "node:http";

const charged = new Map();

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const answer = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.url === "/health") return answer(200, { ok: true });
    if (request.method !== "POST" || request.url !== "/charges") return answer(404, { error: "not found" });
    const key = request.headers["idempotency-key"];
    if (!charged.has(key)) charged.set(key, `ch_${charged.size + 1}`);
    answer(201, { charge: charged.get(key) });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`payments on port ${process.env.PORT}`),
);
process.on("SIGTERM", () => process.exit(0));
