import type { Random } from "../../../../support/random.js";
import { type ProxyAddresses, ToxicProxy } from "../stream/proxy.js";
import { ApiError } from "./api-error.js";
import { badBody, Fields, readBody } from "./body.js";
import type { JsonNode } from "./json.js";

interface ProxyRequest extends ProxyAddresses {
  readonly name: string;
  readonly enabled: boolean;
}

/** `/populate` failed. By then these proxies had been made or kept. */
export class PopulateError extends Error {
  constructor(
    readonly made: readonly ToxicProxy[],
    cause: unknown,
  ) {
    super("populate failed", { cause });
  }
}

/** All proxies of the server. Changes wait for one another, so that two requests cannot make the same proxy. */
export class Proxies {
  readonly #byName = new Map<string, ToxicProxy>();
  readonly #random: Random;
  readonly #passesResetsOf: readonly string[];
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(random: Random, passesResetsOf: readonly string[] = []) {
    this.#random = random;
    this.#passesResetsOf = passesResetsOf;
  }

  all(): readonly ToxicProxy[] {
    return [...this.#byName.values()];
  }

  /** @throws ApiError 404. */
  get(name: string): ToxicProxy {
    const proxy = this.#byName.get(name);
    if (!proxy) throw new ApiError(404, "proxy not found");
    return proxy;
  }

  create(body: string): Promise<ToxicProxy> {
    return this.#change(async () => {
      const wanted = proxyRequest(readBody(body));
      requireFields(wanted, "");
      if (this.#byName.has(wanted.name)) throw new ApiError(409, "proxy already exists");
      return this.#make(wanted);
    });
  }

  update(name: string, body: string): Promise<ToxicProxy> {
    return this.#change(async () => {
      const proxy = this.get(name);
      const fields = new Fields(readBody(body));
      const wanted = {
        listen: fields.text("listen") ?? proxy.listen,
        upstream: fields.text("upstream") ?? proxy.upstream,
        enabled: fields.boolean("enabled") ?? proxy.enabled,
      };
      // Names cannot be changed, but must still be texts.
      fields.text("name");
      fields.check();
      await proxy.update(wanted);
      return proxy;
    });
  }

  remove(name: string): Promise<void> {
    return this.#change(async () => {
      this.get(name).stop();
      this.#byName.delete(name);
    });
  }

  /** Makes or replaces proxies. Those at the same addresses are kept as they are. @throws PopulateError. */
  populate(body: string): Promise<readonly ToxicProxy[]> {
    return this.#change(async () => {
      const made: ToxicProxy[] = [];
      try {
        for (const wanted of populateRequest(readBody(body))) made.push(await this.#addOrReplace(wanted));
      } catch (error) {
        throw new PopulateError(made, error);
      }
      return made;
    });
  }

  /** Enables every proxy and removes its toxics. Stops at the first that cannot listen. */
  reset(): Promise<void> {
    return this.#change(async () => {
      for (const proxy of this.all()) {
        await proxy.start();
        for (const toxic of proxy.toxics) proxy.removeToxic(toxic);
      }
    });
  }

  /** Closes every listener and connection. */
  close(): void {
    for (const proxy of this.all()) proxy.stop();
    this.#byName.clear();
  }

  async #addOrReplace(wanted: ProxyRequest): Promise<ToxicProxy> {
    const existing = this.#byName.get(wanted.name);
    if (existing && !(await existing.differsFrom(wanted))) return existing;
    existing?.stop();
    return this.#make(wanted);
  }

  async #make(wanted: ProxyRequest): Promise<ToxicProxy> {
    const proxy = new ToxicProxy(wanted.name, wanted, this.#random, this.#passesResetsOf);
    if (wanted.enabled) await proxy.start();
    this.#byName.set(wanted.name, proxy);
    return proxy;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(work);
    this.#lastChange = done.catch(() => {});
    return done;
  }
}

/** `enabled` of POST /populate differs in one thing: null takes back what was said before it. */
function proxyRequest(node: JsonNode, enabled = (fields: Fields) => fields.boolean("enabled")): ProxyRequest {
  const fields = new Fields(node);
  const wanted = {
    name: fields.text("name") ?? "",
    listen: fields.text("listen") ?? "",
    upstream: fields.text("upstream") ?? "",
    enabled: enabled(fields) ?? true,
  };
  fields.check();
  return wanted;
}

function populateRequest(node: JsonNode): readonly ProxyRequest[] {
  if (node.kind === "null") return [];
  if (node.kind !== "array") throw badBody("the body must be an array of proxies");
  const all = node.items.map((item) => proxyRequest(item, (fields) => fields.revocableBoolean("enabled")));
  for (const [i, wanted] of all.entries()) requireFields(wanted, ` at proxy ${i + 1}`);
  return all;
}

function requireFields(wanted: ProxyRequest, where: string): void {
  for (const name of ["name", "upstream"] as const) {
    if (wanted[name] === "") throw new ApiError(400, `missing required field: ${name}${where}`);
  }
}
