import type { IncomingMessage } from "node:http";
import { isSameSecret, strangerIn } from "../../../../support/local-access.js";
import { ApiError } from "./api-error.js";

/** Who may use the API. */
export interface AccessRules {
  /** Every request has to carry it. null: none is asked for. */
  readonly token: string | null;
  /** Names that clients call this server by. Names that no stranger can own need not be listed. */
  readonly hosts: readonly string[];
}

/**
 * Refuses requests from a page in a browser, and requests without the token.
 * @throws ApiError 401, 403.
 */
export function checkAccess(request: IncomingMessage, { token, hosts }: AccessRules): void {
  const stranger = strangerIn(request, hosts);
  if (stranger !== null) throw new ApiError(403, stranger);
  if (token !== null && !isSameSecret(request.headers.authorization ?? "", `Bearer ${token}`))
    throw new ApiError(401, "this API asks for a token: send Authorization: Bearer TOKEN");
}
