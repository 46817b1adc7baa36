import type { HttpRequest } from "../../requests/http/http-request.js";
import { type CompiledPart, constantText, renderTemplate } from "../mix/request-template.js";
import type { ValueScope, Values } from "../mix/values.js";
import { compileEncoded } from "./encodings.js";

/** The body of a request. */
export interface CompiledBody {
  readonly isConstant: boolean;
  readonly render: (scope: ValueScope) => string | Buffer;
}

/** @returns null: there is none. @throws SCENARIO_INVALID for unknown expressions. */
export function compileBody(
  { body, bodyEncoding, pieces }: HttpRequest,
  values: Values,
): CompiledBody | null {
  if (pieces !== undefined) return compilePieces(pieces, values);
  if (body === null) return null;
  const parts = compileEncoded(body, bodyEncoding, values);
  return { isConstant: constantText(parts) !== null, render: (scope) => renderTemplate(parts, scope) };
}

function compilePieces(pieces: NonNullable<HttpRequest["pieces"]>, values: Values): CompiledBody {
  const compiled = pieces.map((piece): Buffer | CompiledPart[] =>
    piece instanceof Uint8Array
      ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
      : compileEncoded(piece.template, piece.encoding, values),
  );
  return {
    isConstant: compiled.every((piece) => Buffer.isBuffer(piece) || constantText(piece) !== null),
    render: (scope) =>
      Buffer.concat(
        compiled.map((piece) => (Buffer.isBuffer(piece) ? piece : Buffer.from(renderTemplate(piece, scope)))),
      ),
  };
}
