/**
 * The FHIR server of a client, as far as it lends us a token for one call. Reading goes through the house's one way out
 * (`openClient`, given by the server), which knows what addresses may be asked.
 */

export type ClientFailure = 'there is none' | 'it may not be asked' | 'it refused' | 'it did not answer' | 'it answered with something else';

/** What was asked for could not be read. */
export class ClientUnreadable extends Error {
  override readonly name = 'ClientUnreadable';
  readonly reason: ClientFailure;

  constructor(reason: ClientFailure, options?: ErrorOptions) {
    super(`the client's server cannot be read: ${reason}`, options);
    this.reason = reason;
  }
}

export interface ClientServer {
  /**
   * @param query `Type/id` or `Type?parameters`, under its base
   * @param largest answer that is read, in bytes
   * @returns the resource; undefined where there is none
   * @throws {ClientUnreadable}
   */
  read(query: string, largest?: number): Promise<unknown>;
}

/** @param signal ends all that is read for a call */
export type OpenClient = (client: { readonly base: string; readonly token: string | undefined }, signal: AbortSignal) => ClientServer;

/** Where a call names no server. */
export const noClient: ClientServer = { read: () => Promise.reject(new ClientUnreadable('there is none')) };

/** Where a call names one that the operator has not listed for the client. */
export const unlistedClient: ClientServer = { read: () => Promise.reject(new ClientUnreadable('it may not be asked')) };
