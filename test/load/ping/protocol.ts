import { connect, type Socket } from "node:net";
import type { Channel, ChannelOwner } from "../../../src/load/channel.js";
import type { Answer, CompiledRequest } from "../../../src/load/compiled-request.js";
import { compileTemplate, renderTemplate } from "../../../src/load/mix/request-template.js";
import type { Ticket } from "../../../src/load/mix/ticket.js";
import type { ValueScope, Values } from "../../../src/load/mix/values.js";
import type { OpenWire, Protocol } from "../../../src/load/protocol.js";
import { connectionsOf, shareOf } from "../../../src/load/share.js";
import { checkTargetHost } from "../../../src/load/target-check.js";
import type { PlannedRequest } from "../../../src/requests/planned-request.js";
import type { PingRequest } from "../../requests/ping/kind.js";

/** Sends lines over one socket for each channel. */
export const ping: Protocol = {
  sends: ["ping"],
  schemes: ["ping:"],
  check: ({ target }) => checkTargetHost(target),
  load: async () => openPing,
};

const openPing: OpenWire = (plan, share, owner) => {
  const { hostname, port } = new URL(plan.target.url);
  const open = () => connect({ host: hostname, port: Number(port), noDelay: true });
  const count = shareOf(connectionsOf(plan.model), share);
  return {
    channels: Array.from({ length: count }, (_, i) => new PingChannel(i, plan.pipelining, open, owner)),
    compile: (steps, values) => steps.map((step) => compilePing(step, values)),
  };
};

interface CompiledPing extends CompiledRequest {
  readonly text: (scope: ValueScope) => string;
}

const isPing = (request: PlannedRequest): request is PingRequest => request.kind === "ping";
const asItIs = () => (value: string) => value;

function compilePing(request: PlannedRequest, values: Values): CompiledPing {
  if (!isPing(request)) throw new Error(`${request.name} is no ping`);
  const { capture = [] } = request;
  const parts = compileTemplate(request.text, asItIs, values);
  return {
    isConstant: parts.every((part) => typeof part === "string"),
    looksInto: capture.length > 0,
    text: (scope) => renderTemplate(parts, scope),
    judge: ({ status, body }: Answer, scope) => {
      const said = String(Buffer.concat([...body]));
      if (status !== 0) return `answer "${said}"`;
      for (const name of capture) scope.captures.set(name, said.slice("pong ".length));
      return null;
    },
  };
}

class PingChannel implements Channel<CompiledPing> {
  readonly index: number;
  readonly answersInOrder = false;
  readonly #room: number;
  readonly #connect: () => Socket;
  readonly #owner: ChannelOwner;
  #socket: Socket | null = null;
  readonly #underWay = new Map<number, Ticket<CompiledPing>>();
  #last = 0;
  #unread = "";

  constructor(index: number, room: number, connectTo: () => Socket, owner: ChannelOwner) {
    this.index = index;
    this.#room = room;
    this.#connect = connectTo;
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === "open";
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  get hasRoom(): boolean {
    return this.#underWay.size < this.#room;
  }

  get tickets(): Iterable<Ticket<CompiledPing>> {
    return this.#underWay.values();
  }

  send(ticket: Ticket<CompiledPing>): void {
    const number = ++this.#last;
    this.#underWay.set(number, ticket);
    const line = `${number} ${ticket.request.text(ticket.user.scope)}\n`;
    this.#socket ??= this.#open();
    this.#socket.write(line);
    this.#owner.sent(line.length);
  }

  giveUp(ticket: Ticket<CompiledPing>): readonly [] {
    for (const [number, other] of this.#underWay) if (other === ticket) this.#underWay.delete(number);
    return [];
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
    this.#unread = "";
  }

  #open(): Socket {
    const socket = this.#connect();
    let wasOpen = false;
    let reason = "closed without answer";
    socket.on("connect", () => {
      wasOpen = true;
      this.#owner.opened();
    });
    socket.on("data", (chunk) => {
      if (socket === this.#socket) this.#read(chunk);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.on("close", () => {
      // Else we closed it ourselves.
      if (socket === this.#socket) this.#ended(wasOpen ? "reset" : "refused", reason);
    });
    return socket;
  }

  #read(chunk: Buffer): void {
    this.#owner.received(chunk.length);
    this.#unread += chunk.toString();
    for (let end = this.#unread.indexOf("\n"); end >= 0; end = this.#unread.indexOf("\n")) {
      const line = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end + 1);
      const [, number, text = ""] = /^(\d+) (.*)$/.exec(line) ?? [];
      const ticket = this.#underWay.get(Number(number));
      // It was given up.
      if (ticket === undefined) continue;
      this.#underWay.delete(Number(number));
      const status = text.startsWith("pong ") ? 0 : 1;
      this.#owner.answered(this, ticket, { status, headers: [], body: [Buffer.from(text)] });
    }
  }

  #ended(kind: "reset" | "refused", reason: string): void {
    const tickets = [...this.#underWay.values()];
    this.#underWay.clear();
    this.close();
    for (const ticket of tickets) this.#owner.failed(this, ticket, { kind, reason });
    if (tickets.length === 0) this.#owner.lost(this);
  }
}
