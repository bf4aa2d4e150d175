/** What travels beside plain data, and what a call takes and gives beside its parameters and its result. */

/** The element types of arrays, as numpy spells them: little-endian. */
export type DType = "|b1" | "|i1" | "|u1" | "<i2" | "<u2" | "<i4" | "<u4" | "<i8" | "<u8" | "<f4" | "<f8";

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

const CONSTRUCTORS = {
  "|b1": Uint8Array,
  "|i1": Int8Array,
  "|u1": Uint8Array,
  "<i2": Int16Array,
  "<u2": Uint16Array,
  "<i4": Int32Array,
  "<u4": Uint32Array,
  "<i8": BigInt64Array,
  "<u8": BigUint64Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
} as const;

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function dtypeOf(data: TypedArray): DType {
  for (const [dtype, kind] of Object.entries(CONSTRUCTORS)) {
    if (data instanceof kind && dtype !== "|b1") return dtype as DType;
  }
  throw new TypeError(`arrays of ${data.constructor.name} cannot travel`);
}

/** Numbers in any shape, in C order: `data` are all of them, the last dimension nearest together. */
export class NdArray<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly shape: readonly number[];
  readonly dtype: DType;

  /** Without a shape there is one dimension. Throws RangeError for a shape of another size. */
  constructor(data: T, shape: readonly number[] = [data.length], dtype: DType = dtypeOf(data)) {
    if (shape.reduce((size, length) => size * length, 1) !== data.length) {
      throw new RangeError(`${data.length} numbers do not have the shape [${shape.join(", ")}]`);
    }
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The array that the three parts on the wire describe. Throws where they describe none. */
  static fromBytes(dtype: string, shape: readonly number[], bytes: Uint8Array): NdArray {
    if (!(dtype in CONSTRUCTORS)) throw new TypeError(`arrays of ${dtype} do not travel`);
    const kind = CONSTRUCTORS[dtype as DType];
    // A view needs an offset that is a multiple of its elements' size, which a place in a frame seldom is.
    return new NdArray(new kind(bytes.slice().buffer), shape, dtype as DType);
  }

  /** The content as it travels. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset, this.data.byteLength);
  }

  get length(): number {
    return this.shape[0] ?? this.data.length;
  }

  /** One element, by its index in each dimension; undefined where there is none. */
  at(...index: number[]): T[number] | undefined {
    let place = 0;
    for (const [dimension, length] of this.shape.entries()) {
      const own = index[dimension] ?? 0;
      if (own < 0 || own >= length) return undefined;
      place = place * length + own;
    }
    return this.data[place];
  }

  /** All elements, in C order. */
  *[Symbol.iterator](): Iterator<T[number]> {
    yield* this.data as Iterable<T[number]>;
  }
}

/** Something that lives in the engine and belongs to this session. */
export interface Handle {
  readonly $handle: string;
}

/** A stream, given where the API takes a function: it is fed instead of the function being called. */
export interface StreamRef {
  readonly $stream: string;
}

/** Any value that can travel. A Uint8Array is bytes; to send an array of such numbers, put it in an NdArray. */
export type Value =
  | null
  | boolean
  | number
  | string
  | NdArray
  | TypedArray
  | Handle
  | StreamRef
  | readonly Value[]
  | { readonly [name: string]: Value };

/** What goes where the API takes an array: typed arrays, or plain (nested) lists of numbers. */
export type ArrayLike = NdArray | Exclude<TypedArray, Uint8Array> | readonly number[] | readonly (readonly number[])[];

/**
 * What goes where the API takes a function: a function, which is called here with the data of each frame; a stream that
 * is fed; null to remove it. What the function of `setInputChannelCallback` returns is pushed as the value asked for.
 */
export type Callback<T> = ((data: T) => unknown) | StreamRef | null;

/** When a call is to run: a sample or a time of the score, after a delay, or at a Unix time; all but samples in seconds. */
export type When =
  | { readonly sample: number }
  | { readonly score: number }
  | { readonly delay: number }
  | { readonly wall: number };

/**
 * What an engine call may be given beside its parameters: when it is to run, what becomes of it when that has passed ("run"
 * by default), and after how many seconds it fails with Timeout.
 */
export interface Timing {
  at?: When;
  late?: "run" | "drop" | "error";
  deadline?: number;
}

/** What may be given beside a call: its time, and a signal whose abort has a call that still waits answer Cancelled. */
export interface CallOptions extends Timing {
  signal?: AbortSignal;
}

/** Where a call landed: sample, cycle and score time of the cycle's start, and how many seconds too late. */
export interface Receipt {
  sample: number;
  cycle: number;
  scoreTime: number;
  late: number;
  /** It came too late and was not run, as the policy "drop" asks for. */
  dropped?: boolean;
}

/** A result as it came, with the receipt where receipts are on and the engine ran the call. */
export interface Reply {
  result: Value;
  meta?: Receipt;
}

/** The parameters of a call, by position or by name. */
export type Params = readonly unknown[] | Readonly<Record<string, unknown>>;
