// Pictures of numbers: maps of pixels, coloured tables, and how a number was computed in words.

import { eachBeside, eachInWindow, leaning, places, product } from "./network.js";

/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {import("./network.js").Tensor} Tensor */

const LARGEST_TABLE = 7; // a larger window is not written out in numbers

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, string | boolean | number>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** @param {number} x */
export function short(x) {
  if (Number.isInteger(x)) return String(x).replace("-", "−");
  const size = Math.abs(x);
  return x.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "−");
}

// ---- Colours: violet is positive, orange negative, as in all figures of the course ------------

const RAMPS = {
  up: [[6, 8, 13], [72, 52, 138], [150, 132, 210], [246, 241, 255]],
  down: [[6, 8, 13], [140, 66, 8], [240, 160, 74], [255, 240, 217]],
  grey: [[6, 8, 13], [255, 255, 255]],
};

/** Colours for numbers from −1 to 1, in steps of 1/255. @param {number[][]} up @param {number[][]} down */
function palette(up, down) {
  const colours = new Uint32Array(511);
  for (let k = -255; k <= 255; k++) {
    const ramp = k < 0 ? down : up;
    const at = (Math.abs(k) / 255) * (ramp.length - 1);
    const low = Math.min(Math.floor(at), ramp.length - 2);
    const [r, g, b] = [0, 1, 2].map((c) => Math.round(ramp[low][c] + (at - low) * (ramp[low + 1][c] - ramp[low][c])));
    colours[k + 255] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return colours;
}

export const SIGNED = palette(RAMPS.up, RAMPS.down);
export const GREY = palette(RAMPS.grey, RAMPS.grey);

/** Colours of a table's cell, with text that can be read on it. @param {number} share from −1 to 1 */
function cellColours(share) {
  const colour = SIGNED[255 + Math.round(255 * Math.max(-1, Math.min(1, share || 0)))];
  const parts = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const [r, g, b] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return { back: `rgb(${parts.join(" ")})`, text: light > 0.179 ? "#000" : "#fff" };
}

/**
 * What a canvas was painted with last: its memory is used again for the next picture.
 * @type {WeakMap<HTMLCanvasElement, {context: CanvasRenderingContext2D, picture: ImageData, pixels: Uint32Array}>}
 */
const painted = new WeakMap();

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function brushOf(canvas, width, height) {
  const before = painted.get(canvas);
  if (before && before.picture.width === width && before.picture.height === height) return before;
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(width, height);
  const brush = { context, picture, pixels: new Uint32Array(picture.data.buffer) };
  painted.set(canvas, brush);
  return brush;
}

/**
 * Paint maps beside and below each other, a pixel apart.
 * @param {HTMLCanvasElement} canvas @param {Tensor} tensor its last axis counts the maps @param {number} columns
 * @param {Uint32Array} colours @param {number} most what gets the strongest colour
 * @param {number} [dot] pixels of the canvas for one number, along each side
 */
export function paint(canvas, tensor, columns, colours, most, dot = 1) {
  const [height, width, maps] = mapShape(tensor.shape);
  const [tall, wide] = [height * dot + 1, width * dot + 1];
  const across = columns * wide - 1;
  const down = Math.ceil(maps / columns) * tall - 1;
  const { context, picture, pixels } = brushOf(canvas, across, down);
  const scale = most > 0 ? 255 / most : 0;
  const { data } = tensor;
  for (let map = 0; map < maps; map++) {
    const start = Math.floor(map / columns) * tall * across + (map % columns) * wide;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const share = data[(y * width + x) * maps + map] * scale;
        const colour = colours[share > 255 ? 510 : share < -255 ? 0 : (share + 255.5) | 0];
        if (dot === 1) {
          pixels[start + y * across + x] = colour;
          continue;
        }
        for (let k = 0; k < dot; k++) {
          const from = start + (y * dot + k) * across + x * dot;
          pixels.fill(colour, from, from + dot);
        }
      }
    }
  }
  context.putImageData(picture, 0, 0);
}

/** Rows, columns and maps of any tensor: what is no map is a single pixel. @param {number[]} shape */
export function mapShape(shape) {
  return shape.length === 3 ? shape : [1, 1, product(shape)];
}

/** @param {Float32Array} data */
export function largest(data) {
  let most = 0;
  for (let at = 0; at < data.length; at++) {
    if (data[at] > most) most = data[at];
    else if (-data[at] > most) most = -data[at];
  }
  return most;
}

// ---- How a number was computed ----------------------------------------------------------------

