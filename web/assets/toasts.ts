// A line at the edge of the screen that says what was done; it goes by itself, what is bad stays.
const SHOWN_MS = 6000;

export function say(text: string, tone = ""): void {
  const place = document.getElementById("toasts");
  if (!place) return;
  const line = document.createElement("div");
  line.className = `toast-line ${tone}`;
  const said = document.createElement("span");
  said.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "plain-button";
  close.textContent = "×";
  close.setAttribute("aria-label", place.dataset.close ?? "");
  close.addEventListener("click", () => line.remove());
  line.append(said, close);
  place.append(line);
  if (tone !== "bad") setTimeout(() => line.remove(), SHOWN_MS);
}
