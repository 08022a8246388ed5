// What every page loads: htmx, and behaviours that pages ask for by attribute, a file for each.
import htmx from "htmx.org";

import "./small";
import "./folding";
import "./submit";
import "./keys";
import "./arrows";
import "./palette";
import "./finder";
import "./drafts";
import "./trouble";
import "./live";
import "./badge";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;
