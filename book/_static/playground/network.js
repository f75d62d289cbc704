// A neural network in plain JavaScript: it reads a model file, answers for an image, and says how
// much each pixel mattered. It needs no library, and nothing here knows about the page.

/**
 * An array of numbers with a shape, such as [13, 13, 32]: rows, columns, feature maps.
 * @typedef {{shape: number[], data: Float32Array}} Tensor
 */

/**
 * One operation: `from` numbers its inputs (0 is the image), `weights` are its arrays. Where the
 * network uses a layer again, `like` numbers the operation whose arrays it has; elsewhere it is 0.
 * @typedef {{
 *   kind: "conv" | "pool" | "affine" | "normalize" | "dense" | "reshape" | "frame" | "upright" | "combine" | "activation",
 *   from: number[], like: number, name: string, title: string, shape: number[], weights: Tensor[],
 *   size: number[], strides: number[], dilation: number[], groups: number, padding: string,
 *   how: string, axis: number, axes: number, epsilon: number, edges: number[], bias: boolean,
 *   slope: number, threshold: number, most: number, alpha: number
 * }} Layer
 */

/**
 * @typedef {{
 *   name: string, parameters: number, answers: "probabilities" | "logits" | "estimates",
 *   layers: Layer[], steps: {label: string, weights: Tensor[][]}[], examples: Examples | null
 * }} Network
 */

/**
 * Images of 28 × 28 pixels below each other in a PNG, with what is known of each.
 * @typedef {{index: number[], label: number[], images: string, wrong: number, examined: number, mistakes: number}} Examples
 */

export const SIDE = 28;
export const LARGEST_FILE = 40e6; // bytes
const MOST_LAYERS = 1000;
const MOST_NUMBERS = 8e6; // weights of a network, or numbers that it computes for an image
const MOST_WORK = 3e8; // multiplications for an image
const STEEPEST = 0.7; // columns a row, as mnist_keras.upright has it

/** What is wrong with a model file, in one line for its reader. */
export class Refusal extends Error {}

// ---- Reading a model file: nothing in it is believed ------------------------------------------

/**
 * Read a model file's text.
 * @param {string} text
 * @returns {Network}
 */
export function readNetwork(text) {
  if (text.length > LARGEST_FILE) throw new Refusal("The file is too large for a model of digits.");
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Refusal("This is not a model file: it is damaged, or cut off. Write it again with mnist-keras export-web.");
  }
  return networkFrom(content);
}

/**
 * Make a network of a model file's content.
 * @param {any} content
 * @returns {Network}
 */
export function networkFrom(content) {
  if (content?.format !== "mnist-keras playground") {
    throw new Refusal("This is not a model file. Write one with mnist-keras export-web.");
  }
  if (content.version !== 1) {
    throw new Refusal("This model file was written by another release; write it again with mnist-keras export-web.");
  }
  if (!Array.isArray(content.layers) || content.layers.length < 1 || content.layers.length > MOST_LAYERS) {
    const count = Array.isArray(content.layers) ? content.layers.length.toLocaleString("en") : "no list of them";
    throw new Refusal(`A network has from 1 to ${MOST_LAYERS} layers; this file has ${count}.`);
  }
  /** @type {Layer[]} */
  const layers = [];
  const budget = { work: 0, numbers: 0 };
  for (const given of content.layers) {
    layers.push(checkedLayer(given, layers, budget));
  }
  const end = layers[layers.length - 1].shape;
  if (end.length !== 1 || end[0] !== 10) {
    throw new Refusal(`This model gives ${end.join(" × ")} numbers; a network for digits gives 10.`);
  }
  const bytes = { float32: 4, float16: 2 }[/** @type {string} */ (content.precision)];
  if (!bytes) throw new Refusal("The file's weights are neither float32 nor float16.");
  const read = (/** @type {any} */ coded) => arraysOf(decoded(coded, bytes), layers);
  const steps = [];
  for (const each of Array.isArray(content.steps) ? content.steps.slice(0, 40) : []) {
    steps.push({ label: shortText(each?.label) || "earlier", weights: read(each?.weights) });
  }
  steps.push({ label: "after training", weights: read(content.weights) });
  const network = /** @type {Network} */ ({
    name: shortText(content.name) || "a network",
    parameters: whole(content.parameters, 0, 1e9, "the number of parameters"),
    answers: oneOf(content.answers, ["probabilities", "logits", "estimates"], "answers"),
    layers,
    steps,
    examples: content.examples ? checkedExamples(content.examples) : null,
  });
  setStep(network, steps.length - 1);
  return network;
}

/**
 * Let a network use the weights of one of its steps.
 * @param {Network} network
 * @param {number} step its place in `network.steps`
 */
export function setStep(network, step) {
  network.layers.forEach((layer, k) => (layer.weights = network.steps[step].weights[k]));
}

