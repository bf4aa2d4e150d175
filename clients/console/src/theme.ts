/** Light or dark: as the system has it, unless somebody chose. */

const THEMES = ["as the system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "csoundd theme";

function stored(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((each) => each === kept) ?? THEMES[0];
  } catch {
    // A browser that keeps nothing for this page.
    return THEMES[0];
  }
}

let chosen = stored();

export function theme(): Theme {
  return chosen;
}

/** Go on to the next of the three. */
export function nextTheme(): void {
  chosen = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? THEMES[0];
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // It is for this visit then.
  }
  apply();
}

function apply(): void {
  if (chosen === "as the system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

apply();
