import protobuf from "protobufjs";
import { messageOf } from "../../../support/errors.js";
import { nearest } from "../../../support/names/suggestion.js";
import type { RequestFile, TextStretch } from "../../request-files.js";
import type { ProtoFiles } from "../grpc-request.js";
import { ProtoProblem, stretchInLine, stretchOfWord } from "./proto-problem.js";

/** An import that a .proto file says. */
export interface ProtoImport {
  readonly name: string;
  /** Of the name, with its quotes. */
  readonly stretch: TextStretch;
}

/** All definitions of files that have been read. @throws ProtoProblem. */
export function parseProtos({ files, bundled }: ProtoFiles): protobuf.Root {
  const root = new protobuf.Root();
  for (const name of bundled) addBundled(root, name);
  for (const file of files) addProto(root, file);
  resolveNames(root, files);
  return root;
}

/** Adds the definitions of a file. @returns what it imports. @throws ProtoProblem. */
export function addProto(root: protobuf.Root, file: RequestFile): readonly ProtoImport[] {
  try {
    // Places of what is wrong later are found by it.
    Object.assign(protobuf.parse, { filename: file.path });
    const { imports = [], weakImports = [] } = protobuf.parse(file.text, root, { keepCase: true });
    return [...imports, ...weakImports].map((name) => ({ name, stretch: stretchOfImport(file.text, name) }));
  } catch (error) {
    throw syntaxProblem(file, messageOf(error));
  } finally {
    Object.assign(protobuf.parse, { filename: null });
  }
}

function stretchOfImport(text: string, name: string): TextStretch {
  const at = ['"', "'"].map((quote) => text.indexOf(`${quote}${name}${quote}`)).find((found) => found >= 0);
  return at === undefined ? stretchOfWord(text, "import") : { start: at, end: at + name.length + 2 };
}

function syntaxProblem(file: RequestFile, message: string): ProtoProblem {
  const { text } = file;
  const [, what = "", line] = /^illegal ([\s\S]*) \((?:[\s\S]*, )?line (\d+)\)$/.exec(message) ?? [];
  if (line === undefined) {
    return new ProtoProblem(file, stretchOfSubject(text, message), message);
  }
  const [, found, expected] = /^token '([\s\S]*)', '([\s\S]*)' expected$/.exec(what) ?? [];
  const [, token = found] = /^[\w ]+ '([\s\S]*)'$/.exec(expected === undefined ? what : "") ?? [];
  const isEnd = token === "null" || what === "end of input";
  const stretch = stretchInLine(text, Number(line), isEnd ? null : (token ?? null));
  const wanted = expected === undefined ? "" : `; expected \`${expected}\``;
  if (isEnd) return new ProtoProblem(file, stretch, `the file ends in the middle of a definition${wanted}`);
  if (token === undefined) return new ProtoProblem(file, stretch, `a ${what} that does not end`);
  return new ProtoProblem(file, stretch, `unexpected \`${token}\`${wanted}`);
}

/** What a complaint without a line is about: "duplicate id 1 in Type Quote", "duplicate name 'Ask' in Namespace .shop". */
function stretchOfSubject(text: string, message: string): TextStretch {
  const [, id, type = ""] = /^duplicate id (\d+) in Type (?:.*\.)?(\w+)$/.exec(message) ?? [];
  if (id !== undefined) {
    const { end } = stretchOfWord(text, type, "last");
    const [, second] = [...text.slice(end).matchAll(new RegExp(`(?<==\\s*)${id}\\b`, "g"))];
    if (second !== undefined) return { start: end + second.index, end: end + second.index + id.length };
  }
  const [, word = type] = /'([^']+)'/.exec(message) ?? /(\w+)$/.exec(message) ?? [];
  return stretchOfWord(text, word, "last");
}

/** @throws ProtoProblem: a type is named that is nowhere. */
function resolveNames(root: protobuf.Root, files: readonly RequestFile[]): void {
  // Options may extend messages that are of no use here.
  root.deferred.length = 0;
  try {
    root.resolveAll();
  } catch (error) {
    const missing = missingType(root);
    const file = files.find(({ path }) => path === missing?.filename) ?? files[0];
    if (file === undefined) throw error;
    if (missing === null) throw syntaxProblem(file, messageOf(error));
    const near = nearest(missing.type, typeNames(root));
    throw new ProtoProblem(
      file,
      stretchOfWord(file.text, missing.type),
      `there is no type \`${missing.type}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
      "A type of another file needs the import of that file.",
    );
  }
}

interface MissingType {
  readonly type: string;
  readonly filename: string | null;
}

function missingType(root: protobuf.Root): MissingType | null {
  for (const object of allIn(root)) {
    if (object instanceof protobuf.Type) {
      for (const field of object.fieldsArray) {
        const isBasic = Object.hasOwn(protobuf.types.basic, field.type);
        if (!isBasic && !isThere(object, field.type)) return { type: field.type, filename: field.filename };
      }
    } else if (object instanceof protobuf.Service) {
      for (const { requestType, responseType, filename } of object.methodsArray) {
        const type = [requestType, responseType].find((name) => !isThere(object, name));
        if (type !== undefined) return { type, filename: filename ?? object.filename };
      }
    }
  }
  return null;
}

function isThere(from: protobuf.NamespaceBase, type: string): boolean {
  return from.lookup(type, [protobuf.Type, protobuf.Enum]) !== null;
}

function typeNames(root: protobuf.Root): readonly string[] {
  const types = [...allIn(root)].filter((object) => object instanceof protobuf.Type);
  return types.flatMap(({ name, fullName }) => [name, fullName.slice(1)]);
}

/** All that is defined, at any depth. */
export function* allIn(namespace: protobuf.NamespaceBase): Generator<protobuf.ReflectionObject> {
  for (const object of namespace.nestedArray) {
    yield object;
    if (object instanceof protobuf.Namespace) yield* allIn(object);
  }
}

/** Whether the parser brings the definitions of this file. */
export function isBundled(name: string): boolean {
  return protobuf.common.get(name) !== null;
}

function addBundled(root: protobuf.Root, name: string): void {
  const { nested } = protobuf.common.get(name) ?? {};
  if (nested) root.addJSON(nested);
}
