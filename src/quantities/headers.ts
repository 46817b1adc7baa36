import { z } from "zod";
import { textMap } from "./schema.js";

/** A token of HTTP (RFC 9110, 5.6.2). */
export const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "a header name" });

export const headers = () => textMap(headerName);
