// The sections of the index fold; who folds one finds it so again, in this browser. The section of
// the page that is open is open, whatever was remembered.
const key = (): string => `folded/${document.body.dataset.person}/${document.body.dataset.tenant}`;

function folded(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(key()) ?? "[]") as string[]);
  } catch {
    return new Set(); // shut storage, or something else's words: nothing is folded
  }
}

const known = folded();
document.querySelectorAll<HTMLDetailsElement>(".index details[data-fold]").forEach((section) => {
  const name = section.dataset.fold!;
  const isCurrent = section.dataset.current !== undefined;
  if (known.has(name) && !isCurrent) section.open = false;
  section.querySelector("summary")!.addEventListener("click", () => {
    const now = folded();
    if (section.open) now.add(name); // it is about to close
    else now.delete(name);
    try {
      localStorage.setItem(key(), JSON.stringify([...now]));
    } catch {
      // not remembered then
    }
  });
});
