import type { HttpRequest } from "../../../requests/http/http-request.js";
import { JudgedRequest } from "../../http/judged-request.js";
import type { RequestSurroundings } from "../../http/request-parts.js";
import type { ValueScope, Values } from "../../mix/values.js";
import type { UserSessions } from "../../sessions/user-sessions.js";
import { HeadMemo } from "../connection/head-memo.js";
import { type BuildRequest, compileRequest, type RequestBytes, type RequestText } from "./request-bytes.js";
import { bytesInSession } from "./session-bytes.js";
import type { TraceLine } from "./trace-line.js";

/** A request with what is needed to read and judge its answer. */
export class SendableRequest extends JudgedRequest<RequestText> {
  readonly isConstant: boolean;
  /** Of its last answer, on whichever connection. */
  readonly head = new HeadMemo();
  readonly #bytes: RequestBytes;
  readonly #traceLine: TraceLine | null;

  /**
   * @param paths names of the captures that give a later step its path.
   * @param traceLine null: it carries no trace id.
   * @param sessions null: users remember nothing.
   * @throws SCENARIO_INVALID for what cannot be sent: unknown values, methods, paths.
   */
  constructor(
    planned: HttpRequest,
    surroundings: RequestSurroundings,
    values: Values,
    build: BuildRequest,
    paths: ReadonlySet<string>,
    traceLine: TraceLine | null,
    sessions: UserSessions<RequestText> | null,
  ) {
    super(planned, paths, surroundings.targetUrl, sessions);
    this.#traceLine = traceLine;
    this.#bytes = compileRequest(planned, surroundings, values, build, sessions !== null);
    this.isConstant = this.#bytes.constant !== null && sessions === null;
  }

  /** `trace`: the number that its trace id is made of. `_channel`: that of the connection that it goes out on. */
  bytesFor(scope: ValueScope, trace: number, _channel: number): Buffer {
    const bytes =
      this.sessions === null
        ? (this.#bytes.constant ?? this.#bytes.render(scope))
        : bytesInSession(this.#bytes, this.sessions.of(scope), scope);
    return this.#traceLine === null ? bytes : this.#traceLine.addTo(bytes, trace);
  }
}
