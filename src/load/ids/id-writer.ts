import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Fate, headLine, idFileName, idLine } from "../../measure/ids/id-log.js";
import type { NotedId } from "../../plan/load-plan.js";
import { messageOf } from "../../support/errors.js";
import { type GrpcStatus, grpcStatusName } from "../../support/names/grpc-status.js";
import type { Ticket } from "../mix/ticket.js";
import type { Values } from "../mix/values.js";
import { compileId, type IdReader } from "./id-reader.js";

/** So much waits to be written. A run that is killed loses no more, nor what is older than a second. */
const BUFFER_BYTES = 65_536;
const FLUSH_EVERY_MS = 500;
/** In characters. A longer one counts as not known. */
const LONGEST_ID = 4_096;
/** Of the other columns of a line. */
const BESIDE_ID = 64;

export interface IdWriterOptions {
  readonly folder: string;
  readonly noted: readonly NotedId[];
  readonly thread: number;
  /** Request names in the order of the mix. */
  readonly names: readonly string[];
  /** Values of the same feeds as the load's. */
  readonly values: Values;
  /** The ids cannot be written any more. Called once. */
  readonly onLost: (reason: string) => void;
}

/** Writes down the ids of one load thread. Requests of other names cost a look at a list. */
export class IdWriter {
  /** For each request name: its ids. */
  readonly #readers: readonly (readonly { readonly note: number; readonly read: IdReader }[] | null)[];
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #onLost: (reason: string) => void;
  #used = 0;
  /** null: it cannot be written any more. */
  #fd: number | null = null;
  #startUs = 0;

  /** @throws the system's own error when the file cannot be made. */
  constructor({ folder, noted, thread, names, values, onLost }: IdWriterOptions) {
    this.#onLost = onLost;
    this.#readers = names.map((name) => {
      const readers = noted.flatMap(({ request, id }, note) =>
        request === name ? [{ note, read: compileId(id, values) }] : [],
      );
      return readers.length === 0 ? null : readers;
    });
    this.#fd = openSync(join(folder, idFileName(thread)), "w", 0o600);
    this.#used = this.#buffer.write(headLine(noted));
    this.flush();
    setInterval(() => this.flush(), FLUSH_EVERY_MS).unref();
  }

  /** When load began. Times count from it. */
  begin(startUs: number): void {
    this.#startUs = startUs;
  }

  note({ name, dueUs, user }: Ticket, fate: Fate, endedUs: number): void {
    const readers = this.#readers[name];
    if (readers === null || readers === undefined) return;
    for (const { note, read } of readers) {
      const known = read(user.scope);
      const id = known === null || known.length > LONGEST_ID ? "" : known;
      if (this.#used + 6 * id.length + BESIDE_ID > BUFFER_BYTES) this.flush();
      const dueMs = Math.round((dueUs - this.#startUs) / 1000);
      const tookMs = Math.max(0, Math.round((endedUs - dueUs) / 1000));
      this.#used += this.#buffer.write(idLine(fate, note, dueMs, tookMs, id), this.#used);
    }
  }

  flush(): void {
    const fd = this.#fd;
    const end = this.#used;
    this.#used = 0;
    if (fd === null) return;
    try {
      for (let at = 0; at < end; ) at += writeSync(fd, this.#buffer, at, end - at);
    } catch (error) {
      this.#fd = null;
      this.#onLost(messageOf(error));
    }
  }
}

/** Statuses of gRPC that say that nothing was done. RESOURCE_EXHAUSTED may come when the work is done, for an answer too large. */
const GRPC_REFUSALS: ReadonlySet<GrpcStatus> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
]);

/**
 * What a status that is not as expected says of the request. Whoever answers 502 or 504 does not know what became of it,
 * and an answer without an error may stand for work that was done.
 */
export function fateOf(status: number): Fate {
  const name = grpcStatusName(status);
  if (name !== null) return GRPC_REFUSALS.has(name) ? "refused" : "unknown";
  return status < 400 || status === 502 || status === 504 ? "unknown" : "refused";
}
