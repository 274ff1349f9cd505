// Replaces the linker's names of functions by those of the source. wasm-bindgen does this itself,
// but not for split modules.

const SIGNS = { SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," };
const NAMES = "name";
const OF_FUNCTIONS = 1;

/** `_ZN4core3fmt5write17h0123456789abcdefE` as `core::fmt::write::h0123456789abcdef`; other names unchanged. */
function plain(name) {
  let rest = /^_ZN(.*)E$/.exec(name)?.[1];
  const parts = [];
  while (rest) {
    const length = /^\d+/.exec(rest)?.[0];
    if (!length) return name;
    const part = rest.slice(length.length, length.length + Number(length));
    rest = rest.slice(length.length + Number(length));
    const sign = (all, code, word) => (code ? String.fromCodePoint(Number.parseInt(code, 16)) : (SIGNS[word] ?? all));
    parts.push(part.replace(/^_\$/, "$").replace(/\$(?:u([0-9a-f]+)|([A-Z]+))\$/g, sign).replaceAll("..", "::"));
  }
  return parts.length ? parts.join("::") : name;
}

/** Returns the module with the names of the source. */
export function withPlainNames(wasm) {
  let at = 0;
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = wasm[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return value >>> 0;
  };
  const take = (length) => wasm.subarray(at, (at += length));
  // A section: its kind, its length and its content.
  const section = (kind, pieces) => {
    const body = Buffer.concat(pieces);
    return Buffer.concat([Buffer.from([kind]), encoded(body.length), body]);
  };
  const functions = () => {
    const count = number();
    const pieces = [encoded(count)];
    for (let n = 0; n < count; n += 1) {
      const index = number();
      const name = Buffer.from(plain(take(number()).toString()));
      pieces.push(encoded(index), encoded(name.length), name);
    }
    return pieces;
  };
  const names = (end) => {
    const pieces = [encoded(NAMES.length), Buffer.from(NAMES)];
    while (at < end) {
      const kind = wasm[at++];
      const length = number();
      pieces.push(section(kind, kind === OF_FUNCTIONS ? functions() : [take(length)]));
    }
    return pieces;
  };
  const pieces = [take(8)];
  while (at < wasm.length) {
    const kind = wasm[at++];
    const end = number() + at;
    const begin = at;
    const isNames = kind === 0 && take(number()).toString() === NAMES;
    if (!isNames) at = begin;
    pieces.push(section(kind, isNames ? names(end) : [take(end - begin)]));
  }
  return Buffer.concat(pieces);
}

/** Encodes a number as LEB128. */
function encoded(number) {
  const bytes = [];
  do {
    const rest = number >>> 7;
    bytes.push((number & 127) | (rest ? 128 : 0));
    number = rest;
  } while (number);
  return Buffer.from(bytes);
}
