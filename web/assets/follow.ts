// Ask an address again while somebody looks; 304 is "nothing new". Gives a way to ask at once.
import { sessionLost } from "./trouble";

const SLOWEST = 8; // times the usual pause, after failures

type Take = (answer: Response) => Promise<void> | void;

export function follow(url: string, seconds: number, take: Take, first = seconds): () => void {
  let known = "";
  let failures = 0;
  let waiting = 0;
  const ask = async (): Promise<void> => {
    clearTimeout(waiting);
    if (document.visibilityState === "visible") {
      // not a sign of a person: it must not keep an idle session alive
      const headers: HeadersInit = { "X-By-Itself": "1", "HX-Request": "true", ...(known && { "If-None-Match": known }) };
      const answer = await fetch(url, { headers, cache: "no-store" }).catch(() => null);
      if (answer?.status === 401) return sessionLost();
      failures = answer && answer.status < 500 ? 0 : failures + 1;
      if (answer?.status === 200) {
        known = answer.headers.get("ETag") ?? "";
        await take(answer);
      }
    }
    clearTimeout(waiting); // somebody may have looked again meanwhile
    waiting = window.setTimeout(ask, seconds * 1000 * Math.min(2 ** failures, SLOWEST));
  };
  waiting = window.setTimeout(ask, first * 1000);
  document.addEventListener("visibilitychange", () => void ask());
  return () => void ask();
}
