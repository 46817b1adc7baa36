/** How bad requests come in simulated runs. */

/** `random`: uniform in [0, 1). */
export function errorProcesses(random) {
  function normal() {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }

  /** Binomial(n, p) by inversion; fast for the small p of errors. */
  function binomial(n, p) {
    if (p <= 0) return 0;
    if (p > 0.5) return n - binomial(n, 1 - p);
    let term = (1 - p) ** n;
    let rest = random();
    let k = 0;
    while (rest > term && k < n) {
      rest -= term;
      term *= ((n - k) / (k + 1)) * (p / (1 - p));
      k++;
    }
    return k;
  }

  /** The share of bad requests in each second, with the given mean in the long run. */
  const processes = {
    independent: (mean, seconds) => Array.from({ length: seconds }, () => mean),
    "1 s bursts": (mean, seconds) =>
      Array.from({ length: seconds }, () => (random() < 0.1 ? Math.min(1, mean * 10) : 0)),
    "AR(1) 0.7": (mean, seconds) => autoregressive(mean, seconds, 0.7),
    "AR(1) 0.9": (mean, seconds) => autoregressive(mean, seconds, 0.9),
    "stalls, 2 s every 20 s": (mean, seconds) => {
      const offset = Math.floor(random() * 20);
      return Array.from({ length: seconds }, (_, t) => ((t + offset) % 20 < 2 ? Math.min(1, mean * 10) : 0));
    },
    "stalls, 2 s at random": (mean, seconds) => {
      // Gaps of 18 s on average, exponential; the process has run long before the phase begins.
      const shares = [];
      while (shares.length < seconds + 200) {
        const gap = Math.round(-18 * Math.log(1 - random()));
        for (let t = 0; t < gap; t++) shares.push(0);
        shares.push(Math.min(1, mean * 10), Math.min(1, mean * 10));
      }
      return shares.slice(200, 200 + seconds);
    },
  };

  /** exp(σ·x) around the mean, x an AR(1) with unit variance: the error rate itself swells and ebbs. */
  function autoregressive(mean, seconds, rho) {
    const sigma = 0.5;
    let x = normal();
    return Array.from({ length: seconds }, () => {
      x = rho * x + Math.sqrt(1 - rho * rho) * normal();
      return Math.min(1, mean * Math.exp(sigma * x - (sigma * sigma) / 2));
    });
  }

  return { processes, binomial };
}
