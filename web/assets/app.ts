// What every page loads: htmx, and behaviours that pages ask for by attribute, a file for each.
import htmx from "htmx.org";
import { follow } from "./badge";

import "./small";
import "./submit";
import "./keys";
import "./palette";
import "./finder";
import "./drafts";
import "./trouble";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

document.querySelectorAll<HTMLElement>("[data-unread]").forEach(follow);
