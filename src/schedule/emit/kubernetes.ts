import { basename } from "node:path";
import { oneLine } from "../../support/printable.js";
import { plainLine } from "./cron-times.js";
import {
  type EmitInput,
  type Emitter,
  EngineRefusal,
  environmentNames,
  refuseClockChange,
  refuseSpecials,
} from "./emitter.js";
import { quotedYaml, yamlBlock } from "./yaml-text.js";

/** Limit for a ConfigMap: what etcd takes. */
const LARGEST_BYTES = 1_000_000;
/** Limit for a CronJob's name, so that its jobs and pods have room for their own parts. */
const LONGEST_NAME = 52;
const CATCH_UP_S = 24 * 3600;
const SKIP_S = 300;
/** The controller gives up on a schedule that has missed more than a hundred starts. */
const MOST_MISSED = 50;

export const kubernetes: Emitter = {
  async emit(input) {
    refuseClockChange(input, "Kubernetes");
    refuseSpecials(input, "Kubernetes");
    const { gameDay, schedule, slug, image } = input;
    const name = `faultline-${slug}`.slice(0, LONGEST_NAME).replace(/-+$/, "");
    const files = await input.readFiles();
    const keys = keysFor(files);
    const title = quotedYaml(oneLine(gameDay.data.name));
    const text = `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
${[...files].map(([path, content]) => `  ${keys.get(path)}:${yamlBlock(content, "    ")}`).join("\n")}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: ${name}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${name}
  annotations:
    faultline/game-day: ${title}
spec:
  schedule: ${quotedYaml(plainLine(input.times))}
  timeZone: ${quotedYaml(schedule.timezone)}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: ${deadlineS(input)}
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          # SIGTERM undoes the fault and stops the services before faultline ends.
          terminationGracePeriodSeconds: 120
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            runAsGroup: 10001
            fsGroup: 10001
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: faultline
              image: ${quotedYaml(image)}
              args: [schedule, --now, --out, /data/reports, ${quotedYaml(`/gameday/${basename(gameDay.path)}`)}]
              workingDir: /gameday
              env:
                - name: FAULTLINE_STATE_DIR
                  value: /dev/shm/faultline
${secretsOf(files, name)}              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
              resources:
                requests:
                  cpu: "1"
                  memory: 512Mi
                limits:
                  memory: 1Gi
              volumeMounts:
                - name: gameday
                  mountPath: /gameday
                  readOnly: true
                - name: data
                  mountPath: /data
                - name: tmp
                  mountPath: /tmp
          volumes:
            - name: gameday
              configMap:
                name: ${name}
                items:
${[...keys].map(([path, key]) => `                  - key: ${key}\n                    path: ${quotedYaml(path)}`).join("\n")}
            - name: data
              persistentVolumeClaim:
                claimName: ${name}
            - name: tmp
              emptyDir: {}
`;
    return [{ name: `${name}.yaml`, text }];
  },
};

/** Keys of a scenario that name other files. */
const NAMES_FILES = /^(?:extends|include):|^\s+(?:file|ca|cert|key):\s/m;

/** How late a start may be. */
function deadlineS({ catchUp, leastGapMs }: EmitInput): number {
  if (catchUp === "skip") return SKIP_S;
  return Math.max(SKIP_S, Math.min(CATCH_UP_S, Math.floor((leastGapMs / 1000) * MOST_MISSED)));
}

/** A ConfigMap has no folders. */
function keysFor(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  let bytes = 0;
  for (const [path, text] of files) {
    if (NAMES_FILES.test(text) && !/^gameday:/m.test(text)) {
      const message = `${path} names other files, which would have to go along`;
      throw new EngineRefusal(null, message, "Build an image that holds them all, or write one file of it.");
    }
    if (path.startsWith("..")) {
      const message = `${path} is outside the game day's folder, so a ConfigMap cannot hold it`;
      throw new EngineRefusal(null, message, "Put the scenarios beside the game day, or below it.");
    }
    const key = path.replaceAll("/", "__").replaceAll(/[^-._a-zA-Z0-9]/g, "_");
    if ([...keys.values()].includes(key)) {
      const message = `${path} has the same key in a ConfigMap as another file`;
      throw new EngineRefusal(null, message, "Rename one of them.");
    }
    keys.set(path, key);
    bytes += Buffer.byteLength(text);
  }
  if (bytes > LARGEST_BYTES) {
    const message = `its files have ${(bytes / 1e6).toFixed(1)} MB, and a ConfigMap holds 1 MB`;
    throw new EngineRefusal(null, message, "Build an image that holds them.");
  }
  return keys;
}

/** Environment variables that the files name come from a Secret. Their values are not known here. */
function secretsOf(files: ReadonlyMap<string, string>, name: string): string {
  return environmentNames(files)
    .map(
      (variable) => `                - name: ${variable}
                  valueFrom:
                    secretKeyRef:
                      name: ${name}
                      key: ${variable}
                      optional: true
`,
    )
    .join("");
}
