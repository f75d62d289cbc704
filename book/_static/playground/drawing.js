// A drawing as strokes, and how it becomes an image like MNIST's: the same steps as in
// mnist_keras/photos.py, which reads photos. A drawing has clean paper, so the steps that deal with
// light, noise and ruled lines are not needed here; a test holds the results of both equal. Only
// what is filled over a third of the paper, a photo's steps would take for a shadow.

/**
 * A line of the pen: its width and its points, in pixels of the paper; `t` in milliseconds.
 * @typedef {{width: number, points: {x: number, y: number, t: number}[]}} Stroke
 */

/** A black-and-white picture. @typedef {{width: number, height: number, data: Uint8Array}} Mask */

export const PAPER = 400; // pixels a side
const BOX = 20;
const IMAGE = 28;
const FAINTEST = 0.06;
const STRONG = 0.5;
const EDGE = 0.4;
const NEAR = 0.2;
const ABOVE = 0.6;
const COMPARABLE = 0.4;
const FRAGMENTS = 8;
const SCATTERED = 0.6;
const LEAST_BESIDE_EDGE = 0.15;
const LEAST = 0.03;
const LEAST_AT_EDGE = 0.25;
const STRONG_AT_EDGE = 0.3;
const NORMAL_STROKE = [1.5, 4];
const THIN_BECOMES = 2.4;
const THICK_BECOMES = 3.2;
const WIDEST = 1.8;
const BLOB = 0.5;
const DOUBTFUL_BLOB = 0.35;
const SOLID = 0.9;

export const EMPTY = "Nothing is drawn yet.";
export const TOO_SMALL = "This is almost nothing. Draw a larger digit.";
export const SEVERAL = "These are several marks, no single digit. Draw one digit, its parts close together.";
export const FILLED = "This is a filled shape, not a pen's stroke.";

// ---- Ink on paper ----------------------------------------------------------------------------

/** @type {Box} */
const WHOLE = { left: 0, top: 0, right: PAPER, bottom: PAPER };

export class Paper {
  constructor() {
    this.ink = new Uint8Array(PAPER * PAPER); // 0 where there is none, up to 255
    this.changed = { ...WHOLE }; // since somebody last looked
  }

  clear() {
    this.ink.fill(0);
    this.changed = { ...WHOLE };
  }

  /** Draw all strokes anew. @param {Stroke[]} strokes */
  show(strokes) {
    this.clear();
    for (const stroke of strokes) {
      stroke.points.forEach((point, k) => this.line(stroke.points[Math.max(0, k - 1)], point, stroke.width));
    }
  }

  /**
   * Draw a straight line with round ends.
   * @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {number} width
   */
  line(from, to, width) {
    const reach = width / 2 + 1;
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(PAPER - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(PAPER - 1, Math.ceil(Math.max(from.x, to.x) + reach));
    this.changed = aroundAll([this.changed, { left, top, right: right + 1, bottom: bottom + 1 }]);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy || 1;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
        const away = Math.sqrt((x - from.x - along * dx) ** 2 + (y - from.y - along * dy) ** 2);
        const ink = Math.round(255 * Math.min(1, Math.max(0, width / 2 + 0.5 - away)));
        if (ink > this.ink[y * PAPER + x]) this.ink[y * PAPER + x] = ink;
      }
    }
  }
}

// ---- From the paper to MNIST's form -----------------------------------------------------------

/**
 * Bring a drawing into MNIST's form.
 * @param {Uint8Array} paper the ink of `PAPER` × `PAPER` pixels
 * @returns {{image: Uint8Array} | {problem: string}} 28 × 28 numbers from 0 to 255, or why not
 */
export function toMnist(paper) {
  const found = findDigit(paper);
  if ("problem" in found) return found;
  return { image: centre(fitIntoBox(withNormalStroke(found.digit, found.inside))) };
}

/** @param {Uint8Array} paper @returns {{digit: Mask, inside: Float32Array} | {problem: string}} */
function findDigit(paper) {
  const around = boxOf(paper, PAPER, PAPER, 0);
  if (!around) return { problem: EMPTY };
  const ink = blurred(paper, around);
  const strongest = strongestOf(ink);
  /** @type {{digit: Mask, inside: Float32Array} | {problem: string}} */
  let outcome = { problem: TOO_SMALL };
  for (const level of [Math.max(STRONG * strongest, FAINTEST), FAINTEST]) {
    const found = digitAmong(ink, level);
    if ("digit" in found || !found.faint) return found;
    outcome = found;
  }
  return outcome;
}

