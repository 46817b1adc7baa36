import { requestKind } from "../request-kind.js";
import { type ReadBodies, readBodies } from "./bodies/read-bodies.js";
import { headerComplaints, httpComplaints } from "./complaints.js";
import { HTTP_REQUEST, type HttpRequest } from "./http-request.js";
import { httpKeys, httpStepKeys } from "./keys.js";
import { planHttpRequest } from "./plan-request.js";

/** Requests of HTTP, whatever its version. */
export const httpRequests = requestKind({
  name: HTTP_REQUEST,
  key: "path",
  schemes: [
    { name: "http", isTls: false },
    { name: "https", isTls: true },
  ],
  keys: httpKeys,
  stepKeys: httpStepKeys,
  captureAt: (json) => ({ json }),
  varying: ["path", "query", "headers", "json", "body", "form", "multipart", "auth"],
  textMaps: ["headers", "query", "form", "multipart", "basic", "digest"],
  verbatim: ["json"],
  without: [],
  usualName: (textAt) => {
    const [method, path] = [textAt(["method"], "GET"), textAt(["path"], "")];
    return method === null || path === null ? null : `${method.toUpperCase()} ${path}`;
  },
  ofTarget: (path) => ({ method: "GET", path }),
  readFiles: readBodies,
  check: (request, said) => httpComplaints(request, said),
  checkHeaders: headerComplaints,
  plan: (name, request, headers, read: ReadBodies | null) => planHttpRequest(name, request, headers, read),
  describe: ({ method, path }: HttpRequest) => `${method} ${path}`,
});
