// Asks the stock, which it reaches through Envoy, and tries again where an answer is bad or late.
//
//   PORT     where it listens
//   STOCK    URL of the stock, as Envoy has it
//   RETRIES  how often it asks once more
import { createServer } from "node:http";

const { PORT, STOCK, RETRIES } = process.env;
const PATIENCE_MS = 400;

async function piecesLeft() {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(`${STOCK}/pieces`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.ok) return (await answer.json()).pieces;
      await answer.body?.cancel();
      throw new Error(`the stock answers ${answer.status}`);
    } catch (error) {
      if (tries >= Number(RETRIES)) throw error;
    }
  }
}

createServer(async (request, response) => {
  if (request.url === "/health") return response.end();
  try {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ pieces: await piecesLeft() }));
  } catch {
    response.writeHead(502).end();
  }
}).listen(Number(PORT), "127.0.0.1");