/**
 * A part of the paper: its place, and how strong the ink is, from 0 to 1.
 * @typedef {{left: number, top: number, width: number, height: number, data: Float32Array}} Ink
 */

/**
 * Blur a little, as photos are blurred against noise: with a bell curve of one pixel's width.
 * @param {Uint8Array} paper @param {Box} around where there is ink
 * @returns {Ink}
 */
function blurred(paper, around) {
  const reach = 4;
  const bell = [0, 1, 2, 3, 4].map((k) => Math.exp((-k * k) / 2));
  const whole = bell[0] + 2 * (bell[1] + bell[2] + bell[3] + bell[4]);
  const weights = bell.map((weight) => Math.fround(weight / whole));
  const left = Math.max(0, around.left - reach - 3);
  const top = Math.max(0, around.top - reach - 3);
  const width = Math.min(PAPER, around.right + reach + 3) - left;
  const height = Math.min(PAPER, around.bottom + reach + 3) - top;
  const inside = (/** @type {number} */ at) => (at < 0 ? -at : at >= PAPER ? 2 * PAPER - 2 - at : at); // mirrored
  const rows = new Float32Array(width * PAPER);
  const data = new Float32Array(width * height);
  const first = Math.max(0, top - reach);
  const last = Math.min(PAPER, top + height + reach);
  for (let y = first; y < last; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * PAPER;
      const column = x + left;
      let sum = weights[0] * paper[at + column];
      if (column >= reach && column < PAPER - reach) {
        for (let k = 1; k <= reach; k++) sum += weights[k] * (paper[at + column - k] + paper[at + column + k]);
      } else {
        for (let k = 1; k <= reach; k++) sum += weights[k] * (paper[at + inside(column - k)] + paper[at + inside(column + k)]);
      }
      rows[y * width + x] = sum / 255;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let k = 0; k <= reach; k++) {
      const above = inside(y + top - k) * width;
      const below = inside(y + top + k) * width;
      const to = y * width;
      for (let x = 0; x < width; x++) data[to + x] += k ? weights[k] * (rows[above + x] + rows[below + x]) : weights[0] * rows[above + x];
    }
  }
  return { left, top, width, height, data };
}

/** The strength of the strongest pixels but for a hundred, which may be specks. @param {Ink} ink */
function strongestOf({ data }) {
  let largest = 0;
  for (const strength of data) if (strength > largest) largest = strength;
  const strong = above(data, 0.25 * largest);
  return ranked(strong, Math.max(0, strong.length - 101));
}

/** Those of some numbers that reach a limit. @param {Float32Array} numbers @param {number} least */
function above(numbers, least) {
  const kept = new Float32Array(numbers.length);
  let count = 0;
  for (const number of numbers) if (number >= least) kept[count++] = number;
  return kept.subarray(0, count);
}

/**
 * Find the number that would stand at a place if numbers from 0 to 2 were sorted: only those that
 * are nearly equal to it are.
 * @param {Float32Array} numbers @param {number} place
 */
function ranked(numbers, place) {
  const bins = new Uint32Array(2049);
  for (const number of numbers) bins[(number * 1024) | 0]++;
  let bin = 0;
  for (; place >= bins[bin]; bin++) place -= bins[bin];
  const alike = new Float32Array(bins[bin]);
  let count = 0;
  for (const number of numbers) if (((number * 1024) | 0) === bin) alike[count++] = number;
  return alike.sort()[place];
}

/**
 * Marks that hang together.
 * @typedef {{label: number, left: number, top: number, right: number, bottom: number, strength: number}} Piece
 */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

const sizeOf = (/** @type {Box} */ box) => Math.max(box.right - box.left, box.bottom - box.top);
const atEdge = (/** @type {Box} */ box) => Math.min(box.left, box.top) <= 1 || Math.max(box.right, box.bottom) >= PAPER - 1;

/**
 * Choose the marks that make up the digit, and drop all others.
 * @param {Ink} ink @param {number} level from which on ink is a mark
 * @returns {{digit: Mask, inside: Float32Array} | {problem: string, faint: boolean}} `faint` where fainter marks may help
 */
