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

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/** @type {Box} */
const WHOLE = { left: 0, top: 0, right: PAPER, bottom: PAPER };
/** @type {Box} */
const NOWHERE = { left: PAPER, top: PAPER, right: 0, bottom: 0 };

/** Make a box large enough to hold another one too. @param {Box} box @param {Box} other */
function stretch(box, other) {
  if (other.left < box.left) box.left = other.left;
  if (other.top < box.top) box.top = other.top;
  if (other.right > box.right) box.right = other.right;
  if (other.bottom > box.bottom) box.bottom = other.bottom;
}

/**
 * A sheet of paper. It keeps what is needed again at the next move of the pen, so that only what
 * the move has changed is computed anew, and lends the same memory for each drawing.
 */
export class Paper {
  constructor() {
    this.ink = new Uint8Array(PAPER * PAPER); // 0 where there is none, up to 255
    this.changed = { ...WHOLE }; // since somebody last looked
    this.inked = { ...NOWHERE }; // where there is ink
    this.unblurred = { ...NOWHERE }; // where `soft` is out of date
    this.halfway = new Float32Array(PAPER * PAPER); // blurred along the rows
    this.soft = new Float32Array(PAPER * PAPER); // blurred along rows and columns, from 0 to 1
    this.marks = new Marks();
    this.numbers = new Float32Array(PAPER * PAPER); // to choose from
    this.room = new Room();
  }

  clear() {
    this.ink.fill(0);
    this.halfway.fill(0);
    this.soft.fill(0);
    this.changed = { ...WHOLE };
    this.inked = { ...NOWHERE };
    this.unblurred = { ...NOWHERE };
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
    const { ink, inked } = this;
    const reach = width / 2 + 1;
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(PAPER - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(PAPER - 1, Math.ceil(Math.max(from.x, to.x) + reach));
    const touched = { left, top, right: right + 1, bottom: bottom + 1 };
    stretch(this.changed, touched);
    stretch(this.unblurred, touched);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy || 1;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
        const [across, down] = [x - from.x - along * dx, y - from.y - along * dy];
        const distance = across * across + down * down;
        if (distance > reach * reach) continue;
        const dot = Math.round(255 * Math.min(1, Math.max(0, width / 2 + 0.5 - Math.sqrt(distance))));
        if (dot <= ink[y * PAPER + x]) continue;
        ink[y * PAPER + x] = dot;
        if (x < inked.left) inked.left = x;
        if (x >= inked.right) inked.right = x + 1;
        if (y < inked.top) inked.top = y;
        if (y >= inked.bottom) inked.bottom = y + 1;
      }
    }
  }

  /**
   * Blur a little, as photos are blurred against noise: with a bell curve of one pixel's width.
   * Only what was drawn since the last time is blurred anew.
   */
  blur() {
    const { ink, halfway, soft, unblurred } = this;
    const left = Math.max(0, unblurred.left - REACH);
    const right = Math.min(PAPER, unblurred.right + REACH);
    for (let y = unblurred.top; y < unblurred.bottom; y++) {
      const at = y * PAPER;
      for (let x = left; x < right; x++) {
        let sum = BELL[0] * ink[at + x];
        if (x >= REACH && x < PAPER - REACH) {
          for (let k = 1; k <= REACH; k++) sum += BELL[k] * (ink[at + x - k] + ink[at + x + k]);
        } else {
          for (let k = 1; k <= REACH; k++) sum += BELL[k] * (ink[at + mirrored(x - k)] + ink[at + mirrored(x + k)]);
        }
        halfway[at + x] = sum / 255;
      }
    }
    const bottom = Math.min(PAPER, unblurred.bottom + REACH);
    for (let y = Math.max(0, unblurred.top - REACH); y < bottom; y++) {
      const at = y * PAPER;
      for (let x = left; x < right; x++) soft[at + x] = BELL[0] * halfway[at + x];
      for (let k = 1; k <= REACH; k++) {
        const above = mirrored(y - k) * PAPER;
        const below = mirrored(y + k) * PAPER;
        for (let x = left; x < right; x++) soft[at + x] += BELL[k] * (halfway[above + x] + halfway[below + x]);
      }
    }
    this.unblurred = { ...NOWHERE };
  }
}

