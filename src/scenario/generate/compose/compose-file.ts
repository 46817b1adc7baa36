/** A compose file, as far as a scenario can be made from it. */

import { isMap, parseDocument } from "yaml";
import { z } from "zod";
import { FaultlineError } from "../../../support/errors.js";
import type { Source } from "../../text/source.js";
import { type ComposeVariables, type InterpolatedText, interpolate } from "./interpolation.js";
import { type PublishedPort, publishedPorts } from "./published-port.js";

export interface ComposeService {
  readonly name: string;
  /** null: it is built. */
  readonly image: string | null;
  readonly environment: ReadonlyMap<string, InterpolatedText>;
  readonly dependsOn: readonly string[];
  readonly published: readonly PublishedPort[];
  /** TCP ports of the container that the file names anywhere. */
  readonly containerPorts: readonly number[];
  /** It shares the network of this machine. */
  readonly isOnHost: boolean;
}

export interface ComposeFile {
  readonly services: readonly ComposeService[];
  /** Services that start only with a profile. */
  readonly withProfile: readonly string[];
  /** Keys that bring services from other files, which were not read. */
  readonly otherFiles: readonly string[];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const texts = z.union([scalar.transform((value) => [value]), z.array(scalar)]);

const longPort = z.looseObject({
  target: scalar,
  published: scalar.optional(),
  protocol: scalar.optional(),
  host_ip: scalar.optional(),
});

const serviceSchema = z.looseObject({
  image: scalar.optional(),
  environment: z.union([z.record(z.string(), scalar), z.array(scalar)]).optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  links: z.array(z.string()).optional(),
  ports: z.array(z.union([scalar, longPort])).optional(),
  expose: z.array(scalar).optional(),
  profiles: texts.optional(),
  network_mode: scalar.optional(),
  extends: z.unknown().optional(),
});

const fileSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema.nullable()),
  include: z.unknown().optional(),
});

type Written = z.infer<typeof serviceSchema>;

/** An alias may stand for others; a file that doubles with each line must end. */
const MOST_ALIASES = 10_000;

/** @throws FaultlineError USAGE when it is no compose file. */
export function readComposeFile(source: Source, settings: ComposeVariables): ComposeFile {
  const refuse = (why: string, at = 0) => {
    const { line, column } = source.position(at);
    return new FaultlineError("USAGE", `${source.name}:${line}:${column} ${why}`);
  };
  // Tags such as `!reset` are Compose's own.
  const document = parseDocument(source.text, { merge: true, schema: "core", logLevel: "silent" });
  const [error] = document.errors;
  if (error) {
    // The place stands before it.
    const [first = ""] = error.message.split("\n");
    throw refuse(`is no YAML: ${first.replace(/ at line \d+, column \d+:?$/, "")}`, error.pos[0]);
  }
  if (!isMap(document.contents) || !document.has("services"))
    throw refuse("is no compose file: it has no `services:`");
  const read = fileSchema.safeParse(plain(document.toJS.bind(document), refuse));
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = issue?.path ?? [];
    const node = document.getIn(path, true);
    const at = hasRange(node) ? node.range[0] : 0;
    throw refuse(`\`${path.join(".")}\` has a form that Compose does not know`, at);
  }
  const entries = Object.entries(read.data.services).map(([name, written]) => [name, written ?? {}] as const);
  return {
    services: entries
      .filter(([, { profiles }]) => (profiles ?? []).length === 0)
      .map(([name, written]) => service(name, written, settings)),
    withProfile: entries.flatMap(([name, { profiles }]) => ((profiles ?? []).length > 0 ? [name] : [])),
    otherFiles: [
      ...(read.data.include === undefined ? [] : ["include"]),
      ...entries.flatMap(([name, written]) =>
        written.extends === undefined ? [] : [`services.${name}.extends`],
      ),
    ],
  };
}

function plain(
  toJS: (options: { maxAliasCount: number }) => unknown,
  refuse: (why: string) => FaultlineError,
): unknown {
  try {
    return toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw refuse("has too many aliases");
  }
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function service(name: string, written: Written, settings: ComposeVariables): ComposeService {
  const text = (value: z.infer<typeof scalar> | undefined) =>
    value === undefined || value === null ? "" : interpolate(String(value), settings).text;
  const published = (written.ports ?? []).flatMap((port) => {
    if (typeof port !== "object" || port === null) return publishedPorts(text(port));
    const protocol = text(port.protocol);
    if (protocol !== "" && protocol !== "tcp") return [];
    const ip = text(port.host_ip);
    return publishedPorts(`${ip === "" ? "" : `${ip}:`}${text(port.published)}:${text(port.target)}`);
  });
  const named = [...(written.ports ?? []), ...(written.expose ?? [])].flatMap((port) => {
    const isLong = typeof port === "object" && port !== null;
    const [, last] = /(?:^|:)(\d+)(?:\/tcp)?$/.exec(text(isLong ? port.target : port)) ?? [];
    return last === undefined ? [] : [Number(last)];
  });
  const links = (written.links ?? []).map((link) => link.split(":")[0] ?? link);
  const dependsOn = Array.isArray(written.depends_on)
    ? written.depends_on
    : Object.keys(written.depends_on ?? {});
  return {
    name,
    image: written.image === undefined || written.image === null ? null : text(written.image),
    environment: environmentOf(written.environment, settings),
    dependsOn: [...new Set([...dependsOn, ...links])],
    published,
    containerPorts: [...new Set([...published.map(({ containerPort }) => containerPort), ...named])],
    isOnHost: text(written.network_mode) === "host",
  };
}

/** A variable without a value takes that of the same name. */
function environmentOf(
  written: Written["environment"],
  settings: ComposeVariables,
): ReadonlyMap<string, InterpolatedText> {
  const pairs: (readonly [string, string | null])[] = Array.isArray(written)
    ? written.map((line) => {
        const text = String(line);
        const equals = text.indexOf("=");
        return equals === -1 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
      })
    : Object.entries(written ?? {}).map(([key, value]) => [key, value === null ? null : String(value)]);
  return new Map(pairs.map(([key, value]) => [key, interpolate(value ?? `\${${key}}`, settings)]));
}
