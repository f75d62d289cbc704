// What people see and touch: the drawing field, the answer, the layers. Text that comes from a file
// is only ever set as text, never as HTML.

import { EMPTY, PAPER, Paper, toMnist } from "./drawing.js";
import {
  checkedExamples, gradient, LARGEST_FILE, networkFrom, occlusion, places, probabilities, product, readNetwork, Refusal, run,
  setStep, SIDE,
} from "./network.js";
import { explainedRow, GREY, largest, make, mapShape, paint, short, SIGNED } from "./pictures.js";

/** @typedef {import("./drawing.js").Stroke} Stroke */
/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {import("./network.js").Tensor} Tensor */
/** @typedef {import("./network.js").Examples} Examples */

/** What a page brings along. @typedef {{models?: any[], neighbours?: any, folder?: string, choices?: {name: string, text: string}[]}} Data */

const PENS = { thin: 12, middle: 24, thick: 40 };
const SURE = 0.65; // as mnist_keras.evaluation has it
const STEP = 8; // of the keyboard's pen, in pixels of the paper
const MOST_ROWS = 30;
const NEAREST = 6;

/** @param {string} text @param {() => void} act @param {Record<string, string>} [attributes] */
function button(text, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** @param {number} x */
const percent = (x) => `${(100 * x).toFixed(x > 0.995 || x < 0.1 ? 1 : 0)} %`;

/** Read the images of a PNG. @param {Examples} examples @returns {Promise<Float32Array[]>} */
async function imagesOf(examples) {
  const picture = new Image();
  picture.src = `data:image/png;base64,${examples.images}`;
  await picture.decode();
  const canvas = make("canvas", { width: SIDE, height: SIDE * examples.index.length });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(picture, 0, 0);
  return examples.index.map((_, k) => {
    const { data } = context.getImageData(0, k * SIDE, SIDE, SIDE);
    return Float32Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at] / 255);
  });
}

/**
 * The rows of a network: the layers as Keras names them, and which results are theirs. A layer that
 * the network uses again has one row, of its first use; so has an image that is cut out several
 * times, for a network that looks more than once.
 * @param {Network} network
 */
function rowsOf(network) {
  /** @type {{name: string, title: string, first: number, last: number}[]} */
  const rows = [];
  network.layers.forEach((layer, k) => {
    const cutAgain = (/** @type {Layer} */ other) => other.kind === "frame" && other.from[0] === layer.from[0] && String(other.shape) === String(layer.shape);
    if (layer.like || (layer.kind === "frame" && network.layers.slice(0, k).some(cutAgain))) return;
    const before = rows[rows.length - 1];
    if (before && before.name === layer.name && layer.from.length === 1 && layer.from[0] === k) before.last = k + 1;
    else rows.push({ name: layer.name, title: layer.title, first: k + 1, last: k + 1 });
  });
  return rows.filter((row) => network.layers.slice(row.first - 1, row.last).some((layer) => layer.kind !== "reshape"));
}

/** @param {number[]} shape */
function described(shape) {
  const [height, width, maps] = mapShape(shape);
  const noun = maps === 1 ? "map" : "maps";
  return shape.length === 3 ? `${maps} ${noun} of ${height} × ${width}` : `${product(shape)} numbers`;
}

// ---- The playground ---------------------------------------------------------------------------

/**
 * Build the playground in an element.
 * @param {HTMLElement} root @param {Data} data
 */
