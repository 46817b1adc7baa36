import descriptor, { type IDescriptorProto, type IFileDescriptorProto } from "protobufjs/ext/descriptor.js";
import { z } from "zod";

/** What a server of reflection says of a file cannot be used. The message continues a sentence after "it". */
export class DescriptorProblem extends Error {}

/** One file of a server's definitions. */
export interface FileDescriptor {
  readonly name: string;
  readonly imports: readonly string[];
  /** Full names of messages and enums, with a dot before them. */
  readonly defines: readonly string[];
  /** Full names of messages and enums that its fields and methods have, with a dot before them. */
  readonly uses: readonly string[];
  readonly parsed: IFileDescriptorProto;
}

// The parser makes code of names. What is no name never gets there.
const NAME = z.string().regex(/^[A-Za-z_]\w*$/);
const PACKAGE = z.string().regex(/^(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/);
const TYPE_NAME = z.string().regex(/^(?:\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/);

const field = z.object({
  name: NAME,
  typeName: TYPE_NAME.optional(),
  jsonName: z.string().max(1_000).optional(),
});
const enumType = z.object({ name: NAME, value: z.array(z.object({ name: NAME })) });
const message = z.object({
  name: NAME,
  field: z.array(field),
  enumType: z.array(enumType),
  oneofDecl: z.array(z.object({ name: NAME })),
  get nestedType() {
    return z.array(message);
  },
});
const method = z.object({ name: NAME, inputType: TYPE_NAME, outputType: TYPE_NAME });
const file = z.object({
  name: z.string().min(1).max(1_000),
  package: PACKAGE.optional(),
  dependency: z.array(z.string().max(1_000)),
  messageType: z.array(message),
  enumType: z.array(enumType),
  service: z.array(z.object({ name: NAME, method: z.array(method) })),
});

type Message = z.output<typeof message>;

/** Reads a FileDescriptorProto. @throws DescriptorProblem. */
export function readFileDescriptor(bytes: Uint8Array): FileDescriptor {
  const { parsed, said } = decoded(bytes);
  const prefix = said.package ? `.${said.package}` : "";
  const messages = said.messageType.flatMap((one) => withNested(one, prefix));
  return {
    name: said.name,
    imports: said.dependency,
    defines: [
      ...messages.map(({ path }) => path),
      ...said.enumType.map(({ name }) => `${prefix}.${name}`),
      ...messages.flatMap(({ path, own }) => own.enumType.map(({ name }) => `${path}.${name}`)),
    ],
    uses: [
      ...messages.flatMap(({ own }) => own.field.map(({ typeName }) => typeName)),
      ...said.service.flatMap(({ method: methods }) =>
        methods.flatMap(({ inputType, outputType }) => [inputType, outputType]),
      ),
    ].filter((name): name is string => name !== undefined && name !== ""),
    parsed,
  };
}

function decoded(bytes: Uint8Array) {
  const { FileDescriptorProto } = descriptor;
  try {
    const read = FileDescriptorProto.decode(bytes);
    // It is what the type of that name makes.
    const parsed = withoutExtensions(read as IFileDescriptorProto);
    return { parsed, said: file.parse(FileDescriptorProto.toObject(read, { arrays: true })) };
  } catch (error) {
    const what = error instanceof z.ZodError ? error.issues[0]?.path.join(".") : null;
    throw new DescriptorProblem(
      what === null
        ? "gives a file whose descriptor cannot be read"
        : `gives a descriptor with something impossible in ${what}`,
    );
  }
}

function withNested(
  own: Message,
  prefix: string,
): readonly { readonly path: string; readonly own: Message }[] {
  const path = `${prefix}.${own.name}`;
  return [{ path, own }, ...own.nestedType.flatMap((inner) => withNested(inner, path))];
}

/**
 * Extensions cannot be written in a scenario, and the files of those of options are often missing. Servers of grpc-js give
 * them as fields of what they extend, too, by their full names with a dot before them.
 */
function withoutExtensions(parsed: IFileDescriptorProto): IFileDescriptorProto {
  const clean = (one: IDescriptorProto): void => {
    one.extension = [];
    one.field = (one.field ?? []).filter(({ name = "" }) => !name.startsWith("."));
    one.nestedType?.forEach(clean);
  };
  parsed.extension = [];
  parsed.messageType?.forEach(clean);
  return parsed;
}
