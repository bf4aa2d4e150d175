/** Every element; importing this defines them all. */

export { CsounddMeter, CsounddScope, CsounddSpectrum } from "./displays.js";
export { CsounddNumber, CsounddText } from "./fields.js";
export { CsounddKeyboard } from "./keyboard.js";
export { CsounddPanel } from "./panel.js";
export { CsounddPresets } from "./presets_element.js";
export { CsounddKnob, CsounddSlider } from "./slider.js";
export { CsounddButton, CsounddChoice, CsounddToggle } from "./switches.js";
export { CsounddXY } from "./xy.js";
