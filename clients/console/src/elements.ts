/**
 * The elements for pages of one's own: `<script type="module" src="http://…/assets/elements.js"></script>`. They belong to the
 * daemon that served this module, unless they stand in a `<csoundd-connection url="…">`.
 */

export { Channels } from "./channels.js";
export type { ChannelValue } from "./channels.js";
export { Connection, CsounddConnection, connectionOf, defaultConnection } from "./connection.js";
export type { ConnectionState, Stop } from "./connection.js";
export * from "./elements/index.js";