export function mount(root, data) {
  const paper = new Paper();
  /** @type {Stroke[]} */
  let strokes = [];
  /** @type {Float32Array | null} a test image, instead of a drawing */
  let shown = null;
  /** @type {Network | null} */
  let network = null;
  /** @type {{image: Float32Array, values: Tensor[], answer: number[]} | null} */
  let result = null;
  /** @type {{network: Network, values: Tensor[]} | null} the last answer, whose memory is used again */
  let used = null;
  let problem = EMPTY;
  /** @type {keyof typeof PENS} */
  let pen = "middle";
  let mattered = "image";
  /** @type {{row: number, at: number} | null} the number that is looked into */
  let picked = null;
  /** @type {{images: Float32Array[], labels: number[], lengths: number[]}} with their lengths, as vectors */
  let near = { images: [], labels: [], lengths: [] };
  let cursor = { x: PAPER / 2, y: PAPER / 4, down: false, visible: false };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // -- Elements --
  const field = make("canvas", {
    class: "pg-field", width: PAPER, height: PAPER, tabindex: 0, role: "application",
    "aria-label": "Drawing field. Draw a digit with mouse, finger or pen. With the keyboard: arrow keys move the pen, space lowers and lifts it, Control Z takes a stroke back.",
  });
  const crosshair = make("div", { class: "pg-cursor", hidden: true });
  const invitation = make("p", { class: "pg-invitation", "aria-hidden": "true" }, "Draw a digit here");
  const eye = make("canvas", { class: "pg-eye pg-pixels", role: "img", "aria-label": "What the network sees: nothing yet" });
  const patch = make("div", { class: "pg-patch", hidden: true });
  const verdict = make("p", { class: "pg-verdict" });
  const badge = make("span", { class: "pg-badge", "aria-hidden": "true" });
  const explanation = make("p", { class: "pg-explanation" });
  const live = make("p", { class: "pg-hidden", role: "status" });
  const alert = make("p", { class: "pg-alert", role: "alert" });
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = make("span", { class: "pg-bar" });
    const value = make("span", { class: "pg-value" }, "–");
    const item = make("li", {}, make("span", { class: "pg-digit" }, String(digit)), make("span", { class: "pg-track" }, bar), value);
    return { item, bar, value };
  });
  const layers = make("div", { class: "pg-layers" });
  const inspector = make("div", { class: "pg-inspector", "aria-live": "polite" });
  const heading = make("p", { class: "pg-name" });
  const nearest = make("ul", { class: "pg-thumbs" });
  const examples = make("ul", { class: "pg-thumbs" });
  const examplesNote = make("p", { class: "pg-note" });
  const more = make("section", { class: "pg-card pg-more", "aria-label": "Test images", hidden: true },
    make("p", { class: "pg-label" }, "Or try a test image"), examplesNote, examples);
  const slider = make("input", { type: "range", min: 0, max: 0, value: 0, id: "pg-time" });
  const sliderText = make("output", { for: "pg-time", class: "pg-time-text" });
  const time = make("div", { class: "pg-time", hidden: true },
    make("label", { for: "pg-time" }, "Training time"), slider, sliderText);
  const eyeNote = make("p", { class: "pg-note" });
  const tools = {
    undo: button("Undo", undo),
    clear: button("Clear", clear),
    replay: button("Replay", replay),
  };

  /** @param {string} legend @param {string} name @param {[string, string][]} options @param {string} chosen @param {(value: any) => void} act */
  function choice(legend, name, options, chosen, act) {
    const group = make("fieldset", { class: "pg-choice" }, make("legend", {}, legend));
    for (const [value, text] of options) {
      const input = make("input", { type: "radio", name: `pg-${name}`, value, checked: value === chosen });
      input.addEventListener("change", () => act(value));
      group.append(make("label", {}, input, make("span", {}, text)));
    }
    return group;
  }

  const title = make("h2", { class: "pg-title" }, "Inside the network");
  const selectNetwork = make("select", { id: "pg-network" });
  const file = make("input", { type: "file", accept: ".json,application/json", class: "pg-hidden", id: "pg-file" });
  const choose = make("div", { class: "pg-choose" },
    make("label", { for: "pg-network" }, "Network"), selectNetwork,
    file, make("label", { for: "pg-file", class: "pg-button" }, "Load your model…"));
  const fieldBox = make("div", { class: "pg-paper" }, field, invitation, crosshair);
  root.replaceChildren(
    make("div", { class: "pg-head" }, data.choices ? choose : "", heading),
    alert,
    make("div", { class: "pg-main" },
      make("section", { class: "pg-card", "aria-label": "Your drawing" },
        make("p", { class: "pg-label" }, "Your drawing", badge), fieldBox,
        make("div", { class: "pg-tools" }, tools.undo, tools.clear, tools.replay),
        choice("Pen", "pen", [["thin", "thin"], ["middle", "middle"], ["thick", "thick"]], pen, (value) => (pen = value))),
      make("section", { class: "pg-card", "aria-label": "What the network sees" },
        make("p", { class: "pg-label" }, "What it sees"), make("div", { class: "pg-eye-box" }, eye, patch), eyeNote,
        choice("Show", "mattered", [["image", "the image"], ["gradient", "gradient"], ["occlusion", "occlusion"]], mattered, (value) => {
          mattered = value;
          showEye();
        }),
        make("p", { class: "pg-label" }, "Training images like it"), nearest),
      make("section", { class: "pg-card pg-answer", "aria-label": "The answer" },
        make("p", { class: "pg-label" }, "What it says"), verdict, explanation,
        make("ol", { class: "pg-bars", "aria-label": "Probability of each digit" }, ...bars.map((bar) => bar.item)), time)),
    live,
    more,
    make("section", { class: "pg-inside", "aria-label": "Layer by layer" }, title,
      make("p", { class: "pg-note" },
        "Each row is a layer. Violet is positive, orange negative, dark is zero. Tap a pixel to see how it was computed; with the keyboard, move with the arrow keys."),
      layers),
  );

  const fieldBrush = /** @type {CanvasRenderingContext2D} */ (field.getContext("2d"));
  const fieldPicture = fieldBrush.createImageData(PAPER, PAPER);
  const fieldPixels = new Uint32Array(fieldPicture.data.buffer);

  // -- Computing --
  let waiting = false;
  /** Update everything that is visible, once before the next picture is shown. */
  function changed() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      update();
    });
  }

  function update() {
    result = null;
    problem = "";
    /** @type {Float32Array | null} */
    let image = shown;
    if (!image) {
      const made = toMnist(paper);
      if ("problem" in made) problem = made.problem;
      else image = Float32Array.from(made.image, (grey) => grey / 255);
    }
    if (image && network) {
      const values = run(network, image, used?.network === network ? used.values : undefined);
      used = { network, values };
      const answer = probabilities(network, values);
      if (answer.every(Number.isFinite)) result = { image, values, answer };
      else problem = "The network answers no numbers.";
    }
    showField();
    showAnswer();
    showEye();
    showLayers();
    showNearest();
    announceLater();
  }

  // -- Showing --
  function showField() {
    const { left, top, right, bottom } = shown ? { left: 0, top: 0, right: PAPER, bottom: PAPER } : paper.changed;
    paper.changed = { left: PAPER, top: PAPER, right: 0, bottom: 0 };
    if (right > left) {
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const grey = shown ? Math.round(255 * shown[((y * SIDE) / PAPER | 0) * SIDE + ((x * SIDE) / PAPER | 0)]) : paper.ink[y * PAPER + x];
          fieldPixels[y * PAPER + x] = GREY[255 + grey];
        }
      }
      fieldBrush.putImageData(fieldPicture, 0, 0, left, top, right - left, bottom - top);
    }
    invitation.hidden = strokes.length > 0 || shown !== null;
    tools.undo.disabled = tools.clear.disabled = !strokes.length && !shown;
    tools.replay.disabled = !strokes.length || shown !== null;
    crosshair.hidden = !cursor.visible;
    crosshair.classList.toggle("pg-down", cursor.down);
    crosshair.style.left = `${(100 * cursor.x) / PAPER}%`;
    crosshair.style.top = `${(100 * cursor.y) / PAPER}%`;
  }

  function verdictText() {
    if (!result) return problem || "Choose a network.";
    const { answer } = result;
    const ranked = [...answer.keys()].sort((a, b) => answer[b] - answer[a]);
    if (answer[ranked[0]] >= SURE) return `It says ${ranked[0]}, ${percent(answer[ranked[0]])} sure.`;
    const close = answer[ranked[2]] >= 0.5 * answer[ranked[1]];
    const named = ranked.slice(0, close ? 3 : 2);
    return `It is not sure: ${named.slice(0, -1).join(", ")} or ${named[named.length - 1]}.`;
  }

  function showAnswer() {
    const best = result ? result.answer.indexOf(Math.max(...result.answer)) : -1;
    const sure = result !== null && result.answer[best] >= SURE;
    verdict.textContent = result ? (sure ? String(best) : "?") : "–";
    badge.textContent = result ? `${sure ? best : "?"} · ${percent(result.answer[best])}` : "";
    explanation.textContent = verdictText();
    bars.forEach(({ item, bar, value }, digit) => {
      const share = result ? result.answer[digit] : 0;
      bar.style.transform = `scaleX(${share})`;
      const text = result ? percent(share) : "–";
      if (value.textContent !== text) value.textContent = text;
      item.classList.toggle("pg-best", digit === best);
    });
  }

  /** @type {Iterator<undefined, Float32Array> | null} */
  let wiping = null;
  let wipingTimer = 0;

  function showEye() {
    clearTimeout(wipingTimer);
    wiping = null;
    if (!result) {
      paint(eye, { shape: [SIDE, SIDE, 1], data: new Float32Array(SIDE * SIDE) }, 1, GREY, 1);
      eye.setAttribute("aria-label", "What the network sees: nothing yet");
      eyeNote.textContent = "28 × 28 pixels, made as MNIST's images were.";
      return;
    }
    const best = result.answer.indexOf(Math.max(...result.answer));
    if (mattered === "image" || mattered === "occlusion") {
      paint(eye, { shape: [SIDE, SIDE, 1], data: result.image }, 1, GREY, 1);
      eye.setAttribute("aria-label", `What the network sees: your drawing in 28 by 28 pixels`);
      eyeNote.textContent = "28 × 28 pixels, made as MNIST's images were.";
    }
    if (mattered === "gradient" && network) {
      const slopes = gradient(network, result.values, best).map(Math.abs);
      paint(eye, { shape: [SIDE, SIDE, 1], data: slopes }, 1, SIGNED, largest(slopes));
      eye.setAttribute("aria-label", `Bright where a small change of a pixel changes the score of ${best} most`);
      eyeNote.textContent = `Bright: a little more or less ink here changes the score of ${best} most.`;
    }
    if (mattered === "occlusion" && network) {
      wiping = occlusion(network, result.image, best);
      eyeNote.textContent = "Wiping out square after square …";
      wipingTimer = window.setTimeout(wipe, 120, best);
    }
  }

  /** Go on with the occlusion for a few milliseconds, so that drawing never waits for it. @param {number} digit */
  function wipe(digit) {
    const end = performance.now() + 8;
    while (wiping && performance.now() < end) {
      const step = wiping.next();
      if (!step.done) continue;
      wiping = null;
      paint(eye, { shape: [SIDE, SIDE, 1], data: step.value }, 1, SIGNED, Math.max(0.02, largest(step.value)));
      eye.setAttribute("aria-label", `Violet where wiping out ink makes the network less sure of ${digit}, orange where more`);
      eyeNote.textContent = `Violet: without this part it is less sure of ${digit}. Orange: more sure.`;
    }
    if (wiping) wipingTimer = window.setTimeout(wipe, 0, digit);
  }

  /**
   * @typedef {{name: string, title: string, first: number, last: number, canvas: HTMLCanvasElement, mark: HTMLElement,
   *   box: HTMLElement, columns: number, dot: number, zoom: number, visible: boolean}} Row
   */
  /** @type {Row[]} */
  let rows = [];

  function buildRows() {
    picked = null;
    patch.hidden = true;
    inspector.remove();
    result = null; // another network's
    for (const row of rows) watcher.unobserve(row.canvas);
    if (!network) return;
    const { layers: operations } = network;
    const all = rowsOf(network);
    rows = all.slice(0, MOST_ROWS).map((row, number) => {
      const shape = operations[row.last - 1].shape;
      const canvas = make("canvas", {
        class: "pg-pixels", tabindex: 0, role: "application",
        "aria-label": `${row.title} ${row.name}: ${described(shape)}. Arrow keys choose a number; what it was computed from is told below.`,
      });
      const mark = make("div", { class: "pg-mark", hidden: true });
      const box = make("div", { class: "pg-row" },
        make("p", { class: "pg-row-name" }, make("strong", {}, row.title), ` ${row.name} · ${described(shape)}`),
        make("div", { class: "pg-sheet" }, canvas, mark));
      canvas.addEventListener("pointerdown", (event) => pickAt(number, event));
      canvas.addEventListener("keydown", (event) => pickByKey(number, event));
      return { ...row, canvas, mark, box, columns: 1, dot: 1, zoom: 1, visible: false };
    });
    const left = all.length - rows.length;
    layers.replaceChildren(...rows.map((row) => row.box));
    if (operations.some((layer) => layer.like)) {
      layers.append(make("p", { class: "pg-note" }, "Layers that the network uses several times are shown once, as they were first used."));
    }
    if (left) layers.append(make("p", { class: "pg-note" }, `And ${left} more, which are computed but not shown.`));
    arrange();
    for (const row of rows) {
      showRow(row); // once, so that each has its height
      watcher.observe(row.canvas);
    }
  }

  /** Let each row's maps fill the width. */
  function arrange() {
    const width = rows[0]?.canvas.parentElement?.clientWidth || 320;
    for (const row of rows) {
      const [height, across, maps] = mapShape(/** @type {Network} */ (network).layers[row.last - 1].shape);
      // Many maps are shown smaller, and small maps with narrow gaps between them.
      const tile = Math.min(height * across === 1 ? 14 : 58, Math.sqrt((width * 150) / maps));
      row.dot = Math.max(1, Math.round(10 / across));
      row.zoom = Math.max(1, Math.round((2 * tile) / (across * row.dot)) / 2);
      const wide = (across * row.dot + 1) * row.zoom;
      const most = Math.max(1, Math.floor((width + row.zoom) / wide));
      row.columns = Math.ceil(maps / Math.ceil(maps / most));
      row.canvas.style.width = `${row.columns * wide - row.zoom}px`;
    }
  }

  function showLayers() {
    for (const row of rows) if (row.visible) showRow(row);
    showPicked();
  }

  /** @param {Row} row */
  function showRow(row) {
    const shape = /** @type {Network} */ (network).layers[row.last - 1].shape;
    const value = result ? result.values[row.last] : { shape, data: new Float32Array(product(shape)) };
    paint(row.canvas, value, row.columns, SIGNED, largest(value.data), row.dot);
  }

  // Rows that nobody sees are painted when they come into view.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const row = rows.find((each) => each.canvas === entry.target);
      if (!row) continue;
      row.visible = entry.isIntersecting;
      if (row.visible) showRow(row);
    }
  }, { rootMargin: "100px" });

  function showNearest() {
    if (!near.images.length) return;
    if (!result) {
      nearest.replaceChildren(make("li", { class: "pg-note" }, "Draw, and the most similar of 300 training images appear here."));
      return;
    }
    const { image } = result;
    const inked = Uint16Array.from([...image.keys()].filter((at) => image[at] > 0)); // elsewhere, products are 0
    const ranked = near.images
      .map((other, k) => {
        let sum = 0;
        for (let j = 0; j < inked.length; j++) sum += image[inked[j]] * other[inked[j]];
        return { k, alike: sum / near.lengths[k] };
      })
      .sort((a, b) => b.alike - a.alike)
      .slice(0, NEAREST);
    while (nearest.children.length > NEAREST || nearest.querySelector(".pg-note")) nearest.firstChild?.remove();
    ranked.forEach(({ k }, place) => {
      if (!nearest.children[place]) nearest.append(thumbnail());
      const item = /** @type {HTMLElement} */ (nearest.children[place]);
      if (item.dataset.shown === String(k)) return;
      item.dataset.shown = String(k);
      const canvas = /** @type {HTMLCanvasElement} */ (item.querySelector("canvas"));
      paint(canvas, { shape: [SIDE, SIDE, 1], data: near.images[k] }, 1, GREY, 1);
      canvas.setAttribute("aria-label", `A training image: ${near.labels[k]}`);
      /** @type {HTMLElement} */ (item.querySelector("span")).textContent = String(near.labels[k]);
    });
  }

  function thumbnail() {
    return make("li", {}, make("canvas", { class: "pg-pixels", role: "img" }), make("span", {}));
  }

  let announced = "";
  let announcement = 0;
  function announceLater() {
    clearTimeout(announcement);
    announcement = window.setTimeout(() => {
      const text = verdictText();
      if (text !== announced) live.textContent = announced = text;
    }, 600);
  }

  // -- Looking into a number --
  /** @param {number} row @param {PointerEvent} event */
  function pickAt(row, event) {
    const { canvas, columns, dot } = rows[row];
    const box = canvas.getBoundingClientRect();
    const [height, width, maps] = mapShape(/** @type {Network} */ (network).layers[rows[row].last - 1].shape);
    const x = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
    const [tall, wide] = [height * dot + 1, width * dot + 1];
    const map = Math.floor(y / tall) * columns + Math.floor(x / wide);
    const inX = Math.min(width - 1, Math.floor((x % wide) / dot));
    const inY = Math.min(height - 1, Math.floor((y % tall) / dot));
    if (map < maps) pick(row, (inY * width + inX) * maps + map);
  }

  /** @param {number} row @param {KeyboardEvent} event */
  function pickByKey(row, event) {
    const [height, width, maps] = mapShape(/** @type {Network} */ (network).layers[rows[row].last - 1].shape);
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
    });
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const at = picked && picked.row === row ? picked.at : null;
    if (at === null) {
      pick(row, (Math.floor(height / 2) * width + Math.floor(width / 2)) * maps);
      return;
    }
    const { columns } = rows[row];
    const map = at % maps;
    const place = Math.floor(at / maps);
    let y = Math.floor(map / columns) * height + Math.floor(place / width) + move[0];
    let x = (map % columns) * width + (place % width) + move[1];
    y = Math.max(0, y);
    x = Math.max(0, Math.min(columns * width - 1, x));
    const next = Math.floor(y / height) * columns + Math.floor(x / width);
    if (next < maps) pick(row, ((y % height) * width + (x % width)) * maps + next);
  }

  /** @param {number} row @param {number} at */
  function pick(row, at) {
    picked = { row, at };
    rows[row].box.after(inspector);
    showPicked();
  }

  function showPicked() {
    for (const row of rows) row.mark.hidden = true;
    patch.hidden = true;
    if (!picked || !network) return;
    const row = rows[picked.row];
    const layer = network.layers[row.last - 1];
    const [height, width, maps] = mapShape(layer.shape);
    const map = picked.at % maps;
    const place = Math.floor(picked.at / maps);
    const [y, x] = [Math.floor(place / width), place % width];
    row.mark.hidden = false;
    row.mark.style.left = `${((map % row.columns) * (width * row.dot + 1) + x * row.dot) * row.zoom}px`;
    row.mark.style.top = `${(Math.floor(map / row.columns) * (height * row.dot + 1) + y * row.dot) * row.zoom}px`;
    row.mark.style.width = row.mark.style.height = `${row.dot * row.zoom}px`;
    const seen = fieldOf(network, row.last, layer.shape.length === 3 ? { top: y, bottom: y + 1, left: x, right: x + 1 } : null);
    patch.hidden = false;
    patch.style.left = `${(100 * seen.left) / SIDE}%`;
    patch.style.top = `${(100 * seen.top) / SIDE}%`;
    patch.style.width = `${(100 * (seen.right - seen.left)) / SIDE}%`;
    patch.style.height = `${(100 * (seen.bottom - seen.top)) / SIDE}%`;
    if (!result) {
      inspector.replaceChildren(make("p", {}, "Draw a digit first; then this says how the number was computed."));
      return;
    }
    const where = layer.shape.length === 3 ? `map ${map + 1}, row ${y + 1}, column ${x + 1}` : `number ${picked.at + 1}`;
    inspector.replaceChildren(
      make("p", { class: "pg-inspected" }, make("strong", {}, `${row.title} ${row.name}, ${where}`), ` = ${short(result.values[row.last].data[picked.at])}`),
    );
    inspector.append(...explainedRow(network.layers, row, picked.at, result.values));
  }

  // -- Drawing --
  /** @param {{clientX: number, clientY: number}} event */
  function placeOf(event) {
    const box = field.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * PAPER, y: ((event.clientY - box.top) / box.height) * PAPER, t: performance.now() };
  }

  /** @param {{x: number, y: number, t: number}} point */
  function begin(point) {
    stopReplay();
    if (shown) {
      shown = null;
      strokes = [];
      paper.clear();
    }
    strokes.push({ width: PENS[pen], points: [point] });
    paper.line(point, point, PENS[pen]);
    changed();
  }

  /** @param {{x: number, y: number, t: number}} point */
  function goOn(point) {
    const stroke = strokes[strokes.length - 1];
    paper.line(stroke.points[stroke.points.length - 1], point, stroke.width);
    stroke.points.push(point);
    changed();
  }

  let drawing = -1; // the pointer that draws
  field.addEventListener("pointerdown", (event) => {
    if (drawing >= 0 || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    drawing = event.pointerId;
    try {
      field.setPointerCapture(event.pointerId);
    } catch {
      /* the pointer is gone already */
    }
    cursor = { ...cursor, down: false, visible: false };
    begin(placeOf(event));
  });
  field.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) goOn(placeOf(each));
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    field.addEventListener(name, (event) => {
      if (event.pointerId === drawing) drawing = -1;
    });
  }

  field.addEventListener("keydown", (event) => {
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    });
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      undo();
    } else if (event.key === " ") {
      event.preventDefault();
      cursor = { ...cursor, visible: true, down: !cursor.down };
      if (cursor.down) begin({ x: cursor.x, y: cursor.y, t: performance.now() });
      live.textContent = cursor.down ? "Pen down." : "Pen up.";
      changed();
    } else if (event.key === "Escape") {
      cursor = { ...cursor, down: false };
      changed();
    } else if (moves[event.key]) {
      event.preventDefault();
      const far = STEP * (event.shiftKey ? 4 : 1);
      const [dx, dy] = moves[event.key];
      const within = (/** @type {number} */ at) => Math.max(0, Math.min(PAPER, at));
      cursor = { ...cursor, visible: true, x: within(cursor.x + dx * far), y: within(cursor.y + dy * far) };
      if (cursor.down) goOn({ x: cursor.x, y: cursor.y, t: performance.now() });
      changed();
    }
  });
  field.addEventListener("blur", () => {
    cursor = { ...cursor, down: false, visible: false };
    changed();
  });

  function undo() {
    stopReplay();
    if (!shown) strokes.pop();
    shown = null;
    cursor.down = false;
    paper.show(strokes);
    changed();
  }

  function clear() {
    stopReplay();
    shown = null;
    strokes = [];
    cursor.down = false;
    paper.clear();
    changed();
  }

  let replaying = 0;
  function stopReplay() {
    if (!replaying) return;
    clearTimeout(replaying);
    replaying = 0;
    paper.show(strokes);
    changed();
  }

  /** Draw the strokes again, as fast as they were drawn, but in three seconds at most. */
  function replay() {
    stopReplay();
    const points = strokes.flatMap((stroke, k) => stroke.points.map((point, j) => ({ stroke, k, j, t: point.t })));
    if (!points.length) return;
    paper.clear();
    // A pause between two strokes counts for little.
    let clock = 0;
    const times = points.map((point, at) => (clock += at ? Math.min(120, Math.max(0, point.t - points[at - 1].t)) : 0));
    const faster = Math.max(1, clock / 3000);
    let next = 0;
    const begun = performance.now();
    const step = () => {
      const now = (performance.now() - begun) * faster;
      // Who wants little motion sees whole strokes appear.
      const due = (/** @type {number} */ at) => (calm.matches ? points[at].k * 500 * faster <= now : times[at] <= now);
      while (next < points.length && due(next)) {
        const { stroke, j } = points[next++];
        paper.line(stroke.points[Math.max(0, j - 1)], stroke.points[j], stroke.width);
      }
      changed();
      replaying = next < points.length ? window.setTimeout(step, 16) : 0;
    };
    step();
  }

  // -- Networks --
  /** @param {Network} chosen */
  async function use(chosen) {
    network = chosen;
    alert.textContent = "";
    heading.textContent = "";
    heading.append(make("strong", {}, chosen.name), ` · ${chosen.parameters.toLocaleString("en")} parameters`);
    slider.max = String(chosen.steps.length - 1);
    slider.value = slider.max;
    time.hidden = chosen.steps.length < 2;
    setStep(chosen, chosen.steps.length - 1);
    showTime();
    buildRows();
    examples.replaceChildren();
    examplesNote.textContent = "";
    more.hidden = !chosen.examples;
    update();
    if (!chosen.examples) return;
    const own = chosen.examples;
    try {
      const images = await imagesOf(own);
      if (network === chosen) showExamples(own, images);
    } catch {
      alert.textContent = "The file's images cannot be read.";
    }
  }

  /** @param {Examples} own @param {Float32Array[]} images */
  function showExamples(own, images) {
    examplesNote.textContent = own.mistakes
      ? `Of the first ${own.examined.toLocaleString("en")} test images it gets ${own.mistakes} wrong. ${own.wrong} of them come first, in orange frames.`
      : `Of the first ${own.examined.toLocaleString("en")} test images it gets none wrong.`;
    examples.replaceChildren(
      ...images.map((image, k) => {
        const canvas = make("canvas", { class: "pg-pixels", "aria-hidden": "true" });
        paint(canvas, { shape: [SIDE, SIDE, 1], data: image }, 1, GREY, 1);
        const wrong = k < own.wrong;
        const show = button("", () => {
          stopReplay();
          shown = image;
          changed();
        }, { class: wrong ? "pg-wrong" : "", "aria-label": `Test image ${own.index[k]}: a ${own.label[k]}${wrong ? ", which it gets wrong" : ""}` });
        show.append(canvas, make("span", {}, String(own.label[k])));
        return make("li", {}, show);
      }),
    );
  }

  function showTime() {
    sliderText.textContent = network ? network.steps[Number(slider.value)].label : "";
    slider.setAttribute("aria-valuetext", sliderText.textContent);
  }
  slider.addEventListener("input", () => {
    if (!network) return;
    setStep(network, Number(slider.value));
    showTime();
    changed();
  });

  /** @param {unknown} error */
  function refuse(error) {
    alert.textContent = error instanceof Refusal ? error.message : "This model cannot be shown.";
  }

  /** @type {Map<string, Network>} */
  const known = new Map();

  /** @param {Network} made @param {string} text */
  function offer(made, text) {
    let key = made.name;
    for (let k = 2; known.has(key); k++) key = `${made.name} (${k})`;
    known.set(key, made);
    selectNetwork.append(make("option", { value: key }, text || key));
    return key;
  }

  file.addEventListener("change", async () => {
    const given = file.files?.[0];
    if (!given) return;
    try {
      if (given.size > LARGEST_FILE) throw new Refusal("The file is too large for a model of digits.");
      const made = readNetwork(await given.text());
      selectNetwork.value = offer(made, `${made.name}, your model`);
      await use(made);
    } catch (error) {
      refuse(error);
    }
    file.value = "";
  });

  /** Fetch one of the site's networks: by a script, which also works where pages are opened as files. @param {string} name */
  async function fetchNetwork(name) {
    const made = known.get(name);
    if (made) return made;
    const content = await new Promise((resolve, reject) => {
      /** @type {any} */ (globalThis).playgroundNetwork = resolve;
      const script = make("script", { src: `${data.folder}${encodeURIComponent(name)}.js` });
      script.onerror = () => reject(new Refusal("The network could not be loaded. Is the page still online?"));
      document.head.append(script);
    });
    const fetched = networkFrom(content);
    known.set(name, fetched);
    return fetched;
  }

  async function chooseNetwork() {
    try {
      await use(await fetchNetwork(selectNetwork.value));
    } catch (error) {
      refuse(error);
    }
  }
  selectNetwork.addEventListener("change", chooseNetwork);

  // -- Beginning --
  async function start() {
    try {
      const made = (data.models ?? []).map(networkFrom);
      for (const each of made) offer(each, "");
      for (const { name, text } of data.choices ?? []) selectNetwork.append(make("option", { value: name }, text));
      const asked = decodeURIComponent(location.hash.slice(1));
      if ((data.choices ?? []).some((each) => each.name === asked)) selectNetwork.value = asked;
      if (made.length) await use(made[0]);
      else if (data.choices) await chooseNetwork();
      else update();
    } catch (error) {
      refuse(error);
      update();
    }
    if (!data.neighbours) return;
    const given = checkedExamples(data.neighbours);
    const images = await imagesOf(given);
    const lengths = images.map((image) => Math.sqrt(image.reduce((sum, grey) => sum + grey * grey, 0)));
    near = { images, labels: given.label, lengths };
    showNearest();
  }

  window.addEventListener("resize", () => {
    arrange();
    rows.forEach(showRow);
    showPicked();
  });
  const ready = start();

  return {
    ready,
    /** Draw strokes, and update at once. @param {Stroke[]} given */
    draw(given) {
      stopReplay();
      shown = null;
      strokes = given;
      paper.show(strokes);
      update();
    },
    /** Move the pen, and update at once. @param {{x: number, y: number, t: number}} point @param {boolean} first */
    extend(point, first) {
      if (first) begin(point);
      else goOn(point);
      update();
    },
    update,
    state: () => ({
      problem, answer: result?.answer ?? null, image: result ? [...result.image] : null,
      strokes: strokes.length, network: network?.name ?? null, verdict: verdictText(),
    }),
  };
}

