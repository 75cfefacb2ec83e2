/** Prometheus metrics: routes, statuses, durations and decisions. Never an id, a name or an address. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request, by route pattern and status. */
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  /** Decisions on items, by rail, review action code and authority. */
  readonly decisions: Counter<'rail' | 'action' | 'authority'>;
  /** Deliveries that landed, by rail and what became of them. */
  readonly deliveries: Counter<'rail' | 'outcome'>;
  readonly questionnaireErrors: Counter<'severity'>;
  /** Orders that guidance was given on, by hook and by what was said. */
  readonly guidance: Counter<'hook' | 'covered' | 'authorization'>;
  /** What became of cards, as clients tell it. */
  readonly cardFeedback: Counter<'service' | 'outcome'>;
  /** Exchanges about authorizations that were answered and could not be put on record. */
  readonly exchangesLost: Counter;
  /** Messages of the inbox, by channel and what became of them: accepted, review, quarantined, duplicate, repeated. */
  readonly messages: Counter<'channel' | 'outcome'>;
  /** Values that messages carried, by whether they have a place in FHIR: the share mapped is the one over the sum. */
  readonly messageValues: Counter<'channel' | 'mapped'>;
  /** Documents that were removed because no request came for them. */
  readonly expiredDocuments: Counter;
  /** Resources looked at and indexed again in the background. */
  readonly reindexed: Counter<'changed'>;
  /** Reads that could go to the replica, by where they went: there, or (lagging, failed) to the primary. */
  readonly replicaReads: Counter<'outcome'>;
  /** Resources that were checked before they were written, by what came of it. */
  readonly validations: Counter<'verdict'>;
  /** Seconds from a frame to its answer, by the code of the answer (AA, CA and so on). */
  readonly mllpAnswers: Histogram<'code'>;
  readonly mllpConnections: Gauge;
  /** MLLP connections that have ended, by why. */
  readonly mllpEnded: Counter<'ending'>;
  /** Events that were written for subscriptions. */
  readonly subscriptionEvents: Counter;
  /** Answers that were written after the first, by rail. */
  readonly laterAnswers: Counter<'channel'>;
  /** Notifications that were sent, by type and what came of it: taken or failed. */
  readonly notifications: Counter<'type' | 'outcome'>;
  /** Seconds that the oldest row of the outbox has waited to be read. */
  readonly outboxLag: Gauge;
  readonly ready: Gauge;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'priora_http_request_seconds', help: 'Duration of HTTP requests', labelNames: ['method', 'route', 'status'], registers: [registry],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    }),
    decisions: new Counter({ name: 'priora_item_decisions_total', help: 'Decisions on requested items', labelNames: ['rail', 'action', 'authority'], registers: [registry] }),
    questionnaireErrors: new Counter({ name: 'priora_questionnaire_errors_total', help: 'Errors with questionnaires that clients logged (DTR)', labelNames: ['severity'], registers: [registry] }),
    deliveries: new Counter({ name: 'priora_deliveries_total', help: 'Requests that arrived on a rail', labelNames: ['rail', 'outcome'], registers: [registry] }),
    guidance: new Counter({ name: 'priora_coverage_guidance_total', help: 'Orders that coverage guidance was given on', labelNames: ['hook', 'covered', 'authorization'], registers: [registry] }),
    cardFeedback: new Counter({ name: 'priora_card_feedback_total', help: 'What became of cards', labelNames: ['service', 'outcome'], registers: [registry] }),
    exchangesLost: new Counter({ name: 'priora_exchanges_lost_total', help: 'Exchanges about authorizations that were answered and could not be put on record', registers: [registry] }),
    messages: new Counter({ name: 'priora_messages_total', help: 'Messages of the inbox by what became of them', labelNames: ['channel', 'outcome'], registers: [registry] }),
    messageValues: new Counter({ name: 'priora_message_values_total', help: 'Values that messages carried, by whether they have a place in FHIR', labelNames: ['channel', 'mapped'], registers: [registry] }),
    expiredDocuments: new Counter({ name: 'priora_expired_documents_total', help: 'Documents removed because no request named them in time', registers: [registry] }),
    reindexed: new Counter({ name: 'priora_reindexed_resources_total', help: 'Resources looked at to index them again, by whether their index changed', labelNames: ['changed'], registers: [registry] }),
    replicaReads: new Counter({ name: 'priora_replica_reads_total', help: 'Reads that may go to the replica, by where they went: replica, or lagging and failed to the primary', labelNames: ['outcome'], registers: [registry] }),
    validations: new Counter({ name: 'priora_validations_total', help: 'Resources checked before they were written, by verdict: valid, warned or refused', labelNames: ['verdict'], registers: [registry] }),
    mllpAnswers: new Histogram({
      name: 'priora_mllp_answer_seconds', help: 'Time from an MLLP frame to its acknowledgement, by the code of that', labelNames: ['code'], registers: [registry],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    mllpConnections: new Gauge({ name: 'priora_mllp_connections', help: 'MLLP connections that are open', registers: [registry] }),
    mllpEnded: new Counter({ name: 'priora_mllp_connections_ended_total', help: 'MLLP connections that have ended, by why', labelNames: ['ending'], registers: [registry] }),
    subscriptionEvents: new Counter({ name: 'priora_subscription_events_total', help: 'Events that were written for subscriptions', registers: [registry] }),
    laterAnswers: new Counter({ name: 'priora_later_answers_total', help: 'Answers to requests that were written after the first one, by rail', labelNames: ['channel'], registers: [registry] }),
    notifications: new Counter({ name: 'priora_notifications_total', help: 'Notifications to subscribers, by type and what came of it', labelNames: ['type', 'outcome'], registers: [registry] }),
    outboxLag: new Gauge({ name: 'priora_outbox_lag_seconds', help: 'How long the oldest row of the outbox has waited to be read', registers: [registry] }),
    ready: new Gauge({ name: 'priora_ready', help: '1 when the server takes requests', registers: [registry] }),
  };
}
