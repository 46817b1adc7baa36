import { METHODS } from "node:http";
import type { Head } from "../../../http2/hpack/header-encoder.js";
import type { HttpRequest } from "../../../requests/http/http-request.js";
import { FaultlineError } from "../../../support/errors.js";
import type { AskedOf } from "../../authentication/digest-answer.js";
import { compileBasic } from "../../http/basic-value.js";
import { compileBody } from "../../http/compiled-body.js";
import { compileEncoded } from "../../http/encodings.js";
import { JudgedRequest } from "../../http/judged-request.js";
import {
  announcesLength,
  compilePath,
  ownHeaders,
  type RequestSurroundings,
  refuseWhiteSpace,
} from "../../http/request-parts.js";
import { type CompiledPart, renderTemplate } from "../../mix/request-template.js";
import type { Ticket } from "../../mix/ticket.js";
import { newScope, type ValueScope, type Values } from "../../mix/values.js";
import { ownCookie, withoutCookie } from "../../sessions/own-cookie.js";
import type { UserSessions } from "../../sessions/user-sessions.js";
import { compileHead, type HeadFieldTemplate } from "../compiled-head.js";
import type { Outgoing, StreamRequest } from "../stream-request.js";
import { HeardHttp2Answer } from "./heard-http2-answer.js";
import { Http2Answer } from "./http2-answer.js";
import { type Http2Text, sentInSession } from "./session-head.js";
import type { TraceField } from "./trace-field.js";

/** They belong to a connection of HTTP/1.1. A server of HTTP/2 refuses the request that has one. */
const NOT_IN_HTTP2 = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** A request of HTTP as it goes out on a stream. */
export class Http2Request extends JudgedRequest<Http2Text> implements StreamRequest {
  readonly isConstant: boolean;
  readonly #trace: TraceField | null;
  /** The same for every request. null when values vary. */
  readonly #constant: { readonly head: Head; readonly body: Buffer | null } | null;
  readonly #render: (
    scope: ValueScope,
    channel: number,
  ) => { readonly head: Head; readonly body: Buffer | null };

  /**
   * @param trace null: it carries no trace id.
   * @param sessions null: users remember nothing.
   */
  constructor(
    planned: HttpRequest,
    surroundings: RequestSurroundings,
    values: Values,
    paths: ReadonlySet<string>,
    trace: TraceField | null,
    sessions: UserSessions<Http2Text> | null,
  ) {
    super(planned, paths, surroundings.targetUrl, sessions);
    this.#trace = trace;
    const body = compileBody(planned, values);
    const constantBody = body?.isConstant ? bytesOf(body.render(newScope())) : null;
    const length = announcesLength(planned) ? new BodyLength() : null;
    const own = headFields(sessions === null ? planned : withoutCookie(planned), surroundings, values);
    const fields: readonly HeadFieldTemplate[] =
      length === null
        ? own
        : [...own, ["content-length", length.partFor(body === null ? EMPTY : constantBody)]];
    if (sessions !== null) {
      this.isConstant = false;
      this.#constant = null;
      const cookie = compileEncoded(ownCookie(planned), "header", values);
      const textOf = (scope: ValueScope): Http2Text => {
        const bytes = body === null ? null : bytesOf(body.render(scope));
        length?.note(bytes);
        const texts = fields.map(([name, parts]) => [name, renderTemplate(parts, scope)] as const);
        return {
          fields: texts,
          cookie: renderTemplate(cookie, scope),
          body: isEmpty(bytes) ? null : bytes,
        };
      };
      this.#render = (scope, channel) =>
        sentInSession(
          sessions.of(scope),
          () => textOf(scope),
          (asked) => this.authorizationOf(asked, scope, channel),
        );
      return;
    }
    const head = compileHead(fields);
    this.#render = (scope) => {
      // The body first: the head says how long it is.
      const bytes = body === null ? null : bytesOf(body.render(scope));
      length?.note(bytes);
      return {
        head: head.constant === null ? head.render(scope) : head.constant,
        body: isEmpty(bytes) ? null : bytes,
      };
    };
    this.#constant =
      head.constant !== null && (body === null || constantBody !== null)
        ? {
            head: head.constant,
            body: isEmpty(constantBody) ? null : constantBody,
          }
        : null;
    this.isConstant = this.#constant !== null;
  }

  /**
   * Of a request in a session: the answer to a challenge, as the value of its Authorization header. null: none.
   * @param _channel the number of the channel that it goes out on.
   */
  authorizationOf(_asked: AskedOf, _scope: ValueScope, _channel: number): string | null {
    return null;
  }

  begin(ticket: Ticket<Http2Request>, channel: number): Outgoing {
    const { head, body } = this.#constant ?? this.#render(ticket.user.scope, channel);
    const out = {
      head: this.#trace === null ? head : this.#trace.addTo(head, ticket.trace),
      body,
      isHead: this.isHead,
    };
    if (this.stream === null) return { ...out, reader: () => new Http2Answer(ticket) };
    let reading = new HeardHttp2Answer(ticket);
    const reader = () => {
      reading = new HeardHttp2Answer(ticket);
      return reading;
    };
    return { ...out, reader, opened: (stream) => reading.opened(stream) };
  }
}

/** How long the body of the request is that is being put together. */
class BodyLength {
  #bytes = 0;

  note(body: Buffer | null): void {
    this.#bytes = body?.length ?? 0;
  }

  /** `constant`: the body of all requests. null: each has its own. */
  partFor(constant: Buffer | null): readonly CompiledPart[] {
    return [constant === null ? () => String(this.#bytes) : String(constant.length)];
  }
}

const EMPTY = Buffer.alloc(0);

function bytesOf(body: string | Buffer): Buffer {
  return typeof body === "string" ? Buffer.from(body) : body;
}

function isEmpty(body: Buffer | null): boolean {
  return body === null || body.length === 0;
}

function headFields(
  planned: HttpRequest,
  surroundings: RequestSurroundings,
  values: Values,
): readonly HeadFieldTemplate[] {
  if (!METHODS.includes(planned.method)) {
    throw new FaultlineError("SCENARIO_INVALID", `${planned.method} HTTP method is not supported`);
  }
  const url = new URL(surroundings.targetUrl);
  const headers = ownHeaders(planned).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name] of headers) {
    if (!NOT_IN_HTTP2.has(name)) continue;
    throw new FaultlineError("SCENARIO_INVALID", `HTTP/2 has no header "${name}"; leave it out`);
  }
  const te = headers.find(([name]) => name === "te")?.[1];
  if (te !== undefined && te.trim().toLowerCase() !== "trailers") {
    throw new FaultlineError(
      "SCENARIO_INVALID",
      'HTTP/2 has no header "te" but "te: trailers"; leave it out',
    );
  }
  const path = compilePath(planned, surroundings, values);
  for (const part of path) if (typeof part === "string") refuseWhiteSpace(part);
  const host = headers.find(([name]) => name === "host")?.[1];
  return [
    [":method", [planned.method]],
    [":scheme", [url.protocol.slice(0, -1)]],
    [":authority", host === undefined ? [url.host] : compileEncoded(host, "header", values)],
    [":path", path],
    ...headers
      .filter(([name]) => name !== "host")
      .map(([name, value]) => [name, compileEncoded(value, "header", values)] as const),
    ...(planned.basic ? [["authorization", compileBasic(planned.basic, values)] as const] : []),
  ];
}
