import { expect, test } from "vitest";
import { PUBLISHED } from "../../helpers/docker/published.js";

/** The fields of answers that the client reads, by their definitions in the engine's document. */
const READ: Readonly<Record<string, readonly string[]>> = {
  ListedContainer: ["Id", "Names", "State", "Labels"],
  ContainerInspectResponse: [
    "Id",
    "Name",
    "State",
    "RestartCount",
    "HostConfig",
    "Config",
    "NetworkSettings",
  ],
  ContainerState: ["Running", "Paused", "Restarting", "ExitCode", "StartedAt"],
  ContainerConfig: ["Labels", "StopTimeout"],
  HostConfig: ["RestartPolicy", "AutoRemove", "NetworkMode"],
  RestartPolicy: ["Name"],
  NetworkSettings: ["Networks", "Ports"],
  EndpointSettings: [
    "NetworkID",
    "IPAddress",
    "GlobalIPv6Address",
    "IPAMConfig",
    "Links",
    "Aliases",
    "DriverOpts",
  ],
  PortBinding: ["HostIp", "HostPort"],
  Service: ["ID", "Version", "Spec"],
  ObjectVersion: ["Index"],
  ServiceSpec: ["Name", "Mode", "TaskTemplate"],
  TaskSpec: ["ForceUpdate"],
  Task: ["ID", "Status", "DesiredState"],
  SystemVersion: ["Version", "ApiVersion", "MinAPIVersion"],
};

test.each(PUBLISHED)("what is read of answers stands in the document of version $version", ({ fields }) => {
  const missing = Object.entries(READ).flatMap(([definition, names]) =>
    names.filter((name) => !fields[definition]?.includes(name)).map((name) => `${definition}.${name}`),
  );
  expect(missing).toEqual([]);
});

test("only the newest document has the order of default routes", () => {
  const have = PUBLISHED.filter(({ fields }) => fields.EndpointSettings?.includes("GwPriority"));
  expect(have.map(({ version }) => version)).toEqual(["1.55"]);
});
