import { quotedYaml } from "../../../schedule/emit/yaml-text.js";
import {
  allowArguments,
  NATS_IMAGE,
  OPTIONAL_CREDENTIALS,
  refuseSockets,
  type WorkersEmitter,
  type WorkersInput,
} from "./workers-emitter.js";

const OWN_SERVER = "nats://faultline-nats:4222";

/** An Indexed Job: each worker has a number, and none is started anew once it has worked. */
export const kubernetesWorkers: WorkersEmitter = (input) => {
  const { count, natsUrl, image } = input;
  refuseSockets("kubernetes", input);
  const args = [
    "worker",
    "--once",
    "--nats",
    natsUrl ?? OWN_SERVER,
    "--name",
    "worker-$(WORKER)",
    ...allowArguments(input),
  ];
  return `# Workers that make load for one run. They need a key that the run has as well:
#   kubectl create secret generic faultline-workers --from-literal=FAULTLINE_WORKERS_KEY="$(openssl rand -hex 24)"
# A server with users or a token: NATS_USER and NATS_PASSWORD, or NATS_TOKEN, go into the same secret.
${howToRun(input)}${natsUrl === null ? ownServer() : ""}apiVersion: batch/v1
kind: Job
metadata:
  name: faultline-workers
  labels:
    app.kubernetes.io/name: faultline-workers
spec:
  completionMode: Indexed
  completions: ${count}
  parallelism: ${count}
  # A worker that is lost is not replaced: its share of a run is nobody else's.
  backoffLimit: 0
  ttlSecondsAfterFinished: 600
  template:
    metadata:
      labels:
        app.kubernetes.io/name: faultline-workers
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 15
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: faultline-workers
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: worker
          image: ${quotedYaml(image)}
          args: [${args.map(quotedYaml).join(", ")}]
          env:
            - name: WORKER
              valueFrom:
                fieldRef:
                  fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
            - name: FAULTLINE_WORKERS_KEY
              valueFrom:
                secretKeyRef:
                  name: faultline-workers
                  key: FAULTLINE_WORKERS_KEY
${OPTIONAL_CREDENTIALS.map(optionalSecret).join("")}            - name: FAULTLINE_STATE_DIR
              value: /tmp/faultline
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          resources:
            requests:
              cpu: "1"
              memory: 256Mi
            limits:
              memory: 1Gi
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}
`;
};

function howToRun({ natsUrl, count }: WorkersInput): string {
  const server = natsUrl ?? "nats://127.0.0.1:4222";
  const forward = natsUrl === null ? "#   kubectl port-forward service/faultline-nats 4222 &\n" : "";
  return `# Then:
${forward}#   FAULTLINE_WORKERS_KEY=… faultline run scenario.yaml --workers ${server} --expect-workers ${count} --workers-within 5m
`;
}

function optionalSecret(name: string): string {
  return `            - name: ${name}
              valueFrom:
                secretKeyRef:
                  name: faultline-workers
                  key: ${name}
                  optional: true
`;
}

function ownServer(): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: faultline-nats
spec:
  selector:
    app.kubernetes.io/name: faultline-nats
  ports:
    - name: nats
      port: 4222
      targetPort: 4222
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: faultline-nats
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: faultline-nats
  template:
    metadata:
      labels:
        app.kubernetes.io/name: faultline-nats
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: nats
          image: ${quotedYaml(NATS_IMAGE)}
          args: ["--port", "4222"]
          ports:
            - containerPort: 4222
          readinessProbe:
            tcpSocket:
              port: 4222
            periodSeconds: 2
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
            limits:
              memory: 256Mi
---
`;
}
