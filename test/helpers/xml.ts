/** A strict reader for the XML that is written here: elements, attributes, text, the five entities and references. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids exactly these
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Throws at the first thing that is not well-formed. */
export function parseXml(text: string): XmlElement {
  if (FORBIDDEN.test(text)) throw new Error("a character that XML 1.0 does not have");
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${text.slice(at, at + 40)}`);
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = at;
    const found = sticky.exec(text);
    if (found) at = sticky.lastIndex;
    return found;
  };
  const decode = (raw: string): string =>
    raw.replace(/&([^;&]*);?/g, (whole, name: string) => {
      if (!whole.endsWith(";")) fail("a bare &");
      if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
      return ENTITIES[name] ?? fail(`unknown entity ${name}`);
    });
  const element = (): XmlElement => {
    const name = match(/<([A-Za-z][\w-]*)/)?.[1] ?? fail("an element was expected");
    const attributes: Record<string, string> = {};
    for (let found = match(/\s+([\w-]+)="([^"<]*)"/); found; found = match(/\s+([\w-]+)="([^"<]*)"/)) {
      const [, key = "", value = ""] = found;
      if (key in attributes) fail(`attribute ${key} twice`);
      attributes[key] = decode(value);
    }
    if (match(/\s*\/>/)) return { name, attributes, children: [], text: "" };
    if (!match(/\s*>/)) fail("a tag does not end");
    const children: XmlElement[] = [];
    let content = "";
    for (;;) {
      const words = match(/[^<]+/)?.[0] ?? "";
      if (words.includes("]]>")) fail("]]> in text");
      content += decode(words);
      if (match(new RegExp(`</${name}\\s*>`))) return { name, attributes, children, text: content };
      children.push(element());
    }
  };
  if (!match(/<\?xml version="1\.0" encoding="UTF-8"\?>\s*/)) fail("the declaration was expected");
  const root = element();
  match(/\s*/);
  if (at < text.length) fail("something after the root");
  return root;
}