function digitAmong(ink, level) {
  const { pieces, labels, count } = piecesOf(ink, level);
  if (!pieces.length) return { problem: TOO_SMALL, faint: true };
  const inner = pieces.filter((piece) => !atEdge(piece));
  const [digit, others] = together(inner.length && sizeOf(inner[0]) > LEAST_BESIDE_EDGE * PAPER ? inner : pieces);
  const box = aroundAll(digit);
  const size = sizeOf(box);
  const strength = digit[0].strength;
  if (size < LEAST * PAPER) return { problem: TOO_SMALL, faint: true };
  if (atEdge(box) && (size < LEAST_AT_EDGE * PAPER || strength < STRONG_AT_EDGE)) return { problem: TOO_SMALL, faint: true };
  const rivals = others.some((piece) => sizeOf(piece) > COMPARABLE * size && piece.strength > COMPARABLE * strength);
  const wide = box.right - box.left > WIDEST * (box.bottom - box.top);
  if (Math.max(...digit.map(sizeOf)) < SCATTERED * size) return { problem: SEVERAL, faint: digit.length <= FRAGMENTS };
  if (rivals || wide || sideBySide(digit, box)) return { problem: SEVERAL, faint: false };
  const own = new Uint8Array(count + 1);
  for (const piece of digit) own[piece.label] = 1;
  const mask = emptyMask(box.right - box.left, box.bottom - box.top);
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      const at = (y + box.top - ink.top) * ink.width + x + box.left - ink.left;
      if (own[labels[at]] && ink.data[at] > EDGE * strength) mask.data[y * mask.width + x] = 1;
    }
  }
  const cut = framed(cutOut(mask), 1);
  const inside = distances(cut, 1);
  if (isFilled(cut, inside, atEdge(box))) return { problem: FILLED, faint: false };
  return { digit: cut, inside };
}

/** Find the connected marks, the largest and strongest first. @param {Ink} ink @param {number} level */
function piecesOf(ink, level) {
  const { width, height } = ink;
  const marks = new Uint8Array(width * height);
  for (let at = 0; at < marks.length; at++) marks[at] = ink.data[at] > level ? 1 : 0;
  const bridged = closed(marks, width, height); // a pencil skips the paper's hollows
  const labels = new Int32Array(width * height);
  /** @type {Piece[]} */
  const found = [];
  const waiting = new Int32Array(width * height);
  for (let start = 0; start < labels.length; start++) {
    if (!bridged[start] || labels[start]) continue;
    const piece = { label: found.length + 1, left: width, top: height, right: 0, bottom: 0, strength: 0 };
    waiting[0] = start;
    labels[start] = piece.label;
    let reached = 1;
    for (let done = 0; done < reached; done++) {
      const y = (waiting[done] / width) | 0;
      const x = waiting[done] - y * width;
      if (x < piece.left) piece.left = x;
      if (x >= piece.right) piece.right = x + 1;
      if (y < piece.top) piece.top = y;
      if (y >= piece.bottom) piece.bottom = y + 1;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (bridged[next] && !labels[next]) {
            labels[next] = piece.label;
            waiting[reached++] = next;
          }
        }
      }
    }
    const own = new Float32Array(reached);
    let count = 0;
    for (let k = 0; k < reached; k++) if (marks[waiting[k]]) own[count++] = ink.data[waiting[k]];
    piece.strength = quantile(own.subarray(0, count), 0.9);
    found.push(piece);
  }
  const largest = Math.max(0, ...found.map(sizeOf));
  const pieces = found.filter((piece) => sizeOf(piece) >= Math.max(4, 0.05 * largest));
  for (const piece of pieces) {
    piece.left += ink.left;
    piece.right += ink.left;
    piece.top += ink.top;
    piece.bottom += ink.top;
  }
  pieces.sort((one, other) => sizeOf(other) * other.strength - sizeOf(one) * one.strength);
  return { pieces, labels, count: found.length };
}

/**
 * Fill the gaps of at most four pixels: grow the marks by two in all directions, then shrink them.
 * @param {Uint8Array} marks @param {number} width @param {number} height
 */
function closed(marks, width, height) {
  const along = [1, width].reduce((grown, step) => {
    const size = step === 1 ? width : height;
    const larger = grown.slice();
    for (let at = 0; at < grown.length; at++) {
      if (!grown[at]) continue;
      const place = step === 1 ? at % width : (at / width) | 0;
      for (let k = Math.max(-2, -place); k <= Math.min(2, size - 1 - place); k++) larger[at + k * step] = 1;
    }
    return larger;
  }, marks);
  return [1, width].reduce((grown, step) => {
    const size = step === 1 ? width : height;
    const smaller = grown.slice();
    for (let at = 0; at < grown.length; at++) {
      if (!grown[at]) continue;
      const place = step === 1 ? at % width : (at / width) | 0;
      for (let k = Math.max(-2, -place); k <= Math.min(2, size - 1 - place); k++) {
        if (!grown[at + k * step]) smaller[at] = 0;
      }
    }
    return smaller;
  }, along);
}

