// Say it when the network or the session is gone; nothing typed is lost by either.
const bar = document.getElementById("trouble");
const signedOut = document.querySelector<HTMLDialogElement>("#signed-out");

export function lost(what: "offline" | "failed"): void {
  if (!bar) return;
  bar.querySelectorAll<HTMLElement>("[data-when]").forEach((text) => (text.hidden = text.dataset.when !== what));
  bar.hidden = false;
}

function found(): void {
  if (bar) bar.hidden = true;
}

// The way to sign in comes back to this page, where the draft of a form is offered again.
export function sessionLost(): void {
  if (!signedOut || signedOut.open) return;
  const here = location.pathname + location.search;
  signedOut.querySelector("a")!.href = `/sign-in?next=${encodeURIComponent(here)}`;
  signedOut.showModal();
}

bar?.querySelector("[data-dismiss]")?.addEventListener("click", found);
window.addEventListener("offline", () => lost("offline"));
window.addEventListener("online", found);
document.addEventListener("htmx:sendError", () => lost("offline"));
document.addEventListener("htmx:timeout", () => lost("offline"));
document.addEventListener("htmx:responseError", (event) => {
  const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
  if (status === 401) sessionLost();
  else if (status >= 500 || status === 400) lost("failed");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if ((event as CustomEvent<{ successful: boolean }>).detail.successful) found();
});
