import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where CI servers put the commit that they have checked out. The general name comes first. */
const COMMIT_VARIABLES = [
  "GIT_COMMIT", // Jenkins, or set by hand
  "GITHUB_SHA",
  "CI_COMMIT_SHA", // GitLab
  "CIRCLE_SHA1",
  "BUILDKITE_COMMIT",
  "BITBUCKET_COMMIT",
  "BUILD_SOURCEVERSION", // Azure
  "DRONE_COMMIT_SHA",
  "TRAVIS_COMMIT",
  "CODEBUILD_RESOLVED_SOURCE_VERSION",
  "SEMAPHORE_GIT_SHA",
] as const;

const COMMIT = /^[0-9a-f]{7,64}$/i;
/** On a network disk git may take its time. The run has something better to do. */
const GIT_TIMEOUT_MS = 5_000;

/** @returns null when the folder is in no repository. */
export async function repositoryRoot(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    // In a worktree or a submodule it is a file.
    if (await stat(join(at, ".git")).catch(() => null)) return at;
    if (dirname(at) === at) return null;
  }
}

/** The commit that is checked out, from the CI server or else from git. @returns null when neither knows. */
export async function currentCommit(
  root: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const named = COMMIT_VARIABLES.map((name) => env[name]?.trim() ?? "").find((value) => COMMIT.test(value));
  if (named !== undefined) return named.toLowerCase();
  return root === null ? null : await headOf(root, env);
}

function headOf(root: string, env: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...env, GIT_OPTIONAL_LOCKS: "0" }, timeout: GIT_TIMEOUT_MS };
    execFile("git", ["rev-parse", "--verify", "--quiet", "HEAD"], options, (error, stdout) => {
      const commit = stdout.trim();
      resolve(error === null && COMMIT.test(commit) ? commit.toLowerCase() : null);
    });
  });
}
