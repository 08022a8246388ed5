// Follow what happens in a part of a page. See web/frame/live.py.
//
// What has not changed is left alone: who is at a button, or is pressing it, keeps it and sees the
// news around it. Give an id to whatever may change its place.
import { Idiomorph } from "idiomorph";

import { follow } from "./follow";

document.querySelectorAll<HTMLElement>("[data-live]").forEach((place) => {
  follow(place.dataset.live!, Number(place.dataset.every), async (answer) => {
    if (answer.headers.has("HX-Refresh")) return location.reload();
    Idiomorph.morph(place, await answer.text(), { morphStyle: "innerHTML" });
    window.htmx.process(place);
  });
});
