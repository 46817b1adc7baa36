import { realpathSync } from "node:fs";
import path from "node:path";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { requestKindWith } from "../../requests/kinds.js";
import type { RequestFile, RequestFiles, TextStretch } from "../../requests/request-files.js";
import { hasCode } from "../../support/errors.js";
import { UnfitFile } from "../../support/read-regular-file.js";
import type { ScenarioData } from "../schema/scenario.js";
import { Source, type Span } from "../text/source.js";
import { pathText, type TreePath } from "../text/tree.js";
import { complainAtSpan, complainOfFile, type FileReading, resolvePath } from "./file-reading.js";

/** What the files of requests came to, by the place of the request: "load.requests[0]". Only its kind can read it. */
export type ReadRequests = ReadonlyMap<string, unknown>;

/** Of a file of text. */
const LARGEST_BYTES = 2_000_000;
/** Of a file that is sent as it is. Each load thread has all of them in memory. */
const LARGEST_BODY_BYTES = 16_000_000;
const MOST_BODY_BYTES = 64_000_000;

/** Reads the files that requests name, for each kind that has some. */
export async function readRequests(
  load: ValidParts<ScenarioData>["load"],
  reading: FileReading,
): Promise<ReadRequests> {
  const read = new Map<string, unknown>();
  const texts = new Texts(reading);
  for (const [place, request] of requestsIn(load)) {
    const kind = requestKindWith(Object.keys(request));
    if (!kind.readFiles) continue;
    read.set(pathText(place), await kind.readFiles(request, new FilesOfRequest(place, texts)));
  }
  return read;
}

function requestsIn(load: ValidParts<ScenarioData>["load"]) {
  const { requests = [], journeys = [], login } = load ?? {};
  const steps = journeys.flatMap((journey, index) =>
    (journey?.steps ?? []).map(
      (step, number) => [["load", "journeys", index, "steps", number], step] as const,
    ),
  );
  const all = [
    [["load", "login"], login] as const,
    ...requests.map((request, index) => [["load", "requests", index], request] as const),
    ...steps,
  ];
  return all.flatMap(([place, request]) => (request === undefined ? [] : [[place, request] as const]));
}

/** Files, each read once. */
class Texts {
  readonly reading: FileReading;
  readonly #files = new Map<string, RequestFile>();
  readonly #bodies = new Map<string, Uint8Array>();
  #bodyBytes = 0;
  readonly #sources = new Map<string, Source>();

  constructor(reading: FileReading) {
    this.reading = reading;
  }

  /** @throws what `complainOfFile` knows. */
  async read(absolute: string, ending: string): Promise<RequestFile> {
    const known = this.#files.get(absolute);
    if (known !== undefined) return known;
    // A link's name says nothing of its target, which may be somebody's key.
    if (!realpathSync(this.reading.access.resolve(absolute)).endsWith(ending)) {
      throw new UnfitFile(`its name does not end in ${ending}`);
    }
    const bytes = await this.reading.access.read(absolute, { mostBytes: LARGEST_BYTES, beyond: "refuse" });
    const file = { path: absolute, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    this.#files.set(absolute, file);
    return file;
  }

  /** @throws what `complainOfFile` knows. */
  async readBytes(absolute: string): Promise<Uint8Array> {
    const known = this.#bodies.get(absolute);
    if (known !== undefined) {
      this.#countBytes(known.length);
      return known;
    }
    const limit = { mostBytes: LARGEST_BODY_BYTES, beyond: "refuse" } as const;
    const bytes = await this.reading.access.read(absolute, limit);
    this.#countBytes(bytes.length);
    // Of its own: what threads get is copied with all of the memory that it lies in.
    const own = new Uint8Array(bytes);
    this.#bodies.set(absolute, own);
    return own;
  }

  /** Each request has its own copy of a file. @throws UnfitFile: all of them are too much. */
  #countBytes(bytes: number): void {
    this.#bodyBytes += bytes;
    if (this.#bodyBytes <= MOST_BODY_BYTES) return;
    const most = `${MOST_BODY_BYTES / 1e6} MB`;
    throw new UnfitFile(
      `with it, the files of requests have more than ${most} together, and one counts for each request that sends it`,
    );
  }

  spanIn({ path: absolute, text }: RequestFile, { start, end }: TextStretch): Span {
    const name = path.relative(this.reading.cwd, absolute);
    const source = this.#sources.get(absolute) ?? new Source(name, text, path.dirname(absolute));
    this.#sources.set(absolute, source);
    return { source, start, end };
  }
}

class FilesOfRequest implements RequestFiles {
  readonly #place: TreePath;
  readonly #texts: Texts;

  constructor(place: TreePath, texts: Texts) {
    this.#place = place;
    this.#texts = texts;
  }

  pathOf(at: TreePath, file: string): string {
    return resolvePath(this.#texts.reading.tree, [...this.#place, ...at], file);
  }

  async read(at: TreePath, file: string, ending: string): Promise<RequestFile | null> {
    try {
      return await this.#texts.read(this.pathOf(at, file), ending);
    } catch (error) {
      complainOfFile(error, [...this.#place, ...at], file, this.#texts.reading);
      return null;
    }
  }

  async readBytes(at: TreePath, file: string): Promise<Uint8Array | null> {
    try {
      return await this.#texts.readBytes(this.pathOf(at, file));
    } catch (error) {
      complainOfFile(error, [...this.#place, ...at], file, this.#texts.reading);
      return null;
    }
  }

  async readFirst(
    paths: readonly string[],
    by: RequestFile,
    stretch: TextStretch,
    ending: string,
  ): Promise<RequestFile | "nowhere" | null> {
    for (const absolute of paths) {
      try {
        return await this.#texts.read(absolute, ending);
      } catch (error) {
        if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) continue;
        const span = this.#texts.spanIn(by, stretch);
        complainAtSpan(error, span, absolute, path.basename(absolute), this.#texts.reading.diagnostics);
        return null;
      }
    }
    return "nowhere";
  }

  complain(by: RequestFile, stretch: TextStretch, message: string, help: string | null): void {
    this.#texts.reading.diagnostics.error("file", this.#texts.spanIn(by, stretch), message, help);
  }
}