/**
 * @param {any} given
 * @param {Layer[]} earlier the layers before it
 * @param {{work: number, numbers: number}} budget
 * @returns {Layer}
 */
function checkedLayer(given, earlier, budget) {
  const kind = given?.kind;
  const name = shortText(given?.name) || "a layer";
  if (!Object.hasOwn(SHAPES, kind)) throw new Refusal(`The layer “${name}” is of a kind that the playground does not know.`);
  if (!Array.isArray(given.from) || given.from.length < 1 || given.from.length > 64) {
    throw new Refusal(`The layer “${name}” does not say what it reads.`);
  }
  const layer = /** @type {Layer} */ (/** @type {unknown} */ ({ kind, name, title: shortText(given.title) || kind, weights: [] }));
  layer.from = given.from.map((/** @type {any} */ x) => whole(x, 0, earlier.length, `an input of ${name}`));
  const inputs = layer.from.map((at) => (at ? earlier[at - 1].shape : [SIDE, SIDE, 1]));
  if (kind !== "combine" && inputs.length !== 1) throw new Refusal(`The layer “${name}” reads one input.`);
  const { shape, weights, work } = SHAPES[kind](given, layer, inputs);
  const size = product(shape);
  if (!shape.every((side) => Number.isInteger(side) && side > 0)) {
    throw new Refusal(`The layer “${name}” gives an empty array.`);
  }
  layer.like = given.like === undefined ? 0 : whole(given.like, 1, earlier.length, `what ${name} is like`);
  const known = layer.like ? earlier[layer.like - 1].weights.map((each) => each.shape) : weights;
  if (JSON.stringify(known) !== JSON.stringify(weights)) {
    throw new Refusal(`The layer “${name}” is not like the one that it names.`);
  }
  budget.work += work ?? size;
  budget.numbers += size + (layer.like ? 0 : weights.reduce((sum, each) => sum + product(each), 0));
  if (!(budget.work <= MOST_WORK) || !(budget.numbers <= MOST_NUMBERS)) {
    throw new Refusal("The network is too large for the playground.");
  }
  layer.shape = shape;
  layer.weights = weights.map((each) => ({ shape: each, data: new Float32Array(0) }));
  return layer;
}

/**
 * What each kind of layer gives and holds; whatever else a file says is not looked at.
 * @type {Record<string, (given: any, layer: Layer, inputs: number[][]) => {shape: number[], weights: number[][], work?: number}>}
 */
