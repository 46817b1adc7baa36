/**
 * Texts with ${…}. They are parsed once, and used for variables now and for values that are known only when it runs.
 */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "slot";
      /** The text between ${ and }. */
      readonly expression: string;
      /** Offsets in the template, of "${" and after "}". */
      readonly start: number;
      readonly end: number;
    };

export class TemplateError extends Error {
  /** Offset in the template. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Splits at ${…}. "$${" is the text "${". @throws TemplateError for an unclosed or empty slot. */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = "";
  let at = 0;
  while (at < template.length) {
    if (template.startsWith("$${", at)) {
      text += "${";
      at += 3;
    } else if (template.startsWith("${", at)) {
      const close = template.indexOf("}", at);
      if (close < 0) throw new TemplateError("`${` without a closing `}`", at);
      const expression = template.slice(at + 2, close).trim();
      if (expression === "") throw new TemplateError("`${}` names nothing", at);
      if (text !== "") parts.push({ kind: "text", text });
      text = "";
      parts.push({ kind: "slot", expression, start: at, end: close + 1 });
      at = close + 1;
    } else {
      text += template[at];
      at += 1;
    }
  }
  if (text !== "") parts.push({ kind: "text", text });
  return parts;
}

/** Protects a text from being read as a template. */
export function escapeTemplate(text: string): string {
  // A function, because "$$" in a replacement text means one "$".
  return text.replaceAll("${", () => "$${");
}

/** What an expression refers to. */
export type Reference =
  | { readonly kind: "var"; readonly name: string }
  | { readonly kind: "env"; readonly name: string; readonly fallback: string | null }
  /** `port` names one of several ports of the service. null: its only or first one. */
  | { readonly kind: "service_port"; readonly service: string; readonly port: string | null }
  | { readonly kind: "proxy_address"; readonly proxy: string; readonly part: ProxyPart }
  | { readonly kind: "run_folder" }
  | { readonly kind: "uuid" }
  | { readonly kind: "seq" }
  | { readonly kind: "random_int"; readonly min: number; readonly max: number }
  /** `isPath`: "| path" follows. The value is a path, or a part of one, and goes in as it is. */
  | { readonly kind: "data"; readonly feed: string; readonly column: string; readonly isPath: boolean }
  | { readonly kind: "capture"; readonly name: string; readonly isPath: boolean };

/** What ${proxies.NAME.…} may ask for; `url` and `ca` are of some proxies only. */
export type ProxyPart = "listen" | "host" | "port" | "url" | "ca";

export const NAME = /^[A-Za-z_][\w-]*$/;

/** First words that mean something. A variable cannot have these names. */
export const RESERVED_NAMES = [
  "env",
  "services",
  "proxies",
  "data",
  "capture",
  "random",
  "uuid",
  "seq",
] as const;

/** An expression that refers to nothing: what is wrong, and what to write instead. */
export class ReferenceProblem extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

/** For text that may not have been meant as a slot at all. */
export const ESCAPE_HELP = "Write $${ for a text that contains ${ itself.";

/** @throws ReferenceProblem. */
export function parseReference(expression: string): Reference {
  const env = /^env\.([A-Za-z_]\w*)(?::-([\s\S]*))?$/.exec(expression);
  if (env) return { kind: "env", name: env[1]!, fallback: env[2] ?? null };
  const service = /^services\.([\w-]+)\.port(?:\.([\w-]+))?$/.exec(expression);
  if (service) return { kind: "service_port", service: service[1]!, port: service[2] ?? null };
  const proxy = /^proxies\.([\w-]+)\.(listen|host|port|url|ca)$/.exec(expression);
  if (proxy) {
    // The pattern allows no other.
    return { kind: "proxy_address", proxy: proxy[1]!, part: proxy[2] as ProxyPart };
  }
  if (expression === "uuid" || expression === "seq") return { kind: expression };
  if (expression === "run.dir") return { kind: "run_folder" };
  const random = /^random\.int\(\s*(-?\d{1,15})\s*,\s*(-?\d{1,15})\s*\)$/.exec(expression);
  if (random) {
    const [min, max] = [Number(random[1]), Number(random[2])];
    if (min <= max) return { kind: "random_int", min, max };
    const help = `Write \${random.int(${max},${min})}.`;
    throw new ReferenceProblem(`random.int(${min},${max}): the lower bound comes first`, help);
  }
  const otherRandom = /^random\.(?!int\b)[\w.]+/.exec(expression);
  if (otherRandom) {
    const help = "Write ${random.int(1,100)} for a whole number from 1 to 100, both of them included.";
    throw new ReferenceProblem(`there is no ${otherRandom[0]}: only random.int exists`, help);
  }
  const [, piped] = /^((?:data|capture)\..*?)\s*\|\s*path$/s.exec(expression) ?? [];
  if (piped !== undefined) {
    const inner = parseReference(piped);
    if (inner.kind === "data" || inner.kind === "capture") return { ...inner, isPath: true };
  }
  const data = /^data\.([\w-]+)\.([^"\\{]+)$/.exec(expression);
  if (data) return { kind: "data", feed: data[1]!, column: data[2]!, isPath: false };
  const capture = /^capture\.([\w-]+)$/.exec(expression);
  if (capture) return { kind: "capture", name: capture[1]!, isPath: false };
  // A variable may be called "run".
  if (/^run[.(:]/.test(expression)) {
    throw new ReferenceProblem("expected `${run.dir}`", "It is a folder that the run makes and removes.");
  }
  const known = FORMS.get(expression.split(/[.(:]/)[0] ?? "");
  if (known) throw new ReferenceProblem(`expected ${known.form}`, known.help);
  if (NAME.test(expression)) return { kind: "var", name: expression };
  const [, variable] = /^vars?\.([A-Za-z_][\w-]*)$/.exec(expression) ?? [];
  if (variable !== undefined)
    throw new ReferenceProblem("a variable is named without `vars.`", `Write \${${variable}}.`);
  throw new ReferenceProblem(
    "not a variable's name, nor one of env., services., proxies., run.dir, data., capture., random.int(), uuid, seq",
    ESCAPE_HELP,
  );
}

/** An expression that begins with one of these words is meant in this form. */
const FORMS: ReadonlyMap<string, { readonly form: string; readonly help: string }> = new Map([
  ["env", { form: "`${env.NAME}` or `${env.NAME:-default}`", help: "For example ${env.TOKEN}." }],
  [
    "services",
    {
      form: "`${services.NAME.port}`, or `${services.NAME.port.WORD}` for a further port",
      help: "NAME is one of services:.",
    },
  ],
  [
    "proxies",
    { form: "`${proxies.NAME.listen}`, `.host`, `.port`, `.url` or `.ca`", help: "NAME is one of proxies:." },
  ],
  ["random", { form: "`${random.int(1,100)}`", help: "Both bounds are given, the lower one first." }],
  ["data", { form: "`${data.FEED.COLUMN}`", help: "FEED is one of load.data, COLUMN one of its columns." }],
  [
    "capture",
    {
      form: "`${capture.NAME}`",
      help: "NAME is what an earlier step of the journey captures; `${capture.NAME | path}` puts a path in as it is.",
    },
  ],
  ["uuid", { form: "`${uuid}`", help: "It takes no arguments: a random UUID for each place and request." }],
  ["seq", { form: "`${seq}`", help: "It takes no arguments: 1, 2, 3 … from request to request." }],
]);
