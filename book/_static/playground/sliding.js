// A window that the reader moves over an image by hand: a kernel, or pooling. The very functions of
// the playground compute and explain what comes of it.

import { places, product, run, SIDE } from "./network.js";
import { explained, GREY, largest, make, paint, SIGNED } from "./pictures.js";

/** @typedef {import("./network.js").Layer} Layer */

/**
 * Build it in an element.
 * @param {HTMLElement} root
 * @param {{image: number[], kernel: number[][] | null, size: number}} data 784 numbers from 0 to 1
 */
export function mountSliding(root, data) {
  const image = Float32Array.from(data.image);
  const side = data.kernel ? data.kernel.length : data.size;
  const layer = /** @type {Layer} */ (/** @type {unknown} */ ({
    kind: data.kernel ? "conv" : "pool", from: [0], name: "", title: "", how: "max", size: [side, side],
    strides: data.kernel ? [1, 1] : [side, side], dilation: [1, 1], groups: 1, padding: "valid", bias: false,
    weights: data.kernel ? [{ shape: [side, side, 1, 1], data: Float32Array.from(data.kernel.flat()) }] : [],
  }));
  const count = places([SIDE, SIDE, 1], layer)[0].count;
  layer.shape = [count, count, 1];
  const network = /** @type {import("./network.js").Network} */ (/** @type {unknown} */ ({ layers: [layer] }));
  const values = run(network, image);
  const most = largest(values[1].data);
  const visited = new Float32Array(product(layer.shape));
  let [row, column] = [Math.floor(count / 3), Math.floor(count / 2)];

  const kind = data.kernel ? "kernel" : "pooling window";
  const picture = make("canvas", {
    class: "pg-pixels pg-slide", tabindex: 0, role: "application",
    "aria-label": `An image with the ${kind} on it. Drag it, or move it with the arrow keys; the numbers are told below.`,
  });
  const windowFrame = make("div", { class: "pg-patch" });
  const map = make("canvas", { class: "pg-pixels pg-slide-map", role: "img", "aria-label": "What has come of it so far" });
  const mark = make("div", { class: "pg-patch" });
  const numbers = make("div", { class: "pg-numbers", "aria-live": "polite" });
  const fill = make("button", { type: "button" }, "Fill in the rest");
  const again = make("button", { type: "button" }, "Begin again");
  root.replaceChildren(
    make("div", { class: "pg-card" },
      make("div", { class: "pg-slides" },
        make("div", {}, make("p", { class: "pg-label" }, `Drag the ${kind}`), make("div", { class: "pg-eye-box" }, picture, windowFrame)),
        make("div", {}, make("p", { class: "pg-label" }, "What comes of it"), make("div", { class: "pg-eye-box" }, map, mark))),
      numbers, make("div", { class: "pg-tools" }, fill, again)),
  );
  paint(picture, { shape: [SIDE, SIDE, 1], data: image }, 1, GREY, 1);

  /** @param {HTMLElement} frame @param {number} top @param {number} left @param {number} size @param {number} whole */
  function place(frame, top, left, size, whole) {
    frame.style.top = `${(100 * top) / whole}%`;
    frame.style.left = `${(100 * left) / whole}%`;
    frame.style.width = frame.style.height = `${(100 * size) / whole}%`;
  }

  function show() {
    const at = row * count + column;
    visited[at] = 1;
    paint(map, { shape: layer.shape, data: values[1].data.map((number, k) => number * visited[k]) }, 1, SIGNED, most);
    place(windowFrame, row * layer.strides[0], column * layer.strides[1], side, SIDE);
    place(mark, row, column, 1, count);
    const where = make("p", {}, make("strong", {}, `Row ${row + 1}, column ${column + 1}`));
    numbers.replaceChildren(where, ...explained(layer, 1, at, values));
  }

  /** @param {number} down @param {number} right */
  function moveTo(down, right) {
    const within = (/** @type {number} */ x) => Math.max(0, Math.min(count - 1, x));
    [row, column] = [within(down), within(right)];
    show();
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    const box = picture.getBoundingClientRect();
    const middle = (/** @type {number} */ share) => Math.round((share * SIDE - side / 2) / layer.strides[0]);
    moveTo(middle((event.clientY - box.top) / box.height), middle((event.clientX - box.left) / box.width));
  }
  picture.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    picture.focus({ preventScroll: true });
    picture.setPointerCapture(event.pointerId);
    drag(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (picture.hasPointerCapture(event.pointerId)) drag(event);
  });
  picture.addEventListener("keydown", (event) => {
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
    });
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    moveTo(row + move[0], column + move[1]);
  });
  fill.addEventListener("click", () => {
    visited.fill(1);
    show();
  });
  again.addEventListener("click", () => {
    visited.fill(0);
    show();
  });
  show();
}
