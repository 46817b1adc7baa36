import type { HttpRequest } from "../../../requests/http/http-request.js";
import { JudgedRequest } from "../../http/judged-request.js";
import type { RequestSurroundings } from "../../http/request-parts.js";
import type { ValueScope, Values } from "../../mix/values.js";
import { HeadMemo } from "../connection/head-memo.js";
import { type BuildRequest, compileRequest, type RequestBytes } from "./request-bytes.js";

/** A request with what is needed to read and judge its answer. */
export class SendableRequest extends JudgedRequest {
  readonly isConstant: boolean;
  /** Of its last answer, on whichever connection. */
  readonly head = new HeadMemo();
  readonly #bytes: RequestBytes;

  /**
   * @param paths names of the captures that give a later step its path.
   * @throws SCENARIO_INVALID for what cannot be sent: unknown values, methods, paths.
   */
  constructor(
    planned: HttpRequest,
    surroundings: RequestSurroundings,
    values: Values,
    build: BuildRequest,
    paths: ReadonlySet<string>,
  ) {
    super(planned, paths, surroundings.targetUrl);
    this.#bytes = compileRequest(planned, surroundings, values, build);
    this.isConstant = this.#bytes.constant !== null;
  }

  bytesFor(scope: ValueScope): Buffer {
    return this.#bytes.constant ?? this.#bytes.render(scope);
  }
}
