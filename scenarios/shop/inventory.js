// The dependency: knows what is in stock and takes reservations. Node built-ins only.
import { createServer } from "node:http";

const products = ["A1", "B2", "C3"].map((sku, index) => ({
  sku,
  name: `Product ${sku}`,
  stock: 100 * (index + 1),
}));

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const answer = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.method === "GET" && request.url === "/stock") return answer(200, products);
    if (request.method === "POST" && request.url === "/reservations") return answer(201, { reserved: true });
    if (request.url === "/health") return answer(200, { ok: true });
    answer(404, { error: "not found" });
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log(`inventory on port ${process.env.PORT}`),
);
process.on("SIGTERM", () => process.exit(0));
