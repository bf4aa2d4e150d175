/** What every error of this package is; generated/errors.ts has one class more for each error of the contract. */

/** A failure of a call or of the connection; `hint` says what can be done about it, where that is known. */
export class CsounddError extends Error {
  override readonly name: string = "CsounddError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The connection went while the call was running, or there is none: whether the call ran is not known. */
export class ConnectionLost extends CsounddError {
  override readonly name: string = "ConnectionLost";
  /** The WebSocket's, 1006 where the other side said no farewell. */
  readonly closeCode: number;

  constructor(message: string, closeCode = 1006, hint?: string) {
    super(message, hint);
    this.closeCode = closeCode;
  }
}

/** No connection came about. */
export class ConnectionFailed extends ConnectionLost {
  override readonly name = "ConnectionFailed";
}

/** There is no microphone for this page; the message says why, and what can be done. */
export class NoMicrophone extends CsounddError {
  override readonly name = "NoMicrophone";
}

/** The server sent what the contract does not know. */
export class Unreadable extends CsounddError {
  override readonly name = "Unreadable";
}

/** What the server answered instead of a result; itself the class of errors that are newer than this client. */
export class RemoteError extends CsounddError {
  override readonly name: string = "RemoteError";
  /** The error's number in the contract. */
  readonly code: number;
  /** What came with it. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The last lines that Csound printed, where they matter. */
  readonly messages: readonly string[];

  constructor(message: string, code: number, data: Readonly<Record<string, unknown>>) {
    const hint = typeof data["hint"] === "string" ? data["hint"] : undefined;
    const messages = Array.isArray(data["messages"]) ? data["messages"].map(String) : [];
    super([message, ...(hint === undefined ? [] : [hint]), ...messages].join("\n"), hint);
    this.code = code;
    this.data = data;
    this.messages = messages;
  }
}
