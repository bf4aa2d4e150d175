/** The few signs of the page. */

import { svg } from "lit";
import type { SVGTemplateResult } from "lit";

function icon(path: string): SVGTemplateResult {
  return svg`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${path}></path></svg>`;
}

export const PLAY = icon("M4 2.5v11l9-5.5z");
export const PAUSE = icon("M4 2.5h3v11H4zM9 2.5h3v11H9z");
export const STOP = icon("M3.5 3.5h9v9h-9z");
export const REWIND = icon("M3 3h2v10H3zM13.5 3v10L6 8z");
export const RECORD = icon("M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z");
export const SPEAKER = icon("M2 6v4h2.6L8 13V3L4.600 6zM10 5.200a3.500 3.500 0 0 1 0 5.600M11.600 3.200a6 6 0 0 1 0 9.600l-.8-1a4.700 4.700 0 0 0 0-7.600z");
export const DOWNLOAD = icon("M7 2h2v6h3l-4 4-4-4h3zM3 13h10v1.500H3z");
export const UPLOAD = icon("M7 11h2V6h3L8 2 4 6h3zM3 13h10v1.500H3z");
export const CLOSE = icon("M3.700 2.600 8 6.900l4.300-4.300 1.100 1.100L9.100 8l4.300 4.300-1.100 1.100L8 9.100l-4.300 4.300-1.100-1.100L6.900 8 2.600 3.700z");
export const BACK = icon("M10 2.500 4.500 8l5.500 5.500 1.200-1.200L6.900 8l4.300-4.300z");
export const THEME = icon("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 1.500v9a4.500 4.500 0 0 1 0-9z");
export const PHONE = icon("M4.500 1h7a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zM5 3v8.500h6V3zm2 10v1h2v-1z");
