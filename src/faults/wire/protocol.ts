/** Which protocol a connection speaks, as far as its first bytes tell. */

export const WIRE_PROTOCOLS = [
  "tls",
  "http",
  "http2",
  "amqp",
  "kafka",
  "mongodb",
  "mysql",
  "nats",
  "postgresql",
  "redis",
] as const;
export type WireProtocol = (typeof WIRE_PROTOCOLS)[number];

/** What a text needs at most. */
const FIRST_BYTES = 32;

const HTTP_METHOD = /^(?:GET|POST|PUT|HEAD|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /;
/** A command as an array, or one that people type. */
const REDIS_COMMAND = /^(?:\*\d+\r\n\$\d+\r\n|(?:PING|AUTH|HELLO|INFO|SELECT|QUIT)\b)/i;

/** @param first what a client sent first. @returns null when it is none of them, or too short to tell. */
export function protocolOfClient(first: Uint8Array): WireProtocol | null {
  const bytes = view(first);
  const text = textOf(first, FIRST_BYTES);
  // A handshake record of TLS 1.0 or later.
  if (first[0] === 0x16 && first[1] === 0x03) return "tls";
  if (text.startsWith("PRI * HTTP/2.0")) return "http2";
  if (HTTP_METHOD.test(text)) return "http";
  if (text.startsWith("AMQP")) return "amqp";
  if (REDIS_COMMAND.test(text)) return "redis";
  if (bytes.byteLength < 8) return null;
  if (isPostgresql(bytes)) return "postgresql";
  if (isMongodb(bytes)) return "mongodb";
  return isKafka(bytes) ? "kafka" : null;
}

/** @param first what a server sent first, before its client. @returns null when it is none of them. */
export function protocolOfServer(first: Uint8Array): WireProtocol | null {
  if (textOf(first, 6) === "INFO {") return "nats";
  const bytes = view(first);
  if (bytes.byteLength < 8) return null;
  // The greeting: its length in three bytes, number 0, version 10 of the protocol, and the server's version as text.
  const isGreeting = bytes.getUint8(3) === 0 && bytes.getUint8(4) === 10;
  return isGreeting && /\d/.test(String.fromCharCode(bytes.getUint8(5))) ? "mysql" : null;
}

/** Version 3.0, or one of the requests for encryption or cancellation: 80877102 to 80877104. */
function isPostgresql(bytes: DataView): boolean {
  const [length, code] = [bytes.getInt32(0), bytes.getInt32(4)];
  return (
    length >= 8 && length < 10_000 && (code === 0x0003_0000 || (code >= 80_877_102 && code <= 80_877_104))
  );
}

/** Numbers are little-endian: length, number of the request, 0, and OP_QUERY (2004) or OP_MSG (2013). */
function isMongodb(bytes: DataView): boolean {
  if (bytes.byteLength < 16) return false;
  const operation = bytes.getInt32(12, true);
  return bytes.getInt32(8, true) === 0 && (operation === 2004 || operation === 2013);
}

/** Length, kind of request (ApiVersions 18, Metadata 3, SaslHandshake 17), its version, number, and the client's name. */
function isKafka(bytes: DataView): boolean {
  if (bytes.byteLength < 14) return false;
  const [length, kind, version, name] = [
    bytes.getInt32(0),
    bytes.getInt16(4),
    bytes.getInt16(6),
    bytes.getInt16(12),
  ];
  const isFirstRequest = kind === 18 || kind === 3 || kind === 17;
  return (
    isFirstRequest &&
    version >= 0 &&
    version < 20 &&
    name >= -1 &&
    name < 250 &&
    length >= 10 &&
    length < 2000
  );
}

function textOf(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