/** @param {Float32Array} numbers @param {number} share */
function quantile(numbers, share) {
  const at = share * (numbers.length - 1);
  const below = ranked(numbers, Math.floor(at));
  return below + (at - Math.floor(at)) * (ranked(numbers, Math.ceil(at)) - below);
}

/** Part what lies close to the first piece from the others. @param {Piece[]} found @returns {[Piece[], Piece[]]} */
function together(found) {
  let digit = found.slice(0, 1);
  let others = found.slice(1);
  for (;;) {
    const size = sizeOf(aroundAll(digit));
    const near = others.filter(
      (piece) => Math.min(...digit.map((one) => gap(piece, one))) < NEAR * size && piece.strength > COMPARABLE * digit[0].strength,
    );
    if (!near.length) return [digit, others];
    digit = [...digit, ...near];
    others = others.filter((piece) => !near.includes(piece));
  }
}

/** The distance of two boxes; digits stand beside, not above each other. @param {Box} one @param {Box} other */
function gap(one, other) {
  return Math.hypot(
    Math.max(0, one.left - other.right, other.left - one.right),
    ABOVE * Math.max(0, one.top - other.bottom, other.top - one.bottom),
  );
}

/** @param {Box[]} boxes @returns {Box} */
function aroundAll(boxes) {
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}

/** Whether two tall pieces stand beside each other, as two digits do. @param {Piece[]} digit @param {Box} box */
function sideBySide(digit, box) {
  const tall = digit.filter((piece) => piece.bottom - piece.top > 0.7 * (box.bottom - box.top));
  return tall.some((one) => tall.some((other) => one !== other && one.right <= other.left));
}

/**
 * Whether a shape is no pen's stroke.
 * @param {Mask} mask with a frame of one pixel @param {Float32Array} inside @param {boolean} cutByEdge
 */
function isFilled(mask, inside, cutByEdge) {
  let depth = 0;
  let area = 0;
  for (let at = 0; at < inside.length; at++) {
    if (inside[at] > depth) depth = inside[at];
    area += mask.data[at];
  }
  const longer = Math.max(mask.width, mask.height) - 2;
  const solid = area > SOLID * hullArea(mask) && 2 * (Math.min(mask.width, mask.height) - 2) > longer;
  return (2 * depth) / longer > (solid || cutByEdge ? DOUBTFUL_BLOB : BLOB);
}

/** The area of the rubber band around a shape's pixels. @param {Mask} mask */
function hullArea(mask) {
  /** @type {[number, number][]} */
  const points = [];
  for (let y = 0; y < mask.height; y++) {
    const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width);
    const first = row.indexOf(1);
    if (first >= 0) points.push([first, y], [row.lastIndexOf(1), y]);
  }
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (/** @type {[number, number][]} */ ordered) => {
    /** @type {[number, number][]} */
    const chain = [];
    for (const [x, y] of ordered) {
      for (;;) {
        const [a, b] = chain.slice(-2);
        if (!b || (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) > 0) break;
        chain.pop();
      }
      chain.push([x, y]);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(points), ...half(points.reverse())];
  const twice = hull.reduce((sum, [x, y], k) => {
    const [u, v] = hull[(k + 1) % hull.length];
    return sum + x * v - u * y;
  }, 0);
  return Math.abs(twice) / 2;
}

// ---- A normal stroke --------------------------------------------------------------------------

/**
 * Thicken or thin the stroke until it is as wide as MNIST's.
 * @param {Mask} small @param {Float32Array} known how deep each of its pixels lies
 * @returns {Mask}
 */