const REACH = 4; // of the blur, in pixels
const BELL = [0, 1, 2, 3, 4].map((k) => Math.exp((-k * k) / 2));
const UNDER_BELL = BELL[0] + 2 * (BELL[1] + BELL[2] + BELL[3] + BELL[4]);
BELL.forEach((weight, k) => (BELL[k] = Math.fround(weight / UNDER_BELL)));

/** What lies beyond the paper's edge is its mirror image. @param {number} at */
const mirrored = (at) => (at < 0 ? -at : at >= PAPER ? 2 * PAPER - 2 - at : at);

// ---- From the paper to MNIST's form -----------------------------------------------------------

/**
 * Bring a drawing into MNIST's form.
 * @param {Paper} paper
 * @returns {{image: Uint8Array} | {problem: string}} 28 × 28 numbers from 0 to 255, or why not
 */
export function toMnist(paper) {
  const found = findDigit(paper);
  if ("problem" in found) return found;
  return { image: centre(fitIntoBox(withNormalStroke(found.digit, found.inside, paper.room))) };
}

/** @param {Paper} paper @returns {{digit: Mask, inside: Float32Array} | {problem: string}} */
function findDigit(paper) {
  if (paper.inked.right <= paper.inked.left) return { problem: EMPTY };
  paper.blur();
  const strongest = strongestOf(paper);
  /** @type {{digit: Mask, inside: Float32Array} | {problem: string}} */
  let outcome = { problem: TOO_SMALL };
  for (const level of [Math.max(STRONG * strongest, FAINTEST), FAINTEST]) {
    const found = digitAmong(paper, level);
    if ("digit" in found || !found.faint) return found;
    outcome = found;
  }
  return outcome;
}

/** Where the blurred ink can be. @param {Paper} paper @returns {Box} */
function around({ inked }) {
  return {
    left: Math.max(0, inked.left - REACH), top: Math.max(0, inked.top - REACH),
    right: Math.min(PAPER, inked.right + REACH), bottom: Math.min(PAPER, inked.bottom + REACH),
  };
}

/** The strength of the strongest pixels but for a hundred, which may be specks. @param {Paper} paper */
function strongestOf(paper) {
  const { soft, numbers } = paper;
  const box = around(paper);
  let largest = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * PAPER + box.left; at < y * PAPER + box.right; at++) if (soft[at] > largest) largest = soft[at];
  }
  const least = 0.25 * largest;
  let count = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * PAPER + box.left; at < y * PAPER + box.right; at++) if (soft[at] >= least) numbers[count++] = soft[at];
  }
  return ranked(numbers.subarray(0, count), Math.max(0, count - 101));
}

/**
 * Find the number that would stand at a place if numbers were sorted, none of them negative. Their
 * bits, read as whole numbers, have the same order: eleven, eleven and ten bits are counted in turn.
 * @param {Float32Array} numbers @param {number} place
 */
function ranked(numbers, place) {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const bins = new Uint32Array(2048);
  let found = 0;
  for (const { low, known } of [{ low: 21, known: 32 }, { low: 10, known: 21 }, { low: 0, known: 10 }]) {
    bins.fill(0);
    const most = 2 ** (known - low) - 1;
    for (let k = 0; k < bits.length; k++) {
      if (known === 32 || bits[k] >>> known === found) bins[(bits[k] >>> low) & most]++;
    }
    let bin = 0;
    for (; place >= bins[bin]; bin++) place -= bins[bin];
    found = ((found << (known - low)) | bin) >>> 0;
  }
  bins[0] = found;
  return new Float32Array(bins.buffer, 0, 1)[0];
}

/**
 * Marks that hang together: their label, where they are, and how strong they are.
 * @typedef {Box & {label: number, strength: number}} Piece
 */

