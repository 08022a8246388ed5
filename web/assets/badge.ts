// The number of unread notices beside the bell: asked for every 15 seconds while somebody can see it.
const PAUSE = 15_000;

export function follow(badge: HTMLElement): void {
  let known = "";
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    const headers: HeadersInit = known ? { "If-None-Match": known } : {};
    const answer = await fetch(badge.dataset.unread!, { headers, cache: "no-store" }).catch(() => null);
    if (!answer || answer.status !== 200) return; // 304: nothing new; anything else: the next try
    known = answer.headers.get("ETag") ?? "";
    const { unread } = (await answer.json()) as { unread: number };
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.hidden = unread === 0;
  };
  void ask();
  setInterval(ask, PAUSE);
  document.addEventListener("visibilitychange", ask);
}