const SHAPES = {
  conv(given, layer, [input]) {
    maps(input, layer);
    layer.size = twoOf(given.size, 1, 64, layer);
    layer.strides = twoOf(given.strides, 1, 64, layer);
    layer.dilation = twoOf(given.dilation, 1, 64, layer);
    layer.padding = oneOf(given.padding, ["same", "valid"], layer.name);
    layer.groups = whole(given.groups, 1, input[2], `the groups of ${layer.name}`);
    layer.bias = given.bias === true;
    const filters = whole(given.filters, 1, 4096, `the filters of ${layer.name}`);
    if (input[2] % layer.groups || filters % layer.groups) throw new Refusal(`The groups of “${layer.name}” do not fit.`);
    const kernel = [...layer.size, input[2] / layer.groups, filters];
    const shape = [...places(input, layer).map((each) => each.count), filters];
    return { shape, weights: layer.bias ? [kernel, [filters]] : [kernel], work: (product(shape) * product(kernel)) / filters };
  },
  pool(given, layer, [input]) {
    maps(input, layer);
    layer.size = twoOf(given.size, 1, 64, layer);
    layer.strides = twoOf(given.strides, 1, 64, layer);
    layer.dilation = [1, 1];
    layer.padding = oneOf(given.padding, ["same", "valid"], layer.name);
    layer.how = oneOf(given.how, ["max", "average"], layer.name);
    const shape = [...places(input, layer).map((each) => each.count), input[2]];
    return { shape, weights: [], work: product(shape) * product(layer.size) };
  },
  affine: (given, layer, [input]) => ({ shape: input, weights: [input.slice(-1), input.slice(-1)] }),
  normalize(given, layer, [input]) {
    layer.axes = whole(given.axes, 1, input.length, `the axes of ${layer.name}`);
    layer.epsilon = real(given.epsilon, layer);
    const inner = input.slice(-layer.axes);
    return { shape: input, weights: [inner, inner] };
  },
  dense(given, layer, [input]) {
    const units = whole(given.units, 1, 65536, `the units of ${layer.name}`);
    layer.bias = given.bias === true;
    const kernel = [input[input.length - 1], units];
    return {
      shape: [...input.slice(0, -1), units],
      weights: layer.bias ? [kernel, [units]] : [kernel],
      work: product(input) * units,
    };
  },
  reshape(given, layer, [input]) {
    const shape = Array.isArray(given.shape) && given.shape.length <= 6 ? given.shape : [];
    shape.forEach((/** @type {any} */ side) => whole(side, 1, MOST_NUMBERS, `the shape of ${layer.name}`));
    if (!shape.length || product(shape) !== product(input)) throw new Refusal(`The shape of “${layer.name}” does not fit.`);
    return { shape, weights: [] };
  },
  frame(given, layer, [input]) {
    maps(input, layer);
    if (!Array.isArray(given.edges) || given.edges.length !== 4) throw new Refusal(`The edges of “${layer.name}” are missing.`);
    layer.edges = given.edges.map((/** @type {any} */ edge) => whole(edge, -256, 256, `an edge of ${layer.name}`));
    const [top, bottom, left, right] = layer.edges;
    return { shape: [input[0] + top + bottom, input[1] + left + right, input[2]], weights: [] };
  },
  upright(given, layer, [input]) {
    maps(input, layer);
    if (input[2] !== 1) throw new Refusal(`The layer “${layer.name}” reads one map.`);
    return { shape: input, weights: [] };
  },
  combine(given, layer, inputs) {
    layer.how = oneOf(given.how, ["add", "average", "concatenate", "multiply", "maximum", "minimum", "subtract"], layer.name);
    const shape = [...inputs[0]];
    const fits = (/** @type {number[]} */ other) =>
      other.length === shape.length && other.every((side, k) => side === inputs[0][k] || (layer.how === "concatenate" && k === layer.axis));
    if (layer.how === "concatenate") layer.axis = whole(given.axis, 0, shape.length - 1, `the axis of ${layer.name}`);
    if (!inputs.every(fits)) throw new Refusal(`The inputs of “${layer.name}” do not fit together.`);
    if (layer.how === "concatenate") shape[layer.axis] = inputs.reduce((sum, each) => sum + each[layer.axis], 0);
    return { shape, weights: [] };
  },
  activation(given, layer, [input]) {
    layer.how = oneOf(given.how, [...SOFTMAXES, ...Object.keys(CURVES)], layer.name);
    layer.slope = given.slope === undefined ? 0 : real(given.slope, layer);
    layer.threshold = given.threshold === undefined ? 0 : real(given.threshold, layer);
    layer.most = given.most === undefined ? Infinity : real(given.most, layer);
    layer.alpha = given.alpha === undefined ? 1 : real(given.alpha, layer);
    return { shape: input, weights: [] };
  },
};

/** @param {number[]} input @param {Layer} layer */
function maps(input, layer) {
  if (input.length !== 3) throw new Refusal(`The layer “${layer.name}” reads feature maps, and gets other numbers.`);
}

