/** Texts with ${…}: parsed once, used for variables now and for values that are known only when it runs. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "slot";
      /** What stands between ${ and }. */
      readonly expression: string;
      /** Offsets in the template, of "${" and after "}". */
      readonly start: number;
      readonly end: number;
    };

export class TemplateError extends Error {
  /** Where in the template. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Splits at ${…}. "$${" is the text "${". Throws TemplateError for an unclosed or empty slot. */
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
  | { readonly kind: "service_port"; readonly service: string }
  | { readonly kind: "proxy_address"; readonly proxy: string; readonly part: "listen" | "host" | "port" }
  | { readonly kind: "uuid" }
  | { readonly kind: "seq" }
  | { readonly kind: "random_int"; readonly min: number; readonly max: number }
  | { readonly kind: "data"; readonly feed: string; readonly column: string }
  | { readonly kind: "capture"; readonly name: string };

export const NAME = /^[A-Za-z_][\w-]*$/;

/** First words that mean something; a variable cannot have these names. */
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

/** Throws an Error that says what was expected. */
export function parseReference(expression: string): Reference {
  const env = /^env\.([A-Za-z_]\w*)(?::-([\s\S]*))?$/.exec(expression);
  if (env) return { kind: "env", name: env[1]!, fallback: env[2] ?? null };
  const service = /^services\.([\w-]+)\.port$/.exec(expression);
  if (service) return { kind: "service_port", service: service[1]! };
  const proxy = /^proxies\.([\w-]+)\.(listen|host|port)$/.exec(expression);
  if (proxy) {
    // The pattern allows only these three.
    return { kind: "proxy_address", proxy: proxy[1]!, part: proxy[2] as "listen" | "host" | "port" };
  }
  if (expression === "uuid" || expression === "seq") return { kind: expression };
  const random = /^random\.int\(\s*(-?\d{1,15})\s*,\s*(-?\d{1,15})\s*\)$/.exec(expression);
  if (random) {
    const [min, max] = [Number(random[1]), Number(random[2])];
    if (min > max) throw new Error(`random.int(${min}, ${max}): the first number is greater than the second`);
    return { kind: "random_int", min, max };
  }
  const data = /^data\.([\w-]+)\.([^"\\{]+)$/.exec(expression);
  if (data) return { kind: "data", feed: data[1]!, column: data[2]! };
  const capture = /^capture\.([\w-]+)$/.exec(expression);
  if (capture) return { kind: "capture", name: capture[1]! };
  const known = FORMS.get(expression.split(/[.(:]/)[0] ?? "");
  if (known) throw new Error(`expected ${known}`);
  if (NAME.test(expression)) return { kind: "var", name: expression };
  throw new Error(
    "not a variable's name, nor one of env., services., proxies., data., capture., random.int(), uuid, seq",
  );
}

const FORMS: ReadonlyMap<string, string> = new Map([
  ["env", "`${env.NAME}` or `${env.NAME:-default}`"],
  ["services", "`${services.NAME.port}`"],
  ["proxies", "`${proxies.NAME.listen}`, `.host` or `.port`"],
  ["random", "`${random.int(1,100)}`"],
  ["data", "`${data.FEED.COLUMN}`"],
  ["capture", "`${capture.NAME}`"],
]);
