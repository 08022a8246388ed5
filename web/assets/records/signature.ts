// A signature drawn with a finger, a pen or the mouse; beside it a photo of one on paper may be taken.
import SignaturePad from "signature_pad";

import { watch } from "./pictures";

document.querySelectorAll<HTMLElement>("[data-picture]:has(canvas)").forEach((box) => {
  const canvas = box.querySelector("canvas")!;
  const pad = new SignaturePad(canvas, { penColor: "#14213d", backgroundColor: "#ffffff", minWidth: 0.7, maxWidth: 2.2 });
  let dirty = false;

  // A canvas has its own pixels: as many as the screen's, and drawn again when the page is resized.
  function fit(): void {
    const { width, height } = canvas.getBoundingClientRect();
    const dots = Math.max(window.devicePixelRatio, 1);
    if (!width || canvas.width === Math.round(width * dots)) return;
    const drawn = pad.toData();
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    canvas.getContext("2d")!.scale(dots, dots);
    pad.fromData(drawn);
  }
  new ResizeObserver(fit).observe(canvas);
  fit();

  const changed = watch(box, {
    isDirty: () => dirty,
    toBlob: () => {
      dirty = false;
      return pad.isEmpty() ? Promise.resolve(null) : new Promise((done) => canvas.toBlob(done, "image/png"));
    },
  });
  pad.addEventListener("endStroke", () => {
    dirty = true;
    changed();
  });
  box.querySelector("[data-clear]")!.addEventListener("click", () => {
    pad.clear();
    dirty = true;
    changed();
  });
});
