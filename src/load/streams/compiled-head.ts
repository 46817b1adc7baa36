import {
  encodeField,
  encodeHead,
  type Head,
  listBytesOf,
  withoutOuterSpace,
} from "../../http2/hpack/header-encoder.js";
import { type CompiledPart, constantText, renderTemplate } from "../mix/request-template.js";
import type { ValueScope } from "../mix/values.js";

/** A header with a value that may vary. Its name is in lower case. */
export type HeadFieldTemplate = readonly [name: string, value: readonly CompiledPart[]];

/** @returns a head that is encoded already where nothing varies, else a function that fills the values in. */
export function compileHead(
  fields: readonly HeadFieldTemplate[],
): { readonly constant: Head } | { readonly constant: null; readonly render: (scope: ValueScope) => Head } {
  const compiled = fields.map(([name, parts]) => {
    const text = constantText(parts);
    return { name, parts, text: text === null ? null : withoutOuterSpace(text) };
  });
  const constant = compiled.flatMap(({ name, text }) => (text === null ? [] : [[name, text] as const]));
  if (constant.length === fields.length) return { constant: encodeHead(constant) };
  const constantBytes = constant.reduce((sum, field) => sum + listBytesOf(field), 0);
  const pieces = compiled.map(({ name, parts, text }) =>
    text === null ? { name, parts } : encodeField(name, text),
  );
  const render = (scope: ValueScope): Head => {
    let listBytes = constantBytes;
    const encoded = pieces.map((piece) => {
      if (Buffer.isBuffer(piece)) return piece;
      const value = withoutOuterSpace(renderTemplate(piece.parts, scope));
      listBytes += listBytesOf([piece.name, value]);
      return encodeField(piece.name, value);
    });
    return { bytes: Buffer.concat(encoded), listBytes };
  };
  return { constant: null, render };
}