const sizeOf = (/** @type {Box} */ box) => Math.max(box.right - box.left, box.bottom - box.top);
const atEdge = (/** @type {Box} */ box) => Math.min(box.left, box.top) <= 1 || Math.max(box.right, box.bottom) >= PAPER - 1;

/**
 * Choose the marks that make up the digit, and drop all others.
 * @param {Paper} paper @param {number} level from which on ink is a mark
 * @returns {{digit: Mask, inside: Float32Array} | {problem: string, faint: boolean}} `faint` where fainter marks may help
 */
function digitAmong(paper, level) {
  const pieces = piecesOf(paper, level);
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
  const mask = emptyMask(box.right - box.left, box.bottom - box.top);
  const least = EDGE * strength;
  for (const { label } of digit) {
    paper.marks.eachRun(label, (y, left, right) => {
      const to = (y - box.top) * mask.width - box.left;
      for (let x = left; x < right; x++) if (paper.soft[y * PAPER + x] > least) mask.data[to + x] = 1;
    });
  }
  const cut = framed(cutOut(mask), 1);
  const inside = distances(cut, 1, paper.room);
  if (isFilled(cut, inside, atEdge(box))) return { problem: FILLED, faint: false };
  return { digit: cut, inside };
}

/** Find the connected marks, the largest and strongest first. @param {Paper} paper @param {number} level */
function piecesOf(paper, level) {
  const { marks, soft, numbers } = paper;
  const found = marks.pieces(soft, level, around(paper));
  const largest = Math.max(0, ...found.map(sizeOf));
  const pieces = found.filter((piece) => sizeOf(piece) >= Math.max(4, 0.05 * largest));
  for (const piece of pieces) {
    let count = 0;
    marks.eachRun(piece.label, (y, left, right) => {
      for (let at = y * PAPER + left; at < y * PAPER + right; at++) if (soft[at] > level) numbers[count++] = soft[at];
    });
    piece.strength = quantile(numbers.subarray(0, count), 0.9);
  }
  return pieces.sort((one, other) => sizeOf(other) * other.strength - sizeOf(one) * one.strength);
}

const WORDS = PAPER / 4 + 2; // of a row: four pixels each, and one beyond each edge
const MOST_RUNS = (PAPER * PAPER) / 2;

/**
 * The marks on a paper, and which of them hang together. A pixel is a byte, so that a word of 32
 * bits holds four, which are grown at a time.
 */
class Marks {
  constructor() {
    this.words = new Uint32Array(WORDS * (PAPER + 4)); // with a frame of two rows and of a word
    this.grown = new Uint32Array(WORDS * (PAPER + 4)); // along the rows
    // A run is a part of a row: which row, where it begins and ends, the first run it hangs together with.
    this.rows = new Uint16Array(MOST_RUNS);
    this.lefts = new Uint16Array(MOST_RUNS);
    this.rights = new Uint16Array(MOST_RUNS);
    this.firsts = new Int32Array(MOST_RUNS);
    this.runs = 0;
  }