/** @param {any} value @param {number} least @param {number} most @param {string} what */
function whole(value, least, most, what) {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Refusal(`The file is damaged: ${what} should be a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** @param {any} value @param {Layer} layer */
function real(value, layer) {
  if (!Number.isFinite(value)) throw new Refusal(`A setting of “${layer.name}” is no number.`);
  return value;
}

/** @param {any} value @param {number} least @param {number} most @param {Layer} layer */
function twoOf(value, least, most, layer) {
  if (!Array.isArray(value) || value.length !== 2) throw new Refusal(`A setting of “${layer.name}” should be two numbers.`);
  return value.map((each) => whole(each, least, most, `a setting of ${layer.name}`));
}

/** @param {any} value @param {string[]} choices @param {string} what */
function oneOf(value, choices, what) {
  if (!choices.includes(value)) throw new Refusal(`A setting of “${what}” is unknown to the playground.`);
  return value;
}

/** A text of a file as it can be shown: short, on one line. @param {any} value */
export function shortText(value) {
  return typeof value === "string" ? value.replace(/[\p{C}\s]+/gu, " ").trim().slice(0, 60) : "";
}

/** @param {any} given @returns {Examples} */
export function checkedExamples(given) {
  const count = Array.isArray(given.index) ? given.index.length : 0;
  if (count < 1 || count > 1000 || !Array.isArray(given.label) || given.label.length !== count) {
    throw new Refusal("The file's images are damaged.");
  }
  if (typeof given.images !== "string" || given.images.length > 2e6 || !/^[A-Za-z0-9+/]+={0,2}$/.test(given.images)) {
    throw new Refusal("The file's images are damaged.");
  }
  const [width, height] = pngSize(given.images);
  if (width !== SIDE || height !== SIDE * count) throw new Refusal("The file's images have another size.");
  return {
    index: given.index.map((/** @type {any} */ x) => whole(x, 0, 1e6, "an image's number")),
    label: given.label.map((/** @type {any} */ x) => whole(x, 0, 9, "a label")),
    images: given.images,
    wrong: whole(given.wrong ?? 0, 0, count, "the number of mistakes"),
    examined: whole(given.examined ?? 0, 0, 1e6, "the number of images"),
    mistakes: whole(given.mistakes ?? 0, 0, 1e6, "the number of mistakes"),
  };
}

/** Read the size that a PNG says it has. @param {string} coded in base64 */
function pngSize(coded) {
  let head = "";
  try {
    head = atob(coded.slice(0, 32));
  } catch {
    /* shorter than a PNG's head */
  }
  if (!head.startsWith("\x89PNG\r\n\x1a\n") || head.length < 24) return [0, 0];
  const number = (/** @type {number} */ at) => [0, 1, 2, 3].reduce((sum, k) => sum * 256 + head.charCodeAt(at + k), 0);
  return [number(16), number(20)];
}

/** Turn base64 into numbers. @param {any} coded @param {number} bytes 4 or 2 a number */
function decoded(coded, bytes) {
  if (typeof coded !== "string") throw new Refusal("The file holds no weights.");
  let text;
  try {
    text = atob(coded);
  } catch {
    throw new Refusal("The file's weights are damaged. Write it again with mnist-keras export-web.");
  }
  const raw = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) raw[k] = text.charCodeAt(k);
  const view = new DataView(raw.buffer);
  const numbers = new Float32Array(Math.floor(raw.length / bytes));
  for (let k = 0; k < numbers.length; k++) {
    numbers[k] = bytes === 4 ? view.getFloat32(4 * k, true) : half(view.getUint16(2 * k, true));
    if (!Number.isFinite(numbers[k])) throw new Refusal("The file's weights are no finite numbers; the training diverged.");
  }
  return numbers;
}

/** Read a number of half precision. @param {number} bits */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return NaN;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/** Cut the numbers into the layers' arrays. @param {Float32Array} numbers @param {Layer[]} layers */
function arraysOf(numbers, layers) {
  let at = 0;
  /** @type {Tensor[][]} */
  const arrays = [];
  for (const { like, weights } of layers) {
    const own = () => weights.map(({ shape }) => ({ shape, data: numbers.subarray(at, (at += product(shape))) }));
    arrays.push(like ? arrays[like - 1] : own());
  }
  if (at !== numbers.length) {
    throw new Refusal(`The layers need ${at.toLocaleString("en")} weights, and the file holds ${numbers.length.toLocaleString("en")}.`);
  }
  return arrays;
}

// ---- Answering -------------------------------------------------------------------------------

/** @param {number[]} shape */
export const product = (shape) => shape.reduce((size, side) => size * side, 1);

/**
 * Where a window stands along rows and columns: how many places, and where the first begins.
 * @param {number[]} input @param {Layer} layer
 */
export function places(input, layer) {
  return [0, 1].map((k) => {
    const reach = (layer.size[k] - 1) * layer.dilation[k] + 1;
    if (layer.padding === "valid") return { count: Math.floor((input[k] - reach) / layer.strides[k]) + 1, before: 0 };
    const count = Math.ceil(input[k] / layer.strides[k]);
    return { count, before: Math.floor(Math.max(0, (count - 1) * layer.strides[k] + reach - input[k]) / 2) };
  });
}

/**
 * Compute all that a network computes for an image.
 * @param {Network} network
 * @param {Float32Array} image 784 numbers from 0 to 1
 * @param {Tensor[]} [earlier] what this network gave before, whose memory is used again
 * @returns {Tensor[]} the image, then what each layer gives
 */
export function run(network, image, earlier) {
  /** @type {Tensor[]} */
  const values = [{ shape: [SIDE, SIDE, 1], data: image }];
  for (const layer of network.layers) {
    const inputs = layer.from.map((at) => values[at]);
    const data = () => earlier?.[values.length].data ?? new Float32Array(product(layer.shape));
    const out = { shape: layer.shape, data: layer.kind === "reshape" ? inputs[0].data : data() };
    FORWARD[layer.kind](layer, inputs, out.data);
    values.push(out);
  }
  return values;
}

/**
 * Turn a network's last numbers into ten probabilities, as `mnist_keras.predict_probabilities` does.
 * @param {Network} network @param {Tensor[]} values what `run` gave
 * @returns {number[]}
 */
export function probabilities(network, values) {
  let numbers = [...values[values.length - 1].data];
  const largest = Math.max(...numbers);
  if (network.answers === "logits") numbers = numbers.map((x) => Math.exp(x - largest));
  if (network.answers === "estimates") {
    // Where all ten are negative, the largest must stay the largest.
    numbers = numbers.map((x) => Math.max(1e-7, x + Math.max(0, 2e-7 - largest)));
  }
  const sum = numbers.reduce((total, x) => total + x, 0);
  return numbers.map((x) => x / sum);
}

/** @type {Record<Layer["kind"], (layer: Layer, inputs: Tensor[], out: Float32Array) => void>} */
const FORWARD = {
  // A window slides over the feature maps. At each place, each number in it is multiplied by the
  // kernel's number at the same spot, and all are added up: once for each filter.
  conv(layer, [x], out) {
    const [height, width, channels] = x.shape;
    const [, columns, filters] = layer.shape;
    const [first, second] = places(x.shape, layer);
    const kernel = layer.weights[0].data;
    const inGroup = channels / layer.groups;
    const outGroup = filters / layer.groups;
    const sums = new Float64Array(filters);
    for (let row = 0; row < layer.shape[0]; row++) {
      for (let column = 0; column < columns; column++) {
        if (layer.bias) sums.set(layer.weights[1].data);
        else sums.fill(0);
        for (let ky = 0; ky < layer.size[0]; ky++) {
          const y = row * layer.strides[0] - first.before + ky * layer.dilation[0];
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < layer.size[1]; kx++) {
            const z = column * layer.strides[1] - second.before + kx * layer.dilation[1];
            if (z < 0 || z >= width) continue;
            const from = (y * width + z) * channels;
            const spot = (ky * layer.size[1] + kx) * inGroup;
            for (let group = 0; group < layer.groups; group++) {
              const start = group * outGroup;
              for (let c = 0; c < inGroup; c++) {
                const number = x.data[from + group * inGroup + c];
                if (number === 0) continue; // most are, after a ReLU
                const weights = (spot + c) * filters + start;
                for (let f = 0; f < outGroup; f++) sums[start + f] += number * kernel[weights + f];
              }
            }
          }
        }
        out.set(sums, (row * columns + column) * filters);
      }
    }
  },
  pool(layer, [x], out) {
    for (let at = 0; at < out.length; at++) {
      let kept = layer.how === "max" ? -Infinity : 0;
      let count = 0;
      eachInWindow(layer, x.shape, at, (from) => {
        count++;
        kept = layer.how === "max" ? Math.max(kept, x.data[from]) : kept + x.data[from];
      });
      out[at] = layer.how === "max" ? kept : kept / count;
    }
  },
  affine(layer, [x], out) {
    const [factor, summand] = layer.weights;
    const channels = factor.data.length;
    for (let at = 0; at < out.length; at++) out[at] = x.data[at] * factor.data[at % channels] + summand.data[at % channels];
  },
  normalize(layer, [x], out) {
    const [factor, summand] = layer.weights;
    const size = factor.data.length;
    for (let start = 0; start < out.length; start += size) {
      const { mean, deviation } = spread(x.data.subarray(start, start + size), layer.epsilon);
      for (let k = 0; k < size; k++) {
        out[start + k] = ((x.data[start + k] - mean) / deviation) * factor.data[k] + summand.data[k];
      }
    }
  },
  dense(layer, [x], out) {
    const [inputs, units] = layer.weights[0].shape;
    const kernel = layer.weights[0].data;
    const sums = new Float64Array(units);
    for (let start = 0; start < x.data.length; start += inputs) {
      if (layer.bias) sums.set(layer.weights[1].data);
      else sums.fill(0);
      for (let k = 0; k < inputs; k++) {
        const number = x.data[start + k];
        if (number === 0) continue;
        for (let unit = 0; unit < units; unit++) sums[unit] += number * kernel[k * units + unit];
      }
      out.set(sums, (start / inputs) * units);
    }
  },
  reshape() {}, // the same numbers in the same order
  frame(layer, [x], out) {
    eachInFrame(layer, x.shape, (from, to) => (out[to] = x.data[from]));
  },
  upright(layer, [x], out) {
    const { slant, middle } = leaning(x);
    for (let at = 0; at < out.length; at++) {
      out[at] = 0;
      eachBeside(x, at, slant, middle, (from, share) => (out[at] += share * x.data[from]));
    }
  },
  combine(layer, inputs, out) {
    if (layer.how === "concatenate") {
      eachJoined(layer, inputs, (k, from, to) => (out[to] = inputs[k].data[from]));
      return;
    }
    for (let at = 0; at < out.length; at++) {
      let sum = inputs[0].data[at];
      for (let k = 1; k < inputs.length; k++) {
        const number = inputs[k].data[at];
        if (layer.how === "multiply") sum *= number;
        else if (layer.how === "maximum") sum = Math.max(sum, number);
        else if (layer.how === "minimum") sum = Math.min(sum, number);
        else if (layer.how === "subtract") sum -= number;
        else sum += number;
      }
      out[at] = layer.how === "average" ? sum / inputs.length : sum;
    }
  },
  activation(layer, [x], out) {
    if (!SOFTMAXES.includes(layer.how)) {
      const curve = CURVES[layer.how];
      for (let at = 0; at < out.length; at++) out[at] = curve(x.data[at], layer);
      return;
    }
    const size = layer.shape[layer.shape.length - 1];
    for (let start = 0; start < out.length; start += size) {
      const part = x.data.subarray(start, start + size);
      const largest = part.reduce((most, number) => Math.max(most, number), -Infinity);
      let sum = 0;
      for (const number of part) sum += Math.exp(number - largest);
      for (let k = 0; k < size; k++) {
        const above = part[k] - largest;
        out[start + k] = layer.how === "softmax" ? Math.exp(above) / sum : above - Math.log(sum);
      }
    }
  },
};

const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
const softplus = (/** @type {number} */ x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** What bends all numbers of a place together. */
const SOFTMAXES = ["softmax", "log_softmax"];

/**
 * The curves that bend a network's numbers.
 * @type {Record<string, (x: number, layer: Layer) => number>}
 */
const CURVES = {
  relu: (x, { slope, threshold, most }) => (x >= threshold ? Math.min(x, most) : slope * (x - threshold)),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x) => (x >= 0 ? x : 0.2 * x),
  elu: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  silu: (x) => x * sigmoid(x),
  tanh: (x) => Math.tanh(x),
  sigmoid,
  hard_sigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  hard_silu: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  exponential: (x) => Math.exp(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  celu: (x) => (x > 0 ? x : Math.expm1(x)),
  hard_tanh: (x) => Math.min(Math.max(x, -1), 1),
  squareplus: (x) => (x + Math.sqrt(x * x + 4)) / 2,
};

/** The error function, by its series, and by a continued fraction far out. @param {number} x */
function erf(x) {
  const far = Math.abs(x);
  if (far < 3) {
    let term = far;
    let sum = far;
    for (let k = 1; k < 60; k++) {
      term *= (-far * far) / k;
      sum += term / (2 * k + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 40; k > 0; k--) fraction = k / 2 / (far + fraction);
  return Math.sign(x) * (1 - Math.exp(-far * far) / Math.sqrt(Math.PI) / (far + fraction));
}

/** @param {Float32Array} numbers @param {number} epsilon */
function spread(numbers, epsilon) {
  let mean = 0;
  for (const number of numbers) mean += number / numbers.length;
  let variance = 0;
  for (const number of numbers) variance += (number - mean) ** 2 / numbers.length;
  return { mean, deviation: Math.sqrt(variance + epsilon) };
}

/**
 * Visit what a pooling window sees from one of its places.
 * @param {Layer} layer @param {number[]} input
 * @param {number} at the place in what the layer gives
 * @param {(from: number) => void} visit
 */
export function eachInWindow(layer, input, at, visit) {
  const [height, width, channels] = input;
  const [first, second] = places(input, layer);
  const channel = at % channels;
  const column = Math.floor(at / channels) % layer.shape[1];
  const row = Math.floor(at / channels / layer.shape[1]);
  for (let ky = 0; ky < layer.size[0]; ky++) {
    const y = row * layer.strides[0] - first.before + ky;
    if (y < 0 || y >= height) continue;
    for (let kx = 0; kx < layer.size[1]; kx++) {
      const x = column * layer.strides[1] - second.before + kx;
      if (x >= 0 && x < width) visit((y * width + x) * channels + channel);
    }
  }
}

/** @param {Layer} layer @param {number[]} input @param {(from: number, to: number) => void} visit */
function eachInFrame(layer, [height, width, channels], visit) {
  const [top, , left] = layer.edges;
  for (let row = 0; row < layer.shape[0]; row++) {
    for (let column = 0; column < layer.shape[1]; column++) {
      const y = row - top;
      const x = column - left;
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      for (let c = 0; c < channels; c++) visit((y * width + x) * channels + c, (row * layer.shape[1] + column) * channels + c);
    }
  }
}

/**
 * How far the ink leans: by how many columns it moves to the right from one row to the next, and the
 * row of its centre.
 * @param {Tensor} image
 */
export function leaning({ shape: [, width], data }) {
  let [ink, row, column] = [1e-6, 0, 0];
  data.forEach((number, at) => {
    ink += number;
    row += number * Math.floor(at / width);
    column += number * (at % width);
  });
  const [middle, centre] = [row / ink, column / ink];
  let [along, spread] = [0, 1e-6 * ink];
  data.forEach((number, at) => {
    const below = Math.floor(at / width) - middle;
    along += number * below * ((at % width) - centre);
    spread += number * below * below;
  });
  const steepest = Math.abs(along) > STEEPEST * spread;
  const slant = steepest ? Math.sign(along) * STEEPEST : along / spread;
  return { slant, middle, centre, ink, spread, steepest };
}

/**
 * Visit the two neighbours in its row that make a pixel when the ink is stood upright: the left one
 * (its side is -1), and the right one (1).
 * @param {Tensor} image @param {number} at the pixel @param {number} slant @param {number} middle
 * @param {(from: number, share: number, side: number) => void} visit
 */
export function eachBeside({ shape: [, width] }, at, slant, middle, visit) {
  const row = Math.floor(at / width);
  const column = (at % width) + slant * (row - middle);
  const left = Math.floor(column);
  if (left >= 0 && left < width) visit(row * width + left, left + 1 - column, -1);
  if (left >= -1 && left < width - 1) visit(row * width + left + 1, column - left, 1);
}

/** @param {Layer} layer @param {Tensor[]} inputs @param {(k: number, from: number, to: number) => void} visit */
function eachJoined(layer, inputs, visit) {
  const whole = product(layer.shape.slice(layer.axis));
  let before = 0;
  inputs.forEach((input, k) => {
    const part = product(input.shape.slice(layer.axis));
    for (let from = 0; from < input.data.length; from++) {
      visit(k, from, Math.floor(from / part) * whole + before + (from % part));
    }
    before += part;
  });
}

// ---- What mattered ---------------------------------------------------------------------------

/**
 * Say how much a digit's score would change with each pixel: the gradient, found backwards.
 * @param {Network} network @param {Tensor[]} values what `run` gave @param {number} digit
 * @returns {Float32Array} 784 numbers
 */
export function gradient(network, values, digit) {
  const slopes = values.map((value) => new Float32Array(value.data.length));
  let last = network.layers.length;
  const end = network.layers[last - 1];
  // The score before the softmax: after it, a sure network's gradient is almost 0.
  if (end.kind === "activation" && end.how === "softmax") last = end.from[0];
  slopes[last][digit] = 1;
  for (let at = last; at > 0; at--) {
    const layer = network.layers[at - 1];
    const inputs = layer.from.map((from) => values[from]);
    BACKWARD[layer.kind](layer, inputs, values[at].data, slopes[at], layer.from.map((from) => slopes[from]));
  }
  return slopes[0];
}

/**
 * What a change of what a layer gives (`slope`) means for what it reads (`into`): added there.
 * @type {Record<Layer["kind"], (layer: Layer, inputs: Tensor[], out: Float32Array, slope: Float32Array, into: Float32Array[]) => void>}
 */
const BACKWARD = {
  conv(layer, [x], out, slope, [into]) {
    const [height, width, channels] = x.shape;
    const [, columns, filters] = layer.shape;
    const [first, second] = places(x.shape, layer);
    const kernel = layer.weights[0].data;
    const inGroup = channels / layer.groups;
    const outGroup = filters / layer.groups;
    for (let row = 0; row < layer.shape[0]; row++) {
      for (let column = 0; column < columns; column++) {
        const to = (row * columns + column) * filters;
        for (let ky = 0; ky < layer.size[0]; ky++) {
          const y = row * layer.strides[0] - first.before + ky * layer.dilation[0];
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < layer.size[1]; kx++) {
            const z = column * layer.strides[1] - second.before + kx * layer.dilation[1];
            if (z < 0 || z >= width) continue;
            const from = (y * width + z) * channels;
            const spot = (ky * layer.size[1] + kx) * inGroup;
            for (let group = 0; group < layer.groups; group++) {
              for (let c = 0; c < inGroup; c++) {
                let sum = 0;
                const weights = (spot + c) * filters + group * outGroup;
                for (let f = 0; f < outGroup; f++) sum += slope[to + group * outGroup + f] * kernel[weights + f];
                into[from + group * inGroup + c] += sum;
              }
            }
          }
        }
      }
    }
  },
  pool(layer, [x], out, slope, [into]) {
    for (let at = 0; at < out.length; at++) {
      if (slope[at] === 0) continue;
      /** @type {number[]} */
      const seen = [];
      eachInWindow(layer, x.shape, at, (from) => void seen.push(from));
      if (layer.how === "average") seen.forEach((from) => (into[from] += slope[at] / seen.length));
      else into[/** @type {number} */ (seen.find((from) => x.data[from] === out[at]))] += slope[at];
    }
  },
  affine(layer, inputs, out, slope, [into]) {
    const factor = layer.weights[0].data;
    for (let at = 0; at < out.length; at++) into[at] += slope[at] * factor[at % factor.length];
  },
  normalize(layer, [x], out, slope, [into]) {
    const factor = layer.weights[0].data;
    const size = factor.length;
    for (let start = 0; start < out.length; start += size) {
      const { mean, deviation } = spread(x.data.subarray(start, start + size), layer.epsilon);
      let level = 0;
      let tilt = 0;
      for (let k = 0; k < size; k++) {
        const scaled = (slope[start + k] * factor[k]) / size;
        level += scaled;
        tilt += (scaled * (x.data[start + k] - mean)) / deviation;
      }
      for (let k = 0; k < size; k++) {
        const standing = (x.data[start + k] - mean) / deviation;
        into[start + k] += (slope[start + k] * factor[k] - level - standing * tilt) / deviation;
      }
    }
  },
  dense(layer, [x], out, slope, [into]) {
    const [inputs, units] = layer.weights[0].shape;
    const kernel = layer.weights[0].data;
    for (let at = 0; at < into.length; at++) {
      const to = Math.floor(at / inputs) * units;
      const row = (at % inputs) * units;
      let sum = 0;
      for (let unit = 0; unit < units; unit++) sum += slope[to + unit] * kernel[row + unit];
      into[at] += sum;
    }
  },
  reshape(layer, inputs, out, slope, [into]) {
    for (let at = 0; at < out.length; at++) into[at] += slope[at];
  },
  frame(layer, [x], out, slope, [into]) {
    eachInFrame(layer, x.shape, (from, to) => (into[from] += slope[to]));
  },
  // A pixel counts by where it is moved to, and by what it does to the slant and to the middle row.
  upright(layer, [x], out, slope, [into]) {
    const { slant, middle, centre, ink, spread, steepest } = leaning(x);
    const width = x.shape[1];
    let [bySlant, byMiddle] = [0, 0];
    for (let at = 0; at < out.length; at++) {
      eachBeside(x, at, slant, middle, (from, share, side) => {
        into[from] += share * slope[at];
        bySlant += slope[at] * side * x.data[from] * (Math.floor(at / width) - middle);
        byMiddle -= slope[at] * side * x.data[from] * slant;
      });
    }
    for (let at = 0; at < into.length; at++) {
      const [below, beside] = [Math.floor(at / width) - middle, (at % width) - centre];
      into[at] += (byMiddle * below) / ink;
      if (!steepest) into[at] += (bySlant * below * (beside - slant * below)) / spread;
    }
  },
  combine(layer, inputs, out, slope, into) {
    if (layer.how === "concatenate") {
      eachJoined(layer, inputs, (k, from, to) => (into[k][from] += slope[to]));
      return;
    }
    for (let at = 0; at < out.length; at++) {
      const chosen = inputs.findIndex((input) => input.data[at] === out[at]);
      inputs.forEach((input, k) => {
        let factor = 1;
        if (layer.how === "average") factor = 1 / inputs.length;
        if (layer.how === "subtract" && k > 0) factor = -1;
        if (layer.how === "maximum" || layer.how === "minimum") factor = k === chosen ? 1 : 0;
        if (layer.how === "multiply") {
          factor = inputs.reduce((rest, other, j) => (j === k ? rest : rest * other.data[at]), 1);
        }
        into[k][at] += factor * slope[at];
      });
    }
  },
  activation(layer, [x], out, slope, [into]) {
    if (!SOFTMAXES.includes(layer.how)) {
      const curve = CURVES[layer.how];
      const step = 1e-6;
      for (let at = 0; at < out.length; at++) {
        if (slope[at] === 0) continue;
        const here = x.data[at];
        into[at] += (slope[at] * (curve(here, layer) - curve(here - step, layer))) / step;
      }
      return;
    }
    const size = layer.shape[layer.shape.length - 1];
    for (let start = 0; start < out.length; start += size) {
      const logarithm = layer.how === "log_softmax";
      let sum = 0;
      for (let k = start; k < start + size; k++) sum += slope[k] * (logarithm ? 1 : out[k]);
      for (let k = start; k < start + size; k++) {
        into[k] += logarithm ? slope[k] - Math.exp(out[k]) * sum : out[k] * (slope[k] - sum);
      }
    }
  },
};

/**
 * Say how much a digit's probability falls when a small square of the image is wiped out.
 * @param {Network} network @param {Float32Array} image @param {number} digit
 * @param {number} size of the square, in pixels
 * @returns {Generator<undefined, Float32Array>} pauses after each square; at the end, 784 numbers
 */
export function* occlusion(network, image, digit, size = 4) {
  const before = probabilities(network, run(network, image))[digit];
  const fall = new Float32Array(image.length);
  const count = new Float32Array(image.length);
  for (let top = 0; top <= SIDE - size; top += size / 2) {
    for (let left = 0; left <= SIDE - size; left += size / 2) {
      const wiped = image.slice();
      let ink = 0;
      /** @type {number[]} */
      const inside = [];
      for (let k = 0; k < size * size; k++) inside.push((top + Math.floor(k / size)) * SIDE + left + (k % size));
      for (const at of inside) {
        ink += wiped[at];
        wiped[at] = 0;
      }
      // Where there is no ink, nothing changes.
      const after = ink ? probabilities(network, run(network, wiped))[digit] : before;
      for (const at of inside) {
        fall[at] += before - after;
        count[at]++;
      }
      if (ink) yield;
    }
  }
  return fall.map((sum, at) => sum / count[at]);
}
