// The drawer: what the counted pieces are worth, and how far they are from the book, while typing.
const form = document.querySelector<HTMLFormElement>("form[data-count]");

function shown(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  return `${sign}${document.body.dataset.money}${(Math.abs(fen) / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
}

function fen(text: string): number | null {
  const bare = text.trim().replace(/[¥￥,，\s]/g, "");
  return /^-?\d{1,12}(\.\d{1,2})?$/.test(bare) ? Math.round(Number(bare) * 100) : null;
}

function sums(): void {
  const faces = [...form!.querySelectorAll<HTMLInputElement>("input[data-face]")];
  let counted = 0;
  for (const input of faces) {
    const worth = Number(input.dataset.face) * (/^\d{1,5}$/.test(input.value.trim()) ? Number(input.value) : 0);
    input.closest(".piece")!.querySelector("[data-worth]")!.textContent = worth ? shown(worth) : "";
    counted += worth;
  }
  const inAll = form!.querySelector<HTMLInputElement>("[name=counted_fen]")!;
  const isByPiece = faces.some((input) => input.value.trim());
  inAll.disabled = isByPiece;
  const total = isByPiece ? counted : fen(inAll.value);
  const variance = total === null ? null : total - Number(form!.dataset.book);
  form!.querySelector("[data-counted]")!.textContent = total === null ? "" : shown(total);
  const line = form!.querySelector<HTMLElement>("[data-variance]")!;
  line.textContent = variance === null ? "" : shown(variance);
  line.classList.toggle("neg", variance !== null && variance !== 0);
  for (const row of form!.querySelectorAll<HTMLElement>("[data-settle]")) {
    const [amount, reason] = row.querySelectorAll<HTMLInputElement>("input");
    const said = fen(amount!.value);
    // a reason is asked for only where the provider says otherwise
    reason!.closest<HTMLElement>(".settle > *")!.hidden = !reason!.value && (said === null || said === Number(row.dataset.settle));
  }
}

if (form) {
  form.addEventListener("input", sums);
  form.addEventListener("change", sums); // a draft that was taken back
  sums();
}

export {};