  /**
   * Find the marks that hang together; gaps of at most four pixels are filled, because a pencil
   * skips the paper's hollows.
   * @param {Float32Array} soft @param {number} level from which on ink is a mark @param {Box} box where marks can be
   * @returns {Piece[]}
   */
  pieces(soft, level, box) {
    const { words, grown } = this;
    words.fill(0);
    grown.fill(0);
    const pixels = new Uint8Array(words.buffer);
    for (let y = box.top; y < box.bottom; y++) {
      const to = 4 * (WORDS * (y + 2) + 1);
      for (let x = box.left; x < box.right; x++) if (soft[y * PAPER + x] > level) pixels[to + x] = 255;
    }
    const [first, last] = [Math.max(0, (box.left - 4) >> 2), Math.min(PAPER / 4, (box.right + 7) >> 2)];
    const [top, bottom] = [Math.max(0, box.top - 4), Math.min(PAPER, box.bottom + 4)];
    // Marks grow by two pixels in all directions; then what is no mark does.
    for (let turn = 0; turn < 2; turn++) {
      for (let y = top; y < bottom; y++) {
        for (let at = WORDS * (y + 2) + 1 + first; at < WORDS * (y + 2) + 1 + last; at++) {
          const [before, here, after] = [words[at - 1], words[at], words[at + 1]];
          grown[at] = here | (here << 8) | (here << 16) | (here >>> 8) | (here >>> 16)
            | (before >>> 24) | (before >>> 16) | (after << 24) | (after << 16);
        }
      }
      for (let y = top; y < bottom; y++) {
        for (let at = WORDS * (y + 2) + 1 + first; at < WORDS * (y + 2) + 1 + last; at++) {
          words[at] = ~(grown[at - 2 * WORDS] | grown[at - WORDS] | grown[at] | grown[at + WORDS] | grown[at + 2 * WORDS]);
        }
      }
    }
    this.runs = 0;
    let above = 0; // the first run of the row above
    for (let y = top; y < bottom; y++) {
      const from = this.runs;
      const start = 4 * (WORDS * (y + 2) + 1);
      for (let x = 4 * first; x < 4 * last; x++) {
        if (!pixels[start + x]) continue;
        const left = x;
        while (x < 4 * last && pixels[start + x]) x++;
        this.addRun(y, left, x, above, from);
      }
      above = from;
    }
    return this.joined();
  }

  /**
   * @param {number} y @param {number} left @param {number} right
   * @param {number} above the first run of the row above @param {number} end the last one's successor
   */
  addRun(y, left, right, above, end) {
    const { rows, lefts, rights, firsts } = this;
    const run = this.runs++;
    [rows[run], lefts[run], rights[run], firsts[run]] = [y, left, right, run];
    for (let other = above; other < end; other++) {
      if (rows[other] !== y - 1 || rights[other] < left || lefts[other] > right) continue;
      const [one, two] = [this.first(other), this.first(run)];
      firsts[Math.max(one, two)] = Math.min(one, two);
    }
  }

  /** The first run of those that one hangs together with. @param {number} run */
  first(run) {
    while (this.firsts[run] !== run) run = this.firsts[run] = this.firsts[this.firsts[run]];
    return run;
  }

  /** All of them, in the order in which a reader's eye meets them. @returns {Piece[]} */
  joined() {
    /** @type {Map<number, Piece>} */
    const pieces = new Map();
    for (let run = 0; run < this.runs; run++) {
      const label = (this.firsts[run] = this.first(run));
      const part = { left: this.lefts[run], right: this.rights[run], top: this.rows[run], bottom: this.rows[run] + 1 };
      const piece = pieces.get(label);
      if (piece) stretch(piece, part);
      else pieces.set(label, { ...part, label, strength: 0 });
    }
    return [...pieces.values()];
  }