function withNormalStroke(small, known) {
  const mask = largeEnough(small);
  const cut = cutOut(mask);
  const size = Math.max(cut.width, cut.height);
  const inside = mask === small ? known : distances(mask, 1);
  let sum = 0;
  let count = 0;
  let deepest = 0;
  for (let at = 0; at < inside.length; at++) {
    if (!mask.data[at]) continue;
    sum += inside[at];
    count++;
    deepest = Math.max(deepest, inside[at]);
  }
  const width = 4 * (sum / count - 0.5);
  const unit = size / BOX;
  if (width < NORMAL_STROKE[0] * unit) {
    const reach = ((THIN_BECOMES * (size - width)) / (BOX - THIN_BECOMES) - width) / 2;
    const wider = framed(mask, Math.ceil(reach) + 1);
    const away = distances(wider, 0);
    for (let at = 0; at < away.length; at++) wider.data[at] = away[at] <= reach ? 1 : 0;
    return wider;
  }
  if (width > NORMAL_STROKE[1] * unit) {
    const least = Math.min((width - THICK_BECOMES * unit) / 2, 0.35 * deepest);
    const thinner = emptyMask(mask.width, mask.height);
    for (let at = 0; at < inside.length; at++) thinner.data[at] = inside[at] > least ? 1 : 0;
    return thinner;
  }
  return mask;
}

/**
 * How far each pixel that has `value` lies from the nearest that has not: by steps to its eight
 * neighbours and the eight of a knight's move, with OpenCV's lengths (Borgefors 1986).
 * @param {Mask} mask @param {0 | 1} value
 * @returns {Float32Array}
 */
function distances(mask, value) {
  const [straight, diagonal, knight] = [1, 1.4, 2.1969].map((length) => Math.round(length * 65536));
  const { width, height, data } = mask;
  const wide = width + 4;
  const far = 2 ** 29;
  const away = new Int32Array(wide * (height + 4)).fill(far);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + 2) * wide + x + 2;
      if (data[y * width + x] !== value) {
        away[at] = 0;
        continue;
      }
      const up = at - wide;
      let least = (away[at - 1] < away[up] ? away[at - 1] : away[up]) + straight;
      if (away[up - 1] + diagonal < least) least = away[up - 1] + diagonal;
      if (away[up + 1] + diagonal < least) least = away[up + 1] + diagonal;
      if (away[up - wide - 1] + knight < least) least = away[up - wide - 1] + knight;
      if (away[up - wide + 1] + knight < least) least = away[up - wide + 1] + knight;
      if (away[up - 2] + knight < least) least = away[up - 2] + knight;
      if (away[up + 2] + knight < least) least = away[up + 2] + knight;
      away[at] = least;
    }
  }
  const found = new Float32Array(data.length);
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const at = (y + 2) * wide + x + 2;
      let least = away[at];
      if (least === 0) continue;
      const down = at + wide;
      if (away[at + 1] + straight < least) least = away[at + 1] + straight;
      if (away[down] + straight < least) least = away[down] + straight;
      if (away[down + 1] + diagonal < least) least = away[down + 1] + diagonal;
      if (away[down - 1] + diagonal < least) least = away[down - 1] + diagonal;
      if (away[down + wide + 1] + knight < least) least = away[down + wide + 1] + knight;
      if (away[down + wide - 1] + knight < least) least = away[down + wide - 1] + knight;
      if (away[down + 2] + knight < least) least = away[down + 2] + knight;
      if (away[down - 2] + knight < least) least = away[down - 2] + knight;
      away[at] = least;
      found[y * width + x] = least / 65536;
    }
  }
  return found;
}

/** Enlarge a small mask with smooth curves, so that its stroke has many pixels. @param {Mask} mask @returns {Mask} */
function largeEnough(mask) {
  const times = Math.ceil((10 * BOX) / Math.max(mask.width, mask.height));
  if (times <= 1) return mask;
  const large = emptyMask(mask.width * times, mask.height * times);
  const columns = cubicWeights(mask.width, times);
  const rows = cubicWeights(mask.height, times);
  const wide = new Float32Array(large.width * mask.height);
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < large.width; x++) {
      const { at, weights } = columns[x];
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += mask.data[y * mask.width + at[k]] * weights[k];
      wide[y * large.width + x] = sum;
    }
  }
  for (let y = 0; y < large.height; y++) {
    const { at, weights } = rows[y];
    for (let x = 0; x < large.width; x++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += wide[at[k] * large.width + x] * weights[k];
      // A tie is no ink; a rounding error of float32 should not decide.
      large.data[y * large.width + x] = sum > 0.50001 ? 1 : 0;
    }
  }
  return large;
}

/** Which four pixels make a new one, and how much each counts. @param {number} size @param {number} times */
function cubicWeights(size, times) {
  return Array.from({ length: size * times }, (_, k) => {
    const place = (k + 0.5) / times - 0.5;
    const first = Math.floor(place);
    const t = place - first;
    const a = -0.75;
    const far = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    const near = ((a + 2) * t - (a + 3)) * t * t + 1;
    const next = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1;
    const at = [-1, 0, 1, 2].map((step) => Math.min(size - 1, Math.max(0, first + step)));
    return { at, weights: [far, near, next, 1 - far - near - next] };
  });
}

