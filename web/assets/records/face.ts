// Marks on the outline of a face: a tap or click sets one of the chosen kind; by keyboard the arrows move
// the pointer, Space sets a mark, Backspace takes the last one away. Kept as a picture.
import { watch } from "./pictures";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = { width: 600, height: 720 };

document.querySelectorAll<HTMLElement>("[data-picture]:has(svg.face)").forEach((box) => {
  const face = box.querySelector<SVGSVGElement>("svg.face")!;
  const marks = face.querySelector<SVGGElement>("[data-marks]")!;
  const pointer = face.querySelector<SVGGElement>("[data-pointer]")!;
  let dirty = false;
  const changed = watch(box, { isDirty: () => dirty, toBlob: picture });

  function set(x: number, y: number): void {
    const chosen = box.querySelector<HTMLInputElement>("[data-mark]:checked");
    if (!chosen) return;
    const sign = document.createElementNS(SVG, "text");
    const attributes = { x, y: y + 5, "text-anchor": "middle", "font-size": 16, "font-weight": 700, fill: "#b03a2a", "font-family": "sans-serif" };
    Object.entries(attributes).forEach(([name, value]) => sign.setAttribute(name, String(value)));
    sign.textContent = chosen.value;
    marks.append(sign);
    touched();
  }

  function undo(): void {
    marks.lastElementChild?.remove();
    touched();
  }

  function touched(): void {
    dirty = true;
    changed();
  }

  async function picture(): Promise<Blob | null> {
    dirty = false;
    if (!marks.childElementCount) return null;
    const copy = face.cloneNode(true) as SVGSVGElement;
    copy.querySelector("[data-pointer]")!.remove();
    copy.setAttribute("width", String(SIZE.width));
    copy.setAttribute("height", String(SIZE.height));
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    Object.assign(canvas, SIZE);
    const pen = canvas.getContext("2d")!;
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, SIZE.width, SIZE.height);
    pen.drawImage(image, 0, 0, SIZE.width, SIZE.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  face.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(face.getScreenCTM()!.inverse());
    set(Math.round(at.x), Math.round(at.y));
  });
  const place = { x: 100, y: 110 };
  face.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 15 : 5;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const move = moves[event.key];
    if (move) {
      place.x = Math.min(195, Math.max(5, place.x + move[0]));
      place.y = Math.min(235, Math.max(5, place.y + move[1]));
      pointer.setAttribute("transform", `translate(${place.x} ${place.y})`);
    } else if (event.key === " ") set(place.x, place.y);
    else if (event.key === "Backspace") undo();
    else return;
    event.preventDefault();
  });
  box.querySelector("[data-undo]")!.addEventListener("click", undo);
  box.querySelector("[data-clear]")!.addEventListener("click", () => {
    marks.replaceChildren();
    touched();
  });
});