  /** Visit the runs of a piece. @param {number} label @param {(y: number, left: number, right: number) => void} visit */
  eachRun(label, visit) {
    for (let run = 0; run < this.runs; run++) {
      if (this.firsts[run] === label) visit(this.rows[run], this.lefts[run], this.rights[run]);
    }
  }
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
 * @param {Mask} small @param {Float32Array} known how deep each of its pixels lies @param {Room} room
 * @returns {Mask}
 */
function withNormalStroke(small, known, room) {
  const mask = largeEnough(small);
  const cut = cutOut(mask);
  const size = Math.max(cut.width, cut.height);
  const inside = mask === small ? known : distances(mask, 1, room);
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
    const away = distances(wider, 0, room);
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

/** Memory for distances that is lent again and again, so that nothing has to be tidied up meanwhile. */
class Room {
  constructor() {
    this.steps = new Int32Array(0);
    this.lengths = new Float32Array(0);
  }

  /** Have room for that many numbers. @param {number} count */
  make(count) {
    if (count <= this.steps.length) return;
    this.steps = new Int32Array(count);
    this.lengths = new Float32Array(count);
  }
}

/**
 * How far each pixel that has `value` lies from the nearest that has not: by steps to its eight
 * neighbours and the eight of a knight's move, with OpenCV's lengths (Borgefors 1986).
 * @param {Mask} mask @param {0 | 1} value @param {Room} room where the answer stands, until the next one
 * @returns {Float32Array}
 */
function distances(mask, value, room) {
  const [straight, diagonal, knight] = [1, 1.4, 2.1969].map((length) => Math.round(length * 65536));
  const { width, height, data } = mask;
  const wide = width + 4;
  room.make(wide * (height + 4));
  const { steps } = room;
  const found = room.lengths.subarray(0, data.length);
  const far = 2 ** 29;
  steps.fill(far, 0, 2 * wide);
  steps.fill(far, (height + 2) * wide, (height + 4) * wide);
  for (let y = 0; y < height; y++) {
    const row = (y + 2) * wide;
    steps[row] = steps[row + 1] = steps[row + wide - 2] = steps[row + wide - 1] = far;
    for (let x = 0; x < width; x++) {
      const at = row + x + 2;
      if (data[y * width + x] !== value) {
        steps[at] = 0;
        continue;
      }
      const up = at - wide;
      let least = (steps[at - 1] < steps[up] ? steps[at - 1] : steps[up]) + straight;
      if (steps[up - 1] + diagonal < least) least = steps[up - 1] + diagonal;
      if (steps[up + 1] + diagonal < least) least = steps[up + 1] + diagonal;
      if (steps[up - wide - 1] + knight < least) least = steps[up - wide - 1] + knight;
      if (steps[up - wide + 1] + knight < least) least = steps[up - wide + 1] + knight;
      if (steps[up - 2] + knight < least) least = steps[up - 2] + knight;
      if (steps[up + 2] + knight < least) least = steps[up + 2] + knight;
      steps[at] = least;
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const at = (y + 2) * wide + x + 2;
      let least = steps[at];
      if (least !== 0) {
        const down = at + wide;
        if (steps[at + 1] + straight < least) least = steps[at + 1] + straight;
        if (steps[down] + straight < least) least = steps[down] + straight;
        if (steps[down + 1] + diagonal < least) least = steps[down + 1] + diagonal;
        if (steps[down - 1] + diagonal < least) least = steps[down - 1] + diagonal;
        if (steps[down + wide + 1] + knight < least) least = steps[down + wide + 1] + knight;
        if (steps[down + wide - 1] + knight < least) least = steps[down + wide - 1] + knight;
        if (steps[down + 2] + knight < least) least = steps[down + 2] + knight;
        if (steps[down - 2] + knight < least) least = steps[down - 2] + knight;
        steps[at] = least;
      }
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
  const row = new Float32Array(width); // as float32, so that a tie between two greys is rounded as in Python
  for (let part = 0; part < rows.count; part++) {
    row.fill(0);
    const from = rows.at[part] * cut.width;
    for (let k = 0; k < columns.count; k++) if (cut.data[from + columns.at[k]]) row[columns.to[k]] += columns.share[k];
    const to = rows.to[part] * width;
    for (let x = 0; x < width; x++) data[to + x] += Math.fround(rows.share[part] * row[x]);
  }
  const most = data.reduce((largest, each) => Math.max(largest, each), 0);
  return { width, height, data: data.map((each) => each / most) };
}

/**
 * Which pixels a larger pixel covers, and which share each has in it: `share` of pixel `at` is in
 * the larger pixel `to`, and so on `count` times.
 * @param {number} from @param {number} to
 */
function shares(from, to) {
  const parts = { count: 0, at: new Uint16Array(from + to), to: new Uint16Array(from + to), share: new Float32Array(from + to) };
  const scale = from / to;
  for (let k = 0; k < to; k++) {
    const [start, end] = [k * scale, Math.min(from, (k + 1) * scale)];
    const cell = Math.min(scale, from - start);
    for (let at = Math.floor(start); at < Math.min(from, Math.ceil(end)); at++) {
      const share = Math.min(end, at + 1) - Math.max(start, at);
      if (share <= 1e-3) continue;
      [parts.at[parts.count], parts.to[parts.count], parts.share[parts.count]] = [at, k, share / cell];
      parts.count++;
    }
  }
  return parts;
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