/**
 * A small table of numbers, coloured.
 * @param {string} caption @param {number[][]} numbers @param {number} most @param {(y: number, x: number) => boolean} [chosen]
 */
function grid(caption, numbers, most, chosen = () => false) {
  const body = make("tbody", {}, ...numbers.map((row, y) => make("tr", {}, ...row.map((number, x) => {
    const cell = make("td", chosen(y, x) ? { class: "pg-chosen" } : {}, Number.isNaN(number) ? "·" : short(number));
    const { back, text } = cellColours(most > 0 ? number / most : 0);
    cell.style.background = back;
    cell.style.color = text;
    return cell;
  }))));
  return make("table", { class: "pg-grid" }, make("caption", {}, caption), body);
}

/** @param {number[][]} numbers */
const largestOf = (numbers) => Math.max(0, ...numbers.flat().filter((x) => !Number.isNaN(x)).map(Math.abs));

/**
 * Explain a number of a row: elements to show, one operation after another. All keep the number's
 * place, but for a separable layer's first: its maps are mixed by the second, so the one that counts
 * most is explained.
 * @param {Layer[]} layers @param {{first: number, last: number}} row @param {number} at @param {Tensor[]} values
 * @returns {Node[]}
 */
export function explainedRow(layers, { first, last }, at, values) {
  const say = (/** @type {string} */ text) => make("p", {}, text);
  /** @type {Node[]} */
  const found = [];
  for (let node = first; node <= last; node++) {
    const mixing = node < last && layers[node].kind === "conv" ? layers[node] : null;
    if (!mixing) {
      found.push(...explained(layers[node - 1], node, at, values));
      continue;
    }
    const { shape, data } = values[node];
    const [maps, filters] = [shape[2], mixing.shape[2]];
    const here = Math.floor(at / filters) * maps;
    const shares = Float32Array.from({ length: maps }, (_, map) => Math.abs(data[here + map] * mixing.weights[0].data[map * filters + (at % filters)]));
    const most = shares.indexOf(largest(shares));
    found.push(
      say(`First, each map has a kernel of its own. Map ${most + 1} of ${maps} counts most here:`),
      ...explained(layers[node - 1], node, here + most, values),
      say("Then the maps are added, each with its weight:"),
    );
  }
  return found;
}

/**
 * Explain a number of an operation: elements to show.
 * @param {Layer} layer @param {number} node @param {number} at @param {Tensor[]} values
 * @returns {Node[]}
 */
export function explained(layer, node, at, values) {
  const value = values[node].data[at];
  const inputs = layer.from.map((from) => values[from]);
  const say = (/** @type {string} */ text) => make("p", {}, text);
  switch (layer.kind) {
    case "conv":
      return explainedConvolution(layer, at, inputs[0], value);
    case "dense": {
      const [size, units] = layer.weights[0].shape;
      const start = Math.floor(at / units) * size;
      const parts = Array.from({ length: size }, (_, k) => {
        const [number, weight] = [inputs[0].data[start + k], layer.weights[0].data[k * units + (at % units)]];
        return { k, number, weight, product: number * weight };
      }).sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
      const shown = parts.slice(0, 5);
      const rest = parts.slice(5).reduce((sum, part) => sum + part.product, 0);
      const bias = layer.bias ? layer.weights[1].data[at % units] : 0;
      return [
        make("ul", {}, ...shown.map((part) => make("li", {}, `number ${part.k + 1}: ${short(part.number)} × weight ${short(part.weight)} = ${short(part.product)}`))),
        say(`These are the largest of ${size} products. All others together give ${short(rest)}, the bias is ${short(bias)}: the sum is ${short(value)}.`),
      ];
    }
    case "pool": {
      /** @type {number[]} */
      const seen = [];
      eachInWindow(layer, inputs[0].shape, at, (from) => void seen.push(inputs[0].data[from]));
      const across = Math.min(layer.size[1], seen.length);
      const numbers = Array.from({ length: Math.ceil(seen.length / across) }, (_, y) => seen.slice(y * across, (y + 1) * across));
      const first = seen.indexOf(value);
      const table = grid("What it saw", numbers, largestOf(numbers), (y, x) => layer.how === "max" && y * across + x === first);
      const text = layer.how === "max" ? `Of ${seen.length} numbers, the largest is kept: ${short(value)}.` : `The mean of ${seen.length} numbers is ${short(value)}.`;
      return seen.length <= LARGEST_TABLE ** 2 ? [make("div", { class: "pg-sum" }, table), say(text)] : [say(text)];
    }
    case "affine": {
      const channel = at % layer.weights[0].data.length;
      return [say(`${short(inputs[0].data[at])} × ${short(layer.weights[0].data[channel])} + ${short(layer.weights[1].data[channel])} = ${short(value)}`)];
    }
    case "normalize":
      return [say(`${short(inputs[0].data[at])}, compared with the mean and the spread of its neighbours, becomes ${short(value)}.`)];
    case "activation":
      return [say(`Then ${layer.how.replaceAll("_", " ")}: ${short(inputs[0].data[at])} becomes ${short(value)}.`)];
    case "combine":
      if (layer.how === "concatenate") return [say(`It is taken over as it is: ${short(value)}.`)];
      return [say(`${layer.how} of ${inputs.map((input) => short(input.data[at])).join(", ")} gives ${short(value)}.`)];
    case "frame":
      return [say(value === 0 ? "At the edge, zeros are added or pixels cut off." : `It is taken over as it is: ${short(value)}.`)];
    case "upright": {
      const { slant, middle } = leaning(inputs[0]);
      const moved = slant * (Math.floor(at / layer.shape[1]) - middle);
      /** @type {string[]} */
      const parts = [];
      eachBeside(inputs[0], at, slant, middle, (from, share) => void parts.push(`${short(share)} × ${short(inputs[0].data[from])}`));
      return [
        say(`From a row to the one below, the ink moves ${short(Math.abs(slant))} pixels to the ${slant < 0 ? "left" : "right"}. To stand it upright, this row is moved ${short(Math.abs(moved))} pixels to the ${moved < 0 ? "right" : "left"}.`),
        say(parts.length ? `So this pixel lay between two: ${parts.join(" + ")} = ${short(value)}.` : "So this pixel lay beyond the edge, where there is no ink."),
      ];
    }
    default:
      return [];
  }
}

