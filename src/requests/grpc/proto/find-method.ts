import protobuf from "protobufjs";
import type { Mistake } from "../../../notation/complaint.js";
import { nearest } from "../../../support/names/suggestion.js";
import type { GrpcMethod } from "../grpc-request.js";
import { allIn } from "./parse-protos.js";

const MOST_NAMED = 8;
const NONE_IN_FILE = "There is none in the file, nor in what it imports.";

/** `name`: "shop.Quotes/Get", with or without a slash before it. */
export function findMethod(root: protobuf.Root, name: string): GrpcMethod | Mistake {
  const [serviceName = "", methodName = ""] = name.replace(/^\//, "").split("/");
  const services = [...allIn(root)].filter((object) => object instanceof protobuf.Service);
  const service = services.find(({ fullName }) => fullName === `.${serviceName}`);
  if (service === undefined) {
    return unknownService(
      serviceName,
      services.map(({ fullName }) => fullName.slice(1)),
    );
  }
  const method = service.methodsArray.find((one) => one.name === methodName);
  if (method === undefined) {
    const known = service.methodsArray.map((one) => one.name);
    return {
      message: `the service \`${serviceName}\` has no method \`${methodName}\`${guess(nearest(methodName, known))}`,
      ...helpOf(known, "It has none."),
    };
  }
  const { resolvedRequestType, resolvedResponseType } = method;
  if (!(resolvedRequestType && resolvedResponseType)) throw new Error(`${name} has not been resolved`);
  return {
    path: `/${serviceName}/${methodName}`,
    takes: resolvedRequestType.fullName.slice(1),
    gives: resolvedResponseType.fullName.slice(1),
    takesStream: method.requestStream === true,
    givesStream: method.responseStream === true,
  };
}

/** @param known full names of all services. @param ifNone what to say when there are none. */
export function unknownService(name: string, known: readonly string[], ifNone = NONE_IN_FILE): Mistake {
  // Often it is the package that is left out.
  const same = known.find((full) => full.endsWith(`.${name}`));
  return {
    message: `there is no service \`${name}\`${guess(same ?? nearest(name, known))}`,
    ...helpOf(known, ifNone),
  };
}

function guess(near: string | null): string {
  return near === null ? "" : `; did you mean \`${near}\`?`;
}

function helpOf(known: readonly string[], ifNone: string): { readonly help: string } {
  if (known.length === 0) return { help: ifNone };
  const more = known.length > MOST_NAMED ? " and others" : "";
  return { help: `There is ${known.slice(0, MOST_NAMED).join(", ")}${more}.` };
}
