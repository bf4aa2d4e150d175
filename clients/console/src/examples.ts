/** Pieces that come with the page, so that there is something to play where the workspace is empty. */

import type { Source } from "./piece.js";

export interface Example extends Source {
  readonly title: string;
  readonly about: string;
}

function example(name: string, url: URL, title: string, about: string): Example {
  return { name, title, about, text: () => textOf(url) };
}

async function textOf(url: URL): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname} was not found`);
  return answer.text();
}

/** A piece of one instrument, for the keyboard. */
export const KEYS: Example = example(
  "keys.csd",
  new URL("./keys.csd", import.meta.url),
  "Just a keyboard",
  "One instrument, silent until you play it",
);

export const EXAMPLES: readonly Example[] = [
  example("lantern.csd", new URL("../../../examples/lantern.csd", import.meta.url), "Lantern",
    "A synthesizer in A minor that plays until you do"),
  example("drift.csd", new URL("../../../examples/drift.csd", import.meta.url), "Drift",
    "Bells, slow chords and wind, for ever"),
  example("glasshouse.csd", new URL("../../../examples/glasshouse.csd", import.meta.url), "Glasshouse",
    "A pane of glass becomes a cloud of grains"),
  example("canon.csd", new URL("../../../examples/canon.csd", import.meta.url), "Canon",
    "Three lutes over a bass, then bowed strings"),
  example("live.csd", new URL("../../../examples/live.csd", import.meta.url), "Live",
    "A beat, a bass and plucked strings, to be rewritten"),
  example("harbour.csd", new URL("../../../examples/harbour.csd", import.meta.url), "Harbour",
    "Crossing echoes and a shimmering room"),
  example("nightcap.csd", new URL("../../../examples/nightcap.csd", import.meta.url), "Nightcap",
    "An electric piano with bass and brushes, for MIDI keys"),
];
