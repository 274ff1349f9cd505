// Renames the functions of a Wasm module, by editing its name section. The rest of the module stays
// as it is.

const SIGNS = { SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," };
const [CUSTOM, IMPORTS, FUNCTIONS, CODE] = [0, 2, 3, 10];
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];
const NAMES = "name";
const FUNCTION_NAMES = 1;
/** Bytes of a body that its sort key contains. More gain hardly anything. */
const KEY_LENGTH = 100;

/** `_ZN4core3fmt5write17h0123456789abcdefE` as `core::fmt::write::h0123456789abcdef`; other names unchanged. */
export function sourceName(name) {
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

/**
 * A name by which similar functions are adjacent when sorted: instances of one generic function, of
 * these the ones with the same signature, and of these the ones that begin alike. The hash of an
 * instance, which is what else would order them, is random.
 */
export function sortKey(name, { type, body }) {
  const [, base, hash = ""] = /^(.*?)(::h[0-9a-f]{16}.*)?$/s.exec(name);
  return `${base}::${String(type).padStart(5, "0")}::${body.toString("hex", 0, KEY_LENGTH)}${hash}`;
}

/** Returns the module with `rename(name, { type, body })` as the names of its own functions. */
export function renameFunctions(wasm, rename) {
  const functions = ownFunctions(wasm);
  const reader = new Reader(wasm);
  const renamed = () => {
    const count = reader.number();
    const pieces = [encode(count)];
    for (let n = 0; n < count; n += 1) {
      const index = reader.number();
      const name = reader.take(reader.number()).toString();
      const own = functions.get(index);
      const bytes = Buffer.from(own ? rename(name, own) : name);
      pieces.push(encode(index), encode(bytes.length), bytes);
    }
    return pieces;
  };
  const pieces = [wasm.subarray(0, 8)];
  for (const { kind, end } of reader.sections()) {
    const begin = reader.at;
    const content = [];
    if (kind === CUSTOM && reader.take(reader.number()).toString() === NAMES) {
      content.push(encode(NAMES.length), Buffer.from(NAMES));
      while (reader.at < end) {
        const part = reader.byte();
        const length = reader.number();
        content.push(section(part, part === FUNCTION_NAMES ? renamed() : [reader.take(length)]));
      }
    } else {
      content.push(wasm.subarray(begin, end));
    }
    pieces.push(section(kind, content));
  }
  return Buffer.concat(pieces);
}

/** The functions that are not imported, by index: the index of the type, and the body. */
function ownFunctions(wasm) {
  const reader = new Reader(wasm);
  const [types, functions] = [[], new Map()];
  let imported = 0;
  for (const { kind } of reader.sections()) {
    if (kind === IMPORTS) imported = reader.importedFunctions();
    if (kind === FUNCTIONS) {
      for (let n = reader.number(); n > 0; n -= 1) types.push(reader.number());
    }
    if (kind === CODE) {
      const count = reader.number();
      for (let n = 0; n < count; n += 1) {
        functions.set(imported + n, { type: types[n], body: reader.take(reader.number()) });
      }
    }
  }
  return functions;
}

class Reader {
  constructor(wasm) {
    [this.wasm, this.at] = [wasm, 0];
  }

  byte() {
    return this.wasm[this.at++];
  }

  /** An unsigned LEB128 number. */
  number() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.byte();
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return value >>> 0;
  }

  take(length) {
    return this.wasm.subarray(this.at, (this.at += length));
  }

  /** The sections. After each, the position is at its end, however much of it was read. */
  *sections() {
    this.at = 8;
    while (this.at < this.wasm.length) {
      const kind = this.byte();
      const end = this.number() + this.at;
      yield { kind, end };
      this.at = end;
    }
  }

  /** The number of functions in the import section. */
  importedFunctions() {
    const limits = () => {
      const hasMaximum = this.number() & 1;
      this.number();
      if (hasMaximum) this.number();
    };
    let count = 0;
    for (let n = this.number(); n > 0; n -= 1) {
      this.take(this.number());
      this.take(this.number());
      const kind = this.byte();
      if (kind === FUNCTION) {
        this.number();
        count += 1;
      } else if (kind === TABLE) {
        this.byte();
        limits();
      } else if (kind === MEMORY) {
        limits();
      } else if (kind === GLOBAL) {
        this.take(2);
      } else {
        throw new Error(`unknown kind of import: ${kind}`);
      }
    }
    return count;
  }
}

function section(kind, pieces) {
  const content = Buffer.concat(pieces);
  return Buffer.concat([Buffer.from([kind]), encode(content.length), content]);
}

/** Encodes a number as LEB128. */
function encode(number) {
  const bytes = [];
  do {
    const rest = number >>> 7;
    bytes.push((number & 127) | (rest ? 128 : 0));
    number = rest;
  } while (number);
  return Buffer.from(bytes);
}