// ---- Into MNIST's box -------------------------------------------------------------------------

/**
 * Shrink the digit so that its longer side has 20 pixels; the strongest becomes 1.
 * @param {Mask} mask
 * @returns {{width: number, height: number, data: Float32Array}}
 */
function fitIntoBox(mask) {
  const cut = cutOut(mask);
  const scale = BOX / Math.max(cut.width, cut.height);
  const width = Math.max(1, evenly(cut.width * scale));
  const height = Math.max(1, evenly(cut.height * scale));
  const columns = shares(cut.width, width);
  const rows = shares(cut.height, height);
  const data = new Float32Array(width * height);
  const row = new Float32Array(width);
  rows.forEach((parts, y) => {
    for (const [from, weight] of parts) {
      columns.forEach((own, x) => {
        row[x] = 0; // as float32, so that a tie between two greys is rounded as in Python
        for (const [at, share] of own) row[x] += cut.data[from * cut.width + at] * share;
      });
      for (let x = 0; x < width; x++) data[y * width + x] += Math.fround(weight * row[x]);
    }
  });
  const most = data.reduce((largest, each) => Math.max(largest, each), 0);
  return { width, height, data: data.map((each) => each / most) };
}

/**
 * Which pixels a larger pixel covers, and which share each has in it.
 * @param {number} from @param {number} to
 * @returns {[number, number][][]}
 */
function shares(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, k) => {
    /** @type {[number, number][]} */
    const parts = [];
    const [start, end] = [k * scale, Math.min(from, (k + 1) * scale)];
    const cell = Math.min(scale, from - start);
    for (let at = Math.floor(start); at < Math.min(from, Math.ceil(end)); at++) {
      const share = Math.min(end, at + 1) - Math.max(start, at);
      if (share > 1e-3) parts.push([at, Math.fround(share / cell)]);
    }
    return parts;
  });
}

/**
 * Place a digit in the image so that its centre of mass lies at pixel (14, 14).
 * @param {{width: number, height: number, data: Float32Array}} digit
 * @returns {Uint8Array}
 */
function centre({ width, height, data }) {
  let [mass, down, right] = [0, 0, 0];
  data.forEach((ink, at) => {
    mass += ink;
    down += ink * Math.floor(at / width);
    right += ink * (at % width);
  });
  const top = Math.min(IMAGE - height, Math.max(0, evenly(IMAGE / 2 - down / mass)));
  const left = Math.min(IMAGE - width, Math.max(0, evenly(IMAGE / 2 - right / mass)));
  const image = new Uint8Array(IMAGE * IMAGE);
  data.forEach((ink, at) => {
    image[(top + Math.floor(at / width)) * IMAGE + left + (at % width)] = evenly(255 * ink);
  });
  return image;
}

/** Round as Python and NumPy do: a half to the even number. @param {number} x */
function evenly(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

// ---- Masks ------------------------------------------------------------------------------------

/** @param {number} width @param {number} height @returns {Mask} */
function emptyMask(width, height) {
  return { width, height, data: new Uint8Array(width * height) };
}

/** @param {Uint8Array} data @param {number} width @param {number} height @param {number} over @returns {Box | null} */
function boxOf(data, width, height, over) {
  const box = { left: width, top: -1, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] <= over) continue;
      if (box.top < 0) box.top = y;
      box.bottom = y + 1;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
    }
  }
  return box.top < 0 ? null : box;
}

/** Cut off the empty rows and columns around a shape. @param {Mask} mask @returns {Mask} */
function cutOut(mask) {
  const box = /** @type {Box} */ (boxOf(mask.data, mask.width, mask.height, 0));
  const cut = emptyMask(box.right - box.left, box.bottom - box.top);
  for (let y = 0; y < cut.height; y++) {
    const start = (y + box.top) * mask.width + box.left;
    cut.data.set(mask.data.subarray(start, start + cut.width), y * cut.width);
  }
  return cut;
}

/** Put an empty frame around a shape. @param {Mask} mask @param {number} edge @returns {Mask} */
function framed(mask, edge) {
  const large = emptyMask(mask.width + 2 * edge, mask.height + 2 * edge);
  for (let y = 0; y < mask.height; y++) {
    large.data.set(mask.data.subarray(y * mask.width, (y + 1) * mask.width), (y + edge) * large.width + edge);
  }
  return large;
}
