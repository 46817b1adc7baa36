// Passes orders on, as the front door of many services does.
import http from "node:http";

const { PORT, ORDERS_URL } = process.env;
const agent = new http.Agent({ keepAlive: true });

http
  .createServer((request, response) => {
    if (request.url === "/health") return response.end("ok");
    const { method, url } = request;
    const onward = http.request(`${ORDERS_URL}${url}`, { method, agent }, (answer) => {
      response.writeHead(answer.statusCode, { "content-type": "application/json" });
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  })
  .listen(Number(PORT), "127.0.0.1");
