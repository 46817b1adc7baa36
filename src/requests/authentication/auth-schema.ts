import { z } from "zod";

const credentials = (description: string) =>
  z
    .strictObject(
      {
        username: z
          .string({ error: "a user's name" })
          .meta({ description: "The user's name. `${…}` may stand in it.", samples: ["ann"] }),
        password: z
          .string({ error: "a password" })
          .meta({ description: "The password. `${…}` may stand in it.", samples: ["${env.PASSWORD}"] }),
      },
      { error: "a map with `username` and `password`" },
    )
    .meta({ description })
    .optional();

const AUTH = "none, or a map with `basic` or `digest`";

/** How a request says who sends it. */
export const authentication = () =>
  z.union(
    [
      z.literal("none", { error: AUTH }),
      z.strictObject(
        {
          basic: credentials("Name and password in each request (RFC 7617)."),
          digest: credentials(
            "Answers to the server's challenges (RFC 7616), with MD5, SHA-256 or SHA-512-256. A challenge costs one request more, which counts with redirects.",
          ),
        },
        { error: AUTH },
      ),
    ],
    { error: AUTH },
  );

export type AuthInput = z.output<ReturnType<typeof authentication>>;
