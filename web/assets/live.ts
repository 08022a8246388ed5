// Follow what happens in a part of a page. See web/frame/live.py.
import { follow } from "./follow";

document.querySelectorAll<HTMLElement>("[data-live]").forEach((place) => {
  follow(place.dataset.live!, Number(place.dataset.every), async (answer) => {
    if (answer.headers.has("HX-Refresh")) location.reload();
    else if (!place.contains(document.activeElement)) {
      place.innerHTML = await answer.text(); // somebody at a button in it keeps what they see
      window.htmx.process(place);
    }
  });
});
