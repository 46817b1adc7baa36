import { loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** The services of shop.proto. */
export const { shop } = loadPackageDefinition(
  loadSync(new URL("shop.proto", import.meta.url).pathname, { longs: Number, defaults: true }),
);
