import { z } from "zod";
import { text, yesNo } from "../../quantities/schema.js";

/** How a server that speaks TLS is spoken to. */
export const tlsSchema = z.strictObject(
  {
    ca: text("a file's path")
      .meta({ description: "PEM file of the authority to trust.", samples: ["ca.pem"] })
      .optional(),
    cert: text("a file's path")
      .meta({ description: "PEM file of the client's certificate (mutual TLS)." })
      .optional(),
    key: text("a file's path").meta({ description: "PEM file of the client's private key." }).optional(),
    servername: text("a host name")
      .meta({ description: "Name for SNI and for the check of the certificate." })
      .optional(),
    verify: yesNo()
      .meta({ description: "Whether the server's certificate is checked.", default: true })
      .prefault(true),
  },
  { error: "a map with `ca`, `cert`, `key`, `servername` or `verify`" },
);

export type TlsInput = z.output<typeof tlsSchema>;
