// One press is one submit, and what cannot be undone is asked first.
//
// data-confirm: the question, data-confirm-act: what the button that does it is called. The server's
// key makes a second submit harmless; this spares people the doubt.
import { lost } from "./trouble";

const dialog = document.querySelector<HTMLDialogElement>("#confirm");

function ask(question: string, act: string | undefined, then: () => void): void {
  const doing = dialog!.querySelector<HTMLElement>("[data-act]")!;
  dialog!.querySelector("#confirm-text")!.textContent = question;
  doing.textContent = act || doing.dataset.usual!;
  dialog!.returnValue = "no";
  dialog!.addEventListener("close", () => dialog!.returnValue === "yes" && then(), { once: true });
  dialog!.showModal();
}

function busy(form: HTMLFormElement, is: boolean): void {
  if (is) form.dataset.sent = "yes";
  else delete form.dataset.sent;
  form.querySelectorAll("button:not([type=button])").forEach((button) => button.classList.toggle("is-busy", is));
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method === "dialog" || event.defaultPrevented) return;
  if (form.dataset.confirm && dialog && !form.dataset.confirmed) {
    event.preventDefault();
    event.stopImmediatePropagation(); // htmx listens too
    ask(form.dataset.confirm, form.dataset.confirmAct, () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
    });
    return;
  }
  delete form.dataset.confirmed;
  if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
  if (form.dataset.sent) event.preventDefault();
  else if (!navigator.onLine) {
    event.preventDefault(); // the browser would throw the page away, with all that was typed
    lost("offline");
  } else busy(form, true);
}, true);

// A form that htmx sends: no second request while the first is under way.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target as HTMLElement;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  else busy(form, true);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target instanceof HTMLFormElement) busy(event.target, false);
});

// htmx's own question (hx-confirm) is asked by the same dialog.
document.addEventListener("htmx:confirm", (event) => {
  const detail = (event as CustomEvent<{ question?: string; issueRequest: (skip: boolean) => void }>).detail;
  if (!detail.question || !dialog) return;
  event.preventDefault();
  ask(detail.question, undefined, () => detail.issueRequest(true));
});

// A page that comes back from the browser's memory has sent nothing yet.
window.addEventListener("pageshow", () => {
  document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => busy(form, false));
});
