import { readFileSync } from "node:fs";

/** PEM: a text, or a file in the run's folder. Services make such a file as they start, so each connection reads it anew. */
export type Pem = string | PemFile;

export interface PemFile {
  readonly file: string;
}

/** @throws the system's error when there is no such file. */
export function pemText(pem: Pem): string {
  return typeof pem === "string" ? pem : readFileSync(pem.file, "utf8");
}
