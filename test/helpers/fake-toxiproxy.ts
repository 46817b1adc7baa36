import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { ListedProxy, ListedToxic } from "../../src/faults/toxiproxy/client/toxiproxy-listing.js";
import { deedText, type ToxiproxyDeed } from "../../src/faults/toxiproxy/undo/deed.js";
import type { UndoEntry } from "../../src/faults/undo-entry.js";
import { onTestFinished } from "./at-once.js";

interface FakeProxy {
  readonly upstream: string;
  enabled: boolean;
  toxics: string[];
}

const LISTEN = "127.0.0.1:1";

/** A toxic as Toxiproxy lists it. */
export function listedToxic(name: string): ListedToxic {
  return { name, type: "latency", stream: "downstream", toxicity: 1, attributes: { latency: 5 } };
}

/** A proxy as the server below lists it. */
export function listedProxy(name: string, { upstream, enabled, toxics }: FakeProxy): ListedProxy {
  return { name, listen: LISTEN, upstream, enabled, toxics: toxics.map(listedToxic) };
}

/** Entries of a journal about one proxy: it was made, or found as said, and toxics were added. */
export function undosOf(
  url: string,
  proxy: string,
  upstream: string,
  {
    found = null,
    toxics = [],
  }: { readonly found?: ListedProxy | null; readonly toxics?: readonly string[] } = {},
): readonly UndoEntry[] {
  const entry = (deed: ToxiproxyDeed): UndoEntry => ({
    driver: "toxiproxy",
    undo: deed,
    text: deedText(deed),
  });
  return [
    entry({ kind: "proxy", url, proxy, upstream, found }),
    ...toxics.map((toxic) => entry({ kind: "toxic", url, proxy, toxic })),
  ];
}

/**
 * The calls of Toxiproxy's HTTP API that reverting takes. `hang`: it takes connections and answers nothing; `asleep`: as
 * a server that is stopped, it carries out all that was asked for meanwhile, in one order or the other, when it wakes;
 * `foreign`: another program answers 404 to everything.
 */
export async function fakeToxiproxy(proxies: Record<string, FakeProxy>) {
  const state = {
    proxies,
    hang: false,
    hangOnToxics: false,
    garbage: false,
    foreign: false,
    url: "",
    /** Method and path of every call that changes something, as they were carried out. */
    changes: [] as string[],
    /** To all calls, or to those of one method. */
    asleep: false as boolean | "POST",
    async wake(order: "as asked" | "backwards" = "as asked") {
      state.asleep = false;
      const waiting = pending.splice(0);
      for (const carryOut of order === "as asked" ? waiting : waiting.reverse()) await carryOut();
    },
  };
  const pending: (() => Promise<void>)[] = [];
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    const body = await bodyOf(request);
    const answer = (status: number, content?: object) => {
      response.statusCode = status;
      response.end(content ? JSON.stringify(content) : undefined);
    };
    const carryOut = async () => {
      if (request.method !== "GET") state.changes.push(call);
      serve(request, body, answer);
    };
    if (state.hang) return;
    if (state.asleep === true || state.asleep === request.method) return void pending.push(carryOut);
    if (state.foreign) return void response.writeHead(404).end("not found");
    if (state.garbage) return void response.end("{ not json");
    if (state.hangOnToxics && request.method === "DELETE" && request.url?.includes("/toxics/")) return;
    await carryOut();
  });
  const serve = (
    { method, url }: IncomingMessage,
    body: Partial<FakeProxy> & { readonly name?: string },
    answer: (status: number, content?: object) => void,
  ) => {
    if (url === "/version") return answer(200, { version: "2.13.0" });
    if (url === "/proxies" && method === "GET") {
      const listing = Object.entries(state.proxies).map(([name, proxy]) => [name, listedProxy(name, proxy)]);
      return answer(200, Object.fromEntries(listing));
    }
    if (url === "/proxies") {
      const { name = "", upstream = "", enabled = true } = body;
      if (state.proxies[name]) return answer(409, { error: "proxy already exists" });
      state.proxies[name] = { upstream, enabled, toxics: [] };
      return answer(201, {});
    }
    const [, , name = "", toxics, toxic] = (url ?? "").split("/").map(decodeURIComponent);
    const proxy = state.proxies[name];
    if (!proxy) return answer(404, { error: "proxy not found" });
    if (method === "DELETE" && toxic) proxy.toxics = proxy.toxics.filter((known) => known !== toxic);
    else if (method === "DELETE") delete state.proxies[name];
    else if (toxics) proxy.toxics = [...proxy.toxics, body.name ?? ""];
    else if (method === "POST") proxy.enabled = body.enabled ?? proxy.enabled;
    if (method === "DELETE") return answer(204);
    answer(200, listedProxy(name, proxy));
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

async function bodyOf(request: IncomingMessage): Promise<Partial<FakeProxy> & { readonly name?: string }> {
  let text = "";
  for await (const piece of request) text += piece;
  return text === "" ? {} : JSON.parse(text);
}
