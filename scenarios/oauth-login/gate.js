// Stands before the token service, and lets in who has a certificate of the shop's authority (mutual TLS).
//
//   PORT        where it listens
//   IDENTITY    host:port of the token service
//   FOLDER      certificates and keys
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createServer } from "node:tls";

const { PORT, IDENTITY, FOLDER } = process.env;
const [host, port] = IDENTITY.split(":");
const read = (name) => readFileSync(join(FOLDER, name));

const options = {
  cert: read("identity.pem"),
  key: read("identity.key"),
  ca: read("ca.pem"),
  // Without a certificate of this authority there is no connection.
  requestCert: true,
  rejectUnauthorized: true,
};
createServer(options, (client) => {
  const server = connect(Number(port), host);
  // Either side may go away at any time: then the other one is closed, too.
  pipeline(client, server, () => {});
  pipeline(server, client, () => {});
}).listen(Number(PORT), "127.0.0.1");
