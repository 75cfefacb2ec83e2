/** What the listener is told: where it listens, what it bears, and whom it lets in. */

export interface MllpSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: MllpTls | undefined;
  /** Connections at the same time; further ones are closed at once. */
  readonly connections: number;
  /** Messages that are worked on at the same time, over all connections. One connection has one at a time. */
  readonly concurrency: number;
  /** Messages of one connection that are read and wait; then no more is read from it. */
  readonly queue: number;
  /** Bytes of a message. */
  readonly messageLimit: number;
  /** Bytes of messages that have begun and not ended, over all connections. */
  readonly memory: number;
  /** From the beginning of a message to its end, and for an answer to be taken. Milliseconds. */
  readonly frameTimeout: number;
  /** For a connection that says nothing. Milliseconds. */
  readonly idleTimeout: number;
  /** What is left of work when the server stops gets this long. Milliseconds. */
  readonly drainTimeout: number;
}

/** PEM. */
export interface MllpTls {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
  /** Who signs client certificates; then every client must have one. */
  readonly clientAuthorities?: string | Buffer;
}
