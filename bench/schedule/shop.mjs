// Answers with what its dependency answers; as the dependency itself where it has none.
import http from "node:http";

const { PORT, DEPENDENCY } = process.env;
const agent = new http.Agent({ keepAlive: true });
http
  .createServer((_, response) => {
    if (!DEPENDENCY) return void response.end("ok");
    http
      .get(DEPENDENCY, { agent, timeout: 5_000 }, (answer) => answer.pipe(response))
      .on("error", () => response.writeHead(502).end());
  })
  .listen(Number(PORT), "127.0.0.1");
