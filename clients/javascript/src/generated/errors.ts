// Generated from csoundd's declared API by `make protocol`; not to be edited.

import { RemoteError } from "../failures.js";

/** The frame is not well-formed. */
export class ParseError extends RemoteError {
  static readonly code = -32700;
  override readonly name = "ParseError";
}

/** The frame is not a JSON-RPC 2.0 request. */
export class InvalidRequest extends RemoteError {
  static readonly code = -32600;
  override readonly name = "InvalidRequest";
}

/** There is no such method. */
export class MethodNotFound extends RemoteError {
  static readonly code = -32601;
  override readonly name = "MethodNotFound";
}

/** The parameters do not fit the method's signature. */
export class InvalidParams extends RemoteError {
  static readonly code = -32602;
  override readonly name = "InvalidParams";
}

/** A fault in csoundd itself. */
export class InternalError extends RemoteError {
  static readonly code = -32603;
  override readonly name = "InternalError";
}

/** The engine could not do it. */
export class EngineError extends RemoteError {
  static readonly code = -32000;
  override readonly name = "EngineError";
}

/** A valid token is needed. */
export class Unauthorized extends RemoteError {
  static readonly code = -32001;
  override readonly name = "Unauthorized";
}

/** The session's scopes, or the workspace, do not allow it. */
export class Forbidden extends RemoteError {
  static readonly code = -32002;
  override readonly name = "Forbidden";
}

/** The engine or the session is not in a state that allows the call. */
export class WrongState extends RemoteError {
  static readonly code = -32003;
  override readonly name = "WrongState";
}

/** What the call names is not there. */
export class NotFound extends RemoteError {
  static readonly code = -32004;
  override readonly name = "NotFound";
}

/** The handle belongs to an engine or a session that is gone. */
export class StaleHandle extends RemoteError {
  static readonly code = -32005;
  override readonly name = "StaleHandle";
}

/** This engine cannot serve the method. */
export class Unsupported extends RemoteError {
  static readonly code = -32006;
  override readonly name = "Unsupported";
}

/** The call did not end within its deadline. */
export class Timeout extends RemoteError {
  static readonly code = -32007;
  override readonly name = "Timeout";
}

/** A limit of the server was exceeded. */
export class LimitExceeded extends RemoteError {
  static readonly code = -32008;
  override readonly name = "LimitExceeded";
}

/** The engine died while the call was running. */
export class EngineCrashed extends RemoteError {
  static readonly code = -32009;
  override readonly name = "EngineCrashed";
}

/** There is no engine to run the call. */
export class EngineUnavailable extends RemoteError {
  static readonly code = -32010;
  override readonly name = "EngineUnavailable";
}

/** The call was cancelled. */
export class Cancelled extends RemoteError {
  static readonly code = -32011;
  override readonly name = "Cancelled";
}

/** The time asked for had passed and the policy was to fail. */
export class Late extends RemoteError {
  static readonly code = -32012;
  override readonly name = "Late";
}

/** The class of each error that the contract knows. */
export const ERRORS = [
  ParseError, InvalidRequest, MethodNotFound, InvalidParams, InternalError, EngineError, Unauthorized,
  Forbidden, WrongState, NotFound, StaleHandle, Unsupported, Timeout, LimitExceeded, EngineCrashed,
  EngineUnavailable, Cancelled, Late,
] as const;
