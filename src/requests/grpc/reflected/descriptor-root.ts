import protobuf from "protobufjs";
import "protobufjs/ext/descriptor.js";
import { messageOf } from "../../../support/errors.js";
import { bundledDescriptors, bundledFileOf } from "./bundled-types.js";
import { DescriptorProblem, type FileDescriptor } from "./file-descriptor.js";

/** All definitions of files that a server has given. @throws DescriptorProblem. */
export function descriptorRoot(files: readonly FileDescriptor[]): protobuf.Root {
  // Types that the parser brings are always its own: it reads and writes their JSON by the names of their fields.
  const own = files.filter(({ defines }) => defines.every((name) => bundledFileOf(name) === null));
  const named = files.flatMap(({ defines, uses }) => [...defines, ...uses]);
  const bundled = new Set(named.map(bundledFileOf).filter((file) => file !== null));
  const file = [...[...bundled].flatMap(bundledDescriptors), ...own.map(({ parsed }) => parsed)];
  try {
    return protobuf.Root.fromDescriptor({ file }, { keepCase: true });
  } catch (error) {
    throw new DescriptorProblem(`gives definitions that do not fit together: ${messageOf(error)}`);
  }
}
