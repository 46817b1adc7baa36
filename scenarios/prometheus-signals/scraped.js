// Exits with 0 when the Prometheus at PORT has looked at the shop, else with 1.
const url = new URL(`http://127.0.0.1:${process.env.PORT}/api/v1/query?query=up`);
const { data } = await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).json();
process.exitCode = data.result.some(({ value: [, up] }) => up === "1") ? 0 : 1;
