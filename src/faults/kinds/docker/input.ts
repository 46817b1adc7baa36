import { z } from "zod";
import { choice, duration, list, positiveDuration, text, wholeNumber } from "../../../quantities/schema.js";
import { ENDING_SIGNALS } from "../../process-action.js";

const yes = () => z.literal(true, { error: "true (leave the key out otherwise)" });

/** The engine's own names of containers and services. A name never begins with what would end a path of its API. */
const ENGINE_NAME = /^[A-Za-z0-9][\w.-]{0,253}$/;

const named = (of: string) =>
  text(of).regex(ENGINE_NAME, {
    error: `${of}: letters, digits, _, . and -, beginning with a letter or a digit`,
  });

/** Keys that name what it is done to. One of them is given. */
export const DOCKER_WHO = ["service", "container", "swarm"] as const;
export type DockerWho = (typeof DOCKER_WHO)[number];

/** Keys that do something themselves; `restart` does when it is no duration. One of them is given. */
export const DOCKER_DEEDS = ["kill", "stop", "pause", "disconnect", "scale", "update"] as const;

/** What a user writes under `docker:` of a fault. */
export const dockerInput = z
  .strictObject(
    {
      service: named("the name of a service of a compose file")
        .meta({
          description:
            "All running containers of this service of a compose file; of one project, see `docker.project`.",
          samples: ["cache"],
        })
        .optional(),
      container: named("the name of a container")
        .meta({ description: "The container of this name, or with this id.", samples: ["shop-cache-1"] })
        .optional(),
      swarm: named("the name of a Swarm service")
        .meta({
          description: "The Swarm service of this name. The engine has to be a manager.",
          samples: ["api"],
        })
        .optional(),
      kill: choice(ENDING_SIGNALS)
        .meta({
          description:
            "The container's first process gets this signal and has to end by it. It is started again when the fault ends, or as `restart` says. Of a Swarm service tasks on this node get it, and Swarm starts others in their place.",
          samples: ["SIGKILL"],
        })
        .optional(),
      stop: yes()
        .meta({
          description:
            "The container is stopped as `docker stop` does: its stop signal, and SIGKILL after `grace`. It is started again when the fault ends, or as `restart` says.",
        })
        .optional(),
      pause: yes()
        .meta({ description: "All processes of the container are frozen until the fault ends." })
        .optional(),
      restart: z
        .union([yes(), positiveDuration()], {
          error: "true, or with `kill` or `stop` a duration with its unit, such as 10s",
        })
        .meta({
          description:
            "true: the container is stopped and started at once, as `docker restart` does. A duration beside `kill` or `stop`: it is started again so long after that.",
          samples: ["10s"],
        })
        .optional(),
      disconnect: z
        .union(
          [yes(), named("the name of a network"), list(named("the name of a network"), "a list of networks")],
          {
            error: "true (all its networks), the name of a network, or a list of names",
          },
        )
        .meta({
          description:
            "The container is taken off its networks (true: off all of them) until the fault ends, and put back with the same aliases and fixed addresses.",
          samples: ["shop_default"],
        })
        .optional(),
      scale: wholeNumber(0, 10_000)
        .meta({ description: "The Swarm service gets so many tasks until the fault ends.", samples: [0] })
        .optional(),
      update: choice(["force"])
        .meta({
          description:
            "force: the tasks of the Swarm service are replaced, as its own update settings say and as `docker service update --force` does.",
          samples: ["force"],
        })
        .optional(),
      grace: duration()
        .meta({
          description:
            "Time between the stop signal and SIGKILL, in whole seconds, for `stop` and `restart: true`. Default: the container's own, which is 10 s unless it says otherwise.",
          samples: ["5s"],
        })
        .optional(),
      pick: wholeNumber(1, 1000)
        .meta({
          description:
            "Hits so many of the service's containers (of a Swarm service: tasks), chosen by the scenario's `seed`. Without it: all of them.",
          samples: [1],
        })
        .optional(),
      atMost: wholeNumber(1, 1000)
        .meta({
          description:
            "Refuses the run when more containers than this would be hit. Default: 1, or what `pick` says. So all containers of a scaled service are hit only where this allows it.",
          samples: [3],
        })
        .optional(),
    },
    { error: "a map with what is done to containers, such as { service: cache, kill: SIGKILL }" },
  )
  .refine((input) => DOCKER_WHO.some((key) => input[key] !== undefined), {
    error: `one of ${DOCKER_WHO.join(", ")}: what it is done to`,
  })
  .refine((input) => [...DOCKER_DEEDS, "restart" as const].some((key) => input[key] !== undefined), {
    error: `one of ${["restart", ...DOCKER_DEEDS].join(", ")}: what is done`,
  });

export type DockerInput = z.output<typeof dockerInput>;
