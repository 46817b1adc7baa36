/** The thread that ends TLS for all proxies of a run. */
import type { PlacesStart } from "../../between/place-messages.js";
import { servePlaces } from "../../between/serve-places.js";
import type { TerminatorPlace, TerminatorQuestions } from "./messages.js";
import { Terminator } from "./terminator.js";

await servePlaces<TerminatorPlace, PlacesStart<TerminatorPlace>, Terminator, TerminatorQuestions>({
  open: (place) => Terminator.open(place),
  answer(question, proxy, terminator) {
    const counts = terminator.takeCounts();
    if (question.ask === "set") terminator.set(question.about[proxy] ?? null);
    return counts;
  },
});
