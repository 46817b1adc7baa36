/** As `spawn`; the program ends with this process, however that ends. */
export declare const startChild: typeof import("node:child_process").spawn;
