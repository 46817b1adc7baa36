/** Where runs leave their reports, from the current folder. */
export const DEFAULT_FOLDER = "reports";

/** The ledger in a folder of reports. */
export const LEDGER_FILE = "history.jsonl";
