import { bundledFileOf } from "../../../requests/grpc/reflected/bundled-types.js";
import {
  DescriptorProblem,
  type FileDescriptor,
  readFileDescriptor,
} from "../../../requests/grpc/reflected/file-descriptor.js";
import { grpcStatusCode, statusShown } from "../../../support/names/grpc-status.js";
import { saidIn, shownWords } from "../../../support/secrets/said.js";
import type { ReflectionQuestion, ReflectionReply } from "./messages.js";
import { ReflectionEnded } from "./reflection-stream.js";

/** As many as a .proto file may import. */
const MOST_FILES = 500;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_SERVICES = 10_000;
const LONGEST_SAID = 200;
const UNIMPLEMENTED = grpcStatusCode("UNIMPLEMENTED");
const NOT_FOUND = grpcStatusCode("NOT_FOUND");

/** Who is asked. */
export interface Asker {
  /** What it says may hold secrets that it was sent. */
  readonly mask: (text: string) => string;
  /** @throws ReflectionEnded. */
  ask(question: ReflectionQuestion): Promise<ReflectionReply>;
}

export interface GatheredFile {
  readonly file: FileDescriptor;
  readonly bytes: Uint8Array;
}

export type Gathered =
  | { readonly kind: "files"; readonly files: readonly GatheredFile[] }
  /** There is no such service. `known`: those that there are. */
  | { readonly kind: "unknown"; readonly known: readonly string[] };

/**
 * Asks for the file of a service and for all that it needs. A file that it imports and that is not given is done without, as
 * long as nothing of it is used: imports for options are often missing. What is used is asked for by its name then, because some
 * servers know a file by another path than those that import it.
 * @throws ReflectionEnded, DescriptorProblem.
 */
export async function gatherFiles(service: string, asker: Asker): Promise<Gathered> {
  const gathering = new Gathering(asker);
  const refusal = await gathering.add({ fileContainingSymbol: service });
  if (refusal?.code === UNIMPLEMENTED) throw new ReflectionEnded({ kind: "unimplemented" });
  if (refusal?.code === NOT_FOUND) return await unknown(service, refusal, asker);
  // It says nothing of whether there is such a service.
  if (refusal !== null) throw new DescriptorProblem(refusalText(`the file of ${service}`, refusal, asker));
  await gathering.complete();
  return { kind: "files", files: gathering.files };
}

type Refusal = Extract<ReflectionReply, { readonly kind: "refusal" }>;

async function unknown(service: string, refusal: Refusal, asker: Asker): Promise<Gathered> {
  const listed = await asker.ask({ listServices: "" });
  if (listed.kind !== "services") {
    throw new DescriptorProblem(refusalText(`the file of ${service}`, refusal, asker));
  }
  if (listed.names.includes(service)) {
    throw new DescriptorProblem(`lists ${service}, and ${refusalText("its file", refusal, asker)}`);
  }
  const known = listed.names.slice(0, MOST_SERVICES);
  return { kind: "unknown", known: known.map((name) => wordsOf(name, asker)) };
}

class Gathering {
  readonly #asker: Asker;
  readonly #files = new Map<string, GatheredFile>();
  /** Files and names that the server was asked for in vain. */
  readonly #missing = new Map<string, Refusal>();
  #bytes = 0;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  get files(): readonly GatheredFile[] {
    return [...this.#files.values()];
  }

  /** @returns why the server gives no file. null: it does. */
  async add(question: ReflectionQuestion): Promise<Refusal | null> {
    const reply = await this.#asker.ask(question);
    if (reply.kind === "refusal") return reply;
    if (reply.kind !== "files" || reply.files.length === 0) {
      throw new DescriptorProblem("was asked for a file, and answers with something else");
    }
    for (const bytes of reply.files) this.#keep(bytes);
    return null;
  }

  /** Asks until nothing that is used is missing. */
  async complete(): Promise<void> {
    for (let next = this.#nextQuestion(); next !== null; next = this.#nextQuestion()) {
      const refusal = await this.add(next.question);
      // What is there now may still lack it: nobody is asked twice.
      this.#missing.set(next.key, refusal ?? GIVEN_IN_VAIN);
    }
    const lacking = this.#lacking();
    if (lacking === null) return;
    const { name, by } = lacking;
    const refusal = this.#missing.get(name) ?? GIVEN_IN_VAIN;
    throw new DescriptorProblem(
      `gives ${by.name}, which uses ${name.slice(1)}, and ${refusalText("the file of that", refusal, this.#asker)}`,
    );
  }

  #nextQuestion(): { readonly key: string; readonly question: ReflectionQuestion } | null {
    for (const { file } of this.#files.values()) {
      const path = file.imports.find((one) => !this.#has(one));
      if (path !== undefined) return { key: path, question: { fileByFilename: path } };
    }
    const name = this.#lacking((one) => !this.#missing.has(one))?.name;
    return name === undefined ? null : { key: name, question: { fileContainingSymbol: name.slice(1) } };
  }

  #has(path: string): boolean {
    return this.#files.has(path) || this.#missing.has(path);
  }

  /** A type that is used and not defined anywhere. */
  #lacking(
    isMeant: (name: string) => boolean = () => true,
  ): { readonly name: string; readonly by: FileDescriptor } | null {
    const files = this.files.map(({ file }) => file);
    const defined = new Set(files.flatMap(({ defines }) => defines));
    for (const by of files) {
      const name = by.uses.find(
        (one) => one.startsWith(".") && !defined.has(one) && bundledFileOf(one) === null && isMeant(one),
      );
      if (name !== undefined) return { name, by };
    }
    return null;
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_BYTES) throw new DescriptorProblem("gives more than 16 MiB of definitions");
    const file = readFileDescriptor(bytes);
    if (this.#files.has(file.name)) return;
    if (this.#files.size >= MOST_FILES) throw new DescriptorProblem(`gives more than ${MOST_FILES} files`);
    this.#files.set(file.name, { file, bytes });
  }
}

/** The server has answered a question for a name with a file that does not have it. */
const GIVEN_IN_VAIN: Refusal = { kind: "refusal", code: NOT_FOUND, text: "" };

function refusalText(what: string, { code, text }: Refusal, asker: Asker): string {
  const said = wordsOf(text, asker);
  return `does not give ${what}: ${statusShown(code)}${said === "" ? "" : `, "${said}"`}`;
}

function wordsOf(text: string, { mask }: Asker): string {
  return shownWords(saidIn(text, LONGEST_SAID), mask, LONGEST_SAID);
}
