// The number of unread notices beside the bell.
import { follow } from "./follow";

const SECONDS = 15;

document.querySelectorAll<HTMLElement>("[data-unread]").forEach((badge) => {
  const show = async (answer: Response): Promise<void> => {
    const { unread } = (await answer.json()) as { unread: number };
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.hidden = unread === 0;
  };
  follow(badge.dataset.unread!, SECONDS, show, 0);
});
