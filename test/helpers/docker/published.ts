import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One call of the engine's API, as its published document has it. */
export interface PublishedCall {
  readonly method: string;
  /** With {id} for what varies. */
  readonly path: string;
  readonly query: readonly string[];
  /** Keys of its body. null: it takes none. */
  readonly body: readonly string[] | null;
  readonly statuses: readonly number[];
}

export interface Published {
  readonly version: string;
  readonly calls: readonly PublishedCall[];
  /** Fields of answers, by the name of their definition: "ContainerState" → Running, Paused … */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

const FOLDER = fileURLToPath(new URL("../../fixtures/docker", import.meta.url));

/** What `record.mjs` has read from the documents of these versions. */
export const PUBLISHED: readonly Published[] = ["1.40", "1.44", "1.55"].map((version) =>
  JSON.parse(readFileSync(join(FOLDER, `engine-api-${version}.json`), "utf8")),
);

/** The newest document that is not newer than `version`. */
export function publishedFor(version: string): Published {
  const minor = (text: string) => Number(text.split(".")[1]);
  const found = PUBLISHED.filter((each) => minor(each.version) <= minor(version)).at(-1);
  if (!found) throw new Error(`no document for version ${version}`);
  return found;
}

/**
 * Holds a request to the document.
 * @returns what strays from it; null where nothing does.
 */
export function strays(
  published: Published,
  asked: {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly body: unknown;
  },
): string | null {
  const call = callFor(published, asked.method, asked.path);
  const name = `${asked.method} ${asked.path}`;
  if (!call) return `${name} is no call of version ${published.version}`;
  const unknown = [...asked.query.keys()].find((key) => !call.query.includes(key));
  if (unknown !== undefined) return `${name} takes no ${unknown}`;
  if (asked.body === null) return null;
  if (call.body === null) return `${name} takes no body`;
  const wrong = Object.keys(asked.body as object).find((key) => !call.body?.includes(key));
  return wrong === undefined ? null : `the body of ${name} has no ${wrong}`;
}

export function callFor({ calls }: Published, method: string, path: string): PublishedCall | undefined {
  return calls.find(
    (call) => call.method === method && new RegExp(`^${call.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
}
