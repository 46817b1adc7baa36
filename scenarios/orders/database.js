// What the service depends on: keeps orders. Node built-ins only.
//
//   PUT /orders/ID   stores an order; a second time changes nothing
//   GET /orders      the ids of all orders, as a list in JSON
import { createServer } from "node:http";

const orders = new Set();

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const [, id] = /^\/orders\/(.+)$/.exec(request.url) ?? [];
    if (request.method === "PUT" && id !== undefined) {
      orders.add(decodeURIComponent(id));
      response.writeHead(204).end();
    } else if (request.url === "/orders") response.end(JSON.stringify([...orders]));
    else response.writeHead(request.url === "/health" ? 200 : 404).end();
  });
});

server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`database on port ${process.env.PORT}`),
);
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