/** @param {Layer} layer @param {number} at @param {Tensor} input @param {number} value @returns {Node[]} */
function explainedConvolution(layer, at, input, value) {
  const [height, width, channels] = input.shape;
  const filters = layer.shape[2];
  const filter = at % filters;
  const [first, second] = places(input.shape, layer);
  const row = Math.floor(at / filters / layer.shape[1]) * layer.strides[0] - first.before;
  const column = (Math.floor(at / filters) % layer.shape[1]) * layer.strides[1] - second.before;
  const inGroup = channels / layer.groups;
  const group = Math.floor(filter / (filters / layer.groups));
  const [rows, columns] = [[...Array(layer.size[0]).keys()], [...Array(layer.size[1]).keys()]];
  const parts = Array.from({ length: inGroup }, (_, c) => {
    const seen = rows.map((ky) => columns.map((kx) => {
      const [y, x] = [row + ky * layer.dilation[0], column + kx * layer.dilation[1]];
      return y < 0 || y >= height || x < 0 || x >= width ? 0 : input.data[(y * width + x) * channels + group * inGroup + c];
    }));
    const kernel = rows.map((ky) => columns.map((kx) => layer.weights[0].data[((ky * columns.length + kx) * inGroup + c) * filters + filter]));
    const products = seen.map((line, ky) => line.map((number, kx) => number * kernel[ky][kx]));
    return { map: group * inGroup + c, seen, kernel, products, sum: products.flat().reduce((sum, each) => sum + each, 0) };
  }).sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  const shown = Math.max(...layer.size) <= LARGEST_TABLE ? parts.slice(0, 3) : [];
  const bias = layer.bias ? layer.weights[1].data[filter] : 0;
  const most = largestOf(shown.flatMap((part) => part.seen));
  const strongest = largestOf(shown.flatMap((part) => part.kernel));
  const heaviest = largestOf(shown.flatMap((part) => part.products));
  const tables = shown.map((part) => make("div", { class: "pg-sum" },
    grid(inGroup > 1 ? `Map ${part.map + 1} there` : "What it saw", part.seen, most), make("span", { class: "pg-sign" }, "×"),
    grid("Kernel", part.kernel, strongest), make("span", { class: "pg-sign" }, "="),
    grid("Products", part.products, heaviest), make("span", { class: "pg-sign" }, `sum ${short(part.sum)}`)));
  const rest = parts.slice(shown.length).reduce((sum, part) => sum + part.sum, 0);
  const others = inGroup > shown.length ? `The other ${inGroup - shown.length} of ${inGroup} maps give ${short(rest)}. ` : "";
  const biased = layer.bias ? `The bias is ${short(bias)}. ` : "";
  return [...tables, make("p", {}, `${others}${biased}All together: ${short(value)}.`)];
}
