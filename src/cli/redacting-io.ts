import { redact } from "../support/redact.js";
import type { Io } from "./io.js";

/**
 * The same process with the secrets taken out of whatever goes to stderr: progress, warnings, errors, a service's last
 * output. What goes to stdout is made from the record, which holds none; JSON must not be edited as text.
 */
export function redactingIo(io: Io, secrets: readonly string[]): Io {
  if (secrets.length === 0) return io;
  const stderr = new Proxy(io.stderr, {
    get(stream, name) {
      if (name === "write") {
        return (chunk: unknown, ...rest: readonly unknown[]) =>
          Reflect.apply(stream.write, stream, [
            typeof chunk === "string" ? redact(chunk, secrets) : chunk,
            ...rest,
          ]);
      }
      // A stream's methods work on the stream itself, not on the proxy of it.
      const value: unknown = Reflect.get(stream, name, stream);
      return typeof value === "function" ? value.bind(stream) : value;
    },
  });
  return { ...io, stderr };
}
