import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { ReturningServer } from "./returning-server.js";

/** A connection of WebSocket, as its server sees it. */
export interface ServerConnection {
  readonly socket: Socket;
  /** Of the handshake. */
  readonly path: string;
  readonly head: string;
  /** A whole frame, not masked. */
  frame(opcode: number, payload?: string | Buffer): void;
  text(payload: string): void;
  close(code?: number): void;
}

export interface WebSocketBehaviour {
  /** Instead of the usual answer to a handshake. */
  readonly onHandshake?: (socket: Socket, accept: string, head: string) => void;
  /** The subprotocol that it chooses. */
  readonly subprotocol?: string;
  readonly onOpen?: (connection: ServerConnection) => void;
  /** A whole message; `nth` counts from 1 on this connection. */
  readonly onMessage?: (
    connection: ServerConnection,
    payload: Buffer,
    nth: number,
    isBinary: boolean,
  ) => void;
  /** How long it takes to answer a Close frame. */
  readonly closesAfterMs?: number;
  /** true: it answers no Close frame, and leaves the connection open. */
  readonly ignoresClose?: boolean;
}

/** Speaks WebSocket on raw sockets, says what it likes, and knows the truth about its clients. */
export class RawWebSocketServer extends ReturningServer {
  /** Paths of handshakes. */
  readonly handshakes: string[] = [];
  readonly messages: { readonly path: string; readonly text: string }[] = [];
  readonly pongs: string[] = [];
  /** Codes of Close frames that came. */
  readonly closes: { readonly path: string; readonly code: number | null }[] = [];
  /** What a client must not send. */
  readonly violations: string[] = [];
  /** Connections that ended before their Close frame was answered. */
  leftEarly = 0;
  bytes = 0;
  readonly #behaviourOf: (path: string) => WebSocketBehaviour;
  readonly #tls: TlsOptions | null;

  constructor(behaviourOf: (path: string) => WebSocketBehaviour, tls: TlsOptions | null = null) {
    super(tls);
    this.#behaviourOf = behaviourOf;
    this.#tls = tls;
  }

  get url(): string {
    return `${this.#tls ? "wss" : "ws"}://127.0.0.1:${this.port}`;
  }

  protected accept(socket: Socket): void {
    let unread: Buffer = Buffer.alloc(0);
    let connection: ServerConnection | null = null;
    const frames = new ClientFrames(this, (payload, nth, isBinary) => {
      if (connection === null) return;
      this.messages.push({ path: connection.path, text: payload.toString() });
      this.#behaviourOf(connection.path).onMessage?.(connection, payload, nth, isBinary);
    });
    socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk.length;
      unread = Buffer.concat([unread, chunk]);
      if (connection === null) {
        const end = unread.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = unread.toString("latin1", 0, end);
        unread = unread.subarray(end + 4);
        connection = this.#open(socket, head);
        this.handshakes.push(connection.path);
      }
      const closed = frames.read(unread);
      unread = Buffer.alloc(0);
      if (closed === undefined) return;
      this.closes.push({ path: connection.path, code: closed });
      const { ignoresClose, closesAfterMs = 0 } = this.#behaviourOf(connection.path);
      if (ignoresClose) return;
      const answer = () => socket.end(serverFrame(8, codeBytes(closed ?? 1000)));
      if (closesAfterMs === 0) answer();
      else {
        const timer = setTimeout(answer, closesAfterMs);
        socket.once("end", () => {
          clearTimeout(timer);
          if (socket.writable) this.leftEarly += 1;
        });
      }
    });
  }

  #open(socket: Socket, head: string): ServerConnection {
    const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1]?.trim() ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const frame = (opcode: number, payload: string | Buffer = "") => {
      if (socket.writable) socket.write(serverFrame(opcode, Buffer.from(payload)));
    };
    const path = head.split(" ", 2)[1] ?? "";
    const connection: ServerConnection = {
      socket,
      path,
      head,
      frame,
      text: (payload) => frame(1, payload),
      close: (code) => frame(8, code === undefined ? "" : codeBytes(code)),
    };
    const { onHandshake, onOpen, subprotocol } = this.#behaviourOf(path);
    if (onHandshake) onHandshake(socket, accept, head);
    else {
      const chosen = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
      socket.write(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`);
    }
    onOpen?.(connection);
    return connection;
  }
}

export const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

const codeBytes = (code: number) => Buffer.from([code >> 8, code & 255]);

/** `first`: its first byte is this one, where that is not FIN and the opcode. */
export function serverFrame(opcode: number, payload: Buffer, first = 0x80 | opcode): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([first, length])
      : length < 65_536
        ? Buffer.from([first, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([first, 127]), eightBytes(length)]);
  return Buffer.concat([head, payload]);
}

export function eightBytes(length: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

/** Reads what a client sends, and notes what it must not. */
class ClientFrames {
  readonly #server: RawWebSocketServer;
  readonly #onMessage: (payload: Buffer, nth: number, isBinary: boolean) => void;
  #unread: Buffer = Buffer.alloc(0);
  #nth = 0;
  #isOver = false;

  constructor(
    server: RawWebSocketServer,
    onMessage: (payload: Buffer, nth: number, isBinary: boolean) => void,
  ) {
    this.#server = server;
    this.#onMessage = onMessage;
  }

  /** @returns the code of a Close frame, null where it has none. undefined: none has come. */
  read(chunk: Buffer): number | null | undefined {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const bytes = this.#unread;
      if (bytes.length < 2) return undefined;
      const short = bytes[1]! & 0x7f;
      const size = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < size + 4) return undefined;
      const length =
        short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < size + 4 + length) return undefined;
      if (this.#isOver) this.#server.violations.push("frame after Close");
      if ((bytes[1]! & 0x80) === 0) this.#server.violations.push("not masked");
      if ((bytes[0]! & 0xf0) !== 0x80) this.#server.violations.push(`first byte ${bytes[0]}`);
      const mask = bytes.subarray(size, size + 4);
      const payload = Buffer.from(bytes.subarray(size + 4, size + 4 + length)).map(
        (byte, index) => byte ^ mask[index & 3]!,
      );
      this.#unread = bytes.subarray(size + 4 + length);
      const opcode = bytes[0]! & 0x0f;
      if (opcode === 8) {
        this.#isOver = true;
        return payload.length < 2 ? null : Buffer.from(payload).readUInt16BE(0);
      }
      if (opcode === 10) this.#server.pongs.push(Buffer.from(payload).toString());
      else if (opcode === 1 || opcode === 2) this.#onMessage(Buffer.from(payload), ++this.#nth, opcode === 2);
      else this.#server.violations.push(`opcode ${opcode}`);
    }
  }
}
