/**
 * Which FHIR interaction a route is. Each route says it in its `config`, and the CapabilityStatement is made from what
 * the routes say (https://hl7.org/fhir/R4/valueset-restful-interaction.html).
 */

export type TypeInteraction = 'create' | 'read' | 'vread' | 'update' | 'patch' | 'delete' | 'history-instance' | 'history-type' | 'search-type';
export type SystemInteraction = 'transaction' | 'batch' | 'history-system' | 'search-system';
export type Interaction = TypeInteraction | SystemInteraction;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** None for operations, and for routes that are not part of FHIR REST. */
    readonly interaction?: Interaction | readonly Interaction[];
    /** The route is there to refuse something by its name. */
    readonly refuses?: string;
    /** Answers while the server is starting or stopping, too. */
    readonly always?: boolean;
  }
}