// ---- What a number can have seen --------------------------------------------------------------

/** @typedef {{top: number, bottom: number, left: number, right: number}} Region */

/**
 * The part of the image that a number can have seen.
 * @param {Network} network @param {number} node @param {Region | null} region in the node's maps; null for all
 * @returns {Region}
 */
export function fieldOf(network, node, region) {
  const whole = { top: 0, bottom: SIDE, left: 0, right: SIDE };
  if (node === 0) return region ?? whole;
  const layer = network.layers[node - 1];
  const seen = layer.from.map((from) => {
    const input = from ? network.layers[from - 1].shape : [SIDE, SIDE, 1];
    if (!region || layer.kind === "reshape" || input.length !== 3) return fieldOf(network, from, null);
    let { top, bottom, left, right } = region;
    if (layer.kind === "conv" || layer.kind === "pool") {
      const [first, second] = places(input, layer);
      const reach = [0, 1].map((k) => (layer.size[k] - 1) * layer.dilation[k] + 1);
      [top, bottom] = [top * layer.strides[0] - first.before, (bottom - 1) * layer.strides[0] - first.before + reach[0]];
      [left, right] = [left * layer.strides[1] - second.before, (right - 1) * layer.strides[1] - second.before + reach[1]];
    }
    if (layer.kind === "upright") [top, bottom, left, right] = [0, input[0], 0, input[1]]; // which all tell the slant
    if (layer.kind === "frame") {
      [top, bottom, left, right] = [top - layer.edges[0], bottom - layer.edges[0], left - layer.edges[2], right - layer.edges[2]];
    }
    return fieldOf(network, from, {
      top: Math.max(0, top), bottom: Math.min(input[0], bottom), left: Math.max(0, left), right: Math.min(input[1], right),
    });
  });
  return {
    top: Math.min(...seen.map((each) => each.top)), bottom: Math.max(...seen.map((each) => each.bottom)),
    left: Math.min(...seen.map((each) => each.left)), right: Math.max(...seen.map((each) => each.right)),
  };
}
