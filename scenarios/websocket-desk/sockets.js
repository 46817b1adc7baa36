// The server's side of WebSocket (RFC 6455), as far as texts of up to 64 kB need it. A service of yours has a library for that.
import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Answers a handshake. `onText(text, say)` is called for each message, `say(text)` sends one. */
export function accept(request, socket, onText) {
  const key = request.headers["sec-websocket-key"];
  const answer = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`,
  );
  const send = (opcode, payload) => {
    if (socket.writable) socket.write(frame(opcode, payload));
  };
  let unread = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let next = take(unread); next !== null; next = take(unread)) {
      unread = unread.subarray(next.bytes);
      if (next.opcode === TEXT) onText(next.payload.toString(), (text) => send(TEXT, Buffer.from(text)));
      else if (next.opcode === PING) send(PONG, next.payload);
      else if (next.opcode === CLOSE) socket.end(frame(CLOSE, next.payload));
    }
  });
  socket.on("error", () => socket.destroy());
}

/** The first frame, unmasked. null: it is not whole. */
function take(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const at = short === 126 ? 4 : 2;
  if (bytes.length < at + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < at + 4 + length) return null;
  const mask = bytes.subarray(at, at + 4);
  const payload = bytes.subarray(at + 4, at + 4 + length).map((byte, index) => byte ^ mask[index & 3]);
  return { opcode: bytes[0] & 0x0f, payload: Buffer.from(payload), bytes: at + 4 + length };
}

function frame(opcode, payload) {
  const { length } = payload;
  const head = length < 126 ? [length] : [126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), payload]);
}
